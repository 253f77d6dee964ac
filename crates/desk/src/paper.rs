//! The PDFs we issue: the filing as primary document, the office's letter, the marked copy, the register. Text comes
//! from the catalogues, layout from `plico-pdf`.

#[cfg(test)]
pub(crate) mod samples;

use plico_archive::read::inbox::UploadRow;
use plico_archive::read::message::{DocumentRow, MessageRow};
use plico_archive::read::queue::PersonRow;
use plico_archive::read::registry;
use plico_archive::{NewDocument, hex};
use plico_crypto::DataKey;
use plico_locale::{Args, Catalogue, Lang};
use plico_pdf::paper::{
    Arms, Attachment, Block, Fact, Footer, Header, ListedDocument, Mark, Notice, Orientation, Relationship,
    Sheet, Text, Tone, render,
};
use plico_record::act::Content;
use plico_record::part::{DocumentEntry, Party};

use crate::present::committed;
use crate::refusal::fault;
use crate::{Desk, Outcome};

/// A file as a paper lists it.
#[derive(Debug, Clone)]
pub struct PaperFile {
    /// Name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

impl PaperFile {
    pub(crate) fn of_upload(upload: &UploadRow) -> Self {
        Self {
            name: upload.name.clone(),
            media_type: upload.media_type.clone(),
            size: upload.size.cast_unsigned(),
            sha256: upload.sha256.clone(),
        }
    }

    pub(crate) fn of_document(document: &DocumentRow) -> Self {
        Self {
            name: document.name.clone(),
            media_type: document.media_type.clone(),
            size: document.size.cast_unsigned(),
            sha256: document.sha256.clone(),
        }
    }
}

/// What the primary document of a filing says.
#[derive(Debug, Clone)]
pub struct FilingPaper {
    pub(crate) administration: String,
    pub(crate) office: String,
    pub(crate) kind: String,
    pub(crate) sender: PersonRow,
    /// Name and code of those who sent it together with him.
    pub(crate) others: Vec<(String, Option<String>)>,
    pub(crate) author: String,
    pub(crate) on_behalf: bool,
    pub(crate) content: Content,
    pub(crate) created_ms: i64,
    pub(crate) files: Vec<PaperFile>,
    pub(crate) demo: bool,
}

/// What a letter of the office says.
#[derive(Debug, Clone)]
pub struct LetterPaper {
    pub(crate) administration: String,
    pub(crate) arms: Option<Arms>,
    pub(crate) office: String,
    pub(crate) responsible: String,
    pub(crate) author: String,
    pub(crate) recipient: Party,
    /// Names of those who get it for their knowledge.
    pub(crate) copies: Vec<String>,
    pub(crate) answers: Option<String>,
    pub(crate) content: Content,
    pub(crate) created_ms: i64,
    pub(crate) files: Vec<PaperFile>,
    /// Lets whoever holds it check the letter and what came with it.
    pub(crate) code: String,
    pub(crate) verify_url: String,
    pub(crate) demo: bool,
}

/// Words of one language.
pub(crate) struct Words<'a>(pub(crate) &'a Catalogue, pub(crate) Lang);

