//! A document as `component/file.html` shows it: what it is, who signed it, what may be done with it.

use plico_archive::read::inbox::UploadRow;
use plico_archive::read::message::DocumentRow;
use plico_signature::plain::{Holds, Plain, PlainSigner};
use plico_signature::report::Reason;
use serde::Serialize;

/// A document.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    /// Name.
    pub name: String,
    /// What it is, in the words of the catalogue.
    pub kind: &'static str,
    /// What is inside an envelope.
    pub inner: Option<&'static str>,
    /// Bytes.
    pub size: i64,
    /// SHA-256, hexadecimal.
    pub digest: String,
    /// Where to download it.
    pub url: Option<String>,
    /// Where to look at it.
    pub preview: Option<String>,
    /// Malware was found in it.
    pub quarantined: bool,
    /// Who signed it.
    pub signatures: Vec<Signature>,
}

/// A signature.
#[derive(Clone, Debug, Serialize)]
pub struct Signature {
    signer: String,
    fiscal_code: Option<String>,
    at: Option<i64>,
    verdict: &'static str,
    reason: Option<&'static str>,
}

impl File {
    /// A document of a message; `url` is where it is downloaded, when it may be.
    pub fn of_document(row: &DocumentRow, url: Option<String>) -> Self {
        let served = !row.sealed && row.withdrawn_ms.is_none();
        let mut file =
            Self::new(&row.name, &row.media_type, row.size, &row.sha256, row.verification.as_deref());
        // What we rendered ourselves is PDF/A.
        if row.role == "primary" && file.kind == "pdf" {
            file.kind = "pdfa";
        }
        Self { url: url.filter(|_| served), quarantined: row.sealed, ..file }
    }

    /// A file that waits to be sent.
    pub fn of_upload(row: &UploadRow) -> Self {
        let file = Self::new(&row.name, &row.media_type, row.size, &row.sha256, row.verification.as_deref());
        Self { quarantined: row.sealed, ..file }
    }

    /// A file of a name, a measured type and a stored check.
    pub fn new(name: &str, media_type: &str, size: i64, digest: &str, verification: Option<&str>) -> Self {
        let plain = verification
            .and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok())
            .and_then(|value| serde_json::from_value::<Plain>(value.get("plain")?.clone()).ok());
        let (signatures, inner) = match plain {
            Some(Plain::Signed { signers, media_type, .. }) => (
                signers.iter().map(signature).collect(),
                media_type.map(|inner| kind_of("", &inner)).filter(|inner| *inner != "other"),
            ),
            _ => (Vec::new(), None),
        };
        let kind = kind_of(name, media_type);
        Self {
            name: name.into(),
            kind,
            inner: inner.filter(|_| kind == "p7m"),
            size,
            digest: digest.into(),
            url: None,
            preview: None,
            quarantined: false,
            signatures,
        }
    }
}

/// The word for a measured media type; the name decides only between what looks the same inside.
fn kind_of(name: &str, media_type: &str) -> &'static str {
    let name = name.to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    // The charset of a text is no part of what it is.
    let media_type = media_type.split(';').next().unwrap_or_default();
    match media_type {
        "application/pdf" => "pdf",
        "application/pkcs7-signature" => "p7s",
        "application/pkcs7-mime" if ends(&[".p7s"]) => "p7s",
        "application/pkcs7-mime" | "application/timestamped-data" => "p7m",
        "text/plain" | "text/csv" | "application/json" => "text",
        "application/xml" | "text/xml" => "xml",
        "message/rfc822" => "mail",
        "application/x-ole-storage" if ends(&[".xls"]) => "sheet",
        "application/x-ole-storage" if ends(&[".ppt"]) => "slides",
        "application/x-ole-storage" if ends(&[".msg"]) => "mail",
        "application/x-ole-storage" | "application/rtf" => "word",
        other if other.starts_with("image/") => "image",
        other if other.starts_with("video/") => "video",
        other if other.starts_with("audio/") => "audio",
        other if other.contains("wordprocessing") || other.ends_with("opendocument.text") => "word",
        other if other.contains("spreadsheet") => "sheet",
        other if other.contains("presentation") => "slides",
        other if ["zip", "rar", "7z", "gzip", "asic"].iter().any(|word| other.contains(word)) => "archive",
        _ => "other",
    }
}

fn signature(signer: &PlainSigner) -> Signature {
    let (verdict, reason) = match signer.holds {
        Holds::Valid => ("valid", None),
        Holds::Intact { open } => ("indeterminate", open.map(reason_of)),
        Holds::Unknown { why } => ("indeterminate", Some(why.map_or("generic", reason_of))),
        Holds::Altered => ("invalid", Some("hash-failure")),
        Holds::Broken { why } => ("invalid", Some(why.map_or("sig-crypto-failure", reason_of))),
    };
    Signature {
        signer: signer.name.clone().unwrap_or_else(|| "?".into()),
        fiscal_code: signer.fiscal_code.clone(),
        at: signer.claimed_time.as_deref().and_then(instant),
        verdict,
        reason,
    }
}

fn instant(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// The catalogue's word for the most important finding.
fn reason_of(reason: Reason) -> &'static str {
    match reason {
        Reason::ContentAltered | Reason::DocumentExtended => "hash-failure",
        Reason::SignatureDoesNotFit => "sig-crypto-failure",
        Reason::AlgorithmUnsupported | Reason::DigestUnsupported => "unsupported",
        Reason::DigestWeak | Reason::KeyWeak => "crypto-constraints-failure",
        Reason::CertificateMissing | Reason::SigningCertificateDiffers => "no-signing-certificate-found",
        Reason::ContentMissing => "signed-data-not-found",
        Reason::NoTrustAnchors | Reason::NoPath => "no-certificate-chain-found",
        Reason::PathConstraints | Reason::KeyUsage => "certificate-chain-general-failure",
        Reason::CertificateExpired => "out-of-bounds-no-poe",
        Reason::CertificateNotYetValid => "not-yet-valid",
        Reason::RevocationNotChecked
        | Reason::RevocationStale
        | Reason::RevocationUntrusted
        | Reason::RevocationUnknown => "try-later",
        Reason::CertificateRevoked => "revoked-no-poe",
        Reason::AuthorityRevoked => "revoked-ca-no-poe",
        Reason::CertificateSuspended => "suspended",
        Reason::Malformed
        | Reason::DuplicateAttribute
        | Reason::ContentTypeAttribute
        | Reason::ContentTypeDiffers
        | Reason::MessageDigestMissing
        | Reason::ByteRange => "format-failure",
        _ => "generic",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_who_signed_and_whether_it_holds() {
        let stored = r#"{"v":1,"at":1,"plain":{"situation":"signed","media_type":"application/pdf","size":3,"layers":1,
            "signers":[{"name":"Anna Verdi","fiscal_code":null,"claimed_time":"2026-11-21T10:00:00Z","issuer":null,
            "holds":{"holds":"intact","open":"no_trust_anchors"},"layer":0}]}}"#;
        let file = File::new("a.pdf.p7m", "application/pkcs7-mime", 9, "ab", Some(stored));
        assert_eq!((file.kind, file.inner), ("p7m", Some("pdf")));
        assert_eq!(file.signatures[0].verdict, "indeterminate");
        assert_eq!(file.signatures[0].reason, Some("no-certificate-chain-found"));
        assert_eq!(file.signatures[0].at, Some(1_795_255_200_000));
        let broken = File::new("x.p7m", "text/plain", 9, "ab", Some("not json"));
        assert!(broken.signatures.is_empty());
    }
}
