//! The sign of life: a small file that says when the service last could accept something. Events alone do not tell: on a
//! quiet day there are none. It is of this machine, and so in no backup.

use plico_vault::Access;

use crate::Archive;
use crate::error::ArchiveError;

const FILE: &str = "alive";

impl Archive {
    /// When the last sign of life was given (UTC milliseconds); `None` where there never was one, or nobody can read it.
    pub async fn last_alive(&self) -> Result<Option<i64>, ArchiveError> {
        let bytes = self.vault().read_file(FILE, 64).await?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse().ok()))
    }

    /// Gives a sign of life.
    pub async fn give_sign_of_life(&self) -> Result<(), ArchiveError> {
        let now = format!("{}\n", self.now_ms());
        Ok(self.vault().put_file(FILE, now.into_bytes(), Access::Group).await?)
    }

    /// Whether the writer would take an act now: it runs, the clock is believed and there is room.
    pub fn accepts(&self) -> bool {
        !self.is_stopped() && self.clock_refused().is_none() && self.need_room().is_ok()
    }
}
