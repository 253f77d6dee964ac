//! The daily register: once a day is over, what was registered in it, and what was corrected since the one before, is
//! written as XML, and an event commits to it. Its paper is the event's receipt; whoever may read the register holds it.

use plico_archive::read::ledger::{self, Filter};
use plico_archive::read::receipt::{self, ReceiptRow};
use plico_archive::read::{body, registry, series};
use plico_archive::{NewDocument, NewEvent, Work, hex};
use plico_crypto::DataKey;
use plico_database::args;
use plico_package::daily::{DailyChange, DailyEntry, DailyRegister, DailySeries};
use plico_record::act::{Act, RegisterDayClosed};
use plico_record::day::{LegalDay, rfc3339};
use plico_record::event::ReceiptKind;
use plico_record::part::DocumentEntry;

use crate::present::committed;
use crate::refusal::fault;
use crate::{Actor, Desk, Outcome};

/// Days that are listed.
const LISTED: usize = 400;
/// Corrections between two closings that are looked through.
const CHANGES: usize = 10_000;
/// Days that one run closes: after a long pause the next run goes on.
const DAYS: usize = 400;

const CLOSED: &str = "select count(*) from subject s join log l on l.id = s.log
    where l.administration = $1 and s.kind = 'register' and s.id = $2";

/// The kind of event that closes a day.
const CLOSES: &str = "register.day_closed";

/// That a day is closed.
#[derive(Debug, Clone)]
pub(crate) struct Closing {
    /// Registry area.
    pub(crate) area: String,
    /// The day.
    pub(crate) day: String,
    /// Log and index of the event.
    at: (i64, i64),
}

/// A closed day.
#[derive(Debug, Clone)]
pub struct ClosedDay {
    /// What was recorded.
    pub act: RegisterDayClosed,
    /// When it was closed (UTC milliseconds).
    pub closed_ms: i64,
    /// The XML that the event commits to.
    pub document: String,
    /// Its paper; none while it is being made.
    pub paper: Option<ReceiptRow>,
}

impl Desk {
    /// The days of the register that are closed, newest first.
    pub async fn closed_days(&self, actor: &Actor) -> Outcome<Vec<ClosedDay>> {
        Self::may_read_register(actor)?;
        self.closed_days_of(&actor.administration, LISTED).await
    }

    async fn closed_days_of(&self, administration: &str, most: usize) -> Outcome<Vec<ClosedDay>> {
        let mut list = Vec::new();
        for closing in self.closings_listed(administration, most).await? {
            list.extend(self.closed_day(&closing).await?);
        }
        Ok(list)
    }

    /// Which days are closed, newest first. What each is about is in its name: nothing is opened, however many there are.
    pub(crate) async fn closings_listed(&self, administration: &str, most: usize) -> Outcome<Vec<Closing>> {
        let events = ledger::subjects(self.archive.database(), administration, CLOSES, most).await?;
        let listed = events.into_iter().filter_map(|(log, idx, subject)| {
            let (area, day) = subject.rsplit_once('/')?;
            Some(Closing { area: area.into(), day: day.into(), at: (log, idx) })
        });
        Ok(listed.collect())
    }

    /// What a closing recorded, with its paper.
    pub(crate) async fn closed_day(&self, closing: &Closing) -> Outcome<Option<ClosedDay>> {
        let (log, idx) = closing.at;
        let Some(entry) = self.archive.entry(log, idx).await? else { return Ok(None) };
        let Act::RegisterDayClosed(act) = entry.act else { return Ok(None) };
        let papers = receipt::of_event(self.archive.database(), log, idx, holder()).await?;
        Ok(Some(ClosedDay {
            act,
            closed_ms: entry.at.instant_ms,
            document: entry.documents.into_iter().next().map(|document| document.id).unwrap_or_default(),
            paper: papers.into_iter().next(),
        }))
    }

