//! The time stamps of one signature: what they are over, and whether their authority may be believed.

use plico_crypto::verify::Hash;

use crate::archive::older;
use crate::check::Setting;
use crate::digest::digest;
use crate::path::{Answer, Judge};
use crate::proof::{Poe, StampKind, StampReport};
use crate::report::Reason;
use crate::signer::SignerInfo;
use crate::timestamp::TimestampError;
use crate::token::{MAX_INNER, Token};
use crate::tsl::Kind;
use crate::{archive, instant, oid};

/// Time stamps of one signature that are looked at.
const MAX_STAMPS: usize = 32;

/// A time stamp, looked at.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    pub(crate) kind: StampKind,
    pub(crate) token: Result<Token, TimestampError>,
    pub(crate) trusted: bool,
    /// A trusted list says that its authority was qualified when it was made; nothing when no lists were given.
    qualified: Option<bool>,
    reason: Option<Reason>,
    /// Of the forms before baseline signatures (ETSI TS 101 733): evidence, and no part of a level.
    pub(crate) older: bool,
    /// The tokens that one over everything is over; `None` when all that are older.
    over: Option<Vec<Vec<u8>>>,
}

impl Stamp {
    pub(crate) fn new(kind: StampKind, token: Result<Token, TimestampError>) -> Self {
        let reason = token.is_err().then_some(Reason::TimeStampWrong);
        Self { kind, token, trusted: false, qualified: None, reason, older: false, over: None }
    }

    /// One of which nothing can be said.
    pub(crate) fn untold(kind: StampKind) -> Self {
        let bare = Self::new(kind, Err(TimestampError::Malformed));
        Self { reason: Some(Reason::TimeStampNotChecked), ..bare }
    }

    /// Says that it is over these tokens and no others, and whether it is of the forms before baseline signatures.
    pub(crate) fn among(self, older: bool, over: Vec<Vec<u8>>) -> Self {
        Self { older, over: Some(over), ..self }
    }

    /// Takes it for one over something else.
    pub(crate) fn breaks(&mut self) {
        *self = Self::new(self.kind, Err(TimestampError::Imprint));
    }

    pub(crate) fn report(&self) -> StampReport {
        let token = self.token.as_ref().ok();
        StampReport {
            kind: self.kind,
            at: token.map(|token| instant::rfc3339(token.at_ms)),
            authority: token.and_then(Token::authority),
            intact: token.is_some(),
            trusted: self.trusted,
            qualified: self.qualified,
            reason: self.reason,
        }
    }

    /// The latest instant at which the signature can have been made, when this shows one.
    pub(crate) fn upper_ms(&self) -> Option<i64> {
        let token = self.token.as_ref().ok().filter(|_| self.trusted && self.kind != StampKind::Content)?;
        Some(token.latest_ms())
    }

    /// The earliest instant at which it can have been made, when this shows one.
    pub(crate) fn lower_ms(&self) -> Option<i64> {
        let token = self.token.as_ref().ok().filter(|_| self.trusted && self.kind == StampKind::Content)?;
        Some(token.at_ms.saturating_sub(token.accuracy_ms))
    }

    /// Whether it shows that another stamp was there before it. One over the content is signed.
    fn is_over(&self, other: &Self) -> bool {
        let names = |over: &Vec<Vec<u8>>| other.token.as_ref().is_ok_and(|token| over.contains(&token.id));
        self.covers() && (other.kind == StampKind::Content || self.over.as_ref().is_none_or(names))
    }

    /// Whether it is over everything, other time stamps too.
    fn covers(&self) -> bool {
        matches!(self.kind, StampKind::Archive | StampKind::Document)
    }
}

