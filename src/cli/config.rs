//! `plico config`: what is in force, and what could be said.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use toml::{Table, Value};

use super::{Exit, Failure, Place, say};
use crate::config::{Kind, Loaded, Source, keys};

/// Options of `config`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico config show --config /etc/plico/plico.toml\n  \
                        plico config keys > plico.toml   # every setting, explained, commented out")]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print what is in force and where each value comes from; secrets are hidden
    #[command(after_help = "Example:\n  plico config show --data-dir /var/lib/plico")]
    Show {
        #[command(flatten)]
        place: Place,
    },
    /// Say whether the configuration can be used
    #[command(after_help = "Example:\n  plico config check --config plico.toml && systemctl restart plico")]
    Check {
        #[command(flatten)]
        place: Place,
    },
    /// Explain every setting, as a file to start from
    #[command(after_help = "Example:\n  plico config keys")]
    Keys,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    match &options.action {
        Action::Show { place } => say(show(&place.load()?).trim_end()),
        Action::Check { place } => {
            let loaded = place.load()?;
            let file = loaded.file.map_or("no file".into(), |file| file.display().to_string());
            say(&format!("good ({file})"));
        }
        Action::Keys => say(manual().trim_end()),
    }
    Ok(Exit::Good)
}

/// The configuration as TOML, each line with its source. It can be read back, but for what is hidden.
fn show(loaded: &Loaded) -> String {
    let mut config = loaded.config.clone();
    config.key_file = Some(config.key_file());
    config.signer_state = Some(config.signer_state());
    let table = Table::try_from(&config).expect("a configuration is a table");
    let mut text = String::new();
    let mut section = "";
    for key in keys() {
        text.push_str(&heading(key.path, &mut section));
        let value = key.get(&table).map_or("\"\"".into(), ToString::to_string);
        let source = loaded.source(key.path);
        let source = if *source == Source::Default { String::new() } else { format!("  # {source}") };
        let _ = writeln!(text, "{} = {value}{source}", name(key.path));
    }
    text
}

fn manual() -> String {
    let table = Table::try_from(crate::config::Config::default()).expect("a configuration is a table");
    let mut text =
        String::from("# Settings of Plico. A flag wins over the environment, which wins over this file.\n");
    let mut section = "";
    for key in keys() {
        let heading = heading(key.path, &mut section);
        text.push_str(if heading.is_empty() { "\n" } else { &heading });
        let value = key.get(&table).map_or_else(
            || if key.kind == Kind::List { "[]".into() } else { "\"\"".into() },
            |value| {
                if matches!(value, Value::String(text) if text == "(none)") {
                    "\"\"".into()
                } else {
                    value.to_string()
                }
            },
        );
        let _ = writeln!(text, "#{}\n# In the environment: {}", key.about, key.variable());
        let _ = writeln!(text, "#{} = {value}", name(key.path));
    }
    text
}

fn heading<'a>(path: &'a str, current: &mut &'a str) -> String {
    match path.split_once('.') {
        Some((section, _)) if section != *current => {
            *current = section;
            format!("\n[{section}]\n")
        }
        _ => String::new(),
    }
}

fn name(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::config::{Config, Overrides};

    #[test]
    fn what_is_shown_says_its_source_and_hides_secrets() {
        let variables = [("PLICO_SMTP_PASSWORD", "hunter2"), ("PLICO_LANGUAGE", "en")];
        let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let loaded = Loaded::read(&Config::default(), &Overrides::default(), variables).unwrap();
        let text = show(&loaded);
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("password = \"(hidden)\"  # environment, PLICO_SMTP_PASSWORD"), "{text}");
        assert!(text.contains("language = \"en\"  # environment"), "{text}");
        text.parse::<Table>().unwrap();
    }

    #[test]
    fn the_manual_is_a_file_to_start_from() {
        let text = manual();
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
            .collect();
        let table: Table = lines.join("\n").parse().unwrap();
        assert_eq!(table["smtp"]["port"].as_integer(), Some(587));
    }
}
