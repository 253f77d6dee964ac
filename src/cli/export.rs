//! `plico export`: the dossier of a case file, or everything of a body.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use plico_desk::Actor;

use super::{Exit, Failure, Place, Told, console, runtime, say};
use crate::config::Config;

/// Options of `export`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  plico export 2026/12 -o fascicolo.zip --data-dir /var/lib/plico\n\n\
                        plico export --all /media/disco/uscita --data-dir /var/lib/plico\n\n\
                        The export is an event of the case file, with your system user as its author.")]
pub struct Options {
    /// The case file: its identifier, or its year and number (2026/12)
    #[arg(required_unless_present = "all")]
    casefile: Option<String>,
    /// File to write; it must not be there
    #[arg(short, long, value_name = "FILE", required_unless_present = "all")]
    output: Option<PathBuf>,
    /// Everything of the body into this folder, for whoever leaves: register, series, parties, case files, documents; again, it goes on where it broke off
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["casefile", "output", "reason"])]
    all: Option<PathBuf>,
    /// IPA code of the administration, where the archive holds several
    #[arg(long, value_name = "CODE")]
    body: Option<String>,
    /// Why it is exported: kept with the event
    #[arg(long, default_value = "")]
    reason: String,
    #[command(flatten)]
    place: Place,
}

/// Runs it.
pub fn run(options: &Options) -> Result<Exit, Failure> {
    let config = options.place.load()?.config;
    if let Some(folder) = &options.all {
        return runtime()?.block_on(super::export_all::export(&config, options.body.as_deref(), folder));
    }
    let (Some(casefile), Some(output)) = (&options.casefile, &options.output) else {
        return Err(Failure::usage("say which case file, and the file to write".to_owned()));
    };
    if output.exists() {
        return Err(Failure::usage(format!("{} is there already", output.display())));
    }
    runtime()?.block_on(export(options, (casefile, output), &config))
}

async fn export(
    options: &Options,
    (casefile, output): (&str, &Path),
    config: &Config,
) -> Result<Exit, Failure> {
    let desk = console::desk(config).await?;
    let body = console::administration(&desk, options.body.as_deref()).await?;
    let plan = desk.dossier_at_console(&body.id, casefile).await.map_err(console::failed)?;
    let case = plan.case.clone();
    let part = beside(output);
    let unwritable =
        |error: io::Error| Failure::fault(format!("{} cannot be written", part.display())).because(error);
    // Whole files of people: for whoever exports it, until he hands it on.
    let file = File::options().write(true).create_new(true).mode(0o600).open(&part).map_err(unwritable)?;
    let whole = file.try_clone().map_err(unwritable)?;
    let told = Told::default();
    let progress = |files: usize, of: usize| told.tell(files as u64, of as u64, "files");
    let packed = desk.pack_dossier(plan, BufWriter::new(file), |now| progress(now.files, now.of)).await;
    drop(told);
    let packed = match packed {
        Ok(packed) => packed,
        Err(error) => {
            let _ = fs::remove_file(&part);
            return Err(console::failed(error));
        }
    };
    whole.sync_all().and_then(|()| fs::rename(&part, output)).map_err(unwritable)?;
    let actor = Actor::console(&body.id, &console::user());
    console::recorded(desk.dossier_exported(&actor, &case, &packed, &options.reason).await)?;
    say(&format!("{}  {}", plico_archive::hex(&packed.sha256), output.display()));
    say(&format!("{} bytes; anybody checks it with: plico verify {}", packed.size, output.display()));
    Ok(Exit::Good)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}
