//! What goes in, decided before anything is written.

use std::collections::{BTreeMap, HashSet};

use plico_archive::checkpoint::{CheckpointRow, LogRow};
use plico_archive::hex32;
use plico_archive::read::history::Happened;
use plico_archive::read::message::{self, DocumentRow, MessageRow};
use plico_archive::read::queue::CaseRow;
use plico_archive::read::receipt::{self, ReceiptRow};
use plico_archive::read::{dossier as read, registry};
use plico_evidence::beside::beside;
use plico_evidence::dossier as layout;
use plico_locale::Lang;
use plico_package::name;
use plico_record::act::{Act, Formation};

use super::metadata;
use crate::refusal::{fault, refuse};
use crate::{Desk, Outcome, Refusal};

/// Everything that a dossier will hold.
#[derive(Debug)]
pub struct Plan {
    /// Its own name: of the file (with `.zip`) and of the folder in it.
    pub name: String,
    /// The case file.
    pub case: String,
    pub(super) about: About,
    pub(super) items: Vec<Item>,
    /// The events, log by log.
    pub(super) logs: Vec<LogPlan>,
}

/// What the indexes say.
#[derive(Debug)]
pub(super) struct About {
    pub(super) body: String,
    pub(super) office: String,
    pub(super) title: String,
    pub(super) number: String,
    pub(super) opened_ms: i64,
    pub(super) closed_ms: Option<i64>,
    /// The instant that the dossier speaks of: that of the last checkpoint it rests on.
    pub(super) instant_ms: i64,
    pub(super) origin: String,
    pub(super) demo: bool,
    pub(super) messages: Vec<MessageLine>,
    pub(super) receipts: Vec<Line>,
    pub(super) events: Vec<(String, i64)>,
}

#[derive(Debug)]
pub(super) struct MessageLine {
    pub(super) number: String,
    pub(super) direction: String,
    pub(super) instant_ms: i64,
    pub(super) subject: String,
    pub(super) party: String,
    pub(super) documents: Vec<Line>,
}

/// A file, as the indexes list it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) path: Option<String>,
    pub(super) name: String,
    pub(super) sha256: String,
    pub(super) size: u64,
}

/// A file of the payload.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) media_type: String,
    pub(super) size: u64,
    /// Its digest, of what a grant opens: its ciphertext opens only to the bytes that were hashed when they came.
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) content: Content,
    pub(super) group: Group,
}

#[derive(Debug)]
pub(super) enum Content {
    /// What a grant opens: `document:<id>`, `receipt:<id>`.
    Granted(String),
    /// Made here.
    Bytes(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    Documents,
    Marks,
    Metadata,
    Receipts,
    History,
    Indexes,
}

/// The events of one log, and what proves them.
#[derive(Debug)]
pub(super) struct LogPlan {
    pub(super) log: LogRow,
    pub(super) number: u32,
    pub(super) events: Vec<Happened>,
    /// The first that covers all of them.
    pub(super) checkpoint: CheckpointRow,
    /// The last that covers none of them.
    pub(super) before: Option<CheckpointRow>,
}

impl Desk {
    pub(super) async fn plan(&self, case: CaseRow) -> Outcome<Plan> {
        let database = self.archive.database();
        let logs = self.log_plans(&case.id).await?;
        let Some(last) = logs.last() else { return refuse(Refusal::NotFound) };
        let name = format!("fascicolo-{}-{}", case.year, case.number);
        let mut about = About {
            body: self.body_name(&case.administration).await?,
            office: case.office_name.clone(),
            title: case.title.clone(),
            number: format!("{}/{}", case.year, case.number),
            opened_ms: case.opened_ms,
            closed_ms: case.closed_ms,
            instant_ms: last.checkpoint.instant_ms,
            origin: last.log.origin.clone(),
            demo: self.archive.is_demo().await?,
            messages: Vec::new(),
            receipts: Vec::new(),
            events: logs.iter().flat_map(|log| &log.events).map(|e| (e.kind.clone(), e.instant_ms)).collect(),
        };
        let formations = self.formations(&logs).await?;
        let mut items = Vec::new();
        let mut taken = HashSet::new();
        for (place, row) in read::messages(database, &case.id).await?.into_iter().enumerate() {
            let folder = folder_of(place, &row);
            let documents = message::documents(database, &row.id).await?;
            let mut lines = Vec::new();
            for document in &documents {
                lines.push(document_item(document, &folder, &mut items, &mut taken));
            }
            // Of what was destroyed there is nothing to mark.
            let entry = registry::entry(database, &row.id).await?;
            if let Some(entry) = entry.filter(|_| row.destruction.is_none()) {
                let bytes = self.mark(&row, &documents, entry, &about.body, Lang::It).await?;
                items.push(Item {
                    id: format!("segnatura-{}", row.id),
                    path: format!("segnature/{folder}.pdf"),
                    media_type: "application/pdf".into(),
                    size: bytes.len() as u64,
                    sha256: None,
                    content: Content::Bytes(bytes),
                    group: Group::Marks,
                });
            }
            let party = self.counterpart(&row).await?;
            let class = self.class(&row.administration, &row.class).await?.map(|class| class.title);
            for document in documents.iter().filter(|document| is_here(document)) {
                let facts = metadata::Facts {
                    body: &about.body,
                    case: (&about.number, &about.title),
                    row: &row,
                    party: &party,
                    class: class.as_deref().unwrap_or_default(),
                    document,
                    formation: formations.get(&row.id),
                };
                let bytes = metadata::write(&facts).map_err(fault)?;
                items.push(Item {
                    id: format!("metadati-{}", document.id),
                    path: metadata::path(&document.id),
                    media_type: "application/xml".into(),
                    size: bytes.len() as u64,
                    sha256: None,
                    content: Content::Bytes(bytes),
                    group: Group::Metadata,
                });
            }
            about.messages.push(MessageLine {
                number: row.registration_number().unwrap_or_default(),
                direction: row.flow().into(),
                instant_ms: row.instant_ms,
                subject: row.subject.clone(),
                party,
                documents: lines,
            });
        }
        for receipt in receipt::of_case(database, &case.id).await? {
            let line = receipt_item(&receipt, &mut items, &mut taken);
            if let (Some(path), Some(bytes)) = (&line.path, self.later_evidence(&receipt).await?) {
                items.push(Item {
                    id: format!("prove-{}", receipt.id),
                    path: beside(path),
                    media_type: "application/json".into(),
                    size: bytes.len() as u64,
                    sha256: None,
                    content: Content::Bytes(bytes),
                    group: Group::Receipts,
                });
            }
            about.receipts.push(line);
        }
        items.sort_by_key(|item| item.group);
        Ok(Plan { name, case: case.id, about, items, logs })
    }

