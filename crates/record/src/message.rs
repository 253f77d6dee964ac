//! The state of a message: what its events make of it, and what may happen next.

use crate::act::{Act, SeriesEntered};
use serde::{Deserialize, Serialize};

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Filed; its number is being given.
    Presented,
    /// Numbered, waiting for somebody.
    Registered,
    /// An operator has it.
    TakenInCharge,
    /// The office waits for the person.
    SupplementRequested,
    /// Answered.
    Answered,
    /// Withdrawn by the person.
    Withdrawn,
    /// A letter of the office that waits for its number.
    Prepared,
    /// Sent by the office.
    Sent,
}

impl State {
    /// The stable name, in the database and in message catalogues (`state-<code>`).
    pub fn code(self) -> &'static str {
        match self {
            Self::Presented => "presented",
            Self::Registered => "registered",
            Self::TakenInCharge => "taken_in_charge",
            Self::SupplementRequested => "supplement_requested",
            Self::Answered => "answered",
            Self::Withdrawn => "withdrawn",
            Self::Prepared => "prepared",
            Self::Sent => "sent",
        }
    }

    /// Reads a name.
    pub fn parse(code: &str) -> Option<Self> {
        [
            Self::Presented,
            Self::Registered,
            Self::TakenInCharge,
            Self::SupplementRequested,
            Self::Answered,
            Self::Withdrawn,
            Self::Prepared,
            Self::Sent,
        ]
        .into_iter()
        .find(|state| state.code() == code)
    }
}

/// A message as its events left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it stands.
    pub state: State,
    /// The office assigned for competence.
    pub office: String,
    /// The operator who has it.
    pub operator: Option<String>,
    /// Name of the responsible person.
    pub responsible: Option<String>,
    /// Area, year and number.
    pub registration: Option<(String, i32, u64)>,
    /// The registration was annulled.
    pub annulled: bool,
    /// `granted`, `denied`, `information`; `filed` or `forwarded` without a letter.
    pub outcome: Option<String>,
    /// The case file.
    pub case_file: Option<String>,
}

/// Why an act does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It was withdrawn by the person.
    #[error("the person withdrew this message")]
    Withdrawn,
    /// It was answered already.
    #[error("it was answered already")]
    Answered,
    /// It already is in somebody's charge.
    #[error("somebody took charge already")]
    Taken,
    /// The registration is annulled.
    #[error("the registration is annulled")]
    Annulled,
    /// An outgoing message has no such life.
    #[error("this is a message of the office")]
    Outgoing,
    /// It has no number yet.
    #[error("it is not registered")]
    NotRegistered,
}

/// What somebody wants to do to a message, as far as its state matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Assign for competence, or refuse it.
    Assign,
    /// Take charge.
    TakeInCharge,
    /// Ask for what is missing, or answer.
    Answer,
    /// End it without a letter.
    Conclude,
    /// Withdraw.
    Withdraw,
    /// Rectify or annul the registration.
    Correct,
}

