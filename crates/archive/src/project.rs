//! The one place where an event changes a table that can be rebuilt. The writer and `rebuild` run this same code.

mod account;
mod card;
mod delegation;
mod desk;
pub(crate) mod destruction;
mod emergency;
mod exchange;
mod mail;
mod order;
mod past;
mod pec;
mod preserver;
mod series;
mod setting;
mod signing;
mod verdict;

use plico_database::{Tx, args};
use plico_record::act::Act;
use plico_record::message::{Message, State};
use plico_record::part::Party;

use crate::append::Entry;
use crate::error::ArchiveError;

/// Every table that is rebuilt, emptied before it is.
pub(crate) const PROJECTIONS: &[&str] = &[
    "delete from administration",
    "delete from setting",
    "delete from office",
    "delete from operator",
    "delete from operator_office",
    "delete from person",
    "delete from message",
    "delete from cosender",
    "delete from message_link",
    "delete from knowledge",
    "delete from note",
    "delete from delivery",
    "delete from document",
    "delete from verdict",
    "delete from registration",
    "delete from registration_change",
    "delete from registry_order",
    "delete from emergency",
    "delete from mail_taken",
    "delete from letter_mail",
    "delete from letter_envelope",
    "delete from letter_receipt",
    "delete from mark",
    "delete from mark_answer",
    "delete from mark_notice",
    "delete from emergency_entry",
    "delete from series_entry",
    "delete from handover",
    "delete from past_batch",
    "delete from past_entry",
    "delete from signing",
    "delete from substitution",
    "delete from proven_address",
    "delete from register_head",
    "delete from register_gap",
    "delete from case_file",
    "delete from card",
    "delete from delegation",
    "delete from reading",
    "delete from tally",
    "delete from key_epoch",
    "delete from hold",
    "delete from destruction",
    "delete from destruction_item",
    "delete from former",
];

