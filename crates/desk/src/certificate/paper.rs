//! How a certificate looks.

use plico_card::qr;
use plico_locale::Args;
use plico_pdf::paper::{Arms, Attachment, Block, Notice, Qr, Relationship, Sheet, Text, Tone};
use plico_record::act::Content;
use plico_record::part::Party;

use super::Certificate;
use crate::paper::{PaperFile, Words, file_json};
use crate::seal::Grade;

/// What a certificate says.
#[derive(Debug, Clone)]
pub(crate) struct CertificatePaper {
    pub(crate) administration: String,
    pub(crate) arms: Option<Arms>,
    pub(crate) office: String,
    pub(crate) certificate: Certificate,
    pub(crate) recipient: Party,
    pub(crate) content: Content,
    pub(crate) created_ms: i64,
    pub(crate) files: Vec<PaperFile>,
    /// What the electronic seal is worth that stands on it.
    pub(crate) sealed: Option<Grade>,
    /// Lets whoever holds it find the original; a draft has none.
    pub(crate) code: Option<String>,
    pub(crate) original_url: String,
    pub(crate) demo: bool,
}

pub(crate) fn certificate_sheet(words: &Words<'_>, paper: &CertificatePaper) -> Sheet {
    let (content, kind, filled) = (&paper.content, &paper.certificate.kind, &paper.certificate.filled);
    let mut sheet = words.sheet(
        &paper.administration,
        &paper.office,
        &content.subject,
        &content.message,
        paper.created_ms,
    );
    sheet.header.arms.clone_from(&paper.arms);
    let certifies = Args::new().with("office", paper.office.clone());
    sheet.blocks = vec![
        Block::Title(content.subject.clone()),
        Block::Paragraph(words.with("certificate-attests", &certifies).into()),
        Block::Lead(content.text.clone().into()),
        // Without this sentence it is null (art. 40, c. 02, DPR 445/2000).
        Block::Notice(Notice {
            tone: Tone::Calm,
            title: String::new(),
            text: Text::default().strong(words.t(if filled.abroad {
                "certificate-abroad"
            } else {
                "certificate-private"
            })),
        }),
    ];
    let day = |ms: i64| words.0.date(words.1, ms);
    let valid = match kind.valid_until(paper.created_ms) {
        Some(until) => words.with("certificate-until", &Args::new().with("date", day(until.start_ms()))),
        None => words.t("certificate-unlimited"),
    };
    let stamp = if kind.stamp_exemption.is_empty() {
        words.with("certificate-stamp-paid", &Args::new().with("stamp", filled.stamp.trim().to_owned()))
    } else {
        words.with("certificate-stamp-exempt", &Args::new().with("why", kind.stamp_exemption.clone()))
    };
    let mut facts = vec![
        words.fact("certificate-issued", day(paper.created_ms)),
        words.fact("certificate-validity", valid),
        words.fact("certificate-stamp", stamp),
    ];
    if !kind.fee.is_empty() {
        facts.push(words.fact("certificate-fee", kind.fee.clone()));
    }
    facts.push(words.fact("paper-identifier", Text::default().mono(content.message.clone())));
    sheet.blocks.push(Block::Facts(facts));
    if !paper.files.is_empty() {
        sheet.blocks.push(Block::Heading(words.t("paper-documents")));
        sheet.blocks.push(words.listed(&paper.files));
    }
    sheet.blocks.push(Block::Signature(vec![filled.official.trim().to_owned(), paper.office.clone()]));
    sheet.blocks.push(Block::Small(words.t("certificate-printed-name").into()));
    if let Some(grade) = paper.sealed {
        let worth = words.t(&format!("seal-grade-{}", grade.code()));
        let said = words.with("certificate-seal", &Args::new().with("worth", worth));
        sheet.blocks.push(Block::Small(said.into()));
    }
    match &paper.code {
        Some(code) => sheet.blocks.extend(countersign(words, &paper.original_url, code)),
        None => sheet.watermark = Some(words.t("certificate-draft")),
    }
    sheet.footer.text = words.with("letter-footer", &Args::new().with("office", paper.office.clone()));
    if paper.demo {
        sheet.watermark = Some(words.t("paper-prova"));
        sheet.blocks.push(words.demo());
    }
    sheet.attachments.push(data(words, paper));
    sheet
}

/// What lets whoever holds it on paper find the original (art. 23, c. 2-bis, CAD). The code stands behind the sign that
/// browsers do not send on.
fn countersign(words: &Words<'_>, page: &str, code: &str) -> Option<Block> {
    let url = format!("{page}#{code}");
    let modules = qr::modules(&url, qr::Level::Medium).ok()?;
    let said = Args::new().with("code", code.to_owned()).with("url", page.to_owned());
    Some(Block::Qr(Qr {
        size: modules.size,
        dark: modules.bits,
        width_mm: 32,
        alt: words.with("certificate-qr-alt", &said),
        title: words.t("certificate-qr-title"),
        text: words.with("certificate-qr", &said).into(),
    }))
}

fn data(words: &Words<'_>, paper: &CertificatePaper) -> Attachment {
    let (kind, filled) = (&paper.certificate.kind, &paper.certificate.filled);
    let data = serde_json::json!({
        "v": 1,
        "administration": paper.administration,
        "office": paper.office,
        "message": paper.content.message,
        "certificate": {"code": kind.code, "name": kind.name, "values": filled.values},
        "recipient": {"name": paper.recipient.name, "fiscal_code": paper.recipient.fiscal_code},
        "text": paper.content.text,
        "use": if filled.abroad { "abroad" } else { "private" },
        "valid_until": kind.valid_until(paper.created_ms).map(|day| day.to_string()),
        "stamp": filled.stamp,
        "stamp_exemption": kind.stamp_exemption,
        "fee": kind.fee,
        "official": filled.official,
        "documents": paper.files.iter().map(file_json).collect::<Vec<_>>(),
    });
    Attachment {
        name: "certificate.json".into(),
        media_type: "application/json".into(),
        description: words.t("paper-data-attached"),
        bytes: data.to_string().into_bytes(),
        relationship: Relationship::Data,
    }
}
