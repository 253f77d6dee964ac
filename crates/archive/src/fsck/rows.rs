//! What rows say beside the journal and is not rebuilt from it: each is compared with what it was made from.

use std::collections::BTreeSet;

use plico_database::args;
use plico_record::act::Act;
use plico_record::event::ReceiptKind;
use serde_json::Value;

use super::Outcome;
use crate::append::{Entry, subject_code};
use crate::checkpoint::LogRow;
use crate::{Archive, ArchiveError, hex};

const SUBJECTS: &str = "select s.log_id, s.kind, s.id, e.idx from subject s
    left join event e on e.log = s.log and e.subject = s.log_id and e.idx = (select min(f.idx) from event f
        where f.log = s.log and f.subject = s.log_id) where s.log = $1 order by s.log_id";
const HEAD: &str = "select demo, last_ms from log where id = $1";
const LAST: &str = "select coalesce(max(instant_ms), 0) from event where log = $1";
const RECEIPTS: &str =
    "select r.id, r.log, r.idx, r.kind, r.administration, r.message, r.holder, r.language, r.size,
    r.blob, l.administration as body, g.blob as granted from receipt r
    left join log l on l.id = r.log left join access_grant g on g.thing = 'receipt:' || r.id
    where r.id > $1 order by r.id limit 256";

#[derive(plico_database::Record)]
struct Receipt {
    id: String,
    log: i64,
    idx: i64,
    kind: String,
    administration: String,
    message: String,
    holder: String,
    language: String,
    size: i64,
    blob: Vec<u8>,
    body: Option<String>,
    granted: Option<Vec<u8>>,
}

impl Archive {
    /// The log's own row, against its first and its last event.
    pub(super) async fn check_head(&self, log: &LogRow, outcome: &mut Outcome) -> Result<(), ArchiveError> {
        let place = format!("log {}", log.origin);
        let Some((demo, last_ms)) = self.database().optional::<(bool, i64)>(HEAD, args![log.id]).await?
        else {
            return Ok(());
        };
        if log.size > 0 && self.database().scalar_i64(LAST, args![log.id]).await? != last_ms {
            outcome.found(&place, "its row does not say when its last event was");
        }
        // A part that does not open has been said already.
        let Ok(Some(Entry { act: Act::LogOpened(act), .. })) = self.entry(log.id, 0).await else {
            return Ok(());
        };
        let number = log.origin.rsplit_once('/').and_then(|(_, number)| number.parse().ok());
        if act.origin != log.origin || act.demo != demo || number != Some(log.successor) {
            outcome.found(&place, "its row does not say what its first event says");
        }
        Ok(())
    }

    /// Which thing each log id stands for, against what its events say.
    pub(super) async fn check_subjects(
        &self,
        log: &LogRow,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let rows: Vec<(Vec<u8>, String, String, Option<i64>)> =
            self.database().all(SUBJECTS, args![log.id]).await?;
        for (log_id, kind, id, first) in rows {
            let place = format!("subject {} of {}", hex(&log_id), log.origin);
            let Some(first) = first else {
                outcome.found(place, "no event is about it");
                continue;
            };
            let Ok(Some(entry)) = self.entry(log.id, first).await else { continue };
            if subject_code(entry.act.kind().subject()) != kind {
                outcome.found(&place, "it is not of the kind that its events are about");
            }
            // The installation's own chains bear names of the program.
            if !matches!(&*kind, "installation" | "register") && !names(&entry).contains(&id) {
                outcome.found(
                    &place,
                    format!("it is called {kind} {id}, and its first event is about something else"),
                );
            }
        }
        Ok(())
    }

    /// Where receipts stand and whose they are, against the events they are about.
    pub(super) async fn check_receipt_rows(&self, outcome: &mut Outcome) -> Result<(), ArchiveError> {
        let mut after = String::new();
        loop {
            let rows: Vec<Receipt> = self.database().all(RECEIPTS, args![&after]).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after.clone_from(&last.id);
            for row in rows {
                self.check_receipt_row(&row, outcome).await;
            }
        }
    }

    async fn check_receipt_row(&self, row: &Receipt, outcome: &mut Outcome) {
        let place = format!("receipt:{}", row.id);
        if row.granted.as_ref() != Some(&row.blob) || row.body.as_ref() != Some(&row.administration) {
            outcome.found(&place, "its row does not name its content or its administration");
        }
        let stored = self.open_granted(&place).await;
        if stored.is_ok_and(|stored| stored.size() != row.size.cast_unsigned()) {
            outcome.found(&place, "its row does not say how long it is");
        }
        let Ok(entry) = self.entry(row.log, row.idx).await else { return };
        let Some(entry) = entry else {
            return outcome.found(&place, "the event that it is about is not there");
        };
        let kind = entry.act.kind().receipt();
        let known = names(&entry);
        let agrees = kind.is_some_and(|kind| kind.code() == row.kind)
            && (row.message.is_empty()
                || known.contains(&row.message)
                || self.is_of(&entry, &row.message).await)
            && match kind.and_then(ReceiptKind::common_holder) {
                Some(holder) => row.holder == holder,
                None => {
                    known.contains(&row.holder)
                        || self.holds(&row.message, &row.holder).await
                        || self.is_between(&entry.subject, &row.holder).await
                        || self.carries(&entry.subject, &row.holder).await
                }
            }
            && matches!(&*row.language, "it" | "en" | "de");
        if !agrees {
            outcome.found(&place, "its row does not say what the event says that it is about");
        }
    }

    /// Whether what an event is about belongs to a message.
    async fn is_of(&self, entry: &Entry, message: &str) -> bool {
        let sql = "select (select count(*) from delivery where id = $1 and message = $2)
            + (select count(*) from document where id = $1 and message = $2)";
        self.database().scalar_i64(sql, args![&entry.subject, message]).await.is_ok_and(|count| count > 0)
    }

    /// Whether a delegation or a title to act is one of a person's.
    async fn is_between(&self, delegation: &str, person: &str) -> bool {
        let sql = "select count(*) from delegation where id = $1 and (holder = $2 or delegate = $2)";
        self.database().scalar_i64(sql, args![delegation, person]).await.is_ok_and(|count| count > 0)
    }

    /// Whether a card is a person's.
    async fn carries(&self, card: &str, person: &str) -> bool {
        let sql = "select count(*) from card where id = $1 and holder = $2";
        self.database().scalar_i64(sql, args![card, person]).await.is_ok_and(|count| count > 0)
    }

    /// Whether a message is to or from a person.
    async fn holds(&self, message: &str, person: &str) -> bool {
        let sql = "select (select count(*) from message where id = $1 and sender = $2)
            + (select count(*) from delivery where message = $1 and recipient = $2)";
        self.database().scalar_i64(sql, args![message, person]).await.is_ok_and(|count| count > 0)
    }
}

/// Every text in what an event says of the act and of persons: identifiers are among them.
fn names(entry: &Entry) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = entry.parties.iter().map(|party| party.person.clone()).collect();
    found.extend(entry.documents.iter().map(|document| document.id.clone()));
    found.insert(entry.actor.account.clone());
    found.extend(entry.actor.on_behalf_of.clone());
    if let Ok(value) = serde_json::from_slice(&entry.act.to_bytes()) {
        texts(&value, &mut found);
    }
    found
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(list) => list.iter().for_each(|value| texts(value, found)),
        Value::Object(map) => map.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}
