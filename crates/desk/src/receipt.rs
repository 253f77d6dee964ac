//! The job that makes a receipt: once per event, holder and language, after the first checkpoint that covers the
//! event; sealed, stored, and the same bytes as long as it lives.

use plico_archive::content::Opened;
use plico_archive::outbox::Ended;
use plico_archive::read::{body, message, queue, registry};
use plico_archive::{ActError, Work, hex, tree};
use plico_card::qr;
use plico_crypto::DataKey;
use plico_database::args;
use plico_journal::Proof;
use plico_journal::proof::write_hashes;
use plico_locale::{Args, Lang};
use plico_pdf::paper::{Attachment, Block, Notice, Qr, Relationship, Sheet, Text, Tone, render};
use plico_pdf::seal::{RESERVE, Seal, seal};
use plico_record::act::Act;
use plico_record::day::rfc3339;
use plico_record::event::{Kind, ReceiptKind};
use plico_record::part::Party;
use plico_vault::Place;
use serde::Deserialize;

use crate::paper::{PaperFile, Words};
use crate::refusal::fault;
use crate::{Desk, Outcome};

/// What the job carries.
#[derive(Debug, Clone, Deserialize)]
pub struct Order {
    log: i64,
    index: i64,
    kind: String,
    holder: String,
    message: String,
}

const THERE: &str =
    "select count(*) from receipt where log = $1 and idx = $2 and holder = $3 and language = $4";
const INSERT: &str =
    "insert into receipt (id, log, idx, kind, administration, message, holder, language, name, size,
    sha256, blob, issued_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const GRANT: &str = "insert into access_grant (thing, holder, administration, epoch, wrapped, blob)
    values ($1, 'body', $2, $3, $4, $5)";

/// Everything a receipt says, gathered before it is laid out.
struct Facts {
    kind: ReceiptKind,
    body: String,
    office: String,
    responsible: String,
    who: String,
    /// Who opened, and whether for another.
    opened: Option<(String, bool)>,
    when_ms: i64,
    number: Option<String>,
    entry: Option<registry::Entry>,
    message: message::MessageRow,
    due: Option<String>,
    silence: String,
    files: Vec<PaperFile>,
    origin: String,
    index: i64,
    size: i64,
    url: String,
    demo: bool,
    id: String,
}

/// What is embedded.
struct Evidence {
    leaf: Vec<u8>,
    parts: Vec<Opened>,
    proof: String,
    earlier: Option<(String, String)>,
    /// In a successor log: its first leaf, that leaf's `act`, and its path.
    opening: Option<(Vec<u8>, Opened, String)>,
    policy: String,
}

impl Desk {
    /// Makes the receipt a job asks for; `Later` while no checkpoint covers the event.
    pub async fn issue_receipt(&self, administration: &str, payload: &str) -> Outcome<Ended> {
        let Ok(order) = serde_json::from_str::<Order>(payload) else {
            return Ok(Ended::GiveUp("the job's payload is not an order for a receipt".into()));
        };
        let lang = Lang::It;
        let database = self.archive.database();
        let known = args![order.log, order.index, &order.holder, lang.code()];
        if database.scalar_i64(THERE, known).await? > 0 {
            return Ok(Ended::Done);
        }
        let logs = self.archive.logs().await?;
        let Some(log) = logs.into_iter().find(|log| log.id == order.log) else {
            return Ok(Ended::GiveUp(format!("there is no log {}", order.log)));
        };
        let Some(checkpoint) = self.archive.checkpoint_covering(order.log, order.index).await? else {
            if log.closed {
                let why = "no checkpoint covers event";
                return Ok(Ended::GiveUp(format!(
                    "{why} {} of {}: it was restored",
                    order.index, log.origin
                )));
            }
            return Ok(Ended::Later(300));
        };
        let vault = self.archive.vault();
        let (index, size) = (order.index.cast_unsigned(), checkpoint.size.cast_unsigned());
        let hashes = tree::inclusion(vault, order.log, index, size).await?;
        let (signed, note) =
            plico_journal::Checkpoint::parse_note(checkpoint.note.as_bytes()).map_err(fault)?;
        let proof = Proof { extra: None, index, hashes, checkpoint: signed, note };
        let earlier = match self.archive.checkpoint_before(order.log, order.index).await? {
            Some(before) => {
                let path = tree::consistency(vault, order.log, before.size.cast_unsigned(), size).await?;
                Some((before.note, write_hashes(&path)))
            }
            None => None,
        };
        let parts = self.archive.parts(order.log, order.index).await?;
        let evidence = Evidence {
            leaf: self.archive.leaf(order.log, order.index).await?,
            parts: parts.into_iter().filter(|part| holder_may_know(part, &order.holder)).collect(),
            proof: proof.to_string(),
            earlier,
            opening: if log.successor > 1 { self.opening(order.log, size).await? } else { None },
            policy: format!("log {}\nquorum none\n", self.archive.verifier_key(&log.origin)?),
        };
        let Some(facts) = self.facts(administration, &order, &log.origin, checkpoint.size).await? else {
            return Ok(Ended::GiveUp("the message of this receipt is missing".into()));
        };
        let id = facts.id.clone();
        let name = format!("{}.pdf", receipt_name(&facts));
        let sealed = self.lay_out(facts, evidence, lang).await?;
        self.keep(administration, &order, lang, id, name, &sealed).await?;
        Ok(Ended::Done)
    }

