//! Reading by a mandate: every look is an event.

use plico_archive::checkpoint::LogRow;
use plico_archive::fsck::Outcome as Checked;
use plico_archive::read::message::{self, MessageRow};
use plico_archive::read::{Cursor, history};
use plico_archive::scrub::Pass;
use plico_archive::{ActError, NewEvent, Work};
use plico_record::act::{ArchiveRead, IntegrityChecked};
use plico_record::actor::Role;
use plico_record::authority::{Deed, Thing, may};
use plico_search::{Audience, Order, Query};

use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal, chronicle};

/// What an auditor searches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Words.
    pub text: String,
    /// Name or fiscal code.
    pub person: String,
    /// Registration number.
    pub number: String,
    /// SHA-256 of a document, hexadecimal.
    pub digest: String,
    /// Office.
    pub office: String,
    /// From (UTC milliseconds).
    pub from_ms: Option<i64>,
    /// Before (UTC milliseconds).
    pub before_ms: Option<i64>,
    /// Page, from 0.
    pub page: usize,
}

/// Lines of a page of results.
const PAGE: usize = 20;

impl Desk {
    /// Searches the administration's archive; the search itself is recorded.
    pub async fn search(&self, actor: &Actor, search: &Search) -> Outcome<(Vec<MessageRow>, bool)> {
        Self::admit(actor, Deed::Search)?;
        let said = [&search.text, &search.person, &search.number, &search.digest, &search.office];
        let said: Vec<&str> = said.into_iter().map(|s| s.trim()).filter(|s| !s.is_empty()).collect();
        self.looked(actor, "search", &said.join(" · "), "").await?;
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let query = Query {
            administration: actor.administration.clone(),
            audience: Audience::Everything,
            text: search.text.clone(),
            offices: some(&search.office).into_iter().collect(),
            number: some(&search.number),
            person: some(&search.person),
            digest: some(&search.digest.to_lowercase()),
            from_ms: search.from_ms,
            before_ms: search.before_ms,
            order: if search.text.trim().is_empty() { Order::Newest } else { Order::Score },
            limit: PAGE,
            offset: search.page * PAGE,
            ..Query::default()
        };
        let index = std::sync::Arc::clone(self.archive.search());
        let page = tokio::task::spawn_blocking(move || index.search(&query))
            .await
            .map_err(crate::refusal::fault)?
            .map_err(plico_archive::ArchiveError::from)?;
        let mut rows = Vec::with_capacity(page.hits.len());
        for hit in page.hits {
            rows.extend(message::message(self.archive.database(), &hit.id).await?);
        }
        Ok((rows, page.more))
    }

