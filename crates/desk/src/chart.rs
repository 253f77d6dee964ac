//! The office chart (*organigramma*): who stands under whom, who answers for it, and from when to when; brought as a file,
//! looked at first. An office that is over gets nothing new; what waits there is listed.

use plico_archive::read::body::{self, Office};
use plico_archive::read::queue;
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::OfficeChanged;
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;

use crate::csv;
use crate::refusal::{permit, refuse};
use crate::scheme::{LineError, day};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Offices that a file may bring.
pub const MOST: usize = 2_000;
const CODE_CHARS: usize = 40;
const TEXT_CHARS: usize = 200;

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    at: usize,
    code: String,
    name: String,
    parent: String,
    responsible: String,
    email: String,
    from: Option<LegalDay>,
    until: Option<LegalDay>,
}

/// What a line of a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// An office that was not there.
    Added,
    /// An office that is now otherwise.
    Changed,
    /// It stays as it is.
    Same,
}

/// What a file would do.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Each line: code, name, what it does, and whether it ends the office.
    pub lines: Vec<LookedLine>,
    /// Names of open offices that the file does not name: they stay.
    pub left: Vec<String>,
    changes: Vec<OfficeChanged>,
}

/// What a line would do.
#[derive(Debug, Clone)]
pub struct LookedLine {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// What it does.
    pub change: Change,
    /// The last day, where it has one.
    pub until: Option<String>,
    /// What waits there, where the office is over already.
    pub waiting: i64,
}

/// An office in the chart.
#[derive(Debug, Clone)]
pub struct Charted {
    /// The office.
    pub office: Office,
    /// How many offices stand above it.
    pub depth: usize,
    /// Whether it is open today.
    pub open: bool,
    /// What waits there: registered, taken in charge, or asked to be supplemented.
    pub waiting: i64,
}

/// Another office has this code.
const CODED: &str = "select count(*) from office where administration = $1 and code = $2 and id <> $3";

fn open_on(office: &Office, day: &str) -> bool {
    office.valid_from.as_str() <= day && office.valid_until.as_deref().is_none_or(|until| day <= until)
}

fn read(line: usize, row: &[String]) -> Result<Line, FieldError> {
    let cell = |n: usize| row.get(n).map_or("", |cell| cell.trim());
    let (code, name, responsible, email) = (cell(0), cell(1), cell(3), cell(4));
    if code.is_empty() {
        return Err(FieldError::required("code"));
    }
    let good = code.chars().count() <= CODE_CHARS
        && code.chars().all(|c| c.is_alphanumeric() || ['-', '_', '.', '/'].contains(&c));
    if !good {
        return Err(FieldError::of("code", "office_code"));
    }
    if name.is_empty() {
        return Err(FieldError::required("name"));
    }
    for (field, text) in [("name", name), ("responsible", responsible)] {
        if text.chars().count() > TEXT_CHARS {
            return Err(FieldError::too_long(field, TEXT_CHARS));
        }
    }
    if !email.is_empty() && (!email.contains('@') || email.chars().count() > TEXT_CHARS) {
        return Err(FieldError::of("email", "email"));
    }
    let date = |field, text: &str| match text {
        "" => Ok(None),
        text => day(text).map(Some).ok_or_else(|| FieldError::of(field, "date")),
    };
    let (from, until) = (date("from", cell(5))?, date("until", cell(6))?);
    Ok(Line {
        at: line,
        code: code.into(),
        name: name.into(),
        parent: cell(2).into(),
        responsible: responsible.into(),
        email: email.into(),
        from,
        until,
    })
}

/// A file of offices: a line of headings, then code, name, code of the office above, responsible, e-mail, first and last day.
fn parse_file(text: &str) -> Result<Vec<Line>, LineError> {
    let mut lines: Vec<Line> = Vec::new();
    for (line, row) in csv::rows(text).into_iter().skip(1) {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let read = read(line, &row).map_err(|error| LineError { line, error })?;
        if lines.iter().any(|other| other.code == read.code) {
            return Err(LineError { line, error: FieldError::of("code", "taken") });
        }
        lines.push(read);
        if lines.len() > MOST {
            let error = FieldError { field: "code", code: "chart_lines", limit: Some(MOST as u64) };
            return Err(LineError { line, error });
        }
    }
    if lines.is_empty() {
        return Err(LineError { line: 1, error: FieldError::of("code", "chart_empty") });
    }
    Ok(lines)
}

