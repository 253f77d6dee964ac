//! `plico user`: local operator and administrator accounts.

mod token;

use clap::{Args, Subcommand};
use plico_archive::read::body::{self, Body};
use plico_desk::admin::OperatorForm;
use plico_desk::{Actor, Desk};

use super::{Exit, Failure, Place, console, runtime, say};
use crate::web::sign_in::invitation;

/// Options of `user`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico user add anna.bassi --role administrator --email anna.bassi@comune.example.it --data-dir /var/lib/plico"
)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
    /// IPA code of the administration, when there are several
    #[arg(long, value_name = "CODE", global = true)]
    body: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create an account and print its one-time link
    #[command(
        after_help = "Example:\n  plico user add anna.bassi --role operator --email anna.bassi@comune.example.it"
    )]
    Add {
        /// Name to sign in with
        name: String,
        /// operator, records_manager, auditor, administrator or hub_administrator (may be repeated)
        #[arg(long, required = true)]
        role: Vec<String>,
        /// E-mail address
        #[arg(long)]
        email: String,
        /// Name that is shown
        #[arg(long)]
        full_name: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Print a new one-time link: to choose a password and a second factor again
    #[command(after_help = "Example:\n  plico user link anna.bassi")]
    Link {
        /// Whose
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Let somebody sign in no more
    #[command(after_help = "Example:\n  plico user disable anna.bassi")]
    Disable {
        /// Whom
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Make a token of the API and print it, once
    Token(token::Options),
    /// List accounts
    #[command(after_help = "Example:\n  plico user list")]
    List {
        #[command(flatten)]
        place: Place,
    },
}

impl Action {
    fn place(&self) -> &Place {
        match self {
            Self::Add { place, .. }
            | Self::Link { place, .. }
            | Self::Disable { place, .. }
            | Self::List { place } => place,
            Self::Token(options) => &options.place,
        }
    }
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.action.place().load()?.config;
    runtime()?.block_on(async {
        let desk = console::desk(&config).await?;
        let body = console::administration(&desk, options.body.as_deref()).await?;
        let user = console::user();
        let at = Keyboard { desk: &desk, body: &body, actor: Actor::console(&body.id, &user) };
        let command = match &options.action {
            Action::List { .. } => return at.list().await,
            Action::Add { name, role, email, full_name, .. } => {
                at.add(name, role, email, full_name.as_deref()).await?;
                format!("user add {name} --role {}", role.join(" --role "))
            }
            Action::Link { name, .. } => {
                at.link(&at.find(name).await?.account).await?;
                format!("user link {name}")
            }
            Action::Token(options) => token::make(&at, options).await?,
            Action::Disable { name, .. } => {
                at.disable(name).await?;
                format!("user disable {name}")
            }
        };
        desk.console_used(&user, &command).await.map_err(console::failed)?;
        Ok(Exit::Good)
    })
}

struct Keyboard<'a> {
    desk: &'a Desk,
    body: &'a Body,
    actor: Actor,
}

impl Keyboard<'_> {
    async fn operators(&self) -> Result<Vec<(body::Operator, Vec<String>)>, Failure> {
        self.desk.operators(&self.actor).await.map_err(console::failed)
    }

    async fn find(&self, name: &str) -> Result<body::Operator, Failure> {
        let found =
            self.operators().await?.into_iter().find(|(operator, _)| operator.login == name.to_lowercase());
        found
            .map(|(operator, _)| operator)
            .ok_or_else(|| Failure::usage(format!("there is no account {name}")))
    }

    async fn list(&self) -> Result<Exit, Failure> {
        for (operator, _) in self.operators().await? {
            let state = if operator.active { "" } else { "   (disabled)" };
            say(&format!("{:<24} {:<28} {}{state}", operator.login, operator.name, operator.roles));
        }
        Ok(Exit::Good)
    }

    async fn add(
        &self,
        login: &str,
        roles: &[String],
        email: &str,
        name: Option<&str>,
    ) -> Result<(), Failure> {
        let form = OperatorForm {
            account: String::new(),
            login: login.into(),
            name: name.unwrap_or(login).into(),
            email: email.into(),
            active: true,
            fiscal_code: String::new(),
            roles: roles.to_vec(),
            offices: Vec::new(),
        };
        let account = self.desk.save_operator(&self.actor, form).await.map_err(console::failed)?;
        self.link(&account).await
    }

    async fn link(&self, account: &str) -> Result<(), Failure> {
        let secret = self.desk.invite(account).await.map_err(console::failed)?;
        say(&format!("{}: first access within two days, once:", self.body.name));
        say(&invitation(self.desk.public_url(), &secret));
        Ok(())
    }

    async fn disable(&self, name: &str) -> Result<(), Failure> {
        let account = self.find(name).await?.account;
        for (operator, offices) in self.operators().await? {
            if operator.account == account {
                let form = OperatorForm {
                    account: operator.account,
                    login: operator.login,
                    name: operator.name,
                    email: operator.email,
                    active: false,
                    fiscal_code: operator.fiscal_code,
                    roles: operator.roles.split(',').map(str::to_owned).collect(),
                    offices,
                };
                self.desk.save_operator(&self.actor, form).await.map_err(console::failed)?;
            }
        }
        say(&format!("{name} signs in no more"));
        Ok(())
    }
}
