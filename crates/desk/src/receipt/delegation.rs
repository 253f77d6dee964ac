//! A receipt about a delegation or a title to act: one for each of the two persons. Each opens his own part; of the
//! other he learns what the act itself says to him, and no more.

use plico_archive::Entry;
use plico_archive::read::delegation::{self, DelegationRow};
use plico_locale::Args;
use plico_pdf::paper::{Fact, Text};
use plico_record::act::Act;
use plico_record::day::LegalDay;

use crate::paper::Words;
use crate::{Desk, Outcome};

pub(super) struct DelegationFacts {
    pub(super) id: String,
    pub(super) holder: String,
    pub(super) delegate: String,
    pub(super) until: Option<String>,
    /// Code of the title and the document that shows it, of a title to act.
    pub(super) title: Option<(String, String)>,
    /// Why it ended.
    pub(super) reason: Option<String>,
    /// Who ended it, where that is the reader's to know.
    pub(super) ended_by: Option<String>,
}

impl Desk {
    /// What the holder of the receipt may be told, and whether who did it is among it.
    pub(super) async fn delegation_facts(
        &self,
        event: &Entry,
        reader: &str,
    ) -> Outcome<Option<(DelegationFacts, bool)>> {
        let Some(row) = delegation::one(self.archive.database(), &event.subject).await? else {
            return Ok(None);
        };
        // Until a delegate accepts, who granted knows only the fiscal code he wrote: it must not become a way to a name.
        let known = row.kind == "mandate"
            || reader == row.delegate
            || row.in_force_ms.is_some_and(|at| at <= event.at.instant_ms);
        let delegate = match &row.delegate_code {
            Some(code) if !known => code.clone(),
            _ => row.delegate_name.clone(),
        };
        let names_actor = names_actor(event, &row, reader, known);
        let revoked = matches!(event.act, Act::DelegationRevoked(_) | Act::MandateRevoked(_));
        let facts = DelegationFacts {
            holder: row.holder_name,
            delegate,
            until: row.until,
            title: (row.kind == "mandate").then_some((row.title, row.evidence)),
            reason: match &event.act {
                Act::MandateRevoked(act) => Some(act.reason.clone()),
                _ => None,
            },
            ended_by: (revoked && names_actor).then(|| event.actor.name.clone()),
            id: row.id,
        };
        Ok(Some((facts, names_actor)))
    }
}

/// Who granted is told by the offer itself; a delegate once he has accepted; whoever works for the body always; anybody
/// else who acted for one of the two is that one's own business.
fn names_actor(event: &Entry, row: &DelegationRow, reader: &str, known: bool) -> bool {
    let account = event.actor.account.as_str();
    account == reader
        || account == row.holder
        || (account == row.delegate && known)
        || event.actor.capacity != "person"
}

impl DelegationFacts {
    pub(super) fn lead(&self, args: Args) -> Args {
        args.with("holder", self.holder.clone()).with("delegate", self.delegate.clone())
    }

    pub(super) fn listed(&self, words: &Words<'_>) -> Vec<Fact> {
        let acts = self.title.is_some();
        let (holder, delegate) =
            if acts { ("paper-acted-for", "paper-acts") } else { ("paper-read-for", "paper-reads") };
        let mut list =
            vec![words.fact(holder, self.holder.clone()), words.fact(delegate, self.delegate.clone())];
        if let Some((title, evidence)) = &self.title {
            list.push(words.fact("paper-title", words.t(&format!("title-{title}"))));
            list.push(words.fact("paper-evidence", evidence.clone()));
        }
        let until = self.until.as_deref().and_then(LegalDay::parse);
        list.push(match until {
            Some(day) => words.fact("paper-until", words.0.date(words.1, day.start_ms())),
            None => words.fact("paper-until", words.t("paper-no-end")),
        });
        list.extend(self.reason.clone().map(|reason| words.fact("paper-reason", reason)));
        list.extend(self.ended_by.clone().map(|who| words.fact("paper-ended-by", who)));
        list.push(words.fact("paper-identifier", Text::default().mono(self.id.clone())));
        list
    }
}
