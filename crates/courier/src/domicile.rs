//! Where somebody is to be written to: the public registers of digital domiciles, asked about one fiscal code when a letter is
//! written. INAD (people, professionals, associations) through the national data platform (PDND), INI-PEC (firms and
//! professionals) through InfoCamere, IPA (public bodies) by its own service.
//!
//! What a register says is its word at that moment: an address can cease tomorrow. Nothing is kept here but tokens.

mod inad;
mod inipec;
mod ipa;
pub mod simulator;
mod token;

use serde_json::Value;

pub use inad::Inad;
pub use inipec::IniPec;
pub use ipa::Ipa;
pub use token::{Claims, Signs, Tokens};

use crate::channel::one_line;
use crate::http::{Answer as Reply, HttpError};
use crate::pec::send::is_address;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 256 * 1024;
/// Addresses of one code that are told.
const MOST: usize = 20;
/// Characters of what a register says beside an address.
const WORDS: usize = 200;

/// A register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Register {
    /// Digital domiciles of people, professionals without a register of their own, and bodies under private law.
    Inad,
    /// Certified addresses of firms and professionals.
    IniPec,
    /// Public administrations.
    Ipa,
}

impl Register {
    /// Every register.
    pub const ALL: [Self; 3] = [Self::Inad, Self::IniPec, Self::Ipa];

    /// The stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Inad => "inad",
            Self::IniPec => "inipec",
            Self::Ipa => "ipa",
        }
    }

    /// Reads a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// An address that a register names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domicile {
    /// The address.
    pub address: String,
    /// The profession that it was elected for, or the body whose it is; empty where none is told.
    pub of: String,
    /// Until when it may be used, in the register's words; empty: no end is told.
    pub until: String,
}

/// What a register answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// When, in its own words; empty where it does not say.
    pub at: String,
    /// The addresses that may be used; none: it has no domicile of this code.
    pub domiciles: Vec<Domicile>,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// An answer.
    Answer(Answer),
    /// It prepares one, under this name.
    Later(String),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum DomicileError {
    /// It could not be asked, or its answer was lost.
    #[error("the register does not answer")]
    Http(#[from] HttpError),
    /// It does not let us in.
    #[error("the register does not accept this installation: {0}")]
    Client(String),
    /// It was asked too often.
    #[error("the register was asked too often today, or too fast (429)")]
    Busy,
    /// It failed.
    #[error("the register failed ({0})")]
    Failed(u16),
    /// Anything else that it said.
    #[error("the register refused: {0}")]
    Refused(String),
    /// It answered what nobody understands.
    #[error("the register answered something else than its description says: {0}")]
    Garbage(&'static str),
}

impl DomicileError {
    /// Whether it may have been heard, and its answer was lost.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Http(HttpError::Unreachable(_) | HttpError::TimedOut(_) | HttpError::TooLong(_)))
    }
}

/// When it is asked, and under which name that is used once.
#[derive(Debug, Clone)]
pub struct Moment {
    /// UTC milliseconds.
    pub now_ms: i64,
    /// Never used before.
    pub once: String,
}

/// The registers that are configured.
#[derive(Default)]
pub struct Domiciles {
    /// INAD.
    pub inad: Option<Inad>,
    /// INI-PEC.
    pub inipec: Option<IniPec>,
    /// IPA.
    pub ipa: Option<Ipa>,
}

impl std::fmt::Debug for Domiciles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = Register::ALL.into_iter().filter(|one| self.has(*one)).map(Register::code);
        f.debug_list().entries(named).finish()
    }
}

impl Domiciles {
    /// Whether a register is configured.
    pub fn has(&self, register: Register) -> bool {
        match register {
            Register::Inad => self.inad.is_some(),
            Register::IniPec => self.inipec.is_some(),
            Register::Ipa => self.ipa.is_some(),
        }
    }

    /// Asks a register about a fiscal code. `reference`: of the proceeding that it is asked for. `None`: not configured.
    pub async fn ask(
        &self,
        register: Register,
        code: &str,
        reference: &str,
        moment: &Moment,
    ) -> Result<Option<Said>, DomicileError> {
        Ok(match (register, self) {
            (Register::Inad, Self { inad: Some(inad), .. }) => {
                Some(Said::Answer(inad.ask(code, reference, moment).await?))
            }
            (Register::IniPec, Self { inipec: Some(inipec), .. }) => {
                Some(Said::Later(inipec.ask(code, moment).await?))
            }
            (Register::Ipa, Self { ipa: Some(ipa), .. }) => Some(Said::Answer(ipa.ask(code).await?)),
            _ => None,
        })
    }

    /// What INI-PEC prepared under a name; still none where it is not done.
    pub async fn fetch(
        &self,
        code: &str,
        prepared: &str,
        moment: &Moment,
    ) -> Result<Option<Answer>, DomicileError> {
        match &self.inipec {
            Some(inipec) => inipec.fetch(code, prepared, moment).await,
            None => Err(DomicileError::Garbage("INI-PEC is not configured any more")),
        }
    }

    /// Whether a register lets us in; IPA is asked nothing, since it knows no other question.
    pub async fn admitted(&self, register: Register, moment: &Moment) -> Result<(), DomicileError> {
        match (register, self) {
            (Register::Inad, Self { inad: Some(inad), .. }) => inad.tokens.token(moment).await.map(|_| ()),
            (Register::IniPec, Self { inipec: Some(inipec), .. }) => {
                inipec.tokens.token(moment).await.map(|_| ())
            }
            _ => Ok(()),
        }
    }
}

/// What any of them says by its status, where that is no answer.
fn refused(reply: &Reply) -> DomicileError {
    let said: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let words = ["detail", "description", "message", "error_description", "title", "error"]
        .iter()
        .find_map(|name| text(name));
    let words = words.map_or_else(|| reply.status.to_string(), short);
    match reply.status {
        401 | 403 => DomicileError::Client(words),
        429 => DomicileError::Busy,
        500.. => DomicileError::Failed(reply.status),
        200..=399 => DomicileError::Garbage("neither an answer nor a refusal"),
        _ => DomicileError::Refused(words),
    }
}

fn json(reply: &Reply) -> Result<Value, DomicileError> {
    serde_json::from_slice(&reply.body).map_err(|_| DomicileError::Garbage("no JSON"))
}

fn short(text: &str) -> String {
    one_line(text, WORDS)
}

/// A text among the fields of an answer; empty where there is none.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Those that can be written to, each once.
fn usable(found: impl Iterator<Item = Domicile>) -> Vec<Domicile> {
    let mut usable: Vec<Domicile> = Vec::new();
    for one in found {
        let one =
            Domicile { address: one.address.trim().to_owned(), of: short(&one.of), until: short(&one.until) };
        if is_address(&one.address) && !usable.contains(&one) && usable.len() < MOST {
            usable.push(one);
        }
    }
    usable
}
