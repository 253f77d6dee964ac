//! The cards that somebody sees: a person his own, an office those it issues.

use plico_archive::read::Cursor;
use plico_archive::read::card::{self, CardRow};
use plico_record::authority::{Deed, Thing};

use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

pub(crate) fn thing(row: &CardRow) -> Thing {
    Thing::Card {
        administration: row.administration.clone(),
        holder: Some(row.holder.clone()),
        office: row.office.clone(),
    }
}

impl Desk {
    /// A person's cards, newest first.
    pub async fn own_cards(&self, actor: &Actor) -> Outcome<Vec<CardRow>> {
        let holder = Self::own(actor)?;
        Ok(card::of_holder(self.archive.database(), &actor.administration, &holder).await?)
    }

    /// A card that the actor may see.
    pub async fn card(&self, actor: &Actor, id: &str) -> Outcome<CardRow> {
        let Some(row) = card::one(self.archive.database(), id).await? else {
            return refuse(Refusal::NotFound);
        };
        permit(actor, Deed::ReadContent, &thing(&row))?;
        Ok(row)
    }

    /// The cards that the actor's offices issue, newest first; with words, those of a number or a fiscal code. Where the
    /// next page begins comes with them.
    pub async fn issued_cards(
        &self,
        actor: &Actor,
        words: &str,
        cursor: Option<Cursor>,
        most: usize,
    ) -> Outcome<(Vec<CardRow>, Option<Cursor>)> {
        permit(actor, Deed::ReadRegister, &Thing::Administration { id: actor.administration.clone() })?;
        let (database, body) = (self.archive.database(), &actor.administration);
        let words = words.trim().to_uppercase();
        let (mut rows, next) = if words.is_empty() {
            let cursor = cursor.unwrap_or_else(Cursor::newest);
            let rows = card::of_body(database, body, &cursor, most).await?;
            let last = rows.last().filter(|_| rows.len() == most);
            let next = last.map(|row| Cursor { instant_ms: row.issued_ms, id: row.id.clone() });
            (rows, next)
        } else {
            (card::found(database, body, &words).await?, None)
        };
        rows.retain(|row| permit(actor, Deed::ReadContent, &thing(row)).is_ok());
        Ok((rows, next))
    }
}
