//! The classification scheme (*titolario*, art. 64 DPR 445/2000): settings `class.<code>`, each with the days between
//! which it may be used. Which class a message has is an event; the class that a kind names is given with the number.

use plico_archive::read::body;
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{MessageClassified, SettingChanged};
use plico_record::authority::Deed;
use plico_record::day::LegalDay;
use serde::{Deserialize, Serialize};

use crate::csv;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Classes of a scheme that a file may bring.
pub const MOST: usize = 5_000;
/// Characters of a code.
const CODE_CHARS: usize = 30;
/// Characters of a title.
const TITLE_CHARS: usize = 200;
const PREFIX: &str = "class.";

/// A class.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// `VI.3`; never changed.
    pub code: String,
    /// What belongs to it.
    pub title: String,
    /// First day of its use, `YYYY-MM-DD`.
    pub from: String,
    /// Last day of its use, where it is not used any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Class {
    /// Whether it may be given on a day (`YYYY-MM-DD`).
    pub fn in_use(&self, day: &str) -> bool {
        self.from.as_str() <= day && self.until.as_deref().is_none_or(|until| day <= until)
    }
}

/// What does not fit in a line of a file; lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// The line.
    pub line: usize,
    /// What is wrong there.
    pub error: FieldError,
}

/// What a file brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brought {
    /// Classes that were not there.
    pub added: usize,
    /// Classes that are now called otherwise or used at other times.
    pub changed: usize,
    /// Those that stayed as they were.
    pub same: usize,
}

/// A piece of a code: numbers by their value, be they Roman or not, and words after them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Number(u64),
    Word(String),
}

/// Where a code stands in the scheme: `II` before `IX`, `VI.9` before `VI.10`.
fn place(code: &str) -> Vec<Piece> {
    let piece = |text: &str| {
        let number = text.parse().ok().or_else(|| roman(text));
        number.map_or_else(|| Piece::Word(text.to_lowercase()), Piece::Number)
    };
    code.split(['.', '/', '-']).map(piece).collect()
}

