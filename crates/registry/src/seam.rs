//! The seam: what every outside registry is asked, and what it may answer.

use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;

use crate::order::{Abilities, File, Numbered, Order, SoFar};
use crate::wire::Talk;

/// Where the bytes of an order's documents come from.
#[async_trait]
pub trait Contents: Send + Sync {
    /// The bytes of a document.
    async fn read(&self, file: &File) -> Result<Bytes, Trouble>;
}

/// What a registry answered to looking for our order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is not there.
    Nothing,
    /// It is there, so far: with a number or without.
    There(Box<SoFar>),
    /// Several registrations bear our key: a person decides.
    Several(Vec<Numbered>),
    /// This system cannot be asked that.
    CannotLook,
}

/// Why a step did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The registry said no, and did nothing.
    #[error("{code}: {words}")]
    Refused {
        /// The vendor's code; empty where it has none.
        code: String,
        /// The vendor's words.
        words: String,
    },
    /// It could not be asked, and nothing left the house.
    #[error("{0}")]
    NotAsked(String),
    /// It was asked, and what it did is not known: the answer was lost, came too late, or makes no sense.
    #[error("{0}")]
    Doubt(String),
    /// It wants to be asked later, and did nothing.
    #[error("{words}")]
    Later {
        /// Seconds.
        after_s: u64,
        /// The vendor's words.
        words: String,
    },
    /// This system cannot do that.
    #[error("this registry system cannot do that")]
    Unable,
    /// What is to be sent could not be read: ours to mend.
    #[error("{0}")]
    Ours(String),
}

impl Trouble {
    /// The stable name, in events and message catalogues.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::NotAsked(_) => "not-asked",
            Self::Doubt(_) => "doubt",
            Self::Later { .. } => "later",
            Self::Unable => "unable",
            Self::Ours(_) => "ours",
        }
    }
}

/// An outside registry. Each call is one step; every request and answer goes into `talk`. A connector signs in by itself,
/// and once more when its token expired; it repeats nothing else.
#[async_trait]
pub trait Registry: Debug + Send + Sync {
    /// What it can do.
    fn can(&self) -> Abilities;

    /// Whether it is there and knows us, in words for `plico doctor`.
    async fn check(&self, talk: &mut Talk) -> Result<String, Trouble>;

    /// Makes the object ready, without a number; its identifier. Only where the number is last.
    async fn prepare(&self, _order: &Order, _talk: &mut Talk) -> Result<String, Trouble> {
        Err(Trouble::Unable)
    }

    /// Sends a file that goes before the number; what the registry calls it.
    async fn upload(
        &self,
        _order: &Order,
        _so_far: &SoFar,
        _file: &File,
        _bytes: Bytes,
        _talk: &mut Talk,
    ) -> Result<String, Trouble> {
        Err(Trouble::Unable)
    }

    /// Asks for the number. `contents` is for systems that take everything at once.
    async fn number(
        &self,
        order: &Order,
        so_far: &SoFar,
        contents: &dyn Contents,
        talk: &mut Talk,
    ) -> Result<Numbered, Trouble>;

    /// Sends a file after the number.
    async fn attach(
        &self,
        _order: &Order,
        _so_far: &SoFar,
        _file: &File,
        _bytes: Bytes,
        _talk: &mut Talk,
    ) -> Result<(), Trouble> {
        Err(Trouble::Unable)
    }

    /// Looks for what became of an order, without changing anything.
    async fn find(&self, _order: &Order, _so_far: &SoFar, _talk: &mut Talk) -> Result<Found, Trouble> {
        Ok(Found::CannotLook)
    }

    /// Reads a registration by its number, for a person who links it by hand.
    async fn read(&self, _number: u64, _year: i32, _talk: &mut Talk) -> Result<Option<Read>, Trouble> {
        Err(Trouble::Unable)
    }

    /// Annuls a registration, by an act of authority.
    async fn annul(
        &self,
        _numbered: &Numbered,
        _reason: &str,
        _authorisation: &str,
        _talk: &mut Talk,
    ) -> Result<(), Trouble> {
        Err(Trouble::Unable)
    }

    /// Opens a case file; what the registry calls it.
    async fn open_case_file(
        &self,
        _title: &str,
        _classification: &str,
        _talk: &mut Talk,
    ) -> Result<String, Trouble> {
        Err(Trouble::Unable)
    }

    /// Puts a registration into a case file.
    async fn file_into(
        &self,
        _case_file: &str,
        _numbered: &Numbered,
        _talk: &mut Talk,
    ) -> Result<(), Trouble> {
        Err(Trouble::Unable)
    }

    /// Closes a case file.
    async fn close_case_file(&self, _case_file: &str, _talk: &mut Talk) -> Result<(), Trouble> {
        Err(Trouble::Unable)
    }

    /// Everything that was registered with a key of ours on a day (`YYYY-MM-DD`), for the comparison with our own list.
    async fn day(&self, _day: &str, _talk: &mut Talk) -> Result<Vec<Read>, Trouble> {
        Err(Trouble::Unable)
    }
}

/// A registration as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Its number.
    pub numbered: Numbered,
    /// Its subject.
    pub subject: String,
    /// Our key, where it bears one.
    pub key: Option<String>,
    /// How many files it has, where that is told.
    pub files: Option<usize>,
    /// It was annulled.
    pub annulled: bool,
}
