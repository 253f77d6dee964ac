//! The index of public administrations (IPA): its open data, read from a file, so that a body and its certified mail are
//! found without a network. Public data, and no evidence: what is used of it is written down where it is used.

use plico_archive::Work;
use plico_archive::read::body;
use plico_archive::read::ipa::{self, IpaBody};
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;

use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal, csv};

/// Bytes of a list: the whole of `enti` has about ten million.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The columns that are read, under the names that the open data have had.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("code", &["codice_ipa", "cod_amm"]),
    ("name", &["denominazione_ente", "des_amm"]),
    ("fiscal_code", &["codice_fiscale_ente", "cf"]),
    ("place", &["codice_comune_istat_descrizione", "comune", "indirizzo"]),
    ("mail", &["mail1"]),
];

/// What came of reading a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Bodies that are known now.
    pub bodies: usize,
    /// Lines without a code or a name.
    pub left: usize,
}

/// The bodies of a list, and how many lines are none.
///
/// # Errors
/// The column that is missing.
pub fn parse(text: &str, day: &str) -> Result<(Vec<IpaBody>, usize), &'static str> {
    // The open data come with commas, semicolons, or as tab-separated text.
    let first = text.lines().next().unwrap_or_default();
    let tabs = first.contains('\t');
    let mut rows = if tabs {
        let cells = |line: &str| line.split('\t').map(|cell| cell.trim_matches('"').to_owned()).collect();
        text.trim_start_matches('\u{feff}').lines().map(cells).collect()
    } else {
        csv::rows(text).into_iter().map(|(_, cells)| cells).collect::<Vec<Vec<String>>>()
    }
    .into_iter();
    let heads: Vec<String> =
        rows.next().unwrap_or_default().iter().map(|head| head.trim().to_lowercase()).collect();
    let place_of = |names: &[&str]| names.iter().find_map(|name| heads.iter().position(|head| head == name));
    let column =
        |wanted: &str| COLUMNS.iter().find(|(name, _)| *name == wanted).and_then(|(_, n)| place_of(n));
    let (code, name) = (column("code").ok_or("Codice_IPA")?, column("name").ok_or("Denominazione_ente")?);
    let (fiscal, place) = (column("fiscal_code"), column("place"));
    // Up to five addresses, each with its kind beside it.
    let mails: Vec<(usize, Option<usize>)> = (1..=5)
        .filter_map(|n| Some((place_of(&[&format!("mail{n}")])?, place_of(&[&format!("tipo_mail{n}")]))))
        .collect();
    let (mut bodies, mut left) = (Vec::new(), 0);
    for cells in rows {
        let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
        let known = |at: Option<usize>| {
            let text = at.map_or("", cell);
            if text.eq_ignore_ascii_case("null") { String::new() } else { text.chars().take(300).collect() }
        };
        let (code, name) = (known(Some(code)), known(Some(name)));
        if code.is_empty() || name.is_empty() {
            left += usize::from(cells.iter().any(|cell| !cell.trim().is_empty()));
            continue;
        }
        let pec = mails.iter().find(|(mail, kind)| {
            cell(*mail).contains('@') && kind.is_none_or(|kind| cell(kind).eq_ignore_ascii_case("pec"))
        });
        bodies.push(IpaBody {
            code,
            name,
            fiscal_code: known(fiscal),
            pec: known(pec.map(|(mail, _)| *mail)),
            place: known(place),
            listed: day.to_owned(),
        });
    }
    Ok((bodies, left))
}

impl Desk {
    /// Reads the list of a day (`YYYY-MM-DD`) in the place of the one before.
    pub async fn read_ipa(&self, actor: &Actor, text: &str, day: &str) -> Outcome<Listed> {
        // Where many share an installation, none of them says what the others' letters are addressed by.
        if body::bodies(self.archive.database()).await?.len() > 1 {
            permit(actor, Deed::AdministerHub, &Thing::Installation)?;
        } else {
            permit(actor, Deed::Administer, &Thing::Administration { id: actor.administration.clone() })?;
        }
        let wrong = |field, code| refuse(Refusal::Invalid(vec![FieldError::of(field, code)]));
        if LegalDay::parse(day).is_none_or(|day| day.to_string() > self.today()) {
            return wrong("day", "date");
        }
        let Ok((bodies, left)) = parse(text, day) else { return wrong("file", "not_ipa") };
        // An empty list in the place of a good one would be a loss, and nothing that anybody means.
        if bodies.is_empty() {
            return wrong("file", "not_ipa");
        }
        let listed = Listed { bodies: bodies.len(), left };
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move { Ok(ipa::replace(&mut work.tx, &bodies).await?) })
            })
            .await?;
        Ok(listed)
    }

    /// The day of the list at hand, and how many bodies it has.
    pub async fn ipa_standing(&self) -> Outcome<(String, i64)> {
        Ok(ipa::standing(self.archive.database()).await?)
    }

    pub(crate) async fn ipa_body(&self, code: &str) -> Outcome<Option<IpaBody>> {
        Ok(ipa::one(self.archive.database(), code).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_certified_address_is_taken() {
        let text = "\u{feff}Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Mail1,Tipo_Mail1,Mail2,Tipo_Mail2\r\n\
            c_x001,\"Comune di Esempio, ente di prova\",00000000000,info@esempio.invalid,Altro,comune@pec.esempio.invalid,Pec\r\n\
            ,senza codice,,,,,\r\n\
            p_x,Provincia,null,,,,\r\n";
        let (bodies, left) = parse(text, "2026-03-01").unwrap();
        assert_eq!((bodies.len(), left), (2, 1));
        assert_eq!(bodies[0].name, "Comune di Esempio, ente di prova");
        assert_eq!(bodies[0].pec, "comune@pec.esempio.invalid");
        assert_eq!((bodies[1].fiscal_code.as_str(), bodies[1].pec.as_str()), ("", ""));
        let tabs = "cod_amm\tdes_amm\tmail1\ttipo_mail1\nc_x\tComune\ta@b.invalid\tpec\n";
        assert_eq!(parse(tabs, "2026-03-01").unwrap().0[0].pec, "a@b.invalid");
        assert_eq!(parse("a,b\n1,2\n", "2026-03-01"), Err("Codice_IPA"));
    }

    proptest::proptest! {
        #[test]
        fn no_list_makes_it_panic(text in "\\PC{0,200}", rows in "[a-z,;\"\n\t]{0,200}") {
            let _ = parse(&text, "2026-03-01");
            let _ = parse(&format!("Codice_IPA,Denominazione_ente,Mail1\n{rows}"), "2026-03-01");
        }
    }
}
