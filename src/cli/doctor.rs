//! `plico doctor`: what is wrong, and what to do about it.

use clap::Args;

use super::{Exit, Failure, Place, console, runtime, say};
use crate::config::Config;

/// Options of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico doctor --config /etc/plico/plico.toml --json")]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// The clock is right, and was ahead before: logs go on, repeating their last instant until it catches up
    #[arg(long)]
    accept_clock: bool,
}

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// As it should be.
    Good,
    /// Works, but something is missing or weak.
    Warning,
    /// Does not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Finding {
    /// What was looked at: a stable name.
    pub check: &'static str,
    /// How it is.
    pub grade: Grade,
    /// What was found.
    pub found: String,
    /// What to do; empty when nothing is to be done.
    pub remedy: String,
}

impl Finding {
    /// As it should be.
    pub fn good(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, grade: Grade::Good, found: found.into(), remedy: String::new() }
    }

    /// Works, but.
    pub fn warning(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, grade: Grade::Warning, found: found.into(), remedy: remedy.into() }
    }

    /// Does not work.
    pub fn bad(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, grade: Grade::Bad, found: found.into(), remedy: remedy.into() }
    }
}

/// Runs it: 0 nothing bad, 1 something bad.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let loaded = options.place.load()?;
    if options.accept_clock {
        runtime()?.block_on(accept_clock(&loaded.config))?;
    }
    let mut findings = surroundings::look(&loaded.config);
    if loaded.config.location().file().is_none_or(std::path::Path::exists) {
        findings.extend(runtime()?.block_on(archive::look(&loaded.config)));
    }
    if options.json {
        let text = serde_json::json!({ "findings": findings });
        say(&format!("{text:#}"));
    } else {
        for Finding { check, grade, found, remedy } in &findings {
            let mark = match grade {
                Grade::Good => "ok  ",
                Grade::Warning => "warn",
                Grade::Bad => "BAD ",
            };
            say(&format!("{mark} {check}: {found}"));
            if !remedy.is_empty() {
                say(&format!("     -> {remedy}"));
            }
        }
    }
    Ok(if findings.iter().any(|finding| finding.grade == Grade::Bad) { Exit::False } else { Exit::Good })
}

/// What came of it is the finding `clock`.
async fn accept_clock(config: &Config) -> Result<(), Failure> {
    let accepted = console::desk(config).await?.clock_accepted(&console::user()).await;
    accepted.map(|_| ()).map_err(console::failed)
}

mod archive;
mod surroundings;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_faults_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().join("absent"), ..Config::default() };
        let grade = |config: &Config, check: &str| {
            surroundings::look(config).into_iter().find(|f| f.check == check).map(|f| f.grade)
        };
        assert_eq!(grade(&config, "data-folder"), Some(Grade::Bad));
        assert_eq!(grade(&config, "key-file"), Some(Grade::Bad));
        assert_eq!(grade(&config, "public-url"), Some(Grade::Warning));

        std::fs::create_dir(&config.data_dir).unwrap();
        std::fs::write(config.key_file(), b"secret").unwrap();
        assert_eq!(grade(&config, "data-folder"), Some(Grade::Good));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(config.key_file(), std::fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(grade(&config, "key-file"), Some(Grade::Bad));
            std::fs::set_permissions(config.key_file(), std::fs::Permissions::from_mode(0o600)).unwrap();
            assert_eq!(grade(&config, "key-file"), Some(Grade::Good));
        }
    }
}
