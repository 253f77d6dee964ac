//! Courtesy notices by e-mail. Idempotent towards the recipient: the Message-ID is made of the job's subject, so that
//! a mail server that got it twice shows one.

use plico_archive::outbox::{Ended, Job};

use crate::app::App;

pub(super) async fn to_person(_app: &App, _job: &Job) -> Ended {
    Ended::Retry("no mail server is configured".into())
}

pub(super) async fn to_office(_app: &App, _job: &Job) -> Ended {
    Ended::Retry("no mail server is configured".into())
}
