//! A prepared letter leaves, at once or after its last signature: registered and made available in one transaction; or, where
//! an outside registry numbers it, ordered there, and made available in the transaction that brings its number.

use plico_archive::read::inbox::UploadRow;
use plico_archive::read::{body, history, message};
use plico_archive::{ActError, NewDocument, NewEvent, Work};
use plico_database::args;
use plico_record::act::{
    Act as Event, Content, DeliveryMadeAvailable, DocumentIssued, DomicileAsked, Follows, Formation,
    MessageAnswered, MessagePrepared, MessageSupplementRequested,
};
use plico_record::message::{State, Step};
use plico_record::part::{DocumentEntry, OutsideNumber, Party, RegisterPart, RegisteredDocument};
use serde::{Deserialize, Serialize};

use crate::answer::{Act, Sent};
use crate::outside::{Going, Placing, place};
use crate::present::{Extra, enter, register};
use crate::refusal::{fault, refuse};
use crate::scheme::{class_of, classified};
use crate::upload::Owner;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

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
    /// Who gets it for his knowledge.
    #[serde(default)]
    pub(crate) copies: Vec<Party>,
    pub(crate) content: Content,
    pub(crate) formation: Formation,
    /// The code printed on it.
    pub(crate) code: String,
    /// Address of certified mail that it goes to as well.
    #[serde(default)]
    pub(crate) pec: Option<String>,
    /// What registers of digital domiciles said of its recipient.
    #[serde(default)]
    pub(crate) looked: Vec<DomicileAsked>,
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
const TAKEN: &str = "select message from registration where administration = $1 and area = $2 and year = $3
    and number = $4";
const PERSON_OF_CODE: &str = "select id from person where administration = $1 and fiscal_code = $2";

/// The files are those that were laid out.
pub(crate) async fn unchanged(work: &mut Work, owner: &Owner, uploads: &[UploadRow]) -> Done<()> {
    let attached: Vec<(String,)> = work.tx.all(ATTACHED, args![&owner.0]).await?;
    if attached.iter().map(|row| &row.0).eq(uploads.iter().map(|upload| &upload.id)) {
        return Ok(());
    }
    refuse(Refusal::Exists)
}

/// Who gives a letter its number.
pub(crate) enum Gives {
    /// The built-in register.
    Here,
    /// An outside registry, which is asked.
    Ordered(Placing),
    /// An outside registry, which gave it: area, year, number, and what else it says.
    There(String, i32, u64, OutsideNumber),
}

