//! What was fetched from authorities: kept with its instant and its source, so that a later look works without a network.
//! Nothing of it is believed for being here, and nothing of it is evidence.

use plico_database::args;

use crate::Archive;
use crate::append::Work;
use crate::error::{ActError, ArchiveError};
use crate::outbox::flat;

/// Something that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its address; of an answer with the digest of what was asked.
    pub source: String,
    /// Last asked (UTC milliseconds).
    pub asked_ms: i64,
    /// When it came; `None` when it never did.
    pub got_ms: Option<i64>,
    /// What came.
    pub body: Option<Vec<u8>>,
}

/// Somebody who did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfetched {
    /// Its address.
    pub source: String,
    /// `list`, `issuers`, `answer`, `crl`.
    pub kind: String,
    /// Last asked (UTC milliseconds).
    pub asked_ms: i64,
    /// When something last came from there.
    pub got_ms: Option<i64>,
    /// A stable name of what was the matter, and what was found.
    pub problem: String,
    /// The same in detail.
    pub detail: String,
}

/// What came of asking: the bytes, or a stable name of the problem and what was found.
pub type Came = Result<Vec<u8>, (&'static str, String)>;

const ONE: &str = "select source, asked_ms, got_ms, body from fetched where source = $1";
const KIND: &str = "select source, asked_ms, got_ms, body from fetched
    where kind = $1 and body is not null order by source";
const STATE: &str =
    "select cast(count(*) as bigint), cast(coalesce(max(got_ms), 0) as bigint) from fetched where kind = $1";
const PROBLEMS: &str = "select source, kind, asked_ms, got_ms, problem, coalesce(detail, '') from fetched
    where problem is not null and asked_ms >= $1 order by kind desc, asked_ms desc limit 50";
const CAME: &str = "insert into fetched (source, kind, asked_ms, got_ms, body) values ($1, $2, $3, $3, $4)
    on conflict (source) do update set kind = excluded.kind, asked_ms = excluded.asked_ms, got_ms = excluded.got_ms,
        body = excluded.body, problem = null, detail = null";
// What came before stays: it may still tell something of an earlier time.
const FAILED: &str =
    "insert into fetched (source, kind, asked_ms, problem, detail) values ($1, $2, $3, $4, $5)
    on conflict (source) do update set asked_ms = excluded.asked_ms, problem = excluded.problem,
        detail = excluded.detail";
const FORGET: &str = "delete from fetched where kind <> 'list' and asked_ms < $1";
const GONE: &str =
    "delete from looked where not exists (select 1 from document d where d.id = looked.document)";

type Row = (String, i64, Option<i64>, Option<Vec<u8>>);

fn read((source, asked_ms, got_ms, body): Row) -> Fetched {
    Fetched { source, asked_ms, got_ms, body }
}

impl Archive {
    /// What was fetched from one source.
    pub async fn fetched(&self, source: &str) -> Result<Option<Fetched>, ArchiveError> {
        Ok(self.database().optional::<Row>(ONE, args![source]).await?.map(read))
    }

    /// Everything of one kind that there is.
    pub async fn fetched_of(&self, kind: &str) -> Result<Vec<Fetched>, ArchiveError> {
        Ok(self.database().all::<Row>(KIND, args![kind]).await?.into_iter().map(read).collect())
    }

    /// Differs when something of a kind came.
    pub async fn fetched_state(&self, kind: &str) -> Result<(i64, i64), ArchiveError> {
        Ok(self.database().one(STATE, args![kind]).await?)
    }

    /// Who failed since an instant (UTC milliseconds), lists first.
    pub async fn unfetched(&self, since_ms: i64) -> Result<Vec<Unfetched>, ArchiveError> {
        type Row = (String, String, i64, Option<i64>, String, String);
        let rows: Vec<Row> = self.database().all(PROBLEMS, args![since_ms]).await?;
        let one = |(source, kind, asked_ms, got_ms, problem, detail): Row| Unfetched {
            source,
            kind,
            asked_ms,
            got_ms,
            problem,
            detail,
        };
        Ok(rows.into_iter().map(one).collect())
    }

    /// Keeps what came of asking.
    pub async fn keep_fetched(
        &self,
        source: &str,
        kind: &'static str,
        came: Came,
    ) -> Result<(), ArchiveError> {
        let source = source.to_owned();
        let kept = self.act(move |work: &mut Work| {
            Box::pin(async move {
                let now = work.now_ms();
                match came {
                    Ok(body) => work.tx.write(CAME, args![source, kind, now, body])?,
                    Err((problem, detail)) => {
                        work.tx.write(FAILED, args![source, kind, now, problem, detail])?;
                    }
                }
                Ok::<_, ActError<()>>(())
            })
        });
        flat(kept.await)
    }

    /// Forgets what was not asked for since an instant (UTC milliseconds), but lists; and when documents were looked at that
    /// are gone.
    pub async fn forget_fetched(&self, before_ms: i64) -> Result<(), ArchiveError> {
        let forgotten = self.act(move |work: &mut Work| {
            Box::pin(async move {
                work.tx.write(FORGET, args![before_ms])?;
                work.tx.write(GONE, args![])?;
                Ok::<_, ActError<()>>(())
            })
        });
        flat(forgotten.await)
    }
}
