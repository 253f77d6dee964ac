//! Whether what came back is what was sent out, signed by whom it was asked of.

use plico_crypto::digest::{sha256, to_hex};
use plico_pdf::added::Added;
use plico_signature::plain::Plain;
use plico_signature::report::{Container, Indication, Reason, SignatureReport};
use plico_signature::source::Memory;

use crate::verdict::Verdict;

/// Why a file is not taken as signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// There is no new signature in it.
    NotSigned,
    /// What is signed is not what was to be signed.
    OtherContent,
    /// More than a signature was added.
    Changed,
    /// The signature has a picture on the page.
    Visible,
    /// Somebody else signed.
    OtherSigner,
    /// It is not known whose signature to expect.
    NoCode,
    /// The signature is wrong, or what it signs was changed.
    Broken,
    /// The certificate had been revoked or suspended, had ended or had not begun.
    Ended,
    /// Nobody of those that the service believes vouches for the certificate.
    NotVouched,
    /// The signature could not be checked.
    Unverifiable,
    /// The seal goes into a PDF alone.
    NoPdf,
}

impl Unsigned {
    /// Catalogue key `refusal-<code>`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotSigned => "signing-not-signed",
            Self::OtherContent => "signing-other-content",
            Self::Changed => "signing-changed",
            Self::Visible => "signing-visible",
            Self::OtherSigner => "signing-other-signer",
            Self::NoCode => "signing-no-code",
            Self::Broken => "signing-broken",
            Self::Ended => "signing-ended",
            Self::NotVouched => "signing-not-vouched",
            Self::Unverifiable => "signing-unverifiable",
            Self::NoPdf => "signing-no-pdf",
        }
    }
}

/// As [`content`], and compares its new signatures with the tax code of whom they were asked of.
pub(crate) fn check(
    before: &[u8],
    earlier: usize,
    file: &[u8],
    found: Option<&Verdict>,
    code: &str,
) -> Result<(), Unsigned> {
    if found.is_some() && code.is_empty() {
        return Err(Unsigned::NoCode);
    }
    let fresh = content(before, earlier, file, found)?;
    // What is settled against it; what could not be asked is told beside the letter.
    for reason in fresh.iter().flat_map(|signature| &signature.reasons) {
        match reason {
            Reason::CertificateRevoked
            | Reason::AuthorityRevoked
            | Reason::CertificateSuspended
            | Reason::CertificateExpired
            | Reason::CertificateNotYetValid => return Err(Unsigned::Ended),
            Reason::NoPath | Reason::PathConstraints | Reason::ServiceWithdrawn => {
                return Err(Unsigned::NotVouched);
            }
            _ => {}
        }
    }
    let his = |signature: &&SignatureReport| {
        signature.signer.fiscal_code.as_deref().is_some_and(|named| named.eq_ignore_ascii_case(code))
    };
    if fresh.iter().all(|signature| his(&signature)) { Ok(()) } else { Err(Unsigned::OtherSigner) }
}

/// Compares `file` with what was to be signed (`before`, which holds `earlier` signatures); answers its new signatures,
/// which are intact.
pub(crate) fn content<'a>(
    before: &[u8],
    earlier: usize,
    file: &[u8],
    found: Option<&'a Verdict>,
) -> Result<&'a [SignatureReport], Unsigned> {
    let Some(found) = found else { return Err(Unsigned::NotSigned) };
    let report = &found.report;
    let fresh: &'a [SignatureReport] = match report.container {
        Container::Pades => {
            if !file.starts_with(before) {
                return Err(Unsigned::OtherContent);
            }
            match plico_pdf::aside::added(before, file) {
                Ok(Added::Signatures) => {}
                Ok(Added::Mark) => return Err(Unsigned::Visible),
                Ok(Added::Other) | Err(_) => return Err(Unsigned::Changed),
            }
            report.signatures.get(earlier..).unwrap_or_default()
        }
        // Around what was sent out, whatever that is: a signature beside an earlier one would leave out its content.
        Container::Cades | Container::Cms => {
            let mut content = Vec::new();
            let taken = plico_signature::extract(&mut Memory(file), false, &mut content);
            if taken.is_err() || to_hex(&sha256(&content)) != to_hex(&sha256(before)) {
                return Err(Unsigned::OtherContent);
            }
            &report.signatures
        }
        _ => return Err(Unsigned::NotSigned),
    };
    if fresh.is_empty() {
        return Err(Unsigned::NotSigned);
    }
    if fresh.iter().any(|signature| signature.indication == Indication::TotalFailed) {
        return Err(Unsigned::Broken);
    }
    if fresh.iter().any(|signature| !signature.intact) {
        return Err(Unsigned::Unverifiable);
    }
    Ok(fresh)
}

/// How many signatures a file holds in its outermost layer.
pub(crate) fn signatures(verification: Option<&str>) -> usize {
    verification.and_then(Verdict::read).map_or(0, |verdict| match verdict.plain {
        Plain::Signed { .. } if verdict.report.container == Container::Pades => {
            verdict.report.signatures.len()
        }
        _ => 0,
    })
}
