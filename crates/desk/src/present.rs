//! Filing: what was written is rendered as the primary document, presented and registered in one transaction. The
//! draft's identifier becomes the message's, so that a double click, a reload or a retry is one filing.

use plico_archive::read::inbox::{self, UploadRow};
use plico_archive::read::{body, message, queue};
use plico_archive::{ActError, NewDocument, NewEvent, Work};
use plico_crypto::DataKey;
use plico_database::args;
use plico_record::act::{
    Arrival, Basis, Content, Formation, FormationChecks, MessageAddedTo, MessagePresented, MessageRegistered,
};
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;
use plico_record::message::Step;
use plico_record::part::{DocumentEntry, Party, RegisterPart, RegisteredDocument};
use plico_vault::{Place, Stored};

use crate::delegation::stands;
use crate::outside::{Going, Placing, place};
use crate::refusal::{permit, refuse};
use crate::scheme::classified;
use crate::signed_draft::{DROP, Drafted, THERE, established, of_draft};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// What was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The message.
    pub message: String,
    /// `0000123/2026`; none while an outside registry is asked for it.
    pub number: Option<String>,
}

const STILL: &str = "select count(*) from draft where id = $1 and updated_ms = $2";
const SENT: &str = "select count(*) from message where id = $1";
const DELETE_DRAFT: &str = "delete from draft where id = $1";
const DELETE_UPLOADS: &str = "delete from upload where owner = $1";

/// A document stored and ready to be committed to.
pub(crate) fn committed(stored: Stored, key: DataKey, entry: DocumentEntry) -> NewDocument {
    let row = match stored.place {
        Place::Row(bytes) => Some(bytes),
        Place::File => None,
    };
    NewDocument { entry, blob: stored.blob, key, row }
}

impl Desk {
    /// What is still missing before a draft can be sent.
    pub async fn missing(&self, draft: &inbox::DraftRow) -> Outcome<Vec<FieldError>> {
        let mut errors = Vec::new();
        let kind = self.kind(&draft.administration, &draft.kind).await?;
        if draft.kind.is_empty() {
            errors.push(FieldError::required("kind"));
        } else if !kind.is_some_and(|kind| kind.offered || draft.purpose != "filing") {
            errors.push(FieldError::of("kind", "unknown"));
        }
        let open = self.open_office(&draft.administration, &draft.office).await?.is_some();
        if draft.office.is_empty() {
            errors.push(FieldError::required("office"));
        } else if !open {
            errors.push(FieldError::of("office", "unknown"));
        }
        for (field, text, limit) in [
            ("subject", &draft.subject, self.limits(&draft.administration).subject_chars),
            ("text", &draft.text, self.limits(&draft.administration).text_chars),
        ] {
            if text.is_empty() {
                errors.push(FieldError::required(field));
            } else if text.chars().count() > limit {
                errors.push(FieldError::too_long(field, limit));
            }
        }
        Ok(errors)
    }

