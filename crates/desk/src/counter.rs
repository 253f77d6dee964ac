//! The counter: what comes by hand, by post or in any other way than the portal is taken in by the registry office. It gets
//! its number and its receipts like what its sender presents himself; a scan may follow later.

use plico_archive::read::receipt::{self, ReceiptRow};
use plico_archive::read::{emergency, queue};
use plico_archive::{NewEvent, Work};
use plico_card::code128;
use plico_database::args;
use plico_locale::Lang;
use plico_pdf::paper::label::{Label, Stock, labels};
use plico_pdf::paper::{Qr, Text};
use plico_record::act::{
    Arrival, Basis, Content, EmergencyNumber, Formation, FormationChecks, MessageScanned,
};
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;
use plico_record::fiscal::FiscalCode;
use plico_record::message::Unfit;
use plico_record::part::Party;

use crate::entry_form::{Brought, EntryForm};
use crate::paper::{FilingPaper, PaperFile};
use crate::present::{Filed, Incoming, signed, take_in};
use crate::refusal::{fault, permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// How something may come.
pub const CHANNELS: [&str; 7] = ["hand", "post", "registered_post", "courier", "fax", "mail", "pec"];
/// How its sender is known.
pub const BASES: [(&str, Basis); 4] = [
    ("in_person", Basis::InPerson),
    ("identity_copy", Basis::IdentityCopy),
    ("signature", Basis::Signature),
    ("not_established", Basis::NotEstablished),
];
/// A clock of the counter may run so far ahead (milliseconds).
const AHEAD_MS: i64 = 60_000;

/// What is taken in, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Counter {
    /// Code of the kind.
    pub kind: String,
    /// The office it is for.
    pub office: String,
    /// Subject.
    pub subject: String,
    /// What else is worth telling; may be empty.
    pub text: String,
    /// One of [`CHANNELS`].
    pub channel: String,
    /// One of [`BASES`].
    pub basis: String,
    /// The sender's name.
    pub name: String,
    /// His fiscal code or VAT number; may be empty.
    pub fiscal_code: String,
    /// His e-mail; may be empty.
    pub email: String,
    /// Whether it is a company or a body.
    pub organisation: bool,
    /// Who sent it too, one a line: name and, after a semicolon, the code; may be empty.
    pub others: String,
    /// When it arrived (UTC milliseconds); none is now.
    pub arrived_ms: Option<i64>,
    /// Why it is registered on a later day.
    pub deferred: String,
    /// The sender's own number; may be empty.
    pub sender_number: String,
    /// And its date, `YYYY-MM-DD`; may be empty.
    pub sender_date: String,
    /// The emergency register that it was numbered on first; empty is none.
    pub emergency: String,
    /// Its number there.
    pub emergency_number: u32,
    /// The form's own token: taking in twice is one registration.
    pub token: String,
}

const ENTERED: &str = "select count(*) from emergency_entry where emergency = $1 and number = $2";
const DELETE_UPLOADS: &str = "delete from upload where owner = $1";
const PERSON_OF_CODE: &str = "select id from person where administration = $1 and fiscal_code = $2";

impl Desk {
    /// Whether somebody works at the counter.
    pub fn takes_in(&self, actor: &Actor) -> Outcome<()> {
        permit(actor, Deed::TakeIn, &Thing::Administration { id: actor.administration.clone() })
    }

