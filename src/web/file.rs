//! A document as `component/file.html` shows it: what it is, who signed it, what may be done with it.

use plico_archive::read::inbox::UploadRow;
use plico_archive::read::message::DocumentRow;
use plico_desk::verdict::{Fit, ms};
use plico_package::sniff::fit::Unfit;
use plico_signature::plain::{Holds, Plain, PlainSigner};
use plico_signature::proof::PoeSource;
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
    /// Where everything about its signatures is told.
    pub details: Option<String>,
    /// Where an attested copy of it is made.
    pub copy: Option<String>,
    /// Malware was found in it.
    pub quarantined: bool,
    /// The PDF/A that it claims to be.
    pub pdfa: Option<String>,
    /// Why it is not fit to be kept for long, as ends of keys.
    pub unfit: Vec<&'static str>,
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
    reason: Option<String>,
    proof: Option<Proof>,
}

/// What shows that a valid signature is older than what has happened since.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    despite: Option<&'static str>,
    kind: PoeSource,
    name: Option<String>,
    at: Option<i64>,
}

impl File {
    /// A document of a message; `place` is where its own pages are, like `/documenti/<id>`.
    pub fn of_document(row: &DocumentRow, place: &str) -> Self {
        let served = !row.sealed && row.withdrawn_ms.is_none();
        let mut file =
            Self::new(&row.name, &row.media_type, row.size, &row.sha256, row.verification.as_deref());
        // What we rendered ourselves is PDF/A.
        if row.role == "primary" && file.kind == "pdf" {
            file.kind = "pdfa";
        }
        let signed = !file.signatures.is_empty() || ["p7m", "p7s"].contains(&file.kind);
        let details = signed && row.verification.is_some() && row.withdrawn_ms.is_none();
        Self {
            url: served.then(|| format!("{place}/scarica")),
            details: details.then(|| format!("{place}/firme")),
            quarantined: row.sealed,
            ..file
        }
    }

    /// A file that waits to be sent.
    pub fn of_upload(row: &UploadRow) -> Self {
        let file = Self::new(&row.name, &row.media_type, row.size, &row.sha256, row.verification.as_deref());
        Self { quarantined: row.sealed, ..file }
    }

    /// A file of a name, a measured type and a stored check.
    pub fn new(name: &str, media_type: &str, size: i64, digest: &str, verification: Option<&str>) -> Self {
        let value = verification.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        let value = value.unwrap_or_default();
        let plain = serde_json::from_value::<Plain>(value["plain"].clone()).ok();
        let fit = serde_json::from_value::<Fit>(value["fit"].clone()).unwrap_or_default();
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
            details: None,
            copy: None,
            quarantined: false,
            pdfa: fit.pdfa,
            // What a later version may have written has no words here.
            unfit: fit.unfit.iter().filter_map(|code| Unfit::of_code(code)).map(Unfit::code).collect(),
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

/// A signature, for a person.
pub fn signature(signer: &PlainSigner) -> Signature {
    let (verdict, reason) = match signer.holds {
        Holds::Valid => ("valid", None),
        Holds::Intact { open } => ("indeterminate", open),
        Holds::Unknown { why } => ("unknown", why),
        Holds::Altered => ("invalid", Some(Reason::ContentAltered)),
        Holds::Broken { why } => ("invalid", Some(why.unwrap_or(Reason::SignatureDoesNotFit))),
    };
    let proof = signer.proven.as_ref().map(|proven| Proof {
        despite: proven.despite.and_then(despite),
        kind: proven.reference,
        name: proven.name.clone(),
        at: ms(&proven.at),
    });
    Signature {
        signer: signer.name.clone().unwrap_or_else(|| "?".into()),
        fiscal_code: signer.fiscal_code.clone(),
        at: signer.claimed_time.as_deref().and_then(ms),
        verdict,
        reason: reason.map(word),
        proof,
    }
}

/// What has happened to a signature since it was made, as far as people are told; that nobody can be asked any more is
/// what follows from it.
fn despite(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::CertificateExpired => Some("expired"),
        Reason::CertificateRevoked | Reason::AuthorityRevoked => Some("revoked"),
        Reason::CertificateSuspended => Some("suspended"),
        Reason::DigestWeak | Reason::KeyWeak => Some("weak"),
        _ => None,
    }
}

/// The end of the catalogue's key for a finding.
pub fn word(reason: Reason) -> String {
    serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
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
        assert_eq!(file.signatures[0].reason.as_deref(), Some("no_trust_anchors"));
        assert_eq!(file.signatures[0].at, Some(1_795_255_200_000));
        let broken = File::new("x.p7m", "text/plain", 9, "ab", Some("not json"));
        assert!(broken.signatures.is_empty());
    }
}
