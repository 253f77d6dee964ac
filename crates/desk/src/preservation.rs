//! The register of each closed day goes to the preserver by the next working day (DPCM 3 December 2013, art. 7), and the
//! preserver's answer stays with it. What carries the package is not here: it is handed out, and answers are handed in.

use std::collections::{HashMap, HashSet};

use plico_archive::read::body::Body;
use plico_archive::read::handover::{self, HandoverRow};
use plico_archive::{NewEvent, Work, hex};
use plico_courier::preserver::Answer;
use plico_crypto::digest::sha256;
use plico_database::args;
use plico_package::bundle::Bundle;
use plico_record::act::{PreserverAnswered, RegisterHandedOver};
use plico_record::day::LegalDay;

use crate::daily::ClosedDay;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Days that are looked at: a hundred years.
const DAYS: usize = 40_000;
/// Days that the board shows: some three years.
const SHOWN: usize = 1_000;
/// Bytes of a day's paper.
const PAPER: u64 = 512 * 1024 * 1024;

/// Where the register of a day stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its paper is being made, or nobody carries it.
    Waiting,
    /// Handed over, not answered.
    Handed,
    /// The preserver keeps it.
    Accepted,
    /// The preserver refused it: a person decides.
    Refused,
}

/// The register of a day, on the board.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The day.
    pub day: String,
    /// The last day on which the preserver is to have it.
    pub due: String,
    /// How it stands.
    pub standing: Standing,
    /// The term is over, and no preserver keeps it.
    pub overdue: bool,
    /// What was handed over.
    pub handed: Option<HandoverRow>,
}

/// A package that is to be handed over.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The whole of it.
    pub bytes: Vec<u8>,
    area: String,
    day: String,
    attempt: u32,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is kept with its package.
    Kept,
    /// It says what was heard before.
    Known,
    /// Nobody can read it, it names no package of ours, or other bytes than we sent.
    Strange,
}

const STANDS: &str = "select count(*) from handover where administration = $1 and package = $2 and (attempt >= $3 or state = 'accepted')";
/// An answer that says something new: the preserver may keep what it refused, and take back what it kept.
const NEW: &str = "select count(*) from handover where administration = $1 and package = $2 and sha256 = $3
    and not (state = $4 and receipt = $5)";

impl Desk {
    /// The board: each closed day and where it stands, newest first.
    pub async fn preservation(&self, actor: &Actor) -> Outcome<Vec<Kept>> {
        Self::may_read_register(actor)?;
        let mut board = self.board(&actor.administration).await?;
        // What waits for somebody is shown however old it is.
        let mut shown = 0;
        board.retain(|kept| {
            shown += 1;
            shown <= SHOWN || kept.standing != Standing::Accepted
        });
        Ok(board)
    }

    async fn board(&self, administration: &str) -> Outcome<Vec<Kept>> {
        let days = self.closings_listed(administration, DAYS).await?.into_iter().map(|closing| closing.day);
        let handed = handover::all(self.archive.database(), administration, DAYS).await?;
        let mut handed: HashMap<String, HandoverRow> =
            handed.into_iter().map(|row| (row.day.clone(), row)).collect();
        let today = LegalDay::at(self.archive.now_ms());
        let kept = days.filter_map(|day| {
            let due = LegalDay::parse(&day)?.next_working_day();
            let handed = handed.remove(&day);
            let standing = match handed.as_ref().map(|row| row.state.as_str()) {
                None => Standing::Waiting,
                Some("accepted") => Standing::Accepted,
                Some("refused") => Standing::Refused,
                Some(_) => Standing::Handed,
            };
            let overdue = standing != Standing::Accepted && due < today;
            Some(Kept { day, due: due.to_string(), standing, overdue, handed })
        });
        Ok(kept.collect())
    }

    /// How many days are past their term, and how many a preserver refused.
    pub(crate) async fn preservation_late(&self, administration: &str) -> Outcome<(i64, i64)> {
        let board = self.board(administration).await?;
        let count = |is: &dyn Fn(&Kept) -> bool| board.iter().filter(|kept| is(kept)).count() as i64;
        Ok((count(&|kept| kept.overdue), count(&|kept| kept.standing == Standing::Refused)))
    }

    /// The days that wait to be handed over and whose paper is there, oldest first.
    pub async fn days_to_hand_over(&self, body: &Body) -> Outcome<Vec<ClosedDay>> {
        let handed = handover::all(self.archive.database(), &body.id, DAYS).await?;
        let handed: HashSet<String> = handed.into_iter().map(|row| row.package).collect();
        let mut days = Vec::new();
        for closing in self.closings_listed(&body.id, DAYS).await?.into_iter().rev() {
            if !handed.contains(&package_name(body, &closing.area, &closing.day)) {
                days.extend(self.closed_day(&closing).await?.filter(|day| day.paper.is_some()));
            }
        }
        Ok(days)
    }