    /// Sends a draft.
    pub async fn present(&self, actor: &Actor, draft_id: &str) -> Outcome<Filed> {
        let draft = match self.draft(actor, draft_id).await {
            Ok(draft) => draft,
            Err(ActError::Refused(Refusal::SentAlready(id))) => return self.filed(&id).await,
            Err(error) => return Err(error),
        };
        self.archive.need_room()?;
        let errors = self.missing(&draft).await?;
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        permit(actor, Deed::File, &Thing::Administration { id: actor.administration.clone() })?;
        let database = self.archive.database();
        let Some(sender) = queue::person(database, &draft.person).await? else {
            return refuse(Refusal::NotFound);
        };
        let Some(kind) = self.kind(&draft.administration, &draft.kind).await? else {
            return refuse(Refusal::NotFound);
        };
        let Some(office) = body::office(database, &draft.office).await? else {
            return refuse(Refusal::NotFound);
        };
        let about = match &draft.reply_to {
            Some(id) => message::message(database, id).await?,
            None => None,
        };
        if let Some(about) = &about {
            let deed = if draft.purpose == "addition" { Deed::Add } else { Deed::Reply };
            permit(actor, deed, &message::thing(database, about, false).await?)?;
        }
        let uploads = inbox::uploads(database, draft_id).await?;

        // Outside the transaction: the paper, rendered and stored.
        let now = self.archive.now_ms();
        let mut signed = signed(&uploads);
        let mut formation = Formation {
            document_type: kind.document_type.clone(),
            mode: "d".into(),
            confidential: kind.confidential,
            format: "application/pdf".into(),
            verification: FormationChecks { signed: !signed.is_empty(), ..FormationChecks::default() },
            retention_years: kind.retention_years,
        };
        let mut basis = match actor.login.as_ref().map(|login| login.method.as_str()) {
            Some("proxy" | "demo" | "token") => Basis::Identity,
            _ => Basis::NotEstablished,
        };
        let due =
            kind.term_days.filter(|_| about.is_none()).map(|days| LegalDay::at(now).term(days).to_string());
        let thread = about.as_ref().map(|about| about.thread.as_str());
        let drafted = Drafted {
            draft: &draft,
            sender: &sender,
            kind: &kind,
            office: &office,
            thread,
            uploads: &uploads,
        };
        let paper = self.filing_paper(actor, &drafted).await?;
        let content = paper.content.clone();
        let own = self.signature_of(&draft.id, paper.clone()).await?;
        if own.stale {
            return refuse(Refusal::Invalid(vec![FieldError::of("signature", "signature_stale")]));
        }
        let mut documents = Vec::with_capacity(uploads.len() + 1);
        if let Some(own) = &own.signed {
            let mut primary = self.document_of(&draft.administration, own, "primary").await?;
            let around = if own.media_type == "application/pdf" { "" } else { ".p7m" };
            primary.entry.name =
                format!("{}{around}", plico_package::name::clean(&format!("{}.pdf", kind.name)));
            documents.push(primary);
            signed.extend(self::signed(std::slice::from_ref(own)));
            formation.format.clone_from(&own.media_type);
            formation.verification.signed = true;
            if basis == Basis::NotEstablished && established(own, sender.fiscal_code.as_deref()) {
                basis = Basis::Signature;
            }
        } else {
            documents.push(self.store_paper(paper).await?);
        }
        let own = own.signed.map(|own| own.id);
        for upload in &uploads {
            documents.push(self.document_of(&draft.administration, upload, "attachment").await?);
        }
        let party = Party {
            v: 1,
            role: "sender".into(),
            person: sender.id.clone(),
            name: sender.name.clone(),
            fiscal_code: sender.fiscal_code.clone(),
            email: sender.email.clone(),
            organisation: sender.organisation,
        };
        let class = self.usable(&draft.administration, &kind.class).await?;
        let incoming = Incoming {
            content,
            party,
            basis,
            formation,
            due,
            documents,
            arrival: None,
            office,
            signed,
            class,
            others: Vec::new(),
        };
        let placing = self.placed(&incoming, now).await?;
        let (actor, updated) = (actor.clone(), draft.updated_ms);
        let thread = about.map(|about| (about, draft.purpose == "addition"));
        let filed = self
            .archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let id = incoming.content.message.clone();
                    stands(work, &actor).await?;
                    if work.tx.scalar_i64(SENT, args![&id]).await? > 0 {
                        return refuse(Refusal::SentAlready(id));
                    }
                    if work.tx.scalar_i64(STILL, args![&id, updated]).await? == 0 {
                        // It was changed in another window after this page was checked: check again.
                        return refuse(Refusal::Exists);
                    }
                    // The signature was taken away in another window: what is filed is not decided by chance.
                    let place = of_draft(&id);
                    if let Some(own) = own
                        && work.tx.scalar_i64(THERE, args![own, &place]).await? == 0
                    {
                        return refuse(Refusal::Exists);
                    }
                    let person = incoming.party.person.clone();
                    let number = take_in(work, &actor, incoming, placing).await?;
                    if let Some((about, addition)) = thread {
                        let added_to =
                            if addition { Some(about.id.clone()) } else { root_of(work, &about).await? };
                        if let Some(filing) = added_to {
                            let mut added = NewEvent::by(
                                &actor,
                                &filing,
                                MessageAddedTo { message: filing.clone(), by_message: id.clone() },
                            );
                            added.receipts = vec![(person, filing.clone())];
                            work.append(added).await?;
                        }
                    }
                    work.tx.write(DELETE_UPLOADS, args![&id])?;
                    work.tx.write(DROP, args![place])?;
                    work.tx.write(DELETE_DRAFT, args![&id])?;
                    Ok(Filed { message: id, number })
                })
            })
            .await;
        match filed {
            Err(ActError::Refused(Refusal::SentAlready(id))) => self.filed(&id).await,
            other => other,
        }
    }

    async fn filed(&self, id: &str) -> Outcome<Filed> {
        match message::message(self.archive.database(), id).await? {
            Some(row) => Ok(Filed { number: row.registration_number(), message: row.id }),
            None => refuse(Refusal::NotFound),
        }
    }

    /// The name of an administration.
    pub async fn body_name(&self, administration: &str) -> Outcome<String> {
        Ok(body::body(self.archive.database(), administration)
            .await?
            .map_or_else(String::new, |body| body.name))
    }

    /// An upload as a document of an event.
    pub(crate) async fn document_of(
        &self,
        administration: &str,
        upload: &UploadRow,
        role: &str,
    ) -> Outcome<NewDocument> {
        let key = self.upload_key(administration, upload).await?;
        let blob: [u8; 32] =
            upload.blob.clone().try_into().map_err(|_| crate::refusal::fault("upload blob"))?;
        let entry = DocumentEntry {
            id: upload.id.clone(),
            name: upload.name.clone(),
            media_type: upload.media_type.clone(),
            size: upload.size.cast_unsigned(),
            sha256: upload.sha256.clone(),
            salt: String::new(),
            role: role.into(),
            verification: upload.verification.as_ref().and_then(|text| serde_json::from_str(text).ok()),
            sealed: upload.sealed,
        };
        // Small ones are rows already: the upload inserted them.
        Ok(NewDocument { entry, blob, key, row: None })
    }
}

