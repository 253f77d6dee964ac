//! How a receipt looks: one page for a person.

use plico_card::qr;
use plico_locale::Args;
use plico_pdf::paper::{Block, Notice, Qr, Sheet, Text, Tone};
use plico_record::day::rfc3339;
use plico_record::event::ReceiptKind;

use super::evidence::{Evidence, attachments};
use super::facts::{Facts, Subject};
use crate::paper::Words;

pub(super) fn sheet(words: &Words<'_>, facts: &Facts, evidence: Evidence) -> Sheet {
    let code = facts.kind.code();
    let title = words.t(&format!("receipt-{code}-title"));
    let mut sheet = words.sheet(&facts.body, facts.subject.office(), &title, &facts.id, facts.when_ms);
    sheet.header.arms.clone_from(&facts.arms);
    sheet.footer.text = words.t("receipt-edition");
    let args = Args::new()
        .with("when", words.0.datetime(words.1, facts.told_ms()))
        .with("who", facts.who.clone())
        .with("body", facts.body.clone());
    let lead = words.with(&format!("receipt-{code}-lead"), &facts.subject.lead(words, args));
    let mut list = facts.subject.listed(words);
    // An outage has instants of its own, told apart from that of its recording.
    let instant = if facts.kind == ReceiptKind::Outage { "paper-outage-recorded" } else { "paper-instant" };
    list.push(words.fact(instant, Text::default().mono(rfc3339(facts.when_ms))));
    let begun = match &facts.subject {
        Subject::Message(message) if facts.kind == ReceiptKind::Presentation => Some(message),
        _ => None,
    };
    list.extend(begun.map(|message| message.begun(words)).into_iter().flatten());
    sheet.blocks = vec![Block::Title(title), Block::Lead(lead.into()), Block::Facts(list)];
    if let Subject::Message(message) = &facts.subject {
        let begins = matches!(facts.kind, ReceiptKind::Presentation | ReceiptKind::Registration);
        if let Some(term) = message.term(words).filter(|_| begins) {
            sheet.blocks.push(Block::Paragraph(term.into()));
        }
        if let Some(message) = begun.filter(|message| !message.remedies.is_empty()) {
            sheet.blocks.push(Block::Paragraph(message.remedies.clone().into()));
        }
        sheet.blocks.extend(message.documents(words));
    }
    if let Subject::Register(register) = &facts.subject {
        sheet.blocks.extend(register.blocks(words));
    }
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
    if let Subject::Register(register) = &facts.subject {
        sheet.attachments.push(register.attachment(words));
    }
    sheet
}