    /// The package of a day that was never handed over; the same bytes each time.
    pub async fn first_package(&self, body: &Body, day: ClosedDay) -> Outcome<Package> {
        let name = package_name(body, &day.act.area, &day.act.day);
        self.package(day, name, 1).await
    }

    async fn package(&self, day: ClosedDay, name: String, attempt: u32) -> Outcome<Package> {
        let Some(paper) = &day.paper else { return refuse(Refusal::NotFound) };
        let reader = self.archive.open_granted(&format!("receipt:{}", paper.id)).await?;
        let pdf = reader.read_all(PAPER).await.map_err(plico_archive::ArchiveError::from)?;
        let reader = self.archive.open_document(&day.document).await?;
        let xml = reader.read_all(PAPER).await.map_err(plico_archive::ArchiveError::from)?;
        let bytes = tokio::task::spawn_blocking({
            let stem = format!("registro-{}", day.act.day);
            move || {
                let mut bundle = Bundle::new(Vec::new());
                bundle.add("", &format!("{stem}.xml"), &mut xml.as_slice())?;
                bundle.add("", &format!("{stem}.pdf"), &mut pdf.as_slice())?;
                bundle.finish()
            }
        })
        .await
        .map_err(fault)?
        .map_err(fault)?;
        Ok(Package { name, bytes, area: day.act.area, day: day.act.day, attempt })
    }

    /// Says that a package lies where the preserver takes it, and by whom it was put there. Done twice it is done once.
    pub async fn package_handed_over(&self, by: &Actor, package: &Package) -> Outcome<()> {
        let act = RegisterHandedOver {
            area: package.area.clone(),
            day: package.day.clone(),
            package: package.name.clone(),
            sha256: hex(&sha256(&package.bytes)),
            attempt: package.attempt,
        };
        let by = by.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let key = args![&by.administration, &act.package, act.attempt];
                    if work.tx.scalar_i64(STANDS, key).await? == 0 {
                        let subject = format!("{}/{}", act.area, act.day);
                        work.append(NewEvent::by(&by, subject, act)).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// The package of a day that was refused, or never answered, to be handed over once more: the records manager's.
    pub async fn package_again(&self, actor: &Actor, body: &Body, day: &str) -> Outcome<Package> {
        Self::manages_register(actor)?;
        let days = self.closings_listed(&actor.administration, DAYS).await?;
        let closed = match days.iter().find(|closing| closing.day == day) {
            Some(closing) => self.closed_day(closing).await?,
            None => None,
        };
        let Some(closed) = closed else { return refuse(Refusal::NotFound) };
        let name = package_name(body, &closed.act.area, &closed.act.day);
        let known = handover::one(self.archive.database(), &actor.administration, &name).await?;
        match known {
            Some(row) if row.state != "accepted" => {
                let attempt = u32::try_from(row.attempt).unwrap_or(0) + 1;
                self.package(closed, name, attempt).await
            }
            _ => refuse(Refusal::Invalid(vec![FieldError::of("day", "preserved")])),
        }
    }

    /// Hears an answer of the preserver of an administration. What is of no package of ours is left to a person.
    pub async fn preserver_answered(&self, body: &Body, bytes: &[u8]) -> Outcome<Heard> {
        let Some(answer) = Answer::parse(bytes) else { return Ok(Heard::Strange) };
        let known = handover::one(self.archive.database(), &body.id, &answer.package).await?;
        let state = if answer.accepted { "accepted" } else { "refused" };
        match known {
            Some(row) if row.sha256 != answer.sha256 => return Ok(Heard::Strange),
            Some(row) if row.state == state && row.receipt == answer.id => return Ok(Heard::Known),
            None => return Ok(Heard::Strange),
            Some(_) => {}
        }
        let document =
            self.store_list(bytes, &format!("esito-{}.xml", answer.package), "application/xml").await?;
        let act = PreserverAnswered {
            package: answer.package,
            sha256: answer.sha256,
            accepted: answer.accepted,
            id: answer.id,
            instant: answer.instant,
            reason: answer.reason,
        };
        let body = body.id.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let key = args![&body, &act.package, &act.sha256, state, &act.id];
                    if work.tx.scalar_i64(NEW, key).await? == 0 {
                        return Ok(Heard::Known);
                    }
                    let mut event = NewEvent::by(&Actor::system(&body), act.package.clone(), act);
                    event.documents = vec![document];
                    work.append(event).await?;
                    Ok(Heard::Kept)
                })
            })
            .await
    }
}

fn package_name(body: &Body, area: &str, day: &str) -> String {
    plico_package::name::clean(&format!("registro-{}-{area}-{day}.zip", body.ipa_code))
}
