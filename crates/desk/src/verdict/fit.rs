//! Whether a document is fit to be kept for long: told beside it, and never a reason to refuse it.

use plico_package::sniff::fit::{Unfit, look};
use plico_package::sniff::{Kind, sniff};
use plico_pdf::read::ReadError;
use plico_signature::report::{Container, Report};
use plico_signature::source::Memory;
use serde::{Deserialize, Serialize};

/// What is known of a document's format; of one in envelopes, the document inside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// The part and level of PDF/A that a PDF claims, such as `2A`: a claim, not a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdfa: Option<String>,
    /// Codes of what is the matter with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unfit: Vec<String>,
}

/// Looks at a file that was just received. It reads PDFs in a process of their own, and blocks meanwhile.
pub(super) fn fit(name: &str, bytes: &[u8], report: &Report) -> Fit {
    let enveloped = matches!(report.container, Container::Cades | Container::Cms) && report.content.is_some();
    let mut inner = Vec::new();
    if enveloped && plico_signature::extract(&mut Memory(bytes), true, &mut inner).is_ok() {
        return of(unwrapped(name), &inner);
    }
    of(name, bytes)
}

/// `domanda.pdf` of `domanda.pdf.p7m.p7m`.
fn unwrapped(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((before, ending)) if ["p7m", "p7s"].contains(&ending.to_lowercase().as_str()) => {
            unwrapped(before)
        }
        _ => name,
    }
}

fn of(name: &str, bytes: &[u8]) -> Fit {
    let kind = sniff(bytes);
    let mut unfit = look(kind, name, bytes);
    let pdfa = if kind == Kind::Pdf { pdf(bytes, &mut unfit) } else { None };
    unfit.sort_unstable();
    Fit { pdfa, unfit: unfit.into_iter().map(|unfit| unfit.code().to_owned()).collect() }
}

fn pdf(bytes: &[u8], unfit: &mut Vec<Unfit>) -> Option<String> {
    let found = match plico_pdf::aside::inspect(bytes) {
        Ok(found) => found,
        Err(ReadError::Encrypted) => {
            unfit.push(Unfit::Encrypted);
            return None;
        }
        Err(ReadError::Unreadable) => {
            unfit.push(Unfit::Unrecognised);
            return None;
        }
        // Nobody looked: nothing is said.
        Err(_) => return None,
    };
    let claim = found.claims_pdfa.filter(|_| !found.encrypted);
    // PDF/A-3 and PDF/A-4f are made to carry files.
    let carries = claim.as_ref().is_some_and(|claim| claim.starts_with('3') || claim == "4F");
    let told = [
        (claim.is_none() && !found.encrypted, Unfit::NotPdfA),
        (found.encrypted, Unfit::Encrypted),
        (found.has_javascript || found.has_actions, Unfit::Active),
        (found.attachments > 0 && !carries, Unfit::Embedded),
    ];
    unfit.extend(told.into_iter().filter(|(is, _)| *is).map(|(_, unfit)| unfit));
    claim
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_inside_is_that_without_envelopes() {
        assert_eq!(unwrapped("domanda.pdf.p7m.P7M"), "domanda.pdf");
        assert_eq!(unwrapped("domanda.pdf"), "domanda.pdf");
        assert_eq!(unwrapped("p7m"), "p7m");
    }
}
