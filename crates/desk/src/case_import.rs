//! Case files that another system kept before, brought as a file by the records manager: looked at first, taken whole or not
//! at all, each once. They go on here under numbers of ours; what they were called before stays with them.

use std::collections::HashSet;

use plico_archive::read::queue;
use plico_archive::{NewEvent, Work, hex};
use plico_crypto::digest::sha256;
use plico_database::args;
use plico_record::act::{CaseFileClosed, CaseFileOpened, FormerCase};
use plico_record::day::LegalDay;

use crate::csv;
use crate::past::decoded;
use crate::refusal::refuse;
use crate::scheme::{LineError, day};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Case files that a file may bring: they are entered in one act, during which everybody else waits.
pub const MOST: usize = 2_000;
const NUMBER_CHARS: usize = 100;
const TAKEN: &str = "select count(*) from case_file where administration = $1 and former = $2";

/// A case file as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// Title.
    pub title: String,
    /// The office: its identifier once it was looked up, its name or code before.
    pub office: String,
    /// Its name.
    pub office_name: String,
    /// Code of the class; may be empty.
    pub class: String,
    /// What it was there.
    pub former: FormerCase,
}

/// What a file would bring.
#[derive(Debug, Clone)]
pub struct LookedCases {
    /// SHA-256 of the file, hexadecimal: what is applied is what was looked at.
    pub digest: String,
    /// All of them, in the order of the file.
    pub cases: Vec<Brought>,
}

fn read(row: &[String], title_chars: usize) -> Result<Brought, FieldError> {
    let cell = |n: usize| row.get(n).map_or("", |cell| cell.trim());
    for (field, n, most) in [("number", 0, NUMBER_CHARS), ("title", 1, title_chars), ("office", 2, 200)] {
        if cell(n).is_empty() {
            return Err(FieldError::required(field));
        }
        if cell(n).chars().count() > most {
            return Err(FieldError::too_long(field, most));
        }
    }
    let opened = day(cell(4)).ok_or_else(|| FieldError::of("opened", "date"))?;
    let closed = match cell(5) {
        "" => None,
        text => Some(day(text).ok_or_else(|| FieldError::of("closed", "date"))?),
    };
    if closed.is_some_and(|closed| closed < opened) {
        return Err(FieldError::of("closed", "before"));
    }
    Ok(Brought {
        title: cell(1).into(),
        office: cell(2).into(),
        office_name: String::new(),
        class: cell(3).into(),
        former: FormerCase {
            number: cell(0).into(),
            opened: opened.to_string(),
            closed: closed.map(|closed| LegalDay::to_string(&closed)),
        },
    })
}

/// A file of case files: a line of headings, then number, title, office (name or code), class, day of opening, of closing.
fn parse_file(text: &str, title_chars: usize) -> Result<Vec<(usize, Brought)>, LineError> {
    let (mut cases, mut seen) = (Vec::new(), HashSet::new());
    let Some(rows) = csv::below_headings(text, |row| read(row, title_chars).is_ok()) else {
        return Err(LineError { line: 1, error: FieldError::of("number", "headings") });
    };
    for (line, row) in rows {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let case = read(&row, title_chars).map_err(|error| LineError { line, error })?;
        if !seen.insert(case.former.number.clone()) {
            return Err(LineError { line, error: FieldError::of("number", "taken") });
        }
        cases.push((line, case));
        if cases.len() > MOST {
            let error = FieldError { field: "number", code: "past_lines", limit: Some(MOST as u64) };
            return Err(LineError { line, error });
        }
    }
    if cases.is_empty() {
        return Err(LineError { line: 1, error: FieldError::of("number", "past_empty") });
    }
    Ok(cases)
}

