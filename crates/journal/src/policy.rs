//! Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::checkpoint::Checkpoint;
use crate::note::{Algorithm, Checked, Note, VerifierKey};
use crate::text::decimal;

/// The most logs in a policy.
pub const MAX_LOGS: usize = 64;
/// The most witnesses and groups in a policy.
pub const MAX_NAMES: usize = 256;
/// The longest policy that is read, in bytes.
pub const MAX_POLICY: usize = 1024 * 1024;

/// What a verifier trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    /// Witnesses and groups in the order of the file: a group names only what stands before it.
    names: Vec<(String, Member)>,
    quorum: Quorum,
}

/// A log a policy accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its key; the key's name is the origin.
    pub key: VerifierKey,
    /// Where it can be reached, if the policy says so.
    pub url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quorum {
    /// `quorum none`.
    Nobody,
    /// The place in `names` of who must have witnessed.
    Member(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    Witness(VerifierKey, Option<String>),
    Group { least: usize, members: Vec<usize> },
}

/// Why text is not a policy.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum PolicyError {
    /// Not text we read: a control character, or longer than [`MAX_POLICY`].
    #[error("the policy is not text of at most {MAX_POLICY} bytes")]
    Text,
    /// The line is no log, witness, group or quorum, or too many of them.
    #[error("line {0} of the policy is malformed")]
    Line(usize),
    /// A key or name stands there twice.
    #[error("line {0} of the policy repeats a key, a name or the quorum")]
    Repeated(usize),
    /// A name is used before it is defined.
    #[error("line {0} of the policy uses a name that no line before it defines")]
    Unknown(usize),
    /// A group asks for more operators than stand in it.
    #[error(
        "line {0} of the policy can never be met: witnesses whose names begin with the same host are one operator and count once"
    )]
    Operators(usize),
    /// There is no quorum line.
    #[error("the policy has no quorum line")]
    NoQuorum,
}

/// What a checkpoint's signatures are worth under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The log's own signature, by a key of the policy whose name is the origin.
    pub log: Checked,
    /// Whether the policy knows a log of this origin at all.
    pub log_known: bool,
    /// Each witness of the policy, by the name the policy gives it.
    pub witnesses: Vec<(String, Checked)>,
    /// Whether the policy asks for witnesses (its quorum is not `none`).
    pub quorum_demanded: bool,
    /// Whether the quorum is reached; `true` when none is asked for.
    pub quorum_met: bool,
}

impl Evaluation {
    /// Whether everything that the policy demands of a checkpoint is there, and no signature of a key it knows is false.
    pub fn is_met(&self) -> bool {
        matches!(self.log, Checked::Good(_)) && self.quorum_met && !self.any_bad()
    }

    /// Whether a line in the name of a known key is not its signature: the checkpoint is to be refused.
    pub fn any_bad(&self) -> bool {
        self.log == Checked::Bad || self.witnesses.iter().any(|(_, c)| *c == Checked::Bad)
    }
}

