//! A prepared letter leaves: registered and made available in one transaction, at once or after its last signature.

use plico_archive::read::inbox::UploadRow;
use plico_archive::{ActError, NewDocument, NewEvent, Work};
use plico_database::args;
use plico_record::act::{
    Content, DeliveryMadeAvailable, DocumentIssued, Formation, MessageAnswered, MessageSupplementRequested,
};
use plico_record::message::Step;
use plico_record::part::{DocumentEntry, Party, RegisterPart, RegisteredDocument};
use serde::{Deserialize, Serialize};

use crate::answer::{Act, Sent};
use crate::present::{Extra, register};
use crate::refusal::{fault, refuse};
use crate::scheme::{class_of, classified};
use crate::upload::Owner;
use crate::{Actor, Refusal};

/// What a letter will say when it leaves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Prepared {
    /// Account of who wrote it.
    pub(crate) author: String,
    /// The form's own token.
    pub(crate) token: String,
    /// Code of what it does.
    pub(crate) act: String,
    /// The filing it answers.
    pub(crate) answers: Option<String>,
    pub(crate) category: String,
    pub(crate) certificate: bool,
    /// Name of the sending office.
    pub(crate) office: String,
    pub(crate) party: Party,
    pub(crate) content: Content,
    pub(crate) formation: Formation,
    /// The code printed on it.
    pub(crate) code: String,
}

impl Prepared {
    /// The role of its files.
    pub(crate) fn role(&self) -> &'static str {
        if self.act == Act::Issue.code() && !self.certificate { "issued" } else { "attachment" }
    }
}

/// A letter that was laid out, with its files.
pub(crate) struct Made {
    pub(crate) prepared: Prepared,
    /// What the file is called.
    pub(crate) name: String,
    pub(crate) pdf: Vec<u8>,
    pub(crate) owner: Owner,
    pub(crate) uploads: Vec<UploadRow>,
}

type Done<T> = Result<T, ActError<Refusal>>;

const ATTACHED: &str = "select id from upload where owner = $1 order by position";
const KEEP_KEY: &str =
    "insert into idempotency (account, key, request, answer, created_ms) values ($1, $2, $3, $4, $5)";
/// What was being written is not there to be sent again.
const SENT: &str = "update draft set purpose = 'letter-sent', subject = $3, text = ''
    where id = $1 and author = $2 and purpose in ('letter', 'letter-waiting')";
const PERSON: &str = "select name, email from person where id = $1";
const PERSON_OF_CODE: &str = "select id from person where administration = $1 and fiscal_code = $2";

/// The files are those that were laid out.
pub(crate) async fn unchanged(work: &mut Work, owner: &Owner, uploads: &[UploadRow]) -> Done<()> {
    let attached: Vec<(String,)> = work.tx.all(ATTACHED, args![&owner.0]).await?;
    if attached.iter().map(|row| &row.0).eq(uploads.iter().map(|upload| &upload.id)) {
        return Ok(());
    }
    refuse(Refusal::Exists)
}

/// Registers a letter, makes it available, tells the filing it answers. `documents` begin with the primary one; those in
/// `signed` are looked at once more.
pub(crate) async fn issue(
    work: &mut Work,
    actor: &Actor,
    prepared: Prepared,
    documents: Vec<NewDocument>,
    signed: &[String],
) -> Done<Sent> {
    let Some(act) = Act::parse(&prepared.act) else {
        return Err(fault("a prepared letter that does nothing known"));
    };
    let Prepared { mut party, content, .. } = prepared;
    if let Some(about) = prepared.answers.as_ref().filter(|_| act != Act::Message) {
        crate::view::fits(work, about, Step::Answer).await?;
    }
    // Somebody may have addressed the same new person a moment ago.
    if let Some(code) = &party.fiscal_code
        && let Some(known) = work.tx.scalar_text(PERSON_OF_CODE, args![&actor.administration, code]).await?
    {
        party.person = known;
    }
    // What was prepared days ago does not undo what the person has changed since.
    let known: Option<(String, Option<String>)> = work.tx.optional(PERSON, args![&party.person]).await?;
    if let Some((name, email)) = known {
        if party.fiscal_code.as_ref() != Some(&name) {
            party.name = name;
        }
        party.email = email;
    }
    let now = work.now_ms();
    let registered = documents
        .iter()
        .map(|d| RegisteredDocument { name: d.entry.name.clone(), sha256: d.entry.sha256.clone() })
        .collect();
    let cites = documents.iter().map(|d| DocumentEntry { verification: None, ..d.entry.clone() }).collect();
    let primary = documents[0].entry.id.clone();
    let of_issue = if prepared.certificate { "primary" } else { "issued" };
    let issued: Vec<String> =
        documents.iter().filter(|d| d.entry.role == of_issue).map(|d| d.entry.id.clone()).collect();
    let part = RegisterPart {
        v: 1,
        area: String::new(),
        year: 0,
        number: 0,
        direction: "out".into(),
        at: now,
        presented: None,
        parties: vec![party.name.clone()],
        subject: content.subject.clone(),
        office: prepared.office,
        documents: registered,
        outside: None,
    };
    let extra = Extra {
        outgoing: Some((content.clone(), prepared.formation)),
        documents,
        parties: vec![party.clone()],
        receipts: Vec::new(),
    };
    let number = register(work, actor, &content, "out", part, extra).await?;
    crate::code::keep(work, &prepared.code, &primary)?;
    let delivery = work.new_id();
    let made = DeliveryMadeAvailable {
        delivery: delivery.clone(),
        message: content.message.clone(),
        recipient: party.person.clone(),
    };
    let mut available = NewEvent::by(actor, &delivery, made);
    available.cites = cites;
    available.receipts = vec![(party.person.clone(), content.message.clone())];
    work.append(available).await?;
    for document in issued {
        let act = DocumentIssued {
            document: document.clone(),
            message: content.message.clone(),
            category: prepared.category.clone(),
        };
        work.append(NewEvent::by(actor, document, act)).await?;
    }
    if let Some(about) = &prepared.answers {
        let class = class_of(work, about).await?;
        classified(work, actor, &content.message, &class).await?;
        follow_up(work, actor, about, &content.message, act).await?;
    }
    let payload = serde_json::json!({"v": 1, "delivery": delivery});
    work.enqueue("notice", &format!("notice/{delivery}/email"), &actor.administration, &payload)?;
    let sent = Sent { message: content.message, delivery, number };
    let answer =
        serde_json::json!({"message": sent.message, "delivery": sent.delivery, "number": sent.number});
    let key = format!("letter/{}", prepared.token);
    work.tx.write(KEEP_KEY, args![&prepared.author, key, vec![0u8; 32], answer.to_string(), now])?;
    crate::verdict::renew_later(work, &actor.administration, &sent.message, signed)?;
    work.tx.write(SENT, args![prepared.token, &prepared.author, &sent.message])?;
    Ok(sent)
}

async fn follow_up(work: &mut Work, actor: &Actor, about: &str, by_message: &str, act: Act) -> Done<()> {
    let (about, by_message) = (about.to_owned(), by_message.to_owned());
    if let Some(outcome) = act.outcome() {
        let answered = MessageAnswered { message: about.clone(), by_message, outcome: outcome.into() };
        work.append(NewEvent::by(actor, about, answered)).await?;
    } else if act == Act::Supplement {
        let asked = MessageSupplementRequested { message: about.clone(), by_message };
        work.append(NewEvent::by(actor, about, asked)).await?;
    }
    Ok(())
}
