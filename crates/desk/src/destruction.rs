//! Lawful destruction: proposed by the records manager, authorised by the authority's act (number and date, possibly for a
//! part), carried out by a job, recorded. Complete is only what no key opens any more.

use std::collections::BTreeSet;

use plico_archive::read::destruction::{self, DestructionRow, ItemRow};
use plico_archive::{Authorisation, NewEvent, Rotation, Work};
use plico_database::args;
use plico_record::act::{DestructionAuthorised, DestructionDone, DestructionProposed, Struck};
use plico_record::authority::Deed;
use plico_record::day::LegalDay;

use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Messages erased in one transaction.
const BATCH: usize = 20;
/// Steps that one run of the job takes at most: its lease is not to end meanwhile.
const STEPS: usize = 50;
const TEXT_CHARS: usize = 500;

/// What the authority allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorisationForm {
    /// Who authorised.
    pub authority: String,
    /// Number of the act.
    pub number: String,
    /// Its day, `YYYY-MM-DD`.
    pub date: String,
    /// Messages that it does not cover.
    pub struck: Vec<String>,
    /// Why they stay.
    pub reason: String,
}

/// How far a destruction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is more to do.
    More,
    /// Another process keeps index and key file: it has to do it.
    NotHere,
    /// Complete, and recorded.
    Done,
}

const OPEN: &str = "select count(*) from destruction where id = $1 and authorised_ms is null";
const AUTHORISED: &str =
    "select count(*) from destruction where id = $1 and authorised_ms is not null and done_ms is null";
const NOT_DONE: &str = "select count(*) from destruction where id = $1 and done_ms is null";
// What is in an open proposal, or gone, or under a hold, or in a series, is not proposed (again).
const FREE: &str =
    "select count(*) from message m where m.id = $1 and m.administration = $2 and m.destruction is null
    and not exists (select 1 from hold h where (h.kind = 'message' and h.thing = m.id)
        or (h.kind = 'case_file' and h.thing = m.case_file))
    and not exists (select 1 from series_entry e where e.message = m.id)
    and not exists (select 1 from destruction_item i join destruction d on d.id = i.destruction
        where i.message = m.id and i.struck is null and d.done_ms is null)";
const NEWEST: &str = "select e.log, e.idx from event e join log l on l.id = e.log
    where l.administration = $1 and e.kind = $2 order by e.log desc, e.idx desc limit 1";
const ERASED: &str = "select count(*) from destruction_item where destruction = $1 and erased_ms is not null";

impl Desk {
    /// Destructions, newest first.
    pub async fn destructions(&self, actor: &Actor) -> Outcome<Vec<DestructionRow>> {
        Self::admit(actor, Deed::Destroy)?;
        Ok(destruction::destructions(self.archive.database(), &actor.administration).await?)
    }

    /// One destruction with what was proposed.
    pub async fn destruction(&self, actor: &Actor, id: &str) -> Outcome<(DestructionRow, Vec<ItemRow>)> {
        Self::admit(actor, Deed::Destroy)?;
        let database = self.archive.database();
        let row = destruction::one(database, id).await?;
        let Some(row) = row.filter(|row| row.administration == actor.administration) else {
            return refuse(Refusal::NotFound);
        };
        let items = destruction::items(database, id).await?;
        Ok((row, items))
    }