    /// States the reason for reading a message's content: from now on, and for a working day, it is open to him.
    pub async fn state_reason(&self, actor: &Actor, id: &str, reason: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::ReadMetadata, id).await?;
        if !actor.has(Role::Auditor) {
            return refuse(Refusal::Forbidden);
        }
        if reason.trim().chars().count() < 5 {
            return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
        }
        let reason: String = reason.trim().chars().take(2000).collect();
        self.looked(actor, "message", &row.id, &reason).await
    }

    /// Whether somebody may fetch the leaves of a log: those of his administration and of the installation. It is no look
    /// at anything that concerns a person, and leaves no event: a mirror would otherwise never come to an end.
    pub fn may_read_log(&self, actor: &Actor, log: &LogRow) -> Outcome<()> {
        let thing = if log.administration.is_empty() {
            Thing::Installation
        } else {
            Thing::Administration { id: log.administration.clone() }
        };
        permit(actor, Deed::ReadLog, &thing)
    }

    /// Whether there is any log whose leaves he may fetch.
    pub fn may_mirror(&self, actor: &Actor) -> bool {
        may(actor, Deed::ReadLog, &Thing::Administration { id: actor.administration.clone() }).is_ok()
    }

    /// Records that somebody who reads by a mandate looked at something; whoever works on it is not recorded.
    pub async fn looked(&self, actor: &Actor, what: &str, thing: &str, reason: &str) -> Outcome<()> {
        if !actor.has(Role::Auditor) {
            return Ok(());
        }
        let act = ArchiveRead {
            what: what.into(),
            thing: thing.chars().take(500).collect(),
            reason: reason.into(),
        };
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.append(NewEvent::by(&actor, "readings", act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Who read what by a mandate, newest first.
    pub async fn access_log(
        &self,
        actor: &Actor,
        cursor: &Cursor,
        most: usize,
    ) -> Outcome<Vec<history::Reading>> {
        Self::admit(actor, Deed::ReadAccessLog)?;
        Ok(history::readings(self.archive.database(), &actor.administration, cursor, most).await?)
    }

    /// Checks the whole archive; the check and its outcome are recorded.
    pub async fn check_archive(&self, actor: &Actor) -> Outcome<Checked> {
        Self::admit(actor, Deed::CheckIntegrity)?;
        let checked = self.archive.fsck().await?;
        let findings = checked.findings.iter().take(50).map(|f| format!("{}: {}", f.place, f.what)).collect();
        self.checked(actor, "archive", checked.clean, findings).await?;
        Ok(checked)
    }

    /// Records what a pass over all stored content found, once for each pass.
    pub async fn content_checked(&self, pass: &Pass) -> Outcome<()> {
        if self.content_check().await?.is_some_and(|last| last.at >= pass.began_ms) {
            return Ok(());
        }
        let wrong = pass.findings.iter().map(|f| format!("{}: {}", f.place, f.what));
        let mended = (!pass.mended.is_empty())
            .then(|| format!("{} brought back from the replica", pass.mended.len()))
            .into_iter()
            .chain(pass.mended.iter().map(|f| format!("{}: {}; brought back", f.place, f.what)));
        let clean = pass.findings.is_empty();
        let told = wrong.take(50).chain(mended.take(50)).collect();
        self.checked(&Actor::system(""), "content", clean, told).await
    }

    /// The last such pass that is over.
    pub async fn content_check(&self) -> Outcome<Option<chronicle::Checked>> {
        Ok(self.checks_done("", 50).await?.into_iter().find(|check| check.scope == "content"))
    }

    /// Checks one message: its documents are read again and compared with what was committed to.
    pub async fn check_message(&self, actor: &Actor, id: &str) -> Outcome<Vec<(String, bool)>> {
        Self::admit(actor, Deed::CheckIntegrity)?;
        let row = self.allowed_message(actor, Deed::ReadMetadata, id).await?;
        let mut results = Vec::new();
        for document in message::documents(self.archive.database(), &row.id).await? {
            let intact = match self.archive.open_document(&document.id).await {
                Err(_) => false,
                Ok(reader) => {
                    use futures::sha256_of;
                    sha256_of(reader).await.is_some_and(|digest| digest == document.sha256)
                }
            };
            results.push((document.name, intact));
        }
        let findings = results.iter().filter(|(_, ok)| !ok).map(|(name, _)| name.clone()).collect::<Vec<_>>();
        self.checked(actor, &row.id, findings.is_empty(), findings).await?;
        Ok(results)
    }

    async fn checked(&self, actor: &Actor, scope: &str, clean: bool, findings: Vec<String>) -> Outcome<()> {
        let (actor, act) = (actor.clone(), IntegrityChecked { scope: scope.into(), clean, findings });
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.append(NewEvent::by(&actor, "integrity", act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Whether an actor may do a deed to his administration as a whole: asked at the gate of an area of the pages.
    pub fn admit(actor: &Actor, deed: Deed) -> Result<(), ActError<Refusal>> {
        permit(actor, deed, &Thing::Administration { id: actor.administration.clone() })
    }
}

mod futures {
    use plico_crypto::digest::Sha256;
    use plico_vault::BlobReader;

    /// Reads a blob in pieces; `None` when it does not open to its end.
    pub(super) async fn sha256_of(reader: BlobReader) -> Option<String> {
        const PIECE: u64 = 1024 * 1024;
        let mut digest = Sha256::new();
        let mut at = 0;
        loop {
            let until = (at + PIECE).min(reader.size());
            digest.update(&reader.read_range(at..until).await.ok()?);
            at = until;
            if at >= reader.size() {
                return Some(plico_archive::hex(&digest.finish()));
            }
        }
    }
}
