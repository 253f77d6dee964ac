//! What is said of a document's signatures: when it comes, again once it is registered, and again when more is known.
//!
//! A verdict depends on whom the verifier believed and on what authorities had said by then, so it cannot be derived
//! again later: it is kept in an event. One that says nothing new is not kept. Nothing ever waits for a verdict, and a
//! bad one refuses nothing.

mod class;
mod etsi;
mod fit;
mod look;
mod paper;
#[cfg(test)]
pub(crate) mod samples;
mod worth;

use plico_archive::read::message::{self, DocumentRow, MessageRow};
use plico_archive::read::verdict;
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::DocumentVerdictRenewed;
use plico_record::actor::Who;
use plico_record::authority::Deed;
use plico_signature::proof::{Moment, Poe, PoeSource};
use plico_signature::report::{Indication, Reason, SignatureReport};
use plico_signature::revocation::Evidence;
use plico_signature::revocation::want::Want;
use plico_signature::{Anchors, Plain, Report};
use plico_vault::BlobReader;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use class::Class;
pub use etsi::etsi;
pub use fit::Fit;
pub use look::{source, take};
pub use worth::{expired_lists, worth};

use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// How long after its registration a document is looked at again, while something could not be asked (milliseconds).
const WAIT_MS: i64 = 90 * 86_400_000;

/// Whom this installation believes about signatures, and what it has heard of revocation.
#[derive(Debug, Default)]
pub struct Trust {
    /// The authorities; none: no signature can be called valid.
    pub anchors: Option<Anchors>,
    /// Lists and answers.
    pub evidence: Evidence,
    /// Differs whenever any of it does: what was said by another one is looked at again.
    pub version: String,
}

/// A verdict, as it is kept with the document and in the event that renews it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Version of this form: 1.
    pub v: u8,
    /// When it was given (UTC milliseconds).
    pub at: i64,
    /// For people.
    pub plain: Plain,
    /// Everything that was found.
    pub report: Report,
    /// Whether its format is fit to be kept; found once, when the file came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
}

impl Verdict {
    /// Reads what was kept. `None` for what an older or later version wrote otherwise.
    pub fn read(kept: &str) -> Option<Self> {
        serde_json::from_str(kept).ok()
    }

    /// As it is kept.
    pub(crate) fn to_value(&self) -> Option<Value> {
        serde_json::to_value(self).ok()
    }

    pub(crate) fn is_signed(&self) -> bool {
        matches!(self.plain, Plain::Signed { .. })
    }

    /// Whether somebody who could not be asked may still answer.
    fn may_settle(&self) -> bool {
        use Reason::{
            CertificateSuspended, ListExpired, NoPath, RevocationNotChecked, RevocationStale,
            RevocationUnknown, RevocationUntrusted,
        };
        let open = [
            NoPath,
            ListExpired,
            RevocationNotChecked,
            RevocationStale,
            RevocationUntrusted,
            RevocationUnknown,
            CertificateSuspended,
        ];
        self.report.all_signatures().any(|found| {
            found.indication == Indication::Indeterminate
                && found.reasons.iter().any(|reason| open.contains(reason))
        })
    }

    /// Whether somebody offers what could say more.
    fn lacks(&self) -> bool {
        let stamps = || self.report.all_signatures().flat_map(|found| &found.time_stamps);
        self.may_settle() || stamps().any(|stamp| stamp.intact && !stamp.trusted)
    }

    /// What it comes to, without what changes from day to day: the instant, and which list said so.
    fn gist(&self) -> Value {
        self.report.all_signatures().map(gist).collect()
    }
}

fn gist(found: &SignatureReport) -> Value {
    let moment = |at: &Moment| json!([at.reference, at.name, at.indication, at.sub_indication]);
    let times = found.times.as_ref();
    let counters: Vec<Value> = found.counter_signatures.iter().map(gist).collect();
    json!([
        found.indication,
        found.sub_indication,
        found.reasons,
        times.and_then(|times| times.claimed.as_ref()).map(moment),
        times.and_then(|times| times.opposable.as_ref()).map(moment),
        found.qualification.as_ref().map(|told| json!([told.result, told.reasons])),
        counters
    ])
}

/// What is known of a document's signatures, for whoever may read the document.
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// The document.
    pub document: DocumentRow,
    /// Its message.
    pub message: MessageRow,
    /// The newest first; none when nothing in it could be signed.
    pub verdicts: Vec<Verdict>,
}