/// Changes the projections as the event says.
pub(crate) async fn apply(tx: &mut Tx, entry: &Entry) -> Result<(), ArchiveError> {
    for party in &entry.parties {
        person(tx, &entry.administration, party)?;
    }
    match &entry.act {
        Act::MessagePresented(act) => mail::presented(tx, entry, act)?,
        Act::MessagePrepared(act) => mail::prepared(tx, entry, act)?,
        Act::MessageRegistered(act) => mail::registered(tx, entry, act)?,
        Act::RegisterHandedOver(act) => preserver::handed_over(tx, entry, act)?,
        Act::PreserverAnswered(act) => preserver::answered(tx, entry, act)?,
        Act::RegisterImported(act) => past::imported(tx, entry, act)?,
        Act::SeriesEntered(act) => mail::in_series(tx, entry, act)?,
        Act::SeriesAnnulled(act) => series::annulled(tx, entry, act)?,
        Act::MessageClassified(act) => mail::classified(tx, act)?,
        Act::MessageScanned(act) => mail::scanned(tx, entry, act).await?,
        Act::RegistrationRectified(act) => mail::rectified(tx, entry, act)?,
        Act::RegistrationAnnulled(act) => mail::annulled(tx, entry, act)?,
        Act::EmergencyOpened(act) => emergency::opened(tx, entry, act)?,
        Act::EmergencyRenewed(act) => emergency::renewed(tx, act)?,
        Act::EmergencyClosed(act) => emergency::closed(tx, act)?,
        Act::RegistrationOrdered(act) => order::ordered(tx, entry, act)?,
        Act::RegistrationAttempted(act) => order::attempted(tx, entry, act)?,
        Act::RegistrationAnswered(act) => order::answered(tx, entry, act)?,
        Act::RegistrationResolved(act) => order::resolved(tx, entry, act)?,
        Act::RegistrationAnnulmentAsked(act) => order::annulment_asked(tx, entry, act)?,
        Act::RegistrationAnnulmentAnswered(act) => order::annulment_answered(tx, entry, act)?,
        Act::SigningRequested(act) => signing::requested(tx, entry, act)?,
        Act::SigningSigned(act) => signing::signed(tx, entry, act).await?,
        Act::SigningReturned(act) => signing::ended(tx, entry, &act.message, "returned")?,
        Act::SigningWithdrawn(act) => signing::ended(tx, entry, &act.message, "withdrawn")?,
        Act::AccountAddressProven(act) => account::proven(tx, entry, act)?,
        Act::AccountAddressDropped(act) => account::dropped(tx, entry, act)?,
        Act::SubstituteNamed(act) => signing::substitute(tx, entry, act)?,
        Act::SubstituteEnded(act) => signing::substitute_ended(tx, entry, act)?,
        Act::MessageAssigned(act) if act.purpose == "knowledge" => desk::known(tx, act)?,
        Act::MessageAssignmentRefused(act) if act.purpose == "knowledge" => desk::declined(tx, act)?,
        Act::MessageLinked(act) => desk::linked(tx, entry, act)?,
        Act::MessageUnlinked(act) => desk::unlinked(tx, act)?,
        Act::MessageNoted(act) => desk::noted(tx, entry, act)?,
        Act::DeliveryMadeAvailable(act) => mail::made_available(tx, entry, act)?,
        Act::DeliveryUnavailable(act) => mail::unavailable(tx, entry, act).await?,
        Act::DeliveryOpened(act) => mail::opened(tx, entry, act).await?,
        Act::NoticeSent(act) => mail::notice(tx, entry, &act.delivery, "sent", &act.answer)?,
        Act::NoticeFailed(act) => mail::notice(tx, entry, &act.delivery, "failed", &act.answer)?,
        Act::DocumentIssued(act) => desk::issued(tx, act)?,
        Act::DocumentWithdrawn(act) => desk::document_withdrawn(tx, entry, act)?,
        Act::DocumentQuarantined(act) => desk::quarantined(tx, act)?,
        Act::DocumentVerdictRenewed(act) => verdict::renewed(tx, entry, act)?,
        Act::CaseFileOpened(act) => desk::case_opened(tx, entry, act)?,
        Act::CaseFileClosed(act) => desk::case_closed(tx, entry, act)?,
        Act::MessageHeld(act) => {
            destruction::held(tx, entry, "message", &act.message, &act.reason)?;
        }
        Act::MessageHoldLifted(act) => destruction::lifted(tx, "message", &act.message)?,
        Act::CaseFileHeld(act) => {
            destruction::held(tx, entry, "case_file", &act.case_file, &act.reason)?;
        }
        Act::CaseFileHoldLifted(act) => destruction::lifted(tx, "case_file", &act.case_file)?,
        Act::DestructionProposed(act) => destruction::proposed(tx, entry, act)?,
        Act::DestructionAuthorised(act) => destruction::authorised(tx, entry, act)?,
        Act::DestructionDone(act) => destruction::done(tx, entry, act)?,
        Act::PartErased(act) => destruction::erased(tx, entry, act).await?,
        Act::KeyAdded(act) => destruction::key_added(tx, entry, act.epoch)?,
        Act::KeyRetired(act) => destruction::key_retired(tx, entry, act.epoch)?,
        Act::CardIssued(act) => card::issued(tx, entry, act)?,
        Act::CardSuspended(act) => card::stands(tx, entry, &act.card, "suspended", &act.reason)?,
        Act::CardResumed(act) => card::stands(tx, entry, &act.card, "valid", "")?,
        Act::CardRevoked(act) => card::stands(tx, entry, &act.card, "revoked", &act.reason)?,
        Act::CardRenewed(act) => card::renewed(tx, entry, act)?,
        Act::DelegationGranted(act) => delegation::granted(tx, entry, act)?,
        Act::DelegationAccepted(act) => delegation::in_force(tx, entry, &act.delegation)?,
        Act::DelegationRevoked(act) => delegation::revoked(tx, entry, &act.delegation)?,
        Act::MandateGranted(act) => delegation::mandate(tx, entry, act)?,
        Act::MandateConfirmed(act) => delegation::in_force(tx, entry, &act.mandate)?,
        Act::MandateRevoked(act) => delegation::revoked(tx, entry, &act.mandate)?,
        Act::ArchiveRead(act) => desk::read(tx, entry, act)?,
        Act::OfficeChanged(act) => setting::office(tx, entry, act)?,
        Act::UserChanged(act) => setting::user(tx, entry, act)?,
        Act::RoleChanged(act) => setting::role(tx, act)?,
        Act::SettingChanged(act) => setting::setting(tx, entry, act).await?,
        Act::LogOpened(act) if !entry.administration.is_empty() => setting::opened(tx, entry, act)?,
        Act::MarkRead(act) => exchange::read(tx, entry, act)?,
        Act::MarkAnswered(act) => exchange::answered(tx, entry, act)?,
        Act::MarkNotice(act) => exchange::heard(tx, entry, act).await?,
        Act::SentElsewhere(act) => mail::sent_elsewhere(tx, entry, act)?,
        _ => pec::apply(tx, entry).await?,
    }
    if let Some(message) = touched_message(&entry.act) {
        fold(tx, entry, message).await?;
    }
    Ok(())
}

/// The message whose state an act may change; one that is presented begins with its own.
fn touched_message(act: &Act) -> Option<&str> {
    Some(match act {
        Act::MessageRegistered(act) => &act.message,
        Act::RegistrationAnnulled(act) => &act.message,
        Act::MessageAddedTo(act) => &act.message,
        Act::MessageAssigned(act) => &act.message,
        Act::MessageAssignmentRefused(act) => &act.message,
        Act::MessageTakenInCharge(act) => &act.message,
        Act::MessageSupplementRequested(act) => &act.message,
        Act::MessageAnswered(act) => &act.message,
        Act::MessageConcluded(act) => &act.message,
        Act::MessageWithdrawn(act) => &act.message,
        Act::CaseFileFiled(act) => &act.message,
        _ => return None,
    })
}

