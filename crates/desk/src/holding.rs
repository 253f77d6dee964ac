//! The receipts somebody holds: which there are, their bytes, and the same in another language.

use plico_archive::read::receipt::{self, Order, ReceiptRow};
use plico_archive::{ActError, Work};
use plico_locale::Lang;
use plico_record::actor::Who;
use plico_record::authority::{Deed, Thing, may};
use plico_vault::BlobReader;

use crate::refusal::refuse;
use crate::{Actor, Desk, Outcome, Refusal};

/// Whom else a person trusts is not for a delegate to read: of his receipts he sees those about messages.
fn sees_all(actor: &Actor, holder: &str) -> bool {
    let account = Thing::Person { administration: actor.administration.clone(), person: holder.into() };
    may(actor, Deed::ManageAccount, &account).is_ok()
}

impl Desk {
    /// A person's receipts, newest first.
    pub async fn receipts(&self, actor: &Actor) -> Outcome<Vec<ReceiptRow>> {
        let holder = Self::own(actor)?;
        let mut rows = receipt::of_holder(self.archive.database(), &actor.administration, &holder).await?;
        if !sees_all(actor, &holder) {
            rows.retain(|row| row.message.is_some());
        }
        Ok(rows)
    }

    /// A person's receipts that are still being made.
    pub async fn receipts_ordered(&self, actor: &Actor) -> Outcome<Vec<Order>> {
        let holder = Self::own(actor)?;
        let mut orders = receipt::ordered(self.archive.database(), &actor.administration, &holder).await?;
        if !sees_all(actor, &holder) {
            orders.retain(|order| !order.message.is_empty());
        }
        Ok(orders)
    }

    /// A receipt that the actor holds, or that everybody may have.
    async fn held(&self, actor: &Actor, id: &str) -> Outcome<ReceiptRow> {
        let Some(row) = receipt::one(self.archive.database(), id).await? else {
            return self.gone(actor, id).await;
        };
        if row.holder.is_empty() {
            return Ok(row);
        }
        if row.holder == crate::daily::holder() && row.administration == actor.administration {
            Self::may_read_register(actor)?;
            return Ok(row);
        }
        let mine = match &actor.who {
            Who::Person { .. } => {
                Self::own(actor)? == row.holder && (row.message.is_some() || sees_all(actor, &row.holder))
            }
            Who::System | Who::Console => true,
            Who::Staff { .. } => self.handed_over(actor, &row).await,
            Who::Anybody => false,
        };
        if !mine || row.administration != actor.administration {
            return refuse(Refusal::NotFound);
        }
        Ok(row)
    }

    /// A receipt that the actor may have, ready to stream.
    pub async fn receipt(&self, actor: &Actor, id: &str) -> Outcome<(ReceiptRow, BlobReader)> {
        let row = self.held(actor, id).await?;
        let reader = self.archive.open_granted(&format!("receipt:{}", row.id)).await?;
        Ok((row, reader))
    }

    /// Orders a receipt that the actor holds in another language: of the same event, issued once and kept.
    pub async fn order_translation(&self, actor: &Actor, id: &str, lang: Lang) -> Outcome<()> {
        let row = self.held(actor, id).await?;
        if row.holder.is_empty() || !Lang::RECEIPTS.contains(&lang) {
            return refuse(Refusal::NotFound);
        }
        let there = receipt::of_event(self.archive.database(), row.log, row.idx, &row.holder).await?;
        if there.iter().any(|row| row.language == lang.code()) {
            return Ok(());
        }
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let order = Order {
                        log: row.log,
                        index: row.idx,
                        kind: row.kind,
                        holder: row.holder,
                        message: row.message.unwrap_or_default(),
                        language: lang.code().into(),
                    };
                    work.order_receipt(&row.administration, &order)?;
                    Ok::<_, ActError<Refusal>>(())
                })
            })
            .await
    }
}
