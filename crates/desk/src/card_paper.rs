//! A card on paper.

use plico_archive::read::body;
use plico_archive::read::card::CardRow;
use plico_card::qr;
use plico_locale::{Args, Lang};
use plico_pdf::paper::{Block, Qr, Sheet, Text, render};
use plico_record::day::LegalDay;

use crate::paper::Words;
use crate::refusal::fault;
use crate::{Actor, Desk, Outcome};

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
