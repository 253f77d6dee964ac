//! XAdES (ETSI EN 319 132-1 §6.3) in a document and around a content.

use openssl::base64::encode_block;
use plico_crypto::verify::{Algorithm, Hash};

use super::{Making, SealError, Sealer, side_by_side, stamped};
use crate::digest::digest;
use crate::inspect::Options;
use crate::report::{Part, SignatureReport};
use crate::sniff;
use crate::source::Memory;
use crate::xades::write::{
    BASE64, Draft, ENVELOPED, EXCLUSIVE, Named, Properties, signing_certificate, signing_time, transform,
};
use crate::xml::{DSIG, Limits};

/// How many end tags from the end of a document are tried: what stands after its element are comments at most.
const MAX_TRIES: usize = 16;

impl Sealer {
    /// Signs the whole of an XML document; the signature becomes the last thing in its element. Nothing else changes.
    pub fn xades_enveloped(&self, document: &[u8], making: &Making<'_>) -> Result<Vec<u8>, SealError> {
        let text = std::str::from_utf8(document).map_err(|_| SealError::Xml)?;
        // A signature over the whole of it would no longer hold.
        if text.contains(DSIG) {
            return Err(SealError::SignedAlready);
        }
        for (end, _) in text.rmatch_indices("</").take(MAX_TRIES) {
            let reference = Named {
                uri: String::new(),
                transforms: [transform(ENVELOPED), transform(EXCLUSIVE)].concat(),
                digest: None,
            };
            let made = self.xades(text.split_at(end), reference, String::new(), "text/xml", making);
            match made {
                Ok(made) if self.holds(&made, Part::Document) => return Ok(made),
                // An end tag in a comment after the element, or one further in.
                Ok(_) | Err(SealError::Xml) => {}
                Err(other) => return Err(other),
            }
        }
        Err(SealError::Xml)
    }

    /// Signs any content inside of the signature, in base64.
    pub fn xades_enveloping(&self, content: &[u8], making: &Making<'_>) -> Result<Vec<u8>, SealError> {
        let object =
            format!("<ds:Object Id=\"object\" Encoding=\"{BASE64}\">{}</ds:Object>", encode_block(content));
        let reference = Named { uri: "#object".into(), transforms: transform(BASE64), digest: None };
        let media_type = sniff::media_type(&mut Memory(content))?;
        let made = self.xades(("", ""), reference, object, media_type, making)?;
        if self.holds(&made, Part::Object) { Ok(made) } else { Err(SealError::Xml) }
    }

    fn xades(
        &self,
        around: (&str, &str),
        reference: Named,
        object: String,
        media_type: &str,
        making: &Making<'_>,
    ) -> Result<Vec<u8>, SealError> {
        let algorithm = self.algorithm()?;
        let suffix = unused(around.0, around.1);
        let signed = format!(
            "<xades:SignedSignatureProperties>{}{}</xades:SignedSignatureProperties><xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference=\"#reference-0{suffix}\"><xades:MimeType>{media_type}</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>",
            making.at_ms.map(signing_time).unwrap_or_default(),
            signing_certificate(&digest(Hash::Sha256, self.certificate_der())),
        );
        let draft = Draft {
            around,
            suffix,
            canonical: EXCLUSIVE,
            algorithm,
            references: vec![reference],
            certificates: self.chain_der(),
            object,
            properties: Some(Properties { signed, unsigned: String::new(), covered: true }),
            limits: Limits::DOCUMENT,
        };
        let sign = |bytes: &[u8]| {
            let signature = self.raw(bytes)?;
            match algorithm {
                Algorithm::Ecdsa(_) => side_by_side(&signature, self.octets()?).ok_or(SealError::Mismatch),
                _ => Ok(signature),
            }
        };
        match making.stamper {
            Some(stamper) => draft.complete(&sign, Some(&|over| stamped(stamper, over))),
            None => draft.complete(&sign, None),
        }
    }

    /// Whether a file that was made is signed as a whole by this key: it is read as any other.
    fn holds(&self, made: &[u8], what: Part) -> bool {
        let own = crate::report::hex(&digest(Hash::Sha256, self.certificate_der()));
        let is_own = |one: &SignatureReport| one.signer.certificate_sha256.as_deref() == Some(&own);
        let report = crate::inspect(made, &Options::at(0, None));
        report
            .signatures
            .iter()
            .filter(|one| is_own(one))
            .any(|one| one.intact && one.signed_parts.iter().any(|part| part.what == what && part.intact))
    }
}

/// An ending with which no identifier of a document ends yet.
fn unused(before: &str, after: &str) -> String {
    let taken = |suffix: &str| {
        ["signature", "properties", "value", "reference-0", "reference-1"].iter().any(|name| {
            let id = format!("{name}{suffix}");
            before.contains(&id) || after.contains(&id)
        })
    };
    let endings = std::iter::once(String::new()).chain((2..).map(|number| format!("-{number}")));
    endings.into_iter().find(|suffix| !taken(suffix)).unwrap_or_default()
}