    /// What shows which log this one goes on from.
    async fn opening(&self, log: i64, size: u64) -> Outcome<Option<(Vec<u8>, Opened, String)>> {
        let Some(act) = self.archive.parts(log, 0).await?.into_iter().find(|part| part.name == "act") else {
            return Ok(None);
        };
        let path = tree::inclusion(self.archive.vault(), log, 0, size).await?;
        Ok(Some((self.archive.leaf(log, 0).await?, act, write_hashes(&path))))
    }

    async fn facts(
        &self,
        administration: &str,
        order: &Order,
        origin: &str,
        size: i64,
    ) -> Outcome<Option<Facts>> {
        let database = self.archive.database();
        let entry = self.archive.entry(order.log, order.index).await?;
        let (Some(event), Some(message)) = (entry, message::message(database, &order.message).await?) else {
            return Ok(None);
        };
        let Some(kind) = Kind::parse(event.act.kind().name()).and_then(Kind::receipt) else {
            return Ok(None);
        };
        let registration = registry::entry(database, &order.message).await?;
        let office = body::office(database, &message.office).await?;
        let silence =
            self.kind(administration, &message.kind).await?.map_or_else(String::new, |kind| kind.silence);
        let holder = queue::person(database, &order.holder).await?;
        let documents = message::documents(database, &order.message).await?;
        debug_assert_eq!(kind.code(), order.kind);
        Ok(Some(Facts {
            kind,
            body: self.body_name(administration).await?,
            office: office.as_ref().map_or_else(String::new, |office| office.name.clone()),
            responsible: message
                .responsible
                .clone()
                .or_else(|| office.map(|office| office.responsible))
                .unwrap_or_default(),
            opened: match &event.act {
                Act::DeliveryOpened(act) => Some((event.actor.name.clone(), act.opened_as == "delegate")),
                _ => None,
            },
            who: holder.map_or_else(String::new, |person| person.name),
            when_ms: event.at.instant_ms,
            number: registration.as_ref().map(registry::Entry::text),
            due: message.due.clone(),
            silence,
            files: documents.iter().map(PaperFile::of_document).collect(),
            entry: registration,
            message,
            origin: origin.into(),
            index: order.index,
            size,
            url: format!("{}/verifica", self.public_url),
            demo: self.archive.is_demo().await?,
            id: self.fresh_id(),
        }))
    }

    async fn lay_out(&self, facts: Facts, evidence: Evidence, lang: Lang) -> Outcome<Vec<u8>> {
        let catalogue = self.catalogue.clone();
        let sealer = self.sealer()?;
        let now = self.archive.now_ms();
        tokio::task::spawn_blocking(move || {
            let words = Words(&catalogue, lang);
            let pdf = render(&sheet(&words, &facts, evidence)).map_err(fault)?;
            let Some(sealer) = sealer else { return Ok(pdf) };
            let reason = words.t("receipt-seal-reason");
            let how = Seal { name: &facts.body, reason: &reason, at_ms: now, reserve: RESERVE };
            seal(&pdf, &how, |digest| sealer.sign_detached(digest)).map_err(fault)
        })
        .await
        .map_err(fault)?
    }

