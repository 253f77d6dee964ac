//! Erasing: what belongs to a message goes in one transaction with the event that says so. What is left of it in files is
//! seen to afterwards: words in the index, content that nothing names, keys of before, free pages of the database.

use std::collections::{BTreeMap, BTreeSet};

use plico_database::{Tx, args};
use plico_record::act::{EmergencyNumber, PartErased, Remains};
use plico_record::actor::Actor;

use crate::append::{NewEvent, Work};
use crate::error::{ActError, ArchiveError};
use crate::outbox::flat;
use crate::{Archive, project};

/// The act that allows a destruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorisation {
    /// The destruction.
    pub destruction: String,
    /// Its administration.
    pub administration: String,
    /// Who authorised.
    pub authority: String,
    /// Number of the act.
    pub number: String,
    /// Day of the act, `YYYY-MM-DD`.
    pub date: String,
}

/// What became of some messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Erased now.
    pub erased: Vec<String>,
    /// Under a hold: they stay.
    pub held: Vec<String>,
}

#[derive(plico_database::Record)]
struct Row {
    direction: String,
    kind: String,
    office: String,
    thread: String,
    reply_to: Option<String>,
    sender: Option<String>,
    instant_ms: i64,
    state: String,
    area: Option<String>,
    year: Option<i32>,
    number: Option<i64>,
    registered_ms: Option<i64>,
    annulled: bool,
    case_file: Option<String>,
    class: String,
    from_office: String,
    destruction: Option<String>,
}

const MESSAGE: &str =
    "select direction, kind, office, thread, reply_to, sender, instant_ms, state, area, year, number, registered_ms,
    annulled, case_file, class, from_office, destruction from message where id = $1 and administration = $2";
// What stands in a series stays like what is under a hold.
const HELD: &str = "select (select count(*) from hold where (kind = 'message' and thing = $1)
    or (kind = 'case_file' and thing = $2)) + (select count(*) from series_entry where message = $1)";
const EMERGENCY: &str = "select emergency, number from emergency_entry where message = $1";
const KNOWLEDGE: &str = "select office from knowledge where message = $1 order by office";
const OTHERS: &str = "select person from cosender where message = $1 order by position";
const DELIVERIES: &str = "select id, recipient, available_ms from delivery where message = $1 order by id";
// Notices to another body's registry: they go out like a letter, and nobody's inbox has them.
const NOTICES: &str = "select delivery from mark_answer where message = $1 order by delivery";
const COPIES: &str = "select id from delivery where message = $1 and copy = $2 order by id";
const DOCUMENTS: &str = "select id from document where message = $1 order by position, id";
const RECEIPTS: &str = "select id from receipt where message = $1 order by id";
const EVENTS: &str = "select e.log, e.idx, e.kind, l.successor from log l
    join subject s on s.log = l.id and s.kind = $2 and s.id = $3
    join event e on e.log = s.log and e.subject = s.log_id where l.administration = $1 order by e.log, e.idx";
const PARTS: &str = "select name from part where log = $1 and idx = $2";
const GONE_PART: &str = "delete from part where log = $1 and idx = $2 and name = $3";
const GONE_GRANT: &str = "delete from access_grant where thing = $1";
const GONE_RECEIPT: &str = "delete from receipt where id = $1";
const GONE_CODE: &str = "delete from access_code where document = $1";
const GONE_LINE: &str = "delete from deposit_line where message = $1";
const GONE_DOSSIERS: &str = "delete from upload where administration = $1 and owner like $2";
const GONE_JOBS: &str = "delete from job where administration = $1 and payload like $2";

const PERSONS: &str = "select sender as person from message where destruction = $1 and sender is not null
        and id in (select message from destruction_item where destruction = $1)
    union select x.person from destruction_item i join message m on m.id = i.message
        join cosender x on x.message = m.id where i.destruction = $1 and m.destruction = $1
    union select d.recipient from destruction_item i join message m on m.id = i.message
        join delivery d on d.message = m.id where i.destruction = $1 and m.destruction = $1";
const OF_PERSON: &str = "select distinct e.instant_ms, e.log, e.idx from event e
    join subject s on s.log = e.log and s.log_id = e.subject join log l on l.id = e.log
    where l.administration = $2 and ((s.kind = 'account' and s.id = $1)
        or (s.kind = 'message' and s.id in (select id from message where administration = $2 and sender = $1
            union select message from cosender where person = $1
            union select message from delivery where administration = $2 and recipient = $1))
        or (s.kind = 'delivery' and s.id in (select id from delivery where administration = $2 and recipient = $1))
        or (s.kind = 'delegation' and s.id in (select id from delegation where holder = $1 or delegate = $1)))
    order by e.instant_ms, e.log, e.idx";
