//! How a receipt looks: one page for a person.

use plico_card::qr;
use plico_locale::Args;
use plico_pdf::paper::{Block, Notice, Qr, Sheet, Text, Tone};
use plico_record::day::rfc3339;
use plico_record::event::ReceiptKind;

use super::evidence::{Evidence, attachments};
use super::facts::Facts;
use crate::paper::Words;

pub(super) fn sheet(words: &Words<'_>, facts: &Facts, evidence: Evidence) -> Sheet {
    let code = facts.kind.code();
    let title = words.t(&format!("receipt-{code}-title"));
    let mut sheet = words.sheet(&facts.body, &facts.office, &title, &facts.id, facts.when_ms);
    let args = Args::new()
        .with("when", words.0.datetime(words.1, facts.when_ms))
        .with("who", facts.who.clone())
        .with("body", facts.body.clone())
        .with("office", facts.office.clone())
        .with("number", facts.number.clone().unwrap_or_default());
    let lead = words.with(&format!("receipt-{code}-lead"), &args);
    let mut list = Vec::new();
    list.extend(
        facts.number.clone().map(|number| words.fact("paper-number", Text::default().strong(number))),
    );
    if let Some(entry) = &facts.entry {
        list.push(words.fact("paper-registered", words.0.datetime(words.1, entry.registered_ms)));
        list.extend(
            entry.presented_ms.map(|ms| words.fact("paper-presented", words.0.datetime(words.1, ms))),
        );
    }
    if let Some((who, delegate)) = &facts.opened {
        let opened = if *delegate { "paper-opened-by-delegate" } else { "paper-opened-by" };
        list.push(words.fact(opened, who.clone()));
    }
    list.push(words.fact("paper-subject", facts.message.subject.clone()));
    list.push(words.fact("paper-office", facts.office.clone()));
    if !facts.responsible.is_empty() {
        list.push(words.fact("paper-responsible", facts.responsible.clone()));
    }
    list.push(words.fact("paper-identifier", Text::default().mono(facts.message.id.clone())));
    list.push(words.fact("paper-instant", Text::default().mono(rfc3339(facts.when_ms))));
    sheet.blocks = vec![Block::Title(title), Block::Lead(lead.into()), Block::Facts(list)];
    if matches!(facts.kind, ReceiptKind::Presentation | ReceiptKind::Registration)
        && facts.message.direction == "in"
    {
        sheet.blocks.push(Block::Paragraph(term(words, facts).into()));
    }
    sheet.blocks.push(Block::Heading(words.t("paper-documents")));
    sheet.blocks.push(words.listed(&facts.files));
    sheet.blocks.push(Block::Notice(Notice {
        tone: Tone::Calm,
        title: words.t("receipt-not-title"),
        text: words.t(&format!("receipt-not-{code}")).into(),
    }));
    sheet.blocks.push(Block::Heading(words.t("receipt-evidence")));
    let vouched_ms = evidence.earlier.as_ref().and_then(|earlier| earlier.vouched_ms);
    let mut proven = vec![
        words.fact("receipt-log", Text::default().mono(facts.origin.clone())),
        words.fact("receipt-position", facts.index.to_string()),
        words.fact(
            "receipt-checkpoint",
            words.with("receipt-checkpoint-value", &Args::new().with("size", facts.size.to_string())),
        ),
    ];
    proven.extend(vouched_ms.map(|ms| words.fact("receipt-not-before", words.0.datetime(words.1, ms))));
    sheet.blocks.push(Block::Facts(proven));
    sheet.blocks.push(Block::Notice(Notice {
        tone: Tone::Caution,
        title: words.t("receipt-missing-title"),
        text: words.t(if evidence.asked { "receipt-missing" } else { "receipt-missing-unasked" }).into(),
    }));
    let url = Args::new().with("url", facts.url.clone());
    if let Ok(modules) = qr::modules(&facts.url, qr::Level::Medium) {
        sheet.blocks.push(Block::Qr(Qr {
            size: modules.size,
            dark: modules.bits,
            width_mm: 30,
            alt: words.with("receipt-qr-alt", &url),
            title: words.t("receipt-check-title"),
            text: words.with("receipt-check", &url).into(),
        }));
    }
    if facts.demo {
        sheet.watermark = Some(words.t("paper-prova"));
        sheet.blocks.push(words.demo());
    }
    sheet.attachments = attachments(words, evidence);
    sheet
}

fn term(words: &Words<'_>, facts: &Facts) -> String {
    let Some(due) = facts.due.as_deref().and_then(plico_record::day::LegalDay::parse) else {
        return words.t("receipt-no-term");
    };
    let date = words.0.date(words.1, due.start_ms());
    let silence = match facts.silence.as_str() {
        "assent" => "receipt-silence-assent",
        "denial" => "receipt-silence-denial",
        _ => "receipt-silence-none",
    };
    format!("{} {}", words.with("receipt-term", &Args::new().with("date", date)), words.t(silence))
}
