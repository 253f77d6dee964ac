//! The body's seal: the key it is set with, what is to be said of it, and the time stamp of what it seals.
//!
//! The key is the configured one, or that of the key file. One that is configured and cannot be used is never replaced by
//! another: what must be sealed waits, and what is filed does not.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use plico_archive::{ActError, ArchiveError};
use plico_locale::Args;
use plico_pdf::seal::{Seal as Mark, seal};
use plico_signature::qualification::Qualification;
use plico_signature::{Anchors, Making, Options, SealError, Sealer, StampFailure};

use crate::paper::Words;
use crate::refusal::{fault, refuse};
use crate::verdict::Trust;
use crate::{Desk, Outcome, Refusal};

/// An authority that did not stamp is left alone for so long (milliseconds): papers do not wait for it one after another.
const AFTER_SILENCE_MS: i64 = 600_000;

/// Bytes that are left for a time stamp at first; the chains of authorities differ.
const STAMP: usize = 10_240;

const DAY_MS: i64 = 86_400_000;

/// Asks a time-stamping authority for a token over a SHA-256; blocks.
pub type Ask = dyn Fn(&[u8; 32]) -> Result<Vec<u8>, StampFailure> + Send + Sync;

/// Opens the configured seal; blocks.
pub type Open = dyn Fn() -> Result<Sealer, Unusable> + Send + Sync;

/// Why the configured seal cannot be used, for an operator.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

/// What a seal is worth in law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// A qualified seal, as trusted lists say it.
    Qualified,
    /// An advanced seal with a qualified certificate.
    Certificate,
    /// Neither, or nobody says so.
    None,
}

impl Grade {
    fn of(told: Option<Qualification>) -> Self {
        use Qualification as Q;
        match told {
            Some(Q::Qeseal | Q::IndeterminateQeseal) => Self::Qualified,
            Some(Q::AdesealQc | Q::IndeterminateAdesealQc) => Self::Certificate,
            _ => Self::None,
        }
    }

    /// The end of its keys in the catalogues.
    pub fn code(self) -> &'static str {
        match self {
            Self::Qualified => "qualified",
            Self::Certificate => "certificate",
            Self::None => "none",
        }
    }
}

/// How the seal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    Absent,
    /// One is configured and cannot be used.
    Unusable(String),
    /// It signs.
    Ready(Ready),
}

/// A seal that signs, and what its certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Whose it is.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// First instant at which it is valid, UTC milliseconds.
    pub not_before_ms: i64,
    /// Last one.
    pub not_after_ms: i64,
    /// Whether its key may sign documents.
    pub may_sign: bool,
    /// What it is worth.
    pub grade: Grade,
    /// Whether an authority is asked to stamp what is sealed.
    pub stamped: bool,
    /// Since when it does not answer, and what it said.
    pub silent: Option<(i64, String)>,
}

/// What is the matter with a seal that signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Its certificate has ended.
    Ended,
    /// It has not begun.
    NotYet,
    /// Its key is not one for signatures.
    Use,
    /// It ends in so many days.
    Ends(i64),
}

impl Ready {
    /// What is the matter with it now; its end is told so many days before.
    pub fn trouble(&self, now_ms: i64, warn_days: u32) -> Option<Trouble> {
        let days = (self.not_after_ms - now_ms) / DAY_MS;
        if self.not_after_ms < now_ms {
            Some(Trouble::Ended)
        } else if self.not_before_ms > now_ms {
            Some(Trouble::NotYet)
        } else if !self.may_sign {
            Some(Trouble::Use)
        } else {
            (days < i64::from(warn_days)).then_some(Trouble::Ends(days))
        }
    }
}

/// What the desk knows of its seal.
#[derive(Default)]
pub(crate) struct Held {
    /// Of the configuration.
    configured: Option<Box<Open>>,
    /// Opened once: that costs more than sealing a paper, and a token counts wrong PINs.
    opened: OnceLock<Result<Arc<Sealer>, Unusable>>,
    ask: Option<Box<Ask>>,
    /// The authority's last silence.
    silent: Mutex<Option<(i64, String)>>,
    /// What it is worth to whom we believe: their version.
    grade: Mutex<Option<(String, Grade)>>,
}

/// What a seal is worth, and whether its key signs at all.
pub fn prove(sealer: &Sealer, trust: &Trust, now_ms: i64) -> Result<Grade, SealError> {
    let options = Options { evidence: Some(&trust.evidence), ..Options::at(now_ms, trust.anchors.as_ref()) };
    // Without lists nobody says that it is qualified.
    let listed = trust.anchors.as_ref().and_then(Anchors::lists).is_some();
    sealer.prove(&options).map(|told| Grade::of(told.filter(|_| listed)))
}

impl Desk {
    /// With the configured seal where there is one, and with who stamps what is sealed.
    #[must_use]
    pub fn with_seal(mut self, configured: Option<Box<Open>>, ask: Option<Box<Ask>>) -> Self {
        self.seal = Arc::new(Held { configured, ask, ..Held::default() });
        self
    }

    /// What seals papers, where there is a seal.
    pub fn sealer(&self) -> Outcome<Option<Arc<Sealer>>> {
        if !self.has_seal() {
            return Ok(None);
        }
        let own = || {
            let pem = self.archive.seal_pem().unwrap_or_default().as_bytes();
            Sealer::from_pem(pem, pem).map_err(|error| Unusable(chain(&error)))
        };
        let opened = self
            .seal
            .opened
            .get_or_init(|| self.seal.configured.as_ref().map_or_else(own, |open| open()).map(Arc::new));
        opened.clone().map(Some).map_err(fault)
    }

