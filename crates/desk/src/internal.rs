//! What one office of the body writes to another: numbered in the register like what comes in and goes out, in the queue of
//! the office that receives it, and known to the one that wrote it. An answer goes back the same way.

use plico_archive::read::{body, message};
use plico_archive::{ActError, NewDocument, Work};
use plico_locale::Args;
use plico_pdf::paper::{Block, Sheet, Text};
use plico_record::act::{Content, Formation, FormationChecks, MessageAnswered};
use plico_record::authority::{Deed, Thing};
use plico_record::message::Step;
use plico_record::part::RegisterPart;

use crate::entry_form::{Brought, EntryForm};
use crate::issue::registered;
use crate::paper::{PaperFile, Words, file_json, finish};
use crate::present::{Extra, Filed, register, signed};
use crate::refusal::{permit, refuse};
use crate::scheme::classified;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// What an office writes to another, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Internal {
    /// The office that writes.
    pub from: String,
    /// The office it is for; of an answer, the one that wrote.
    pub office: String,
    /// Code of the kind.
    pub kind: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// What it answers; may be empty.
    pub about: String,
    /// The form's own token: registering twice is one registration.
    pub token: String,
}

/// What an internal document says on paper.
pub(crate) struct InternalPaper {
    pub(crate) administration: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) kind: String,
    pub(crate) author: String,
    pub(crate) content: Content,
    pub(crate) created_ms: i64,
    pub(crate) files: Vec<PaperFile>,
    pub(crate) demo: bool,
}

pub(crate) fn internal_sheet(words: &Words<'_>, paper: &InternalPaper) -> Sheet {
    let content = &paper.content;
    let title = words.with("filing-title", &Args::new().with("kind", paper.kind.clone()));
    let mut sheet =
        words.sheet(&paper.administration, &paper.from, &title, &content.message, paper.created_ms);
    let mut facts = vec![words.fact("internal-from", paper.from.clone())];
    if !paper.to.is_empty() {
        facts.push(words.fact("internal-to", paper.to.clone()));
    }
    facts.extend([
        words.fact("internal-author", paper.author.clone()),
        words.fact("paper-subject", content.subject.clone()),
        words.fact("paper-identifier", Text::default().mono(content.message.clone())),
    ]);
    sheet.blocks = vec![Block::Title(title), Block::Facts(facts)];
    if !content.text.is_empty() {
        sheet.blocks.push(Block::Paragraph(content.text.clone().into()));
    }
    sheet.blocks.push(Block::Heading(words.t("paper-documents")));
    sheet.blocks.push(if paper.files.is_empty() {
        Block::Paragraph(words.t("filing-no-files").into())
    } else {
        words.listed(&paper.files)
    });
    let data = serde_json::json!({
        "v": 1,
        "administration": paper.administration,
        "from": paper.from,
        "to": paper.to,
        "author": paper.author,
        "kind": {"code": content.kind, "name": paper.kind},
        "message": content.message,
        "reply_to": content.reply_to,
        "subject": content.subject,
        "text": content.text,
        "documents": paper.files.iter().map(file_json).collect::<Vec<_>>(),
    });
    finish(words, sheet, &data, "internal.json", paper.demo)
}

impl Desk {
    /// The offices that the actor may write from to others; nobody else than an operator may.
    pub async fn writing_offices(&self, actor: &Actor) -> Outcome<Vec<body::Office>> {
        permit(actor, Deed::Answer, &Thing::Administration { id: actor.administration.clone() })?;
        let open = self.open_offices(&actor.administration).await?;
        Ok(open.into_iter().filter(|office| actor.in_office(&office.id)).collect())
    }

    /// The internal message that is to be answered.
    pub async fn internal_about(&self, actor: &Actor, id: &str) -> Outcome<message::MessageRow> {
        let row = self.allowed_message(actor, Deed::Answer, id).await?;
        if row.from_office.is_empty() { refuse(Refusal::NotFound) } else { Ok(row) }
    }

