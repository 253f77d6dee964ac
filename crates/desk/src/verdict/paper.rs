//! The newest verdict on paper: for a person, with everything that was found attached.

use plico_locale::{Args, Lang};
use plico_pdf::paper::{Attachment, Block, Fact, Notice, Relationship, Sheet, Text, Tone, render};
use plico_signature::proof::{Moment, PoeSource};
use plico_signature::qualification::QualificationReport;
use plico_signature::report::{Indication, SignatureReport};

use super::{Class, Verdict, Verdicts};
use crate::paper::Words;
use crate::refusal::{fault, refuse};
use crate::{Desk, Outcome, Refusal};

impl Desk {
    /// The newest verdict on a document's signatures as a PDF. The same verdict gives the same bytes.
    pub async fn verdict_paper(&self, verdicts: Verdicts, lang: Lang) -> Outcome<Vec<u8>> {
        let Some(newest) = verdicts.verdicts.first().cloned() else { return refuse(Refusal::NotFound) };
        let body = self.body_name(&verdicts.message.administration).await?;
        let (demo, catalogue) = (self.archive.is_demo().await?, self.catalogue.clone());
        let written = tokio::task::spawn_blocking(move || {
            let words = Words(&catalogue, lang);
            let mut sheet = sheet(&words, &verdicts, &newest, &body);
            if demo {
                sheet.watermark = Some(words.t("paper-prova"));
                sheet.blocks.push(words.demo());
            }
            render(&sheet)
        });
        written.await.map_err(fault)?.map_err(fault)
    }
}

pub(super) fn sheet(words: &Words<'_>, verdicts: &Verdicts, newest: &Verdict, body: &str) -> Sheet {
    let (document, message) = (&verdicts.document, &verdicts.message);
    let title = words.t("verdict-paper-title");
    let id = format!("{}-firme-{}", document.id, newest.at);
    let mut sheet = words.sheet(body, &message.office_name, &title, &id, newest.at);
    let mut facts = vec![
        words.fact("verdict-file", document.name.clone()),
        words.fact("paper-digest", Text::default().mono(document.sha256.clone())),
    ];
    facts.extend(message.registration_number().map(|number| words.fact("verdict-number", number)));
    if let Some(at) = message.registered_ms {
        facts.push(words.fact("paper-registered", words.0.datetime(words.1, at)));
    }
    facts.push(words.fact("verdict-at", words.0.datetime(words.1, newest.at)));
    let class = Class::of_all(newest);
    sheet.blocks = vec![
        Block::Title(title),
        Block::Facts(facts),
        Block::Notice(Notice {
            tone: tone(class),
            title: words.t(&format!("verdict-class-{}", class.code())),
            text: words.t(&format!("verdict-means-{}", class.code())).into(),
        }),
    ];
    let alone = newest.report.all_signatures().nth(1).is_none();
    for found in newest.report.all_signatures() {
        signature(words, found, alone, &mut sheet.blocks);
    }
    for (territory, at) in super::expired_lists(newest) {
        let args = Args::new().with("territory", territory).with("at", words.0.datetime(words.1, at));
        sheet.blocks.push(Block::Paragraph(words.with("verdict-list-expired", &args).into()));
    }
    sheet.blocks.push(Block::Small(words.t("verdict-paper-note").into()));
    sheet.attachments.push(Attachment {
        name: "firme.json".into(),
        media_type: "application/json".into(),
        description: words.t("verdict-paper-attached"),
        bytes: serde_json::to_vec(newest).unwrap_or_default(),
        relationship: Relationship::Data,
    });
    sheet
}

fn tone(class: Class) -> Tone {
    match class {
        Class::NotSigned | Class::Valid | Class::Proven => Tone::Calm,
        Class::Broken | Class::Altered => Tone::Alarm,
        _ => Tone::Caution,
    }
}

/// `alone`: what it means was said of the whole file.
fn signature(words: &Words<'_>, found: &SignatureReport, alone: bool, blocks: &mut Vec<Block>) {
    let signer = &found.signer;
    let instant = |text: &Option<String>| text.as_deref().and_then(super::ms);
    let shown = |at: i64| words.0.datetime(words.1, at);
    let class = Class::of(found).code();
    blocks.push(Block::Heading(plico_signature::plain::name(signer).unwrap_or_else(|| "?".into())));
    let mut facts = vec![words.fact("verdict-outcome", words.t(&format!("verdict-class-{class}")))];
    facts.extend(signer.fiscal_code.clone().map(|code| words.fact("paper-fiscal-code", code)));
    facts.extend(signer.issuer.clone().map(|issuer| words.fact("verdict-issuer", issuer)));
    facts.extend(
        found
            .qualification
            .as_ref()
            .map(|told| words.fact("verdict-qualification", qualification(words, told))),
    );
    if let (Some(from), Some(until)) = (instant(&signer.not_before), instant(&signer.not_after)) {
        let dates = Args::new().with("from", shown(from)).with("until", shown(until));
        facts.push(words.fact("verdict-validity", words.with("verdict-validity-dates", &dates)));
    }
    facts.extend(instant(&found.claimed_signing_time).map(|at| words.fact("verdict-claimed", shown(at))));
    if let Some(times) = &found.times {
        facts.push(moment(words, "verdict-time-now", &times.now));
        facts.extend(times.opposable.as_ref().map(|at| moment(words, "verdict-time-opposable", at)));
        facts.extend(times.claimed.as_ref().map(|at| moment(words, "verdict-time-claimed", at)));
    }
    blocks.push(Block::Facts(facts));
    if class != Class::Valid.code() && !alone {
        blocks.push(Block::Paragraph(words.t(&format!("verdict-means-{class}")).into()));
    }
    for over in &found.counter_signatures {
        signature(words, over, false, blocks);
    }
}

/// What it is worth in law, and why it is no more.
fn qualification(words: &Words<'_>, told: &QualificationReport) -> String {
    let (code, settled) = super::worth(told.result);
    let what = words.t(&format!("verdict-qualification-{code}"));
    let mut text = if settled {
        what
    } else {
        words.with("verdict-qualification-open", &Args::new().with("what", what))
    };
    for reason in told.reasons.iter().filter_map(|reason| serde_json::to_value(reason).ok()) {
        let said = words.t(&format!("verdict-worth-{}", reason.as_str().unwrap_or_default()));
        text = format!("{text}. {said}");
    }
    text
}

fn moment(words: &Words<'_>, label: &str, moment: &Moment) -> Fact {
    let verdict = match moment.indication {
        Indication::TotalPassed => "verdict-time-valid",
        Indication::TotalFailed => "verdict-time-invalid",
        _ => "verdict-time-indeterminate",
    };
    let at = super::ms(&moment.at).map(|at| words.0.datetime(words.1, at)).unwrap_or_default();
    let mut text = format!("{at}: {}", words.t(verdict));
    if let Some(reference) = moment.reference {
        let name = moment.name.clone().unwrap_or_default();
        let said = words.with(reference_key(reference), &Args::new().with("name", name));
        text = format!("{text} ({said})");
    }
    words.fact(label, text)
}

fn reference_key(reference: PoeSource) -> &'static str {
    match reference {
        PoeSource::RegistrationMark => "verdict-reference-registration_mark",
        PoeSource::PecReceipt => "verdict-reference-pec_receipt",
        PoeSource::TimeStamp => "verdict-reference-time_stamp",
        PoeSource::Preservation => "verdict-reference-preservation",
        PoeSource::InnerTimeStamp => "verdict-reference-inner_time_stamp",
    }
}
