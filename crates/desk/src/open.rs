//! Opening a delivery, an act and never a side effect of looking; and downloading.

use plico_archive::read::message::{self, DeliveryRow, DocumentRow};
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{DeliveryOpened, DocumentDownloaded, DocumentFetched};
use plico_record::actor::Who;
use plico_record::authority::{Deed, Thing, may};
use plico_record::part::DocumentEntry;
use plico_vault::BlobReader;

use crate::delegation::stands;
use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// A document of a message, for another event that is about it.
fn of_row(row: &DocumentRow) -> DocumentEntry {
    DocumentEntry {
        id: row.id.clone(),
        name: row.name.clone(),
        media_type: row.media_type.clone(),
        size: row.size.cast_unsigned(),
        sha256: row.sha256.clone(),
        salt: String::new(),
        role: row.role.clone(),
        verification: None,
        sealed: row.sealed,
    }
}

/// How a delivery is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The button on the page.
    Page,
    /// Everything as one zip.
    Zip,
    /// An explicit call with the recipient's own token.
    Api,
}

impl By {
    fn code(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Zip => "zip",
            Self::Api => "api",
        }
    }
}

const UNOPENED: &str =
    "select count(*) from delivery where id = $1 and opened_ms is null and withdrawn_ms is null";

fn thing(row: &DeliveryRow) -> Thing {
    Thing::Delivery {
        administration: row.administration.clone(),
        recipient: row.recipient.clone(),
        office: row.office.clone(),
        withdrawn: row.withdrawn_ms.is_some(),
    }
}

impl Desk {
    /// A delivery that the actor may know of.
    pub async fn delivery(&self, actor: &Actor, deed: Deed, id: &str) -> Outcome<DeliveryRow> {
        let Some(row) = message::delivery(self.archive.database(), id).await? else {
            return refuse(Refusal::NotFound);
        };
        permit(actor, deed, &thing(&row))?;
        Ok(row)
    }

    /// Opens a delivery. A second opening is no event: the first instant stands.
    pub async fn open_delivery(&self, actor: &Actor, id: &str, by: By) -> Outcome<DeliveryRow> {
        let row = self.delivery(actor, Deed::Open, id).await?;
        if let Some(message) = message::message(self.archive.database(), &row.message).await? {
            self.still_there(&message).await?;
        }
        let own = matches!(&actor.who, Who::Person { person, .. } if *person == row.recipient);
        let mut cites = Vec::new();
        for document in message::documents(self.archive.database(), &row.message).await? {
            if document.withdrawn_ms.is_none() {
                cites.push(of_row(&document));
            }
        }
        let (actor, row_id, message) = (actor.clone(), row.id.clone(), row.message.clone());
        let recipient = row.recipient.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    stands(work, &actor).await?;
                    if work.tx.scalar_i64(UNOPENED, args![&row_id]).await? == 0 {
                        return Ok(());
                    }
                    let mut event = NewEvent::by(
                        &actor,
                        &row_id,
                        DeliveryOpened {
                            delivery: row_id.clone(),
                            opened_as: if own { "recipient" } else { "delegate" }.into(),
                            by: by.code().into(),
                        },
                    );
                    event.cites = cites;
                    event.receipts = vec![(recipient, message)];
                    work.append(event).await?;
                    Ok(())
                })
            })
            .await?;
        Ok(row)
    }

    /// A document that the actor may read now, ready to stream. `recorded` says whether this is a download to be
    /// recorded (by a person or, as `fetched`, by a program) or a preview for the office.
    pub async fn document(
        &self,
        actor: &Actor,
        id: &str,
        recorded: Download,
    ) -> Outcome<(DocumentRow, BlobReader)> {
        let database = self.archive.database();
        let Some(document) = message::document(database, id).await? else {
            return self.gone(actor, id).await;
        };
        let delivery = self.readable(actor, &document.message).await?;
        if document.sealed || document.withdrawn_ms.is_some() {
            return refuse(Refusal::NotServed);
        }
        if let (Some(delivery), Who::Person { .. }) = (&delivery, &actor.who) {
            if delivery.opened_ms.is_none() {
                return refuse(Refusal::NotOpened);
            }
            let (subject, document_id, actor) = (delivery.id.clone(), document.id.clone(), actor.clone());
            self.archive
                .act(move |work: &mut Work| {
                    Box::pin(async move {
                        stands(work, &actor).await?;
                        let act: plico_record::act::Act = match recorded {
                            Download::ByPerson => {
                                DocumentDownloaded { delivery: subject.clone(), document: document_id }.into()
                            }
                            Download::ByProgram => {
                                DocumentFetched { delivery: subject.clone(), document: document_id }.into()
                            }
                        };
                        work.append(NewEvent::by(&actor, subject, act)).await?;
                        Ok::<_, ActError<Refusal>>(())
                    })
                })
                .await?;
        }
        let reader = self.archive.open_document(&document.id).await?;
        Ok((document, reader))
    }

    /// Whether the actor may read a message's content, and the delivery through which he does, if any.
    pub(crate) async fn readable(&self, actor: &Actor, message: &str) -> Outcome<Option<DeliveryRow>> {
        let database = self.archive.database();
        if let Who::Person { .. } = actor.who {
            for delivery in message::deliveries(database, message).await? {
                match may(actor, Deed::ReadContent, &thing(&delivery)) {
                    Ok(()) => return Ok(Some(delivery)),
                    Err(plico_record::authority::Denied::Forbidden) => return refuse(Refusal::NotServed),
                    Err(_) => {}
                }
            }
        }
        self.allowed_message(actor, Deed::ReadContent, message).await?;
        Ok(None)
    }
}

/// Who downloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Download {
    /// Somebody at a page.
    ByPerson,
    /// A program: never an opening.
    ByProgram,
}
