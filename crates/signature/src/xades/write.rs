//! Writing XAdES (ETSI EN 319 132-1): what the sealer and the forger share. The text is written again with each value
//! that becomes known, so that nothing in a document can be taken for a place to fill in.

use std::fmt::Write as _;

use openssl::base64::encode_block;
use plico_crypto::verify::Algorithm;

use crate::instant;
use crate::seal::SealError;
use crate::xml::c14n::{Method, Subset, Without, canonicalise};
use crate::xml::reference::Outside;
use crate::xml::signature::{self, Signature};
use crate::xml::{self, Document, Limits, Work, algorithm};

pub(crate) const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
pub(crate) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(crate) const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";

/// Computes a signature's value, or the token of a time stamp, over some bytes.
pub(crate) type Computed<'a> = dyn Fn(&[u8]) -> Result<Vec<u8>, SealError> + 'a;

/// A signature before it is computed.
pub(crate) struct Draft<'a> {
    /// What stands before and after it.
    pub(crate) around: (&'a str, &'a str),
    /// What its identifiers end with, so that none stands twice in the document.
    pub(crate) suffix: String,
    /// How the signed part of it becomes bytes.
    pub(crate) canonical: &'a str,
    pub(crate) algorithm: Algorithm,
    pub(crate) references: Vec<Named>,
    /// The certificates that it brings, in DER.
    pub(crate) certificates: &'a [Vec<u8>],
    /// What it is around.
    pub(crate) object: String,
    pub(crate) properties: Option<Properties>,
    pub(crate) limits: Limits,
}

/// What a signature is over.
pub(crate) struct Named {
    pub(crate) uri: String,
    /// The algorithms of its transforms; one with something inside is written whole.
    pub(crate) transforms: String,
    /// The digest of what lies elsewhere.
    pub(crate) digest: Option<Vec<u8>>,
}

/// The properties of a signature.
pub(crate) struct Properties {
    /// What is in `SignedProperties`.
    pub(crate) signed: String,
    /// What is kept with it, after its time stamp.
    pub(crate) unsigned: String,
    /// Whether they are among what is signed.
    pub(crate) covered: bool,
}

/// What is known so far.
#[derive(Default)]
struct Filled {
    digests: Vec<String>,
    value: String,
    stamp: String,
}

/// A transform by its algorithm.
pub(crate) fn transform(id: &str) -> String {
    format!("<ds:Transform Algorithm=\"{id}\"></ds:Transform>")
}

/// `SigningTime`.
pub(crate) fn signing_time(at_ms: i64) -> String {
    format!("<xades:SigningTime>{}</xades:SigningTime>", instant::rfc3339(at_ms))
}

/// `CertDigest` by SHA-256.
pub(crate) fn certificate_digest(sha256: &[u8]) -> String {
    format!(
        "<xades:CertDigest><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue></xades:CertDigest>",
        encode_block(sha256)
    )
}

/// `SigningCertificateV2` of one certificate.
pub(crate) fn signing_certificate(sha256: &[u8]) -> String {
    format!(
        "<xades:SigningCertificateV2><xades:Cert>{}</xades:Cert></xades:SigningCertificateV2>",
        certificate_digest(sha256)
    )
}