/// Every time stamp of a signature, the trusted ones marked.
pub(crate) fn all(info: &SignerInfo<'_>, setting: &Setting<'_>) -> Vec<Stamp> {
    let over_signature = |hash: Hash| Some(digest(hash, info.signature));
    let mut stamps = Vec::new();
    for value in info.unsigned.values(oid::SIGNATURE_TIME_STAMP).take(MAX_STAMPS) {
        let token = Token::read(value.raw, MAX_INNER, &over_signature);
        stamps.push(Stamp::new(StampKind::Signature, token));
    }
    for value in info.unsigned.values(oid::REFERENCES_TIME_STAMP).take(MAX_STAMPS) {
        // The signature, the stamps over it, what says by which evidence it held.
        let with = [oid::SIGNATURE_TIME_STAMP, oid::CERTIFICATE_REFERENCES, oid::REVOCATION_REFERENCES];
        let with = with.map(|id| info.unsigned.bare(id)).concat();
        let over = |hash: Hash| Some(digest(hash, &[info.signature, &with].concat()));
        let token = Token::read(value.raw, MAX_INNER, &over);
        stamps.push(Stamp { older: true, ..Stamp::new(StampKind::Signature, token) });
    }
    for value in info.signed.iter().flat_map(|signed| signed.values(oid::CONTENT_TIME_STAMP)).take(MAX_STAMPS)
    {
        stamps.push(Stamp::new(StampKind::Content, Token::read(value.raw, MAX_INNER, setting.digest)));
    }
    for value in info.unsigned.values(oid::ARCHIVE_TIME_STAMP_V3).take(MAX_STAMPS) {
        let (token, over) = match archive::read(value.raw, info, setting) {
            Ok((token, over)) => (Ok(token), Some(over)),
            Err(error) => (Err(error), None),
        };
        stamps.push(Stamp { over, ..Stamp::new(StampKind::Archive, token) });
    }
    for token in older::stamps(info, setting) {
        stamps.push(Stamp { older: true, ..Stamp::new(StampKind::Archive, token) });
    }
    stamps.extend(setting.documents.iter().cloned());
    if let Some(judge) = setting.judge {
        vouch(&mut stamps, judge, setting.poes);
    }
    stamps
}

/// Sorts time stamps, the newest first, and asks who their authorities are.
pub(crate) fn vouch(stamps: &mut [Stamp], judge: &Judge<'_>, poes: &[Poe]) {
    // What is over everything proves that the older ones existed before it.
    let at = |stamp: &Stamp| stamp.token.as_ref().map_or(i64::MIN, |token| token.at_ms);
    stamps.sort_by_key(|stamp| (std::cmp::Reverse(at(stamp)), !stamp.covers()));
    for place in 0..stamps.len() {
        let (newer, rest) = stamps.split_at_mut(place);
        let Some(stamp) = rest.first_mut() else { return };
        let newer = newer.iter().filter(|newer| newer.is_over(stamp)).filter_map(Stamp::upper_ms);
        let proven: Vec<i64> = poes.iter().map(|poe| poe.at_ms).chain(newer).collect();
        trust(stamp, judge, &proven);
    }
}

/// Asks who the authority is: at its own time, and now, or at a time when the stamp is proven to have existed.
fn trust(stamp: &mut Stamp, judge: &Judge<'_>, proven: &[i64]) {
    let Ok(token) = &stamp.token else { return };
    let Some(own) = token.certificates.first().and_then(|der| judge.pool.number(der)) else { return };
    // Whom a list vouched for when the stamp was made is not undone when it no longer does.
    let found = |at_ms| judge.find_vouched(own, at_ms, token.at_ms, 0);
    let good = |at_ms| found(at_ms).answer == Answer::Good;
    let later = std::iter::once(judge.now_ms).chain(proven.iter().copied().filter(|&at| at >= token.at_ms));
    stamp.trusted = token.at_ms <= judge.now_ms && good(token.at_ms) && later.into_iter().any(good);
    if !stamp.trusted {
        stamp.reason = Some(Reason::TimeStampUntrusted);
    }
    if judge.anchors.lists().is_some() {
        let anchor = found(token.at_ms).chain.last().and_then(|&last| judge.pool[last].anchor);
        let services = anchor.map(|anchor| judge.anchors.services(anchor)).unwrap_or_default();
        stamp.qualified = Some(
            stamp.trusted
                && services.iter().any(|(list, service)| {
                    let period = service.at(token.at_ms);
                    let granted = period.is_some_and(|p| p.kind == Kind::Qtst && p.is_granted(token.at_ms));
                    granted && !list.is_expired(token.at_ms)
                }),
        );
    }
}
