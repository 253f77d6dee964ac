//! What to do next, when something may have gone wrong: pure, and the same for every system.

use serde::{Deserialize, Serialize};

use crate::order::{Abilities, Finding, Order, SoFar, Step, Way, next};

/// How the last step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Last {
    /// It was asked, or we stopped while it was asked, and what it did is not known.
    Doubt,
    /// After a doubt somebody looked, and what the step should have done is not there.
    NotThere,
    /// After a doubt somebody looked, and several registrations bear our key.
    Several,
    /// The registry said no.
    Refused,
    /// It ended well, or nothing was asked: go on.
    Fine,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Do {
    /// Ask for this step.
    Ask(Step),
    /// Look what became of this step.
    Look(Step),
    /// Nothing, until a person decides.
    Hold,
    /// Nothing: everything is there.
    Rest,
}

/// What to do next with an order that came so far, after its last step ended like this.
pub fn decide(order: &Order, can: Abilities, so_far: &SoFar, last: Option<(&Step, Last)>) -> Do {
    let Some(step) = next(order, can, so_far) else { return Do::Rest };
    let Some((stepped, last)) = last else { return Do::Ask(step) };
    let can_look = match can.finding {
        Finding::ByKey => true,
        Finding::ByNumber => so_far.numbered.is_some(),
        Finding::Never => false,
    };
    // A file that goes before the number, sent twice, is one that no number takes.
    let orphan = matches!(stepped, Step::Upload { .. }) && can.way == Way::FilesFirst;
    match last {
        Last::Fine => Do::Ask(step),
        Last::Refused | Last::Several => Do::Hold,
        Last::Doubt if orphan => Do::Ask(step),
        Last::Doubt if can_look => Do::Look(stepped.clone()),
        Last::Doubt => Do::Hold,
        // It was looked for by our key: an object without a number is no registration, and what numbers once can be asked.
        Last::NotThere => match stepped {
            Step::Number if !can.numbers_once => Do::Hold,
            _ => Do::Ask(step),
        },
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing was asked yet, or it waits until the registry answers again.
    Queued,
    /// Files are on their way.
    Uploading,
    /// The number is asked for.
    Registering,
    /// What was done is not known.
    InDoubt,
    /// It has its number and all its files.
    Registered,
    /// It has its number; files are missing.
    Incomplete,
    /// The registry said no.
    Failed,
}

impl State {
    /// All of them, in the order of their life.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Uploading,
        Self::Registering,
        Self::InDoubt,
        Self::Registered,
        Self::Incomplete,
        Self::Failed,
    ];

    /// The stable name, in the database and in message catalogues (`order-state-<code>`).
    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Uploading => "uploading",
            Self::Registering => "registering",
            Self::InDoubt => "in_doubt",
            Self::Registered => "registered",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
        }
    }

    /// Reads a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// While a step is asked.
    pub fn during(step: &Step) -> Self {
        match step {
            Step::Prepare | Step::Upload { .. } => Self::Uploading,
            Step::Number => Self::Registering,
            Step::Attach { .. } => Self::Incomplete,
        }
    }

    /// After a step ended like this.
    pub fn after(order: &Order, can: Abilities, so_far: &SoFar, step: &Step, last: Last) -> Self {
        let numbered = so_far.numbered.is_some();
        match decide(order, can, so_far, Some((step, last))) {
            Do::Rest => Self::Registered,
            _ if numbered => Self::Incomplete,
            Do::Hold if last == Last::Refused => Self::Failed,
            Do::Hold | Do::Look(_) => Self::InDoubt,
            Do::Ask(step) if last == Last::Fine => Self::during(&step),
            Do::Ask(_) => Self::Queued,
        }
    }
}