impl Message {
    /// Folds an event into the state; `None` begins a message. An event that says nothing of the state
    /// leaves it as it is.
    pub fn apply(current: Option<Self>, act: &Act) -> Option<Self> {
        let begin = |office: &str, state| Self {
            state,
            office: office.into(),
            operator: None,
            responsible: None,
            registration: None,
            annulled: false,
            outcome: None,
            case_file: None,
        };
        let mut message = match act {
            Act::MessagePresented(act) => begin(&act.content.office, State::Presented),
            Act::MessagePrepared(act) => begin(&act.content.office, State::Prepared),
            Act::MessageRegistered(act) if act.outgoing.is_some() => {
                // What another office writes waits in the one that receives it.
                let state = if act.from_office.is_some() { State::Presented } else { State::Sent };
                begin(act.outgoing.as_ref().map_or("", |content| &content.office), state)
            }
            Act::SeriesEntered(SeriesEntered { content: Some(content), .. }) => {
                begin(&content.office, State::Sent)
            }
            _ => current?,
        };
        match act {
            Act::MessageRegistered(act) => {
                message.registration = Some((act.area.clone(), act.year, act.number));
                message.state = match message.state {
                    State::Presented => State::Registered,
                    State::Prepared => State::Sent,
                    state => state,
                };
            }
            Act::RegistrationAnnulled(_) => message.annulled = true,
            Act::MessageAssigned(act) if act.purpose == "competence" => {
                if message.office != act.office {
                    message.responsible = None;
                    message.state = State::Registered;
                }
                message.office.clone_from(&act.office);
                message.operator.clone_from(&act.operator);
            }
            Act::MessageAssignmentRefused(act) if act.purpose != "knowledge" => {
                message.operator = None;
                message.responsible = None;
                message.state = State::Registered;
            }
            Act::MessageTakenInCharge(act) => {
                message.state = State::TakenInCharge;
                message.operator = Some(act.operator.clone());
                message.responsible = Some(act.responsible.clone());
            }
            Act::MessageSupplementRequested(_) => message.state = State::SupplementRequested,
            Act::MessageAddedTo(_) if message.state == State::SupplementRequested => {
                message.state = State::TakenInCharge;
            }
            Act::MessageAnswered(act) => {
                message.state = State::Answered;
                message.outcome = Some(act.outcome.clone());
            }
            Act::MessageConcluded(act) => {
                message.state = State::Answered;
                message.outcome = Some(act.how.clone());
            }
            Act::MessageWithdrawn(_) => message.state = State::Withdrawn,
            Act::CaseFileFiled(act) => message.case_file = Some(act.case_file.clone()),
            _ => {}
        }
        Some(message)
    }

    /// Whether a step fits the state.
    pub fn check(&self, step: Step) -> Result<(), Unfit> {
        if matches!(self.state, State::Prepared | State::Sent) && step != Step::Correct {
            return Err(Unfit::Outgoing);
        }
        match (step, self.state) {
            (Step::Correct, _) if self.registration.is_none() => Err(Unfit::NotRegistered),
            (Step::Correct, _) if self.annulled => Err(Unfit::Annulled),
            (Step::Correct, _) => Ok(()),
            (Step::Conclude, State::Presented) => Err(Unfit::NotRegistered),
            (_, State::Withdrawn) => Err(Unfit::Withdrawn),
            (Step::TakeInCharge, State::TakenInCharge | State::SupplementRequested) => Err(Unfit::Taken),
            (Step::TakeInCharge | Step::Withdraw | Step::Assign | Step::Conclude, State::Answered) => {
                Err(Unfit::Answered)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Basis, Content, Formation, FormationChecks, MessagePresented, MessageWithdrawn};

    fn presented() -> Act {
        let content = Content {
            message: "M".into(),
            kind: "istanza".into(),
            office: "tributi".into(),
            subject: "s".into(),
            text: "t".into(),
            thread: "M".into(),
            reply_to: None,
            effect: None,
        };
        let formation = Formation {
            document_type: "istanza".into(),
            mode: "d".into(),
            confidential: false,
            format: "application/pdf".into(),
            verification: FormationChecks::default(),
            retention_years: 10,
        };
        MessagePresented {
            content,
            sender: "P".into(),
            basis: Basis::Identity,
            formation,
            due: None,
            arrival: None,
            others: vec![],
        }
        .into()
    }

    #[test]
    fn what_was_withdrawn_cannot_be_answered() {
        let message = Message::apply(None, &presented()).unwrap();
        assert_eq!(message.state, State::Presented);
        let gone = MessageWithdrawn { message: "M".into(), reason: String::new() }.into();
        let message = Message::apply(Some(message), &gone).unwrap();
        assert_eq!(message.check(Step::Answer), Err(Unfit::Withdrawn));
        assert_eq!(message.check(Step::Withdraw), Err(Unfit::Withdrawn));
    }

    #[test]
    fn an_event_without_a_beginning_makes_no_message() {
        let gone = MessageWithdrawn { message: "M".into(), reason: String::new() }.into();
        assert_eq!(Message::apply(None, &gone), None);
    }
}
