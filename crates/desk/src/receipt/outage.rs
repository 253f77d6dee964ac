//! The attestation of a time without service: everybody may have it, so nobody is named in it.

use plico_archive::read::body;
use plico_locale::Args;
use plico_pdf::paper::{Fact, Text};
use plico_record::act::ServiceOutage;
use plico_record::day::rfc3339;

use crate::paper::Words;
use crate::{Desk, Outcome};

/// More administrations than these do not fit on the head of a page: the service is called by its address.
const NAMED: usize = 3;

pub(super) struct OutageFacts(pub(super) ServiceOutage);

impl Desk {
    /// Whose service it was: one administration's, or that of all, by their names.
    pub(super) async fn outage_body(&self, administration: Option<&str>) -> Outcome<String> {
        if let Some(one) = administration {
            return self.body_name(one).await;
        }
        let bodies = body::bodies(self.archive.database()).await?;
        if bodies.len() > NAMED {
            let address = self.public_url.split("://").last().unwrap_or_default();
            return Ok(address.to_owned());
        }
        Ok(bodies.into_iter().map(|body| body.name).collect::<Vec<_>>().join(", "))
    }
}

impl OutageFacts {
    pub(super) fn lead(&self, words: &Words<'_>, args: Args) -> Args {
        let datetime = |ms| words.0.datetime(words.1, ms);
        args.with("from", datetime(self.0.from)).with("to", datetime(self.0.to))
    }

    pub(super) fn listed(&self, words: &Words<'_>) -> Vec<Fact> {
        let act = &self.0;
        let parts: Vec<String> =
            act.parts.iter().map(|part| words.t(&format!("service-part-{part}"))).collect();
        let minutes = ((act.to - act.from) + 59_999) / 60_000;
        let lasted = Args::new().with("hours", minutes / 60).with("minutes", minutes % 60);
        let found = if act.detected { "paper-outage-detected" } else { "paper-outage-declared" };
        let mut list = vec![
            words.fact("paper-outage-parts", parts.join("; ")),
            words.fact("paper-outage-lasted", words.with("paper-outage-lasted-value", &lasted)),
        ];
        if !act.note.is_empty() {
            list.push(words.fact("paper-outage-note", act.note.clone()));
        }
        list.push(words.fact("paper-outage-found", words.t(found)));
        list.push(words.fact("paper-outage-from", Text::default().mono(rfc3339(act.from))));
        list.push(words.fact("paper-outage-to", Text::default().mono(rfc3339(act.to))));
        list
    }
}
