//! Whether the whole file is sealed, and by whom: only then is the page bound to what is embedded.

use plico_signature::report::{Indication, Reason, SignatureReport};
use plico_signature::{Options, pades};

use crate::Policy;
use crate::report::{CheckName, Facts, Finding};

/// The seal, and who made it.
pub(crate) fn check(pdf: &[u8], policy: Option<&Policy>, now_ms: i64, facts: &mut Facts) -> Finding {
    let name = CheckName::Seal;
    let anchors = policy.and_then(Policy::seal_roots);
    let signatures = pades::verify(pdf, &Options::at(now_ms, anchors));
    let Some(last) = signatures.last() else {
        return Finding::absent(name, "the file is not sealed: the page is not bound to the rest");
    };
    if let Some(broken) = signatures.iter().find(|s| !s.report.intact) {
        return Finding::failed(name, format!("not intact{}", reasons(&broken.report)));
    }
    if !last.covers_whole_file {
        return Finding::failed(name, "bytes were added after the seal: the page is not bound to the rest");
    }
    let signer = last.report.signer.common_name.clone().unwrap_or_else(|| "an unnamed signer".to_owned());
    facts.sealed_by = Some(signer.clone());
    let whole = format!("the whole file is sealed by {signer}");
    if anchors.is_none() {
        let why = if policy.is_some() { "the policy has no roots of seals" } else { "no policy was given" };
        return Finding::absent(name, format!("{whole}; {why}: nothing says who that is"));
    }
    // Offline nobody can be asked about revocation; the verifier says so instead of calling it doubtful.
    let only_revocation = last.report.reasons.iter().all(|r| not_about_trust(*r));
    match last.report.indication {
        Indication::TotalPassed => Finding::ok(name, whole),
        Indication::Indeterminate if only_revocation => {
            Finding::ok(name, format!("{whole}; whether the certificate was revoked was not asked"))
        }
        Indication::Indeterminate if last.report.reasons.contains(&Reason::CertificateExpired) => {
            Finding::absent(
                name,
                format!("{whole}; the certificate has expired and nothing shows that the seal is older"),
            )
        }
        _ => Finding::failed(
            name,
            format!("{whole}, but the policy does not accept it{}", reasons(&last.report)),
        ),
    }
}

/// Findings that leave the seal good: they are about what was not asked, or about no more than the declared time.
fn not_about_trust(reason: Reason) -> bool {
    matches!(reason, Reason::RevocationNotChecked | Reason::TimeStampNotChecked | Reason::NoSigningTime)
}

fn reasons(report: &SignatureReport) -> String {
    let words: Vec<_> = report
        .reasons
        .iter()
        .filter_map(|reason| serde_json::to_value(reason).ok()?.as_str().map(|s| s.replace('_', " ")))
        .collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}
