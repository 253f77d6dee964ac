//! What a person sees of his own besides his lists of messages: his filings, his contact, why something is no longer
//! there.

use plico_archive::read::history::Happened;
use plico_archive::read::message::{self, DeliveryRow, MessageRow};
use plico_archive::read::{Cursor, history, inbox, queue};
use plico_record::act::Act;
use plico_record::authority::{Deed, Thing, may};

use crate::{Actor, Desk, Outcome};

impl Desk {
    /// What the person filed of his own accord, newest first; `open`: only what still waits, or only what does not.
    pub async fn filings(
        &self,
        actor: &Actor,
        open: Option<bool>,
        cursor: Option<Cursor>,
        most: usize,
    ) -> Outcome<(Vec<MessageRow>, Option<Cursor>)> {
        let person = Self::own(actor)?;
        let cursor = cursor.unwrap_or_else(Cursor::newest);
        let database = self.archive.database();
        Ok(inbox::filings(database, &actor.administration, &person, open, &cursor, most).await?)
    }

    /// Whose lists these are: the person himself, or whom he acts for.
    pub async fn whose(&self, actor: &Actor) -> Outcome<Option<queue::PersonRow>> {
        let person = Self::own(actor)?;
        Ok(queue::person(self.archive.database(), &person).await?)
    }

    /// Whether the actor only reads for whose lists these are.
    pub fn only_reads(actor: &Actor) -> bool {
        let Some(person) = actor.person().map(str::to_owned) else { return false };
        let account = Thing::Person { administration: actor.administration.clone(), person };
        may(actor, Deed::ManageAccount, &account).is_err()
    }

    /// Where courtesy notices go; `None`: nowhere.
    pub async fn contact(&self, actor: &Actor) -> Outcome<Option<String>> {
        let holder = self.whose(actor).await?;
        Ok(holder.and_then(|person| person.email).filter(|email| !email.is_empty()))
    }

    /// The names of whom a person may act for, with their identifiers.
    pub async fn principals(&self, actor: &Actor) -> Outcome<Vec<(String, String)>> {
        let plico_record::actor::Who::Person { acts_for, .. } = &actor.who else { return Ok(Vec::new()) };
        let mut names = Vec::new();
        for id in acts_for {
            if let Some(person) = queue::person(self.archive.database(), id).await? {
                names.push((person.id, person.name));
            }
        }
        Ok(names)
    }

    /// When the person signed in lately, and how; newest first.
    pub async fn sign_ins(&self, actor: &Actor, most: usize) -> Outcome<Vec<(i64, String)>> {
        let events = history::of_subject(self.archive.database(), "account", &actor.account).await?;
        let mut found = Vec::new();
        for event in events.iter().rev().filter(|event| event.kind == "account.signed_in").take(most) {
            if let Some(Act::AccountSignedIn(act)) = self.act_of(event).await? {
                found.push((event.instant_ms, act.level));
            }
        }
        Ok(found)
    }

    /// The person's own copy of what an office sent; `id` names the message or the delivery.
    pub async fn own_delivery(&self, actor: &Actor, id: &str) -> Outcome<Option<DeliveryRow>> {
        let database = self.archive.database();
        let mut all = message::deliveries(database, id).await?;
        all.extend(message::delivery(database, id).await?);
        let own = |row: &DeliveryRow| {
            row.administration == actor.administration && actor.person() == Some(&row.recipient)
        };
        Ok(all.into_iter().find(own))
    }

    /// Why the office made a delivery unavailable, as it told the recipient.
    pub async fn unavailable_reason(&self, actor: &Actor, delivery: &str) -> Outcome<Option<String>> {
        self.delivery(actor, Deed::ReadMetadata, delivery).await?;
        let events = history::of_subject(self.archive.database(), "delivery", delivery).await?;
        for event in events.iter().filter(|event| event.kind == "delivery.unavailable") {
            if let Some(Act::DeliveryUnavailable(act)) = self.act_of(event).await? {
                return Ok(Some(act.reason));
            }
        }
        Ok(None)
    }

    async fn act_of(&self, event: &Happened) -> Outcome<Option<Act>> {
        Ok(self.archive.entry(event.log, event.idx).await?.map(|entry| entry.act))
    }
}