/// The value of a Roman number.
fn roman(text: &str) -> Option<u64> {
    const SIGNS: [(&str, u64); 9] =
        [("C", 100), ("XC", 90), ("L", 50), ("XL", 40), ("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1)];
    let (mut rest, mut value) = (text, 0);
    for (sign, worth) in SIGNS {
        let most = if sign.len() == 1 && !matches!(sign, "V" | "L") { 3 } else { 1 };
        for _ in 0..most {
            let Some(after) = rest.strip_prefix(sign) else { break };
            (rest, value) = (after, value + worth);
        }
    }
    (rest.is_empty() && value > 0).then_some(value)
}

fn good_code(code: &str) -> bool {
    code.len() <= CODE_CHARS
        && code
            .split(['.', '/', '-'])
            .all(|piece| !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A day as a form or a spreadsheet writes it: `2026-11-23` or `23/11/2026`.
pub(crate) fn day(text: &str) -> Option<LegalDay> {
    let text = text.trim();
    let Some((day, rest)) = text.split_once('/') else { return LegalDay::parse(text) };
    let (month, year) = rest.split_once('/')?;
    LegalDay::parse(&format!("{year}-{month:0>2}-{day:0>2}"))
}

/// A class as it was typed; what does not fit.
fn read(code: &str, title: &str, from: &str, until: &str, today: &str) -> Result<Class, Vec<FieldError>> {
    let (code, title) = (code.trim(), title.trim());
    let mut errors = Vec::new();
    if code.is_empty() {
        errors.push(FieldError::required("code"));
    } else if !good_code(code) {
        errors.push(FieldError::of("code", "class_code"));
    }
    if title.is_empty() {
        errors.push(FieldError::required("title"));
    } else if title.chars().count() > TITLE_CHARS {
        errors.push(FieldError::too_long("title", TITLE_CHARS));
    }
    let first = if from.trim().is_empty() { LegalDay::parse(today) } else { day(from) };
    if first.is_none() {
        errors.push(FieldError::of("from", "date"));
    }
    let last = Some(until).filter(|until| !until.trim().is_empty()).map(day);
    if last.is_some_and(|last| last.is_none() || last < first) {
        errors.push(FieldError::of("until", "date"));
    }
    let Some(first) = first.filter(|_| errors.is_empty()) else { return Err(errors) };
    Ok(Class {
        code: code.into(),
        title: title.into(),
        from: first.to_string(),
        until: last.flatten().map(|day| day.to_string()),
    })
}

/// A file of classes: a line of headings, then code, title, first and last day.
fn parse_file(text: &str, today: &str) -> Result<Vec<Class>, LineError> {
    let wrong = |line, error| LineError { line, error };
    let mut classes: Vec<Class> = Vec::new();
    for (line, row) in csv::rows(text).into_iter().skip(1) {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let cell = |n: usize| row.get(n).map_or("", String::as_str);
        let class = read(cell(0), cell(1), cell(2), cell(3), today).map_err(|errors| {
            wrong(line, errors.into_iter().next().unwrap_or(FieldError::required("code")))
        })?;
        if classes.iter().any(|other| other.code == class.code) {
            return Err(wrong(line, FieldError::of("code", "taken")));
        }
        classes.push(class);
        if classes.len() > MOST {
            return Err(wrong(
                line,
                FieldError { field: "code", code: "class_lines", limit: Some(MOST as u64) },
            ));
        }
    }
    if classes.is_empty() {
        return Err(wrong(1, FieldError::of("code", "class_empty")));
    }
    Ok(classes)
}

impl Desk {
    /// The scheme of an administration in its order, classes out of use included.
    pub async fn scheme(&self, administration: &str) -> Outcome<Vec<Class>> {
        let settings = body::settings(self.archive.database(), administration, PREFIX).await?;
        let mut classes: Vec<Class> =
            settings.into_iter().filter_map(|(_, value)| serde_json::from_value(value).ok()).collect();
        classes.sort_by_cached_key(|class| place(&class.code));
        Ok(classes)
    }

    /// The scheme, and whether the actor may change it.
    pub async fn scheme_of(&self, actor: &Actor) -> Outcome<(Vec<Class>, bool)> {
        Self::may_read_register(actor)?;
        Ok((self.scheme(&actor.administration).await?, Self::manages_register(actor).is_ok()))
    }

    /// The classes that may be given today.
    pub async fn classes(&self, administration: &str) -> Outcome<Vec<Class>> {
        let today = self.today();
        let mut classes = self.scheme(administration).await?;
        classes.retain(|class| class.in_use(&today));
        Ok(classes)
    }

    /// A class by its code, in use or not.
    pub async fn class(&self, administration: &str, code: &str) -> Outcome<Option<Class>> {
        let value =
            body::setting(self.archive.database(), administration, &format!("{PREFIX}{code}")).await?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// The class of a code that was chosen; nothing was, or one that is not in use is refused.
    pub(crate) async fn chosen_class(&self, administration: &str, code: &str) -> Outcome<String> {
        let code = code.trim();
        if code.is_empty() || !self.usable(administration, code).await?.is_empty() {
            return Ok(code.into());
        }
        refuse(Refusal::Invalid(vec![FieldError::of("class", "unknown")]))
    }

    /// The code where its class is in use today; nothing otherwise.
    pub(crate) async fn usable(&self, administration: &str, code: &str) -> Outcome<String> {
        if code.is_empty() {
            return Ok(String::new());
        }
        let class = self.class(administration, code).await?.filter(|class| class.in_use(&self.today()));
        Ok(class.map(|class| class.code).unwrap_or_default())
    }

    /// Adds a class, or changes its title and when it is used.
    pub async fn save_class(
        &self,
        actor: &Actor,
        (code, title): (&str, &str),
        (from, until): (&str, &str),
    ) -> Outcome<()> {
        Self::manages_register(actor)?;
        match read(code, title, from, until, &self.today()) {
            Ok(class) => self.bring(actor, vec![class]).await.map(|_| ()),
            Err(errors) => refuse(Refusal::Invalid(errors)),
        }
    }

    /// Takes the classes of a file, all or none. Those that it does not name stay.
    pub async fn import_scheme(&self, actor: &Actor, text: &str) -> Outcome<Result<Brought, LineError>> {
        Self::manages_register(actor)?;
        match parse_file(text, &self.today()) {
            Ok(classes) => self.bring(actor, classes).await.map(Ok),
            Err(line) => Ok(Err(line)),
        }
    }

    async fn bring(&self, actor: &Actor, classes: Vec<Class>) -> Outcome<Brought> {
        let known = self.scheme(&actor.administration).await?;
        let mut brought = Brought { added: 0, changed: 0, same: 0 };
        let mut events = Vec::new();
        for class in classes {
            let old = known.iter().find(|old| old.code == class.code);
            match old {
                Some(old) if *old == class => {
                    brought.same += 1;
                    continue;
                }
                Some(_) => brought.changed += 1,
                None => brought.added += 1,
            }
            let act = SettingChanged {
                name: format!("{PREFIX}{}", class.code),
                old: old.map(serde_json::to_value).transpose().map_err(fault)?,
                new: serde_json::to_value(&class).map_err(fault)?,
            };
            events.push(NewEvent::by(actor, "settings", act));
        }
        self.append_all(events).await?;
        Ok(brought)
    }

    /// Gives a message its class, or another one; the earlier ones stay in its history.
    pub async fn classify(&self, actor: &Actor, message: &str, code: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Assign, message).await?;
        let class = self.chosen_class(&actor.administration, code).await?;
        if class.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("class")]));
        }
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move { classified(work, &actor, &row.id, &class).await })
            })
            .await
    }
}

