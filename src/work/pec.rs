//! Letters by certified mail. A submission is never repeated by itself unless the server said that it has not taken it: each
//! time would be a certified message of its own.

use std::time::Duration;

use plico_archive::ActError;
use plico_archive::outbox::{ATTEMPTS, Ended, Job};
use plico_courier::pec::{Sender, SubmitError};
use plico_crypto::digest::{sha256, to_hex};
use plico_desk::Outcome;
use plico_desk::pec::{Next, Submitted};
use serde::Deserialize;

use super::receipt::describe;
use crate::app::App;
use crate::mailboxes::Watched;

/// After so long nobody is handing it over any more.
const GIVEN_UP: Duration = Duration::from_mins(30);

#[derive(Deserialize)]
struct Ordered {
    delivery: String,
}

pub(super) async fn run(app: &App, job: &Job) -> Ended {
    let Ok(ordered) = serde_json::from_str::<Ordered>(&job.payload) else {
        return Ended::GiveUp("the job's payload names no delivery".into());
    };
    match step(app, job, &ordered.delivery).await {
        Ok(ended) => ended,
        Err(ActError::Refused(refusal)) => Ended::GiveUp(refusal.to_string()),
        Err(ActError::Fault(fault)) => Ended::Retry(describe(&fault)),
    }
}

async fn step(app: &App, job: &Job, delivery: &str) -> Outcome<Ended> {
    let desk = &app.desk;
    if let Some(code) = desk.told_to(delivery).await? {
        return super::between::step(app, job, delivery, &code).await;
    }
    let first = outgoing(app, &job.administration, "");
    let (speaks, from) = first
        .map_or_else(Default::default, |watched| (watched.speaks.clone(), watched.mailbox.address.clone()));
    let (row, post, mark) = match desk.next_of_letter(delivery, &speaks, &from).await? {
        Next::Nothing => return Ok(Ended::Done),
        Next::Scanned => return Ok(Ended::Later(10_000)),
        // An outside registry may take its time.
        Next::NotYet => return Ok(Ended::Later(60_000)),
        Next::Never(why) => {
            desk.letter_never_leaves(&job.administration, delivery, why).await?;
            return Ok(Ended::Done);
        }
        Next::Wait(row) => {
            let given_up_ms = row.changed_ms + i64::try_from(GIVEN_UP.as_millis()).unwrap_or(i64::MAX);
            let left_ms = given_up_ms - desk.archive().now_ms();
            if left_ms > 0 {
                // Somebody else may still be handing it over.
                return Ok(Ended::Later(left_ms.min(60_000)));
            }
            let why = "the program stopped before the answer came".to_owned();
            desk.letter_submitted(&row, &row.message_id, Submitted::InDoubt(why)).await?;
            return Ok(Ended::Done);
        }
        Next::Send(row, post, mark) => (*row, *post, mark),
    };
    let sends = outgoing(app, &row.administration, &row.mailbox);
    let Some((mailbox, mut settings)) =
        sends.and_then(|watched| Some((watched.mailbox.clone(), watched.smtp.clone()?)))
    else {
        return Ok(Ended::Retry("no mailbox of this body sends: its file needs [smtp]".into()));
    };
    settings.from_name = desk.body_name(&row.administration).await?;
    let sender = match Sender::new(&settings) {
        Ok(sender) => sender,
        Err(error) => return Ok(Ended::Retry(describe(&error))),
    };
    let raw = match sender.write(&post) {
        Ok(raw) => raw,
        Err(error) => {
            desk.letter_never_leaves(&row.administration, delivery, &describe(&error)).await?;
            return Ok(Ended::Done);
        }
    };
    let message_id = sender.message_id(&post.id);
    let from = (mailbox.name.as_str(), mailbox.address.as_str());
    if !desk.attempt_letter(&row, from, &message_id, (to_hex(&sha256(&raw)), mark)).await? {
        return Ok(Ended::Later(60_000));
    }
    let last = job.attempts >= ATTEMPTS;
    let sent = tokio::time::timeout(GIVEN_UP / 2, sender.send(&post, &raw)).await;
    let (submitted, ended) = match sent {
        Ok(Ok(receipt)) => (Submitted::Yes(receipt.answer), Ended::Done),
        Ok(Err(SubmitError::NotSent(error))) if error.is_temporary() && !last => {
            let why = describe(&error);
            (Submitted::NotYet(why.clone()), Ended::Retry(why))
        }
        Ok(Err(SubmitError::NotSent(error))) => (Submitted::No(describe(&error)), Ended::Done),
        Ok(Err(error @ SubmitError::InDoubt(_))) => (Submitted::InDoubt(describe(&error)), Ended::Done),
        Err(_) => (Submitted::InDoubt("the provider took too long".into()), Ended::Done),
    };
    desk.letter_submitted(&row, &message_id, submitted).await?;
    Ok(ended)
}

#[derive(Deserialize)]
struct Code {
    person: String,
}

/// Sends a code to the address that somebody says is his. What is lost he asks for again.
pub(super) async fn code(app: &App, job: &Job) -> Ended {
    let Ok(code) = serde_json::from_str::<Code>(&job.payload) else {
        return Ended::GiveUp("the job's payload names no person".into());
    };
    let post = match app.desk.address_code_post(&job.administration, &code.person).await {
        Ok(Some(post)) => post,
        Ok(None) => return Ended::Done,
        Err(error) => return Ended::Retry(error.to_string()),
    };
    let sends = outgoing(app, &job.administration, "");
    let Some(mut settings) = sends.and_then(|watched| watched.smtp.clone()) else {
        return Ended::GiveUp("no mailbox of this body sends: its file needs [smtp]".into());
    };
    settings.from_name = match app.desk.body_name(&job.administration).await {
        Ok(name) => name,
        Err(error) => return Ended::Retry(error.to_string()),
    };
    let sender = match Sender::new(&settings) {
        Ok(sender) => sender,
        Err(error) => return Ended::Retry(describe(&error)),
    };
    let raw = match sender.write(&post) {
        Ok(raw) => raw,
        Err(error) => return Ended::GiveUp(describe(&error)),
    };
    match sender.send(&post, &raw).await {
        Ok(_) | Err(SubmitError::InDoubt(_)) => Ended::Done,
        Err(SubmitError::NotSent(error)) if error.is_temporary() => Ended::Retry(describe(&error)),
        Err(SubmitError::NotSent(error)) => Ended::GiveUp(describe(&error)),
    }
}

/// The mailbox that a letter goes from: the one that it went from before, or the first of the body that sends.
fn outgoing<'a>(app: &'a App, administration: &str, before: &str) -> Option<&'a Watched> {
    let of_body = app.mailboxes.get().into_iter().flatten();
    let all: Vec<_> = of_body
        .filter(|watched| watched.mailbox.administration == administration && watched.smtp.is_some())
        .collect();
    all.iter().find(|watched| watched.mailbox.name == before).or(all.first()).copied()
}