    /// Registers what an office writes to another.
    pub async fn register_internal(&self, actor: &Actor, form: Internal) -> Outcome<Filed> {
        let own = self.writing_offices(actor).await?;
        let words = [&form.from, &form.office, &form.kind, &form.subject, &form.text];
        let sent = EntryForm::new("internal", &form.token, &words.map(String::as_str));
        if let Some(filed) = self.entered_before(actor, &sent).await? {
            return Ok(filed);
        }
        self.archive.need_room()?;
        let about = match form.about.as_str() {
            "" => None,
            id => Some(self.internal_about(actor, id).await?),
        };
        // An answer goes back to where the question came from.
        let (from, to) = match &about {
            Some(about) => (about.office.clone(), about.from_office.clone()),
            None => (form.from.clone(), form.office.clone()),
        };
        let from = own.into_iter().find(|office| office.id == from);
        let to = self.open_offices(&actor.administration).await?.into_iter().find(|office| office.id == to);
        let kind = self.kind(&actor.administration, &form.kind).await?;
        let mut errors = self.wrong_words(actor, &form.subject, &form.text);
        for (field, given, known) in [
            ("from", &form.from, from.is_some()),
            ("office", &form.office, to.is_some()),
            ("kind", &form.kind, kind.is_some()),
        ] {
            if !known {
                let typed = about.is_some() || !given.is_empty();
                errors.push(if typed {
                    FieldError::of(field, "unknown")
                } else {
                    FieldError::required(field)
                });
            }
        }
        if let (Some(from), Some(to)) = (&from, &to)
            && from.id == to.id
        {
            errors.push(FieldError::of("office", "same_office"));
        }
        let (Some(from), Some(to), Some(kind), true) = (from, to, kind, errors.is_empty()) else {
            return refuse(Refusal::Invalid(errors));
        };
        let (owner, uploads) = self.form_files(actor, &form.token).await?;
        let id = self.fresh_id();
        let content = Content {
            message: id.clone(),
            kind: kind.code.clone(),
            office: to.id.clone(),
            subject: form.subject.trim().to_owned(),
            text: form.text.trim().to_owned(),
            thread: about.as_ref().map_or_else(|| id.clone(), |about| about.thread.clone()),
            reply_to: about.as_ref().map(|about| about.id.clone()),
            effect: None,
        };
        let paper = InternalPaper {
            administration: self.body_name(&actor.administration).await?,
            from: from.name.clone(),
            to: to.name.clone(),
            kind: kind.name.clone(),
            author: actor.name.clone(),
            content: content.clone(),
            created_ms: self.archive.now_ms(),
            files: uploads.iter().map(PaperFile::of_upload).collect(),
            demo: self.archive.is_demo().await?,
        };
        let name = format!("{}.pdf", kind.name);
        let mut documents =
            vec![self.store_sheet(name, None, move |words| internal_sheet(words, &paper)).await?];
        for upload in &uploads {
            documents.push(self.document_of(&actor.administration, upload, "attachment").await?);
        }
        let signed = signed(&uploads);
        let formation = Formation {
            document_type: kind.document_type.clone(),
            mode: "a".into(),
            confidential: kind.confidential,
            format: "application/pdf".into(),
            verification: FormationChecks { signed: !signed.is_empty(), ..FormationChecks::default() },
            retention_years: kind.retention_years,
        };
        let class = match &about {
            Some(about) => about.class.clone(),
            None => self.usable(&actor.administration, &kind.class).await?,
        };
        let to_enter =
            Written { from, to: to.name, content, formation, documents, class, about: about.map(|a| a.id) };
        let brought = Brought { owner, signed, message: id };
        self.enter_form(actor, sent, brought, move |work, actor| {
            Box::pin(async move { to_enter.enter(work, actor).await.map(Some) })
        })
        .await
    }

    /// What does not fit in a subject and a text.
    pub(crate) fn wrong_words(&self, actor: &Actor, subject: &str, text: &str) -> Vec<FieldError> {
        let limits = self.limits(&actor.administration);
        let mut errors = Vec::new();
        if subject.trim().is_empty() {
            errors.push(FieldError::required("subject"));
        } else if subject.trim().chars().count() > limits.subject_chars {
            errors.push(FieldError::too_long("subject", limits.subject_chars));
        }
        if text.chars().count() > limits.text_chars {
            errors.push(FieldError::too_long("text", limits.text_chars));
        }
        errors
    }
}

/// What is about to be entered.
struct Written {
    from: body::Office,
    /// Name of the office it is for.
    to: String,
    content: Content,
    formation: Formation,
    documents: Vec<NewDocument>,
    class: String,
    about: Option<String>,
}

impl Written {
    async fn enter(self, work: &mut Work, actor: &Actor) -> Result<String, ActError<Refusal>> {
        let Self { from, to, content, formation, documents, class, about } = self;
        if let Some(about) = &about {
            crate::view::fits(work, about, Step::Answer).await?;
        }
        let part = RegisterPart {
            v: 1,
            area: String::new(),
            year: 0,
            number: 0,
            direction: "internal".into(),
            at: work.now_ms(),
            presented: None,
            parties: vec![from.name],
            subject: content.subject.clone(),
            office: to,
            documents: registered(&documents),
            outside: None,
        };
        let extra = Extra {
            outgoing: Some((content.clone(), formation)),
            documents,
            from_office: Some(from.id),
            ..Extra::default()
        };
        let number = register(work, actor, &content, "internal", part, extra).await?;
        let message = &content.message;
        classified(work, &Actor::system(&actor.administration), message, &class).await?;
        if let Some(about) = about {
            let by_message = message.clone();
            let answered =
                MessageAnswered { message: about.clone(), by_message, outcome: "information".into() };
            work.append(plico_archive::NewEvent::by(actor, about, answered)).await?;
        }
        let payload = serde_json::json!({"v": 1, "message": message});
        work.enqueue("notify-office", &format!("office/{message}"), &actor.administration, &payload)?;
        Ok(number)
    }
}
