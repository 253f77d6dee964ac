//! The search index: a follower of the messages' events. The index remembers how far it came; when its folder is
//! lost or older than the followers' positions, it is built again from the beginning.

use std::collections::BTreeSet;

use plico_database::args;
use plico_record::act::Act;
use plico_search::Entry;

use crate::checkpoint::BESIDE;
use crate::error::ArchiveError;
use crate::lead::LOOK;
use crate::read;
use crate::{Archive, read::message::MessageRow};

/// Events read at once.
const BATCH: i64 = 500;
/// A document longer than this is found by its name, not by its text (bytes).
const TEXT_LIMIT: u64 = 20 * 1024 * 1024;
/// Characters of one document's text that are indexed.
const TEXT_CHARS: usize = 400_000;
/// The version of what is indexed: a new one is built from the beginning.
const VERSION: i64 = 1;

const POSITION: &str = "select coalesce(max(position), 0) from follower where name = 'search' and log = $1
    and version = $2";
const POSITIONS: &str =
    "select cast(coalesce(sum(position), 0) as bigint) from follower where name = 'search' and version = $1";
const MOVE: &str = "insert into follower (name, log, version, position) values ('search', $1, $2, $3)
    on conflict (name, log) do update set version = excluded.version, position = excluded.position";
const START_AGAIN: &str = "update follower set position = 0 where name = 'search'";
const EVENTS: &str = "select idx from event where log = $1 and idx >= $2 order by idx limit $3";

impl Archive {
    /// Brings the index up to the journal; answers how many events it read.
    pub async fn index_events(&self) -> Result<u64, ArchiveError> {
        let _alone = self.core().indexing.lock().await;
        let known = self.database().scalar_i64(POSITIONS, args![VERSION]).await?;
        if self.search().position() < known.cast_unsigned() {
            self.database().execute(START_AGAIN, args![]).await?;
        }
        let mut read = 0;
        for log in self.logs().await?.into_iter().filter(|log| !log.administration.is_empty()) {
            loop {
                let position = self.database().scalar_i64(POSITION, args![log.id, VERSION]).await?;
                let events: Vec<(i64,)> = self.database().all(EVENTS, args![log.id, position, BATCH]).await?;
                let Some(&(last,)) = events.last() else { break };
                let mut touched = BTreeSet::new();
                for (index,) in &events {
                    if let Some(entry) = self.entry(log.id, *index).await? {
                        touched.extend(message_of(&entry.act));
                    }
                }
                for id in touched {
                    self.index_message(&id).await?;
                }
                // Crash between the two: the same events are read again, and replace what they added.
                let total =
                    self.database().scalar_i64(POSITIONS, args![VERSION]).await? - position + last + 1;
                let index = self.search().clone();
                tokio::task::spawn_blocking(move || index.commit(total.cast_unsigned()))
                    .await
                    .map_err(|error| ArchiveError::Corrupt(format!("the index thread ended: {error}")))??;
                self.database().execute(MOVE, args![log.id, VERSION, last + 1]).await?;
                read += events.len() as u64;
            }
        }
        Ok(read)
    }

    async fn index_message(&self, id: &str) -> Result<(), ArchiveError> {
        let Some(message) = read::message::message(self.database(), id).await? else { return Ok(()) };
        if message.destruction.is_some() {
            self.search().remove(id)?;
            return Ok(());
        }
        let documents = read::message::documents(self.database(), id).await?;
        let deliveries = read::message::deliveries(self.database(), id).await?;
        let mut body = message.text.clone();
        for document in documents.iter().filter(|d| !d.sealed) {
            body.push('\n');
            body.push_str(&document.name);
            if document.media_type == "application/pdf" && document.size.cast_unsigned() <= TEXT_LIMIT {
                body.push('\n');
                body.push_str(&self.text_of(&document.id).await);
            }
        }
        let mut audience = vec![format!("office:{}", message.office)];
        audience.extend(message.sender.iter().map(|person| format!("person:{person}")));
        audience.extend(deliveries.iter().map(|delivery| format!("person:{}", delivery.recipient)));
        let mut persons: Vec<String> =
            message.sender_name.iter().chain(message.sender_code.iter()).cloned().collect();
        for delivery in &deliveries {
            if let Some(person) = read::queue::person(self.database(), &delivery.recipient).await? {
                persons.push(person.name);
                persons.extend(person.fiscal_code);
            }
        }
        self.search().add(&entry(
            &message,
            audience,
            body,
            persons,
            documents.into_iter().map(|d| d.sha256).collect(),
        ))?;
        Ok(())
    }

    /// The text of a PDF, as far as it can be read; a file that cannot is still found by its name.
    async fn text_of(&self, document: &str) -> String {
        let Ok(reader) = self.open_document(document).await else { return String::new() };
        let Ok(bytes) = reader.read_all(TEXT_LIMIT).await else { return String::new() };
        tokio::task::spawn_blocking(move || {
            plico_pdf::aside::text(&bytes, TEXT_CHARS).map(|extract| extract.text)
        })
        .await
        .ok()
        .and_then(Result::ok)
        .unwrap_or_default()
    }

    /// Keeps the index up to the journal until the archive is closed.
    pub async fn follow_with_index(&self) {
        let mut committed = self.committed();
        loop {
            if !self.leads().await {
                tokio::time::sleep(LOOK).await;
                continue;
            }
            committed.mark_unchanged();
            let pause = match self.index_events().await {
                Ok(0) => {
                    if matches!(tokio::time::timeout(BESIDE, committed.changed()).await, Ok(Err(_))) {
                        return;
                    }
                    500
                }
                Ok(_) => 500,
                Err(error) => {
                    tracing::error!(error = %error, "the search index is behind");
                    5000
                }
            };
            // A commit of the index each half second, not one per message: "searchable within a second".
            tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
        }
    }
}

fn entry(
    message: &MessageRow,
    audience: Vec<String>,
    body: String,
    persons: Vec<String>,
    digests: Vec<String>,
) -> Entry {
    Entry {
        id: message.id.clone(),
        administration: message.administration.clone(),
        audience,
        office: Some(message.office.clone()),
        kind: message.kind.clone(),
        number: message.registration_number(),
        instant_ms: message.instant_ms,
        subject: message.subject.clone(),
        body,
        persons,
        digests,
    }
}

/// The messages whose entry an event may change.
fn message_of(act: &Act) -> Option<String> {
    Some(match act {
        Act::MessagePresented(act) => act.content.message.clone(),
        Act::MessageRegistered(act) => act.message.clone(),
        Act::RegistrationRectified(act) => act.message.clone(),
        Act::MessageAssigned(act) => act.message.clone(),
        Act::DeliveryMadeAvailable(act) => act.message.clone(),
        Act::DocumentWithdrawn(act) => act.message.clone(),
        Act::PartErased(act) => act.message.clone(),
        _ => return None,
    })
}
