//! What becomes of a card: suspended and back, renewed, revoked.

use plico_archive::read::card::CardRow;
use plico_archive::{NewEvent, Work};
use plico_card::card::Card;
use plico_database::args;
use plico_record::act::{Act, CardRenewed, CardResumed, CardRevoked, CardSuspended};
use plico_record::authority::Deed;
use plico_record::day::LegalDay;

use crate::card_issue::span;
use crate::card_list::thing;
use crate::refusal::{fault, permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Characters of a reason.
const REASON_CHARS: usize = 300;

const STANDS: &str = "select count(*) from card where id = $1 and status = $2 and valid_until = $3";

fn reason(text: &str) -> Outcome<String> {
    match text.trim() {
        "" => refuse(Refusal::Invalid(vec![FieldError::required("reason")])),
        text if text.chars().count() > REASON_CHARS => {
            refuse(Refusal::Invalid(vec![FieldError::too_long("reason", REASON_CHARS)]))
        }
        text => Ok(text.to_owned()),
    }
}

impl Desk {
    /// A card that the actor's office issues.
    pub async fn office_card(&self, actor: &Actor, id: &str) -> Outcome<CardRow> {
        let row = self.card(actor, id).await?;
        permit(actor, Deed::IssueCard, &thing(&row))?;
        Ok(row)
    }

    /// Suspends a card that is valid.
    pub async fn suspend_card(&self, actor: &Actor, id: &str, why: &str) -> Outcome<()> {
        let row = self.office_card(actor, id).await?;
        let act = CardSuspended { card: row.id.clone(), reason: reason(why)? };
        self.stand(actor, row, "valid", act, false).await
    }

    /// Ends the suspension of a card.
    pub async fn resume_card(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let row = self.office_card(actor, id).await?;
        let act = CardResumed { card: row.id.clone() };
        self.stand(actor, row, "suspended", act, false).await
    }

    /// Revokes a card for good.
    pub async fn revoke_card(&self, actor: &Actor, id: &str, why: &str) -> Outcome<()> {
        let row = self.office_card(actor, id).await?;
        let why = reason(why)?;
        if row.status == "revoked" {
            return Ok(());
        }
        let (act, before) = (CardRevoked { card: row.id.clone(), reason: why }, row.status.clone());
        self.stand(actor, row, &before, act, true).await
    }

    /// Until when a card would be good if it were renewed now; `None` when it cannot be.
    pub async fn renewal(&self, row: &CardRow) -> Outcome<Option<String>> {
        let kind = self.card_type(&row.administration, &row.kind).await?.filter(|kind| kind.offered);
        let (Some(kind), "valid", Some(until)) =
            (kind, row.status.as_str(), LegalDay::parse(&row.valid_until))
        else {
            return Ok(None);
        };
        let today = LegalDay::at(self.archive.now_ms());
        let from = if until.to_string() < today.to_string() { today } else { until };
        Ok(Some(from.months_after(kind.months).to_string()))
    }

    /// Issues a card anew with a later end; `seen` is the end that whoever asks saw: a second click renews nothing.
    pub async fn renew_card(&self, actor: &Actor, id: &str, seen: &str) -> Outcome<()> {
        let row = self.office_card(actor, id).await?;
        let Some(until) = self.renewal(&row).await?.filter(|_| seen == row.valid_until) else {
            return refuse(Refusal::Exists);
        };
        let signing = self.signing(&row.administration).await?;
        let mut card: Card = Card::read(&row.code).map_err(fault)?.card;
        let (Some(from), Some(day)) = (LegalDay::parse(&row.valid_from), LegalDay::parse(&until)) else {
            return Err(fault("a card without days"));
        };
        (card.from, card.until) = span(from, day);
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(STANDS, args![&row.id, "valid", &row.valid_until]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    let act = CardRenewed { card: row.id.clone(), until, code: signing.code(work, &card)? };
                    work.append(NewEvent::by(&actor, &row.id, act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Appends what becomes of a card that still stands as it was seen.
    async fn stand(
        &self,
        actor: &Actor,
        row: CardRow,
        before: &str,
        act: impl Into<Act>,
        receipt: bool,
    ) -> Outcome<()> {
        let (actor, act, before) = (actor.clone(), act.into(), before.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(STANDS, args![&row.id, before, &row.valid_until]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    let mut event = NewEvent::by(&actor, &row.id, act);
                    if receipt {
                        event.receipts = vec![(row.holder, String::new())];
                    }
                    work.append(event).await?;
                    Ok(())
                })
            })
            .await
    }
}
