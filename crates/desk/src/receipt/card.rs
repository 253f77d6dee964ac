//! A receipt about a card: that it was issued, and that it was revoked.

use plico_archive::Entry;
use plico_archive::read::card::{self, CardRow};
use plico_locale::Args;
use plico_pdf::paper::{Fact, Text};
use plico_record::act::Act;
use plico_record::day::LegalDay;

use crate::paper::Words;
use crate::{Desk, Outcome};

pub(super) struct CardFacts {
    pub(super) row: CardRow,
    /// Last day, as the event says or said.
    pub(super) until: String,
    /// Why it ended.
    pub(super) reason: Option<String>,
}

impl Desk {
    pub(super) async fn card_facts(&self, event: &Entry) -> Outcome<Option<CardFacts>> {
        let Some(row) = card::one(self.archive.database(), &event.subject).await? else { return Ok(None) };
        let (until, reason) = match &event.act {
            Act::CardIssued(act) => (act.until.clone(), None),
            Act::CardRevoked(act) => (row.valid_until.clone(), Some(act.reason.clone())),
            _ => return Ok(None),
        };
        Ok(Some(CardFacts { row, until, reason }))
    }
}

impl CardFacts {
    pub(super) fn lead(&self, args: Args) -> Args {
        args.with("card", self.row.name.clone()).with("holder", self.row.holder_name.clone())
    }

    pub(super) fn listed(&self, words: &Words<'_>) -> Vec<Fact> {
        let day = |day: &str| {
            LegalDay::parse(day).map_or_else(|| day.to_owned(), |day| words.0.date(words.1, day.start_ms()))
        };
        let mut list = vec![
            words.fact("card-holder", self.row.holder_name.clone()),
            words.fact("card-number", Text::default().mono(self.row.number.clone())),
        ];
        list.extend(self.row.fields().into_iter().map(|(label, value)| Fact { label, value: value.into() }));
        list.push(words.fact("card-from", day(&self.row.valid_from)));
        list.push(words.fact("card-until", day(&self.until)));
        list.extend(self.reason.clone().map(|reason| words.fact("paper-reason", reason)));
        list.push(words.fact("paper-identifier", Text::default().mono(self.row.id.clone())));
        list
    }
}