impl Words<'_> {
    pub(crate) fn t(&self, key: &str) -> String {
        self.0.text(self.1, key, &Args::new())
    }

    pub(crate) fn with(&self, key: &str, args: &Args) -> String {
        self.0.text(self.1, key, args)
    }

    pub(crate) fn fact(&self, key: &str, value: impl Into<Text>) -> Fact {
        Fact::new(self.t(key), value)
    }

    pub(crate) fn listed(&self, files: &[PaperFile]) -> Block {
        let listed = files.iter().map(|file| ListedDocument {
            name: file.name.clone(),
            note: self.with(
                "paper-file-note",
                &Args::new()
                    .with("type", file.media_type.clone())
                    .with("size", self.0.size(self.1, file.size)),
            ),
            sha256: file.sha256.clone(),
        });
        Block::Documents(listed.collect())
    }

    pub(crate) fn demo(&self) -> Block {
        Block::Notice(Notice {
            tone: Tone::Caution,
            title: self.t("paper-demo-title"),
            text: self.t("paper-demo").into(),
        })
    }

    pub(crate) fn sheet(
        &self,
        administration: &str,
        office: &str,
        title: &str,
        id: &str,
        created_ms: i64,
    ) -> Sheet {
        Sheet {
            language: self.1.code().into(),
            title: title.into(),
            author: administration.into(),
            created_ms,
            document_id: id.into(),
            header: Header { administration: administration.into(), office: office.into(), arms: None },
            footer: Footer { text: String::new(), page: self.t("paper-page") },
            orientation: Orientation::Portrait,
            ..Sheet::default()
        }
    }
}

pub(crate) fn filing_sheet(words: &Words<'_>, paper: &FilingPaper) -> Sheet {
    let content = &paper.content;
    let title = words.with("filing-title", &Args::new().with("kind", paper.kind.clone()));
    let mut sheet =
        words.sheet(&paper.administration, &paper.office, &title, &content.message, paper.created_ms);
    let mut facts = vec![words.fact("paper-sender", paper.sender.name.clone())];
    facts.extend(paper.sender.fiscal_code.clone().map(|code| words.fact("paper-fiscal-code", code)));
    for (name, code) in &paper.others {
        let who = code.as_ref().map_or_else(|| name.clone(), |code| format!("{name}, {code}"));
        facts.push(words.fact("paper-sender-too", who));
    }
    if paper.on_behalf {
        facts.push(
            words.fact("paper-submitted-by", format!("{}, {}", paper.author, words.t("paper-mandate"))),
        );
    }
    facts.push(words.fact("paper-office", paper.office.clone()));
    facts.push(words.fact("paper-subject", content.subject.clone()));
    facts.push(words.fact("paper-identifier", Text::default().mono(content.message.clone())));
    sheet.blocks =
        vec![Block::Title(title), Block::Facts(facts), Block::Paragraph(content.text.clone().into())];
    sheet.blocks.push(Block::Heading(words.t("paper-documents")));
    if paper.files.is_empty() {
        sheet.blocks.push(Block::Paragraph(words.t("filing-no-files").into()));
    } else {
        sheet.blocks.push(words.listed(&paper.files));
    }
    sheet.footer.text = words.t("filing-footer");
    let mut data = serde_json::json!({
        "v": 1,
        "administration": paper.administration,
        "office": paper.office,
        "kind": {"code": content.kind, "name": paper.kind},
        "message": content.message,
        "reply_to": content.reply_to,
        "sender": {"name": paper.sender.name, "fiscal_code": paper.sender.fiscal_code},
        "submitted_by": paper.author,
        "subject": content.subject,
        "text": content.text,
        "documents": paper.files.iter().map(file_json).collect::<Vec<_>>(),
    });
    if !paper.others.is_empty() {
        let other = |(name, code)| serde_json::json!({"name": name, "fiscal_code": code});
        data["others"] = paper.others.iter().cloned().map(other).collect();
    }
    finish(words, sheet, &data, "filing.json", paper.demo)
}

