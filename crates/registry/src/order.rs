//! What is asked of an outside registry, in no vendor's words, and how far it came.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// To the body.
    In,
    /// From the body.
    Out,
    /// Within the body.
    Internal,
}

/// A sender or a recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correspondent {
    /// Name and surname, or the name of a company or body.
    pub name: String,
    /// Whether it is a company or a body.
    pub organisation: bool,
    /// Fiscal code of a person, or VAT number of a company.
    pub fiscal_code: Option<String>,
    /// Address of certified or ordinary mail.
    pub email: Option<String>,
}

/// A document to be registered. Its bytes are asked of [`crate::Contents`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Our identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Measured from the bytes.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

impl File {
    /// What it is called where it stands among others: with its position, since names may come twice. The primary one,
    /// at 0, keeps its name.
    pub fn described(&self, position: usize) -> String {
        if position == 0 { self.name.clone() } else { format!("{position}. {}", self.name) }
    }
}

/// An order to register. The first of the documents is the primary one; there always is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Our key, put into the registered object, by which it is found again. Printable ASCII without spaces.
    pub key: String,
    /// Which way it goes.
    pub flow: Flow,
    /// The subject.
    pub subject: String,
    /// When it was presented, or written (UTC milliseconds).
    pub presented_ms: i64,
    /// The day of that in Rome, `YYYY-MM-DD`.
    pub day: String,
    /// Senders of what comes in, recipients of what goes out.
    pub parties: Vec<Correspondent>,
    /// Our office, by name.
    pub office: String,
    /// The registry's code of that office; empty where none is configured.
    pub office_code: String,
    /// Code in the classification scheme; empty where none is configured.
    pub classification: String,
    /// Case file, as the registry names it; empty where none is configured.
    pub case_file: String,
    /// Documents, the primary one first.
    pub documents: Vec<File>,
    /// What a vendor wants besides, by the names that its README gives.
    pub options: BTreeMap<String, String>,
}

impl Order {
    /// An option, or what stands for it.
    pub fn option<'a>(&'a self, name: &str, otherwise: &'a str) -> &'a str {
        self.options.get(name).map_or(otherwise, String::as_str)
    }

    /// Where a document stands: 0 for the primary one.
    pub fn position(&self, file: &File) -> usize {
        self.documents.iter().position(|known| known.id == file.id).unwrap_or_default()
    }

    /// The subject with our key, for registries that have no better place for it, in at most `longest` characters.
    pub fn subject_with_key(&self, longest: usize) -> String {
        let tail = format!(" [{}]", self.key);
        let room = longest.saturating_sub(tail.chars().count());
        let head: String = self.subject.chars().take(room).collect();
        format!("{head}{tail}")
    }
}

/// Our key in a text that a registry gave back: what [`Order::subject_with_key`] put there.
pub fn key_in(text: &str) -> Option<String> {
    let start = text.rfind("[PLICO-")? + 1;
    let end = start + text[start..].find(']')?;
    Some(text[start..end].to_owned())
}

/// A number that a registry gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// The number.
    pub number: u64,
    /// Its year.
    pub year: i32,
    /// Its date as the registry says it, `YYYY-MM-DD`; empty where it says none.
    pub date: String,
    /// The registry's own identifier of the object; empty where it has none.
    pub reference: String,
    /// The registry's own text of the mark (*segnatura*); empty where it has none.
    pub mark: String,
}

/// How far an order came: folded from what was answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoFar {
    /// Identifier of the object that was made ready without a number.
    pub prepared: Option<String>,
    /// Files that arrived before the number, by our identifier, with what the registry calls each.
    pub uploaded: BTreeMap<String, String>,
    /// The number.
    pub numbered: Option<Numbered>,
    /// Files that arrived with the number or after it, by our identifier.
    pub attached: BTreeSet<String>,
}

impl SoFar {
    /// Whether a file is there.
    pub fn has(&self, file: &str) -> bool {
        self.uploaded.contains_key(file) || self.attached.contains(file)
    }
}

/// In what order a system takes things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// An object without a number first, then its files, the number last.
    NumberLast,
    /// Files first, each by itself; the number takes them.
    FilesFirst,
    /// The number first, files after it.
    FilesAfter,
    /// Everything in one request.
    AllAtOnce,
}

/// How an object is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// By our key.
    ByKey,
    /// Only when its number is known.
    ByNumber,
    /// Not at all.
    Never,
}

