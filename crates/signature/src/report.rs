//! The report: what `plico signature --json` prints. Keys are stable; later versions add, never rename.
//!
//! Names of indications are those of ETSI EN 319 102-1 §5.1.3, written as the European reference validator does.

use serde::{Deserialize, Serialize};

pub use crate::finding::{Reason, SubIndication};
use crate::proof::{ChainReport, StampReport, Times};
use crate::qualification::QualificationReport;
use crate::tsl::ListReport;

/// What holds the signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// A CMS envelope in which every signature has the attributes of CAdES (ETSI EN 319 122-1).
    Cades,
    /// Another CMS envelope (RFC 5652), or PKCS#7.
    Cms,
    /// A PDF with signatures.
    Pades,
    /// XML with a signature (ETSI EN 319 132-1, or XMLDSig).
    Xades,
    /// An ASiC container (ETSI EN 319 162-1).
    Asic,
    /// RFC 5544 `TimeStampedData`: time stamps around a content, which may be signed itself.
    Tsd,
    /// A time stamp by itself (RFC 3161).
    Tst,
    /// A mail message in parts: signed (RFC 8551), or one with an envelope and its time stamp (M7M).
    Smime,
    /// Nothing that holds signatures.
    None,
}

/// How an envelope was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Definite lengths.
    Der,
    /// Indefinite lengths or a content in pieces.
    Ber,
    /// Bare base64.
    Base64,
    /// Base64 between `BEGIN` and `END`.
    Pem,
    /// Base64 below mail headers.
    Smime,
}

/// Main indication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Indication {
    /// Everything that the given trust anchors demand was checked and holds.
    TotalPassed,
    /// Something could not be checked: neither valid nor invalid.
    Indeterminate,
    /// Proven wrong.
    TotalFailed,
    /// Nothing is signed.
    NoSignatureFound,
}

/// Format of one signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// CAdES baseline level B.
    #[serde(rename = "CAdES-BASELINE-B")]
    CadesB,
    /// Level B with a time stamp over the signature.
    #[serde(rename = "CAdES-BASELINE-T")]
    CadesT,
    /// Level T with everything that its path needs.
    #[serde(rename = "CAdES-BASELINE-LT")]
    CadesLt,
    /// Level LT under an archive time stamp.
    #[serde(rename = "CAdES-BASELINE-LTA")]
    CadesLta,
    /// CAdES without what the baseline demands.
    #[serde(rename = "CAdES-BES")]
    CadesBes,
    /// CMS without a signing-certificate attribute.
    #[serde(rename = "CMS")]
    Cms,
    /// PAdES baseline level B.
    #[serde(rename = "PAdES-BASELINE-B")]
    PadesB,
    /// Level B with a time stamp over the signature or the document.
    #[serde(rename = "PAdES-BASELINE-T")]
    PadesT,
    /// Level T with everything that its path needs.
    #[serde(rename = "PAdES-BASELINE-LT")]
    PadesLt,
    /// Level LT under a time stamp over the document.
    #[serde(rename = "PAdES-BASELINE-LTA")]
    PadesLta,
    /// CAdES in a PDF without what the baseline demands.
    #[serde(rename = "PAdES-BES")]
    PadesBes,
    /// An ISO 32000-1 signature.
    #[serde(rename = "PKCS7")]
    Pkcs7,
    /// XAdES baseline level B.
    #[serde(rename = "XAdES-BASELINE-B")]
    XadesB,
    /// Level B with a time stamp over the signature.
    #[serde(rename = "XAdES-BASELINE-T")]
    XadesT,
    /// Level T with everything that its path needs.
    #[serde(rename = "XAdES-BASELINE-LT")]
    XadesLt,
    /// Level LT under an archive time stamp.
    #[serde(rename = "XAdES-BASELINE-LTA")]
    XadesLta,
    /// XAdES without what the baseline demands.
    #[serde(rename = "XAdES-BES")]
    XadesBes,
    /// An XML signature that does not name its signer's certificate.
    #[serde(rename = "XML-DSIG")]
    XmlDsig,
}

/// The signed content, or the file itself when nothing is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Media type sniffed from the bytes.
    pub media_type: String,
}

/// Why an envelope could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// No bytes at all.
    Empty,
    /// The file ends before its structure does.
    Truncated,
    /// The structure is not what it claims to be.
    Damaged,
    /// Deeper, longer or more nested than is looked at.
    TooComplex,
    /// Encrypted: there may be a signature inside.
    Encrypted,
    /// Recognised, and not verified by this version.
    Unsupported,
}

