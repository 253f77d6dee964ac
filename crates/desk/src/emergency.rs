//! The emergency register (art. 63 DPR 445/2000): opened by the records manager while the ordinary one cannot be used, for a
//! week at a time; its numbers are given by hand, and each is registered afterwards with the number that it had.

use plico_archive::read::emergency::{self, EmergencyRow, EnteredRow};
use plico_archive::{NewEvent, Work};
use plico_database::args;
use plico_record::act::{EmergencyClosed, EmergencyOpened, EmergencyRenewed};
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;

use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// The longest time that one act authorises, in days (art. 63 c. 2).
const WEEK_DAYS: i64 = 7;
const DAY_MS: i64 = 86_400_000;
/// Those that are listed.
const LISTED: usize = 200;
/// Characters of a cause or an act.
const LONGEST: usize = 1000;

const OPEN: &str = "select count(*) from emergency where administration = $1 and to_ms is null";
const STILL_OPEN: &str = "select count(*) from emergency where id = $1 and to_ms is null";

/// An emergency with what of it is in the ordinary register.
#[derive(Debug, Clone)]
pub struct EmergencyView {
    /// What is known of it.
    pub row: EmergencyRow,
    /// How many were registered by hand on each day.
    pub totals: Vec<(String, u32)>,
    /// What is in the ordinary register.
    pub entered: Vec<EnteredRow>,
    /// The actor may renew and close it.
    pub manages: bool,
}

impl EmergencyView {
    /// How many were registered by hand in all.
    pub fn total(&self) -> i64 {
        self.totals.iter().map(|(_, many)| i64::from(*many)).sum()
    }
}

impl Desk {
    /// Whether the actor manages the register.
    pub fn manages_register(actor: &Actor) -> Outcome<()> {
        permit(actor, Deed::Rectify, &Thing::Administration { id: actor.administration.clone() })
    }

    /// Every use of the emergency register, newest first; and whether the actor may open it.
    pub async fn emergencies(&self, actor: &Actor) -> Outcome<(Vec<EmergencyRow>, bool)> {
        Self::may_read_register(actor)?;
        let rows = emergency::all(self.archive.database(), &actor.administration, LISTED).await?;
        let free = rows.iter().all(|row| row.to_ms.is_some());
        Ok((rows, free && Self::manages_register(actor).is_ok()))
    }

    /// One of them.
    pub async fn emergency(&self, actor: &Actor, id: &str) -> Outcome<EmergencyView> {
        Self::may_read_register(actor)?;
        let row = emergency::one(self.archive.database(), id).await?;
        let Some(row) = row.filter(|row| row.administration == actor.administration) else {
            return refuse(Refusal::NotFound);
        };
        Ok(EmergencyView {
            totals: serde_json::from_str(&row.totals).unwrap_or_default(),
            entered: emergency::entered(self.archive.database(), id).await?,
            manages: row.to_ms.is_none() && Self::manages_register(actor).is_ok(),
            row,
        })
    }

    /// Opens it: since when, why, and which act authorises it until which day.
    pub async fn open_emergency(
        &self,
        actor: &Actor,
        cause: &str,
        from_ms: Option<i64>,
        until: &str,
        authorisation: &str,
    ) -> Outcome<String> {
        Self::manages_register(actor)?;
        let now = self.archive.now_ms();
        let from = from_ms.unwrap_or(now);
        let mut errors = Vec::new();
        required(&mut errors, "cause", cause);
        required(&mut errors, "authorisation", authorisation);
        if from > now {
            errors.push(FieldError::of("from_day", "future"));
        }
        week(&mut errors, until, from);
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let act = EmergencyOpened {
            emergency: self.fresh_id(),
            cause: cause.trim().into(),
            from,
            until: until.trim().into(),
            authorisation: authorisation.trim().into(),
        };
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(OPEN, args![&actor.administration]).await? > 0 {
                        return refuse(Refusal::Exists);
                    }
                    let id = act.emergency.clone();
                    work.append(NewEvent::by(&actor, &id, act)).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Authorises it for another week at most.
    pub async fn renew_emergency(
        &self,
        actor: &Actor,
        id: &str,
        until: &str,
        authorisation: &str,
    ) -> Outcome<()> {
        Self::manages_register(actor)?;
        let view = self.emergency(actor, id).await?;
        let mut errors = Vec::new();
        required(&mut errors, "authorisation", authorisation);
        // From where the last act ends: what was authorised late is told act by act.
        week(&mut errors, until, LegalDay::parse(&view.row.until).map_or(0, LegalDay::start_ms));
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let act = EmergencyRenewed {
            emergency: id.into(),
            until: until.trim().into(),
            authorisation: authorisation.trim().into(),
        };
        self.while_open(actor, id, NewEvent::by(actor, id, act)).await
    }

    /// Closes it: until when, and how many were registered by hand on each day.
    pub async fn close_emergency(
        &self,
        actor: &Actor,
        id: &str,
        to_ms: Option<i64>,
        totals: Vec<(String, u32)>,
    ) -> Outcome<()> {
        Self::manages_register(actor)?;
        let view = self.emergency(actor, id).await?;
        let now = self.archive.now_ms();
        let to = to_ms.unwrap_or(now);
        let mut errors = Vec::new();
        if to > now {
            errors.push(FieldError::of("to_day", "future"));
        } else if to < view.row.from_ms {
            errors.push(FieldError::of("to_day", "before"));
        }
        let (first, last) = (LegalDay::at(view.row.from_ms), LegalDay::at(to));
        let within = |day: &str| LegalDay::parse(day).is_some_and(|day| (first..=last).contains(&day));
        let mut days: Vec<&str> = totals.iter().map(|(day, _)| day.as_str()).collect();
        days.sort_unstable();
        days.dedup();
        if totals.is_empty() || days.len() != totals.len() || !days.into_iter().all(within) {
            errors.push(FieldError::of("totals", "emergency_totals"));
        }
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let act = EmergencyClosed { emergency: id.into(), to, totals };
        self.while_open(actor, id, NewEvent::by(actor, id, act)).await
    }

    async fn while_open(&self, actor: &Actor, id: &str, event: NewEvent) -> Outcome<()> {
        let (id, _) = (id.to_owned(), actor);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(STILL_OPEN, args![&id]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    work.append(event).await?;
                    Ok(())
                })
            })
            .await
    }
}

fn required(errors: &mut Vec<FieldError>, field: &'static str, text: &str) {
    if text.trim().is_empty() {
        errors.push(FieldError::required(field));
    } else if text.chars().count() > LONGEST {
        errors.push(FieldError::too_long(field, LONGEST));
    }
}

/// A day within a week of an instant.
fn week(errors: &mut Vec<FieldError>, until: &str, from_ms: i64) {
    let last = LegalDay::at(from_ms + WEEK_DAYS * DAY_MS);
    let fits = LegalDay::parse(until.trim()).is_some_and(|day| day >= LegalDay::at(from_ms) && day <= last);
    if !fits {
        errors.push(FieldError::of("until", "emergency_week"));
    }
}
