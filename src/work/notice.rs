//! Courtesy notices by e-mail. Idempotent towards the recipient: the message id is made of the job's subject, so that
//! whoever got it twice can tell.
//!
//! A body without a mail server has no failures: the job is done, and the status page says that nobody is told.

use plico_archive::ActError;
use plico_archive::outbox::{ATTEMPTS, Ended, Job};
use plico_courier::{Channel as _, Notice, SendError};
use plico_desk::Refusal;
use plico_locale::{Args, Lang};
use serde::Deserialize;

use super::mail::{self, Mail};
use super::receipt::describe;
use crate::app::App;

#[derive(Deserialize)]
struct ToPerson {
    delivery: String,
}

#[derive(Deserialize)]
struct Test {
    person: String,
}

#[derive(Deserialize)]
struct ToOffice {
    message: String,
    #[serde(default)]
    what: String,
}

/// Tells the recipient of a delivery, and records that he was told, or that he cannot be.
pub(super) async fn to_person(app: &App, job: &Job) -> Ended {
    let Ok(order) = serde_json::from_str::<ToPerson>(&job.payload) else {
        return Ended::GiveUp("the job's payload names no delivery".into());
    };
    let mail = match mail::channel(app, &job.administration).await {
        Ok(Mail::Ready(email)) => email,
        Ok(Mail::Off) => return Ended::Done,
        Err(why) => return Ended::Retry(why),
    };
    let facts = match app.desk.person_notice(&order.delivery).await {
        Ok(Some(facts)) => facts,
        Ok(None) => return Ended::Done,
        Err(error) => return failed(&error),
    };
    // Somebody without an address is not a failure: he finds it when he signs in.
    let Some(to) = facts.to else { return Ended::Done };
    let args = Args::new().with("body", facts.body).with("office", facts.office).with("link", facts.link);
    let notice = notice(
        app,
        &format!("d-{}", order.delivery),
        to,
        ("notice-person-subject", "notice-person-text"),
        &args,
    );
    let recorded = match mail.send(&notice).await {
        Ok(receipt) => app.desk.notice_left(&job.administration, &order.delivery, &receipt.answer).await,
        Err(error) if error.is_temporary() && job.attempts < ATTEMPTS => {
            return Ended::Retry(describe(&error));
        }
        Err(error) => {
            let why = describe(&error);
            match app.desk.notice_lost(&job.administration, &order.delivery, &why).await {
                // An address that does not exist is the recipient's to mend; a server that never answers is ours.
                Ok(()) if error.is_temporary() => return Ended::GiveUp(why),
                other => other,
            }
        }
    };
    match recorded {
        Ok(()) => Ended::Done,
        Err(error) => failed(&error),
    }
}

/// Tells a person that notices reach him, because he asked.
pub(super) async fn test(app: &App, job: &Job) -> Ended {
    let Ok(order) = serde_json::from_str::<Test>(&job.payload) else {
        return Ended::GiveUp("the job's payload names no person".into());
    };
    let mail = match mail::channel(app, &job.administration).await {
        Ok(Mail::Ready(email)) => email,
        Ok(Mail::Off) => return Ended::Done,
        Err(why) => return Ended::Retry(why),
    };
    let (to, body) = match app.desk.test_notice(&order.person).await {
        Ok(Some(facts)) => facts,
        Ok(None) => return Ended::Done,
        Err(error) => return failed(&error),
    };
    let args = Args::new().with("body", body);
    let texts = ("notice-test-subject", "notice-test-text");
    match mail.send(&notice(app, &format!("t-{}", job.id), to, texts, &args)).await {
        Ok(_) => Ended::Done,
        Err(error @ SendError::Temporary { .. }) => Ended::Retry(describe(&error)),
        Err(error) => Ended::GiveUp(describe(&error)),
    }
}

/// Tells an office that something came.
pub(super) async fn to_office(app: &App, job: &Job) -> Ended {
    let Ok(order) = serde_json::from_str::<ToOffice>(&job.payload) else {
        return Ended::GiveUp("the job's payload names no message".into());
    };
    let mail = match mail::channel(app, &job.administration).await {
        Ok(Mail::Ready(email)) => email,
        Ok(Mail::Off) => return Ended::Done,
        Err(why) => return Ended::Retry(why),
    };
    let facts = match app.desk.office_notice(&order.message).await {
        Ok(Some(facts)) => facts,
        Ok(None) => return Ended::Done,
        Err(error) => return failed(&error),
    };
    let args = Args::new()
        .with("body", facts.body)
        .with("office", facts.office)
        .with("number", facts.number)
        .with("link", facts.link);
    let text = if order.what == "withdrawn" { "notice-office-withdrawn" } else { "notice-office-text" };
    for (place, to) in facts.to.into_iter().enumerate() {
        let kind = if order.what.is_empty() { "o" } else { "w" };
        let id = format!("{kind}{place}-{}", order.message);
        match mail.send(&notice(app, &id, to, ("notice-office-subject", text), &args)).await {
            Ok(_) => {}
            Err(error @ SendError::Temporary { .. }) => return Ended::Retry(describe(&error)),
            Err(error) => return Ended::GiveUp(describe(&error)),
        }
    }
    Ended::Done
}

/// The same words in Italian and in English: what language somebody reads is not known before he signs in.
fn notice(app: &App, id: &str, to: String, (subject, text): (&str, &str), args: &Args) -> Notice {
    let catalogue = app.desk.catalogue();
    let say = |lang, key: &str| catalogue.text(lang, key, args);
    Notice {
        id: id.to_owned(),
        to,
        subject: say(Lang::It, subject),
        text: format!("{}\n\n---\n\n{}\n", say(Lang::It, text), say(Lang::En, text)),
        html: None,
        language: "it, en".into(),
        instant_ms: app.desk.archive().now_ms(),
    }
}

fn failed(error: &ActError<Refusal>) -> Ended {
    match error {
        ActError::Refused(refusal) => Ended::GiveUp(refusal.to_string()),
        ActError::Fault(fault) => Ended::Retry(describe(fault)),
    }
}
