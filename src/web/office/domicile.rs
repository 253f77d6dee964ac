//! What registers of digital domiciles said of the recipient of a letter: while it is made, before it leaves, and on its page.

use plico_archive::read::message::MessageRow;
use plico_desk::Actor;
use plico_desk::domicile::waiting;
use plico_desk::letter::Typed;
use plico_record::act::DomicileAsked;
use serde::Serialize;

use super::letter_mail::LetterMail;
use crate::app::App;
use crate::http::Error;
use crate::web::list::Choice;
use crate::web::words::Words;

/// A question and its answer.
#[derive(Clone, Serialize)]
pub(super) struct Looked {
    register: String,
    outcome: String,
    asked: i64,
    /// The register's own instant, in its words.
    at: String,
    addresses: Vec<Named>,
    words: String,
}

#[derive(Clone, Serialize)]
struct Named {
    address: String,
    of: String,
    until: String,
    /// The letter goes there.
    chosen: bool,
}

/// How the address of a letter got there, and everything that was asked.
#[derive(Clone, Serialize)]
pub(super) struct Domicile {
    /// The register that names it; empty: it was written by hand.
    from: String,
    pec: String,
    looked: Vec<Looked>,
}

/// What is told of these questions; none where there is neither a question nor an address.
pub(super) fn told(asked: Vec<DomicileAsked>, pec: &str) -> Option<Domicile> {
    if asked.is_empty() && pec.is_empty() {
        return None;
    }
    let looked: Vec<Looked> = asked
        .into_iter()
        .map(|one| Looked {
            addresses: one
                .addresses
                .into_iter()
                .map(|named| Named {
                    chosen: named.address.eq_ignore_ascii_case(pec),
                    address: named.address,
                    of: named.of,
                    until: named.until,
                })
                .collect(),
            register: one.register,
            words: if one.outcome == "waits" { String::new() } else { one.words },
            outcome: one.outcome,
            asked: one.asked_ms,
            at: one.at,
        })
        .collect();
    let names = |one: &&Looked| one.addresses.iter().any(|named| named.chosen);
    let from = looked.iter().rev().find(names).map(|one| one.register.clone()).unwrap_or_default();
    Some(Domicile { from, pec: pec.to_owned(), looked })
}

/// The same of a letter that left.
pub(super) async fn of_letter(
    app: &App,
    actor: &Actor,
    row: &MessageRow,
    mails: &[LetterMail],
) -> Result<Option<Domicile>, Error> {
    if row.direction != "out" {
        return Ok(None);
    }
    let asked = app.desk.domiciles_of_letter(actor, &row.id).await?;
    Ok(told(asked, mails.first().map_or("", LetterMail::to)))
}

/// What was asked about the person whom a letter in the making names now.
pub(super) async fn of_typed(app: &App, actor: &Actor, typed: &Typed) -> Result<Vec<DomicileAsked>, Error> {
    if typed.looked.is_empty() {
        return Ok(Vec::new());
    }
    // Who it is may not be readable yet.
    let code = app.desk.addressee(actor, typed).await.ok().and_then(|party| party.fiscal_code);
    Ok(typed.looked.iter().filter(|one| Some(&one.code) == code.as_ref()).cloned().collect())
}

/// The registers that may be asked from the form, each with what its button says.
pub(super) async fn offered(
    app: &App,
    words: &Words<'_>,
    looked: &[DomicileAsked],
) -> Result<Vec<Choice>, Error> {
    let registers = app.desk.registers_to_ask().await?;
    Ok(registers
        .into_iter()
        .map(|register| {
            // All are about one person.
            let waits = looked.first().and_then(|one| waiting(looked, register, &one.code)).is_some();
            let code = register.code();
            let key = if waits { format!("domicile-fetch-{code}") } else { format!("domicile-ask-{code}") };
            Choice::new(code, words.t(&key))
        })
        .collect())
}