/// What became of looking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// There is nothing to wait for.
    Settled,
    /// More may become known.
    Waits,
}

const VERIFICATION: &str = "select verification from document where id = $1";
const LOOKED: &str = "insert into looked (document, at_ms, trust) values ($1, $2, $3)
    on conflict (document) do update set at_ms = excluded.at_ms, trust = excluded.trust";

/// Signed files are looked at once more when they have a number: it shows that their signatures were there by then.
pub(crate) fn renew_later(
    work: &mut Work,
    administration: &str,
    message: &str,
    signed: &[String],
) -> Result<(), ActError<Refusal>> {
    for id in signed {
        let payload = json!({"v": 1, "document": id, "message": message});
        work.enqueue("verdict", &format!("verdict/{id}"), administration, &payload)?;
    }
    Ok(())
}

/// UTC milliseconds of an instant as a report writes it.
pub fn ms(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|at| at.to_string()).unwrap_or_default()
}

/// The registration as a reference in time that others must accept (DPCM 22/2/2013 art. 41). An annulled entry is not
/// cited for anything.
fn registration(message: &MessageRow) -> Option<Poe> {
    let (area, number, at_ms) =
        (message.area.as_ref()?, message.registration_number()?, message.registered_ms?);
    let name = format!("{area} {number}");
    (!message.annulled).then_some(Poe { at_ms, source: PoeSource::RegistrationMark, name })
}

impl Desk {
    /// What could say more of a document's signatures, and who offers it; nothing when all is known that can be.
    pub async fn lacking(&self, id: &str) -> Outcome<Vec<Want>> {
        let Some((row, reader)) = self.to_look_at(id).await? else { return Ok(Vec::new()) };
        let found = self.look(&reader, None, registration(&row).into_iter().collect()).await;
        Ok(found.filter(|(verdict, _)| verdict.lacks()).map(|(_, wants)| wants).unwrap_or_default())
    }

    /// Looks at a document's signatures again, with its registration as a reference in time, and keeps what is new.
    /// Done twice, also at one time, the second finds nothing new.
    pub async fn renew_verdict(&self, id: &str) -> Outcome<Renewed> {
        let trust = self.trust();
        let Some((row, reader)) = self.to_look_at(id).await? else {
            self.note_looked(id, &trust.version).await?;
            return Ok(Renewed::Settled);
        };
        let Some((found, _)) = self.look(&reader, None, registration(&row).into_iter().collect()).await
        else {
            self.note_looked(id, &trust.version).await?;
            return Ok(Renewed::Settled);
        };
        let young =
            self.archive.now_ms() < row.registered_ms.unwrap_or(row.instant_ms).saturating_add(WAIT_MS);
        let waits = found.may_settle() && young;
        self.keep_verdict(&row, id, found, &trust.version).await?;
        Ok(if waits { Renewed::Waits } else { Renewed::Settled })
    }

    /// A signed document and its message. Where nobody is believed nothing more can be found.
    async fn to_look_at(&self, id: &str) -> Outcome<Option<(MessageRow, BlobReader)>> {
        let database = self.archive.database();
        let Some(document) = message::document(database, id).await? else { return Ok(None) };
        let kept = document.verification.as_deref().and_then(Verdict::read).filter(Verdict::is_signed);
        if kept.is_none() || self.trust().anchors.is_none() {
            return Ok(None);
        }
        let Some(row) = message::message(database, &document.message).await? else { return Ok(None) };
        Ok(Some((row, self.archive.open_document(id).await?)))
    }

    /// Whether whoever works on a message may have a document's signatures looked at again, now.
    pub async fn may_check_again(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let Some(document) = message::document(self.archive.database(), id).await? else {
            return self.gone(actor, id).await;
        };
        self.allowed_message(actor, Deed::Note, &document.message).await?;
        Ok(())
    }

    /// Notes that there was nothing to be looked at, or that it could not be.
    pub async fn note_looked(&self, id: &str, version: &str) -> Outcome<()> {
        let (id, version) = (id.to_owned(), version.to_owned());
        let noted = self.archive.act(move |work: &mut Work| {
            Box::pin(async move {
                let now = work.now_ms();
                Ok(work.tx.write(LOOKED, args![id, now, version])?)
            })
        });
        noted.await
    }

