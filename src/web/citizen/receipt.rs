//! The receipt of an event as pages show it: in Italian first, and in the reader's language for the asking.

use plico_archive::read::receipt::{ITALIAN, Order, ReceiptRow};
use plico_locale::Lang;
use serde::Serialize;

/// A receipt, ready or in preparation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    name: String,
    url: Option<String>,
    at: i64,
    /// The same in other languages.
    others: Vec<Edition>,
    /// The language in which it is being made besides.
    making: Option<&'static str>,
    /// Where it is ordered in the reader's language.
    order: Option<Ask>,
    /// And in others.
    more: Vec<Ask>,
}

/// The same receipt in another language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Edition {
    lang: String,
    language: &'static str,
    url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Ask {
    url: String,
    lang: &'static str,
    language: &'static str,
}

/// What somebody holds, and what is being made for him.
pub struct Shelf<'a> {
    /// Those that were issued.
    pub rows: &'a [ReceiptRow],
    /// Those on order.
    pub orders: &'a [Order],
    /// The reader's language.
    pub lang: Lang,
}

fn own_name(code: &str) -> &'static str {
    Lang::from_code(code).unwrap_or_default().own_name()
}

fn url(row: &ReceiptRow) -> String {
    format!("/ricevute/{}/scarica", row.id)
}

impl Shelf<'_> {
    /// The receipt of an event; `None` when it has none and will have none.
    pub fn of(&self, log: i64, index: i64, at: i64) -> Option<Receipt> {
        let mut rows: Vec<&ReceiptRow> =
            self.rows.iter().filter(|row| (row.log, row.idx) == (log, index)).collect();
        rows.sort_by_key(|row| row.language != ITALIAN);
        let orders: Vec<&Order> =
            self.orders.iter().filter(|order| (order.log, order.index) == (log, index)).collect();
        let Some((first, others)) = rows.split_first() else {
            let order = orders.first()?;
            let name = order.kind.clone();
            return Some(Receipt {
                name,
                url: None,
                at,
                others: Vec::new(),
                making: None,
                order: None,
                more: Vec::new(),
            });
        };
        let making = orders.first().map(|order| own_name(&order.language));
        let there = |code: &str| {
            rows.iter().any(|row| row.language == code) || orders.iter().any(|order| order.language == code)
        };
        let lacking = Lang::RECEIPTS.into_iter().filter(|lang| !there(lang.code())).map(|lang| Ask {
            url: format!("/ricevute/{}/lingua", first.id),
            lang: lang.code(),
            language: lang.own_name(),
        });
        let (mine, more): (Vec<Ask>, Vec<Ask>) = lacking.partition(|ask| ask.lang == self.lang.code());
        let order = mine.into_iter().next();
        let others = others.iter().map(|row| Edition {
            language: own_name(&row.language),
            url: url(row),
            lang: row.language.clone(),
        });
        Some(Receipt {
            name: first.kind.clone(),
            url: Some(url(first)),
            at: first.issued_ms,
            others: others.collect(),
            making,
            order,
            more,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(index: i64, language: &str) -> ReceiptRow {
        ReceiptRow {
            id: format!("{index}-{language}"),
            kind: "opening".into(),
            log: 2,
            idx: index,
            message: None,
            subject: None,
            year: None,
            number: None,
            holder: "P".into(),
            language: language.into(),
            administration: "borgo".into(),
            name: String::new(),
            size: 1,
            sha256: String::new(),
            issued_ms: 5,
        }
    }

    fn order(index: i64, language: &str) -> Order {
        let (kind, holder) = ("opening".into(), "P".into());
        Order { log: 2, index, kind, holder, message: String::new(), language: language.into() }
    }

    #[test]
    fn each_event_has_its_own_receipt_in_each_language_once() {
        let (rows, orders) =
            ([row(1, "en"), row(1, "it"), row(2, "it"), row(3, "it")], [order(3, "en"), order(4, "it")]);
        let shelf = |lang| Shelf { rows: &rows, orders: &orders, lang };
        let both = shelf(Lang::En).of(2, 1, 0).unwrap();
        assert_eq!(both.url.as_deref(), Some("/ricevute/1-it/scarica"), "Italian first");
        assert_eq!((both.others.len(), both.order), (1, None));
        let one = shelf(Lang::En).of(2, 2, 0).unwrap();
        assert_eq!(
            one.order,
            Some(Ask { url: "/ricevute/2-it/lingua".into(), lang: "en", language: "English" })
        );
        assert_eq!(shelf(Lang::It).of(2, 2, 0).unwrap().order, None);
        assert_eq!(one.more.iter().map(|ask| ask.language).collect::<Vec<_>>(), ["Deutsch"]);
        let made = shelf(Lang::En).of(2, 3, 0).unwrap();
        assert_eq!((made.making, made.order), (Some("English"), None));
        assert_eq!(shelf(Lang::It).of(2, 4, 0).unwrap().url, None);
        assert_eq!(shelf(Lang::It).of(2, 5, 0), None);
        assert_eq!(shelf(Lang::It).of(3, 1, 0), None, "another log");
    }
}
