//! Successor logs: where continuity cannot be shown, everything new goes to a log of its own, with a key of its own, whose
//! first event says what is known of the log before it. That one is read and verified as before, and never signed again.

use std::collections::BTreeMap;
use std::sync::Arc;

use plico_database::args;
use plico_journal::merkle::{Frontier, leaf_hash};
use plico_record::act::{LogOpened, Predecessor, Reserved, Signed, series_area};
use plico_record::actor::Actor;
use plico_record::day::LegalDay;
use plico_vault::signer::{Position, SignerState};

use crate::append::{NewEvent, Work};
use crate::checkpoint::LogRow;
use crate::clock::{Clock, Entropy};
use crate::error::{ActError, ArchiveError};
use crate::keys::{KeyFile, KeyStore};
use crate::outbox::flat;
use crate::register::CASE_FILES;
use crate::setup::{INSERT_LOG, signer_error};
use crate::{Archive, Paths, hex, read};

/// As many numbers are left out for each day that began since the last known event: more than one a second, round the
/// clock, is what no body registers.
/// What the settings of series are called.
const SERIES: &str = "series.";
const NUMBERS_A_DAY: u64 = 100_000;
const DAY_MS: i64 = 86_400_000;
const BATCH: i64 = 4096;

/// A log that was begun in another's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succeeded {
    /// Its origin.
    pub origin: String,
    /// What it knows of the one before it.
    pub predecessor: Predecessor,
}

struct Plan {
    log: LogRow,
    successor: i64,
    origin: String,
    name: String,
    predecessor: Predecessor,
}

const LEAVES: &str = "select leaf from event where log = $1 and idx >= $2 order by idx limit $3";
const HEADS: &str = "select area, next from register_head where administration = $1 and year = $2";
const REPLACED: &str = "update log set read_only = false where id = $1";

/// Begins a successor for each log that is read-only; answers which. The archive must not be open elsewhere. If we crash
/// on the way, the backup is restored and this is done again: nothing was signed yet.
pub async fn begin(
    paths: &Paths,
    clock: Arc<dyn Clock>,
    entropy: Entropy,
) -> Result<Vec<Succeeded>, ArchiveError> {
    let mut signer = SignerState::open(&paths.signer).map_err(signer_error)?;
    let archive = Archive::open_beside(paths, Arc::clone(&clock), entropy.clone()).await?;
    let store = KeyStore::of(paths)?;
    let mut keys = store.read().await?;
    let planned = archive.plan(&signer, &keys).await;
    archive.close().await;
    let planned = planned?;
    for plan in &planned {
        keys.add_log(&plan.origin, &entropy.bytes());
        let empty = Position { size: 0, root: plico_journal::merkle::empty_root() };
        signer.begin(&plan.origin, empty).map_err(signer_error)?;
    }
    store.write(&keys, &entropy).await?;
    drop(signer);
    let archive = Archive::open_beside(paths, clock, entropy).await?;
    let begun = archive.open_logs(planned).await;
    archive.close().await;
    begun
}

impl Archive {
    async fn plan(&self, signer: &SignerState, keys: &KeyFile) -> Result<Vec<Plan>, ArchiveError> {
        let bodies = read::body::bodies(self.database()).await?;
        let mut planned = Vec::new();
        for log in self.logs().await?.into_iter().filter(|log| log.read_only && !log.closed) {
            let (stem, _) = log
                .origin
                .rsplit_once('/')
                .ok_or_else(|| ArchiveError::Corrupt(format!("origin {:?}", log.origin)))?;
            // A successor that was begun before, and is not in this backup, keeps its name: the signer's state or the key
            // file knows it, signed or not.
            let mut successor = log.successor + 1;
            let mut origin = format!("{stem}/{successor}");
            while signer.position(&origin).is_some() || keys.has_log(&origin) {
                successor += 1;
                origin = format!("{stem}/{successor}");
            }
            let signed: Vec<Signed> = (log.successor..successor)
                .filter_map(|n| {
                    let origin = format!("{stem}/{n}");
                    let position = signer.position(&origin).filter(|position| position.size > 0)?;
                    Some(Signed { origin, size: position.size, root: hex(&position.root) })
                })
                .collect();
            let lost = signed.iter().map(|signed| signed.size).sum::<u64>();
            let lost = lost.saturating_sub(log.size.cast_unsigned());
            // Each successor that is lost gave its numbers above a gap of its own.
            let distance = (successor - log.successor).cast_unsigned();
            let predecessor = Predecessor {
                origin: log.origin.clone(),
                size: log.size.cast_unsigned(),
                root: hex(&self.root_of(&log).await?),
                checkpoint: self.last_checkpoint(log.id).await?.map(|checkpoint| checkpoint.note),
                reserved: self.reserve(&log, lost, distance).await?,
                signed,
            };
            let body = bodies.iter().find(|body| body.id == log.administration);
            let name = body.map_or_else(|| "Installazione".into(), |body| body.name.clone());
            planned.push(Plan { log, successor, origin, name, predecessor });
        }
        Ok(planned)
    }

