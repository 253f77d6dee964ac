//! Words in the reader's language, for what the server writes.

use plico_desk::card::CardType;
use plico_desk::certificate::CertificateType;
use plico_desk::kind::Kind;
use plico_desk::{FieldError, Refusal as Refused};
use plico_locale::{Args, Catalogue, Lang};
use plico_record::day::LegalDay;
use serde::Serialize;

use crate::app::App;
use crate::http::{Context, Error, Refusal};

/// The catalogue in one language.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    catalogue: &'a Catalogue,
    lang: Lang,
}

/// A field that does not fit, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Name of the field.
    pub field: String,
    /// What is wrong.
    pub text: String,
}

impl<'a> Words<'a> {
    /// For the reader of an answer.
    pub fn of(app: &'a App, context: &Context) -> Self {
        Self { catalogue: app.shell.pages().catalogue(), lang: context.lang() }
    }

    /// The reader's language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// A text.
    pub fn t(&self, key: &str) -> String {
        self.catalogue.text(self.lang, key, &Args::new())
    }

    /// A text about something.
    pub fn with(&self, key: &str, args: &Args) -> String {
        self.catalogue.text(self.lang, key, args)
    }

    /// An instant with its hour.
    pub fn datetime(&self, ms: i64) -> String {
        self.catalogue.datetime(self.lang, ms)
    }

    /// A legal day (`2027-01-20`) in words.
    pub fn day(&self, day: &str) -> String {
        LegalDay::parse(day)
            .map_or_else(|| day.to_owned(), |day| self.catalogue.date(self.lang, day.start_ms()))
    }

    /// The name of a kind of message; what an office writes unasked is a communication.
    pub fn kind(&self, kinds: &[Kind], code: &str) -> String {
        match kinds.iter().find(|kind| kind.code == code) {
            Some(kind) => self.kind_name(kind),
            None => self.t("kind-of-office"),
        }
    }

    /// A size in bytes, as people say it.
    pub fn size(&self, bytes: u64) -> String {
        self.catalogue.size(self.lang, bytes)
    }

    /// The name of a kind in the reader's language.
    pub fn kind_name(&self, kind: &Kind) -> String {
        match self.lang {
            Lang::En if !kind.name_en.is_empty() => kind.name_en.clone(),
            _ => kind.name.clone(),
        }
    }

    /// The name of a type of certificate in the reader's language.
    pub fn certificate_name(&self, kind: &CertificateType) -> String {
        match self.lang {
            Lang::En if !kind.name_en.is_empty() => kind.name_en.clone(),
            _ => kind.name.clone(),
        }
    }

    /// The name of a type of card in the reader's language.
    pub fn card_name(&self, kind: &CardType) -> String {
        match self.lang {
            Lang::En if !kind.name_en.is_empty() => kind.name_en.clone(),
            _ => kind.name.clone(),
        }
    }

    /// What does not fit.
    pub fn wrong(&self, errors: &[FieldError]) -> Vec<Wrong> {
        errors
            .iter()
            .map(|error| {
                let args = error.limit.map_or_else(Args::new, |limit| {
                    Args::new().with("limit", i64::try_from(limit).unwrap_or(i64::MAX))
                });
                let text = self.with(&format!("field-{}", error.code), &args);
                Wrong { field: error.field.into(), text }
            })
            .collect()
    }

    /// What does not fit in one of several forms of a page, whose fields bear its name behind their own.
    pub fn wrong_in(&self, form: &str, errors: &[FieldError]) -> Vec<Wrong> {
        let named = |wrong: Wrong| Wrong { field: format!("{}-{form}", wrong.field), ..wrong };
        self.wrong(errors).into_iter().map(named).collect()
    }

    /// A refusal as something wrong with a field.
    pub fn refused(&self, field: &str, refusal: &Refusal) -> Wrong {
        let args = refusal.arguments.iter().fold(Args::new(), |args, (name, value)| {
            match (value.parse::<u64>(), refusal.code.ends_with("too-large")) {
                (Ok(bytes), true) => args.with(*name, self.catalogue.size(self.lang, bytes)),
                (Ok(number), false) => args.with(*name, i64::try_from(number).unwrap_or(i64::MAX)),
                (Err(_), _) => args.with(*name, value.clone()),
            }
        });
        let text = self.with(&format!("problem-{}-text", refusal.code), &args);
        Wrong { field: field.into(), text }
    }
}

/// Tells what the person can mend in the form from everything else.
pub fn invalid<T>(outcome: plico_desk::Outcome<T>) -> Result<Result<T, Vec<FieldError>>, Error> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(plico_archive::ActError::Refused(Refused::Invalid(errors))) => Ok(Err(errors)),
        Err(error) => Err(error.into()),
    }
}
