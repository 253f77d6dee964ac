//! What people see: the queries behind inboxes, queues, registers and searches. Lists are read by a cursor (the
//! last row seen), never by offset; badges are kept, not counted.

pub mod address;
pub mod backlog;
pub mod body;
pub mod card;
pub mod contact;
pub mod delegation;
pub mod destruction;
pub mod dossier;
pub mod emergency;
pub mod exchange;
pub mod handover;
pub mod history;
pub mod inbox;
pub mod ipa;
pub mod jobs;
pub mod leave;
pub mod ledger;
pub mod message;
pub mod order;
pub mod past;
pub mod pec;
pub mod queue;
pub mod receipt;
pub mod registry;
pub mod related;
pub mod report;
pub mod saved;
pub mod series;
pub mod signing;
pub mod verdict;

/// Where the next page begins: the instant and identifier of the last row seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// UTC milliseconds.
    pub instant_ms: i64,
    /// Identifier.
    pub id: String,
}

impl Cursor {
    /// Before which everything stands: the first page.
    pub fn newest() -> Self {
        Self { instant_ms: i64::MAX, id: "~".into() }
    }

    /// As it stands in a URL.
    pub fn text(&self) -> String {
        format!("{}.{}", self.instant_ms, self.id)
    }

    /// Reads it from a URL; anything else is the first page.
    pub fn parse(text: &str) -> Self {
        text.split_once('.')
            .and_then(|(instant, id)| Some(Self { instant_ms: instant.parse().ok()?, id: id.into() }))
            .filter(|cursor| cursor.id.len() <= 40)
            .unwrap_or_else(Self::newest)
    }
}

/// A pattern for whatever contains a text, for `like … escape '!'`: what is special in patterns is not. None for no text.
pub(crate) fn containing(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let mut pattern = String::from("%");
    for c in text.chars().take(100) {
        if "!%_".contains(c) {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Some(pattern)
}