impl Policy {
    /// Reads a policy.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_POLICY || text.bytes().any(|b| b == 0x7f || b < 0x20 && b != b'\n' && b != b'\t')
        {
            return Err(PolicyError::Text);
        }
        let mut reading = Reading::default();
        for (n, line) in text.split('\n').enumerate() {
            let words: Vec<&str> = line.split([' ', '\t']).filter(|w| !w.is_empty()).collect();
            if words.first().is_some_and(|w| !w.starts_with('#')) {
                reading.line(&words).map_err(|wrong| match wrong {
                    Wrong::Line => PolicyError::Line(n + 1),
                    Wrong::Operators => PolicyError::Operators(n + 1),
                    Wrong::Repeated => PolicyError::Repeated(n + 1),
                    Wrong::Unknown => PolicyError::Unknown(n + 1),
                })?;
            }
        }
        let quorum = reading.quorum.ok_or(PolicyError::NoQuorum)?;
        Ok(Self { logs: reading.logs, names: reading.names, quorum })
    }

    /// The logs it accepts.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// Its witnesses: name in the policy, key, address.
    pub fn witnesses(&self) -> impl Iterator<Item = (&str, &VerifierKey, Option<&str>)> {
        self.names.iter().filter_map(|(name, member)| match member {
            Member::Witness(key, url) => Some((name.as_str(), key, url.as_deref())),
            Member::Group { .. } => None,
        })
    }

    /// One that asks for no witness and knows no log.
    pub fn unwitnessed() -> Self {
        Self { logs: Vec::new(), names: Vec::new(), quorum: Quorum::Nobody }
    }

    /// The same witnesses and quorum for these logs.
    #[must_use]
    pub fn with_logs(&self, logs: impl IntoIterator<Item = Log>) -> Self {
        Self { logs: logs.into_iter().collect(), names: self.names.clone(), quorum: self.quorum }
    }

    /// Whether it asks for witnesses: its quorum is not `none`.
    pub fn demands_witnesses(&self) -> bool {
        self.quorum != Quorum::Nobody
    }

    /// What the signatures on a checkpoint are worth. The note's text must be the checkpoint's.
    pub fn evaluate(&self, checkpoint: &Checkpoint, note: &Note) -> Evaluation {
        let same = note.text() == checkpoint.text();
        let check = |key: &VerifierKey| if same { note.check(key) } else { Checked::Bad };
        let mut log = Checked::Absent;
        let mut log_known = false;
        for known in self.logs.iter().filter(|l| l.key.name() == checkpoint.origin) {
            log_known = true;
            match check(&known.key) {
                Checked::Bad => log = Checked::Bad,
                good @ Checked::Good(_) if log == Checked::Absent => log = good,
                _ => {}
            }
        }
        let mut witnesses = Vec::new();
        let quorum_met = self.is_reached(|name, key| {
            let checked = check(key);
            witnesses.push((name.to_owned(), checked));
            matches!(checked, Checked::Good(_))
        });
        Evaluation { log, log_known, witnesses, quorum_demanded: self.demands_witnesses(), quorum_met }
    }

    /// Whether the witnesses that `good` picks, by their names in the policy and their keys, reach the quorum. Witnesses
    /// of one operator count once in a group.
    pub fn is_reached(&self, mut good: impl FnMut(&str, &VerifierKey) -> bool) -> bool {
        let mut met: Vec<bool> = Vec::with_capacity(self.names.len());
        for (name, member) in &self.names {
            met.push(match member {
                Member::Witness(key, _) => good(name, key),
                Member::Group { least, members } => {
                    operators(&self.names, members.iter().filter(|m| met[**m])) >= *least
                }
            });
        }
        match self.quorum {
            Quorum::Nobody => true,
            Quorum::Member(member) => met[member],
        }
    }
}

/// Who runs a witness, as its name says: the host, up to the first `/`.
pub fn operator(key: &VerifierKey) -> &str {
    key.name().split('/').next().unwrap_or_default()
}

/// How many operators these members are. A group is one: whoever wrote the policy put them together.
fn operators<'a>(names: &[(String, Member)], members: impl Iterator<Item = &'a usize>) -> usize {
    let mut hosts = HashSet::new();
    let counts = |member: &&usize| match &names[**member].1 {
        Member::Witness(key, _) => hosts.insert(operator(key)),
        Member::Group { .. } => true,
    };
    members.filter(counts).count()
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = |url: &Option<String>| url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
        for log in &self.logs {
            writeln!(f, "log {}{}", log.key, url(&log.url))?;
        }
        for (name, member) in &self.names {
            match member {
                Member::Witness(key, at) => writeln!(f, "witness {name} {key}{}", url(at))?,
                Member::Group { least, members } => {
                    write!(f, "group {name} {least}")?;
                    members.iter().try_for_each(|m| write!(f, " {}", self.names[*m].0))?;
                    writeln!(f)?;
                }
            }
        }
        match self.quorum {
            Quorum::Nobody => writeln!(f, "quorum none"),
            Quorum::Member(member) => writeln!(f, "quorum {}", self.names[member].0),
        }
    }
}

