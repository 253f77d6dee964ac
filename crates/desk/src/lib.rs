#![doc = include_str!("../README.md")]

pub mod account;
pub mod address;
pub mod addressee;
pub mod admin;
pub mod answer;
mod arms;
pub mod assign;
pub mod attested;
pub mod audit;
pub mod backlog;
mod beside;
pub mod between;
mod between_letter;
pub mod caption;
pub mod card;
pub mod card_issue;
pub mod card_list;
pub mod card_paper;
pub mod card_publish;
pub mod card_stand;
pub mod card_wallet;
pub mod case;
pub mod case_import;
pub mod certificate;
pub mod chart;
pub mod chronicle;
pub mod code;
pub mod conclude;
#[cfg(test)]
mod conformance;
pub mod console;
pub mod contact;
pub mod counter;
mod csv;
pub mod daily;
pub mod delegation;
pub mod deposit;
pub mod destruction;
pub mod domicile;
pub mod dossier;
pub mod draft;
pub mod emergency;
mod entry_form;
pub mod exchange;
mod exchange_out;
mod forward;
pub mod health;
pub mod holding;
pub mod internal;
pub mod ipa;
mod issue;
pub mod keys;
pub mod kind;
pub mod leave;
pub mod ledger;
pub mod letter;
pub mod mail;
pub mod mine;
pub mod note;
pub mod notice;
pub mod once;
pub mod open;
pub mod outage;
pub mod outside;
pub mod outside_annul;
pub mod outside_desk;
mod outside_number;
pub mod outside_work;
pub mod paper;
pub mod past;
pub mod pec;
mod pec_receipt;
pub mod picture;
pub mod present;
pub mod preservation;
pub mod push;
pub mod receipt;
pub mod refusal;
pub mod registry;
pub mod related;
pub mod report;
pub mod retention;
pub mod saved;
pub mod scheme;
pub mod seal;
mod senders;
pub mod sent;
pub mod series;
mod series_paper;
pub mod signed_draft;
pub mod signing;
pub mod substitute;
pub mod sweep;
pub mod token;
pub mod upload;
pub mod verdict;
pub mod view;
pub mod volume;
pub mod withdraw;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use plico_archive::{ActError, Archive};
use plico_locale::Catalogue;

pub use plico_record::actor::Actor;
pub use refusal::{FieldError, Refusal};

/// How an act ended when it did not succeed.
pub type Outcome<T> = Result<T, ActError<Refusal>>;

/// Bounds on what people send; configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Files of one message.
    pub files: usize,
    /// Bytes of all files of one message.
    pub message_bytes: u64,
    /// Drafts of one person.
    pub drafts: usize,
    /// Characters of a subject.
    pub subject_chars: usize,
    /// Characters of a text.
    pub text_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 100 * 1024 * 1024,
            files: 50,
            message_bytes: 500 * 1024 * 1024,
            drafts: 50,
            subject_chars: 250,
            text_chars: 20_000,
        }
    }
}

/// The desk: acts over an archive.
#[derive(Clone)]
pub struct Desk {
    pub(crate) archive: Archive,
    pub(crate) catalogue: Arc<Catalogue>,
    limits: Limits,
    /// What an administration set for itself.
    own_limits: Arc<RwLock<HashMap<String, Limits>>>,
    seal: Arc<seal::Held>,
    pub(crate) public_url: String,
    /// What is published of cards, while it stays the same.
    published: Arc<card_publish::Published>,
    /// Read anew when an administrator changes it.
    trust: Arc<RwLock<Arc<verdict::Trust>>>,
    /// Registry systems that are not ours.
    outside: Arc<RwLock<Vec<Arc<outside::Outside>>>>,
    /// The bodies to which letters go by web service: our administration's identifier, and the other's code.
    services: Arc<RwLock<Vec<(String, String)>>>,
    /// Who keeps officers' keys, where somebody does.
    remote: Arc<RwLock<Option<Arc<plico_courier::csc::Provider>>>>,
    /// The registers of digital domiciles that may be asked.
    domiciles: Arc<RwLock<Arc<plico_courier::domicile::Domiciles>>>,
    /// For whose telephones cards are made.
    wallets: Arc<RwLock<Arc<card_wallet::Wallets>>>,
    /// The offline verifier that goes into every dossier; none in a build without assets.
    pub(crate) verifier: Option<&'static [u8]>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

impl Desk {
    /// A desk over an archive. `public_url` is where people reach it, without a slash at the end.
    pub fn new(archive: Archive, catalogue: Arc<Catalogue>, limits: Limits, public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').into();
        Self {
            archive,
            catalogue,
            limits,
            own_limits: Arc::default(),
            seal: Arc::default(),
            public_url,
            published: Arc::default(),
            trust: Arc::default(),
            outside: Arc::default(),
            services: Arc::default(),
            remote: Arc::default(),
            domiciles: Arc::default(),
            wallets: Arc::default(),
            verifier: None,
        }
    }

    /// With the offline verifier (one HTML file) that dossiers are to hold.
    #[must_use]
    pub fn with_verifier(mut self, html: Option<&'static [u8]>) -> Self {
        self.verifier = html;
        self
    }

    /// The archive, for jobs and commands; pages never write through it.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// The message catalogue.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The bounds in force for what is sent to, or written in, an administration.
    pub fn limits(&self, administration: &str) -> Limits {
        let own = self.own_limits.read().unwrap_or_else(PoisonError::into_inner);
        own.get(administration).copied().unwrap_or(self.limits)
    }

    /// Sets the bounds of an administration, at start and when its administrator does.
    pub fn set_limits(&self, administration: &str, limits: Limits) {
        let mut own = self.own_limits.write().unwrap_or_else(PoisonError::into_inner);
        own.insert(administration.into(), limits);
    }

    /// Where people reach it.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }
}
