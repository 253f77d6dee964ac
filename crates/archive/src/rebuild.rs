//! Everything that can be derived, derived again: the projections from the journal, by the same code that keeps
//! them. One transaction: whoever reads meanwhile sees the old tables.

use plico_database::{Database, Mode, args};

use crate::append::Work;
use crate::error::{ActError, ArchiveError};
use crate::{Archive, project};

const EVENTS: &str = "select log, idx from event order by instant_ms, log, idx";
const TABLES: &[(&str, &str)] = &[
    ("administration", "select quote(id) || quote(name) || quote(ipa_code) || quote(area) from administration order by id"),
    ("setting", "select quote(administration) || quote(name) || quote(value) from setting order by administration, name"),
    ("office", "select quote(id) || quote(name) || quote(responsible) || quote(email) || protocol || quote(valid_from)
        || quote(valid_until) from office order by id"),
    ("operator", "select quote(account) || quote(login) || quote(name) || quote(email) || active || quote(roles)
        from operator order by account"),
    ("operator_office", "select quote(account) || quote(office) from operator_office order by account, office"),
    ("person", "select quote(id) || quote(name) || quote(fiscal_code) || quote(email) || organisation
        from person order by id"),
    ("message", "select quote(id) || quote(direction) || quote(kind) || quote(office) || quote(subject) || quote(text)
        || quote(thread) || quote(reply_to) || quote(effect) || quote(sender) || quote(basis) || quote(author)
        || instant_ms || quote(due) || quote(state) || quote(operator) || quote(responsible) || quote(area)
        || quote(year) || quote(number) || quote(registered_ms) || annulled || quote(outcome) || quote(case_file)
        from message order by id"),
    ("knowledge", "select quote(message) || quote(office) from knowledge order by message, office"),
    ("note", "select quote(id) || quote(message) || quote(text) || instant_ms from note order by id"),
    ("delivery", "select quote(id) || quote(message) || quote(recipient) || available_ms || quote(opened_ms)
        || quote(opened_by) || quote(withdrawn_ms) || quote(notice) || quote(notice_ms) from delivery order by id"),
    ("document", "select quote(id) || quote(message) || position || quote(role) || quote(category) || quote(name)
        || quote(media_type) || size || quote(sha256) || quote(verification) || sealed || quote(withdrawn_ms)
        || log || ' ' || idx from document order by id"),
    ("registration", "select quote(administration) || quote(area) || year || ' ' || number || quote(message)
        || quote(direction) || registered_ms || quote(day) || quote(subject) || quote(parties) || quote(digest)
        || quote(annulled_ms) from registration order by administration, area, year, number"),
    ("registration_change", "select log || ' ' || idx || quote(message) || quote(field) || quote(old) || quote(new)
        from registration_change order by log, idx"),
    ("register_head", "select quote(administration) || quote(area) || year || ' ' || next from register_head
        order by administration, area, year"),
    ("case_file", "select quote(id) || quote(office) || year || ' ' || number || quote(title) || opened_ms
        || quote(closed_ms) from case_file order by id"),
    ("delegation", "select quote(id) || quote(kind) || quote(holder) || quote(delegate) || quote(title)
        || quote(evidence) || quote(until) || granted_ms || quote(in_force_ms) || quote(revoked_ms)
        from delegation order by id"),
    ("reading", "select log || ' ' || idx || quote(account) || quote(what) || quote(thing) || quote(reason)
        from reading order by log, idx"),
    ("tally", "select quote(owner) || quote(name) || value from tally order by administration, owner, name"),
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

    /// Rebuilds in a copy of the database and names the tables whose rows differ from the live ones. The archive goes
    /// on meanwhile; the copy is as private as the original and is removed.
    pub async fn compare_rebuilt(&self) -> Result<Vec<String>, ArchiveError> {
        let name = format!("rebuilt-{}.db", crate::hex(&self.entropy().bytes::<8>()));
        let path = self.database().path().with_file_name(name);
        self.database().backup_into(&path).await?;
        let copy = Database::open(&path, Mode::Existing).await;
        let compared = match copy {
            Ok(copy) => {
                let compared = self.compare_in(&copy).await;
                copy.close().await;
                compared
            }
            Err(error) => Err(error.into()),
        };
        for suffix in ["", "-wal", "-shm"] {
            let mut file = path.clone().into_os_string();
            file.push(suffix);
            let _ = std::fs::remove_file(file);
        }
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
            if let Some(entry) = self.entry(*log, *index).await? {
                project::apply(&mut work.tx, &entry).await?;
            }
        }
        Ok(Some(events.len() as u64))
    }

    async fn compare_in(&self, copy: &Database) -> Result<Vec<String>, ArchiveError> {
        let archive = self.reading(copy.clone());
        let events: Vec<(i64, i64)> = copy.all(EVENTS, args![]).await?;
        let mut tx = copy.begin().await?;
        let mut live = Vec::new();
        for (_, sql) in TABLES {
            live.push(tx.all::<(String,)>(sql, args![]).await?);
        }
        for sql in project::PROJECTIONS {
            tx.execute(sql, args![]).await?;
        }
        for (log, index) in events {
            if let Some(entry) = archive.entry(log, index).await? {
                project::apply(&mut tx, &entry).await?;
            }
        }
        let mut differing = Vec::new();
        for ((table, sql), before) in TABLES.iter().zip(live) {
            let after = tx.all::<(String,)>(sql, args![]).await?;
            if after != before {
                let place = after.iter().zip(&before).position(|(a, b)| a != b);
                let place = place.unwrap_or(after.len().min(before.len()));
                differing.push(format!(
                    "{table}: {} rows, {} rebuilt, first difference at row {}",
                    before.len(),
                    after.len(),
                    place + 1
                ));
            }
        }
        tx.rollback().await?;
        Ok(differing)
    }
}

/// Not in this transaction.
struct NotNow;