/// What a system can do. What it cannot is said, not faked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// The order of things.
    pub way: Way,
    /// Finding.
    pub finding: Finding,
    /// Numbering the same object again never gives a second number.
    pub numbers_once: bool,
    /// It numbers what the body sends.
    pub out: bool,
    /// A registration can be annulled.
    pub annul: bool,
    /// Case files can be opened, filled and closed.
    pub case_files: bool,
    /// The registrations of a day can be listed.
    pub days: bool,
}

/// One thing to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Make the object ready, without a number.
    Prepare,
    /// Send a file that goes before the number.
    Upload {
        /// Our identifier of it.
        file: String,
    },
    /// Ask for the number.
    Number,
    /// Send a file after the number.
    Attach {
        /// Our identifier of it.
        file: String,
    },
}

impl Step {
    /// The stable name, in events and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Upload { .. } => "upload",
            Self::Number => "number",
            Self::Attach { .. } => "attach",
        }
    }

    /// The file it is about.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Upload { file } | Self::Attach { file } => Some(file),
            Self::Prepare | Self::Number => None,
        }
    }

    /// Reads what [`Step::code`] and [`Step::file`] say.
    pub fn parse(code: &str, file: Option<&str>) -> Option<Self> {
        let file = || file.map(str::to_owned);
        Some(match code {
            "prepare" => Self::Prepare,
            "upload" => Self::Upload { file: file()? },
            "number" => Self::Number,
            "attach" => Self::Attach { file: file()? },
            _ => return None,
        })
    }
}

/// What is to be done next; `None` when everything is there.
pub fn next(order: &Order, can: Abilities, so_far: &SoFar) -> Option<Step> {
    let missing = || order.documents.iter().find(|file| !so_far.has(&file.id)).map(|file| file.id.clone());
    if so_far.numbered.is_some() {
        return missing().map(|file| Step::Attach { file });
    }
    let before = matches!(can.way, Way::NumberLast | Way::FilesFirst);
    if can.way == Way::NumberLast && so_far.prepared.is_none() {
        return Some(Step::Prepare);
    }
    match missing() {
        Some(file) if before => Some(Step::Upload { file }),
        _ => Some(Step::Number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        let file = |id: &str| File {
            id: id.into(),
            name: format!("{id}.pdf"),
            media_type: "application/pdf".into(),
            size: 1,
            sha256: String::new(),
        };
        Order {
            key: "PLICO-1".into(),
            flow: Flow::In,
            subject: "Richiesta".into(),
            presented_ms: 0,
            day: "2026-11-23".into(),
            parties: vec![],
            office: String::new(),
            office_code: String::new(),
            classification: String::new(),
            case_file: String::new(),
            documents: vec![file("a"), file("b")],
            options: BTreeMap::new(),
        }
    }

    fn steps(way: Way) -> Vec<String> {
        let can = Abilities {
            way,
            finding: Finding::Never,
            numbers_once: false,
            out: false,
            annul: false,
            case_files: false,
            days: false,
        };
        let (order, mut so_far, mut done) = (order(), SoFar::default(), Vec::new());
        while let Some(step) = next(&order, can, &so_far) {
            done.push(format!("{} {}", step.code(), step.file().unwrap_or_default()).trim().to_owned());
            match step {
                Step::Prepare => so_far.prepared = Some("1".into()),
                Step::Upload { file } => drop(so_far.uploaded.insert(file, "1".into())),
                Step::Attach { file } => drop(so_far.attached.insert(file)),
                Step::Number => {
                    so_far.numbered = Some(Numbered {
                        number: 1,
                        year: 2026,
                        date: String::new(),
                        reference: String::new(),
                        mark: String::new(),
                    });
                    if way == Way::AllAtOnce {
                        so_far.attached.extend(order.documents.iter().map(|file| file.id.clone()));
                    }
                }
            }
        }
        done
    }

    #[test]
    fn each_way_takes_its_steps_once_and_ends() {
        assert_eq!(steps(Way::NumberLast), ["prepare", "upload a", "upload b", "number"]);
        assert_eq!(steps(Way::FilesFirst), ["upload a", "upload b", "number"]);
        assert_eq!(steps(Way::FilesAfter), ["number", "attach a", "attach b"]);
        assert_eq!(steps(Way::AllAtOnce), ["number"]);
    }

    #[test]
    fn a_key_always_finds_room_in_the_subject() {
        let mut order = order();
        order.subject = "è".repeat(300);
        let subject = order.subject_with_key(250);
        assert_eq!(subject.chars().count(), 250);
        assert!(subject.ends_with(" [PLICO-1]"));
    }
}
