//! What became of a message of ours, for each recipient: a fold over receipts, in whatever order and however often they come.

use std::collections::BTreeSet;

use super::daticert::{Daticert, Kind};

/// How long nothing may be heard before somebody must look (RFC 6109 §3.3: 24 hours).
pub const PATIENCE_MS: i64 = 24 * 3_600_000;

/// A receipt of which the seal holds: made by [`super::Incoming::receipt`] alone.
#[derive(Debug, Clone, Copy)]
pub struct Receipt<'a>(pub(super) &'a Daticert);

impl<'a> Receipt<'a> {
    /// What is certified.
    pub fn daticert(&self) -> &'a Daticert {
        self.0
    }
}

/// What became of a message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing was heard.
    Sent,
    /// Our provider took it.
    Accepted,
    /// Our provider took it; the mailbox is an ordinary one, so that nothing more will be heard.
    AcceptedOrdinary,
    /// Not delivered yet: the provider's words.
    Warned(String),
    /// Delivered, at this instant.
    Delivered(Option<i64>),
    /// Our provider did not take it: its words.
    Refused(String),
    /// It could not be delivered: the provider's words.
    Failed(String),
}

impl State {
    /// The stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::AcceptedOrdinary => "ordinary",
            Self::Warned(_) => "warned",
            Self::Delivered(_) => "delivered",
            Self::Refused(_) => "not_accepted",
            Self::Failed(_) => "undelivered",
        }
    }

    /// From its name, with the provider's words and instant.
    pub fn of(code: &str, words: &str, at_ms: Option<i64>) -> Self {
        match code {
            "accepted" => Self::Accepted,
            "ordinary" => Self::AcceptedOrdinary,
            "warned" => Self::Warned(words.to_owned()),
            "delivered" => Self::Delivered(at_ms),
            "not_accepted" => Self::Refused(words.to_owned()),
            "undelivered" => Self::Failed(words.to_owned()),
            _ => Self::Sent,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Sent => 0,
            Self::Accepted | Self::AcceptedOrdinary => 1,
            Self::Warned(_) => 2,
            Self::Delivered(_) | Self::Refused(_) | Self::Failed(_) => 3,
        }
    }

    /// Whether nothing more is expected.
    pub fn is_final(&self) -> bool {
        self.rank() == 3 || *self == Self::AcceptedOrdinary
    }
}

/// What a receipt did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something is known that was not.
    Changed,
    /// It came after something that says more: kept, and nothing changes.
    Late,
    /// The same was said before.
    Duplicate,
    /// It is about another message.
    OtherMessage,
    /// It is about a recipient to whom we did not send.
    OtherRecipient,
    /// It says the opposite of what was said: somebody must look. What was said first stands.
    Contradiction,
}

/// A message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    message_id: String,
    /// When it went out; nothing until our send returns, which may be after the first receipt.
    sent_ms: Option<i64>,
    recipients: Vec<(String, State)>,
    heard: BTreeSet<(String, Kind, String)>,
}

impl Sending {
    /// A message that is about to go out.
    pub fn new<T: Into<String>>(message_id: &str, recipients: impl IntoIterator<Item = T>) -> Self {
        Self {
            message_id: super::daticert::bracketed(message_id),
            sent_ms: None,
            recipients: recipients.into_iter().map(|one| (one.into(), State::Sent)).collect(),
            heard: BTreeSet::new(),
        }
    }

    /// A message to one recipient as far as it was known before: whoever keeps its receipts tells those that come again.
    pub fn resumed(message_id: &str, recipient: &str, state: State) -> Self {
        let mut sending = Self::new(message_id, [recipient]);
        sending.recipients[0].1 = state;
        sending
    }

    /// Our send returned.
    pub fn sent(&mut self, at_ms: i64) {
        self.sent_ms.get_or_insert(at_ms);
    }

    /// Recipients and what became of it.
    pub fn recipients(&self) -> &[(String, State)] {
        &self.recipients
    }

    /// For whom nothing final was heard though it is time.
    pub fn overdue(&self, now_ms: i64) -> impl Iterator<Item = &str> {
        let due = self.sent_ms.is_some_and(|sent| now_ms.saturating_sub(sent) >= PATIENCE_MS);
        let open = self.recipients.iter().filter(move |(_, state)| due && !state.is_final());
        open.map(|(address, _)| address.as_str())
    }

    /// Takes a receipt in.
    pub fn hear(&mut self, receipt: Receipt<'_>) -> Outcome {
        let daticert = receipt.0;
        if daticert.message_id.as_deref() != Some(self.message_id.as_str()) {
            return Outcome::OtherMessage;
        }
        let delivery = daticert.delivery.clone().unwrap_or_default().to_lowercase();
        let key = (daticert.identifier.clone(), daticert.kind, delivery);
        if self.heard.contains(&key) {
            return Outcome::Duplicate;
        }
        let why = daticert.explanation.clone().unwrap_or_default();
        let outcome = match daticert.kind {
            Kind::Accepted => self.accepted(daticert),
            Kind::Refused => self.all(&State::Refused(why)),
            // Between providers; it says no more than that it was accepted.
            Kind::TakenOver | Kind::Transport | Kind::Malware => Outcome::Late,
            Kind::Delivered => self.one(daticert, State::Delivered(daticert.at_ms)),
            Kind::Failed => self.one(daticert, State::Failed(why)),
            // Some providers say so of what they have given up (RFC 3463: 5.x.x is permanent).
            Kind::Warned if why.trim_start().starts_with("5.4.1") => self.one(daticert, State::Failed(why)),
            Kind::Warned => self.one(daticert, State::Warned(why)),
        };
        // What is not ours, or contradicts, must be said again if it comes again.
        if matches!(outcome, Outcome::Changed | Outcome::Late) {
            self.heard.insert(key);
        }
        outcome
    }

    fn accepted(&mut self, daticert: &Daticert) -> Outcome {
        let mut outcome = Outcome::Late;
        for (address, state) in &mut self.recipients {
            let Some(named) = daticert.recipients.iter().find(|one| same(&one.address, address)) else {
                continue;
            };
            let next = if named.certified { State::Accepted } else { State::AcceptedOrdinary };
            outcome = worst(outcome, step(state, next));
        }
        outcome
    }

    fn all(&mut self, next: &State) -> Outcome {
        let steps = self.recipients.iter_mut().map(|(_, state)| step(state, next.clone()));
        steps.fold(Outcome::Late, worst)
    }

    fn one(&mut self, daticert: &Daticert, next: State) -> Outcome {
        let address = daticert.delivery.as_deref().unwrap_or_default();
        // With one recipient there is no doubt about whom it is, also where the provider does not say.
        let alone = address.is_empty() && self.recipients.len() == 1;
        match self.recipients.iter_mut().find(|(own, _)| alone || same(own, address)) {
            Some((_, state)) => step(state, next),
            None => Outcome::OtherRecipient,
        }
    }
}

fn step(state: &mut State, next: State) -> Outcome {
    if state.rank() == 3 && next.rank() == 3 {
        let same = std::mem::discriminant(state) == std::mem::discriminant(&next);
        return if same { Outcome::Late } else { Outcome::Contradiction };
    }
    if next.rank() <= state.rank() {
        return Outcome::Late;
    }
    *state = next;
    Outcome::Changed
}

fn worst(one: Outcome, other: Outcome) -> Outcome {
    match (one, other) {
        (Outcome::Contradiction, _) | (_, Outcome::Contradiction) => Outcome::Contradiction,
        (Outcome::Changed, _) | (_, Outcome::Changed) => Outcome::Changed,
        (one, _) => one,
    }
}

fn same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}