    async fn closings(
        &self,
        administration: &str,
        most: usize,
    ) -> Outcome<Vec<(plico_archive::read::history::Happened, RegisterDayClosed)>> {
        let mut list = Vec::new();
        for event in ledger::newest(self.archive.database(), administration, CLOSES, most).await? {
            let entry = self.archive.entry(event.log, event.idx).await?;
            if let Some(Act::RegisterDayClosed(act)) = entry.map(|entry| entry.act) {
                list.push((event, act));
            }
        }
        Ok(list)
    }

    /// Closes every day of every register that is over and had entries; answers how many. Done twice it is done once.
    pub async fn close_register_days(&self) -> Outcome<usize> {
        let mut closed = 0;
        for body in body::bodies(self.archive.database()).await? {
            closed += self.close_days_of(&body).await?;
        }
        Ok(closed)
    }

    async fn close_days_of(&self, body: &body::Body) -> Outcome<usize> {
        let today = LegalDay::at(self.archive.now_ms());
        let last = self.closings(&body.id, 1).await?.pop();
        let after = last.as_ref().map_or("", |(_, act)| act.day.as_str());
        let mut since_ms = last.as_ref().map_or(0, |(event, _)| event.instant_ms);
        let days = registry::days(self.archive.database(), &body.id, after, &today.to_string(), DAYS).await?;
        let mut closed = 0;
        for day in days {
            let Some(legal) = LegalDay::parse(&day) else { continue };
            let register = self.register_of(body, &day, since_ms, legal.end_ms()).await?;
            // What was corrected after that day stands in a later one.
            since_ms = legal.end_ms();
            closed += usize::from(self.close_day(body, register).await?);
        }
        Ok(closed)
    }

    async fn register_of(
        &self,
        body: &body::Body,
        day: &str,
        since_ms: i64,
        until_ms: i64,
    ) -> Outcome<DailyRegister> {
        let year = day.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
        let filter = Filter { year, from: day.into(), until: day.into(), ..Filter::default() };
        let lines = ledger::lines(self.archive.database(), &body.id, &filter, usize::MAX >> 1).await?;
        let mut entries = Vec::with_capacity(lines.len());
        for line in lines.iter().rev() {
            let entry = registry::entry(self.archive.database(), &line.message).await?;
            entries.extend(entry.map(written));
        }
        Ok(DailyRegister {
            body: body.name.clone(),
            ipa: body.ipa_code.clone(),
            area: lines.first().map_or_else(|| body.area.clone(), |line| line.area.clone()),
            day: day.into(),
            entries,
            series: self.series_of_day(body, day).await?,
            changes: self.changes_between(&body.id, since_ms, until_ms).await?,
        })
    }

    async fn series_of_day(&self, body: &body::Body, day: &str) -> Outcome<Vec<DailySeries>> {
        let mut found: Vec<DailySeries> = Vec::new();
        for row in series::of_day(self.archive.database(), &body.id, day).await? {
            if found.last().is_none_or(|last| last.code != row.series) {
                let title = self.series(&body.id, &row.series).await?.map(|series| series.title);
                found.push(DailySeries {
                    code: row.series.clone(),
                    title: title.unwrap_or_default(),
                    entries: Vec::new(),
                });
            }
            let entry = DailyEntry {
                number: row.text(),
                instant: rfc3339(row.registered_ms),
                presented: String::new(),
                direction: String::new(),
                parties: row.parties,
                subject: row.subject,
                office: row.office,
                digest: row.digest,
            };
            if let Some(last) = found.last_mut() {
                last.entries.push(entry);
            }
        }
        Ok(found)
    }

