//! The search index: a follower of the messages' events. The index remembers how far it came in each log; when its folder is
//! lost, it is built again from the beginning, or from a snapshot. Of several processes the one that signs writes it for all,
//! or each writes its own.

pub(crate) mod snapshot;

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
const EVENTS: &str = "select idx from event where log = $1 and idx >= $2 order by idx limit $3";

impl Archive {
    /// Brings the index up to the journal; answers how many events it read.
    pub async fn index_events(&self) -> Result<u64, ArchiveError> {
        let _alone = self.core().indexing.lock().await;
        let mut positions = self.search().positions();
        let logs = self.logs().await?;
        let size = |id: i64| logs.iter().find(|log| log.id == id).map_or(0, |log| log.size.cast_unsigned());
        if positions.iter().any(|(log, position)| *position > size(*log)) {
            // It saw what is not there: another life of this archive, before a restore.
            tracing::warn!("the search index is of another archive: it is built again");
            self.in_index(plico_search::Index::clear).await?;
            positions.clear();
        }
        let mut read = 0;
        for log in logs.iter().filter(|log| !log.administration.is_empty()) {
            loop {
                let position = positions.get(&log.id).copied().unwrap_or_default().cast_signed();
                let events: Vec<(i64,)> = self.database().all(EVENTS, args![log.id, position, BATCH]).await?;
                let Some(&(last,)) = events.last() else { break };
                let (mut touched, mut erased) = (BTreeSet::new(), false);
                for (index,) in &events {
                    if let Some(entry) = self.entry(log.id, *index).await? {
                        erased |= matches!(entry.act, Act::PartErased(_));
                        touched.extend(message_of(&entry.act));
                    }
                }
                for id in touched {
                    self.index_message(&id).await?;
                }
                if erased {
                    // Before it is counted as read: a crash leaves it to be done again.
                    let before = positions.clone();
                    self.in_index(move |index| index.commit(&before).and_then(|()| index.purge())).await?;
                }
                positions.insert(log.id, (last + 1).cast_unsigned());
                let reached = positions.clone();
                self.in_index(move |index| index.commit(&reached)).await?;
                read += events.len() as u64;
            }
        }
        Ok(read)
    }

    /// How many events the index does not hold yet.
    pub async fn index_lag(&self) -> Result<i64, ArchiveError> {
        let positions = self.search().positions();
        let lag = |log: &crate::checkpoint::LogRow| {
            log.size - positions.get(&log.id).copied().unwrap_or_default().cast_signed()
        };
        let logs = self.logs().await?;
        Ok(logs.iter().filter(|log| !log.administration.is_empty()).map(|log| lag(log).max(0)).sum())
    }

    /// Work on the index, off the async threads.
    pub(crate) async fn in_index<T: Send + 'static>(
        &self,
        work: impl FnOnce(&plico_search::Index) -> Result<T, plico_search::SearchError> + Send + 'static,
    ) -> Result<T, ArchiveError> {
        let index = self.search().clone();
        let worked = tokio::task::spawn_blocking(move || work(&index)).await;
        Ok(worked.map_err(|error| ArchiveError::Corrupt(format!("the index thread ended: {error}")))??)
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
            // The primary document is the message's text on paper.
            let says_more = document.role != "primary" && document.media_type == "application/pdf";
            if says_more && document.size.cast_unsigned() <= TEXT_LIMIT {
                body.push('\n');
                body.push_str(&self.text_of(&document.id).await);
            }
        }
        let mut audience = vec![format!("office:{}", message.office)];
        audience.extend(message.sender.iter().map(|person| format!("person:{person}")));
        audience.extend(deliveries.iter().map(|delivery| format!("person:{}", delivery.recipient)));
        let mut persons: Vec<String> =
            message.sender_name.iter().chain(message.sender_code.iter()).cloned().collect();
        for other in read::related::senders(self.database(), id).await? {
            persons.push(other.name);
            persons.extend(other.fiscal_code);
        }
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

    /// The text of a PDF, as far as it can be read: by poppler, where it is there and can; a file that cannot is still found
    /// by its name.
    async fn text_of(&self, document: &str) -> String {
        let Ok(reader) = self.open_document(document).await else { return String::new() };
        let Ok(bytes) = reader.read_all(TEXT_LIMIT).await else { return String::new() };
        tokio::task::spawn_blocking(move || {
            plico_pdf::poppler::text(&bytes, TEXT_CHARS)
                .or_else(|_| plico_pdf::aside::text(&bytes, TEXT_CHARS).map(|extract| extract.text))
        })
        .await
        .ok()
        .and_then(Result::ok)
        .unwrap_or_default()
    }

    /// Keeps the index up to the journal until the archive is closed: where one index is for all, in the process that signs.
    pub async fn follow_with_index(&self) {
        let mut committed = self.committed();
        loop {
            if !self.core().own_index && !self.leads().await {
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
        Act::MessagePrepared(act) => act.content.message.clone(),
        Act::MessageRegistered(act) => act.message.clone(),
        Act::MessageScanned(act) => act.message.clone(),
        Act::RegistrationRectified(act) => act.message.clone(),
        Act::MessageAssigned(act) => act.message.clone(),
        Act::DeliveryMadeAvailable(act) => act.message.clone(),
        Act::DocumentWithdrawn(act) => act.message.clone(),
        Act::PartErased(act) => act.message.clone(),
        _ => return None,
    })
}
