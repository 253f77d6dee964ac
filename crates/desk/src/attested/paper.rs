//! How an attested copy looks: what is attested, of which document, and then its pages, one to a page.

use plico_archive::read::registry;
use plico_locale::Args;
use plico_pdf::paper::{Arms, Block, Mark, Notice, Picture, Sheet, Text, Tone};

use crate::paper::{PaperFile, Words, file_json, finish, mark_facts};
use crate::seal::Grade;

/// What an attested copy says.
#[derive(Debug, Clone)]
pub(crate) struct AttestedPaper {
    pub(crate) id: String,
    pub(crate) administration: String,
    pub(crate) arms: Option<Arms>,
    pub(crate) office: String,
    /// Who attests.
    pub(crate) official: String,
    /// Under what the original is registered.
    pub(crate) entry: registry::Entry,
    /// The original.
    pub(crate) document: PaperFile,
    /// Whether it bears signatures, which no copy has.
    pub(crate) signed: bool,
    /// Pages of the original.
    pub(crate) count: usize,
    /// Those that are copied.
    pub(crate) pictures: Vec<(u32, Picture)>,
    pub(crate) created_ms: i64,
    pub(crate) sealed: Option<Grade>,
    pub(crate) demo: bool,
}

pub(crate) fn attested_sheet(words: &Words<'_>, paper: &AttestedPaper) -> Sheet {
    let whole = paper.pictures.len() == paper.count;
    let kind = if whole { "whole" } else { "extract" };
    let numbers: Vec<u32> = paper.pictures.iter().map(|(number, _)| *number).collect();
    let title = words.t(&format!("copy-title-{kind}"));
    let mut sheet = words.sheet(&paper.administration, &paper.office, &title, &paper.id, paper.created_ms);
    sheet.header.arms.clone_from(&paper.arms);
    let said = Args::new()
        .with("office", paper.office.clone())
        .with("body", paper.administration.clone())
        .with("official", paper.official.clone())
        .with("number", paper.entry.text())
        .with("pages", runs(&numbers))
        .with("count", paper.count as i64)
        .with("copied", numbers.len() as i64);
    sheet.blocks = vec![
        Block::Mark(Mark {
            caption: words.t("mark-caption"),
            number: paper.entry.text(),
            facts: mark_facts(words, &paper.entry),
            qr: None,
        }),
        Block::Title(title),
        Block::Lead(words.with(&format!("copy-attests-{kind}"), &said).into()),
        Block::Paragraph(words.t("copy-law").into()),
        Block::Heading(words.t("copy-original")),
        words.listed(std::slice::from_ref(&paper.document)),
        Block::Facts(vec![
            words.fact("copy-pages", words.with("copy-pages-value", &said)),
            words.fact("copy-attested-on", words.0.datetime(words.1, paper.created_ms)),
            words.fact("paper-identifier", Text::default().mono(paper.id.clone())),
        ]),
    ];
    if paper.entry.annulled_ms.is_some() {
        sheet.blocks.push(Block::Notice(Notice {
            tone: Tone::Caution,
            title: String::new(),
            text: words.t("copy-annulled").into(),
        }));
    }
    if paper.signed {
        sheet.blocks.push(Block::Small(words.t("copy-signed").into()));
    }
    sheet.blocks.push(Block::Signature(vec![paper.official.clone(), paper.office.clone()]));
    sheet.blocks.push(Block::Small(words.t("certificate-printed-name").into()));
    if let Some(grade) = paper.sealed {
        let worth = words.t(&format!("seal-grade-{}", grade.code()));
        let sealed = words.with("certificate-seal", &Args::new().with("worth", worth));
        sheet.blocks.push(Block::Small(sealed.into()));
    }
    for (number, picture) in &paper.pictures {
        let page = Args::new().with("page", i64::from(*number)).with("count", paper.count as i64);
        sheet.blocks.push(Block::PageBreak);
        sheet.blocks.push(Block::Small(words.with("copy-page", &page).into()));
        sheet.blocks.push(Block::Picture(picture.clone()));
    }
    sheet.footer.text = words.with("copy-footer", &said);
    let data = serde_json::json!({
        "v": 1,
        "administration": paper.administration,
        "office": paper.office,
        "attests": paper.official,
        "kind": kind,
        "registration": {
            "area": paper.entry.area, "year": paper.entry.year, "number": paper.entry.number,
            "registered_ms": paper.entry.registered_ms,
        },
        "original": file_json(&paper.document),
        "original_pages": paper.count,
        "pages": numbers,
        "attested_ms": paper.created_ms,
    });
    finish(words, sheet, &data, "copy.json", paper.demo)
}

/// `1–3, 5`.
fn runs(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, to)) if *to + 1 == *number => *to = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let said = |(from, to): (u32, u32)| if from == to { from.to_string() } else { format!("{from}–{to}") };
    runs.into_iter().map(said).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_in_a_row_are_told_as_one_run() {
        assert_eq!(runs(&[1, 2, 3, 5, 7, 8]), "1–3, 5, 7–8");
        assert_eq!(runs(&[4]), "4");
    }
}