    /// Takes in what came, numbers it, and orders its receipts.
    pub async fn take_in(&self, actor: &Actor, counter: Counter) -> Outcome<Filed> {
        self.takes_in(actor)?;
        let words = [&counter.name, &counter.fiscal_code, &counter.subject, &counter.text, &counter.kind];
        let sent = EntryForm::new("counter", &counter.token, &words.map(String::as_str));
        if let Some(filed) = self.entered_before(actor, &sent).await? {
            return Ok(filed);
        }
        self.archive.need_room()?;
        let now = self.archive.now_ms();
        let (kind, office) = (
            self.kind(&actor.administration, &counter.kind).await?,
            self.open_office(&actor.administration, &counter.office).await?,
        );
        let (errors, code) = self.wrong(actor, &counter, (kind.is_some(), office.is_some()), now);
        let mut errors = errors;
        errors.extend(self.wrong_emergency(actor, &counter).await?);
        let others = match crate::senders::typed(&counter.others, code.as_ref()) {
            Ok(others) => others,
            Err(error) => {
                errors.push(error);
                Vec::new()
            }
        };
        let (Some(kind), Some(office), true) = (kind, office, errors.is_empty()) else {
            return refuse(Refusal::Invalid(errors));
        };
        let arrived_ms = counter.arrived_ms.unwrap_or(now).min(now);
        let party = self.counter_party(actor, &counter, code).await?;
        let others = self.parties(actor, others, "sender").await?;
        let (owner, uploads) = self.form_files(actor, &counter.token).await?;
        let id = self.fresh_id();
        let content = Content {
            message: id.clone(),
            kind: kind.code.clone(),
            office: office.id.clone(),
            subject: counter.subject.trim().to_owned(),
            text: counter.text.trim().to_owned(),
            thread: id,
            reply_to: None,
            effect: None,
        };
        let paper = FilingPaper {
            administration: self.body_name(&actor.administration).await?,
            office: office.name.clone(),
            kind: kind.name.clone(),
            sender: queue::PersonRow {
                id: party.person.clone(),
                administration: actor.administration.clone(),
                name: party.name.clone(),
                fiscal_code: party.fiscal_code.clone(),
                email: party.email.clone(),
                organisation: party.organisation,
            },
            others: others.iter().map(|other| (other.name.clone(), other.fiscal_code.clone())).collect(),
            author: actor.name.clone(),
            on_behalf: false,
            content: content.clone(),
            created_ms: now,
            files: uploads.iter().map(PaperFile::of_upload).collect(),
            demo: self.archive.is_demo().await?,
        };
        let mut documents = vec![self.store_paper(paper).await?];
        for upload in &uploads {
            documents.push(self.document_of(&actor.administration, upload, "attachment").await?);
        }
        let signed = signed(&uploads);
        let class = self.usable(&actor.administration, &kind.class).await?;
        let text =
            |text: &str| Some(text.trim().chars().take(500).collect::<String>()).filter(|t| !t.is_empty());
        let incoming = Incoming {
            due: kind.term_days.map(|days| LegalDay::at(arrived_ms).term(days).to_string()),
            formation: Formation {
                document_type: kind.document_type.clone(),
                mode: "c".into(),
                confidential: kind.confidential,
                format: "application/pdf".into(),
                verification: FormationChecks { signed: !signed.is_empty(), ..FormationChecks::default() },
                retention_years: kind.retention_years,
            },
            basis: BASES
                .iter()
                .find(|(code, _)| *code == counter.basis)
                .map_or(Basis::NotEstablished, |(_, basis)| *basis),
            arrival: Some(Arrival {
                channel: counter.channel.clone(),
                at: arrived_ms,
                deferred: text(&counter.deferred),
                sender_number: text(&counter.sender_number),
                sender_date: text(&counter.sender_date),
                emergency: (!counter.emergency.is_empty()).then(|| EmergencyNumber {
                    emergency: counter.emergency.clone(),
                    number: counter.emergency_number,
                }),
                mail: None,
            }),
            content,
            party,
            documents,
            office,
            signed,
            class,
            others,
        };
        let placing = self.placed(&incoming, now).await?;
        let emergency = (counter.emergency.clone(), counter.emergency_number);
        // What is signed is looked at again when its number comes: `take_in` orders that.
        let brought = Brought { owner, signed: Vec::new(), message: incoming.content.message.clone() };
        self.enter_form(actor, sent, brought, move |work, actor| {
            Box::pin(async move {
                if !emergency.0.is_empty()
                    && work.tx.scalar_i64(ENTERED, args![&emergency.0, emergency.1]).await? > 0
                {
                    let wrong = FieldError::of("emergency_number", "emergency_number");
                    return refuse(Refusal::Invalid(vec![wrong]));
                }
                let mut incoming = incoming;
                // Somebody may have come to know the same person a moment ago.
                for party in std::iter::once(&mut incoming.party).chain(&mut incoming.others) {
                    if let Some(code) = &party.fiscal_code
                        && let Some(known) =
                            work.tx.scalar_text(PERSON_OF_CODE, args![&actor.administration, code]).await?
                    {
                        party.person = known;
                    }
                }
                take_in(work, actor, incoming, placing).await
            })
        })
        .await
    }