    /// Proposes what is past its term now; answers the proposal.
    pub async fn propose_destruction(&self, actor: &Actor) -> Outcome<String> {
        let due: Vec<String> = self.due(actor).await?.into_iter().map(|row| row.id).collect();
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    for message in &due {
                        if work.tx.scalar_i64(FREE, args![message, &actor.administration]).await? == 0 {
                            return refuse(Refusal::Exists);
                        }
                    }
                    if due.is_empty() {
                        return refuse(Refusal::NotFound);
                    }
                    let id = work.new_id();
                    let act = DestructionProposed { destruction: id.clone(), messages: due };
                    work.append(NewEvent::by(&actor, &id, act)).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Records the act that allows it, or part of it.
    pub async fn authorise_destruction(
        &self,
        actor: &Actor,
        id: &str,
        form: AuthorisationForm,
    ) -> Outcome<()> {
        let (row, items) = self.destruction(actor, id).await?;
        let act = self.authorisation_of(row.id, &items, form)?;
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(OPEN, args![&act.destruction]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    work.append(NewEvent::by(&actor, act.destruction.clone(), act)).await?;
                    Ok(())
                })
            })
            .await
    }

    fn authorisation_of(
        &self,
        destruction: String,
        items: &[ItemRow],
        form: AuthorisationForm,
    ) -> Outcome<DestructionAuthorised> {
        let mut errors = Vec::new();
        for (field, text) in [("authority", &form.authority), ("number", &form.number)] {
            if text.trim().is_empty() {
                errors.push(FieldError::required(field));
            } else if text.chars().count() > TEXT_CHARS {
                errors.push(FieldError::too_long(field, TEXT_CHARS));
            }
        }
        let today = LegalDay::at(self.archive.now_ms());
        let date = LegalDay::parse(form.date.trim()).filter(|day| *day <= today);
        if date.is_none() {
            errors.push(FieldError::of("date", "date"));
        }
        let struck: BTreeSet<String> = form.struck.into_iter().collect();
        if struck.iter().any(|message| !items.iter().any(|item| item.message == *message)) {
            errors.push(FieldError::of("struck", "unknown"));
        }
        let reason: String = form.reason.trim().chars().take(TEXT_CHARS).collect();
        if !struck.is_empty() && reason.is_empty() {
            errors.push(FieldError::required("reason"));
        }
        let (Some(date), true) = (date, errors.is_empty()) else {
            return refuse(Refusal::Invalid(errors));
        };
        Ok(DestructionAuthorised {
            destruction,
            authority: form.authority.trim().into(),
            number: form.number.trim().into(),
            date: date.to_string(),
            struck: struck.into_iter().map(|message| Struck { message, reason: reason.clone() }).collect(),
        })
    }

    /// Orders an authorised destruction; a second order is the same one.
    pub async fn order_destruction(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let (row, _) = self.destruction(actor, id).await?;
        let administration = actor.administration.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(AUTHORISED, args![&row.id]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    let payload = serde_json::json!({"v": 1, "destruction": row.id});
                    let key = format!("destruction/{}", row.id);
                    work.enqueue("destruction", &key, &administration, &payload)?;
                    Ok(())
                })
            })
            .await
    }

    /// Goes on with an ordered destruction, for a while. Idempotent: what is done is seen, and the rest is done; a crash
    /// anywhere in it loses nothing and leaves nothing half.
    pub async fn carry_out(&self, administration: &str, id: &str) -> Outcome<Progress> {
        if !self.archive.leads().await {
            return Ok(Progress::NotHere);
        }
        let database = self.archive.database();
        let Some(row) = destruction::one(database, id).await? else { return refuse(Refusal::NotFound) };
        if row.done_ms.is_some() {
            return Ok(Progress::Done);
        }
        let (Some(authority), Some(number), Some(date)) = (row.authority, row.number, row.date) else {
            return refuse(Refusal::NotFound);
        };
        let (destruction, administration) = (id.to_owned(), administration.to_owned());
        let authorisation = Authorisation { destruction, administration, authority, number, date };
        let Some(held) = self.erase_some(&authorisation).await? else { return Ok(Progress::More) };
        if row.erased == 0 && destruction::one(database, id).await?.is_none_or(|row| row.erased == 0) {
            // Nothing went: there is nothing to wrap again, and no word to forget.
            self.record_done(&authorisation, held, 0, true).await?;
            return Ok(Progress::Done);
        }
        self.archive.forget_persons(&authorisation.administration, id).await?;
        self.archive.forget_words().await?;
        let Some(epoch) = self.renew_keys(&authorisation.administration).await? else {
            return Ok(Progress::More);
        };
        // Content goes after the keys: what a crash leaves of it opens with nothing.
        self.archive.sweep_blobs().await?;
        let rewritten = database.rewrite().await.map_err(plico_archive::ArchiveError::from)?;
        self.record_done(&authorisation, held, epoch, rewritten).await?;
        Ok(Progress::Done)
    }

    /// `None` when more is to be erased; at the end what is under a hold.
    async fn erase_some(&self, authorisation: &Authorisation) -> Outcome<Option<Vec<String>>> {
        let database = self.archive.database();
        let mut held = BTreeSet::new();
        for _ in 0..STEPS {
            let left = destruction::left(database, &authorisation.destruction, BATCH + held.len()).await?;
            let next: Vec<String> = left.into_iter().filter(|message| !held.contains(message)).collect();
            if next.is_empty() {
                return Ok(Some(held.into_iter().collect()));
            }
            let done = self.archive.erase(authorisation, next.clone()).await?;
            if done.erased.is_empty() {
                // Nothing of these went, and nothing will.
                held.extend(next);
            } else {
                held.extend(done.held);
            }
        }
        Ok(None)
    }

    /// Everything of the administration under an epoch that began after the last erasure; `None` when more is to be done.
    async fn renew_keys(&self, administration: &str) -> Outcome<Option<u32>> {
        let database = self.archive.database();
        let newest =
            async |kind: &str| database.optional::<(i64, i64)>(NEWEST, args![administration, kind]).await;
        let state = self.archive.epoch_state(administration).await?;
        let begun = newest("key.added").await? > newest("part.erased").await?;
        let target = if begun { state.newest } else { state.newest + 1 };
        for _ in 0..STEPS {
            if let Rotation::Complete(epoch) = self.archive.rotate(administration, target).await? {
                return Ok(Some(epoch));
            }
        }
        Ok(None)
    }

    async fn record_done(
        &self,
        authorisation: &Authorisation,
        held: Vec<String>,
        epoch: u32,
        rewritten: bool,
    ) -> Outcome<()> {
        let id = authorisation.destruction.clone();
        let actor = Actor::system(&authorisation.administration);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(NOT_DONE, args![&id]).await? == 0 {
                        return Ok(());
                    }
                    let erased = work.tx.scalar_i64(ERASED, args![&id]).await?.cast_unsigned();
                    let act = DestructionDone { destruction: id.clone(), erased, held, epoch, rewritten };
                    work.append(NewEvent::by(&actor, id, act)).await?;
                    Ok(())
                })
            })
            .await
    }
}
