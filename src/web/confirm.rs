//! The page that asks before an act that cannot be taken back.

use serde::{Deserialize, Serialize};

use super::words::Wrong;
use crate::http::render::Page;

/// What is asked; the texts are `confirm-<what>`.
#[derive(Debug, Default, Serialize)]
pub struct Confirm {
    /// `make-unavailable`, `close-case`, `deactivate`, `replay` …
    pub what: &'static str,
    /// What it is done to.
    pub thing: String,
    /// What is known of it.
    pub facts: Vec<Fact>,
    /// Where the answer goes.
    pub action: String,
    /// Fields that go with it.
    pub hidden: Vec<Hidden>,
    /// Where a no leads.
    pub back: String,
    /// Whether it hurts.
    pub danger: bool,
    /// The reason that must be given.
    pub reason: Option<Reason>,
    /// What does not fit.
    pub errors: Vec<Wrong>,
}

/// A form that says nothing but yes.
#[derive(Debug, Deserialize)]
pub struct Yes {}

/// Something known.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// Its name.
    pub label: String,
    /// Its value.
    pub value: String,
}

/// A field that goes along.
#[derive(Debug, Serialize)]
pub struct Hidden {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// A reason.
#[derive(Debug, Serialize)]
pub struct Reason {
    /// As typed.
    pub value: String,
    /// Whether it may be left out.
    pub required: bool,
}

impl Page for Confirm {
    const TEMPLATE: &'static str = "page/public/confirm.html";
}
