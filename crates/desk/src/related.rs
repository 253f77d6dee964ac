//! What has to do with a message: the same file registered elsewhere, messages that somebody linked. Each is asked for
//! itself: nothing is told of what the actor may not see.

use plico_archive::NewEvent;
use plico_archive::read::message::{self, MessageRow};
use plico_archive::read::related;
use plico_record::act::{MessageLinked, MessageUnlinked};
use plico_record::authority::{Deed, may};

use crate::refusal::refuse;
use crate::view::MessageView;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// A file that is registered already, with another message.
#[derive(Debug, Clone)]
pub struct Twin {
    /// What it is called here.
    pub name: String,
    /// The other message.
    pub message: MessageRow,
}

/// A message that somebody linked with the one that is looked at.
#[derive(Debug, Clone)]
pub struct Linked {
    /// It.
    pub message: MessageRow,
    /// What they have to do with each other; may be empty.
    pub reason: String,
}

/// Who else has to do with a message.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Names of those who sent it together with its sender, each with his code.
    pub senders: Vec<(String, Option<String>)>,
    /// Names of the offices that know of it.
    pub knowing: Vec<String>,
}

/// Files that are told at most.
const TOLD: usize = 10;

impl Desk {
    /// The files of a message that are registered already with another one that the actor may see.
    pub async fn twins(&self, actor: &Actor, view: &MessageView) -> Outcome<Vec<Twin>> {
        let mut told = Vec::new();
        if !view.content {
            return Ok(told);
        }
        for twin in related::twins(self.archive.database(), &view.message.id).await? {
            if told.len() == TOLD {
                break;
            }
            if let Some(message) = self.glimpse(actor, &twin.message).await? {
                told.push(Twin { name: twin.name, message });
            }
        }
        Ok(told)
    }

    /// Who else has to do with a message that the actor sees.
    pub async fn beside_it(&self, view: &MessageView) -> Outcome<Beside> {
        let (database, id) = (self.archive.database(), &view.message.id);
        let senders = related::senders(database, id).await?;
        Ok(Beside {
            senders: senders.into_iter().map(|person| (person.name, person.fiscal_code)).collect(),
            knowing: related::knowing(database, id).await?,
        })
    }

    /// The messages linked with one that the actor sees, of whichever of the two it was said.
    pub async fn links(&self, actor: &Actor, view: &MessageView) -> Outcome<Vec<Linked>> {
        let mut told = Vec::new();
        for link in related::links(self.archive.database(), &view.message.id).await? {
            if let Some(message) = self.glimpse(actor, &link.message).await? {
                told.push(Linked { message, reason: link.reason });
            }
        }
        Ok(told)
    }

    /// Links a message with the one of a register's number (`123/2026`), which the actor may see.
    pub async fn link(&self, actor: &Actor, id: &str, number: &str, reason: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Assign, id).await?;
        let wrong = |code| refuse(Refusal::Invalid(vec![FieldError::of("number", code)]));
        if number.trim().is_empty() {
            return wrong("required");
        }
        let Some(other) = self.numbered(actor, number).await? else { return wrong("no_such_number") };
        if other.id == row.id {
            return wrong("itself");
        }
        if related::linked(self.archive.database(), &row.id, &other.id).await? {
            return wrong("linked_already");
        }
        let reason = reason.trim().chars().take(500).collect();
        let act = MessageLinked { message: row.id.clone(), other: other.id, reason };
        self.append_one(NewEvent::by(actor, &row.id, act)).await
    }

    /// Takes a link back, of whichever of the two it was said.
    pub async fn unlink(&self, actor: &Actor, id: &str, other: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::Assign, id).await?;
        let links = related::links(self.archive.database(), &row.id).await?;
        let Some(link) = links.into_iter().find(|link| link.message == other) else {
            return refuse(Refusal::NotFound);
        };
        // It is taken back in the history that said it.
        if !link.own {
            self.allowed_message(actor, Deed::Assign, &link.message).await?;
        }
        let (message, other) = if link.own { (row.id, link.message) } else { (link.message, row.id) };
        let act = MessageUnlinked { message: message.clone(), other };
        self.append_one(NewEvent::by(actor, &message, act)).await
    }

    /// The message of a register's number, if the actor may know of it.
    async fn numbered(&self, actor: &Actor, number: &str) -> Outcome<Option<MessageRow>> {
        let Some((number, year)) = number.trim().split_once('/') else { return Ok(None) };
        let (Ok(number), Ok(year)) = (number.trim().parse::<i64>(), year.trim().parse::<i32>()) else {
            return Ok(None);
        };
        let database = self.archive.database();
        for message in related::by_number(database, &actor.administration, year, number).await? {
            if let Some(row) = self.glimpse(actor, &message).await? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// A message that is still there, if the actor may know of it.
    pub async fn glimpse(&self, actor: &Actor, id: &str) -> Outcome<Option<MessageRow>> {
        let Some(row) = message::message(self.archive.database(), id).await? else { return Ok(None) };
        let thing = self.thing(actor, &row).await?;
        let seen = row.destruction.is_none() && may(actor, Deed::ReadMetadata, &thing).is_ok();
        Ok(seen.then_some(row))
    }
}