/// A message that comes in, whoever brings it, with its documents stored.
pub(crate) struct Incoming {
    pub(crate) content: Content,
    pub(crate) party: Party,
    pub(crate) basis: Basis,
    pub(crate) formation: Formation,
    pub(crate) due: Option<String>,
    pub(crate) documents: Vec<NewDocument>,
    /// How it came, where its sender did not present it himself.
    pub(crate) arrival: Option<Arrival>,
    pub(crate) office: body::Office,
    /// Which of the documents are signed.
    pub(crate) signed: Vec<String>,
    /// The class that its kind names.
    pub(crate) class: String,
    /// Who sent it together with its sender.
    pub(crate) others: Vec<Party>,
}

impl Desk {
    /// The order that numbers it, where an outside registry does.
    pub(crate) async fn placed(&self, incoming: &Incoming, now_ms: i64) -> Outcome<Option<Placing>> {
        let Incoming { content, party, others, documents, arrival, office, .. } = incoming;
        let presented_ms = arrival.as_ref().map_or(now_ms, |arrival| arrival.at);
        let parties: Vec<&Party> = std::iter::once(party).chain(others).collect();
        self.placing(&office.administration, content, (Going::In, &parties, office), documents, presented_ms)
            .await
    }
}

/// Takes in a message: presented, and numbered in the same transaction or ordered of an outside registry; its office
/// is told. Answers the number.
pub(crate) async fn take_in(
    work: &mut Work,
    actor: &Actor,
    incoming: Incoming,
    placing: Option<Placing>,
) -> Result<Option<String>, ActError<Refusal>> {
    let Incoming { content, party, basis, formation, due, documents, arrival, office, signed, class, others } =
        incoming;
    let id = content.message.clone();
    let registered = documents
        .iter()
        .map(|d| RegisteredDocument { name: d.entry.name.clone(), sha256: d.entry.sha256.clone() })
        .collect();
    let holder = vec![(party.person.clone(), id.clone())];
    let arrived_ms = arrival.as_ref().map(|arrival| arrival.at);
    let sender = party.person.clone();
    let parties: Vec<Party> = std::iter::once(party).chain(others).collect();
    let names = parties.iter().map(|party| party.name.clone()).collect();
    let others = parties.iter().skip(1).map(|party| party.person.clone()).collect();
    let act = MessagePresented { content: content.clone(), sender, basis, formation, due, arrival, others };
    let mut event = NewEvent::by(actor, &id, act);
    event.parties = parties;
    event.documents = documents;
    event.receipts.clone_from(&holder);
    let presented = work.append(event).await?;
    classified(work, &Actor::system(&actor.administration), &id, &class).await?;
    let number = if let Some(placing) = &placing {
        place(work, actor, &id, placing).await?;
        None
    } else {
        let part = RegisterPart {
            v: 1,
            area: String::new(),
            year: 0,
            number: 0,
            direction: "in".into(),
            at: presented.instant_ms,
            presented: Some(arrived_ms.unwrap_or(presented.instant_ms)),
            parties: names,
            subject: content.subject.clone(),
            office: office.name,
            documents: registered,
            outside: None,
        };
        let extra = Extra { receipts: holder, ..Extra::default() };
        Some(register(work, actor, &content, "in", part, extra).await?)
    };
    let key = format!("office/{id}");
    let payload = serde_json::json!({"v": 1, "message": id});
    work.enqueue("notify-office", &key, &actor.administration, &payload)?;
    crate::upload::scan_later(work, &actor.administration, &id).await?;
    if placing.is_none() {
        crate::verdict::renew_later(work, &actor.administration, &id, &signed)?;
    }
    Ok(number)
}