#[derive(plico_database::Record)]
pub(crate) struct StateRow {
    direction: String,
    office: String,
    state: String,
    operator: Option<String>,
    responsible: Option<String>,
    area: Option<String>,
    year: Option<i32>,
    number: Option<i64>,
    annulled: bool,
    outcome: Option<String>,
    case_file: Option<String>,
}

const STATE: &str =
    "select direction, office, state, operator, responsible, area, year, number, annulled, outcome,
    case_file from message where id = $1";
const SAVE: &str = "update message set office = $2, state = $3, operator = $4, responsible = $5, area = $6,
    year = $7, number = $8, annulled = $9, outcome = $10, case_file = $11 where id = $1";

impl StateRow {
    pub(crate) fn into_message(self) -> Result<Message, ArchiveError> {
        let state = State::parse(&self.state)
            .ok_or_else(|| ArchiveError::Corrupt(format!("unknown state {:?}", self.state)))?;
        let registration = match (self.area, self.year, self.number) {
            (Some(area), Some(year), Some(number)) => Some((area, year, number.cast_unsigned())),
            _ => None,
        };
        Ok(Message {
            state,
            office: self.office,
            operator: self.operator,
            responsible: self.responsible,
            registration,
            annulled: self.annulled,
            outcome: self.outcome,
            case_file: self.case_file,
        })
    }
}

/// The present state of a message.
pub(crate) async fn state(tx: &mut Tx, message: &str) -> Result<Option<Message>, ArchiveError> {
    let row: Option<StateRow> = tx.optional(STATE, args![message]).await?;
    row.map(StateRow::into_message).transpose()
}

async fn fold(tx: &mut Tx, entry: &Entry, id: &str) -> Result<(), ArchiveError> {
    // The row of a message that this very event begins was inserted with the state the event gives it.
    let Some(row) = tx.optional::<StateRow>(STATE, args![id]).await? else {
        if destruction::is_erased(tx, id).await? {
            return Ok(());
        }
        return Err(ArchiveError::Corrupt(format!("an event of message {id} comes before its beginning")));
    };
    let incoming = row.direction == "in";
    let before = row.into_message()?;
    let Some(after) = Message::apply(Some(before.clone()), &entry.act) else { return Ok(()) };
    if incoming {
        waiting(tx, &entry.administration, &before, -1)?;
        waiting(tx, &entry.administration, &after, 1)?;
    }
    let (area, year, number) = match after.registration {
        Some((area, year, number)) => (Some(area), Some(year), Some(number)),
        None => (None, None, None),
    };
    tx.write(
        SAVE,
        args![
            id,
            after.office,
            after.state.code(),
            after.operator,
            after.responsible,
            area,
            year,
            number,
            after.annulled,
            after.outcome,
            after.case_file
        ],
    )?;
    Ok(())
}

/// The badge of an office: what waits for somebody to take charge.
fn waiting(tx: &mut Tx, administration: &str, message: &Message, by: i64) -> Result<(), ArchiveError> {
    if message.state == State::Registered {
        tally(tx, administration, &message.office, "waiting", by)?;
    }
    Ok(())
}

const TALLY: &str = "insert into tally (administration, owner, name, value) values ($1, $2, $3, $4)
    on conflict (administration, owner, name) do update set value = tally.value + excluded.value";
const NOTHING: &str =
    "delete from tally where administration = $1 and owner = $2 and name = $3 and value = 0";

pub(crate) fn tally(
    tx: &mut Tx,
    administration: &str,
    owner: &str,
    name: &str,
    by: i64,
) -> Result<(), ArchiveError> {
    tx.write(TALLY, args![administration, owner, name, by])?;
    // A rebuild after an erasure counts only what it can open: nothing must look like what never was.
    tx.write(NOTHING, args![administration, owner, name])?;
    Ok(())
}

const PERSON: &str = "insert into person (id, administration, name, fiscal_code, email, organisation)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (id) do update set name = excluded.name,
        fiscal_code = coalesce(excluded.fiscal_code, person.fiscal_code),
        email = coalesce(excluded.email, person.email), organisation = excluded.organisation";

pub(crate) fn person(tx: &mut Tx, administration: &str, party: &Party) -> Result<(), ArchiveError> {
    tx.write(
        PERSON,
        args![
            &party.person,
            administration,
            &party.name,
            party.fiscal_code.clone(),
            party.email.clone(),
            party.organisation
        ],
    )?;
    Ok(())
}