fn letter_sheet(words: &Words<'_>, paper: &LetterPaper) -> Sheet {
    let content = &paper.content;
    let mut sheet = words.sheet(
        &paper.administration,
        &paper.office,
        &content.subject,
        &content.message,
        paper.created_ms,
    );
    sheet.header.arms.clone_from(&paper.arms);
    let mut addressee = vec![paper.recipient.name.clone()];
    addressee.extend(paper.recipient.fiscal_code.clone());
    if !paper.copies.is_empty() {
        let names = Args::new().with("names", paper.copies.join(", "));
        addressee.push(words.with("letter-copies", &names));
    }
    sheet.blocks = vec![Block::Addressee(addressee), Block::Title(content.subject.clone())];
    if let Some(number) = &paper.answers {
        let answers = words.with("letter-answers", &Args::new().with("number", number.clone()));
        sheet.blocks.push(Block::Small(answers.into()));
    }
    sheet.blocks.push(Block::Paragraph(content.text.clone().into()));
    if !paper.files.is_empty() {
        sheet.blocks.push(Block::Heading(words.t("paper-documents")));
        sheet.blocks.push(words.listed(&paper.files));
    }
    let responsible = words.with("letter-responsible", &Args::new().with("name", paper.responsible.clone()));
    sheet.blocks.push(Block::Signature(vec![paper.office.clone(), responsible]));
    let check = Args::new().with("code", paper.code.clone()).with("url", paper.verify_url.clone());
    sheet.blocks.push(Block::Small(words.with("letter-check", &check).into()));
    sheet.footer.text = words.with("letter-footer", &Args::new().with("office", paper.office.clone()));
    let data = serde_json::json!({
        "v": 1,
        "administration": paper.administration,
        "office": paper.office,
        "author": paper.author,
        "message": content.message,
        "reply_to": content.reply_to,
        "effect": content.effect,
        "recipient": {"name": paper.recipient.name, "fiscal_code": paper.recipient.fiscal_code},
        "subject": content.subject,
        "text": content.text,
        "documents": paper.files.iter().map(file_json).collect::<Vec<_>>(),
    });
    finish(words, sheet, &data, "letter.json", paper.demo)
}

pub(crate) fn file_json(file: &PaperFile) -> serde_json::Value {
    serde_json::json!({"name": file.name, "media_type": file.media_type, "size": file.size, "sha256": file.sha256})
}

pub(crate) fn finish(
    words: &Words<'_>,
    mut sheet: Sheet,
    data: &serde_json::Value,
    name: &str,
    demo: bool,
) -> Sheet {
    if demo {
        sheet.watermark = Some(words.t("paper-prova"));
        sheet.blocks.push(words.demo());
    }
    sheet.attachments.push(Attachment {
        name: name.into(),
        media_type: "application/json".into(),
        description: words.t("paper-data-attached"),
        bytes: data.to_string().into_bytes(),
        relationship: Relationship::Data,
    });
    sheet
}

impl Desk {
    /// Renders and stores the primary document of a filing.
    pub(crate) async fn store_paper(&self, paper: FilingPaper) -> Outcome<NewDocument> {
        let name = format!("{}.pdf", paper.kind);
        self.store_sheet(name, None, move |words| filing_sheet(words, &paper)).await
    }

    /// Renders a letter of the office, sealed in the name of the body or not.
    pub(crate) async fn letter_pdf(&self, paper: LetterPaper, sealed: bool, lang: Lang) -> Outcome<Vec<u8>> {
        let body = sealed.then(|| paper.administration.clone());
        self.sheet_pdf(body, lang, move |words| letter_sheet(words, &paper)).await
    }