    /// The root over all events of a log, whether a checkpoint covers them or not.
    async fn root_of(&self, log: &LogRow) -> Result<[u8; 32], ArchiveError> {
        let mut frontier = Frontier::new();
        loop {
            let from = frontier.size().cast_signed();
            let leaves: Vec<(Vec<u8>,)> = self.database().all(LEAVES, args![log.id, from, BATCH]).await?;
            if leaves.is_empty() {
                return Ok(frontier.root());
            }
            for (leaf,) in leaves {
                frontier.push(leaf_hash(&leaf));
            }
        }
    }

    /// The numbers of this legal year that may have been given: of a number that is left out there is a record, of one
    /// that is given twice there are two messages. Earlier years' numbers are not given any more.
    async fn reserve(&self, log: &LogRow, lost: u64, distance: u64) -> Result<Vec<Reserved>, ArchiveError> {
        let Some(body) = read::body::body(self.database(), &log.administration).await? else {
            return Ok(Vec::new());
        };
        let now = self.now_ms().max(log.last_ms);
        let year = LegalDay::at(now).year();
        let new_year = LegalDay::parse(&format!("{year}-01-01")).map_or(log.last_ms, LegalDay::start_ms);
        let days = (now - log.last_ms.max(new_year)) / DAY_MS + 1;
        let skipped = (days.cast_unsigned() * NUMBERS_A_DAY).max(lost) * distance;
        let heads: Vec<(String, i64)> = self.database().all(HEADS, args![&log.administration, year]).await?;
        let mut next = BTreeMap::from([(body.area, 1), (CASE_FILES.to_owned(), 1)]);
        // A series whose first entry of the year was lost has no head.
        for (name, _) in read::body::settings(self.database(), &log.administration, SERIES).await? {
            next.insert(series_area(name.trim_start_matches(SERIES)), 1);
        }
        next.extend(heads.into_iter().map(|(area, next)| (area, next.cast_unsigned())));
        let reserved =
            next.into_iter().map(|(area, first)| Reserved { area, year, first, last: first + skipped - 1 });
        Ok(reserved.collect())
    }

    async fn open_logs(&self, planned: Vec<Plan>) -> Result<Vec<Succeeded>, ArchiveError> {
        let demo = self.is_demo().await?;
        let mut opened = Vec::new();
        for plan in planned {
            let vkey = self.verifier_key(&plan.origin)?.to_string();
            opened.push((plan, vkey));
        }
        let begun = self.act(move |work: &mut Work| {
            Box::pin(async move {
                let mut begun = Vec::new();
                for (plan, vkey) in opened {
                    let Plan { log, successor, origin, name, predecessor } = plan;
                    work.tx.execute(REPLACED, args![log.id]).await?;
                    // Time goes on from the log before: neither instants nor numbers run backwards. Whoever begins this
                    // one says that it goes on, however far ahead of the clock that is.
                    let row = args![&log.administration, &origin, successor, demo, log.last_ms];
                    work.tx.execute(INSERT_LOG, row).await?;
                    let act = LogOpened {
                        origin: origin.clone(),
                        vkey,
                        demo,
                        name,
                        predecessor: Some(predecessor.clone()),
                    };
                    work.append(NewEvent::by(&Actor::system(&log.administration), "log", act)).await?;
                    begun.push(Succeeded { origin, predecessor });
                }
                Ok::<_, ActError<()>>(begun)
            })
        });
        flat(begun.await)
    }
}
