//! What is wrong with the lines of a deposit: pure, and said before anything is sent.

use std::collections::{BTreeMap, BTreeSet};

use plico_record::fiscal::FiscalCode;

use crate::Limits;

/// A line of the list: one letter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Fiscal code of who gets it.
    pub fiscal_code: String,
    /// His name.
    pub name: String,
    /// Subject.
    pub subject: String,
    /// Text; may be empty where there are files.
    pub text: String,
    /// Names of its files.
    pub files: Vec<String>,
}

/// A file that was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// Name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Malware was found in it.
    pub sealed: bool,
}

/// What is wrong with a line: the end of a key `deposit-fault-…`, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fault {
    /// Stable name.
    pub code: String,
    /// A file's name, or the number of another line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
}

/// What is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Of each line, in order; none is good.
    pub lines: Vec<Vec<Fault>>,
    /// Names of files that no line names.
    pub unused: Vec<String>,
    /// Names that two files have.
    pub twice: Vec<String>,
}

impl Checked {
    /// How many lines are wrong.
    pub fn wrong(&self) -> usize {
        self.lines.iter().filter(|faults| !faults.is_empty()).count()
    }

    /// Nothing is wrong at all.
    pub fn clean(&self) -> bool {
        self.wrong() == 0 && self.unused.is_empty() && self.twice.is_empty()
    }
}

/// Looks at every line. `known` are the fiscal codes of persons whose name is known already.
pub fn check(lines: &[Line], files: &[Brought], known: &BTreeSet<String>, limits: &Limits) -> Checked {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seen: BTreeMap<(&str, &str, &[String]), usize> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<&Brought>> = BTreeMap::new();
    for file in files {
        by_name.entry(&file.name).or_default().push(file);
    }
    let mut checked = Checked {
        twice: by_name.iter().filter(|(_, all)| all.len() > 1).map(|(name, _)| (*name).to_owned()).collect(),
        ..Checked::default()
    };
    for (index, line) in lines.iter().enumerate() {
        let mut faults = Vec::new();
        let mut fault =
            |code: &str, about: &str| faults.push(Fault { code: code.into(), about: about.into() });
        if FiscalCode::parse(&line.fiscal_code).is_err() {
            fault("code", &line.fiscal_code);
        } else if line.name.is_empty() && !known.contains(&line.fiscal_code) {
            fault("name", "");
        }
        match line.subject.chars().count() {
            0 => fault("subject", ""),
            chars if chars > limits.subject_chars => fault("subject-long", &limits.subject_chars.to_string()),
            _ => {}
        }
        if line.text.chars().count() > limits.text_chars {
            fault("text-long", &limits.text_chars.to_string());
        }
        if line.text.is_empty() && line.files.is_empty() {
            fault("nothing", "");
        }
        if line.files.len() > limits.files {
            fault("files", &limits.files.to_string());
        }
        let mut bytes = 0;
        for name in &line.files {
            match by_name.get(name.as_str()).map(Vec::as_slice) {
                None => fault("missing", name),
                Some([file]) if file.sealed => fault("malware", name),
                Some([file]) => bytes += file.size,
                Some(_) => fault("twice", name),
            }
            // What is one person's is never sent to another by a slip of the list.
            match named.insert(name, index + 1) {
                Some(other) if other != index + 1 => fault("shared", name),
                Some(_) => fault("repeated", name),
                None => {}
            }
        }
        if bytes > limits.message_bytes {
            fault("large", &limits.message_bytes.to_string());
        }
        if let Some(other) = seen.insert((&line.fiscal_code, &line.subject, &line.files), index + 1) {
            fault("duplicate", &other.to_string());
        }
        checked.lines.push(faults);
    }
    checked.unused =
        by_name.keys().filter(|name| !named.contains_key(*name)).map(|name| (*name).to_owned()).collect();
    checked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(code: &str, files: &[&str]) -> Line {
        Line {
            fiscal_code: code.into(),
            name: "Anna".into(),
            subject: "Avviso".into(),
            text: String::new(),
            files: files.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn file(name: &str) -> Brought {
        Brought { name: name.into(), size: 10, sealed: false }
    }

    fn codes(checked: &Checked) -> Vec<Vec<&str>> {
        let of = |faults: &Vec<Fault>| {
            faults
                .iter()
                .map(|fault| match fault.code.as_str() {
                    "code" => "code",
                    "missing" => "missing",
                    "shared" => "shared",
                    "duplicate" => "duplicate",
                    "name" => "name",
                    "nothing" => "nothing",
                    "twice" => "twice",
                    "malware" => "malware",
                    "large" => "large",
                    _ => "other",
                })
                .collect()
        };
        checked.lines.iter().map(of).collect()
    }

    const ANNA: &str = "BSSNNA80A41H501P";

    #[test]
    fn each_fault_is_told_of_its_line() {
        let good = FiscalCode::check_of(&ANNA[..15]).map(|check| format!("{}{check}", &ANNA[..15])).unwrap();
        let files = [
            file("a.pdf"),
            file("b.pdf"),
            file("c.pdf"),
            file("c.pdf"),
            Brought { sealed: true, ..file("m.pdf") },
        ];
        let mut nameless = line(&good, &["b.pdf"]);
        nameless.name.clear();
        let lines = [
            line(&good, &["a.pdf"]),
            line("BSSNNA80A41H501", &["x.pdf"]),
            line(&good, &["a.pdf"]),
            nameless.clone(),
            line(&good, &["c.pdf"]),
            line(&good, &["m.pdf"]),
            line(&good, &[]),
        ];
        let checked = check(&lines, &files, &BTreeSet::new(), &Limits::default());
        assert_eq!(
            codes(&checked),
            [
                vec![],
                vec!["code", "missing"],
                vec!["shared", "duplicate"],
                vec!["name"],
                vec!["twice"],
                vec!["malware"],
                vec!["nothing"]
            ]
        );
        assert_eq!(checked.twice, ["c.pdf"]);
        assert_eq!((checked.wrong(), checked.clean()), (6, false));
        let known = BTreeSet::from([good.clone()]);
        let limits = Limits { message_bytes: 5, ..Limits::default() };
        let checked = check(&[nameless], &files[..2], &known, &limits);
        assert_eq!(codes(&checked), [vec!["large"]]);
        assert_eq!(checked.unused, ["a.pdf"]);
    }
}
