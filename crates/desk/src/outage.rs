//! Times without service: declared by whoever runs it, or found by the program itself. They stand in the installation's
//! log, and everybody may read them: nobody is named.

use plico_archive::Work;
use plico_archive::read::receipt::ReceiptRow;
use plico_archive::read::{ledger, receipt};
use plico_record::act::{Act, ServiceOutage};
use plico_record::authority::{Deed, Thing};
use plico_record::day::at_rome;

use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// What may be missing: `service-part-<code>` in the catalogues.
pub const PARTS: [&str; 6] = ["filing", "reading", "sign_in", "receipts", "notices", "verification"];
/// A longer time without a sign of life is an outage (milliseconds): a restart is none.
pub const SILENCE_MS: i64 = 5 * 60_000;
/// Characters of what is told.
const NOTE_CHARS: usize = 200;
/// How many are listed.
const LISTED: usize = 50;

/// A time without service as it is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutageForm {
    /// `2026-11-21T10:30`, as clocks in Rome show it.
    pub from: String,
    /// The same.
    pub to: String,
    /// Some of [`PARTS`].
    pub parts: Vec<String>,
    /// What is told of it.
    pub note: String,
    /// Of every administration, not of one's own alone.
    pub everywhere: bool,
}

/// A time without service.
#[derive(Debug, Clone)]
pub struct Outage {
    /// What was recorded.
    pub act: ServiceOutage,
    /// Its attestations, one in each language; none while they are being made.
    pub papers: Vec<ReceiptRow>,
}

impl Desk {
    /// Times without service that concern an administration, newest first.
    pub async fn outages(&self, administration: &str) -> Outcome<Vec<Outage>> {
        let database = self.archive.database();
        let mut list = Vec::new();
        for event in ledger::newest(database, "", "service.outage", LISTED).await? {
            let Some(entry) = self.archive.entry(event.log, event.idx).await? else { continue };
            let Act::ServiceOutage(act) = entry.act else { continue };
            if act.administration.as_deref().is_none_or(|own| own == administration) {
                let papers = receipt::of_event(database, event.log, event.idx, "").await?;
                list.push(Outage { act, papers });
            }
        }
        list.sort_by_key(|outage| std::cmp::Reverse(outage.act.from));
        Ok(list)
    }

    /// Whether the actor may declare for every administration.
    pub fn declares_everywhere(actor: &Actor) -> bool {
        permit(actor, Deed::AdministerHub, &Thing::Installation).is_ok()
    }

    /// Declares a time without service that is over. It is final, and public.
    pub async fn declare_outage(&self, actor: &Actor, form: OutageForm) -> Outcome<()> {
        let own = actor.administration.clone();
        permit(actor, Deed::Administer, &Thing::Administration { id: own.clone() })?;
        if form.everywhere {
            permit(actor, Deed::AdministerHub, &Thing::Installation)?;
        }
        let mut errors = Vec::new();
        let (from, to) = (at_rome(form.from.trim()), at_rome(form.to.trim()));
        for (field, at) in [("from", from), ("to", to)] {
            match at {
                None => errors.push(FieldError::of(field, "instant")),
                Some(at) if at > self.archive.now_ms() => errors.push(FieldError::of(field, "future")),
                Some(_) => {}
            }
        }
        if to.is_some() && to <= from {
            errors.push(FieldError::of("to", "before"));
        }
        if form.parts.is_empty() || form.parts.iter().any(|part| !PARTS.contains(&part.as_str())) {
            errors.push(FieldError::required("parts"));
        }
        let note = form.note.trim().to_owned();
        if note.chars().count() > NOTE_CHARS {
            errors.push(FieldError::too_long("note", NOTE_CHARS));
        }
        let (Some(from), Some(to), true) = (from, to, errors.is_empty()) else {
            return refuse(Refusal::Invalid(errors));
        };
        let administration = (!form.everywhere).then_some(own);
        let act = ServiceOutage { administration, from, to, parts: form.parts, note, detected: false };
        if self.record_outage(actor.clone(), act).await? {
            return Ok(());
        }
        refuse(Refusal::Invalid(vec![FieldError::of("from", "recorded")]))
    }

    /// Gives a sign of life while acts are accepted; when the last one is too long ago, that was an outage of `parts`.
    pub async fn stay_alive(&self, parts: &[&str]) -> Outcome<()> {
        if !self.archive.accepts() {
            return Ok(());
        }
        let now = self.archive.now_ms();
        if let Some(last) = self.archive.last_alive().await?
            && now - last > SILENCE_MS
        {
            let act = ServiceOutage {
                administration: None,
                from: last,
                to: now,
                parts: parts.iter().map(|part| (*part).to_owned()).collect(),
                note: String::new(),
                detected: true,
            };
            self.record_outage(Actor::system(""), act).await?;
        }
        // Only now: if we crash here the same outage is found again, and is known already or a little longer.
        Ok(self.archive.give_sign_of_life().await?)
    }

    /// Whether it was new.
    async fn record_outage(&self, actor: Actor, act: ServiceOutage) -> Outcome<bool> {
        self.archive
            .act(move |work: &mut Work| Box::pin(async move { Ok(work.service_outage(&actor, act).await?) }))
            .await
    }
}

#[cfg(test)]
mod tests {
    use plico_locale::Lang;

    #[test]
    fn attestations_are_made_in_every_complete_language() {
        let made = std::iter::once("it").chain(plico_archive::outage::ALSO_IN);
        assert!(made.eq(Lang::COMPLETE.iter().map(|lang| lang.code())));
    }
}
