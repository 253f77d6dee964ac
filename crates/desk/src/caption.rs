//! What somebody calls a thing of which a log keeps only the identifier.

use plico_archive::read::{message, queue};
use plico_record::authority::Deed;

use crate::{Actor, Desk, Outcome};

impl Desk {
    /// Number or title of a `message`, `document` or `case_file` that the actor may know of; `None` for anything else.
    pub async fn caption(&self, actor: &Actor, what: &str, thing: &str) -> Outcome<Option<String>> {
        let database = self.archive.database();
        Ok(match what {
            "message" => self
                .allowed_message(actor, Deed::ReadMetadata, thing)
                .await
                .ok()
                .map(|row| row.registration_number().unwrap_or(row.subject)),
            "document" => match message::document(database, thing).await? {
                Some(row) => {
                    let seen = self.allowed_message(actor, Deed::ReadMetadata, &row.message).await;
                    seen.ok().map(|message| match message.registration_number() {
                        Some(number) => format!("{} ({number})", row.name),
                        None => row.name,
                    })
                }
                None => None,
            },
            "case_file" => match queue::case(database, thing).await? {
                Some(row) if row.administration == actor.administration => {
                    Some(format!("{}/{} {}", row.year, row.number, row.title))
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// How many documents a message has: something of its data, not of its content.
    pub async fn document_count(&self, actor: &Actor, id: &str) -> Outcome<usize> {
        let row = self.allowed_message(actor, Deed::ReadMetadata, id).await?;
        Ok(message::documents(self.archive.database(), &row.id).await?.len())
    }
}
