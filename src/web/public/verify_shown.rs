//! What a verifier found, in the reader's words: every check by itself, and what the parts tell.

use plico_evidence::dossier::{DossierFacts, DossierReport};
use plico_evidence::{Check as Found, CheckResult, Facts, Report, Verdict};
use plico_locale::{Args, Lang};
use serde::Serialize;

use crate::web::words::Words;

/// A result as shown.
#[derive(Serialize)]
pub struct Shown {
    /// `ok`, `failed` or `incomplete`.
    pub verdict: &'static str,
    /// Name of the file.
    pub name: String,
    /// What it says.
    pub facts: Vec<Fact>,
    /// Check by check.
    pub checks: Vec<Check>,
}

/// A fact.
#[derive(Serialize)]
pub struct Fact {
    label: String,
    value: String,
    mono: bool,
}

/// A check.
#[derive(Serialize)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// `ok`, `failed` or `absent`.
    pub result: &'static str,
    /// Why.
    pub detail: Option<String>,
}

impl Fact {
    /// A fact in words.
    pub fn new(label: String, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), mono: false }
    }

    /// A fact to be compared letter by letter.
    pub fn mono(label: String, value: impl Into<String>) -> Self {
        Self { mono: true, ..Self::new(label, value) }
    }
}

/// A receipt's report.
pub fn receipt(words: &Words<'_>, name: String, report: &Report) -> Shown {
    let (verdict, checks) = (verdict(report.verdict), checks(words, &report.checks));
    Shown { verdict, name, facts: facts(words, &report.facts), checks }
}

/// A dossier's report.
pub fn dossier(words: &Words<'_>, name: String, report: &DossierReport) -> Shown {
    let (verdict, checks) = (verdict(report.verdict), checks(words, &report.checks));
    Shown { verdict, name, facts: dossier_facts(words, &report.facts), checks }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Failed => "failed",
        Verdict::Incomplete => "incomplete",
    }
}

fn checks(words: &Words<'_>, found: &[Found]) -> Vec<Check> {
    let checks = found.iter().map(|check| {
        let name = serde_json::to_value(check.name).ok();
        let name = name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
        let result = match check.result {
            CheckResult::Ok => "ok",
            CheckResult::Failed => "failed",
            CheckResult::Absent => "absent",
        };
        // The verifier speaks English; whoever reads Italian gets the check's own words, and what it means that it
        // failed or could not be made.
        let detail = match (words.lang(), check.result) {
            (Lang::En, _) => Some(check.detail.clone()).filter(|detail| !detail.is_empty()),
            (_, CheckResult::Absent) => Some(words.t(&format!("check-absent-{name}"))),
            (_, CheckResult::Failed) => Some(words.t(&format!("check-failed-{name}"))),
            _ => None,
        };
        Check { name, result, detail }
    });
    checks.collect()
}

fn dossier_facts(words: &Words<'_>, facts: &DossierFacts) -> Vec<Fact> {
    let label = |key: &str| words.t(key);
    let case = |field: &str| facts.case_file.as_ref().and_then(|act| act.get(field));
    let mut list = Vec::new();
    if let (Some(number), Some(year)) = (case("number"), case("year")) {
        list.push(Fact::new(label("fact-case-file"), format!("{year}/{number}")));
    }
    let title = case("title").and_then(|title| title.as_str());
    list.extend(title.map(|title| Fact::new(label("fact-subject"), title)));
    let bounds = [("fact-first", &facts.first), ("fact-last", &facts.last)];
    let vouched = [("fact-not-before", &facts.not_before), ("fact-not-after", &facts.not_after)];
    for (key, bound) in bounds.into_iter().chain(vouched) {
        let at = bound.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
        list.extend(at.map(|at| Fact::new(label(key), words.datetime(at.as_millisecond()))));
    }
    for (key, count) in [
        ("fact-events", facts.events),
        ("fact-messages", facts.messages.len()),
        ("fact-receipts", facts.receipts),
    ] {
        list.push(Fact::new(label(key), count.to_string()));
    }
    for here in &facts.documents {
        let key = if here.file.is_some() { "fact-document" } else { "fact-document-elsewhere" };
        let args = Args::new().with("name", here.document.name.clone());
        list.push(Fact::mono(words.with(key, &args), here.document.sha256.clone()));
    }
    list.push(Fact::new(label("fact-anchors"), words.t("fact-anchors-own")));
    list
}

fn facts(words: &Words<'_>, facts: &Facts) -> Vec<Fact> {
    let label = |key: &str| words.t(key);
    let text = |part: &str, field: &str| {
        let value = facts.parts.get(part)?.get(field)?;
        value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string()))
    };
    let mut list = Vec::new();
    if let Some(kind) = &facts.kind {
        list.push(Fact::new(label("fact-what"), words.t(&format!("event-{}", kind.replace('.', "-")))));
    }
    if let Some(instant) = facts.instant.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok()) {
        list.push(Fact::new(label("fact-when"), words.datetime(instant.as_millisecond())));
    }
    for (key, bound) in [("fact-not-before", &facts.not_before), ("fact-not-after", &facts.not_after)] {
        let at = bound.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
        list.extend(at.map(|at| Fact::new(label(key), words.datetime(at.as_millisecond()))));
    }
    list.extend(text("actor", "name").map(|name| Fact::new(label("fact-who"), name)));
    if let (Some(number), Some(year)) = (text("register", "number"), text("register", "year")) {
        let (number, year) = (number.parse().unwrap_or_default(), year.parse().unwrap_or_default());
        let number = plico_record::part::registration_number(number, year);
        list.push(Fact::new(label("fact-number"), number));
    }
    for (field, key) in [("from", "fact-from"), ("to", "fact-to")] {
        let at = facts.parts.get("act").and_then(|act| act.get(field)?.as_i64());
        list.extend(at.map(|at| Fact::new(label(key), words.datetime(at))));
    }
    let content = facts.parts.get("act").and_then(|act| act.get("content"));
    let subject = content.and_then(|content| content.get("subject")?.as_str().map(str::to_owned));
    let subject = text("register", "subject").or(subject);
    list.extend(subject.map(|subject| Fact::new(label("fact-subject"), subject)));
    for document in &facts.documents {
        let given = if document.given { "fact-document-given" } else { "fact-document" };
        let args = Args::new().with("name", document.name.clone());
        list.push(Fact::mono(words.with(given, &args), document.sha256.clone()));
    }
    if let (Some(origin), Some(index)) = (&facts.origin, facts.index) {
        list.push(Fact::mono(label("fact-place"), format!("{origin} #{index}")));
    }
    list.extend(facts.succeeds.as_ref().map(|before| {
        let args = Args::new().with("origin", before.origin.clone()).with("size", before.size.to_string());
        Fact::new(label("fact-succeeds"), words.with("fact-succeeds-value", &args))
    }));
    list.extend(facts.sealed_by.clone().map(|name| Fact::new(label("fact-sealed-by"), name)));
    list.push(Fact::new(label("fact-anchors"), words.t("fact-anchors-own")));
    list
}
