//! Who acts: always a value that is passed, never ambient.

use crate::part::{ActorPart, LoginPart};

/// What an operator may be besides an operator of his offices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Works in one or more offices.
    Operator,
    /// Responsible for document management: annuls, rectifies, opens the emergency register.
    RecordsManager,
    /// Reads by mandate.
    Auditor,
    /// Runs one body: users, offices, kinds, channels, limits.
    Administrator,
    /// Runs the installation.
    HubAdministrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Operator, Self::RecordsManager, Self::Auditor, Self::Administrator, Self::HubAdministrator];

    /// The stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::RecordsManager => "records_manager",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
            Self::HubAdministrator => "hub_administrator",
        }
    }

    /// Reads a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Who is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A citizen or company: the person with this administration, and whom he acts for.
    Person {
        /// The person's identifier.
        person: String,
        /// Mandates: persons he may file for.
        acts_for: Vec<String>,
        /// Delegations: persons he may read for.
        reads_for: Vec<String>,
        /// For whom he acts now, when not for himself.
        on_behalf_of: Option<String>,
    },
    /// Somebody who works for the body.
    Staff {
        /// His roles.
        roles: Vec<Role>,
        /// His offices.
        offices: Vec<String>,
        /// Whether one of them is the protocol office.
        protocol_office: bool,
    },
    /// The program itself, for what follows from an earlier act.
    System,
    /// Somebody at the command line, who has the operating system's rights.
    Console,
    /// Nobody in particular.
    Anybody,
}

/// An actor in one administration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Administration he acts in; empty for the installation.
    pub administration: String,
    /// The account.
    pub account: String,
    /// Name shown.
    pub name: String,
    /// Who.
    pub who: Who,
    /// Evidence of identity, kept with his acts.
    pub login: Option<LoginPart>,
}

impl Actor {
    /// The program itself in one administration.
    pub fn system(administration: &str) -> Self {
        Self {
            administration: administration.into(),
            account: "system".into(),
            name: "Plico".into(),
            who: Who::System,
            login: None,
        }
    }

    /// Somebody at the command line.
    pub fn console(administration: &str, user: &str) -> Self {
        Self {
            administration: administration.into(),
            account: format!("console:{user}"),
            name: user.into(),
            who: Who::Console,
            login: None,
        }
    }

    /// Nobody in particular.
    pub fn anybody(administration: &str) -> Self {
        Self {
            administration: administration.into(),
            account: String::new(),
            name: String::new(),
            who: Who::Anybody,
            login: None,
        }
    }

    /// The person whose business it is now: himself or whom he acts for.
    pub fn person(&self) -> Option<&str> {
        match &self.who {
            Who::Person { person, on_behalf_of, .. } => Some(on_behalf_of.as_deref().unwrap_or(person)),
            _ => None,
        }
    }

    /// Whether he has a role.
    pub fn has(&self, role: Role) -> bool {
        matches!(&self.who, Who::Staff { roles, .. } if roles.contains(&role))
    }

    /// Whether he works in an office.
    pub fn in_office(&self, office: &str) -> bool {
        matches!(&self.who, Who::Staff { roles, offices, .. }
            if roles.contains(&Role::Operator) && offices.iter().any(|o| o == office))
    }

    /// Whether he works in the protocol office.
    pub fn in_protocol_office(&self) -> bool {
        matches!(&self.who, Who::Staff { roles, protocol_office: true, .. } if roles.contains(&Role::Operator))
    }

    /// The capacity in which he acts, as the `actor` part names it.
    pub fn capacity(&self) -> &'static str {
        match &self.who {
            Who::Person { .. } => "person",
            Who::Staff { roles, .. } => roles.iter().max().map_or("operator", |role| role.code()),
            Who::System => "system",
            Who::Console => "console",
            Who::Anybody => "anybody",
        }
    }

    /// The `actor` part of his events.
    pub fn part(&self) -> ActorPart {
        let on_behalf_of = match &self.who {
            Who::Person { on_behalf_of, .. } => on_behalf_of.clone(),
            _ => None,
        };
        ActorPart {
            v: 1,
            account: self.account.clone(),
            name: self.name.clone(),
            capacity: self.capacity().into(),
            on_behalf_of,
        }
    }
}
