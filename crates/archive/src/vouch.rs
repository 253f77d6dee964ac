//! What others say of our checkpoints: witnesses' cosignatures and time stamps. Here it is checked, kept and looked up;
//! who asks for it, and when, is the application's business. Nothing here can stop an act: what is missing is said.

mod found;
mod late;

use plico_database::args;
use plico_journal::note::VerifierKey;
use plico_journal::policy::{Log, Policy};
use plico_journal::witness::{Cosignature, Request};
use plico_journal::{Checkpoint, Note};
use plico_signature::timestamp::Stamp;

use crate::append::Work;
use crate::checkpoint::{CheckpointRow, LogRow};
use crate::error::{ActError, ArchiveError};
use crate::outbox::flat;
use crate::{Archive, tree};

pub use found::{Stamped, Vouched};
pub use late::{Late, Service};

/// What evidence this installation asks others for.
#[derive(Debug, Default)]
pub struct Demand {
    /// Witnesses and their quorum; `None` when none is asked.
    pub policy: Option<Policy>,
    /// How long a checkpoint may be without its quorum (milliseconds).
    pub witness_late_ms: i64,
    /// Address of a time-stamping authority; `None` when none is asked.
    pub authority: Option<String>,
    /// How long a checkpoint may be without a time stamp (milliseconds).
    pub stamp_late_ms: i64,
}

impl Demand {
    /// Whether there will ever be more than the log's own word.
    pub fn is_anybody_asked(&self) -> bool {
        self.authority.is_some() || self.policy.as_ref().is_some_and(Policy::demands_witnesses)
    }
}

/// What somebody who was asked said.
#[derive(Debug)]
pub enum Said {
    /// A cosignature of this checkpoint, checked.
    Cosigned(CheckpointRow, VerifierKey, Cosignature),
    /// A time stamp on this checkpoint, checked: the token and what it says.
    Stamped(CheckpointRow, Vec<u8>, Stamp),
    /// Nothing usable: a stable name of the problem, and what was found.
    Nothing(&'static str, String),
}

/// Somebody who is asked, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, plico_database::Record)]
pub struct Voucher {
    /// Number of the log.
    pub log: i64,
    /// A witness's verifier key, or an authority's address.
    pub name: String,
    /// Asked since (UTC milliseconds).
    pub since_ms: i64,
    /// The newest size it vouched for.
    pub size: i64,
    /// Last asked (UTC milliseconds).
    pub asked_ms: i64,
    /// When it last vouched (UTC milliseconds).
    pub good_ms: Option<i64>,
    /// Why it did not the last time; `None` when it did.
    pub problem: Option<String>,
    /// What was found then.
    pub detail: Option<String>,
}

const VOUCHERS: &str = "select log, name, since_ms, size, asked_ms, good_ms, problem, detail from voucher
    order by log, name";
const VOUCHER: &str = "select log, name, since_ms, size, asked_ms, good_ms, problem, detail from voucher
    where log = $1 and name = $2";
const HEARD: &str = "insert into voucher (log, name, since_ms, size, asked_ms, good_ms, problem, detail)
    values ($1, $2, $3, $4, $3, $5, $6, $7) on conflict (log, name) do update set
        size = case when excluded.size > voucher.size then excluded.size else voucher.size end,
        asked_ms = excluded.asked_ms, good_ms = coalesce(excluded.good_ms, voucher.good_ms),
        problem = excluded.problem, detail = excluded.detail";
const COSIGN: &str = "insert into cosignature (log, size, witness, first_line, first_s, last_line, last_s)
    values ($1, $2, $3, $4, $5, $4, $5) on conflict (log, size, witness) do update set
        last_line = excluded.last_line, last_s = excluded.last_s where cosignature.last_s < excluded.last_s";
const STAMP: &str = "insert into time_stamp (log, size, authority, token, at_ms) values ($1, $2, $3, $4, $5)
    on conflict (log, size, authority) do nothing";

impl Archive {
    /// Says once what evidence is asked for; before that, and in processes that ask nobody, there is none.
    pub fn demand_evidence(&self, demand: Demand) {
        // Set a second time it would change what receipts rest on while they are made.
        let _ = self.core().demand.set(demand);
    }

    /// What evidence is asked for.
    pub fn demand(&self) -> &Demand {
        static NONE: Demand = Demand { policy: None, witness_late_ms: 0, authority: None, stamp_late_ms: 0 };
        self.core().demand.get().unwrap_or(&NONE)
    }