/// Identifiers of those that are signed.
pub(crate) fn signed(uploads: &[UploadRow]) -> Vec<String> {
    let signed = |upload: &&UploadRow| {
        upload.verification.as_ref().is_some_and(|text| text.contains("\"situation\":\"signed\""))
    };
    uploads.iter().filter(signed).map(|upload| upload.id.clone()).collect()
}

/// The filing at the root of a conversation, when one's answer belongs to it.
async fn root_of(work: &mut Work, about: &message::MessageRow) -> Result<Option<String>, ActError<Refusal>> {
    let root = work.message(&about.thread).await?;
    Ok(root.filter(|root| root.check(Step::Answer).is_ok()).map(|_| about.thread.clone()))
}

/// What a registration may carry besides.
#[derive(Default)]
pub(crate) struct Extra {
    pub(crate) outgoing: Option<(Content, Formation)>,
    pub(crate) documents: Vec<NewDocument>,
    pub(crate) parties: Vec<Party>,
    pub(crate) receipts: Vec<(String, String)>,
    /// The office that writes to another one of the body.
    pub(crate) from_office: Option<String>,
}

/// Numbers a message in the built-in register; answers `0000123/2026`.
pub(crate) async fn register(
    work: &mut Work,
    actor: &Actor,
    content: &Content,
    direction: &str,
    mut part: RegisterPart,
    extra: Extra,
) -> Result<String, ActError<Refusal>> {
    let number = work.next_number(&actor.administration).await?;
    part.area = number.area;
    part.year = number.year;
    part.number = number.number;
    enter(work, actor, content, direction, part, extra).await
}

/// Enters a message under the number that `part` names.
pub(crate) async fn enter(
    work: &mut Work,
    actor: &Actor,
    content: &Content,
    direction: &str,
    part: RegisterPart,
    extra: Extra,
) -> Result<String, ActError<Refusal>> {
    let (outgoing, formation) =
        extra.outgoing.map_or((None, None), |(content, formation)| (Some(content), Some(formation)));
    let number = plico_record::part::registration_number(part.number, part.year);
    let mut event = NewEvent::by(
        actor,
        &content.message,
        MessageRegistered {
            message: content.message.clone(),
            area: part.area.clone(),
            year: part.year,
            number: part.number,
            direction: direction.into(),
            outgoing,
            formation,
            from_office: extra.from_office,
        },
    );
    event.register = Some(part);
    event.documents = extra.documents;
    event.parties = extra.parties;
    event.receipts = extra.receipts;
    work.append(event).await?;
    Ok(number)
}
