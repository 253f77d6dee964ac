//! What a provider of certified mail says of a letter of ours: kept byte by byte, and told by events.

use plico_archive::read::pec::{self, LetterMailRow};
use plico_archive::{ActError, NewEvent, Work};
use plico_courier::pec::daticert::{Daticert, Extent, Kind};
use plico_courier::pec::read::{Incoming as Mail, What};
use plico_courier::pec::{Outcome as Heard, Sending, State};
use plico_crypto::DataKey;
use plico_crypto::digest::{sha256, to_hex};
use plico_database::args;
use plico_record::act::{
    Act, PecAccepted, PecAnomaly, PecDelivered, PecLate, PecNotAccepted, PecProviderTakeover, PecReceipt,
    PecUndelivered, PecVirus,
};
use plico_record::part::DocumentEntry;

use crate::mail::{Mailbox, Taken};
use crate::pec::RECEIPT;
use crate::present::committed;
use crate::{Actor, Desk, Outcome, Refusal};

/// Receipts that prove nothing and are kept with a letter, at most: anybody may write them.
const MOST_ANOMALIES: i64 = 20;
const ANOMALIES: &str = "select count(*) from letter_receipt where delivery = $1 and kind = 'pec.anomaly'";
const WORDS: usize = 500;

/// What is to be kept of one.
struct Heeded {
    /// What it certifies; none where it proves nothing.
    certifies: bool,
    key: String,
    message_id: String,
    /// What it says, as far as it can be read.
    daticert: Option<Daticert>,
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(WORDS).collect()
}

fn heeded(mail: &Mail, raw: &[u8]) -> Option<Heeded> {
    let bytes = || format!("sha256:{}", to_hex(&sha256(raw)));
    match &mail.what {
        What::Receipt(daticert) if mail.receipt().is_some() => Some(Heeded {
            certifies: true,
            key: [
                clean(&daticert.provider),
                clean(&daticert.identifier),
                daticert.kind.word().to_owned(),
                clean(&daticert.delivery.clone().unwrap_or_default()).to_lowercase(),
            ]
            .join(" "),
            message_id: daticert.message_id.clone()?,
            daticert: Some(daticert.clone()),
        }),
        What::Receipt(daticert) => Some(Heeded {
            certifies: false,
            key: bytes(),
            message_id: daticert.message_id.clone().or_else(|| mail.reference.clone())?,
            daticert: Some(daticert.clone()),
        }),
        What::Contradiction(_) | What::Unreadable(_) => Some(Heeded {
            certifies: false,
            key: bytes(),
            message_id: mail.reference.clone()?,
            daticert: None,
        }),
        _ => None,
    }
}

fn extent(daticert: &Daticert) -> &'static str {
    match daticert.extent.filter(|_| daticert.kind == Kind::Delivered) {
        Some(Extent::Complete) => "completa",
        Some(Extent::Brief) => "breve",
        Some(Extent::Synthetic) => "sintetica",
        None => "",
    }
}

fn of_kind(kind: Option<Kind>, receipt: PecReceipt) -> Act {
    match kind {
        Some(Kind::Accepted) => PecAccepted(receipt).into(),
        Some(Kind::Refused) => PecNotAccepted(receipt).into(),
        Some(Kind::TakenOver) => PecProviderTakeover(receipt).into(),
        Some(Kind::Delivered) => PecDelivered(receipt).into(),
        Some(Kind::Failed) => PecUndelivered(receipt).into(),
        Some(Kind::Warned) => PecLate(receipt).into(),
        Some(Kind::Malware) => PecVirus(receipt).into(),
        Some(Kind::Transport) | None => PecAnomaly(receipt).into(),
    }
}

/// What a receipt does to a letter, and how that stands after it. `None`: it says nothing new of it.
fn hear(row: &LetterMailRow, message_id: &str, mail: &Mail) -> Option<(&'static str, String)> {
    let Some(receipt) = mail.receipt() else { return Some(("anomaly", row.fate.clone())) };
    let before = State::of(&row.fate, &row.words, row.fate_at_ms);
    let mut sending = Sending::resumed(message_id, &row.recipient, before);
    let outcome = match sending.hear(receipt) {
        Heard::Changed => "changed",
        Heard::Late => "late",
        Heard::OtherRecipient => "other_recipient",
        Heard::Contradiction => "contradiction",
        Heard::Duplicate | Heard::OtherMessage => return None,
    };
    let after = sending.recipients().first().map_or("sent", |(_, state)| state.code());
    Some((outcome, after.to_owned()))
}