/// The whole report on one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What holds the signatures.
    pub container: Container,
    /// The worst of the signatures' indications.
    pub indication: Indication,
    /// For a file that could not be read.
    pub sub_indication: Option<SubIndication>,
    /// The signed content.
    pub content: Option<Content>,
    /// One for each signature of this envelope; those of an envelope inside are in `nested`.
    pub signatures: Vec<SignatureReport>,
    /// How the envelope was written down.
    pub encoding: Option<Encoding>,
    /// Bytes after the envelope's end, accepted and counted.
    pub trailing_bytes: u64,
    /// Why it could not be read.
    pub problem: Option<Problem>,
    /// The report on the content, when that is itself signed (`.p7m.p7m`, a signed PDF).
    pub nested: Option<Box<Report>>,
    /// Time stamps over the whole of it: beside the file, or around a content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub time_stamps: Vec<StampReport>,
    /// The trusted lists that were used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_lists: Vec<ListReport>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// Signature mathematics and message digest hold, before any question of trust.
    pub intact: bool,
    /// Main indication.
    pub indication: Indication,
    /// Why.
    pub sub_indication: Option<SubIndication>,
    /// Format.
    pub format: Format,
    /// Digest of the content, such as `SHA-256`; an unknown one by its number.
    pub digest_algorithm: String,
    /// Signature algorithm, such as `RSA-PKCS1-SHA-256`; an unknown one by its number.
    pub signature_algorithm: String,
    /// Who signed, as the certificate says.
    pub signer: Signer,
    /// The time the signer declares, RFC 3339: nobody vouches for it.
    pub claimed_signing_time: Option<String>,
    /// Signatures over this signature.
    pub counter_signatures: Vec<SignatureReport>,
    /// Every finding, the decisive one first.
    pub reasons: Vec<Reason>,
    /// The verdict at three instants; absent when no trust anchors were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
    /// Time stamps of this signature.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub time_stamps: Vec<StampReport>,
    /// The path, the signer's certificate first, the anchor last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<ChainReport>,
    /// What trusted lists say of it; absent when none were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification: Option<QualificationReport>,
    /// Roles that the signer claims; nobody vouches for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimed_roles: Vec<String>,
    /// What the references of an XML signature cover.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed_parts: Vec<SignedPart>,
}

/// What one reference of an XML signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPart {
    /// What it is.
    pub what: Part,
    /// Name of the element, or of the file.
    pub name: Option<String>,
    /// It is what was signed.
    pub intact: bool,
}

/// Kinds of things that XML signatures are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The whole document, but the signature itself.
    Document,
    /// An element of it.
    Element,
    /// A content inside of the signature.
    Object,
    /// The properties of the signature.
    Properties,
    /// The signer's key as the signature names it.
    Key,
    /// Another file.
    File,
    /// What cannot be found.
    Unknown,
}

/// The signer, from the subject of his certificate. Only `common_name` and `fiscal_code` are always written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Common name.
    pub common_name: Option<String>,
    /// Italian tax code from the serial number.
    pub fiscal_code: Option<String>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Surname.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// Organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Identifier of the organisation, such as `VATIT-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_identifier: Option<String>,
    /// Common name of the issuer, or its organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Start of the certificate's validity, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// End of the certificate's validity, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<String>,
    /// SHA-256 of the certificate, lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
}

impl Report {
    /// A report without signatures.
    pub(crate) fn bare(container: Container, indication: Indication, problem: Option<Problem>) -> Self {
        let damaged = indication == Indication::TotalFailed;
        Self {
            container,
            indication,
            sub_indication: damaged.then_some(SubIndication::FormatFailure),
            content: None,
            signatures: Vec::new(),
            encoding: None,
            trailing_bytes: 0,
            problem,
            nested: None,
            time_stamps: Vec::new(),
            trusted_lists: Vec::new(),
        }
    }

    /// The report on the innermost envelope: its content is the document itself.
    pub fn innermost(&self) -> &Self {
        self.nested.as_deref().map_or(self, Self::innermost)
    }

    /// Every signature of every layer, outermost first, without counter-signatures.
    pub fn all_signatures(&self) -> impl Iterator<Item = &SignatureReport> {
        std::iter::successors(Some(self), |layer| layer.nested.as_deref()).flat_map(|layer| &layer.signatures)
    }
}

/// The worst of several indications; none at all is [`Indication::NoSignatureFound`].
pub(crate) fn worst(signatures: &[SignatureReport]) -> Indication {
    let rank = |indication: Indication| match indication {
        Indication::TotalPassed => 0,
        Indication::NoSignatureFound => 1,
        Indication::Indeterminate => 2,
        Indication::TotalFailed => 3,
    };
    let all = signatures.iter().map(|signature| signature.indication);
    all.max_by_key(|&indication| rank(indication)).unwrap_or(Indication::NoSignatureFound)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
