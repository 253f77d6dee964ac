//! A report on signatures as other verifiers write it: ETSI TS 119 102-2 V1.4.1. Certificates and revocation data are
//! named by their digests and not embedded: whoever has the file has them.

use std::collections::BTreeMap;
use std::io;

use crate::PackError;
use crate::xml::Sheet;

/// The namespace of the report.
pub const NAMESPACE: &str = "http://uri.etsi.org/19102/v1.4.1#";
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// One signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validated {
    /// When it was looked at, RFC 3339.
    pub at: String,
    /// The best reference in time, RFC 3339, given from outside of the file or found in it; none: the time of validation.
    pub best: Option<(String, bool)>,
    /// SHA-256 of the signed document in base64, when it is known.
    pub document: Option<String>,
    /// The time that the signer declares, RFC 3339.
    pub claimed: Option<String>,
    /// His name.
    pub signer: Option<String>,
    /// What it is worth in law, as an identifier.
    pub quality: Option<String>,
    /// Main indication as EN 319 102-1 names it: `TOTAL_PASSED`.
    pub indication: String,
    /// Sub-indication: `HASH_FAILURE`.
    pub sub_indication: Option<String>,
    /// The path, his certificate first.
    pub chain: Vec<Link>,
    /// Whether the path ends with a certificate that the verifier believes.
    pub anchored: bool,
}

/// A certificate of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// The same in base64.
    pub base64: String,
    /// Since when it is revoked or on hold, RFC 3339, and the reason's code (RFC 5280 §5.3.1).
    pub revoked: Option<(String, Option<u8>)>,
}

/// Writes the report. The same signatures give the same bytes.
pub fn write(signatures: &[Validated]) -> Result<Vec<u8>, PackError> {
    fill(signatures).map_err(PackError::Index)
}

fn fill(signatures: &[Validated]) -> io::Result<Vec<u8>> {
    let mut xml = Sheet::new()?;
    let spaces = [("xmlns", NAMESPACE), ("xmlns:XAdES", XADES), ("xmlns:ds", XMLDSIG)];
    xml.with("ValidationReport", &spaces, |xml| {
        for (place, one) in signatures.iter().enumerate() {
            xml.inside("SignatureValidationReport", |xml| signature(xml, place, one))?;
        }
        let links = signatures.iter().flat_map(|one| &one.chain);
        let links: BTreeMap<&str, &Link> = links.map(|link| (link.sha256.as_str(), link)).collect();
        if links.is_empty() {
            return Ok(());
        }
        xml.inside("SignatureValidationObjects", |xml| {
            links.values().try_for_each(|link| {
                xml.with("ValidationObject", &[("id", &id(link))], |xml| {
                    xml.text("ObjectType", "urn:etsi:019102:validationObject:certificate")?;
                    xml.inside("ValidationObjectRepresentation", |xml| digest(xml, &link.base64))
                })
            })
        })
    })?;
    Ok(xml.done())
}

fn signature(xml: &mut Sheet, place: usize, one: &Validated) -> io::Result<()> {
    xml.with("SignatureIdentifier", &[("id", &format!("S-{}", place + 1))], |xml| {
        xml.text("HashOnly", "false")?;
        xml.text("DocHashOnly", "false")
    })?;
    xml.inside("ValidationTimeInfo", |xml| {
        xml.text("ValidationTime", &one.at)?;
        let (at, kind) = match &one.best {
            Some((at, true)) => (at, "provided"),
            Some((at, false)) => (at, "validation"),
            None => (&one.at, "validation"),
        };
        xml.inside("BestSignatureTime", |xml| {
            xml.text("POETime", at)?;
            xml.text("TypeOfProof", &format!("urn:etsi:019102:poetype:{kind}"))
        })
    })?;
    if let Some(base64) = &one.document {
        xml.inside("SignersDocument", |xml| digest(xml, base64))?;
    }
    if let Some(claimed) = &one.claimed {
        xml.inside("SignatureAttributes", |xml| {
            xml.with("SigningTime", &[("Signed", "true")], |xml| xml.text("Time", claimed))
        })?;
    }
    if let Some(own) = one.chain.first() {
        xml.inside("SignerInformation", |xml| {
            refer(xml, "SignerCertificate", own)?;
            one.signer.as_deref().map_or(Ok(()), |name| xml.text("Signer", name))
        })?;
    }
    if let Some(quality) = &one.quality {
        xml.inside("SignatureQuality", |xml| xml.text("SignatureQualityInformation", quality))?;
    }
    xml.inside("SignatureValidationStatus", |xml| status(xml, one))
}