    /// What was corrected or annulled from one instant to before another (UTC milliseconds), oldest first.
    async fn changes_between(
        &self,
        administration: &str,
        from_ms: i64,
        until_ms: i64,
    ) -> Outcome<Vec<DailyChange>> {
        let database = self.archive.database();
        let mut found = Vec::new();
        for kind in ["registration.rectified", "registration.annulled", "series.annulled", "message.scanned"]
        {
            for event in ledger::newest(database, administration, kind, CHANGES).await? {
                if event.instant_ms < from_ms {
                    break;
                }
                if event.instant_ms >= until_ms {
                    continue;
                }
                let Some(entry) = self.archive.entry(event.log, event.idx).await? else { continue };
                let (message, field, old, new, reason) = match entry.act {
                    Act::RegistrationRectified(act) => (act.message, act.field, act.old, act.new, act.reason),
                    Act::RegistrationAnnulled(act) => {
                        (act.message, "annulled".into(), String::new(), act.authorisation, act.reason)
                    }
                    // The impronta of what came on paper: the entry was made before there was a file.
                    Act::MessageScanned(act) => {
                        // Without their names: they may be destroyed one day, the register is not.
                        let file = |one: &DocumentEntry| format!("SHA-256 {}", one.sha256);
                        let files: Vec<String> = entry.documents.iter().map(file).collect();
                        (act.message, "scan".into(), String::new(), files.join("; "), String::new())
                    }
                    Act::SeriesAnnulled(act) => {
                        found.push(DailyChange {
                            number: format!("{} {}/{}", act.series, act.number, act.year),
                            instant: rfc3339(event.instant_ms),
                            field: "annulled".into(),
                            by: entry.actor.name,
                            old: String::new(),
                            new: act.authorisation,
                            reason: act.reason,
                        });
                        continue;
                    }
                    _ => continue,
                };
                let Some(of) = registry::entry(database, &message).await? else { continue };
                let (number, instant) = (of.text(), rfc3339(event.instant_ms));
                found.push(DailyChange { number, instant, field, by: entry.actor.name, old, new, reason });
            }
        }
        found.sort_by(|a, b| a.instant.cmp(&b.instant).then(a.number.cmp(&b.number)));
        Ok(found)
    }

    /// Whether it was not closed before.
    async fn close_day(&self, body: &body::Body, register: DailyRegister) -> Outcome<bool> {
        let xml = register.to_xml().map_err(fault)?;
        let document = self.store_xml(&register.day, &xml).await?;
        let number =
            |entry: Option<&DailyEntry>| entry.map_or_else(String::new, |entry| entry.number.clone());
        let act = RegisterDayClosed {
            area: register.area.clone(),
            day: register.day.clone(),
            first: number(register.entries.first()),
            last: number(register.entries.last()),
            entries: register.entries.len() as u64,
            changes: register.changes.len() as u64,
            series: register.series.iter().map(|series| series.entries.len() as u64).sum(),
        };
        let administration = body.id.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let subject = format!("{}/{}", act.area, act.day);
                    if work.tx.scalar_i64(CLOSED, args![&administration, &subject]).await? > 0 {
                        return Ok(false);
                    }
                    let mut event = NewEvent::by(&Actor::system(&administration), subject, act);
                    event.documents = vec![document];
                    event.receipts = vec![(holder().into(), String::new())];
                    work.append(event).await?;
                    Ok(true)
                })
            })
            .await
    }

    async fn store_xml(&self, day: &str, xml: &[u8]) -> Outcome<NewDocument> {
        let key = DataKey::new(self.archive.entropy().bytes());
        let stored = self.archive.vault().store(&key, self.archive.entropy().bytes(), xml).await;
        let stored = stored.map_err(plico_archive::ArchiveError::from)?;
        let entry = DocumentEntry {
            id: self.fresh_id(),
            name: format!("registro-{day}.xml"),
            media_type: "application/xml".into(),
            size: stored.size,
            sha256: hex(&stored.sha256),
            salt: String::new(),
            role: "register".into(),
            verification: None,
            sealed: false,
        };
        Ok(committed(stored, key, entry))
    }
}

/// Who holds the papers of closed days: no person, whoever may read the register.
pub(crate) fn holder() -> &'static str {
    ReceiptKind::DailyRegister.common_holder().unwrap_or_default()
}

pub(crate) fn written(entry: registry::Entry) -> DailyEntry {
    DailyEntry {
        number: entry.text(),
        instant: rfc3339(entry.registered_ms),
        presented: entry.presented_ms.map(rfc3339).unwrap_or_default(),
        direction: entry.direction,
        parties: entry.parties,
        subject: entry.subject,
        office: entry.office,
        digest: entry.digest,
    }
}