enum Wrong {
    Line,
    Operators,
    Repeated,
    Unknown,
}

#[derive(Default)]
struct Reading {
    logs: Vec<Log>,
    names: Vec<(String, Member)>,
    known: HashMap<String, usize>,
    grouped: HashSet<usize>,
    quorum: Option<Quorum>,
}

impl Reading {
    fn line(&mut self, words: &[&str]) -> Result<(), Wrong> {
        match *words {
            ["log", key] => self.log(key, None),
            ["log", key, url] => self.log(key, Some(url)),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, least, ref members @ ..] => self.group(name, least, members),
            ["quorum", name] if self.quorum.is_none() => {
                self.quorum = Some(match name {
                    "none" => Quorum::Nobody,
                    name => Quorum::Member(self.find(name)?),
                });
                Ok(())
            }
            ["quorum", _] => Err(Wrong::Repeated),
            _ => Err(Wrong::Line),
        }
    }

    fn log(&mut self, key: &str, url: Option<&str>) -> Result<(), Wrong> {
        let key = parse_key(key, Algorithm::Ed25519)?;
        if self.logs.iter().any(|l| l.key.public_key() == key.public_key()) {
            return Err(Wrong::Repeated);
        }
        if self.logs.len() == MAX_LOGS {
            return Err(Wrong::Line);
        }
        self.logs.push(Log { key, url: url.map(str::to_owned) });
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), Wrong> {
        let key = parse_key(key, Algorithm::Cosignature)?;
        let twice = self.names.iter().any(|(_, member)| match member {
            Member::Witness(known, _) => known.public_key() == key.public_key(),
            Member::Group { .. } => false,
        });
        if twice {
            return Err(Wrong::Repeated);
        }
        self.define(name, Member::Witness(key, url.map(str::to_owned)))
    }

    fn group(&mut self, name: &str, least: &str, members: &[&str]) -> Result<(), Wrong> {
        let members = members.iter().map(|m| self.find(m)).collect::<Result<Vec<_>, _>>()?;
        // A member of one group only: otherwise one witness would count twice.
        if !members.iter().all(|m| self.grouped.insert(*m)) {
            return Err(Wrong::Repeated);
        }
        let least = match least {
            "all" => members.len(),
            "any" => 1,
            number => decimal(number).and_then(|n| n.try_into().ok()).ok_or(Wrong::Line)?,
        };
        if !(1..=members.len()).contains(&least) {
            return Err(Wrong::Line);
        }
        if least > operators(&self.names, members.iter()) {
            return Err(Wrong::Operators);
        }
        self.define(name, Member::Group { least, members })
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), Wrong> {
        if name == "none" || self.names.len() == MAX_NAMES {
            return Err(Wrong::Line);
        }
        if self.known.insert(name.to_owned(), self.names.len()).is_some() {
            return Err(Wrong::Repeated);
        }
        self.names.push((name.to_owned(), member));
        Ok(())
    }

    fn find(&self, name: &str) -> Result<usize, Wrong> {
        self.known.get(name).copied().ok_or(Wrong::Unknown)
    }
}

fn parse_key(text: &str, algorithm: Algorithm) -> Result<VerifierKey, Wrong> {
    VerifierKey::parse(text).ok().filter(|key| key.algorithm() == algorithm).ok_or(Wrong::Line)
}

/// Entry point for fuzzing: any bytes, never a panic.
pub fn fuzz_policy(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(policy) = Policy::parse(text)
    {
        assert_eq!(Policy::parse(&policy.to_string()).as_ref(), Ok(&policy));
    }
}