    /// The policy by which this installation's logs are verified: its own keys, where they are published below
    /// `address`, and the witnesses and quorum it asks for.
    pub async fn own_policy(&self, address: &str) -> Result<String, ArchiveError> {
        let logs = self.logs().await?;
        let logs = logs.iter().map(|log| {
            let url = log.origin.split_once('/').map(|(_, place)| format!("{address}/log/{place}"));
            Ok(Log { key: self.verifier_key(&log.origin)?, url })
        });
        Ok(self.policy_over(logs.collect::<Result<_, ArchiveError>>()?))
    }

    /// The same for one of its logs.
    pub fn policy_for(&self, origin: &str) -> Result<String, ArchiveError> {
        Ok(self.policy_over(vec![Log { key: self.verifier_key(origin)?, url: None }]))
    }

    fn policy_over(&self, logs: Vec<Log>) -> String {
        let nobody = Policy::unwitnessed();
        self.demand().policy.as_ref().unwrap_or(&nobody).with_logs(logs).to_string()
    }

    /// Logs that grow: neither closed nor read-only.
    pub async fn active_logs(&self) -> Result<Vec<LogRow>, ArchiveError> {
        Ok(self.logs().await?.into_iter().filter(|log| !log.closed && !log.read_only).collect())
    }

    /// Everybody who was ever asked, for every log.
    pub async fn vouchers(&self) -> Result<Vec<Voucher>, ArchiveError> {
        Ok(self.database().all(VOUCHERS, args![]).await?)
    }

    /// One of them for a log.
    pub async fn voucher(&self, log: i64, name: &str) -> Result<Option<Voucher>, ArchiveError> {
        Ok(self.database().optional(VOUCHER, args![log, name]).await?)
    }

    /// What a witness that last cosigned `old` is asked about a checkpoint; `None` when it knows a longer log.
    pub async fn show(
        &self,
        log: &LogRow,
        checkpoint: &CheckpointRow,
        old: u64,
    ) -> Result<Option<Request>, ArchiveError> {
        let size = checkpoint.size.cast_unsigned();
        if old > size {
            return Ok(None);
        }
        let (checkpoint, note) = parsed(&checkpoint.note)?;
        // Witnesses want the log's own signature and nothing else.
        let proof =
            if old == 0 { Vec::new() } else { tree::consistency(self.vault(), log.id, old, size).await? };
        Ok(Some(Request { old, proof, checkpoint, note }))
    }

    /// Keeps what was said, and records the outage that it ends, if one was long enough to be one. One process asks, and
    /// hands over the answers one after another.
    pub async fn heard(&self, log: &LogRow, name: &str, said: Said) -> Result<(), ArchiveError> {
        let (row, name, ended) = (log.id, name.to_owned(), self.ends(log, &said).await?);
        let heard = self.act(move |work: &mut Work| {
            Box::pin(async move {
                let now = work.now_ms();
                let (size, good, problem, detail) = match said {
                    Said::Cosigned(checkpoint, key, given) => {
                        let list = args![
                            row,
                            checkpoint.size,
                            key.to_string(),
                            given.line,
                            given.time_s.cast_signed()
                        ];
                        work.tx.execute(COSIGN, list).await?;
                        (checkpoint.size, Some(now), None, None)
                    }
                    Said::Stamped(checkpoint, token, stamp) => {
                        let list = args![row, checkpoint.size, &name, token, stamp.latest_ms()];
                        work.tx.execute(STAMP, list).await?;
                        (checkpoint.size, Some(now), None, None)
                    }
                    Said::Nothing(problem, detail) => (0, None, Some(problem), Some(detail)),
                };
                work.tx.execute(HEARD, args![row, name, now, size, good, problem, detail]).await?;
                if let Some(outage) = ended {
                    work.service_outage(&plico_record::actor::Actor::system(""), outage).await?;
                }
                Ok::<_, ActError<()>>(())
            })
        });
        flat(heard.await)
    }
}

/// A checkpoint that we signed ourselves.
pub(crate) fn parsed(note: &str) -> Result<(Checkpoint, Note), ArchiveError> {
    Checkpoint::parse_note(note.as_bytes()).map_err(|error| ArchiveError::Corrupt(error.to_string()))
}