    /// What does not fit, and the fiscal code.
    fn wrong(
        &self,
        actor: &Actor,
        counter: &Counter,
        (kind, office): (bool, bool),
        now: i64,
    ) -> (Vec<FieldError>, Option<FiscalCode>) {
        let mut errors = Vec::new();
        let mut known = |field: &'static str, text: &str, known: bool| match (text.is_empty(), known) {
            (true, _) => errors.push(FieldError::required(field)),
            (false, false) => errors.push(FieldError::of(field, "unknown")),
            _ => {}
        };
        known("channel", &counter.channel, CHANNELS.contains(&counter.channel.as_str()));
        known("basis", &counter.basis, BASES.iter().any(|(code, _)| *code == counter.basis));
        known("kind", &counter.kind, kind);
        known("office", &counter.office, office);
        let limits = self.limits(&actor.administration);
        for (field, text, most) in
            [("name", &counter.name, 200), ("subject", &counter.subject, limits.subject_chars)]
        {
            if text.trim().is_empty() {
                errors.push(FieldError::required(field));
            } else if text.trim().chars().count() > most {
                errors.push(FieldError::too_long(field, most));
            }
        }
        if counter.text.chars().count() > limits.text_chars {
            errors.push(FieldError::too_long("text", limits.text_chars));
        }
        let code = counter.fiscal_code.trim();
        let parsed = if code.is_empty() { None } else { FiscalCode::parse(code).ok() };
        if !code.is_empty() && parsed.is_none() {
            errors.push(FieldError::of("fiscal_code", "fiscal_code"));
        }
        if !counter.email.trim().is_empty() && !counter.email.contains('@') {
            errors.push(FieldError::of("email", "email"));
        }
        match counter.arrived_ms {
            Some(at) if at > now + AHEAD_MS => errors.push(FieldError::of("arrived_day", "future")),
            // The dates of presentation and registration may not differ without a reason.
            Some(at) if LegalDay::at(at) < LegalDay::at(now) && counter.deferred.trim().is_empty() => {
                errors.push(FieldError::required("deferred"));
            }
            _ => {}
        }
        let date = counter.sender_date.trim();
        if !date.is_empty() && LegalDay::parse(date).is_none() {
            errors.push(FieldError::of("sender_date", "date"));
        }
        (errors, parsed)
    }

    /// A number of the emergency register is entered once.
    async fn wrong_emergency(&self, actor: &Actor, counter: &Counter) -> Outcome<Option<FieldError>> {
        if counter.emergency.is_empty() {
            return Ok(None);
        }
        let row = emergency::one(self.archive.database(), &counter.emergency).await?;
        let Some(row) = row.filter(|row| row.administration == actor.administration) else {
            return Ok(Some(FieldError::of("emergency", "unknown")));
        };
        let Some(arrived) = counter.arrived_ms else {
            return Ok(Some(FieldError::required("arrived_day")));
        };
        // It is entered as of the day on which it was registered by hand.
        let day = LegalDay::at(arrived);
        if day < LegalDay::at(row.from_ms) || row.to_ms.is_some_and(|to| day > LegalDay::at(to)) {
            return Ok(Some(FieldError::of("arrived_day", "emergency_day")));
        }
        let totals: Vec<(String, u32)> = serde_json::from_str(&row.totals).unwrap_or_default();
        let beyond = row.to_ms.is_some()
            && i64::from(counter.emergency_number) > totals.iter().map(|(_, many)| i64::from(*many)).sum();
        let entered = emergency::entered(self.archive.database(), &row.id).await?;
        let known = entered.iter().any(|entry| entry.number == i64::from(counter.emergency_number));
        let wrong = counter.emergency_number == 0 || known || beyond;
        Ok(wrong.then(|| FieldError::of("emergency_number", "emergency_number")))
    }

    /// The sender: known by his code, or new. Whoever has no code is a person of this one message.
    async fn counter_party(
        &self,
        actor: &Actor,
        counter: &Counter,
        code: Option<FiscalCode>,
    ) -> Outcome<Party> {
        let database = self.archive.database();
        let known = match &code {
            Some(code) => queue::person_by_code(database, &actor.administration, code.as_str()).await?,
            None => None,
        };
        // Where a known person is told is his own to say.
        let typed = Some(counter.email.trim().to_owned()).filter(|email| !email.is_empty());
        let email = known.as_ref().map_or(typed, |known| known.email.clone());
        Ok(Party {
            v: 1,
            role: "sender".into(),
            person: known.as_ref().map_or_else(|| self.fresh_id(), |known| known.id.clone()),
            name: known
                .as_ref()
                .filter(|known| known.fiscal_code.as_ref() != Some(&known.name))
                .map_or_else(|| counter.name.trim().to_owned(), |known| known.name.clone()),
            organisation: code.as_ref().map_or(counter.organisation, |code| !code.is_person()),
            fiscal_code: code.map(Into::into),
            email,
        })
    }

    /// Adds the files of a form to a message that was taken in at the counter.
    pub async fn attach_scan(&self, actor: &Actor, message: &str, token: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::TakeIn, message).await?;
        if row.channel.is_empty() {
            return refuse(Refusal::NotFound);
        }
        let (owner, uploads) = self.form_files(actor, token).await?;
        if uploads.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("files")]));
        }
        let mut documents = Vec::with_capacity(uploads.len());
        for upload in &uploads {
            documents.push(self.document_of(&actor.administration, upload, "scan").await?);
        }
        let signed = signed(&uploads);
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let act = MessageScanned { message: row.id.clone() };
                    let mut event = NewEvent::by(&actor, &row.id, act);
                    event.documents = documents;
                    work.append(event).await?;
                    crate::upload::scan_later(work, &actor.administration, &owner.0).await?;
                    crate::verdict::renew_later(work, &actor.administration, &row.id, &signed)?;
                    work.tx.write(DELETE_UPLOADS, args![owner.0])?;
                    Ok(())
                })
            })
            .await
    }
}