impl Desk {
    /// What a file of case files would bring; nothing is written.
    pub async fn look_at_cases(
        &self,
        actor: &Actor,
        bytes: &[u8],
    ) -> Outcome<Result<LookedCases, LineError>> {
        Self::manages_register(actor)?;
        let most = self.limits(&actor.administration).subject_chars;
        let lines = match parse_file(&decoded(bytes), most) {
            Ok(lines) => lines,
            Err(line) => return Ok(Err(line)),
        };
        let database = self.archive.database();
        let offices = self.open_offices(&actor.administration).await?;
        let mut cases = Vec::with_capacity(lines.len());
        for (line, mut case) in lines {
            let wrong = |field, code| Ok(Err(LineError { line, error: FieldError::of(field, code) }));
            let named = |text: &str| text.eq_ignore_ascii_case(&case.office);
            let office = offices.iter().find(|office| named(&office.code) || named(&office.name));
            let Some(office) = office else { return wrong("office", "unknown") };
            (case.office, case.office_name) = (office.id.clone(), office.name.clone());
            if !case.class.is_empty() && self.class(&actor.administration, &case.class).await?.is_none() {
                return wrong("class", "unknown");
            }
            if queue::case_by_former(database, &actor.administration, &case.former.number).await?.is_some() {
                return wrong("number", "case_taken");
            }
            cases.push(case);
        }
        Ok(Ok(LookedCases { digest: hex(&sha256(bytes)), cases }))
    }

    /// Takes a file that was looked at, all or nothing. Answers how many case files it brought.
    pub async fn import_cases(
        &self,
        actor: &Actor,
        bytes: &[u8],
        seen: &str,
    ) -> Outcome<Result<usize, LineError>> {
        let looked = match self.look_at_cases(actor, bytes).await? {
            Ok(looked) => looked,
            Err(line) => return Ok(Err(line)),
        };
        if looked.digest != seen {
            return refuse(Refusal::Invalid(vec![FieldError::of("file", "past_other")]));
        }
        self.archive.need_room()?;
        let (actor, cases) = (actor.clone(), looked.cases);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let many = cases.len();
                    for case in cases {
                        // Somebody may have brought the same a moment ago.
                        let key = args![&actor.administration, &case.former.number];
                        if work.tx.scalar_i64(TAKEN, key).await? > 0 {
                            return refuse(Refusal::Exists);
                        }
                        let number = work.next_case_number(&actor.administration).await?;
                        let id = work.new_id();
                        let over = case.former.closed.is_some();
                        let act = CaseFileOpened {
                            case_file: id.clone(),
                            office: case.office,
                            year: number.year,
                            number: number.number,
                            title: case.title,
                            class: case.class,
                            former: Some(case.former),
                        };
                        work.append(NewEvent::by(&actor, &id, act)).await?;
                        if over {
                            work.append(NewEvent::by(&actor, &id, CaseFileClosed { case_file: id.clone() }))
                                .await?;
                        }
                    }
                    Ok(Ok(many))
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
        let head = "numero;titolo;ufficio;classe;aperto;chiuso\n";
        let case =
            parse_file(&format!("{head}2019/4;Condono;EDI;6.3;03/02/2019;\n"), 250).unwrap().remove(0).1;
        assert_eq!((case.former.number.as_str(), case.former.opened.as_str()), ("2019/4", "2019-02-03"));
        assert_eq!((case.office.as_str(), case.class.as_str(), case.former.closed), ("EDI", "6.3", None));
        for (line, field, code) in [
            ("", "number", "past_empty"),
            (";x;EDI;;2019-01-01", "number", "required"),
            ("1;;EDI;;2019-01-01", "title", "required"),
            ("1;x;;;2019-01-01", "office", "required"),
            ("1;x;EDI;;ieri", "opened", "date"),
            ("1;x;EDI;;2019-01-01;oggi", "closed", "date"),
            ("1;x;EDI;;2019-01-02;2019-01-01", "closed", "before"),
            ("1;x;EDI;;2019-01-01\n1;y;EDI;;2019-01-01", "number", "taken"),
        ] {
            let wrong = parse_file(&format!("{head}{line}\n"), 250).unwrap_err();
            assert_eq!((wrong.error.field, wrong.error.code), (field, code), "{line}");
        }
        let bare = parse_file("1;x;EDI;;2019-01-01\n2;y;EDI;;2019-01-01\n", 250).unwrap_err();
        assert_eq!((bare.line, bare.error.code), (1, "headings"));
        let long = format!("{head}1;{};EDI;;2019-01-01\n", "x".repeat(251));
        assert_eq!(parse_file(&long, 250).unwrap_err().error.code, "too_long");
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(text: String) {
            let _ = parse_file(&text, 250);
        }
    }
}
