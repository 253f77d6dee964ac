//! The trusted lists of the demo: a list of lists and that of a country, which nobody should believe elsewhere.

use plico_signature::forge::{KeyKind, ListRecipe, Listed, Pki, Subject, trusted_list};

use super::DemoError;

const YEAR_MS: i64 = 365 * 86_400_000;

/// Names and contents of the demo's `signatures.lists`, in which the town's authority is one that issues qualified
/// certificates.
pub(super) fn lists(town: &Pki, now_ms: i64) -> Result<Vec<(&'static str, Vec<u8>)>, DemoError> {
    let fault = |error| DemoError::Forge(Box::new(error));
    let sealed = |error| DemoError::Forge(Box::new(error));
    let mut operators = Pki::new("Operatori degli elenchi", now_ms).map_err(fault)?;
    let mut operator = |given_name| {
        let (from_ms, to_ms) = (now_ms - YEAR_MS, now_ms + 4 * YEAR_MS);
        let surname = "di prova";
        let subject = Subject { given_name, surname, fiscal_code: "", organization: "", from_ms, to_ms };
        operators.signer(&subject, KeyKind::P256)
    };
    let union = operator("Operatore europeo").map_err(fault)?;
    let country = operator("Operatore nazionale").map_err(fault)?;
    let service = Listed {
        kind: "CA/QC",
        certificate: town.issuer_der(),
        periods: &[("granted", now_ms - 4 * YEAR_MS)],
        uses: &["ForeSignatures", "ForeSeals"],
        qualifiers: &[],
    };
    let list = ListRecipe {
        territory: "IT",
        sequence: 1,
        issued_ms: now_ms,
        // Nobody publishes the next one.
        next_update_ms: Some(now_ms + 4 * YEAR_MS),
        services: &[service],
        ..ListRecipe::default()
    };
    let pointers: [(&str, &[&[u8]]); 1] = [("IT", &[country.certificate_der()])];
    let above = ListRecipe { territory: "EU", pointers: &pointers, services: &[], ..list };
    Ok(vec![
        ("signers.pem", union.certificates_pem().map_err(fault)?),
        ("eu-lotl.xml", trusted_list(&union, &above).map_err(sealed)?),
        ("IT.xml", trusted_list(&country, &list).map_err(sealed)?),
    ])
}