    /// Stores a paper, sealed in the name of a body if one is named and has a seal.
    pub(crate) async fn store_sheet<F>(
        &self,
        name: String,
        seals: Option<String>,
        sheet: F,
    ) -> Outcome<NewDocument>
    where
        F: FnOnce(&Words<'_>) -> Sheet + Send + 'static,
    {
        let pdf = self.sheet_pdf(seals, Lang::It, sheet).await?;
        self.store_pdf(&name, &pdf).await
    }

    /// A paper, sealed in the name of a body if one is named and has a seal.
    pub(crate) async fn sheet_pdf<F>(&self, seals: Option<String>, lang: Lang, sheet: F) -> Outcome<Vec<u8>>
    where
        F: FnOnce(&Words<'_>) -> Sheet + Send + 'static,
    {
        let catalogue = self.catalogue.clone();
        let press = if seals.is_some() { self.press()? } else { None };
        let made = tokio::task::spawn_blocking(move || {
            let words = Words(&catalogue, lang);
            let pdf = render(&sheet(&words)).map_err(fault)?;
            let (Some(name), Some(press)) = (&seals, press) else { return Ok(pdf) };
            press.set(&words, name, &words.t("letter-seal-reason"), &pdf)
        });
        made.await.map_err(fault)?
    }

    /// Stores a paper.
    pub(crate) async fn store_pdf(&self, name: &str, bytes: &[u8]) -> Outcome<NewDocument> {
        let key = DataKey::new(self.archive.entropy().bytes());
        let stored = self
            .archive
            .vault()
            .store(&key, self.archive.entropy().bytes(), bytes)
            .await
            .map_err(plico_archive::ArchiveError::from)?;
        let entry = DocumentEntry {
            id: self.fresh_id(),
            name: plico_package::name::clean(name),
            media_type: "application/pdf".into(),
            size: stored.size,
            sha256: hex(&stored.sha256),
            salt: String::new(),
            role: "primary".into(),
            verification: None,
            sealed: false,
        };
        Ok(committed(stored, key, entry))
    }

    /// The copy of a message with its registration mark; the original stays untouched.
    pub async fn marked_copy(&self, actor: &crate::Actor, message: &str, lang: Lang) -> Outcome<Vec<u8>> {
        let view = self.message(actor, message).await?;
        let Some(entry) = view.entry.clone() else {
            return crate::refusal::refuse(plico_record::message::Unfit::NotRegistered);
        };
        if !view.content {
            return crate::refusal::refuse(crate::Refusal::NotOpened);
        }
        let body = self.body_name(&actor.administration).await?;
        self.mark(&view.message, &view.documents, entry, &body, lang).await
    }

    pub(crate) async fn mark(
        &self,
        message: &MessageRow,
        documents: &[DocumentRow],
        entry: registry::Entry,
        body: &str,
        lang: Lang,
    ) -> Outcome<Vec<u8>> {
        let (demo, catalogue) = (self.archive.is_demo().await?, self.catalogue.clone());
        let files: Vec<PaperFile> = documents.iter().map(PaperFile::of_document).collect();
        let (text, body) = (message.text.clone(), body.to_owned());
        tokio::task::spawn_blocking(move || {
            render(&marked_sheet(&Words(&catalogue, lang), &body, &entry, text, &files, demo))
        })
        .await
        .map_err(fault)?
        .map_err(fault)
    }
}

fn marked_sheet(
    words: &Words<'_>,
    body: &str,
    entry: &registry::Entry,
    text: String,
    files: &[PaperFile],
    demo: bool,
) -> Sheet {
    let id = format!("{}-mark", entry.message);
    let mut sheet = words.sheet(body, &entry.office, &words.t("mark-title"), &id, entry.registered_ms);
    sheet.blocks = vec![
        Block::Mark(Mark {
            caption: words.t("mark-caption"),
            number: entry.text(),
            facts: mark_facts(words, entry),
            qr: None,
        }),
        Block::Title(entry.subject.clone()),
        Block::Paragraph(text.into()),
        Block::Heading(words.t("paper-documents")),
        words.listed(files),
        Block::Small(words.t("mark-note").into()),
    ];
    if demo {
        sheet.watermark = Some(words.t("paper-prova"));
        sheet.blocks.push(words.demo());
    }
    sheet
}

pub(crate) fn mark_facts(words: &Words<'_>, entry: &registry::Entry) -> Vec<Fact> {
    vec![
        words.fact("paper-area", entry.area.clone()),
        words.fact("paper-registered", words.0.datetime(words.1, entry.registered_ms)),
        words.fact("paper-direction", words.t(&format!("paper-direction-{}", entry.direction))),
        words.fact("paper-parties", entry.parties.clone()),
        words.fact("paper-digest", Text::default().mono(entry.digest.clone())),
    ]
}
