//! What a person is told about a file, as data: the words are in the catalogues.

use serde::{Deserialize, Serialize};

use crate::proof::PoeSource;
use crate::report::{Container, Indication, Problem, Reason, Report, SignatureReport, Signer};

/// The situation of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "situation", rename_all = "snake_case")]
pub enum Plain {
    /// Nothing is signed; the file is of this media type.
    NotSigned {
        /// Media type sniffed from the bytes.
        media_type: String,
    },
    /// The file has no bytes.
    Empty,
    /// A signed envelope that ends too early: it was probably cut in sending.
    CutShort,
    /// A signed envelope that cannot be read.
    Damaged,
    /// A signed envelope too deep or too long to be looked at.
    TooComplex,
    /// An encrypted envelope: whoever receives it cannot read it either.
    Encrypted,
    /// An envelope without any signer.
    EmptyEnvelope,
    /// A kind of signature that is recognised and not checked.
    NotChecked {
        /// Which kind.
        container: Container,
    },
    /// Signed, by these, the outermost layer first.
    Signed {
        /// Each signer.
        signers: Vec<PlainSigner>,
        /// Media type of the document inside, when the file holds it.
        media_type: Option<String>,
        /// Length of the document inside in bytes, when the file holds it.
        size: Option<u64>,
        /// How many envelopes are around the document.
        layers: usize,
    },
}

/// A signer, for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlainSigner {
    /// Given name and surname, or the common name, or the organisation.
    pub name: Option<String>,
    /// Tax code in the certificate.
    pub fiscal_code: Option<String>,
    /// The time that the signer declares, RFC 3339.
    pub claimed_time: Option<String>,
    /// Who issued the certificate.
    pub issuer: Option<String>,
    /// Whether it holds.
    pub holds: Holds,
    /// Layer of the envelope, 0 outermost.
    pub layer: usize,
    /// What shows that it is valid although something has happened since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Proven>,
}

/// A signature that was there before its certificate, or an algorithm, came to an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// What has happened since.
    pub despite: Option<Reason>,
    /// What kind of reference shows that the signature is older.
    pub reference: PoeSource,
    /// What the reference is called.
    pub name: Option<String>,
    /// Its instant, RFC 3339.
    pub at: String,
}

/// Whether a signature holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "holds", rename_all = "snake_case")]
pub enum Holds {
    /// Everything that the trust anchors demand was checked.
    Valid,
    /// The document is the one signed; something about the certificate is not settled.
    Intact {
        /// The most important open point.
        open: Option<Reason>,
    },
    /// The document was changed after it was signed.
    Altered,
    /// The signature is wrong.
    Broken {
        /// How.
        why: Option<Reason>,
    },
    /// It could not be checked.
    Unknown {
        /// Why not.
        why: Option<Reason>,
    },
}

/// Says what a report means for a person.
pub fn plain(report: &Report) -> Plain {
    match report.problem {
        Some(Problem::Empty) => return Plain::Empty,
        Some(Problem::Truncated) => return Plain::CutShort,
        Some(Problem::Damaged) => return Plain::Damaged,
        Some(Problem::TooComplex) => return Plain::TooComplex,
        Some(Problem::Encrypted) => return Plain::Encrypted,
        Some(Problem::Unsupported) => return Plain::NotChecked { container: report.container },
        None => {}
    }
    let stamped = report.container == Container::Tsd && report.nested.is_none();
    if stamped || matches!(report.container, Container::None | Container::Tst) {
        let media_type = report.content.as_ref().map(|content| content.media_type.clone());
        return Plain::NotSigned { media_type: media_type.unwrap_or_default() };
    }
    let layers: Vec<&Report> = std::iter::successors(Some(report), |layer| layer.nested.as_deref()).collect();
    let signers: Vec<PlainSigner> = layers
        .iter()
        .enumerate()
        .flat_map(|(layer, report)| report.signatures.iter().map(move |found| signer(found, layer)))
        .collect();
    if signers.is_empty() {
        return Plain::EmptyEnvelope;
    }
    let content = report.innermost().content.as_ref();
    Plain::Signed {
        signers,
        media_type: content.map(|content| content.media_type.clone()),
        size: content.map(|content| content.size),
        layers: layers.len(),
    }
}

/// Given name and surname, or the common name, or the organisation.
pub fn name(who: &Signer) -> Option<String> {
    let full = match (&who.given_name, &who.surname) {
        (Some(given), Some(surname)) => Some(format!("{given} {surname}")),
        _ => None,
    };
    full.or_else(|| who.common_name.clone()).or_else(|| who.organization.clone())
}

fn signer(found: &SignatureReport, layer: usize) -> PlainSigner {
    let who = &found.signer;
    PlainSigner {
        name: name(who),
        fiscal_code: who.fiscal_code.clone(),
        claimed_time: found.claimed_signing_time.clone(),
        issuer: who.issuer.clone(),
        holds: holds(found),
        layer,
        proven: proven(found),
    }
}

fn proven(found: &SignatureReport) -> Option<Proven> {
    let [Reason::ProvenBefore, rest @ ..] = found.reasons.as_slice() else { return None };
    let best = found.times.as_ref()?.opposable.as_ref()?;
    // That the certificate has ended says more than that nobody can be asked about it any more.
    let ends = [
        Reason::CertificateRevoked,
        Reason::AuthorityRevoked,
        Reason::CertificateSuspended,
        Reason::CertificateExpired,
    ];
    let end = rest.iter().find(|reason| ends.contains(reason));
    Some(Proven {
        despite: end.or(rest.first()).copied(),
        reference: best.reference?,
        name: best.name.clone(),
        at: best.at.clone(),
    })
}

fn holds(found: &SignatureReport) -> Holds {
    let first = found.reasons.first().copied();
    match (found.indication, found.intact) {
        (Indication::TotalPassed, _) => Holds::Valid,
        (Indication::TotalFailed, _) if found.reasons.contains(&Reason::ContentAltered) => Holds::Altered,
        (Indication::TotalFailed, _) => Holds::Broken { why: first },
        (_, true) => {
            // That the certificate has expired says more than that nobody was asked about it.
            let dated = [Reason::CertificateExpired, Reason::CertificateNotYetValid];
            let open = found.reasons.iter().find(|reason| dated.contains(reason)).copied();
            Holds::Intact { open: open.or(first) }
        }
        (_, false) => Holds::Unknown { why: first },
    }
}
