//! Types of card: what they say, how long they are good, which office issues them. Settings `card.<code>`.

use plico_archive::read::body;
use plico_card::Card;
use plico_record::authority::Deed;
use serde::{Deserialize, Serialize};

use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// The names of the form's fields, in the order of the type's.
pub const FIELDS: [&str; 6] = ["f0", "f1", "f2", "f3", "f4", "f5"];
/// Characters of a field at most.
const FIELD_CHARS: usize = 60;
/// How a card may look: the names of the style sheet's colours and of the icons.
pub const COLOURS: [&str; 5] = ["blue", "green", "red", "purple", "grey"];
/// The same, of what is drawn on it.
pub const SYMBOLS: [&str; 6] = ["it-card", "it-bookmark", "it-map-marker", "it-pa", "it-calendar", "it-user"];

/// A type of card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardType {
    /// Code, in URLs and on cards.
    pub code: String,
    /// What it is called, in Italian.
    pub name: String,
    /// What it is called, in English.
    pub name_en: String,
    /// The office that issues it.
    pub office: String,
    /// What it says besides name and number.
    pub fields: Vec<CardField>,
    /// Months it is good.
    pub months: u32,
    /// Nothing but number and dates stands in the code: for what concerns health, or whatever else nobody is to read.
    pub opaque: bool,
    /// One of [`COLOURS`].
    pub colour: String,
    /// One of [`SYMBOLS`].
    pub symbol: String,
    /// Still issued.
    pub offered: bool,
}

/// What a card of the type says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardField {
    /// What it is called.
    pub label: String,
    /// Bytes it has at most, in UTF-8: letters without accents, digits and signs are one each.
    pub bytes: usize,
}

/// Fields as an administrator writes them, `Targa: 10` a line; `None` when a line says something else.
pub fn parse_card_fields(text: &str) -> Option<Vec<CardField>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (label, bytes) = line.rsplit_once(':')?;
            Some(CardField { label: label.trim().into(), bytes: bytes.trim().parse().ok()? })
        })
        .collect()
}

impl CardType {
    fn unfit(&self, issuer: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !crate::kind::good_code(&self.code) || self.code.len() > 20 || self.code == "nuovo" {
            errors.push(FieldError::of("code", "card_code"));
        }
        if self.name.trim().is_empty() {
            errors.push(FieldError::required("name"));
        }
        for (field, name) in [("name", &self.name), ("name_en", &self.name_en)] {
            if name.chars().count() > FIELD_CHARS {
                errors.push(FieldError::too_long(field, FIELD_CHARS));
            }
        }
        let mut labels: Vec<&str> = self.fields.iter().map(|field| field.label.as_str()).collect();
        labels.sort_unstable();
        labels.dedup();
        let odd = |field: &CardField| {
            field.label.is_empty()
                || field.label.chars().count() > FIELD_CHARS
                || !(1..=FIELD_CHARS).contains(&field.bytes)
        };
        if labels.len() < self.fields.len() || self.fields.iter().any(odd) {
            errors.push(FieldError::of("fields", "card_fields"));
        }
        if self.fields.len() > FIELDS.len() {
            let limit = Some(FIELDS.len() as u64);
            errors.push(FieldError { limit, ..FieldError::of("fields", "too_many_fields") });
        }
        if !(1..=120).contains(&self.months) {
            errors.push(FieldError::of("months", "number"));
        }
        for (field, value, known) in
            [("colour", &self.colour, &COLOURS[..]), ("symbol", &self.symbol, &SYMBOLS[..])]
        {
            if !known.contains(&value.as_str()) {
                errors.push(FieldError::of(field, "unknown"));
            }
        }
        if errors.is_empty()
            && let Err((chars, _)) = self.largest(issuer).fits()
        {
            let limit = Some(chars.saturating_sub(plico_card::card::CHARS).max(1) as u64);
            errors.push(FieldError { limit, ..FieldError::of("fields", "card_too_large") });
        }
        errors
    }

    /// The largest card of the type.
    fn largest(&self, issuer: &str) -> Card {
        let bytes: Vec<usize> = self.fields.iter().map(|field| field.bytes).collect();
        let bytes = if self.opaque { &[][..] } else { &bytes };
        Card::largest(issuer, &self.code, self.opaque, bytes)
    }
}

impl Desk {
    /// The types of an administration, issued or not any more.
    pub async fn card_types(&self, administration: &str) -> Outcome<Vec<CardType>> {
        let settings = body::settings(self.archive.database(), administration, "card.").await?;
        Ok(settings.into_iter().filter_map(|(_, value)| serde_json::from_value(value).ok()).collect())
    }

    /// One type.
    pub async fn card_type(&self, administration: &str, code: &str) -> Outcome<Option<CardType>> {
        let value = body::setting(self.archive.database(), administration, &format!("card.{code}")).await?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Adds or changes a type. One whose largest card would not scan from paper is refused.
    pub async fn save_card_type(&self, actor: &Actor, kind: CardType) -> Outcome<()> {
        let body = body::body(self.archive.database(), &actor.administration).await?;
        let mut errors = kind.unfit(&body.map(|body| body.ipa_code).unwrap_or_default());
        let offices = body::offices(self.archive.database(), &actor.administration).await?;
        if !offices.iter().any(|office| office.id == kind.office) {
            errors.push(FieldError::of("office", "unknown"));
        }
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let value = serde_json::to_value(&kind).map_err(fault)?;
        self.save_setting(actor, &format!("card.{}", kind.code), value).await
    }

    /// The types that the actor may issue.
    pub async fn offered_cards(&self, actor: &Actor) -> Outcome<Vec<CardType>> {
        let mut types = self.card_types(&actor.administration).await?;
        types.retain(|kind| {
            kind.offered && crate::refusal::permit(actor, Deed::IssueCard, &kind.thing(actor)).is_ok()
        });
        Ok(types)
    }
}

impl CardType {
    /// A card of the type that is not there yet.
    pub(crate) fn thing(&self, actor: &Actor) -> plico_record::authority::Thing {
        plico_record::authority::Thing::Card {
            administration: actor.administration.clone(),
            holder: None,
            office: self.office.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permit() -> CardType {
        CardType {
            code: "sosta".into(),
            name: "Permesso di sosta".into(),
            fields: parse_card_fields("Targa: 10\n\n Zona: 1: 12").unwrap(),
            months: 12,
            colour: "blue".into(),
            symbol: "it-card".into(),
            ..CardType::default()
        }
    }

    #[test]
    fn a_type_that_would_not_scan_is_refused() {
        assert_eq!(permit().fields[1], CardField { label: "Zona: 1".into(), bytes: 12 });
        assert_eq!(permit().unfit("c_b999"), []);
        let large = CardType { fields: parse_card_fields("A: 40\nB: 40").unwrap(), ..permit() };
        let errors = large.unfit("c_b999");
        assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), ["card_too_large"]);
        assert!(errors[0].limit.is_some_and(|over| over > 10));
        // Of an opaque one nothing of it stands in the code.
        assert_eq!(CardType { opaque: true, ..large }.unfit("c_b999"), []);
        assert_eq!(parse_card_fields("Targa"), None);
        let broken = CardType { name: String::new(), months: 0, colour: "pink".into(), ..permit() };
        assert_eq!(broken.unfit("c_b999").len(), 3);
    }
}