/// Sends a letter, or orders its number; `documents` begin with the primary one, those in `signed` are looked at once more.
pub(crate) async fn issue(
    work: &mut Work,
    actor: &Actor,
    prepared: Prepared,
    documents: Vec<NewDocument>,
    signed: &[String],
    gives: Gives,
) -> Done<Sent> {
    let Some(act) = Act::parse(&prepared.act) else {
        return Err(fault("a prepared letter that does nothing known"));
    };
    let Prepared { mut party, mut copies, content, formation, .. } = prepared;
    let answers = prepared.answers.filter(|_| act != Act::Message);
    if let Some(about) = &answers {
        crate::view::fits(work, about, Step::Answer).await?;
    }
    as_known(work, actor, &mut party).await?;
    for copy in &mut copies {
        as_known(work, actor, copy).await?;
    }
    copies.retain(|copy| copy.person != party.person);
    let now = work.now_ms();
    let message = content.message.clone();
    let class = match &content.reply_to {
        Some(about) => class_of(work, about).await?,
        None => String::new(),
    };
    let primary = documents[0].entry.id.clone();
    let of_issue = if prepared.certificate { "primary" } else { "issued" };
    let issues = documents.iter().filter(|d| d.entry.role == of_issue).map(|d| d.entry.id.clone()).collect();
    let follows = Follows {
        recipient: party.person.clone(),
        copies: copies.iter().map(|copy| copy.person.clone()).collect(),
        act: prepared.act,
        answers,
        issues,
        category: prepared.category,
        pec: prepared.pec,
    };
    let parties: Vec<Party> = std::iter::once(party).chain(copies).collect();
    let (mut delivery, mut number) = (None, None);
    if let Gives::Ordered(placing) = gives {
        let mut event = NewEvent::by(actor, &message, MessagePrepared { content, formation, follows });
        event.documents = documents;
        event.parties = parties;
        work.append(event).await?;
        place(work, actor, &message, &placing).await?;
    } else {
        let cites =
            documents.iter().map(|d| DocumentEntry { verification: None, ..d.entry.clone() }).collect();
        let mut part = RegisterPart {
            v: 1,
            area: String::new(),
            year: 0,
            number: 0,
            direction: "out".into(),
            at: now,
            presented: None,
            parties: parties.iter().map(|party| party.name.clone()).collect(),
            subject: content.subject.clone(),
            office: prepared.office,
            documents: registered(&documents),
            outside: None,
        };
        let extra =
            Extra { outgoing: Some((content.clone(), formation)), documents, parties, ..Extra::default() };
        number = Some(if let Gives::There(area, year, given, outside) = gives {
            let key = args![&actor.administration, &area, year, given];
            if work.tx.scalar_text(TAKEN, key).await?.is_some() {
                return refuse(Refusal::Invalid(vec![FieldError::of("number", "registry_given")]));
            }
            (part.area, part.year, part.number, part.outside) = (area, year, given, Some(outside));
            enter(work, actor, &content, "out", part, extra).await?
        } else {
            register(work, actor, &content, "out", part, extra).await?
        });
        delivery = Some(leave(work, actor, &message, follows, cites).await?);
        crate::verdict::renew_later(work, &actor.administration, &message, signed)?;
    }
    classified(work, &Actor::system(&actor.administration), &message, &class).await?;
    for looked in prepared.looked {
        let act = DomicileAsked { message: message.clone(), ..looked };
        work.append(NewEvent::by(actor, &message, act)).await?;
    }
    crate::code::keep(work, &prepared.code, &primary)?;
    let sent = Sent { message, delivery, number };
    let answer = serde_json::to_string(&sent).map_err(fault)?;
    let key = format!("letter/{}", prepared.token);
    work.tx.write(KEEP_KEY, args![&prepared.author, key, vec![0u8; 32], answer, now])?;
    work.tx.write(SENT, args![prepared.token, &prepared.author, &sent.message])?;
    Ok(sent)
}

/// A party as it is known now: somebody may have addressed the same new person a moment ago, and what was prepared days ago
/// does not undo what the person has changed since.
async fn as_known(work: &mut Work, actor: &Actor, party: &mut Party) -> Done<()> {
    if let Some(code) = &party.fiscal_code
        && let Some(known) = work.tx.scalar_text(PERSON_OF_CODE, args![&actor.administration, code]).await?
    {
        party.person = known;
    }
    let known: Option<(String, Option<String>)> = work.tx.optional(PERSON, args![&party.person]).await?;
    if let Some((name, email)) = known {
        if party.fiscal_code.as_ref() != Some(&name) {
            party.name = name;
        }
        party.email = email;
    }
    Ok(())
}

pub(crate) fn registered(documents: &[NewDocument]) -> Vec<RegisteredDocument> {
    let of =
        |d: &NewDocument| RegisteredDocument { name: d.entry.name.clone(), sha256: d.entry.sha256.clone() };
    documents.iter().map(of).collect()
}

/// What its number brings about: a letter is available to its recipient, who is told; and the filing that it answers is
/// answered. Answers the delivery.
pub(crate) async fn leave(
    work: &mut Work,
    actor: &Actor,
    message: &str,
    follows: Follows,
    cites: Vec<DocumentEntry>,
) -> Done<String> {
    let delivery = available(work, actor, message, follows.recipient, cites.clone(), false).await?;
    for copy in follows.copies {
        let delivery = available(work, actor, message, copy, cites.clone(), true).await?;
        tell(work, actor, &delivery)?;
    }
    for document in follows.issues {
        let act = DocumentIssued {
            document: document.clone(),
            message: message.into(),
            category: follows.category.clone(),
        };
        work.append(NewEvent::by(actor, document, act)).await?;
    }
    if let (Some(about), Some(act)) = (follows.answers, Act::parse(&follows.act)) {
        follow_up(work, actor, about, message, act).await?;
    }
    if let Some(to) = follows.pec {
        crate::pec::order(work, actor, &delivery, message, to).await?;
        // The letter itself tells him.
        return Ok(delivery);
    }
    tell(work, actor, &delivery)?;
    Ok(delivery)
}

