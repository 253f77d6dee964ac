//! What has to do with a message: the same file registered elsewhere. Each is asked for itself: nothing is told of what the
//! actor may not see.

use plico_archive::read::message::{self, MessageRow};
use plico_archive::read::related;
use plico_record::authority::{Deed, may};

use crate::view::MessageView;
use crate::{Actor, Desk, Outcome};

/// Files that are told at most.
const TOLD: usize = 10;

/// A file that is registered already, with another message.
#[derive(Debug, Clone)]
pub struct Twin {
    /// What it is called here.
    pub name: String,
    /// The other message.
    pub message: MessageRow,
}

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
            if let Some(message) = self.visible(actor, &twin.message).await? {
                told.push(Twin { name: twin.name, message });
            }
        }
        Ok(told)
    }

    /// A message, if the actor may know of it.
    pub(crate) async fn visible(&self, actor: &Actor, id: &str) -> Outcome<Option<MessageRow>> {
        let Some(row) = message::message(self.archive.database(), id).await? else { return Ok(None) };
        let thing = self.thing(actor, &row).await?;
        Ok(may(actor, Deed::ReadMetadata, &thing).is_ok().then_some(row))
    }
}
