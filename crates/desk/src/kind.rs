//! Kinds of message an administration accepts, with their terms: settings `kind.<code>`.

use plico_archive::read::body;
use serde::{Deserialize, Serialize};

use crate::{Desk, Outcome};

/// Years that a letter of the office is kept which belongs to no conversation of a kind.
pub const LETTER_YEARS: u32 = 10;
/// What is kept for ever says so many years (AgID Allegato 5).
pub const PERMANENT: u32 = 9999;

/// A kind of message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// Code, in URLs and events.
    pub code: String,
    /// Name, in Italian.
    pub name: String,
    /// Name, in English.
    pub name_en: String,
    /// Help for the writer.
    pub help: String,
    /// `istanza`, `dichiarazione`, `segnalazione` (AgID Allegato 5, type of document).
    pub document_type: String,
    /// The office it goes to unless the writer chooses.
    pub office: Option<String>,
    /// Days to answer, when there is a term.
    pub term_days: Option<u32>,
    /// Effect of silence when the term ends: `assent`, `denial`, `none`.
    pub silence: String,
    /// To whom one may turn against the decision or the silence, and until when (art. 8, L. 241/1990); may be empty.
    #[serde(default)]
    pub remedies: String,
    /// Retention, years; 9999 permanent.
    pub retention_years: u32,
    /// Whether it is confidential.
    pub confidential: bool,
    /// Offered to citizens.
    pub offered: bool,
    /// Class of the scheme that its messages get with their number; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class: String,
}

/// Whether a text can be a code: in URLs and settings, and never changed again.
pub(crate) fn good_code(code: &str) -> bool {
    (1..=40).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl Desk {
    /// The kinds of an administration, offered or not.
    pub async fn kinds(&self, administration: &str) -> Outcome<Vec<Kind>> {
        let settings = body::settings(self.archive.database(), administration, "kind.").await?;
        Ok(settings.into_iter().filter_map(|(_, value)| serde_json::from_value(value).ok()).collect())
    }

    /// One kind.
    pub async fn kind(&self, administration: &str, code: &str) -> Outcome<Option<Kind>> {
        let value = body::setting(self.archive.database(), administration, &format!("kind.{code}")).await?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()))
    }
}
