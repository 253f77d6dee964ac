//! `plico init`: create an archive.

use clap::Args;
use plico_archive::Begin;
use plico_archive::keys::Wanted;
use plico_desk::Actor;
use plico_desk::admin::OperatorForm;
use plico_signature::Sealer;

use super::{Exit, Failure, Place, console, runtime, say};
use crate::app;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::unlock;
use crate::web::sign_in::invitation;

/// Options of `init`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  plico init --data-dir /var/lib/plico --domain archivio.comune.example.it --code c_x000 \\\n    --name \"Comune di Esempio\" --administrator anna.bassi --email anna.bassi@comune.example.it"
)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Domain in the names of the logs; it never changes afterwards (default: `origin_domain`)
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// IPA code of the first administration
    #[arg(long, value_name = "CODE")]
    code: String,
    /// Name of the first administration
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Name with which the first administrator signs in
    #[arg(long, value_name = "LOGIN")]
    administrator: String,
    /// The administrator's e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: String,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    let domain = options.domain.clone().unwrap_or_else(|| config.origin_domain.clone());
    check(&domain, &options.code, &options.name)?;
    let (seal, note) = seal(&config, &options.name)?;
    let keys = keys(&config)?;
    runtime()?.block_on(async {
        let begin = Begin {
            domain,
            administrations: vec![(options.code.clone(), options.name.trim().into(), options.code.clone())],
            demo: false,
            seal_pem: seal,
            keys,
        };
        let archive = app::make_archive(&config, begin)
            .await
            .map_err(|error| Failure::fault("the archive cannot be made").because(error))?;
        let desk = console::over(&config, archive)?;
        let user = console::user();
        desk.console_used(&user, "init").await.map_err(console::failed)?;
        let form = OperatorForm {
            account: String::new(),
            login: options.administrator.clone(),
            name: options.administrator.clone(),
            email: options.email.clone(),
            active: true,
            fiscal_code: String::new(),
            roles: vec!["administrator".into(), "hub_administrator".into()],
            offices: Vec::new(),
        };
        let actor = Actor::console(&options.code, &user);
        let account = desk.save_operator(&actor, form).await.map_err(console::failed)?;
        let secret = desk.invite(&account).await.map_err(console::failed)?;
        let signed = desk.archive().sign_checkpoints().await;
        signed.map_err(|error| Failure::fault("no checkpoint could be signed").because(error))?;
        say(&format!("archive       {}", config.data_dir.display()));
        say(&format!("database      {}", config.location()));
        say(&format!(
            "key file      {}   keep a copy elsewhere: without it nothing opens",
            config.key_file().display()
        ));
        let protection = desk.archive().key_protection().await;
        let protection = protection.map_err(|error| Failure::fault("the keys do not open").because(error))?;
        say(&format!("              {protection}"));
        say(&format!("signer state  {}   never in a backup", config.signer_state().display()));
        say(&format!("seal          {note}"));
        say(&format!("first access  {}", invitation(desk.public_url(), &secret)));
        say("              the link works once, for two days, after `plico serve` is started");
        Ok(Exit::Good)
    })
}

fn check(domain: &str, code: &str, name: &str) -> Result<(), Failure> {
    let label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    if !domain.contains('.') || domain.len() > 200 || !domain.chars().all(label) {
        return Err(Failure::usage("say with --domain the lower-case domain that names the logs for ever"));
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if code.is_empty() || code.len() > 64 || code == "installation" || !code.chars().all(plain) {
        return Err(Failure::usage("an IPA code has lower-case letters, digits and _"));
    }
    if name.trim().is_empty() || name.len() > 200 {
        return Err(Failure::usage("say the administration's name with --name"));
    }
    Ok(())
}

/// How the key file is to be kept: as the configuration would open it.
fn keys(config: &Config) -> Result<Wanted, Failure> {
    match (&config.keys.passphrase_file, &config.keys.module) {
        (Some(_), Some(_)) => {
            Err(Failure::usage("name a passphrase or a token in the configuration, not both of them"))
        }
        (Some(file), None) => unlock::passphrase(Some(file))
            .map(|passphrase| passphrase.map_or(Wanted::Clear, Wanted::Passphrase))
            .map_err(|error| Failure::usage(format!("cannot read {}", file.display())).because(error)),
        (None, Some(_)) => Ok(Wanted::Token),
        (None, None) => Ok(Wanted::Clear),
    }
}

/// The seal for the key file, where the configuration names no other; and what to say of it.
fn seal(config: &Config, name: &str) -> Result<(Option<String>, String), Failure> {
    let wrong = || Failure::usage("the seal cannot be used");
    if let Some(sealer) = crate::seal::read(&config.seal) {
        let sealer = sealer.map_err(|error| wrong().because(error))?;
        let about = sealer.about().map_err(|error| wrong().because(error))?;
        // It stays where it is: one key is not kept twice.
        return Ok((None, format!("of {}, issued by {}, as `[seal]` says", about.subject, about.issuer)));
    }
    let sealer = Sealer::self_signed(name, SystemClock.now_ms()).map_err(|error| wrong().because(error))?;
    let pem = String::from_utf8(sealer.to_pem().map_err(|error| wrong().because(error))?);
    let pem = pem.map_err(|error| Failure::fault("the seal is not text").because(error))?;
    let note = "a new key signed by itself: NOT qualified; `[seal]` names the body's own";
    Ok((Some(pem), note.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_last_for_ever_are_checked_first() {
        assert!(check("archivio.comune.example.it", "c_x000", "Comune").is_ok());
        for (domain, code, name) in [
            ("", "c_x000", "C"),
            ("Comune.it", "c_x000", "C"),
            ("a.it", "c x", "C"),
            ("a.it", "installation", "C"),
            ("a.it", "c", " "),
        ] {
            assert!(check(domain, code, name).is_err(), "{domain} {code} {name}");
        }
    }
}
