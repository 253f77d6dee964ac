//! The seam behind which every way of telling somebody something stands.

use std::error::Error as StdError;
use thiserror::Error;

/// What is to be told, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Made once per notice and channel, the same on every retry: letters, digits, `-`, `_` and `.`, at most 64.
    pub id: String,
    /// The recipient's address in the channel: for e-mail, `name@domain`.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text, complete in itself.
    pub text: String,
    /// The same as HTML, where the channel can show it.
    pub html: Option<String>,
    /// The language of the texts: `it`, `en`…
    pub language: String,
    /// When it was made, in milliseconds UTC.
    pub instant_ms: i64,
}

/// The next system has taken charge of it. That it arrives is not thereby proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What the notice is called there: for e-mail, the message id.
    pub reference: String,
    /// What the next system answered, at most 500 characters.
    pub answer: String,
}

/// Why a notice was not taken charge of.
#[derive(Debug, Error)]
pub enum SendError {
    /// Try again later: nobody answers, or he says so, or our own settings are wrong. It may even have been sent, if
    /// only the answer was lost.
    #[error("not sent for now: {reason}")]
    Temporary {
        /// In a few words, without the recipient's address.
        reason: String,
        /// What was behind it.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// It will never be taken: there is no such recipient, or it was refused for good.
    #[error("refused: {reason}")]
    Permanent {
        /// In a few words, without the recipient's address.
        reason: String,
        /// What was behind it.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
}

impl SendError {
    /// Whether another attempt makes sense.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Temporary { .. })
    }
}

/// A way of telling somebody something.
#[async_trait::async_trait]
pub trait Channel: Send + Sync {
    /// The channel's name in events and settings: `email`.
    fn name(&self) -> &'static str;

    /// Hands a notice to the next system. Sending one `id` twice may reach the recipient twice, recognisably.
    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError>;
}

/// The first `limit` characters, on one line.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(limit).collect()
}
