//! What a signature is worth in law, as keys of the catalogues and as other verifiers write it.

use plico_signature::qualification::Qualification;

use super::Verdict;

/// The end of its key in the catalogues, and whether it is settled.
pub fn worth(result: Qualification) -> (String, bool) {
    let name = serde_json::to_value(result).ok();
    let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or_default();
    let (open, settled) = (name.strip_prefix("INDETERMINATE_"), !name.starts_with("INDETERMINATE_"));
    (open.unwrap_or(name).to_lowercase().replace('_', "-"), settled)
}

/// The identifier that the European reference validator writes into its own reports.
pub(super) fn uri(result: Qualification) -> String {
    let (code, settled) = worth(result);
    let name = match code.as_str() {
        "qesig" => "QESig",
        "qeseal" => "QESeal",
        "unknown-qc-qscd" => "UnknownQCwithQSCD",
        "adesig-qc" => "AdESigQC",
        "adeseal-qc" => "AdESealQC",
        "unknown-qc" => "UnknownQC",
        "adesig" => "AdESig",
        "adeseal" => "AdESeal",
        "unknown" => "Unknown",
        "not-ades-qc-qscd" => "notAdESbutQCwithQSCD",
        "not-ades-qc" => "notAdESbutQC",
        "not-ades" => "notAdES",
        _ => "notApplicable",
    };
    format!("urn:cef:dss:signatureQualification:{}{name}", if settled { "" } else { "indeterminate" })
}

/// The trusted lists of a verdict for which a newer one was due by then: country, and since when (UTC milliseconds).
pub fn expired_lists(verdict: &Verdict) -> Vec<(String, i64)> {
    let expired = verdict.report.trusted_lists.iter().filter(|list| list.expired);
    expired
        .filter_map(|list| Some((list.territory.clone(), super::ms(list.next_update.as_deref()?)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_named_as_what_it_would_be() {
        assert_eq!(worth(Qualification::Qesig), ("qesig".into(), true));
        assert_eq!(worth(Qualification::IndeterminateUnknownQcQscd), ("unknown-qc-qscd".into(), false));
        assert_eq!(uri(Qualification::AdesigQc), "urn:cef:dss:signatureQualification:AdESigQC");
        assert_eq!(
            uri(Qualification::IndeterminateQesig),
            "urn:cef:dss:signatureQualification:indeterminateQESig"
        );
        assert_eq!(uri(Qualification::Na), "urn:cef:dss:signatureQualification:notApplicable");
    }
}
