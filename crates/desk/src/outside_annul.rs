//! Annulling a number where it was given: recorded before it is asked and after it was answered. A lost answer is looked up by a
//! person; nothing asks twice.

use plico_archive::read::order::OrderRow;
use plico_archive::read::{message, order};
use plico_archive::{NewEvent, Work};
use plico_database::args;
use plico_record::act::{RegistrationAnnulled, RegistrationAnnulmentAnswered, RegistrationAnnulmentAsked};
use plico_record::authority::Deed;
use plico_record::message::Step;
use plico_registry::{Exchange, Numbered, SoFar, Talk, Trouble};

use crate::outside::Outside;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

const STANDS: &str = "select count(*) from registry_order where message = $1 and annulment = $2";

/// What may be done about an annulment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Annulling {
    /// It can be asked.
    pub ask: bool,
    /// What became of it can be looked up.
    pub look: bool,
    /// The system cannot do it: it is annulled there by hand.
    pub elsewhere: bool,
}

impl Desk {
    /// What the actor may do about the annulment of an outside number.
    pub async fn annulling(&self, actor: &Actor, row: &OrderRow) -> Outcome<Annulling> {
        let of = self.allowed_message(actor, Deed::Annul, &row.message).await;
        let Some(of) = of.ok().filter(|of| of.registered_ms.is_some() && !of.annulled) else {
            return Ok(Annulling::default());
        };
        let system = self.system(&of.administration, &row.system);
        let Some(system) = system.filter(|system| system.client.can().annul) else {
            return Ok(Annulling { elsewhere: true, ..Annulling::default() });
        };
        let look = row.annulment == "doubt" || self.unanswered(&system, row);
        Ok(Annulling { ask: !look && row.annulment != "asked", look, elsewhere: false })
    }

    /// It was asked, and whoever asked is not there any more to hear the answer.
    fn unanswered(&self, system: &Outside, row: &OrderRow) -> bool {
        let since_ms = self.archive.now_ms() - row.annulment_ms.unwrap_or_default();
        row.annulment == "asked" && since_ms > system.timeout_ms * 2 + 5_000
    }

    async fn annulled_there(
        &self,
        actor: &Actor,
        id: &str,
    ) -> Outcome<(OrderRow, Annulling, std::sync::Arc<Outside>)> {
        self.allowed_message(actor, Deed::Annul, id).await?;
        let Some(row) = order::order(self.archive.database(), id).await? else {
            return refuse(Refusal::RegisteredElsewhere);
        };
        let may = self.annulling(actor, &row).await?;
        match self.system(&row.administration, &row.system) {
            Some(system) if !may.elsewhere => Ok((row, may, system)),
            _ => refuse(Refusal::RegisteredElsewhere),
        }
    }

    /// Has the registry annul the number of a message, by an act of authority.
    pub async fn annul_outside(
        &self,
        actor: &Actor,
        id: &str,
        reason: &str,
        authorisation: &str,
    ) -> Outcome<()> {
        let (row, may, system) = self.annulled_there(actor, id).await?;
        let mut errors = Vec::new();
        for (field, text) in [("reason", reason), ("authorisation", authorisation)] {
            if text.trim().is_empty() {
                errors.push(FieldError::required(field));
            }
        }
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        if !may.ask {
            return refuse(Refusal::Exists);
        }
        let so_far: SoFar = serde_json::from_str(&row.so_far).map_err(fault)?;
        let Some(numbered) = so_far.numbered else { return refuse(Refusal::NotFound) };
        let act = RegistrationAnnulmentAsked {
            message: id.into(),
            reason: reason.trim().chars().take(2000).collect(),
            authorisation: authorisation.trim().chars().take(500).collect(),
        };
        let (asked, by, stands) = (act.clone(), actor.clone(), row.annulment.clone());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    crate::view::fits(work, &asked.message, Step::Correct).await?;
                    if work.tx.scalar_i64(STANDS, args![&asked.message, stands]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    work.append(NewEvent::by(&by, asked.message.clone(), asked)).await?;
                    Ok(())
                })
            })
            .await?;
        let mut talk = Talk::default();
        let said = system.client.annul(&numbered, &act.reason, &act.authorisation, &mut talk).await;
        self.annulment_answered(actor, act, "asked", said.err(), talk.exchanges).await
    }

    /// Looks what became of an annulment whose answer was lost.
    pub async fn look_annulment(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let (row, may, system) = self.annulled_there(actor, id).await?;
        let so_far: SoFar = serde_json::from_str(&row.so_far).map_err(fault)?;
        let (true, Some(Numbered { number, year, .. })) = (may.look, so_far.numbered) else {
            return refuse(Refusal::Exists);
        };
        let mut talk = Talk::default();
        let read = match system.client.read(number, year, &mut talk).await {
            Ok(Some(read)) => read,
            Ok(None) => return refuse(Refusal::NotAnswering("it has no such number".into())),
            Err(trouble) => return refuse(Refusal::NotAnswering(trouble.to_string())),
        };
        let act = RegistrationAnnulmentAsked {
            message: row.message,
            reason: row.annulment_reason,
            authorisation: row.annulment_act,
        };
        let not = Trouble::Refused { code: "absent".into(), words: String::new() };
        let trouble = if read.annulled { None } else { Some(not) };
        self.annulment_answered(actor, act, &row.annulment, trouble, talk.exchanges).await
    }

    async fn annulment_answered(
        &self,
        actor: &Actor,
        asked: RegistrationAnnulmentAsked,
        stands: &str,
        trouble: Option<Trouble>,
        exchanges: Vec<Exchange>,
    ) -> Outcome<()> {
        let (outcome, code, words) = match &trouble {
            None => ("done", String::new(), String::new()),
            Some(Trouble::Refused { code, .. }) if code == "absent" => {
                ("absent", String::new(), String::new())
            }
            Some(Trouble::Refused { code, words }) => ("refused", code.clone(), words.clone()),
            Some(other) => (other.code(), String::new(), other.to_string()),
        };
        let answered = RegistrationAnnulmentAnswered {
            message: asked.message.clone(),
            outcome: outcome.into(),
            code,
            words: words.chars().take(2000).collect(),
            exchanges: exchanges.iter().filter_map(|one| serde_json::to_value(one).ok()).collect(),
        };
        let (actor, stands, done) = (actor.clone(), stands.to_owned(), trouble.is_none());
        let notice = self.fresh_id();
        let held = message::message(self.archive.database(), &asked.message).await?;
        let annulled = held.is_some_and(|held| held.annulled);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let id = asked.message.clone();
                    if work.tx.scalar_i64(STANDS, args![&id, stands]).await? == 0 {
                        // Somebody looked meanwhile, and knows better.
                        return Ok(());
                    }
                    work.append(NewEvent::by(&actor, &id, answered)).await?;
                    if done && !annulled {
                        let RegistrationAnnulmentAsked { message, reason, authorisation } = asked;
                        let (why, by) = (reason.clone(), authorisation.clone());
                        let act = RegistrationAnnulled { message, reason, authorisation };
                        work.append(NewEvent::by(&actor, &id, act)).await?;
                        let about = (notice, id.as_str());
                        crate::exchange::tell_correction(work, &actor, about, "annulment", &why, &by).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