const CLASS_OF: &str = "select class from message where id = $1";
const SCHEME: &str = "select value from setting where administration = $1 and name = $2";

/// The class that a message has; empty while it has none.
pub(crate) async fn class_of(work: &mut Work, message: &str) -> Result<String, ActError<Refusal>> {
    Ok(work.tx.scalar_text(CLASS_OF, args![message]).await?.unwrap_or_default())
}

/// Writes that a message has the class of a code, unless it has it already. An empty code and one that the scheme does
/// not know are no class.
pub(crate) async fn classified(
    work: &mut Work,
    actor: &Actor,
    message: &str,
    code: &str,
) -> Result<(), ActError<Refusal>> {
    if code.is_empty() || class_of(work, message).await? == code {
        return Ok(());
    }
    let name = format!("{PREFIX}{code}");
    let value = work.tx.scalar_text(SCHEME, args![&actor.administration, name]).await?;
    let Some(class) = value.and_then(|value| serde_json::from_str::<Class>(&value).ok()) else {
        return Ok(());
    };
    let act = MessageClassified { message: message.into(), class: class.code, title: class.title };
    work.append(NewEvent::by(actor, message, act)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_stands_in_its_order() {
        let mut codes = vec!["X.1", "VI.10", "IX", "VI.9", "II", "VI.9.a", "Allegato", "VI", "6", "12"];
        codes.sort_by_cached_key(|code| place(code));
        assert_eq!(codes, ["II", "VI", "6", "VI.9", "VI.9.a", "VI.10", "IX", "X.1", "12", "Allegato"]);
        for (text, value) in [("XIV", 14), ("XCIX", 99), ("III", 3), ("LVIII", 58)] {
            assert_eq!(roman(text), Some(value), "{text}");
        }
        for not in ["", "IIII", "VV", "ABC"] {
            assert_eq!(roman(not), None, "{not}");
        }
    }

    #[test]
    fn a_file_of_classes_is_read_or_its_line_is_named() {
        let text = "\u{feff}codice;voce;dal;al\r\nI;Amministrazione generale;01/01/2020;\r\nI.1;\"Leggi; decreti\";2020-01-01;31/12/2025\r\n;;;\r\n";
        let classes = parse_file(text, "2026-11-23").unwrap();
        assert_eq!(classes.len(), 2);
        assert_eq!((classes[0].from.as_str(), &classes[0].until), ("2020-01-01", &None));
        assert_eq!(classes[1].until.as_deref(), Some("2025-12-31"));
        assert!(!classes[1].in_use("2026-01-01") && classes[1].in_use("2025-12-31"));
        for (text, line, field, code) in [
            ("a;b\n", 1, "code", "class_empty"),
            ("a;b\nI\n", 2, "title", "required"),
            ("a;b\nI;Uno\nI;Due\n", 3, "code", "taken"),
            ("a;b\nI..1;Uno\n", 2, "code", "class_code"),
            ("a;b\nI;Uno;ieri\n", 2, "from", "date"),
            ("a;b\nI;Uno;2026-02-01;2026-01-01\n", 2, "until", "date"),
        ] {
            let wrong = parse_file(text, "2026-11-23").unwrap_err();
            assert_eq!((wrong.line, wrong.error.field, wrong.error.code), (line, field, code), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(text: String) {
            let _ = parse_file(&text, "2026-11-23");
        }
    }
}
