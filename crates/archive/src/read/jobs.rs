//! Work in the background, as whoever must mend it sees it.

use plico_database::{Database, args};

use crate::error::ArchiveError;

/// A job that failed or gave up.
#[derive(Debug, Clone, plico_database::Record)]
pub struct Failing {
    /// Identifier.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// JSON that says what it is about.
    pub payload: String,
    /// `waiting`, `given_up`.
    pub state: String,
    /// Attempts so far.
    pub attempts: i64,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// Since when (UTC milliseconds).
    pub created_ms: i64,
    /// Subject of the message it is about, when it is about one.
    pub subject: Option<String>,
    /// That message.
    pub message: Option<String>,
}

/// How much work there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, plico_database::Record)]
pub struct Counts {
    /// Not done yet.
    pub waiting: i64,
    /// Gave up.
    pub failed: i64,
    /// Done since the given instant.
    pub done: i64,
}

const FAILING: &str = "select id, kind, payload, state, attempts, last_error, created_ms,
    cast(null as text) as subject, cast(null as text) as message from job
    where administration in ($1, '') and (state = 'given_up' or (state = 'waiting' and last_error is not null))
    order by created_ms desc limit 200";
const OF_DELIVERY: &str =
    "select m.id, m.subject from delivery d join message m on m.id = d.message where d.id = $1";
const OF_MESSAGE: &str = "select id, subject from message where id = $1";
const COUNTS: &str = "select
    coalesce(sum(case when state = 'waiting' then 1 else 0 end), 0) as waiting,
    coalesce(sum(case when state = 'given_up' then 1 else 0 end), 0) as failed,
    coalesce(sum(case when state = 'done' and finished_ms >= $2 then 1 else 0 end), 0) as done
    from job where administration in ($1, '')";

/// Jobs that failed or gave up, newest first, with what they are about.
pub async fn failing(database: &Database, administration: &str) -> Result<Vec<Failing>, ArchiveError> {
    let mut jobs: Vec<Failing> = database.all(FAILING, args![administration]).await?;
    for job in &mut jobs {
        let payload: serde_json::Value = serde_json::from_str(&job.payload).unwrap_or_default();
        let about: Option<(String, String)> =
            match (payload["message"].as_str(), payload["delivery"].as_str()) {
                (Some(message), _) => database.optional(OF_MESSAGE, args![message]).await?,
                (None, Some(delivery)) => database.optional(OF_DELIVERY, args![delivery]).await?,
                (None, None) => None,
            };
        if let Some((message, subject)) = about {
            (job.message, job.subject) = (Some(message), Some(subject));
        }
    }
    Ok(jobs)
}

/// How much work there is; `since_ms` bounds what is counted as done.
pub async fn counts(
    database: &Database,
    administration: &str,
    since_ms: i64,
) -> Result<Counts, ArchiveError> {
    Ok(database.one(COUNTS, args![administration, since_ms]).await?)
}
