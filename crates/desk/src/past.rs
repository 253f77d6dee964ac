//! Registers that were kept before this one, brought as a file by the records manager: looked at first, taken whole or not
//! at all, each file once. What they say stays beside our register and never looks like an entry of ours.

use std::borrow::Cow;
use std::collections::HashSet;

use plico_archive::read::past::{self, BatchRow, Filter, PastRow};
use plico_archive::{NewDocument, NewEvent, Work, hex};
use plico_crypto::DataKey;
use plico_crypto::digest::sha256;
use plico_database::args;
use plico_record::act::{PastEntry, RegisterImported};
use plico_record::day::LegalDay;
use plico_record::part::DocumentEntry;

use crate::csv;
use crate::present::committed;
use crate::refusal::refuse;
use crate::scheme::{LineError, day};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Entries that a file may bring.
pub const MOST: usize = 20_000;
/// Bytes of a file.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Entries of one event.
const PIECE: usize = 250;
const SUBJECT_CHARS: usize = 2_000;
const TEXT_CHARS: usize = 500;

/// What a file would bring.
#[derive(Debug, Clone)]
pub struct LookedPast {
    /// SHA-256 of the file, hexadecimal: what is applied is what was looked at.
    pub batch: String,
    /// How many entries of each register and year, in the order of the file.
    pub registers: Vec<(String, i32, usize)>,
    /// It was brought already.
    pub known: bool,
    /// The first entries, to be looked at.
    pub first: Vec<PastEntry>,
    entries: Vec<PastEntry>,
}

const TAKEN: &str =
    "select count(*) from past_entry where administration = $1 and area = $2 and year = $3 and number = $4";

fn read(row: &[String]) -> Result<PastEntry, FieldError> {
    let cell = |n: usize| row.get(n).map_or("", |cell| cell.trim());
    let area = cell(0);
    if area.is_empty() {
        return Err(FieldError::required("area"));
    }
    let year = cell(1).parse::<i32>().ok().filter(|year| (1800..=2200).contains(year));
    let year = year.ok_or_else(|| FieldError::of("year", "number"))?;
    let number = cell(2).trim_start_matches('0').parse::<u64>().ok().filter(|number| *number < 1_000_000_000);
    let number = number.ok_or_else(|| FieldError::of("number", "number"))?;
    let written = day(cell(3)).ok_or_else(|| FieldError::of("day", "date"))?;
    let direction = match cell(4).to_lowercase().as_str() {
        "e" | "in" | "entrata" => "in",
        "u" | "out" | "uscita" => "out",
        "i" | "internal" | "interno" => "internal",
        _ => return Err(FieldError::of("direction", "past_direction")),
    };
    if cell(6).is_empty() {
        return Err(FieldError::required("subject"));
    }
    for (field, n, most) in [
        ("area", 0, 100),
        ("parties", 5, SUBJECT_CHARS),
        ("subject", 6, SUBJECT_CHARS),
        ("office", 7, TEXT_CHARS),
        ("case_file", 8, TEXT_CHARS),
    ] {
        if cell(n).chars().count() > most {
            return Err(FieldError::too_long(field, most));
        }
    }
    let digest = cell(9).to_lowercase();
    if !digest.is_empty() && (digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(FieldError::of("digest", "past_digest"));
    }
    Ok(PastEntry {
        area: area.into(),
        year,
        number,
        day: LegalDay::to_string(&written),
        direction: direction.into(),
        // Several in a cell are divided by a bar, as spreadsheets keep them on one line.
        parties: cell(5).split(['|', '\n']).map(str::trim).collect::<Vec<_>>().join("\n"),
        subject: cell(6).into(),
        office: cell(7).into(),
        case_file: cell(8).into(),
        digest,
    })
}

/// What is not UTF-8 is read as spreadsheets on Windows write it. What is kept are the bytes as they came.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
    }
}

/// A file of entries: a line of headings, then register, year, number, day, direction, parties, subject, office, case file,
/// digest.
fn parse_file(text: &str) -> Result<Vec<(usize, PastEntry)>, LineError> {
    let mut entries = Vec::new();
    let mut seen = HashSet::new();
    let Some(rows) = csv::below_headings(text, |row| read(row).is_ok()) else {
        return Err(LineError { line: 1, error: FieldError::of("number", "headings") });
    };
    for (line, row) in rows {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let entry = read(&row).map_err(|error| LineError { line, error })?;
        if !seen.insert((entry.area.clone(), entry.year, entry.number)) {
            return Err(LineError { line, error: FieldError::of("number", "taken") });
        }
        entries.push((line, entry));
        if entries.len() > MOST {
            let error = FieldError { field: "number", code: "past_lines", limit: Some(MOST as u64) };
            return Err(LineError { line, error });
        }
    }
    if entries.is_empty() {
        return Err(LineError { line: 1, error: FieldError::of("number", "past_empty") });
    }
    Ok(entries)
}

impl Desk {
    /// Entries of past registers, newest year first.
    pub async fn past_entries(&self, actor: &Actor, filter: &Filter, most: usize) -> Outcome<Vec<PastRow>> {
        Self::may_read_register(actor)?;
        Ok(past::rows(self.archive.database(), &actor.administration, filter, most).await?)
    }

    /// The past registers there are: area, year, how many entries.
    pub async fn past_registers(&self, actor: &Actor) -> Outcome<Vec<(String, i32, i64)>> {
        Self::may_read_register(actor)?;
        Ok(past::registers(self.archive.database(), &actor.administration).await?)
    }

    /// The files that were brought.
    pub async fn past_batches(&self, actor: &Actor) -> Outcome<Vec<BatchRow>> {
        Self::manages_register(actor)?;
        Ok(past::batches(self.archive.database(), &actor.administration).await?)
    }

