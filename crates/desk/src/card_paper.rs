//! A card on paper.

use plico_archive::read::card::CardRow;
use plico_archive::read::{Cursor, body};
use plico_card::qr;
use plico_locale::{Args, Lang};
use plico_pdf::paper::label::{Label, Stock, labels};
use plico_pdf::paper::{Block, Qr, Sheet, Text, render};
use plico_record::day::LegalDay;

use crate::paper::Words;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// What the sheet says.
#[derive(Debug, Clone)]
pub(crate) struct CardPaper {
    pub(crate) administration: String,
    pub(crate) office: String,
    pub(crate) row: CardRow,
    pub(crate) check_url: String,
    pub(crate) created_ms: i64,
    pub(crate) demo: bool,
}

pub(crate) fn card_sheet(words: &Words<'_>, paper: &CardPaper) -> Sheet {
    let row = &paper.row;
    let mut sheet = words.sheet(&paper.administration, &paper.office, &row.name, &row.id, paper.created_ms);
    let day = |day: &str| {
        LegalDay::parse(day).map_or_else(|| day.to_owned(), |day| words.0.date(words.1, day.start_ms()))
    };
    let mut facts = vec![
        words.fact("card-holder", row.holder_name.clone()),
        words.fact("card-number", Text::default().mono(row.number.clone())),
    ];
    facts.extend(
        row.fields().into_iter().map(|(label, value)| plico_pdf::paper::Fact { label, value: value.into() }),
    );
    facts.push(words.fact("card-from", day(&row.valid_from)));
    facts.push(words.fact("card-until", day(&row.valid_until)));
    sheet.blocks = vec![Block::Title(row.name.clone()), Block::Facts(facts)];
    let told = Args::new().with("url", paper.check_url.clone());
    if let Ok(modules) = qr::modules(&row.code, qr::Level::Medium) {
        sheet.blocks.push(Block::Qr(Qr {
            size: modules.size,
            dark: modules.bits,
            width_mm: 45,
            alt: words.with("card-qr-alt", &Args::new().with("number", row.number.clone())),
            title: words.t("card-qr-title"),
            text: words.with("card-qr", &told).into(),
        }));
    }
    if paper.demo {
        sheet.watermark = Some(words.t("paper-prova"));
        sheet.blocks.push(words.demo());
    }
    sheet
}

impl Desk {
    /// Sheets of the cards that the actor's office issued and that are good or will be, as they were asked for: ten of the size
    /// of a bank card on each.
    pub async fn card_sheets(
        &self,
        actor: &Actor,
        words: &str,
        cursor: Option<Cursor>,
        most: usize,
        lang: Lang,
    ) -> Outcome<Vec<u8>> {
        let (rows, _) = self.issued_cards(actor, words, cursor, most).await?;
        let (body, today) = (self.body_name(&actor.administration).await?, self.today());
        let (title, until) = {
            let words = Words(&self.catalogue, lang);
            (words.t("card-sheet-title"), words.t("card-until"))
        };
        let mut cards = Vec::new();
        for row in rows {
            // Whoever prints one could show it: the office that issues them alone.
            if !["active", "waiting"].contains(&row.state(&today))
                || self.office_card(actor, &row.id).await.is_err()
            {
                continue;
            }
            let Ok(modules) = qr::modules(&row.code, qr::Level::Medium) else { continue };
            let alt = Args::new().with("number", row.number.clone());
            let mut lines = vec![row.name.clone(), row.holder_name.clone()];
            lines.extend(row.fields().into_iter().map(|(label, value)| format!("{label}: {value}")));
            let end = LegalDay::parse(&row.valid_until)
                .map_or_else(|| row.valid_until.clone(), |day| self.catalogue.date(lang, day.start_ms()));
            lines.push(format!("{until}: {end}"));
            cards.push(Label {
                administration: body.clone(),
                number: row.number.clone(),
                lines,
                qr: Some(Qr {
                    size: modules.size,
                    dark: modules.bits,
                    width_mm: 36,
                    alt: self.catalogue.text(lang, "card-qr-alt", &alt),
                    title: String::new(),
                    text: Text::default(),
                }),
                bars: Vec::new(),
            });
        }
        if cards.is_empty() {
            return refuse(Refusal::NotFound);
        }
        let code = lang.code();
        let made = tokio::task::spawn_blocking(move || labels(&cards, Stock::Cards, &title, code));
        made.await.map_err(fault)?.map_err(fault)
    }

    /// The sheet of a card that the actor may see.
    pub async fn card_paper(&self, actor: &Actor, id: &str, lang: Lang) -> Outcome<(String, Vec<u8>)> {
        let row = self.card(actor, id).await?;
        let office = body::office(self.archive.database(), &row.office).await?;
        let paper = CardPaper {
            administration: self.body_name(&row.administration).await?,
            office: office.map_or_else(String::new, |office| office.name),
            check_url: format!("{}/controllo", self.public_url),
            created_ms: self.archive.now_ms(),
            demo: self.archive.is_demo().await?,
            row,
        };
        let name = format!("{} {}.pdf", paper.row.name, paper.row.number);
        let catalogue = self.catalogue.clone();
        let made = tokio::task::spawn_blocking(move || render(&card_sheet(&Words(&catalogue, lang), &paper)));
        Ok((name, made.await.map_err(fault)?.map_err(fault)?))
    }
}
