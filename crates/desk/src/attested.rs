//! Copies and extracts with attestation of conformity (artt. 22–23-bis CAD, art. 18 DPR 445/2000): the pages of a registered
//! document as pictures, under a sentence that says of what they are a copy, who attests it and when (docs/adr/0031).
//!
//! The copy is sealed and put among the files of a letter in the making: it leaves as every other document that is issued,
//! and is nobody's record before.

pub(crate) mod paper;
#[cfg(test)]
pub(crate) mod samples;

use plico_archive::read::message::DocumentRow;
use plico_archive::read::registry;
use plico_locale::{Args, Lang};
use plico_pdf::paper::Picture;
use plico_pdf::poppler;
use plico_record::authority::Deed;
use plico_record::message::Unfit;

use crate::letter::Typed;
use crate::paper::Words;
use crate::picture::NotShown;
use crate::refusal::{fault, refuse};
use crate::upload::Scan;
use crate::verdict::Verdict;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};
use paper::{AttestedPaper, attested_sheet};

/// Most pages of one copy.
pub const MOST_PAGES: usize = 60;
/// How wide a page's picture is: 180 dots to an inch of A4.
const WIDTH: u32 = 1488;
/// Characters of a page's text, for who cannot see its picture.
const TEXT: usize = 7_900;

/// What a copy can be made of.
#[derive(Debug, Clone)]
pub struct Original {
    /// The document.
    pub document: DocumentRow,
    /// Number under which it is registered.
    pub number: String,
    /// Its message.
    pub message: String,
    /// The office that has it.
    pub office: String,
    /// Whether the message has somebody to answer to.
    pub answerable: bool,
    /// Its pages, or why there are none to be copied.
    pub pages: Result<usize, NotShown>,
    /// Who attests, as far as it is known.
    pub official: String,
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copy {
    /// `1-3, 5`; empty: all of them.
    pub pages: String,
    /// Name and title of who attests.
    pub official: String,
    /// For whom it is: the message's own sender or recipient, otherwise somebody else.
    pub to_party: bool,
}

/// The pages of `1-3, 5`, each once and in order, of so many; `None` for anything else.
fn pages(typed: &str, count: usize) -> Option<Vec<u32>> {
    let count = u32::try_from(count).ok()?;
    if typed.trim().is_empty() {
        return Some((1..=count).collect());
    }
    let mut wanted = std::collections::BTreeSet::new();
    for piece in typed.split([',', ';']) {
        let (from, to) = piece.split_once(['-', '–']).unwrap_or((piece, piece));
        let (from, to): (u32, u32) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        if from == 0 || from > to || to > count {
            return None;
        }
        wanted.extend(from..=to);
    }
    Some(wanted.into_iter().collect())
}

impl Desk {
    /// A registered document of which the actor may make a copy.
    pub async fn original_of_copy(&self, actor: &Actor, id: &str) -> Outcome<Original> {
        let (original, _) = self.copied(actor, id).await?;
        Ok(original)
    }

    async fn copied(&self, actor: &Actor, id: &str) -> Outcome<(Original, registry::Entry)> {
        let database = self.archive.database();
        let Some(document) = plico_archive::read::message::document(database, id).await? else {
            return self.gone(actor, id).await;
        };
        let message = self.allowed_message(actor, Deed::Answer, &document.message).await?;
        let Some(entry) = registry::entry(database, &message.id).await? else {
            return refuse(Unfit::NotRegistered);
        };
        // Nobody is to hold a copy of what an annulled number stands for.
        if message.annulled {
            return refuse(Unfit::Annulled);
        }
        let (document, pages) = self.pages(actor, id).await?;
        let original = Original {
            document,
            number: entry.text(),
            answerable: message.direction != "internal",
            message: message.id,
            office: message.office_name,
            pages,
            official: message.responsible.unwrap_or_default(),
        };
        Ok((original, entry))
    }

