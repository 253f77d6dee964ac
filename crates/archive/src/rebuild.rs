//! Everything that can be derived, derived again: the projections from the journal, by the same code that keeps
//! them. One transaction: whoever reads meanwhile sees the old tables.

use std::collections::HashMap;

use plico_database::{Rehearsal, Tx, args};

use crate::append::Work;
use crate::content::Read;
use crate::error::{ActError, ArchiveError};
use crate::{Archive, project};

const EVENTS: &str = "select log, idx from event order by instant_ms, log, idx";

/// A value with its length before it, so that no two rows look alike; the same on every engine.
macro_rules! cell {
    ($column:literal) => {
        concat!("coalesce(length(cast(", $column, " as text)) || ':' || cast(", $column, " as text), '-')")
    };
}

/// A table with the statement that reads each of its rows as two texts: what names it, and everything that it says.
macro_rules! rows {
    ($table:literal by $key:literal $($more:literal)*: $first:literal $($column:literal)*) => {
        ($table, concat!("select ", "cast(", $key, " as text)" $(, " || '/' || cast(", $more, " as text)")*,
            ", ", cell!($first) $(, " || ", cell!($column))*, " from ", $table))
    };
}

/// Every column of every projection.
const TABLES: [(&str, &str); 45] = [
    rows!("administration" by "id": "id" "name" "ipa_code" "area"),
    rows!("setting" by "administration" "name": "administration" "name" "value"),
    rows!("office" by "id": "id" "administration" "name" "responsible" "email" "protocol" "valid_from"
        "valid_until" "code" "parent"),
    rows!("operator" by "account": "account" "administration" "login" "name" "email" "active" "roles"
        "fiscal_code"),
    rows!("operator_office" by "account" "office": "account" "office"),
    rows!("person" by "id": "id" "administration" "name" "fiscal_code" "email" "organisation"),
    rows!("message" by "id": "id" "administration" "direction" "kind" "office" "subject" "text" "thread"
        "reply_to" "effect" "sender" "basis" "author" "author_name" "instant_ms" "due" "state" "operator"
        "responsible" "area" "year" "number" "registered_ms" "annulled" "outcome" "case_file" "class" "destruction" "channel" "arrived_ms"
        "from_office"),
    rows!("cosender" by "message" "person": "message" "position" "person"),
    rows!("message_link" by "message" "other": "message" "other" "reason" "author_name" "instant_ms"),
    rows!("knowledge" by "message" "office": "message" "office"),
    rows!("note" by "id": "id" "message" "author_name" "text" "instant_ms"),
    rows!("delivery" by "id": "id" "administration" "message" "recipient" "available_ms" "opened_ms"
        "copy" "opened_by" "opened_as" "withdrawn_ms" "withdrawn_reason" "notice" "notice_ms" "notice_detail"),
    rows!("document" by "id": "id" "administration" "message" "position" "role" "category" "name"
        "media_type" "size" "sha256" "verification" "sealed" "withdrawn_ms" "log" "idx" "instant_ms"),
    rows!("verdict" by "log" "idx": "log" "idx" "document" "verification"),
    rows!("registration" by "administration" "area" "year" "number": "administration" "area" "year" "number"
        "message" "direction" "registered_ms" "day" "presented_ms" "subject" "parties" "office" "digest"
        "annulled_ms" "annulled_reason" "outside" "outside_date"),
    rows!("emergency" by "id": "id" "administration" "cause" "from_ms" "until" "authorisation" "opened_by" "to_ms"
        "totals"),
    rows!("mail_taken" by "administration" "key": "administration" "key" "message"),
    rows!("letter_mail" by "delivery": "delivery" "administration" "message" "recipient" "mailbox" "message_id" "attempts"
        "sending" "fate" "words" "ordered_ms" "changed_ms" "sent_ms" "fate_at_ms" "segnatura"),
    rows!("mark" by "message": "message" "administration" "generation" "body" "area" "register" "number" "day" "sender"
        "subject" "asks" "signature" "mailbox" "address" "documents"),
    rows!("mark_answer" by "delivery": "delivery" "administration" "message" "kind" "reason" "act" "ordered_ms"),
    rows!("mark_notice" by "administration" "mail": "administration" "mail" "message" "kind" "address" "body" "area"
        "register" "number" "day" "reason" "act" "document" "heard_ms"),
    rows!("letter_envelope" by "message_id": "message_id" "administration" "delivery" "message"),
    rows!("letter_receipt" by "administration" "key": "administration" "key" "delivery" "message" "kind" "document"
        "provider" "recipient" "words" "extent" "outcome" "at_ms" "heard_ms"),
    rows!("emergency_entry" by "emergency" "number": "emergency" "number" "message"),
    rows!("series_entry" by "administration" "series" "year" "number": "administration" "series" "year" "number"
        "message" "registered_ms" "day" "subject" "parties" "office" "digest" "annulled_ms" "annulled_reason"),
    rows!("past_batch" by "administration" "batch": "administration" "batch" "name" "lines" "author_name"
        "instant_ms"),
    rows!("past_entry" by "administration" "area" "year" "number": "administration" "area" "year" "number" "batch"
        "day" "direction" "parties" "subject" "office" "case_file" "digest"),
    rows!("handover" by "administration" "package": "administration" "package" "area" "day" "sha256" "attempt"
        "handed_ms" "state" "receipt" "reason" "answered_ms"),
    rows!("registry_order" by "message": "message" "administration" "system" "key" "what" "state" "step" "file"
        "open" "last" "outcome" "code" "words" "so_far" "asked" "ordered_ms" "changed_ms"
        "annulment" "annulment_words" "annulment_reason" "annulment_act" "annulment_ms"),
    rows!("signing" by "message": "message" "administration" "office" "sha256" "author"
        "author_name" "signers" "turn" "signer" "state" "signed_by" "requested_ms" "changed_ms"),
    rows!("substitution" by "id": "id" "administration" "officer" "substitute" "valid_from" "valid_until"
        "ended_ms"),
    rows!("proven_address" by "administration" "address" "person": "administration" "address" "person" "proven_ms"),
    rows!("registration_change" by "log" "idx": "message" "instant_ms" "field" "old" "new" "reason"
        "author_name" "log" "idx"),
    rows!("register_head" by "administration" "area" "year": "administration" "area" "year" "next"),
    rows!("register_gap" by "administration" "area" "year" "first": "administration" "area" "year" "first"
        "last"),
    rows!("case_file" by "id": "id" "administration" "office" "year" "number" "title" "class" "opened_ms"
        "closed_ms" "former" "former_opened" "former_closed"),
    rows!("card" by "id": "id" "administration" "kind" "name" "office" "number" "holder" "fields" "valid_from"
        "valid_until" "idx" "code" "status" "reason" "issued_ms" "changed_ms"),
    rows!("delegation" by "id": "id" "administration" "kind" "holder" "delegate" "title" "evidence" "until"
        "granted_ms" "in_force_ms" "revoked_ms"),
    rows!("reading" by "log" "idx": "log" "idx" "administration" "account" "name" "what" "thing" "reason"
        "instant_ms"),
    rows!("tally" by "administration" "owner" "name": "administration" "owner" "name" "value"),
    rows!("key_epoch" by "administration" "epoch": "administration" "epoch" "added_ms" "retired_ms"),
    rows!("hold" by "kind" "thing": "kind" "thing" "administration" "reason" "author_name" "instant_ms"),
    rows!("destruction" by "id": "id" "administration" "proposed_ms" "proposed_by" "authority" "number" "date"
        "authorised_ms" "authorised_by" "done_ms" "epoch" "rewritten"),
    rows!("destruction_item" by "destruction" "message": "destruction" "message" "struck" "erased_ms"),
    rows!("former" by "id": "id" "message"),
];

