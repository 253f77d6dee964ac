//! The register as it is read: searched, and entry by entry with its corrections.

use plico_archive::read::ledger::{self, Filter, Line};
use plico_archive::read::{message, registry};
use plico_record::act::Act;
use plico_record::authority::{Deed, Thing};
use plico_record::part::registration_number;

use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// How an entry was annulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annulment {
    /// UTC milliseconds.
    pub at: i64,
    /// Why.
    pub reason: String,
    /// The act that authorised it.
    pub authorisation: String,
    /// Who did it.
    pub by: String,
}

/// One entry with what became of it.
#[derive(Debug, Clone)]
pub struct EntryView {
    /// The entry.
    pub entry: registry::Entry,
    /// Its corrections.
    pub changes: Vec<registry::Change>,
    /// How many documents it has.
    pub documents: usize,
    /// Its annulment.
    pub annulment: Option<Annulment>,
    /// Whether the actor may see the message behind it.
    pub message: bool,
    /// Whether the actor may read its content.
    pub content: bool,
    /// Whether he may correct and annul.
    pub corrects: bool,
}

impl Desk {
    /// Searches the register, highest number first.
    pub async fn register_lines(&self, actor: &Actor, filter: &Filter, most: usize) -> Outcome<Vec<Line>> {
        Self::may_read_register(actor)?;
        Ok(ledger::lines(self.archive.database(), &actor.administration, filter, most).await?)
    }

    pub(crate) fn may_read_register(actor: &Actor) -> Outcome<()> {
        permit(actor, Deed::ReadRegister, &Thing::Administration { id: actor.administration.clone() })
    }

    /// Numbers of a year that are left out because a lost log may have given them, as they are shown: first and last.
    pub async fn register_gaps(&self, actor: &Actor, year: i32) -> Outcome<Vec<(String, String)>> {
        Self::may_read_register(actor)?;
        let gaps = ledger::gaps(self.archive.database(), &actor.administration, year).await?;
        let text = |number: i64| registration_number(number.cast_unsigned(), year);
        Ok(gaps.into_iter().map(|(first, last)| (text(first), text(last))).collect())
    }

    /// An entry by its number.
    pub async fn register_entry(&self, actor: &Actor, year: i32, number: i64) -> Outcome<EntryView> {
        let body = Thing::Administration { id: actor.administration.clone() };
        permit(actor, Deed::ReadRegister, &body)?;
        let database = self.archive.database();
        let Some(entry) = registry::by_number(database, &actor.administration, year, number).await? else {
            return refuse(Refusal::NotFound);
        };
        let view = self.allowed_message(actor, Deed::ReadMetadata, &entry.message).await.is_ok();
        let content = self.allowed_message(actor, Deed::ReadContent, &entry.message).await.is_ok();
        Ok(EntryView {
            changes: registry::changes(database, &entry.message).await?,
            documents: message::documents(database, &entry.message).await?.len(),
            annulment: self.annulment(&entry).await?,
            message: view,
            content,
            corrects: permit(actor, Deed::Annul, &body).is_ok(),
            entry,
        })
    }

    async fn annulment(&self, entry: &registry::Entry) -> Outcome<Option<Annulment>> {
        if entry.annulled_ms.is_none() {
            return Ok(None);
        }
        let events =
            plico_archive::read::history::of_message(self.archive.database(), &entry.message).await?;
        for event in events.into_iter().filter(|event| event.kind == "registration.annulled") {
            if let Some(opened) = self.archive.entry(event.log, event.idx).await?
                && let Act::RegistrationAnnulled(act) = opened.act
            {
                return Ok(Some(Annulment {
                    at: event.instant_ms,
                    reason: act.reason,
                    authorisation: act.authorisation,
                    by: opened.actor.name,
                }));
            }
        }
        Ok(None)
    }
}