const FORGET_PERSON: &str = "delete from person where id = $1";

/// The parts that stay when a message is destroyed: the register's own (art. 53 DPR 445/2000), its corrections, and the
/// record of the destruction.
fn stays(kind: &str, part: &str) -> bool {
    match kind {
        "registration.rectified" | "registration.annulled" | "series.annulled" => part != "login",
        "part.erased" => true,
        _ => part == "register",
    }
}

impl Archive {
    /// Erases messages, each with the event that says so; all of them or none.
    pub async fn erase(
        &self,
        authorisation: &Authorisation,
        messages: Vec<String>,
    ) -> Result<Erased, ArchiveError> {
        let authorisation = authorisation.clone();
        flat(
            self.act(move |work: &mut Work| {
                Box::pin(async move {
                    let mut done = Erased::default();
                    for message in messages {
                        match work.erase(&authorisation, &message).await? {
                            Some(true) => done.erased.push(message),
                            Some(false) => done.held.push(message),
                            None => {}
                        }
                    }
                    Ok::<_, ActError<()>>(done)
                })
            })
            .await,
        )
    }

    /// What is known of the persons of a destruction's messages is made again from what can still be opened; whoever is in
    /// nothing else is forgotten.
    pub async fn forget_persons(&self, administration: &str, destruction: &str) -> Result<(), ArchiveError> {
        let persons: Vec<(String,)> = self.database().all(PERSONS, args![destruction]).await?;
        for (person,) in persons {
            while !self.fold_person(administration, &person).await? {}
        }
        Ok(())
    }

    /// `false` when an earlier act of this very transaction appended events, which nobody can open yet: try again.
    async fn fold_person(&self, administration: &str, person: &str) -> Result<bool, ArchiveError> {
        let (archive, body, person) = (self.clone(), administration.to_owned(), person.to_owned());
        flat(
            self.act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.mark().0 {
                        return Ok(false);
                    }
                    let events: Vec<(i64, i64, i64)> = work.tx.all(OF_PERSON, args![&person, &body]).await?;
                    work.tx.write(FORGET_PERSON, args![&person])?;
                    for (_, log, index) in events {
                        let Some(entry) = archive.entry(log, index).await? else { continue };
                        for party in entry.parties.iter().filter(|party| party.person == person) {
                            project::person(&mut work.tx, &body, party)?;
                        }
                    }
                    Ok::<_, ActError<()>>(true)
                })
            })
            .await,
        )
    }

    /// Words of what was erased leave this process's index and its snapshot. Other machines that have an index of their own
    /// do the same as they follow the log.
    pub async fn forget_words(&self) -> Result<(), ArchiveError> {
        self.index_events().await?;
        self.in_index(plico_search::Index::purge).await?;
        self.forget_snapshot().await
    }

    /// The events that a record of destruction says cannot be opened any more: log and index.
    pub(crate) async fn erased_events(&self) -> Result<BTreeSet<(i64, i64)>, ArchiveError> {
        const LOGS: &str = "select administration, successor, id from log";
        const ERASED: &str = "select log, idx from event where kind = 'part.erased' order by log, idx";
        let logs: Vec<(String, i64, i64)> = self.database().all(LOGS, args![]).await?;
        let logs: BTreeMap<(String, i64), i64> =
            logs.into_iter().map(|(body, successor, log)| ((body, successor), log)).collect();
        let mut erased = BTreeSet::new();
        for (log, index) in self.database().all::<(i64, i64)>(ERASED, args![]).await? {
            let Some(entry) = self.entry(log, index).await? else { continue };
            if let plico_record::act::Act::PartErased(act) = entry.act {
                erased.extend(act.events.into_iter().filter_map(|(successor, index)| {
                    let log = logs.get(&(entry.administration.clone(), i64::from(successor)))?;
                    Some((*log, index.cast_signed()))
                }));
            }
        }
        Ok(erased)
    }
}