    /// The events, without exports after the last thing that happened: a second dossier equals the first.
    async fn log_plans(&self, case: &str) -> Outcome<Vec<LogPlan>> {
        let mut events = read::history(self.archive.database(), case).await?;
        while events.last().is_some_and(|event| event.kind == "dossier.exported") {
            events.pop();
        }
        let mut by_log: BTreeMap<i64, Vec<Happened>> = BTreeMap::new();
        for event in events {
            by_log.entry(event.log).or_default().push(event);
        }
        let logs = self.archive.logs().await?;
        let mut plans = Vec::new();
        for (id, events) in by_log {
            let (Some(log), Some(first), Some(last)) =
                (logs.iter().find(|log| log.id == id), events.first(), events.last())
            else {
                continue;
            };
            // Events that a lost log never signed are vouched for by its successor only: they stand without a proof.
            let checkpoint = match self.archive.checkpoint_covering(id, last.idx).await? {
                None if log.closed => self.archive.last_checkpoint(id).await?,
                other => other,
            };
            let Some(checkpoint) = checkpoint else { return refuse(Refusal::NotSignedYet) };
            let before = self.archive.checkpoint_before(id, first.idx).await?;
            let number = u32::try_from(log.successor).map_err(fault)?;
            plans.push(LogPlan { log: log.clone(), number, events, checkpoint, before });
        }
        Ok(plans)
    }

    /// What was recorded of each message when it was formed.
    async fn formations(&self, logs: &[LogPlan]) -> Outcome<BTreeMap<String, Formation>> {
        let mut formations = BTreeMap::new();
        let begins = |event: &&Happened| {
            ["message.presented", "message.prepared", "message.registered"].contains(&event.kind.as_str())
        };
        for event in logs.iter().flat_map(|log| &log.events).filter(begins) {
            match self.archive.entry(event.log, event.idx).await?.map(|entry| entry.act) {
                Some(Act::MessagePresented(act)) => {
                    formations.insert(act.content.message.clone(), act.formation.clone());
                }
                Some(Act::MessagePrepared(act)) => {
                    formations.insert(act.content.message.clone(), act.formation.clone());
                }
                Some(Act::MessageRegistered(act)) => {
                    if let Some(formation) = act.formation.clone() {
                        formations.insert(act.message.clone(), formation);
                    }
                }
                _ => {}
            }
        }
        Ok(formations)
    }
}

/// Malware is sealed away, and what went to the wrong person is not handed out again.
fn is_here(document: &DocumentRow) -> bool {
    !document.sealed && document.withdrawn_ms.is_none()
}

fn document_item(
    document: &DocumentRow,
    folder: &str,
    items: &mut Vec<Item>,
    taken: &mut HashSet<String>,
) -> Line {
    let path = is_here(document).then(|| {
        let path = free(&format!("{}/{folder}", layout::DOCUMENTS), &document.name, taken);
        items.push(Item {
            id: document.id.clone(),
            path: path.clone(),
            media_type: document.media_type.clone(),
            size: document.size.cast_unsigned(),
            sha256: hex32(&document.sha256).ok(),
            content: Content::Granted(format!("document:{}", document.id)),
            group: Group::Documents,
        });
        path
    });
    Line {
        path,
        name: document.name.clone(),
        sha256: document.sha256.clone(),
        size: document.size.cast_unsigned(),
    }
}

fn receipt_item(receipt: &ReceiptRow, items: &mut Vec<Item>, taken: &mut HashSet<String>) -> Line {
    let path = free(layout::RECEIPTS, &receipt.name, taken);
    items.push(Item {
        id: receipt.id.clone(),
        path: path.clone(),
        media_type: "application/pdf".into(),
        size: receipt.size.cast_unsigned(),
        sha256: hex32(&receipt.sha256).ok(),
        content: Content::Granted(format!("receipt:{}", receipt.id)),
        group: Group::Receipts,
    });
    Line {
        path: Some(path),
        name: receipt.name.clone(),
        sha256: receipt.sha256.clone(),
        size: receipt.size.cast_unsigned(),
    }
}

/// `003-0000123-2026`: in the order of the case file, with the number that people know.
fn folder_of(place: usize, row: &MessageRow) -> String {
    let number = row.registration_number().unwrap_or_else(|| row.id.clone());
    format!("{:03}-{}", place + 1, number.replace('/', "-"))
}

/// A path that is free, with a name that every system takes.
fn free(folder: &str, file: &str, taken: &mut HashSet<String>) -> String {
    let clean = name::clean(file);
    let mut path = format!("{folder}/{clean}");
    let mut number = 2;
    while !taken.insert(path.to_lowercase()) {
        path = format!("{folder}/{}", name::numbered(&clean, number));
        number += 1;
    }
    path
}
