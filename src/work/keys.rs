//! Renews the keys of an administration, a piece at a time. Idempotent: what is done is seen in the key file, the rows and
//! the journal.

use plico_archive::outbox::{Ended, Job};
use serde::Deserialize;

use super::destruction::ended;
use crate::app::App;

#[derive(Deserialize)]
struct Payload {
    target: u32,
}

pub(super) async fn run(app: &App, job: &Job) -> Ended {
    let Ok(Payload { target }) = serde_json::from_str(&job.payload) else {
        return Ended::GiveUp("the job does not say which epoch".into());
    };
    ended(app.desk.rotate_keys(&job.administration, target).await)
}