    /// In the transaction it is compared once more: somebody else may have looked at the same time, and known more.
    async fn keep_verdict(&self, row: &MessageRow, id: &str, found: Verdict, version: &str) -> Outcome<()> {
        let actor = Actor::system(&row.administration);
        let (document, message, version) = (id.to_owned(), row.id.clone(), version.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    // It may have been destroyed while it was read: nothing new is said of it then.
                    let kept: Option<(Option<String>,)> =
                        work.tx.optional(VERIFICATION, args![&document]).await?;
                    let Some((kept,)) = kept else { return Ok(()) };
                    let kept = kept.as_deref().and_then(Verdict::read);
                    let now = work.now_ms();
                    work.tx.write(LOOKED, args![&document, now, version])?;
                    if kept.as_ref().is_some_and(|kept| kept.at > found.at || kept.gist() == found.gist()) {
                        return Ok(());
                    }
                    let found = Verdict { fit: kept.and_then(|kept| kept.fit), ..found };
                    let verdict = found.to_value().ok_or_else(|| fault("a verdict that is no JSON"))?;
                    let act = DocumentVerdictRenewed { document: document.clone(), message, verdict };
                    work.append(NewEvent::by(&actor, document, act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// What is known of a document's signatures, for whoever may read it now. A person reads it as the document: opened
    /// first. Looking downloads nothing and is no event of its own, but for whoever reads by a mandate.
    pub async fn verdicts(&self, actor: &Actor, id: &str) -> Outcome<Verdicts> {
        let database = self.archive.database();
        let Some(document) = message::document(database, id).await? else {
            return self.gone(actor, id).await;
        };
        let delivery = self.readable(actor, &document.message).await?;
        if let (Some(delivery), Who::Person { .. }) = (&delivery, &actor.who) {
            if delivery.opened_ms.is_none() {
                return refuse(Refusal::NotOpened);
            }
            if document.withdrawn_ms.is_some() {
                return refuse(Refusal::NotServed);
            }
        }
        let Some(message) = message::message(database, &document.message).await? else {
            return refuse(Refusal::NotFound);
        };
        self.looked(actor, "document", id, "").await?;
        let kept = document.verification.clone().into_iter().chain(verdict::earlier(database, id).await?);
        let verdicts = kept.filter_map(|kept| Verdict::read(&kept)).collect();
        Ok(Verdicts { document, message, verdicts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plico_signature::Options;
    use plico_signature::forge::{KeyKind, Period, Pki, Recipe, Subject, cades};

    const NOW: i64 = 1_795_262_400_000;
    const DAY: i64 = 86_400_000;

    fn judged(file: &[u8], pki: &Pki, at: i64, lists: &[Vec<u8>]) -> Verdict {
        let anchors = Anchors::from_pem(&pki.anchors_pem().unwrap()).unwrap();
        let mut evidence = Evidence::default();
        for list in lists {
            evidence.add_crl(list).unwrap();
        }
        let options = Options { evidence: Some(&evidence), ..Options::at(at, Some(&anchors)) };
        let report = plico_signature::inspect(file, &options);
        Verdict { v: 1, at, plain: plico_signature::plain(&report), report, fit: None }
    }

    #[test]
    fn another_day_and_another_list_are_nothing_new_and_an_answer_is() {
        let mut pki = Pki::new("Comune di Borgo San Plico", NOW).unwrap();
        let subject = Subject {
            given_name: "Anna",
            surname: "Verdi",
            fiscal_code: "",
            organization: "",
            from_ms: NOW - 300 * DAY,
            to_ms: NOW + 300 * DAY,
        };
        let anna = pki.signer(&subject, KeyKind::P256).unwrap();
        let file = cades(&[&anna], b"contenuto", &Recipe::good(NOW - DAY)).unwrap();
        let lists = |from_ms: i64| {
            let period = Period { from_ms, to_ms: Some(from_ms + DAY) };
            [pki.crl(&[], period).unwrap(), pki.root_crl(None, period).unwrap()]
        };
        let open = judged(&file, &pki, NOW, &[]);
        assert!(open.may_settle());
        assert_eq!(open.gist(), judged(&file, &pki, NOW + DAY, &[]).gist());
        let first = judged(&file, &pki, NOW, &lists(NOW - 1000));
        let second = judged(&file, &pki, NOW + DAY, &lists(NOW + DAY - 1000));
        assert!(!first.may_settle());
        assert_ne!(first, second);
        assert_eq!(first.gist(), second.gist());
        assert_ne!(open.gist(), first.gist());
        let kept = first.to_value().unwrap().to_string();
        assert_eq!(Verdict::read(&kept), Some(first));
    }
}
