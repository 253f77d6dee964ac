//! Scans a document whose upload the scanner could not look at. Idempotent: what is sealed is sealed, and a second
//! look says the same.

use plico_archive::ActError;
use plico_archive::outbox::{Ended, Job};
use plico_desk::upload::Scan;
use serde::Deserialize;

use super::receipt::describe;
use crate::app::App;
use crate::web::receive;

#[derive(Deserialize)]
struct Order {
    document: String,
}

pub(super) async fn run(app: &App, job: &Job) -> Ended {
    let Ok(order) = serde_json::from_str::<Order>(&job.payload) else {
        return Ended::GiveUp("the job's payload names no document".into());
    };
    let reader = match app.desk.archive().open_document(&order.document).await {
        Ok(reader) => reader,
        Err(fault) => return Ended::Retry(describe(&fault)),
    };
    match plico_desk::upload::scan(&receive::scanner(app.shell.config()), &reader).await {
        Scan::Clean | Scan::Off => Ended::Done,
        Scan::Unavailable => Ended::Retry("the malware scanner gave no verdict".into()),
        Scan::Found(name) => match app.desk.quarantine(&job.administration, &order.document, &name).await {
            Ok(()) => Ended::Done,
            Err(ActError::Refused(refusal)) => Ended::GiveUp(refusal.to_string()),
            Err(ActError::Fault(fault)) => Ended::Retry(describe(&fault)),
        },
    }
}