    /// What a file would bring; nothing is written.
    pub async fn look_at_past(&self, actor: &Actor, bytes: &[u8]) -> Outcome<Result<LookedPast, LineError>> {
        Self::manages_register(actor)?;
        let lines = match parse_file(&decoded(bytes)) {
            Ok(lines) => lines,
            Err(line) => return Ok(Err(line)),
        };
        let database = self.archive.database();
        let batch = hex(&sha256(bytes));
        let known = past::is_known(database, &actor.administration, &batch).await?;
        if !known {
            for (line, entry) in &lines {
                let key = args![&actor.administration, &entry.area, entry.year, entry.number];
                if database.scalar_i64(TAKEN, key).await.map_err(plico_archive::ArchiveError::from)? > 0 {
                    return Ok(Err(LineError { line: *line, error: FieldError::of("number", "past_taken") }));
                }
            }
        }
        let entries: Vec<PastEntry> = lines.into_iter().map(|(_, entry)| entry).collect();
        let mut registers: Vec<(String, i32, usize)> = Vec::new();
        for entry in &entries {
            match registers.iter_mut().find(|(area, year, _)| *area == entry.area && *year == entry.year) {
                Some((_, _, many)) => *many += 1,
                None => registers.push((entry.area.clone(), entry.year, 1)),
            }
        }
        let first = entries.iter().take(20).cloned().collect();
        Ok(Ok(LookedPast { batch, registers, known, first, entries }))
    }

    /// Takes a file that was looked at, all or nothing; the same file again is taken no second time. Answers how many
    /// entries it has.
    pub async fn import_past(
        &self,
        actor: &Actor,
        (name, bytes): (&str, &[u8]),
        seen: &str,
    ) -> Outcome<Result<usize, LineError>> {
        let looked = match self.look_at_past(actor, bytes).await? {
            Ok(looked) => looked,
            Err(line) => return Ok(Err(line)),
        };
        if looked.batch != seen {
            return refuse(Refusal::Invalid(vec![FieldError::of("file", "past_other")]));
        }
        let many = looked.entries.len();
        if looked.known {
            return Ok(Ok(many));
        }
        self.archive.need_room()?;
        let document = self.store_list(bytes, name, "text/csv").await?;
        let pieces: Vec<Vec<PastEntry>> = looked.entries.chunks(PIECE).map(<[_]>::to_vec).collect();
        let (actor, batch) = (actor.clone(), looked.batch);
        let name: String = plico_package::name::clean(name);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let count = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
                    let mut document = Some(document);
                    for (piece, entries) in (1..).zip(pieces) {
                        for entry in &entries {
                            // Somebody may have brought the same register a moment ago.
                            let key = args![&actor.administration, &entry.area, entry.year, entry.number];
                            if work.tx.scalar_i64(TAKEN, key).await? > 0 {
                                return refuse(Refusal::Exists);
                            }
                        }
                        let act = RegisterImported {
                            batch: batch.clone(),
                            name: name.clone(),
                            piece,
                            pieces: count,
                            entries,
                        };
                        let mut event = NewEvent::by(&actor, format!("past/{batch}"), act);
                        event.documents = document.take().into_iter().collect();
                        work.append(event).await?;
                    }
                    Ok(Ok(many))
                })
            })
            .await
    }

    /// Stores what a register brought, or was answered.
    pub(crate) async fn store_list(
        &self,
        bytes: &[u8],
        name: &str,
        media_type: &str,
    ) -> Outcome<NewDocument> {
        let key = DataKey::new(self.archive.entropy().bytes());
        let stored = self.archive.vault().store(&key, self.archive.entropy().bytes(), bytes).await;
        let stored = stored.map_err(plico_archive::ArchiveError::from)?;
        let entry = DocumentEntry {
            id: self.fresh_id(),
            name: plico_package::name::clean(name),
            media_type: media_type.into(),
            size: stored.size,
            sha256: hex(&stored.sha256),
            salt: String::new(),
            role: "register".into(),
            verification: None,
            sealed: false,
        };
        Ok(committed(stored, key, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_or_its_line_is_named() {
        let head = "registro;anno;numero;data;verso;soggetti;oggetto;ufficio;fascicolo;impronta\n";
        let text =
            format!("{head}PROT;2019;0000123;03/02/2019;E;Anna Bassi|Ugo Neri;Domanda;Tributi;2019/4;\n");
        let entry = parse_file(&text).unwrap().remove(0).1;
        assert_eq!((entry.number, entry.day.as_str(), entry.direction.as_str()), (123, "2019-02-03", "in"));
        assert_eq!(entry.parties, "Anna Bassi\nUgo Neri");
        for (line, field, code) in [
            ("", "number", "past_empty"),
            (";2019;1;2019-01-01;E;;x", "area", "required"),
            ("P;19;1;2019-01-01;E;;x", "year", "number"),
            ("P;2019;uno;2019-01-01;E;;x", "number", "number"),
            ("P;2019;1;ieri;E;;x", "day", "date"),
            ("P;2019;1;2019-01-01;Z;;x", "direction", "past_direction"),
            ("P;2019;1;2019-01-01;E;;", "subject", "required"),
            ("P;2019;1;2019-01-01;E;;x;;;abc", "digest", "past_digest"),
            ("P;2019;1;2019-01-01;E;;x\nP;2019;01;2019-01-02;U;;y", "number", "taken"),
        ] {
            let wrong = parse_file(&format!("{head}{line}\n")).unwrap_err();
            assert_eq!((wrong.error.field, wrong.error.code), (field, code), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(text: String) {
            let _ = parse_file(&text);
        }
    }
}