    async fn keep(
        &self,
        administration: &str,
        order: &Order,
        lang: Lang,
        id: String,
        name: String,
        pdf: &[u8],
    ) -> Outcome<()> {
        let key = DataKey::new(self.archive.entropy().bytes());
        let stored = self
            .archive
            .vault()
            .store(&key, self.archive.entropy().bytes(), pdf)
            .await
            .map_err(plico_archive::ArchiveError::from)?;
        let thing = format!("receipt:{id}");
        let (epoch, wrapped) = self.archive.wrap(administration, &thing, key.expose())?;
        let (order, administration) = (order.clone(), administration.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let known = args![order.log, order.index, &order.holder, lang.code()];
                    if work.tx.scalar_i64(THERE, known).await? > 0 {
                        return Ok(());
                    }
                    if let Place::Row(bytes) = &stored.place {
                        work.insert_blob(&stored.blob, bytes).await?;
                    }
                    let now = work.now_ms();
                    work.tx
                        .execute(
                            INSERT,
                            args![
                                id,
                                order.log,
                                order.index,
                                order.kind,
                                &administration,
                                order.message,
                                order.holder,
                                lang.code(),
                                name,
                                stored.size,
                                hex(&stored.sha256),
                                stored.blob,
                                now
                            ],
                        )
                        .await?;
                    work.tx.execute(GRANT, args![thing, administration, epoch, wrapped, stored.blob]).await?;
                    Ok::<_, ActError<crate::Refusal>>(())
                })
            })
            .await
    }
}

/// The holder knows what happened, who did it, the documents, the register's entry and himself; never the login
/// evidence, the office's internal part or another person.
fn holder_may_know(part: &Opened, holder: &str) -> bool {
    match part.name.as_str() {
        "act" | "actor" | "documents" | "register" => true,
        name if name.starts_with("party.") => {
            serde_json::from_slice::<Party>(&part.bytes).is_ok_and(|party| party.person == holder)
        }
        _ => false,
    }
}

fn receipt_name(facts: &Facts) -> String {
    let number = facts.number.as_deref().unwrap_or(&facts.message.id).replace('/', "-");
    format!("ricevuta-{}-{number}", facts.kind.code())
}

fn sheet(words: &Words<'_>, facts: &Facts, evidence: Evidence) -> Sheet {
    let code = facts.kind.code();
    let title = words.t(&format!("receipt-{code}-title"));
    let mut sheet = words.sheet(&facts.body, &facts.office, &title, &facts.id, facts.when_ms);
    let args = Args::new()
        .with("when", words.0.datetime(words.1, facts.when_ms))
        .with("who", facts.who.clone())
        .with("body", facts.body.clone())
        .with("office", facts.office.clone())
        .with("number", facts.number.clone().unwrap_or_default());
    let lead = words.with(&format!("receipt-{code}-lead"), &args);
    let mut list = Vec::new();
    list.extend(
        facts.number.clone().map(|number| words.fact("paper-number", Text::default().strong(number))),
    );
    if let Some(entry) = &facts.entry {
        list.push(words.fact("paper-registered", words.0.datetime(words.1, entry.registered_ms)));
        list.extend(
            entry.presented_ms.map(|ms| words.fact("paper-presented", words.0.datetime(words.1, ms))),
        );
    }
    if let Some((who, delegate)) = &facts.opened {
        let opened = if *delegate { "paper-opened-by-delegate" } else { "paper-opened-by" };
        list.push(words.fact(opened, who.clone()));
    }
    list.push(words.fact("paper-subject", facts.message.subject.clone()));
    list.push(words.fact("paper-office", facts.office.clone()));
    if !facts.responsible.is_empty() {
        list.push(words.fact("paper-responsible", facts.responsible.clone()));
    }
    list.push(words.fact("paper-identifier", Text::default().mono(facts.message.id.clone())));
    list.push(words.fact("paper-instant", Text::default().mono(rfc3339(facts.when_ms))));
    sheet.blocks = vec![Block::Title(title), Block::Lead(lead.into()), Block::Facts(list)];
    if matches!(facts.kind, ReceiptKind::Presentation | ReceiptKind::Registration)
        && facts.message.direction == "in"
    {
        sheet.blocks.push(Block::Paragraph(term(words, facts).into()));
    }
    sheet.blocks.push(Block::Heading(words.t("paper-documents")));
    sheet.blocks.push(words.listed(&facts.files));
    sheet.blocks.push(Block::Notice(Notice {
        tone: Tone::Calm,
        title: words.t("receipt-not-title"),
        text: words.t(&format!("receipt-not-{code}")).into(),
    }));
    sheet.blocks.push(Block::Heading(words.t("receipt-evidence")));
    sheet.blocks.push(Block::Facts(vec![
        words.fact("receipt-log", Text::default().mono(facts.origin.clone())),
        words.fact("receipt-position", facts.index.to_string()),
        words.fact(
            "receipt-checkpoint",
            words.with("receipt-checkpoint-value", &Args::new().with("size", facts.size.to_string())),
        ),
    ]));
    sheet.blocks.push(Block::Notice(Notice {
        tone: Tone::Caution,
        title: words.t("receipt-missing-title"),
        text: words.t("receipt-missing").into(),
    }));
    let url = Args::new().with("url", facts.url.clone());
    if let Ok(modules) = qr::modules(&facts.url, qr::Level::Medium) {
        sheet.blocks.push(Block::Qr(Qr {
            size: modules.size,
            dark: modules.bits,
            width_mm: 30,
            alt: words.with("receipt-qr-alt", &url),
            title: words.t("receipt-check-title"),
            text: words.with("receipt-check", &url).into(),
        }));
    }
    if facts.demo {
        sheet.watermark = Some(words.t("paper-prova"));
        sheet.blocks.push(words.demo());
    }
    sheet.attachments = attachments(words, evidence);
    sheet
}