impl Work {
    /// `Some(true)`: erased; `Some(false)`: under a hold; `None`: gone already.
    async fn erase(
        &mut self,
        authorisation: &Authorisation,
        message: &str,
    ) -> Result<Option<bool>, ArchiveError> {
        let body = authorisation.administration.as_str();
        let row: Option<Row> = self.tx.optional(MESSAGE, args![message, body]).await?;
        let Some(row) = row.filter(|row| row.destruction.is_none()) else { return Ok(None) };
        if self.tx.scalar_i64(HELD, args![message, row.case_file.clone()]).await? > 0 {
            return Ok(Some(false));
        }
        let tx = &mut self.tx;
        let deliveries: Vec<(String, String, i64)> = tx.all(DELIVERIES, args![message]).await?;
        let documents = texts(tx, DOCUMENTS, message).await?;
        let receipts = texts(tx, RECEIPTS, message).await?;
        let mut events = parts(tx, body, "message", message).await?;
        for (delivery, ..) in &deliveries {
            events.extend(parts(tx, body, "delivery", delivery).await?);
        }
        for notice in &texts(tx, NOTICES, message).await? {
            events.extend(parts(tx, body, "delivery", notice).await?);
            tx.write(GONE_JOBS, args![body, format!("%\"{notice}\"%")])?;
        }
        for document in &documents {
            events.extend(parts(tx, body, "document", document).await?);
            tx.write(GONE_GRANT, args![format!("document:{document}")])?;
            tx.write(GONE_CODE, args![document])?;
        }
        for receipt in &receipts {
            tx.write(GONE_GRANT, args![format!("receipt:{receipt}")])?;
            tx.write(GONE_RECEIPT, args![receipt])?;
        }
        // What is still to be made of it: notices and receipts on order.
        for thing in deliveries.iter().map(|delivery| delivery.0.as_str()).chain([message]) {
            tx.write(GONE_JOBS, args![body, format!("%\"{thing}\"%")])?;
        }
        tx.write(GONE_LINE, args![message])?;
        // A dossier that is kept for its download holds the same.
        if let Some(case) = &row.case_file {
            tx.write(GONE_DOSSIERS, args![body, format!("dossier:%:{case}")])?;
        }
        let emergency: Option<(String, i64)> = tx.optional(EMERGENCY, args![message]).await?;
        let emergency = emergency.map(|(emergency, number)| EmergencyNumber {
            emergency,
            number: u32::try_from(number).unwrap_or_default(),
        });
        let copies: Vec<(String,)> = tx.all(COPIES, args![message, true]).await?;
        let copies = copies.into_iter().map(|copy| copy.0).collect();
        let remains = Remains {
            knowledge: texts(tx, KNOWLEDGE, message).await?,
            direction: row.direction,
            kind: row.kind,
            office: row.office,
            thread: row.thread,
            reply_to: row.reply_to,
            sender: row.sender,
            others: texts(tx, OTHERS, message).await?,
            at: row.instant_ms,
            state: row.state,
            registration: row
                .area
                .zip(row.year)
                .zip(row.number)
                .map(|((area, year), n)| (area, year, n.cast_unsigned())),
            registered: row.registered_ms,
            annulled: row.annulled,
            case_file: row.case_file,
            class: row.class,
            emergency,
            from_office: row.from_office,
            copies,
            deliveries,
            things: documents.into_iter().chain(receipts).collect(),
        };
        events.sort_unstable();
        let act = PartErased {
            message: message.into(),
            destruction: authorisation.destruction.clone(),
            authority: authorisation.authority.clone(),
            number: authorisation.number.clone(),
            date: authorisation.date.clone(),
            events,
            remains,
        };
        self.append(NewEvent::by(&Actor::system(body), message, act)).await?;
        Ok(Some(true))
    }
}

async fn texts(tx: &mut Tx, sql: &'static str, of: &str) -> Result<Vec<String>, ArchiveError> {
    Ok(tx.all::<(String,)>(sql, args![of]).await?.into_iter().map(|row| row.0).collect())
}

/// Removes the parts of a subject's events, with what opens them; answers which events lost some.
async fn parts(tx: &mut Tx, body: &str, kind: &str, id: &str) -> Result<Vec<(u32, u64)>, ArchiveError> {
    let events: Vec<(i64, i64, String, i64)> = tx.all(EVENTS, args![body, kind, id]).await?;
    let mut lost = Vec::with_capacity(events.len());
    for (log, index, kind, successor) in events {
        let names: Vec<(String,)> = tx.all(PARTS, args![log, index]).await?;
        let mut any = false;
        for (name,) in names.iter().filter(|(name,)| !stays(&kind, name)) {
            tx.write(GONE_GRANT, args![format!("part:{log}/{index}/{name}")])?;
            tx.write(GONE_PART, args![log, index, name])?;
            any = true;
        }
        if any {
            lost.push((successor as u32, index.cast_unsigned()));
        }
    }
    Ok(lost)
}
