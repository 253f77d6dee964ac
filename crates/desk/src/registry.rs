//! Corrections of the register: the records manager's alone. The old value stays beside the new; an annulment keeps
//! the number.

use plico_archive::read::registry;
use plico_archive::{NewEvent, Work};
use plico_record::act::{RegistrationAnnulled, RegistrationRectified};
use plico_record::authority::Deed;
use plico_record::message::Step;

use crate::exchange::tell_correction;
use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

impl Desk {
    /// Corrects the subject or the parties of an entry.
    pub async fn rectify(
        &self,
        actor: &Actor,
        message: &str,
        field: &str,
        new: &str,
        reason: &str,
    ) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Rectify, message).await?;
        let mut errors = Vec::new();
        if !["subject", "parties"].contains(&field) {
            errors.push(FieldError::of("field", "unknown"));
        }
        if new.trim().is_empty() {
            errors.push(FieldError::required("new"));
        } else if new.chars().count() > self.limits(&actor.administration).subject_chars * 4 {
            errors.push(FieldError::too_long("new", self.limits(&actor.administration).subject_chars * 4));
        }
        if reason.trim().is_empty() {
            errors.push(FieldError::required("reason"));
        }
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let Some(entry) = registry::entry(self.archive.database(), message).await? else {
            return refuse(Refusal::NotFound);
        };
        if !entry.outside.is_empty() {
            return refuse(Refusal::RegisteredElsewhere);
        }
        let old = if field == "parties" { entry.parties } else { entry.subject };
        let act = RegistrationRectified {
            message: row.id.clone(),
            field: field.into(),
            old,
            new: new.trim().into(),
            reason: reason.trim().chars().take(2000).collect(),
        };
        let (actor, notice) = (actor.clone(), self.fresh_id());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    crate::view::fits(work, &row.id, Step::Correct).await?;
                    work.append(NewEvent::by(&actor, &row.id, act)).await?;
                    tell_correction(work, &actor, (notice, &row.id), "update", "", "").await
                })
            })
            .await
    }

    /// Annuls an entry: number, date, operator and authorising act stay readable.
    pub async fn annul(
        &self,
        actor: &Actor,
        message: &str,
        reason: &str,
        authorisation: &str,
    ) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Annul, message).await?;
        let errors = annulment_errors(reason, authorisation);
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let entry = registry::entry(self.archive.database(), message).await?;
        if entry.is_some_and(|entry| !entry.outside.is_empty()) {
            return refuse(Refusal::RegisteredElsewhere);
        }
        let act = RegistrationAnnulled {
            message: row.id.clone(),
            reason: reason.trim().chars().take(2000).collect(),
            authorisation: authorisation.trim().chars().take(500).collect(),
        };
        let (actor, notice) = (actor.clone(), self.fresh_id());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    crate::view::fits(work, &row.id, Step::Correct).await?;
                    let (reason, authorisation) = (act.reason.clone(), act.authorisation.clone());
                    work.append(NewEvent::by(&actor, &row.id, act)).await?;
                    let about = (notice, row.id.as_str());
                    tell_correction(work, &actor, about, "annulment", &reason, &authorisation).await
                })
            })
            .await
    }
}

/// An annulment says why, and by which act.
pub(crate) fn annulment_errors(reason: &str, authorisation: &str) -> Vec<FieldError> {
    let fields = [("authorisation", authorisation), ("reason", reason)];
    let empty = fields.into_iter().filter(|(_, text)| text.trim().is_empty());
    empty.map(|(field, _)| FieldError::required(field)).collect()
}