/// What a line makes of its office: of one that is known an empty cell keeps what is there.
fn filled(
    line: &Line,
    office: String,
    parent: String,
    old: Option<&Office>,
    today: &str,
) -> Result<OfficeChanged, FieldError> {
    let kept = |given: &str, of: fn(&Office) -> &String| match old {
        Some(old) if given.is_empty() => of(old).clone(),
        _ => given.to_owned(),
    };
    let responsible = kept(&line.responsible, |old| &old.responsible);
    if responsible.is_empty() {
        return Err(FieldError::required("responsible"));
    }
    let from = line.from.map(|day| day.to_string()).unwrap_or_default();
    let from = Some(kept(&from, |old| &old.valid_from)).filter(|from| !from.is_empty());
    let from = from.unwrap_or_else(|| today.to_owned());
    let until = line.until.map(|day| day.to_string());
    let until = until.or_else(|| old.and_then(|old| old.valid_until.clone()));
    if until.as_ref().is_some_and(|until| *until < from) {
        return Err(FieldError::of("until", "date"));
    }
    Ok(OfficeChanged {
        office,
        name: line.name.clone(),
        responsible,
        email: kept(&line.email, |old| &old.email),
        protocol: old.is_some_and(|office| office.protocol),
        from,
        until,
        code: line.code.clone(),
        parent,
    })
}

/// The office that each line is of, and those that are to be written. An office without a code is known by its name.
fn compare(
    lines: &[Line],
    known: &[Office],
    today: &str,
    mut fresh: impl FnMut() -> String,
) -> Result<Vec<(Change, OfficeChanged)>, LineError> {
    let of = |line: &Line| {
        let same = |office: &&Office| office.code == line.code;
        let named = |office: &&Office| office.code.is_empty() && office.name.eq_ignore_ascii_case(&line.name);
        known.iter().find(same).or_else(|| known.iter().find(named))
    };
    let ids: Vec<(String, String)> = lines
        .iter()
        .map(|line| (line.code.clone(), of(line).map_or_else(&mut fresh, |office| office.id.clone())))
        .collect();
    let id_of = |code: &str| {
        let own = ids.iter().find(|(known, _)| known == code).map(|(_, id)| id.clone());
        own.or_else(|| known.iter().find(|office| office.code == code).map(|office| office.id.clone()))
    };
    let mut written = Vec::with_capacity(lines.len());
    for (place, (line, (_, id))) in lines.iter().zip(&ids).enumerate() {
        // Two lines of one office, one by its code and one by its name, say two things of it.
        if ids[..place].iter().any(|(_, other)| other == id) {
            return Err(LineError { line: line.at, error: FieldError::of("name", "taken") });
        }
        let wrong = |code| LineError { line: line.at, error: FieldError::of("parent", code) };
        let parent = match line.parent.as_str() {
            "" => String::new(),
            code => id_of(code).ok_or_else(|| wrong("unknown"))?,
        };
        let old = of(line);
        let new = filled(line, id.clone(), parent, old, today)
            .map_err(|error| LineError { line: line.at, error })?;
        let change = match old {
            None => Change::Added,
            Some(old) if as_event(old) == new => Change::Same,
            Some(_) => Change::Changed,
        };
        written.push((change, new));
    }
    // Nobody stands above himself.
    let above = |id: &str| {
        let new = written.iter().find(|(_, act)| act.office == id).map(|(_, act)| act.parent.clone());
        new.or_else(|| known.iter().find(|office| office.id == id).map(|office| office.parent.clone()))
    };
    for (line, (_, act)) in lines.iter().zip(&written) {
        let mut at = act.parent.clone();
        for _ in 0..=lines.len() + known.len() {
            if at == act.office {
                return Err(LineError { line: line.at, error: FieldError::of("parent", "chart_circle") });
            }
            match above(&at) {
                Some(next) if !at.is_empty() => at = next,
                _ => break,
            }
        }
    }
    Ok(written)
}

