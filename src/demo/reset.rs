//! Starting over: the folder, key file, authority, lists and signer state of a demo are removed, and of nothing else.

use plico_archive::Archive;
use plico_database::Location;
use plico_vault::clear_away;

use super::DemoError;
use crate::app;
use crate::config::Config;

/// Whether a demo is there to be opened; with `start_over`, or when it was never finished, it is removed first.
pub(super) async fn keep(config: &Config, start_over: bool) -> Result<bool, DemoError> {
    let paths = app::paths(config);
    match Archive::demo_at(&paths).await? {
        None => Ok(false),
        Some(false) => Err(DemoError::NotADemo(paths.data.display().to_string())),
        Some(true) if start_over || !is_begun(config) => {
            remove(config).await?;
            Ok(false)
        }
        Some(true) => Ok(true),
    }
}

/// Whether there is a database to open. A server's is there: what it lacks, opening says.
fn is_begun(config: &Config) -> bool {
    match config.location() {
        Location::File(path) => path.exists(),
        Location::Server(_) => true,
    }
}

/// Removes a demo, after looking once more that it is one.
pub(super) async fn remove(config: &Config) -> Result<(), DemoError> {
    let paths = app::paths(config);
    if Archive::demo_at(&paths).await? != Some(true) {
        return Err(DemoError::NotADemo(paths.data.display().to_string()));
    }
    // The signer's state goes last: as long as it is there, it says that this was a demo.
    let [trust, lists] = super::trust_folders(config);
    for path in [&paths.data, &trust, &lists, &paths.key_file, &paths.signer] {
        clear_away(path).map_err(|error| DemoError::Remove(path.display().to_string(), error))?;
    }
    Ok(())
}
