//! A receipt about a message.

use plico_archive::Entry;
use plico_archive::read::{body, message, pec, registry};
use plico_locale::Args;
use plico_pdf::paper::{Block, Fact, Text};
use plico_record::act::{Act, PecReceipt};
use plico_record::day::{LegalDay, rfc3339};

use crate::paper::{PaperFile, Words};
use crate::{Desk, Outcome};

/// A delivery by certified mail, as its provider certifies it.
pub(super) struct Certified {
    /// By its clock (UTC milliseconds).
    pub(super) at: i64,
    pub(super) provider: String,
    /// Empty in events of earlier versions.
    pub(super) identifier: String,
    pub(super) address: String,
}

pub(super) struct MessageFacts {
    pub(super) office: String,
    pub(super) responsible: String,
    /// Who opened, and whether for another.
    pub(super) opened: Option<(String, bool)>,
    /// What the provider of certified mail says of its delivery.
    pub(super) certified: Option<Certified>,
    pub(super) entry: Option<registry::Entry>,
    pub(super) message: message::MessageRow,
    pub(super) silence: String,
    /// Where to turn (art. 8, L. 241/1990).
    pub(super) remedies: String,
    /// The body's certified address, and where the records of the matter are seen.
    pub(super) body_at: Option<String>,
    pub(super) records_at: String,
    pub(super) files: Vec<PaperFile>,
}

impl Desk {
    pub(super) async fn message_facts(
        &self,
        administration: &str,
        event: &Entry,
        message: &str,
    ) -> Outcome<Option<MessageFacts>> {
        let database = self.archive.database();
        let Some(message) = message::message(database, message).await? else { return Ok(None) };
        if message.destruction.is_some() {
            return Ok(None);
        }
        let office = body::office(database, &message.office).await?;
        let kind = self.kind(administration, &message.kind).await?;
        let documents = message::documents(database, &message.id).await?;
        Ok(Some(MessageFacts {
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
            certified: match &event.act {
                Act::PecDelivered(act) => self.certified(&act.0).await?,
                _ => None,
            },
            entry: registry::entry(database, &message.id).await?,
            body_at: body::setting(database, administration, "body.pec")
                .await?
                .and_then(|pec| Some(pec.as_str()?.to_owned()).filter(|pec| !pec.is_empty())),
            records_at: format!("{}/messaggi/{}", self.public_url, message.id),
            remedies: kind.as_ref().map_or_else(String::new, |kind| kind.remedies.clone()),
            silence: kind.map_or_else(String::new, |kind| kind.silence),
            files: documents.iter().map(PaperFile::of_document).collect(),
            message,
        }))
    }
}

impl Desk {
    async fn certified(&self, act: &PecReceipt) -> Outcome<Option<Certified>> {
        let Some(at) = act.at else { return Ok(None) };
        let address = if act.recipient.is_empty() {
            let row = pec::letter(self.archive.database(), &act.delivery).await?;
            row.map_or_else(String::new, |row| row.recipient)
        } else {
            act.recipient.clone()
        };
        let (provider, identifier) = (act.provider.clone(), act.identifier.clone());
        Ok(Some(Certified { at, provider, identifier, address }))
    }
}

impl MessageFacts {
    fn number(&self) -> Option<String> {
        self.entry.as_ref().map(registry::Entry::text)
    }

    pub(super) fn name(&self) -> String {
        self.number().unwrap_or_else(|| self.message.id.clone()).replace('/', "-")
    }

    pub(super) fn lead(&self, args: Args) -> Args {
        let args = args.with("office", self.office.clone()).with("number", self.number().unwrap_or_default());
        match &self.certified {
            Some(one) => args.with("provider", one.provider.clone()).with("address", one.address.clone()),
            None => args,
        }
    }

    pub(super) fn listed(&self, words: &Words<'_>) -> Vec<Fact> {
        let datetime = |ms| words.0.datetime(words.1, ms);
        let mut list = Vec::new();
        list.extend(self.number().map(|number| words.fact("paper-number", Text::default().strong(number))));
        if let Some(entry) = &self.entry {
            list.push(words.fact("paper-registered", datetime(entry.registered_ms)));
            list.extend(entry.presented_ms.map(|ms| words.fact("paper-presented", datetime(ms))));
            if !entry.outside.is_empty() {
                let day =
                    LegalDay::parse(&entry.outside_date).map(|day| words.0.date(words.1, day.start_ms()));
                let by =
                    Args::new().with("system", entry.outside.clone()).with("date", day.unwrap_or_default());
                list.push(words.fact("paper-numbered-by", words.with("paper-numbered-by-text", &by)));
            }
        }
        if let Some((who, delegate)) = &self.opened {
            let opened = if *delegate { "paper-opened-by-delegate" } else { "paper-opened-by" };
            list.push(words.fact(opened, who.clone()));
        }
        if let Some(one) = &self.certified {
            list.push(words.fact("paper-pec-at", Text::default().mono(rfc3339(one.at))));
            list.push(words.fact("paper-pec-provider", one.provider.clone()));
            if !one.identifier.is_empty() {
                list.push(words.fact("paper-pec-identifier", Text::default().mono(one.identifier.clone())));
            }
            list.push(words.fact("paper-pec-address", one.address.clone()));
        }
        if !self.message.channel.is_empty() {
            list.push(words.fact("paper-channel", words.t(&format!("channel-{}", self.message.channel))));
            let arrived = self.message.arrived_ms.filter(|_| self.entry.is_none());
            list.extend(arrived.map(|ms| words.fact("paper-presented", datetime(ms))));
        }
        list.push(words.fact("paper-subject", self.message.subject.clone()));
        list.push(words.fact("paper-office", self.office.clone()));
        if !self.responsible.is_empty() {
            list.push(words.fact("paper-responsible", self.responsible.clone()));
        }
        list.push(words.fact("paper-identifier", Text::default().mono(self.message.id.clone())));
        list
    }

    /// What else whoever presents something is told (art. 8, L. 241/1990).
    pub(super) fn begun(&self, words: &Words<'_>) -> Vec<Fact> {
        let mut list = Vec::new();
        list.extend(self.body_at.clone().map(|pec| words.fact("paper-domicile", pec)));
        list.push(words.fact("paper-records", self.records_at.clone()));
        list
    }

    /// The documents of the message.
    pub(super) fn documents(&self, words: &Words<'_>) -> [Block; 2] {
        [Block::Heading(words.t("paper-documents")), words.listed(&self.files)]
    }

    /// The term to answer, of what came in.
    pub(super) fn term(&self, words: &Words<'_>) -> Option<String> {
        if self.message.direction != "in" {
            return None;
        }
        let Some(due) = self.message.due.as_deref().and_then(LegalDay::parse) else {
            return Some(words.t("receipt-no-term"));
        };
        let date = words.0.date(words.1, due.start_ms());
        let silence = match self.silence.as_str() {
            "assent" => "receipt-silence-assent",
            "denial" => "receipt-silence-denial",
            _ => "receipt-silence-none",
        };
        Some(format!("{} {}", words.with("receipt-term", &Args::new().with("date", date)), words.t(silence)))
    }
}