fn status(xml: &mut Sheet, one: &Validated) -> io::Result<()> {
    let main = one.indication.to_lowercase().replace('_', "-");
    xml.text("MainIndication", &format!("urn:etsi:019102:mainindication:{main}"))?;
    if let Some(sub) = &one.sub_indication {
        xml.text("SubIndication", &format!("urn:etsi:019102:subindication:{sub}"))?;
    }
    let Some((own, above)) = one.chain.split_first() else { return Ok(()) };
    let (between, anchor) = match above.split_last() {
        Some((last, between)) if one.anchored => (between, Some(last)),
        _ => (above, None),
    };
    xml.inside("AssociatedValidationReportData", |xml| {
        if let Some(anchor) = anchor {
            refer(xml, "TrustAnchor", anchor)?;
        }
        xml.inside("CertificateChain", |xml| {
            refer(xml, "SigningCertificate", own)?;
            between.iter().try_for_each(|link| refer(xml, "IntermediateCertificate", link))?;
            anchor.map_or(Ok(()), |anchor| refer(xml, "TrustAnchor", anchor))
        })?;
        let revoked = one.chain.iter().find_map(|link| Some((link, link.revoked.as_ref()?)));
        revoked.map_or(Ok(()), |(link, (since, code))| {
            xml.inside("RevocationStatusInformation", |xml| {
                refer(xml, "ValidationObjectId", link)?;
                xml.text("RevocationTime", since)?;
                let reason = code.and_then(reason);
                reason.map_or(Ok(()), |reason| {
                    xml.text("RevocationReason", &format!("urn:etsi:019102:revocationReason:{reason}"))
                })
            })
        })
    })
}

fn reason(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => return None,
    })
}

/// An `xs:ID` must not begin with a digit.
fn id(link: &Link) -> String {
    format!("C-{}", link.sha256)
}

fn refer(xml: &mut Sheet, name: &str, link: &Link) -> io::Result<()> {
    xml.empty(name, &[("VOReference", &id(link))])
}

fn digest(xml: &mut Sheet, base64: &str) -> io::Result<()> {
    xml.inside("DigestAlgAndValue", |xml| {
        xml.empty("ds:DigestMethod", &[("Algorithm", SHA256)])?;
        xml.text("ds:DigestValue", base64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_each_certificate_once_and_refers_to_it() {
        let link = |n: &str, revoked| Link { sha256: n.into(), base64: "AAAA".into(), revoked };
        let one = Validated {
            at: "2026-11-22T10:00:00Z".into(),
            best: Some(("2026-11-21T10:00:00Z".into(), true)),
            document: Some("BBBB".into()),
            signer: Some("Anna <Verdi>".into()),
            quality: Some("urn:cef:dss:signatureQualification:QESig".into()),
            indication: "INDETERMINATE".into(),
            sub_indication: Some("REVOKED_NO_POE".into()),
            chain: vec![
                link("aa", Some(("2026-11-20T10:00:00Z".into(), Some(1)))),
                link("bb", None),
                link("cc", None),
            ],
            anchored: true,
            ..Validated::default()
        };
        let xml = String::from_utf8(write(&[one.clone(), one]).unwrap()).unwrap();
        assert_eq!(xml.matches("<SignatureValidationReport>").count(), 2);
        assert_eq!(xml.matches("<ValidationObject id=").count(), 3);
        assert!(
            xml.contains("<MainIndication>urn:etsi:019102:mainindication:indeterminate</MainIndication>")
        );
        assert!(xml.contains("subindication:REVOKED_NO_POE<"));
        let (quality, state) = (xml.find("<SignatureQuality>"), xml.find("<SignatureValidationStatus>"));
        assert!(quality.is_some() && quality > xml.find("<SignerInformation>") && quality < state);
        assert!(xml.contains("signatureQualification:QESig</SignatureQualityInformation>"));
        assert!(xml.contains("revocationReason:keyCompromise<"));
        assert!(xml.contains("poetype:provided<"));
        assert!(xml.contains(r#"<IntermediateCertificate VOReference="C-bb"/>"#));
        assert_eq!(xml.matches(r#"<TrustAnchor VOReference="C-cc"/>"#).count(), 4);
        assert!(xml.contains("Anna &lt;Verdi&gt;"));
    }
}
