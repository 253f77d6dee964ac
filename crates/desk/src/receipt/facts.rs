//! What a receipt says, gathered before it is laid out.

use plico_archive::read::{body, message, queue, registry};
use plico_record::act::Act;
use plico_record::event::{Kind, ReceiptKind};

use super::Order;
use crate::paper::PaperFile;
use crate::{Desk, Outcome};

/// Everything a receipt says, gathered before it is laid out.
pub(super) struct Facts {
    pub(super) kind: ReceiptKind,
    pub(super) body: String,
    pub(super) office: String,
    pub(super) responsible: String,
    pub(super) who: String,
    /// Who opened, and whether for another.
    pub(super) opened: Option<(String, bool)>,
    pub(super) when_ms: i64,
    pub(super) number: Option<String>,
    pub(super) entry: Option<registry::Entry>,
    pub(super) message: message::MessageRow,
    pub(super) due: Option<String>,
    pub(super) silence: String,
    pub(super) files: Vec<PaperFile>,
    pub(super) origin: String,
    pub(super) index: i64,
    pub(super) size: i64,
    pub(super) url: String,
    pub(super) demo: bool,
    pub(super) id: String,
}

impl Desk {
    pub(super) async fn facts(
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
}