fn as_event(office: &Office) -> OfficeChanged {
    OfficeChanged {
        office: office.id.clone(),
        name: office.name.clone(),
        responsible: office.responsible.clone(),
        email: office.email.clone(),
        protocol: office.protocol,
        from: office.valid_from.clone(),
        until: office.valid_until.clone(),
        code: office.code.clone(),
        parent: office.parent.clone(),
    }
}

impl Desk {
    /// An office of an administration that is open today: others get nothing new.
    pub(crate) async fn open_office(&self, administration: &str, id: &str) -> Outcome<Option<Office>> {
        let today = self.today();
        let found = body::office(self.archive.database(), id).await?;
        Ok(found.filter(|office| office.administration == administration && open_on(office, &today)))
    }

    /// The chart in its order, offices that are over included, with what waits in each.
    pub async fn chart(&self, actor: &Actor) -> Outcome<Vec<Charted>> {
        Self::may_read_register(actor)?;
        let database = self.archive.database();
        let offices = body::offices(database, &actor.administration).await?;
        let waiting = queue::waiting_by_office(database, &actor.administration).await?;
        let today = self.today();
        let mut chart = Vec::with_capacity(offices.len());
        let is_there = |id: &str| offices.iter().any(|office| office.id == id);
        let top = |office: &&Office| office.parent.is_empty() || !is_there(&office.parent);
        let mut next: Vec<(&Office, usize)> = offices.iter().filter(top).map(|office| (office, 0)).collect();
        next.reverse();
        while let Some((office, depth)) = next.pop() {
            let mut below: Vec<(&Office, usize)> = offices
                .iter()
                .filter(|other| other.parent == office.id)
                .map(|office| (office, depth + 1))
                .collect();
            below.reverse();
            next.extend(below);
            chart.push(Charted {
                depth,
                open: open_on(office, &today),
                waiting: waiting.iter().find(|(id, _)| *id == office.id).map_or(0, |(_, many)| *many),
                office: office.clone(),
            });
        }
        Ok(chart)
    }

    /// What a file would do; nothing is written.
    pub async fn look_at_chart(&self, actor: &Actor, text: &str) -> Outcome<Result<Looked, LineError>> {
        permit(actor, Deed::Administer, &Thing::Administration { id: actor.administration.clone() })?;
        let today = self.today();
        let database = self.archive.database();
        let known = body::offices(database, &actor.administration).await?;
        let compared = parse_file(text).and_then(|lines| {
            compare(&lines, &known, &today, || self.fresh_id()).map(|written| (lines, written))
        });
        let (lines, written) = match compared {
            Ok(compared) => compared,
            Err(error) => return Ok(Err(error)),
        };
        let waiting = queue::waiting_by_office(database, &actor.administration).await?;
        let count = |id: &str| waiting.iter().find(|(known, _)| known == id).map_or(0, |(_, many)| *many);
        let looked = lines
            .into_iter()
            .zip(&written)
            .map(|(line, (change, act))| LookedLine {
                code: line.code,
                name: line.name,
                change: *change,
                waiting: if act.until.is_some() { count(&act.office) } else { 0 },
                until: act.until.clone(),
            })
            .collect();
        let named = |office: &&Office| written.iter().any(|(_, act)| act.office == office.id);
        let left = known.iter().filter(|office| !named(office) && open_on(office, &today));
        Ok(Ok(Looked {
            lines: looked,
            left: left.map(|office| office.name.clone()).collect(),
            changes: written
                .iter()
                .filter(|(change, _)| *change != Change::Same)
                .map(|(_, act)| act.clone())
                .collect(),
        }))
    }

    /// Takes the offices of a file, all or none. Those that it does not name stay. Answers how many were written.
    pub async fn apply_chart(&self, actor: &Actor, text: &str) -> Outcome<Result<usize, LineError>> {
        let looked = match self.look_at_chart(actor, text).await? {
            Ok(looked) => looked,
            Err(error) => return Ok(Err(error)),
        };
        match self.write_chart(actor, looked.changes).await {
            // The same file came a moment ago: what is there now is compared anew.
            Err(ActError::Refused(Refusal::Exists)) => match self.look_at_chart(actor, text).await? {
                Ok(looked) => self.write_chart(actor, looked.changes).await.map(Ok),
                Err(error) => Ok(Err(error)),
            },
            written => written.map(Ok),
        }
    }