impl Archive {
    /// Rebuilds the projections; answers how many events it read.
    pub async fn rebuild(&self) -> Result<u64, ArchiveError> {
        loop {
            let archive = self.clone();
            let rebuilt = self
                .act(move |work: &mut Work| {
                    Box::pin(async move {
                        let events = archive.rewrite(work).await?;
                        events.ok_or(ActError::Refused(NotNow))
                    })
                })
                .await;
            match rebuilt {
                Ok(events) => return Ok(events),
                Err(ActError::Refused(NotNow)) => {}
                Err(ActError::Fault(fault)) => return Err(fault),
            }
        }
    }

    /// Rebuilds beside the live tables and names the rows that differ. The archive goes on meanwhile; what is written
    /// for it is as private as the original and is removed.
    pub async fn compare_rebuilt(&self) -> Result<Vec<Differing>, ArchiveError> {
        let name = format!("rebuilt-{}.db", crate::hex(&self.entropy().bytes::<8>()));
        let mut rehearsal = self.database().rehearse(&name).await?;
        let compared = self.compare_in(&mut rehearsal).await;
        rehearsal.end().await?;
        compared
    }

    /// Empties the projections and fills them again; answers how many events it read. `None` when an earlier act of
    /// this very transaction appended events, which nobody can open before they are committed: try again.
    async fn rewrite(&self, work: &mut Work) -> Result<Option<u64>, ArchiveError> {
        if work.mark().0 {
            return Ok(None);
        }
        let events: Vec<(i64, i64)> = work.tx.all(EVENTS, args![]).await?;
        for sql in project::PROJECTIONS {
            work.tx.execute(sql, args![]).await?;
        }
        for (log, index) in &events {
            self.apply_again(&mut work.tx, *log, *index).await?;
        }
        Ok(Some(events.len() as u64))
    }

