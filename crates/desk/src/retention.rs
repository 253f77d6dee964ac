//! How long things are kept: each kind of message has its years (the class of the body's retention schedule, AgID
//! Allegato 5), a case file goes whole when the longest of its messages may, and nothing goes while it is under a hold.

use std::collections::{BTreeMap, BTreeSet};

use plico_archive::read::destruction::{self, CandidateRow, HoldRow};
use plico_archive::{NewEvent, Work};
use plico_database::args;
use plico_record::act::{Act, CaseFileHeld, CaseFileHoldLifted, MessageHeld, MessageHoldLifted};
use plico_record::authority::Deed;
use plico_record::day::LegalDay;

use crate::kind::{LETTER_YEARS, PERMANENT};
use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Messages that one proposal names at most; what is left goes into the next.
pub const PROPOSAL: usize = 1000;
/// Messages looked at for it: those that are due are among the oldest.
const LOOKED_AT: usize = 20_000;
const REASON_CHARS: usize = 2000;
const HOLD: &str = "select count(*) from hold where kind = $1 and thing = $2";

/// What a hold is set on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holdable {
    /// A message.
    Message,
    /// A case file, with all that is in it.
    CaseFile,
}

impl Holdable {
    /// The stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::CaseFile => "case_file",
        }
    }
}

impl Desk {
    /// The hold on a thing that the records manager may set or lift one on, and what it is called.
    pub async fn hold(&self, actor: &Actor, what: Holdable, id: &str) -> Outcome<(String, Option<HoldRow>)> {
        let title = match what {
            Holdable::Message => self.allowed_message(actor, Deed::Destroy, id).await?.subject,
            Holdable::CaseFile => self.case(actor, Deed::Destroy, id).await?.title,
        };
        Ok((title, destruction::hold(self.archive.database(), what.code(), id).await?))
    }

    /// Holds in force.
    pub async fn holds(&self, actor: &Actor) -> Outcome<Vec<HoldRow>> {
        Self::admit(actor, Deed::Destroy)?;
        Ok(destruction::holds(self.archive.database(), &actor.administration).await?)
    }

    /// Sets a hold.
    pub async fn set_hold(&self, actor: &Actor, what: Holdable, id: &str, reason: &str) -> Outcome<()> {
        self.hold(actor, what, id).await?;
        let (id, reason) = (id.to_owned(), told(reason)?);
        let act: Act = match what {
            Holdable::Message => MessageHeld { message: id.clone(), reason }.into(),
            Holdable::CaseFile => CaseFileHeld { case_file: id.clone(), reason }.into(),
        };
        self.move_hold(actor, what, id, act, 0).await
    }

    /// Lifts a hold.
    pub async fn lift_hold(&self, actor: &Actor, what: Holdable, id: &str, reason: &str) -> Outcome<()> {
        self.hold(actor, what, id).await?;
        let (id, reason) = (id.to_owned(), told(reason)?);
        let act: Act = match what {
            Holdable::Message => MessageHoldLifted { message: id.clone(), reason }.into(),
            Holdable::CaseFile => CaseFileHoldLifted { case_file: id.clone(), reason }.into(),
        };
        self.move_hold(actor, what, id, act, 1).await
    }

    async fn move_hold(
        &self,
        actor: &Actor,
        what: Holdable,
        id: String,
        act: Act,
        standing: i64,
    ) -> Outcome<()> {
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(HOLD, args![what.code(), &id]).await? != standing {
                        return refuse(if standing == 0 { Refusal::Held } else { Refusal::Exists });
                    }
                    work.append(NewEvent::by(&actor, id, act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// The messages that are past their term, oldest first, at most [`PROPOSAL`]: finished, under no hold, of no permanent
    /// kind, in no proposal that is open; those of a case file only when all of it may go.
    pub async fn due(&self, actor: &Actor) -> Outcome<Vec<CandidateRow>> {
        Self::admit(actor, Deed::Destroy)?;
        let body = &actor.administration;
        let years: BTreeMap<String, u32> =
            self.kinds(body).await?.into_iter().map(|kind| (kind.code, kind.retention_years)).collect();
        let today = LegalDay::at(self.archive.now_ms());
        let shortest = years.values().copied().min().unwrap_or(LETTER_YEARS).min(LETTER_YEARS);
        let before = today.years_before(shortest).start_ms();
        let rows = destruction::candidates(self.archive.database(), body, before, LOOKED_AT).await?;
        let term = |row: &CandidateRow| {
            let own = years.get(&row.kind).or_else(|| years.get(row.thread_kind.as_deref()?));
            own.copied().unwrap_or(if row.direction == "out" { LETTER_YEARS } else { PERMANENT })
        };
        let may_go = |row: &CandidateRow| {
            let since = row.closed_ms.unwrap_or(row.registered_ms);
            let years = term(row);
            row.finished
                && !row.held
                && !row.proposed
                && years < PERMANENT
                && since < today.years_before(years).start_ms()
        };
        // Of a case file that stays, everything stays.
        let stays: BTreeSet<String> =
            rows.iter().filter(|row| !may_go(row)).filter_map(|row| row.case_file.clone()).collect();
        let mut due: Vec<CandidateRow> = rows.iter().filter(|row| may_go(row)).cloned().collect();
        due.retain(|row| row.case_file.as_ref().is_none_or(|case| !stays.contains(case)));
        cut(&mut due, rows.len() == LOOKED_AT);
        Ok(due)
    }
}

/// No more than one proposal takes, and no case file in pieces.
fn cut(due: &mut Vec<CandidateRow>, looked_short: bool) {
    let mut files: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for row in due.iter() {
        *files.entry(row.case_file.clone()).or_default() += 1;
    }
    let mut taken: BTreeSet<Option<String>> = BTreeSet::new();
    let mut count = 0;
    due.retain(|row| match &row.case_file {
        None => {
            count += 1;
            count <= PROPOSAL
        }
        // What was not looked at may be in the same file.
        Some(_) if looked_short => false,
        file if taken.contains(file) => true,
        file => {
            let size = files.get(file).copied().unwrap_or_default();
            let fits = count + size <= PROPOSAL || count == 0;
            if fits {
                count += size;
                taken.insert(file.clone());
            }
            fits
        }
    });
}

fn told(reason: &str) -> Outcome<String> {
    let reason: String = reason.trim().chars().take(REASON_CHARS).collect();
    if reason.is_empty() {
        return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
    }
    Ok(reason)
}