    /// Makes the copy, seals it, and begins a letter that carries it: its key.
    pub async fn attest_copy(&self, actor: &Actor, id: &str, copy: &Copy) -> Outcome<String> {
        let (original, entry) = self.copied(actor, id).await?;
        let grade = if self.has_seal() { Some(self.usable_seal()?) } else { None };
        let count = original.pages.unwrap_or(0);
        let mut errors = Vec::new();
        match copy.official.trim() {
            "" => errors.push(FieldError::required("official")),
            name if name.chars().count() > 200 => errors.push(FieldError::too_long("official", 200)),
            _ => {}
        }
        let wanted = match (original.pages, pages(&copy.pages, count)) {
            (Err(why), _) => {
                errors.push(FieldError::of("pages", unfit(why)));
                Vec::new()
            }
            (Ok(_), None) => {
                let limit = Some(count as u64);
                errors.push(FieldError { limit, ..FieldError::of("pages", "pages") });
                Vec::new()
            }
            (Ok(_), Some(wanted)) if wanted.len() > MOST_PAGES => {
                let limit = Some(MOST_PAGES as u64);
                errors.push(FieldError { limit, ..FieldError::of("pages", "too_many_pages") });
                Vec::new()
            }
            (Ok(_), Some(wanted)) => wanted,
        };
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let numbers = wanted.clone();
        let (document, drawn) = self
            .drawn(actor, id, move |pdf| {
                let one = |number| {
                    let jpeg = poppler::photograph(pdf, number, WIDTH).map_err(NotShown::of)?;
                    // A scanned page has no text: its number is what can be said of it.
                    let text = poppler::text_of_page(pdf, number, TEXT).unwrap_or_default();
                    Ok((number, jpeg, text))
                };
                numbers.into_iter().map(one).collect::<Result<Vec<_>, NotShown>>()
            })
            .await?;
        let drawn = match drawn {
            Ok(drawn) => drawn,
            Err(why) => {
                return refuse(Refusal::Invalid(vec![FieldError::of("pages", unfit(why))]));
            }
        };
        let words = Words(&self.catalogue, Lang::It);
        let mut pictures = Vec::new();
        for (number, jpeg, text) in drawn {
            let said = Args::new().with("page", i64::from(number)).with("text", text.trim().to_owned());
            let key = if text.trim().is_empty() { "copy-page-alt-none" } else { "copy-page-alt" };
            let Ok(picture) = Picture::from_jpeg(jpeg, words.with(key, &said)) else {
                return Err(fault("poppler drew a page that is no picture"));
            };
            pictures.push((number, picture));
        }
        let whole = wanted.len() == count;
        let stem = document.name.strip_suffix(".p7m").unwrap_or(&document.name);
        let stem = stem.strip_suffix(".pdf").unwrap_or(stem);
        let named = Args::new().with("name", stem.to_owned()).with("number", entry.text());
        let kind = if whole { "whole" } else { "extract" };
        let title = words.with(&format!("copy-name-{kind}"), &named);
        let letter = words.with(&format!("copy-letter-{kind}"), &named);
        let body = self.body_name(&actor.administration).await?;
        let paper = AttestedPaper {
            id: self.fresh_id(),
            administration: body.clone(),
            arms: self.arms(&actor.administration).await?,
            office: original.office,
            official: copy.official.trim().to_owned(),
            entry,
            document: crate::paper::PaperFile::of_document(&document),
            signed: Verdict::read(document.verification.as_deref().unwrap_or_default())
                .is_some_and(|verdict| verdict.is_signed()),
            count,
            pictures,
            created_ms: self.archive.now_ms(),
            sealed: grade,
            demo: self.archive.is_demo().await?,
        };
        let pdf =
            self.sheet_pdf(grade.map(|_| body), Lang::It, move |words| attested_sheet(words, &paper)).await?;

        let key = self.letter_key();
        let (owner, _) = self.form_files(actor, &key).await?;
        let mut upload = self.begin_upload(actor, &owner, &format!("{title}.pdf")).await?;
        upload.write(&pdf).await?;
        // It is our own drawing: there is nothing in it to scan.
        self.finish_upload(upload, async |_| Scan::Off).await?;
        let typed = Typed {
            purpose: "issue".into(),
            about: (copy.to_party && original.answerable).then_some(original.message),
            subject: title.chars().take(self.limits(&actor.administration).subject_chars).collect(),
            text: letter,
            effect: "communication".into(),
            category: "certificate".into(),
            ..Typed::default()
        };
        self.keep_letter(actor, &key, &typed).await?;
        Ok(key)
    }
}

fn unfit(why: NotShown) -> &'static str {
    match why {
        NotShown::TooLarge => "copy_large",
        NotShown::Unreadable => "copy_unreadable",
        NotShown::NoProgram => "copy_program",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_named_as_people_name_them() {
        assert_eq!(pages("", 3), Some(vec![1, 2, 3]));
        assert_eq!(pages(" 5, 1-3;2 ", 5), Some(vec![1, 2, 3, 5]));
        assert_eq!(pages("2–2", 2), Some(vec![2]));
        for wrong in ["0", "4", "2-1", "1-4", "x", "1,", "1-2-3", "-", "99999999999"] {
            assert_eq!(pages(wrong, 3), None, "{wrong}");
        }
    }
}
