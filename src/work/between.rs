//! What is told to another body's registry by web service. It is recorded before it is asked; an answer that got lost leaves it
//! in doubt, and a person decides.

use plico_archive::outbox::{ATTEMPTS, Ended, Job};
use plico_crypto::digest::{sha256, to_hex};
use plico_desk::Outcome;
use plico_desk::between::{NextTelling, Telling};
use plico_desk::pec::Submitted;
use plico_registry::agid::By;
use plico_registry::{Registry as _, SoFar, Talk, Trouble};

use crate::app::App;

/// What is told to the body of this code.
pub(super) async fn step(app: &App, job: &Job, delivery: &str, code: &str) -> Outcome<Ended> {
    let desk = &app.desk;
    let mut known = app.peers.get().into_iter().flatten();
    let known = known.find(|one| one.peer.administration == job.administration && one.peer.code == code);
    let Some(known) = known else {
        return Ok(Ended::Retry(format!("{code} is not known: it needs a file in exchange.folder")));
    };
    let (row, telling) = match desk.next_telling(delivery, &known.speaks).await? {
        NextTelling::Nothing => return Ok(Ended::Done),
        // An outside registry may take its time.
        NextTelling::Unnumbered => return Ok(Ended::Later(60_000)),
        NextTelling::Never(row, why) => {
            desk.letter_never_leaves(&row.administration, delivery, why).await?;
            return Ok(Ended::Done);
        }
        NextTelling::Wait(row) => {
            let given_up_ms =
                row.changed_ms + i64::try_from(known.timeout.as_millis()).unwrap_or(i64::MAX) * 2;
            let left_ms = given_up_ms - desk.archive().now_ms();
            if left_ms > 0 {
                // Somebody else may still be telling it.
                return Ok(Ended::Later(left_ms.min(60_000)));
            }
            let why = "the program stopped before the answer came".to_owned();
            desk.letter_submitted(&row, &row.message_id, Submitted::InDoubt(why)).await?;
            return Ok(Ended::Done);
        }
        NextTelling::Tell(row, telling) => (row, telling),
    };
    let (request, service, segnatura) = match &*telling {
        // Sealed as it leaves: what is recorded is what is asked of the seal.
        Telling::Letter(order) => (serde_json::to_string(order).unwrap_or_default(), &known.recipient, "3"),
        Telling::Confirmation(confirmation) => (confirmation.write(), &known.sender, ""),
        Telling::Annulment(annulment) if annulment.by == By::Sender => {
            (annulment.write(), &known.recipient, "")
        }
        Telling::Annulment(annulment) => (annulment.write(), &known.sender, ""),
    };
    let Some(service) = service else {
        let which = if segnatura.is_empty() { "sender_url" } else { "recipient_url" };
        return Ok(Ended::Retry(format!("the file of {code} in exchange.folder needs {which}")));
    };
    let attempt = format!("{delivery}.{}", row.attempts + 1);
    let by = (row.recipient.as_str(), row.recipient.as_str());
    let digest = to_hex(&sha256(request.as_bytes()));
    if !desk.attempt_letter(&row, by, &attempt, (digest, segnatura.into())).await? {
        return Ok(Ended::Later(60_000));
    }
    let mut talk = Talk::default();
    let told = tokio::time::timeout(known.timeout, async {
        match &*telling {
            Telling::Letter(order) => {
                let contents = desk.contents();
                service.number(order, &SoFar::default(), &contents, &mut talk).await.map(|_| ())
            }
            Telling::Confirmation(confirmation) => service.confirm(confirmation, &mut talk).await,
            Telling::Annulment(annulment) => service.tell_annulled(annulment, &mut talk).await,
        }
    });
    let told = told.await.unwrap_or_else(|_| Err(Trouble::Doubt("the other body took too long".into())));
    let last = job.attempts >= ATTEMPTS;
    let (submitted, ended) = match told {
        Ok(()) => (Submitted::Yes(String::new()), Ended::Done),
        Err(trouble @ Trouble::Doubt(_)) => (Submitted::InDoubt(trouble.to_string()), Ended::Done),
        // Nothing was done there.
        Err(trouble @ (Trouble::NotAsked(_) | Trouble::Later { .. })) if !last => {
            (Submitted::NotYet(trouble.to_string()), Ended::Retry(trouble.to_string()))
        }
        Err(trouble) => (Submitted::No(trouble.to_string()), Ended::Done),
    };
    desk.letter_submitted(&row, &attempt, submitted).await?;
    Ok(ended)
}