impl Draft<'_> {
    /// The document with the signature in it.
    pub(crate) fn complete(
        &self,
        sign: &Computed<'_>,
        stamp: Option<&Computed<'_>>,
    ) -> Result<Vec<u8>, SealError> {
        let mut filled = Filled::default();
        let document = self.parse(&filled)?;
        filled.digests = self.digests(&last(&document)?);
        let document = self.parse(&filled)?;
        let signed = last(&document)?.signed_bytes().ok_or(SealError::Xml)?;
        filled.value = encode_block(&sign(&signed)?);
        if let Some(stamp) = stamp {
            let document = self.parse(&filled)?;
            let apex = Some(last(&document)?.value_at.node);
            let subset = Subset { apex, without: Without::Nothing, comments: true };
            let over = canonicalise(&document, subset, &Method::default()).map_err(|_| SealError::Xml)?;
            filled.stamp = format!(
                "<xades:SignatureTimeStamp><ds:CanonicalizationMethod Algorithm=\"{INCLUSIVE}\"></ds:CanonicalizationMethod><xades:EncapsulatedTimeStamp>{}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>",
                encode_block(&stamp(&over)?)
            );
        }
        Ok(self.text(&filled)?.into_bytes())
    }

    fn parse(&self, filled: &Filled) -> Result<Document, SealError> {
        xml::parse(self.text(filled)?.as_bytes(), self.limits).map_err(|_| SealError::Xml)
    }

    fn digests(&self, own: &Signature<'_>) -> Vec<String> {
        let mut digests = Vec::new();
        for (place, reference) in own.references.iter().enumerate() {
            let known = self.references.get(place).and_then(|named| named.digest.clone());
            // What is refused when it is read is not digested when it is written.
            let found = known.or_else(|| reference.digest(own.at, &Outside::NOTHING, &Work::new()).ok());
            digests.push(encode_block(&found.unwrap_or_default()));
        }
        digests
    }

    fn text(&self, filled: &Filled) -> Result<String, SealError> {
        let (digest_id, signature_id) = algorithm::written(self.algorithm).ok_or(SealError::KeyKind)?;
        let Self { suffix, canonical, object, .. } = self;
        let mut references = String::new();
        let properties = self.properties.as_ref().filter(|properties| properties.covered).map(|_| {
            format!(
                "Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#properties{suffix}\"><ds:Transforms>{}</ds:Transforms>",
                transform(canonical)
            )
        });
        let named = self.references.iter().map(|named| {
            let transforms = &named.transforms;
            let transforms = if transforms.is_empty() {
                String::new()
            } else {
                format!("<ds:Transforms>{transforms}</ds:Transforms>")
            };
            format!("URI=\"{}\">{transforms}", named.uri)
        });
        for (number, reference) in named.chain(properties).enumerate() {
            let value = filled.digests.get(number).map_or("", String::as_str);
            let _ = write!(
                references,
                "<ds:Reference Id=\"reference-{number}{suffix}\" {reference}<ds:DigestMethod Algorithm=\"{digest_id}\"></ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue></ds:Reference>"
            );
        }
        let (before, after) = self.around;
        Ok(format!(
            "{before}<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"signature{suffix}\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{canonical}\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"{signature_id}\"></ds:SignatureMethod>{references}</ds:SignedInfo><ds:SignatureValue Id=\"value{suffix}\">{}</ds:SignatureValue>{}{object}{}</ds:Signature>{after}",
            filled.value,
            self.key_info(),
            self.qualifying(filled)
        ))
    }

    fn key_info(&self) -> String {
        let written =
            |der: &Vec<u8>| format!("<ds:X509Certificate>{}</ds:X509Certificate>", encode_block(der));
        let all: Vec<String> = self.certificates.iter().map(written).collect();
        if all.is_empty() {
            return String::new();
        }
        format!("<ds:KeyInfo><ds:X509Data>{}</ds:X509Data></ds:KeyInfo>", all.concat())
    }

    fn qualifying(&self, filled: &Filled) -> String {
        let Some(Properties { signed, unsigned, .. }) = &self.properties else { return String::new() };
        let suffix = &self.suffix;
        let unsigned = [filled.stamp.as_str(), unsigned].concat();
        let unsigned = if unsigned.is_empty() {
            unsigned
        } else {
            format!(
                "<xades:UnsignedProperties><xades:UnsignedSignatureProperties>{unsigned}</xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
            )
        };
        format!(
            "<ds:Object><xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#signature{suffix}\"><xades:SignedProperties Id=\"properties{suffix}\">{signed}</xades:SignedProperties>{unsigned}</xades:QualifyingProperties></ds:Object>"
        )
    }
}

/// The signature that was written: no other comes after it.
fn last(document: &Document) -> Result<Signature<'_>, SealError> {
    let last = signature::all(document).pop().ok_or(SealError::Xml)?;
    Signature::read(last).ok_or(SealError::Xml)
}