impl Desk {
    /// Takes in a receipt of a letter of ours; `None` where it is about something else.
    pub async fn take_in_receipt(&self, mailbox: &Mailbox, raw: &[u8], mail: Mail) -> Outcome<Option<Taken>> {
        let Some(heeded) = heeded(&mail, raw) else { return Ok(None) };
        let administration = mailbox.administration.clone();
        let key = DataKey::new(self.archive.entropy().bytes());
        let ours = self.archive.database().scalar_i64(OURS, args![&administration, &heeded.message_id]).await;
        if ours.map_err(plico_archive::ArchiveError::from)? == 0 {
            return Ok(None);
        }
        let stored = self.archive.vault().store(&key, self.archive.entropy().bytes(), raw).await;
        let stored = stored.map_err(plico_archive::ArchiveError::from)?;
        let word = heeded.daticert.as_ref().map_or("avviso", |daticert| daticert.kind.word());
        let entry = DocumentEntry {
            id: self.fresh_id(),
            name: format!("{word}.eml"),
            media_type: "message/rfc822".into(),
            size: stored.size,
            sha256: to_hex(&stored.sha256),
            salt: String::new(),
            role: RECEIPT.into(),
            verification: None,
            sealed: false,
        };
        let document = committed(stored, key, entry);
        let actor = Actor::system(&administration);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if pec::receipt(&mut work.tx, &administration, &heeded.key).await?.is_some() {
                        return Ok(Some(Taken::Known));
                    }
                    let row = pec::of_envelope(&mut work.tx, &administration, &heeded.message_id).await?;
                    let Some(row) = row else { return Ok(None) };
                    let many = work.tx.scalar_i64(ANOMALIES, args![&row.delivery]).await?;
                    if !heeded.certifies && many >= MOST_ANOMALIES {
                        return Ok(None);
                    }
                    let Some((outcome, fate)) = hear(&row, &heeded.message_id, &mail) else {
                        return Ok(Some(Taken::Known));
                    };
                    let kind = heeded.daticert.as_ref().filter(|_| heeded.certifies).map(|one| one.kind);
                    let said = heeded.daticert.as_ref();
                    let text =
                        |get: fn(&Daticert) -> &str| said.map_or_else(String::new, |one| clean(get(one)));
                    let receipt = PecReceipt {
                        delivery: row.delivery.clone(),
                        message: row.message.clone(),
                        key: heeded.key,
                        message_id: heeded.message_id,
                        recipient: text(|one| one.delivery.as_deref().unwrap_or_default()),
                        provider: text(|one| &one.provider),
                        identifier: if heeded.certifies {
                            text(|one| &one.identifier)
                        } else {
                            String::new()
                        },
                        // Whose clock nobody vouches for is no clock.
                        at: said.filter(|_| heeded.certifies).and_then(|one| one.at_ms),
                        words: text(|one| one.explanation.as_deref().unwrap_or_default()),
                        extent: said.map_or_else(String::new, |one| extent(one).to_owned()),
                        outcome: outcome.into(),
                        fate,
                    };
                    // The time that a receipt of ours tells is the provider's.
                    let delivered =
                        outcome == "changed" && receipt.at.is_some() && kind == Some(Kind::Delivered);
                    let mut event = NewEvent::by(&actor, &row.delivery, of_kind(kind, receipt));
                    event.documents = vec![document];
                    if delivered {
                        let holder = work.tx.scalar_text(RECIPIENT, args![&row.delivery]).await?;
                        event.receipts =
                            holder.map(|holder| (holder, row.message.clone())).into_iter().collect();
                    }
                    work.append(event).await?;
                    Ok::<_, ActError<Refusal>>(Some(Taken::Receipt))
                })
            })
            .await
    }
}

const RECIPIENT: &str = "select recipient from delivery where id = $1";
pub(crate) const OURS: &str =
    "select count(*) from letter_envelope where administration = $1 and message_id = $2";
