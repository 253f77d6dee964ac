//! `plico user token`: a token of the API for somebody, printed once.

use clap::Args;
use plico_archive::read::queue;
use plico_desk::token::{Scope, TokenForm};

use super::Keyboard;
use crate::cli::{Failure, Place, console, say};

/// Options of `user token`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico user token BSSNNA80A41H501X --scope messages:write --scope messages:read --days 90"
)]
pub struct Options {
    /// As whom it acts: an operator's name, or the fiscal code of a person who has signed in before
    pub whom: String,
    /// messages:write, messages:read, documents:read, deliveries:open or log:read (may be repeated)
    #[arg(long, required = true, value_name = "SCOPE")]
    pub scope: Vec<String>,
    /// Days it lives, at most 366
    #[arg(long, default_value_t = 90)]
    days: u32,
    /// What it is for
    #[arg(long, default_value = "plico user token")]
    name: String,
    #[command(flatten)]
    pub place: Place,
}

/// Makes it; answers the command as the journal keeps it.
pub(super) async fn make(at: &Keyboard<'_>, options: &Options) -> Result<String, Failure> {
    if let Some(unknown) = options.scope.iter().find(|code| Scope::parse(code).is_none()) {
        let known = Scope::ALL.map(Scope::code).join(", ");
        return Err(Failure::usage(format!("there is no scope {unknown}; there are {known}")));
    }
    let code = options.whom.trim().to_uppercase();
    let person = queue::person_by_code(at.desk.archive().database(), &at.body.id, &code)
        .await
        .map_err(|error| Failure::fault("the archive cannot be read").because(error))?;
    let account = match person {
        Some(person) => person.id,
        None => at.find(options.whom.trim()).await?.account,
    };
    let form = TokenForm {
        account: account.clone(),
        name: options.name.clone(),
        scopes: options.scope.clone(),
        days: options.days,
    };
    let (secret, token) = at.desk.make_token(&at.actor, form).await.map_err(console::failed)?;
    say(&secret);
    // The account, not the code: what is typed here stays for ever.
    Ok(format!("user token {account} --scope {} (token {})", options.scope.join(" --scope "), token.id))
}
