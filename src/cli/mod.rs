//! The command line: what scripts depend on.
//!
//! One command, one file, one function `run`. To add a command: a file with `Options` and `run`, a line in
//! `Command`, a line in `dispatch`, an example in its help.

mod backup;
mod config;
mod console;
mod demo;
mod doctor;
mod exit;
mod export;
mod export_all;
mod fsck;
mod init;
mod ipa;
mod key;
mod migrate;
mod mirror;
mod moving;
mod openapi;
mod place;
mod rebuild;
mod restore;
mod say;
mod serve;
mod signature;
mod user;
mod verify;
mod witness;
mod work;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};
pub use place::Place;
pub use say::{Told, complain, say};

const ABOUT: &str = "Digital mailroom and immutable archive of a public body";

/// Exit codes: 0 good, 1 something is false, 2 incomplete or indeterminate, 64 usage, 70 fault.
#[derive(Debug, Parser)]
#[command(
    name = "plico",
    version = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILD_COMMIT"), ")"),
    about = ABOUT,
    after_help = "Exit codes: 0 good; 1 something is false; 2 incomplete, indeterminate or no signature; \
                  64 usage; 70 fault.\n\nExample:\n  plico demo            # a filled town on http://127.0.0.1:8080",
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a filled demonstration town on this machine
    Demo(demo::Options),
    /// Serve the web interface and the API, and do the work behind them
    Serve(serve::Options),
    /// Do only the work: receipts, notices, index (beside another process that serves)
    Work(work::Options),
    /// Create an archive, its keys and its first administration
    Init(init::Options),
    /// Bring the database to this program's version
    Migrate(migrate::Options),
    /// Check configuration, surroundings and archive, and say what to do about what is wrong
    Doctor(doctor::Options),
    /// Read every blob, tile and row again and name what is wrong and where
    Fsck(fsck::Options),
    /// Make everything derived again from the journal
    Rebuild(rebuild::Options),
    /// Make a backup, or check one
    Backup(backup::Options),
    /// Move the archive's database to another engine
    Move(moving::Options),
    /// Restore a backup into an empty folder
    Restore(restore::Options),
    /// Write the dossier of a case file: documents, receipts, history and proofs in one file that stands alone
    Export(export::Options),
    /// Check a receipt or a dossier, offline
    Verify(verify::Options),
    /// Say what a signed file holds and whether its signatures do
    Signature(signature::Options),
    /// Read the list of public bodies (IPA) from a file of its open data
    Ipa(ipa::Options),
    /// Print the OpenAPI document
    Openapi(openapi::Options),
    /// Say which keys there are, or renew them
    Key(key::Options),
    /// Manage local operator and administrator accounts
    User(user::Options),
    /// Show, check or explain the configuration
    Config(config::Options),
    /// Cosign the checkpoints of other archives' logs
    Witness(witness::Options),
    /// Keep and serve copies of other archives' logs, and notice when one is rewritten
    Mirror(mirror::Options),
}

/// What commands that wait for something run on. They have something to lose, so foreign PDF files are read aside.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    // By this name it is the same program even after an upgrade has replaced the file.
    plico_pdf::aside::use_program("/proc/self/exe".into());
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::fault("cannot start").because(error))
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // Not a command: what the server starts to read a foreign PDF in. It has no settings, no log and no help.
    if std::env::args_os().nth(1).is_some_and(|command| command == "read-pdf") {
        return if plico_pdf::aside::serve().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    // Nor this: what becomes poppler, to draw a page of one or read its text.
    if std::env::args_os().nth(1).is_some_and(|command| command == "poppler") {
        return plico_pdf::poppler::serve(std::env::args().skip(2)).into();
    }
    run(std::env::args_os()).into()
}

/// Runs a command line; the first argument is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let line = match Line::try_parse_from(arguments) {
        Ok(line) => line,
        Err(error) => {
            // `--help` and `--version` are errors to clap, and good to whoever asked.
            let asked = !error.use_stderr();
            let _ = error.print();
            return if asked { Exit::Good } else { Exit::Usage };
        }
    };
    match dispatch(line.command) {
        Ok(exit) => exit,
        Err(failure) => {
            complain(&failure.to_string());
            failure.exit
        }
    }
}

fn dispatch(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Demo(options) => demo::run(&options),
        Command::Serve(options) => serve::run(&options),
        Command::Work(options) => work::run(&options),
        Command::Init(options) => init::run(&options),
        Command::Migrate(options) => migrate::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Fsck(options) => fsck::run(&options),
        Command::Rebuild(options) => rebuild::run(&options),
        Command::Backup(options) => backup::run(&options),
        Command::Restore(options) => restore::run(&options),
        Command::Export(options) => export::run(&options),
        Command::Verify(options) => verify::run(&options),
        Command::Signature(options) => signature::run(&options),
        Command::Ipa(options) => ipa::run(&options),
        Command::Openapi(options) => openapi::run(&options),
        Command::Key(options) => key::run(&options),
        Command::User(options) => user::run(&options),
        Command::Config(options) => config::run(&options),
        Command::Witness(options) => witness::run(&options),
        Command::Move(options) => moving::run(&options),
        Command::Mirror(options) => mirror::run(&options),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn exit(arguments: &[&str]) -> Exit {
        run(arguments.iter().map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound_and_each_command_has_an_example() {
        let definition = Line::command();
        definition.clone().debug_assert();
        for command in definition.get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{} has no example", command.get_name());
        }
    }

    #[test]
    fn usage_is_64_and_help_is_good() {
        assert_eq!(exit(&["plico", "--help"]), Exit::Good);
        assert_eq!(exit(&["plico", "--version"]), Exit::Good);
        assert_eq!(exit(&["plico"]), Exit::Usage);
        assert_eq!(exit(&["plico", "nonsense"]), Exit::Usage);
        assert_eq!(exit(&["plico", "serve", "--nonsense"]), Exit::Usage);
        assert_eq!(exit(&["plico", "config", "show", "--config", "/nowhere.toml"]), Exit::Usage);
    }
}
