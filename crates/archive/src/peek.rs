//! What can be told of an archive without its keys.

use plico_database::{Database, DatabaseError, Mode, args};
use plico_vault::signer::SignerState;

use crate::error::ArchiveError;
use crate::setup::signer_error;
use crate::{Archive, Paths};

const REAL: &str = "select count(*) from log where not demo";
const LOGS: &str = "select count(*) from log";

impl Archive {
    /// Whether a demo archive is at this place, finished or not; `None` when nothing is. Fails while another process
    /// has it open.
    pub async fn demo_at(paths: &Paths) -> Result<Option<bool>, ArchiveError> {
        let mut demo = None;
        if paths.signer.exists() {
            let signer = SignerState::open(&paths.signer).map_err(signer_error)?;
            let origins: Vec<String> = signer.positions().map(|(origin, _)| origin.to_owned()).collect();
            if !origins.is_empty() {
                demo = Some(origins.iter().all(|origin| origin.starts_with("PROVA.")));
            }
        }
        if demo != Some(false) && paths.may_hold_one() {
            let database = match Database::open(paths.database.clone(), Mode::Existing).await {
                // A server's database is made before there is anything in it.
                Err(DatabaseError::Vacant) => return Ok(demo),
                opened => opened?,
            };
            if database.has_table("log").await? {
                let real = database.scalar_i64(REAL, args![]).await?;
                demo = Some(real == 0 && database.scalar_i64(LOGS, args![]).await? > 0);
            } else {
                demo = demo.or(Some(false));
            }
            database.close().await;
        }
        Ok(demo)
    }
}