/// A label to stick on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Print {
    /// On a roll.
    Roll,
    /// On a sheet, at this place.
    Sheet(usize),
}

impl Desk {
    /// The receipts of what was taken in at the counter, to be handed over: its sender has no other way to them.
    pub async fn counter_receipts(&self, actor: &Actor, message: &str) -> Outcome<Vec<ReceiptRow>> {
        let row = self.allowed_message(actor, Deed::TakeIn, message).await?;
        match row.sender.filter(|_| !row.channel.is_empty()) {
            Some(sender) => Ok(receipt::of_message(self.archive.database(), message, &sender).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Whether a receipt is of something that the actor's counter took in.
    pub(crate) async fn handed_over(&self, actor: &Actor, row: &ReceiptRow) -> bool {
        let Some(message) = &row.message else { return false };
        let allowed = self.allowed_message(actor, Deed::TakeIn, message).await;
        allowed
            .is_ok_and(|message| !message.channel.is_empty() && message.sender.as_ref() == Some(&row.holder))
    }

    /// The label of a registered message: number, day, office, a QR code to its page at the office, and the number as bars.
    pub async fn label(&self, actor: &Actor, message: &str, print: Print, lang: Lang) -> Outcome<Vec<u8>> {
        let row = self.allowed_message(actor, Deed::TakeIn, message).await?;
        let Some(number) = row.registration_number() else {
            return refuse(Refusal::Unfit(Unfit::NotRegistered));
        };
        let registered_ms = row.registered_ms.unwrap_or(row.instant_ms);
        let url = format!("{}/ufficio/messaggi/{}", self.public_url, row.id);
        let (title, alt) = {
            let words = crate::paper::Words(&self.catalogue, lang);
            (words.t("label-title"), words.t("label-qr"))
        };
        let qr = plico_card::qr::modules(&url, plico_card::qr::Level::Medium).map_err(fault)?;
        let label = Label {
            administration: self.body_name(&row.administration).await?,
            bars: code128::modules(&number).unwrap_or_default(),
            number,
            lines: vec![self.catalogue.datetime(lang, registered_ms), row.office_name.clone()],
            qr: Some(Qr {
                size: qr.size,
                dark: qr.bits,
                width_mm: 20,
                alt,
                title: String::new(),
                text: Text::default(),
            }),
        };
        let stock = match print {
            Print::Roll => Stock::Roll,
            Print::Sheet(place) => Stock::Sheet(place),
        };
        labels(&[label], stock, &title, lang.code()).map_err(fault)
    }
}