    /// Whether what must be sealed is sealed, now or once the seal can be used again.
    pub fn has_seal(&self) -> bool {
        self.seal.configured.is_some() || self.archive.seal_pem().is_some()
    }

    /// What the seal is worth to whom this installation believes.
    pub fn seal_grade(&self) -> Outcome<Grade> {
        let Some(sealer) = self.sealer()? else { return Ok(Grade::None) };
        let trust = self.trust();
        let mut known = self.seal.grade.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((version, grade)) if *version == trust.version => Ok(*grade),
            _ => {
                let grade = prove(&sealer, &trust, self.archive.now_ms()).map_err(fault)?;
                *known = Some((trust.version.clone(), grade));
                Ok(grade)
            }
        }
    }

    /// What the seal is worth that a paper is about to bear; refused where it cannot be used.
    pub(crate) fn usable_seal(&self) -> Outcome<Grade> {
        self.seal_grade().or_else(|_| refuse(Refusal::SealUnusable))
    }

    /// How it stands, for who keeps the service running.
    pub async fn seal_standing(&self) -> Standing {
        let desk = self.clone();
        let looked = tokio::task::spawn_blocking(move || desk.look_at_seal()).await;
        looked.unwrap_or_else(|error| Standing::Unusable(error.to_string()))
    }

    fn look_at_seal(&self) -> Standing {
        let unusable = |error: &ActError<Refusal>| {
            Standing::Unusable(match error {
                ActError::Fault(ArchiveError::Corrupt(why)) => why.clone(),
                other => other.to_string(),
            })
        };
        let sealer = match self.sealer() {
            Ok(Some(sealer)) => sealer,
            Ok(None) => return Standing::Absent,
            Err(error) => return unusable(&error),
        };
        match (sealer.about().map_err(fault), self.seal_grade()) {
            (Ok(about), Ok(grade)) => Standing::Ready(Ready {
                subject: about.subject,
                issuer: about.issuer,
                not_before_ms: about.not_before_ms,
                not_after_ms: about.not_after_ms,
                may_sign: about.may_sign,
                grade,
                stamped: self.seal.ask.is_some(),
                silent: self.seal.silent.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            }),
            (Err(error), _) | (_, Err(error)) => unusable(&error),
        }
    }

    /// What sets the seal on one paper; `None` without a seal.
    pub(crate) fn press(&self) -> Outcome<Option<Press>> {
        let Some(sealer) = self.sealer()? else { return Ok(None) };
        Ok(Some(Press { sealer, at_ms: self.archive.now_ms(), desk: self.clone() }))
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// Sets the seal on one paper; blocks.
pub(crate) struct Press {
    sealer: Arc<Sealer>,
    at_ms: i64,
    desk: Desk,
}

impl Press {
    /// The paper with the seal of a body, and with a time stamp of the seal where an authority answers. What it is not is
    /// said in it: not qualified, without a time stamp.
    pub(crate) fn set(&self, words: &Words<'_>, body: &str, reason: &str, pdf: &[u8]) -> Outcome<Vec<u8>> {
        let held = &self.desk.seal;
        let mut reason = reason.to_owned();
        if self.desk.seal_grade()? != Grade::Qualified {
            reason = words.with("seal-reason-not-qualified", &Args::new().with("reason", reason));
        }
        let Some(ask) = held.ask.as_deref() else { return self.once(body, &reason, None, pdf) };
        let silent = held.silent.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if silent.is_none_or(|(since, _)| !(0..AFTER_SILENCE_MS).contains(&(self.at_ms - since))) {
            match self.tried(body, &reason, Some(ask), pdf) {
                Err(plico_pdf::seal::SealError::Signer(
                    error @ (SealError::Stamp(_) | SealError::StampWrong(_)),
                )) => {
                    let why = chain(&error);
                    tracing::warn!(why, "a seal is set without its time stamp");
                    *held.silent.lock().unwrap_or_else(PoisonError::into_inner) = Some((self.at_ms, why));
                }
                made => {
                    *held.silent.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    return made.map_err(fault);
                }
            }
        }
        let reason = words.with("seal-reason-not-stamped", &Args::new().with("reason", reason));
        self.once(body, &reason, None, pdf)
    }

    fn once(&self, body: &str, reason: &str, ask: Option<&Ask>, pdf: &[u8]) -> Outcome<Vec<u8>> {
        self.tried(body, reason, ask, pdf).map_err(fault)
    }

    fn tried(
        &self,
        body: &str,
        reason: &str,
        ask: Option<&Ask>,
        pdf: &[u8],
    ) -> Result<Vec<u8>, plico_pdf::seal::SealError<SealError>> {
        let stamper = ask.map(|ask| ask as &plico_signature::Stamper<'_>);
        let within = |reserve| {
            let how = Mark { name: body, reason, at_ms: self.at_ms, reserve };
            seal(pdf, &how, |digest| self.sealer.cades_detached(digest, &Making { at_ms: None, stamper }))
        };
        match within(self.sealer.room() + ask.map_or(0, |_| STAMP)) {
            // Another stamp may be some bytes longer.
            Err(plico_pdf::seal::SealError::TooSmall { size, .. }) => within(size + 1024),
            made => made,
        }
    }
}