    async fn write_chart(&self, actor: &Actor, changes: Vec<OfficeChanged>) -> Outcome<usize> {
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let many = changes.len();
                    for act in &changes {
                        let key = args![&actor.administration, &act.code, &act.office];
                        if work.tx.scalar_i64(CODED, key).await? > 0 {
                            return refuse(Refusal::Exists);
                        }
                    }
                    for act in changes {
                        work.append(NewEvent::by(&actor, "settings", act)).await?;
                    }
                    Ok(many)
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: &str = "2026-11-23";

    fn file(text: &str) -> Result<Vec<(Change, OfficeChanged)>, LineError> {
        let known = Office {
            id: "T".into(),
            administration: "b".into(),
            name: "Ufficio tributi".into(),
            responsible: "Rosa Neri".into(),
            email: "tributi@comune.example".into(),
            protocol: true,
            valid_from: "2026-01-01".into(),
            valid_until: None,
            code: String::new(),
            parent: String::new(),
        };
        let mut next = 0;
        let fresh = || {
            next += 1;
            format!("N{next}")
        };
        parse_file(text).and_then(|lines| compare(&lines, &[known], TODAY, fresh))
    }

    #[test]
    fn an_office_is_known_again_and_stands_under_another() {
        let head = "codice;ufficio;sopra;responsabile;posta;dal;al\n";
        let text = format!(
            "{head}FIN;Settore finanze;;Ugo Bassi;;01/01/2027;\nTRI;ufficio Tributi;FIN;Rosa Neri;;2026-01-01;31/12/2027\n"
        );
        let written = file(&text).unwrap();
        assert_eq!((written[0].0, written[1].0), (Change::Added, Change::Changed));
        let tributi = &written[1].1;
        assert_eq!((tributi.office.as_str(), tributi.parent.as_str()), ("T", "N1"));
        assert!(tributi.protocol, "a file does not change which the registry office is");
        assert_eq!(tributi.until.as_deref(), Some("2027-12-31"));
        let bare = file(&format!("{head}TRI;Ufficio tributi\nNEW;Nuovo;;Ugo Bassi\n")).unwrap();
        let (tributi, new) = (&bare[0].1, &bare[1].1);
        let kept = (tributi.responsible.as_str(), tributi.email.as_str(), tributi.from.as_str());
        assert_eq!(
            kept,
            ("Rosa Neri", "tributi@comune.example", "2026-01-01"),
            "an empty cell keeps what is there"
        );
        assert_eq!((new.from.as_str(), &new.until), (TODAY, &None));
    }

    #[test]
    fn a_line_that_does_not_fit_is_named() {
        for (text, line, field, code) in [
            ("a;b\n", 1, "code", "chart_empty"),
            ("a;b\nA;Uno;;\n", 2, "responsible", "required"),
            ("a;b\nA;Uno;;Ugo\nA;Due;;Ugo\n", 3, "code", "taken"),
            ("a;b\nA;Ufficio tributi\nB;ufficio Tributi\n", 3, "name", "taken"),
            ("a;b\nA;Ufficio tributi;;;;;2025-12-31\n", 2, "until", "date"),
            ("a;b\nA b;Uno;;Ugo\n", 2, "code", "office_code"),
            ("a;b\nA;Uno;Z;Ugo\n", 2, "parent", "unknown"),
            ("a;b\nA;Uno;B;Ugo\nB;Due;A;Ugo\n", 2, "parent", "chart_circle"),
            ("a;b\nA;Uno;A;Ugo\n", 2, "parent", "chart_circle"),
            ("a;b\nA;Uno;;Ugo;nessuna\n", 2, "email", "email"),
            ("a;b\nA;Uno;;Ugo;;ieri\n", 2, "from", "date"),
            ("a;b\nA;Uno;;Ugo;;2026-02-01;2026-01-01\n", 2, "until", "date"),
        ] {
            let wrong = file(text).unwrap_err();
            assert_eq!((wrong.line, wrong.error.field, wrong.error.code), (line, field, code), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(text: String) {
            let _ = file(&text);
        }
    }
}