fn term(words: &Words<'_>, facts: &Facts) -> String {
    let Some(due) = facts.due.as_deref().and_then(plico_record::day::LegalDay::parse) else {
        return words.t("receipt-no-term");
    };
    let date = words.0.date(words.1, due.start_ms());
    let silence = match facts.silence.as_str() {
        "assent" => "receipt-silence-assent",
        "denial" => "receipt-silence-denial",
        _ => "receipt-silence-none",
    };
    format!("{} {}", words.with("receipt-term", &Args::new().with("date", date)), words.t(silence))
}

fn attachments(words: &Words<'_>, evidence: Evidence) -> Vec<Attachment> {
    let parts = written(evidence.parts);
    let mut list = vec![
        ("leaf.json", "application/json", "receipt-attachment-leaf", evidence.leaf),
        ("parts.json", "application/json", "receipt-attachment-parts", parts),
        ("proof.tlog-proof", "text/plain", "receipt-attachment-proof", evidence.proof.into_bytes()),
        ("policy.txt", "text/plain", "receipt-attachment-policy", evidence.policy.into_bytes()),
    ];
    if let Some((checkpoint, consistency)) = evidence.earlier {
        list.push((
            "earlier.checkpoint",
            "text/plain",
            "receipt-attachment-earlier",
            checkpoint.into_bytes(),
        ));
        list.push((
            "consistency.txt",
            "text/plain",
            "receipt-attachment-consistency",
            consistency.into_bytes(),
        ));
    }
    if let Some((leaf, act, path)) = evidence.opening {
        let description = "receipt-attachment-opening";
        list.push(("opening.json", "application/json", description, leaf));
        list.push(("opening-parts.json", "application/json", description, written(vec![act])));
        list.push(("opening.txt", "text/plain", description, path.into_bytes()));
    }
    list.into_iter()
        .map(|(name, media_type, description, bytes)| Attachment {
            name: name.into(),
            media_type: media_type.into(),
            description: words.t(description),
            bytes,
            relationship: Relationship::Supplement,
        })
        .collect()
}

/// Parts as the verifier reads them.
fn written(parts: Vec<Opened>) -> Vec<u8> {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let mut open = serde_json::Map::new();
    for part in parts {
        let text = serde_json::json!({"salt": base64.encode(part.salt), "bytes": base64.encode(&part.bytes)});
        open.insert(part.name, text);
    }
    serde_json::json!({"v": 1, "parts": open}).to_string().into_bytes()
}