fn tell(work: &mut Work, actor: &Actor, delivery: &str) -> Done<()> {
    let payload = serde_json::json!({"v": 1, "delivery": delivery});
    work.enqueue("notice", &format!("notice/{delivery}/email"), &actor.administration, &payload)?;
    Ok(())
}

/// Makes a letter available to one person.
async fn available(
    work: &mut Work,
    actor: &Actor,
    message: &str,
    recipient: String,
    cites: Vec<DocumentEntry>,
    copy: bool,
) -> Done<String> {
    let delivery = work.new_id();
    let made = DeliveryMadeAvailable {
        delivery: delivery.clone(),
        message: message.into(),
        recipient: recipient.clone(),
        copy,
    };
    let mut event = NewEvent::by(actor, &delivery, made);
    event.cites = cites;
    event.receipts = vec![(recipient, message.into())];
    work.append(event).await?;
    Ok(delivery)
}

async fn follow_up(work: &mut Work, actor: &Actor, about: String, by_message: &str, act: Act) -> Done<()> {
    // While its number was waited for the person may have withdrawn what it answers: the letter stands all the same.
    if work.message(&about).await?.is_none_or(|filing| filing.check(Step::Answer).is_err()) {
        return Ok(());
    }
    let by_message = by_message.to_owned();
    if let Some(outcome) = act.outcome() {
        let answered = MessageAnswered { message: about.clone(), by_message, outcome: outcome.into() };
        work.append(NewEvent::by(actor, about, answered)).await?;
    } else if act == Act::Supplement {
        let asked = MessageSupplementRequested { message: about.clone(), by_message };
        work.append(NewEvent::by(actor, about, asked)).await?;
    }
    Ok(())
}

/// What follows the number of a letter that waits for it, and the documents that it is about.
pub(crate) type Leaving = (Follows, Vec<DocumentEntry>);

impl Desk {
    /// Who numbers a letter, as the administrator says.
    pub(crate) async fn gives(&self, prepared: &Prepared, documents: &[NewDocument]) -> Outcome<Gives> {
        let Prepared { content, party, copies, certificate, .. } = prepared;
        let parties: Vec<&Party> = std::iter::once(party).chain(copies).collect();
        let Some(office) = body::office(self.archive.database(), &content.office).await? else {
            return refuse(Refusal::NotFound);
        };
        let going = if *certificate { Going::Certificate } else { Going::Letter };
        let (administration, now) = (office.administration.clone(), self.archive.now_ms());
        let placing =
            self.placing(&administration, content, (going, &parties, &office), documents, now).await?;
        Ok(placing.map_or(Gives::Here, Gives::Ordered))
    }

    /// What the number of a message brings about; `None` for one that comes in.
    pub(crate) async fn leaving(&self, id: &str) -> Outcome<Option<Leaving>> {
        let database = self.archive.database();
        let waits = message::message(database, id).await?.map(|row| row.state);
        if waits.as_deref() != Some(State::Prepared.code()) {
            return Ok(None);
        }
        for event in history::of_message(database, id).await? {
            if event.kind != "message.prepared" {
                continue;
            }
            if let Some(Event::MessagePrepared(act)) =
                self.archive.entry(event.log, event.idx).await?.map(|entry| entry.act)
            {
                let documents = message::documents(database, id).await?;
                return Ok(Some((act.follows, documents.into_iter().map(cited).collect())));
            }
        }
        Err(fault("a letter that waits, and nothing says for what"))
    }
}

fn cited(row: message::DocumentRow) -> DocumentEntry {
    DocumentEntry {
        id: row.id,
        name: row.name,
        media_type: row.media_type,
        size: row.size.cast_unsigned(),
        sha256: row.sha256,
        salt: String::new(),
        role: row.role,
        verification: None,
        sealed: row.sealed,
    }
}
