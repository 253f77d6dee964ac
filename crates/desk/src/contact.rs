//! Parties that another system knew, brought as a file by the records manager, so that they are picked and not typed again.

use std::collections::HashSet;

use plico_archive::read::contact::{self, Contact};
use plico_archive::{ActError, NewEvent, Work};
use plico_record::act::SettingChanged;
use plico_record::fiscal::FiscalCode;

use crate::past::decoded;
use crate::scheme::LineError;
use crate::{Actor, Desk, FieldError, Outcome, Refusal, csv};

/// Parties that a file may bring.
pub const MOST: usize = 50_000;
const NAME_CHARS: usize = 200;
const EMAIL_CHARS: usize = 254;

fn read(row: &[String]) -> Result<Contact, FieldError> {
    let cell = |n: usize| row.get(n).map_or("", |cell| cell.trim());
    if cell(0).is_empty() {
        return Err(FieldError::required("name"));
    }
    for (field, n, most) in [("name", 0, NAME_CHARS), ("email", 2, EMAIL_CHARS)] {
        if cell(n).chars().count() > most {
            return Err(FieldError::too_long(field, most));
        }
    }
    let code = FiscalCode::parse(cell(1)).map_err(|_| FieldError::of("fiscal_code", "fiscal_code"))?;
    if !cell(2).is_empty() && !cell(2).contains('@') {
        return Err(FieldError::of("email", "email"));
    }
    Ok(Contact {
        organisation: !code.is_person(),
        code: code.into(),
        name: cell(0).into(),
        email: cell(2).into(),
    })
}

/// A file of parties: a line of headings, then name, fiscal code or VAT number, e-mail.
fn parse_file(text: &str) -> Result<Vec<Contact>, LineError> {
    let (mut contacts, mut seen) = (Vec::new(), HashSet::new());
    let Some(rows) = csv::below_headings(text, |row| read(row).is_ok()) else {
        return Err(LineError { line: 1, error: FieldError::of("name", "headings") });
    };
    for (line, row) in rows {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let contact = read(&row).map_err(|error| LineError { line, error })?;
        if !seen.insert(contact.code.clone()) {
            return Err(LineError { line, error: FieldError::of("fiscal_code", "taken") });
        }
        contacts.push(contact);
        if contacts.len() > MOST {
            let error = FieldError { field: "name", code: "past_lines", limit: Some(MOST as u64) };
            return Err(LineError { line, error });
        }
    }
    if contacts.is_empty() {
        return Err(LineError { line: 1, error: FieldError::of("name", "past_empty") });
    }
    Ok(contacts)
}

/// The parties are no evidence; that somebody brought or removed them is.
async fn told(work: &mut Work, actor: &Actor, new: &serde_json::Value) -> Result<(), ActError<Refusal>> {
    let act = SettingChanged { name: "contacts".into(), old: None, new: new.clone() };
    work.append(NewEvent::by(actor, "contacts", act)).await?;
    Ok(())
}

impl Desk {
    /// How many parties were brought and are still there.
    pub async fn contacts(&self, actor: &Actor) -> Outcome<i64> {
        Self::manages_register(actor)?;
        Ok(contact::count(self.archive.database(), &actor.administration).await?)
    }

    /// Takes a file of parties, all or none; whoever is there already is renewed. Answers how many it has.
    pub async fn bring_contacts(&self, actor: &Actor, bytes: &[u8]) -> Outcome<Result<usize, LineError>> {
        Self::manages_register(actor)?;
        let contacts = match parse_file(&decoded(bytes)) {
            Ok(contacts) => contacts,
            Err(line) => return Ok(Err(line)),
        };
        self.archive.need_room()?;
        let (many, actor) = (contacts.len(), actor.clone());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    for one in &contacts {
                        contact::put(&mut work.tx, &actor.administration, one)?;
                    }
                    told(work, &actor, &serde_json::json!({"brought": many})).await?;
                    Ok(Ok(many))
                })
            })
            .await
    }

    /// Forgets all parties that were brought; what was written with them stays.
    pub async fn forget_contacts(&self, actor: &Actor) -> Outcome<()> {
        Self::manages_register(actor)?;
        let many = contact::count(self.archive.database(), &actor.administration).await?;
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    contact::empty(&mut work.tx, &actor.administration)?;
                    told(work, &actor, &serde_json::json!({"forgotten": many})).await
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_or_its_line_is_named() {
        let head = "nome;codice;posta\n";
        let read = parse_file(&format!("{head}Fornace Bassi;90042100330;info@fornace.example\n")).unwrap();
        assert_eq!((read[0].organisation, read[0].email.as_str()), (true, "info@fornace.example"));
        for (line, field, code) in [
            ("", "name", "past_empty"),
            (";90042100330", "name", "required"),
            ("Anna;XYZ", "fiscal_code", "fiscal_code"),
            ("Anna;", "fiscal_code", "fiscal_code"),
            ("A;90042100330;posta", "email", "email"),
            ("A;90042100330\nB;90042100330", "fiscal_code", "taken"),
        ] {
            let wrong = parse_file(&format!("{head}{line}\n")).unwrap_err();
            assert_eq!((wrong.error.field, wrong.error.code), (field, code), "{line}");
        }
        let bare = parse_file("Fornace Bassi;90042100330;\nAltri;00000000000\n").unwrap_err();
        assert_eq!((bare.line, bare.error.code), (1, "headings"));
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(text: String) {
            let _ = parse_file(&text);
        }
    }
}