    /// Applies one event; of one whose parts were erased, what the register keeps.
    async fn apply_again(&self, tx: &mut Tx, log: i64, index: i64) -> Result<(), ArchiveError> {
        match self.read_entry(log, index).await? {
            Read::Whole(entry) => project::apply(tx, &entry).await,
            Read::Register { at, administration, message, register } => {
                project::destruction::kept(tx, &administration, &message, at, &register)
            }
            Read::Nothing => Ok(()),
        }?;
        Ok(tx.flush().await?)
    }

    async fn compare_in(&self, rehearsal: &mut Rehearsal) -> Result<Vec<Differing>, ArchiveError> {
        let archive = self.reading(rehearsal.store.clone());
        let events: Vec<(i64, i64)> = rehearsal.tx.all(EVENTS, args![]).await?;
        let mut live = Vec::new();
        for (_, sql) in TABLES {
            live.push(rehearsal.tx.all::<(String, String)>(sql, args![]).await?);
        }
        rehearsal.set_aside(&TABLES.map(|(table, _)| table)).await?;
        let tx = &mut rehearsal.tx;
        for (log, index) in events {
            archive.apply_again(tx, log, index).await?;
        }
        let mut differing = Vec::new();
        for ((table, sql), live) in TABLES.iter().zip(live) {
            differing.extend(differences(table, live, tx.all(sql, args![]).await?));
        }
        Ok(differing)
    }
}

/// Rows of one table that are told one by one; of more, how many there are.
const TOLD: usize = 50;

fn differences(
    table: &'static str,
    live: Vec<(String, String)>,
    rebuilt: Vec<(String, String)>,
) -> Vec<Differing> {
    let mut rebuilt: HashMap<String, String> = rebuilt.into_iter().collect();
    let mut found: Vec<(String, &str)> = Vec::new();
    for (row, says) in live {
        match rebuilt.remove(&row) {
            Some(again) if again == says => {}
            Some(_) => found.push((row, "it does not say what the journal says")),
            None => found.push((row, "the journal knows nothing of it")),
        }
    }
    found.extend(rebuilt.into_keys().map(|row| (row, "the journal says it, and it is not there")));
    found.sort_unstable();
    let more = found.len().saturating_sub(TOLD);
    let mut told: Vec<Differing> =
        found.into_iter().take(TOLD).map(|(row, what)| Differing { table, row, what: what.into() }).collect();
    if more > 0 {
        told.push(Differing { table, row: "…".into(), what: format!("and {more} rows more") });
    }
    told
}

/// The tables that are rebuilt, each with the statement that reads its rows to compare them.
pub fn tables() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.into_iter()
}

/// A row of a rebuilt table that is not what the journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// The table.
    pub table: &'static str,
    /// What names the row.
    pub row: String,
    /// What is wrong with it.
    pub what: String,
}

/// Not in this transaction.
struct NotNow;
