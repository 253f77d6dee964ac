//! What was done at the command line: every command that changes anything is an event of the installation.

use plico_archive::{NewEvent, Work};
use plico_record::act::{Act, BackupMade, BackupRestored, ConsoleUsed, SchemaMigrated};

use crate::{Actor, Desk, Outcome};

impl Desk {
    /// Records that a command was used. `command` bears no secrets; `user` is the operating system's.
    pub async fn console_used(&self, user: &str, command: &str) -> Outcome<()> {
        self.installation(user, ConsoleUsed { command: command.into(), user: user.into() }.into()).await
    }

    /// Records a migration of the schema.
    pub async fn schema_migrated(&self, user: &str, to: u32) -> Outcome<()> {
        self.installation(user, SchemaMigrated { to }.into()).await
    }

    /// Records that a backup was made: its digest, and the sizes of the logs in it.
    pub async fn backup_made(&self, user: &str, sha256: &str, sizes: &[(String, u64)]) -> Outcome<()> {
        self.installation(user, BackupMade { sha256: sha256.into(), sizes: sizes.to_vec() }.into()).await
    }

    /// Records that a backup was restored, and how continuity was shown.
    pub async fn backup_restored(&self, user: &str, continuity: &str) -> Outcome<()> {
        self.installation(user, BackupRestored { continuity: continuity.into() }.into()).await
    }

    /// Records that the clock is right although logs are far ahead of it; whether there was need to.
    pub async fn clock_accepted(&self, user: &str) -> Outcome<bool> {
        let actor = Actor::console("", user);
        self.archive
            .act(move |work: &mut Work| Box::pin(async move { Ok(work.accept_clock(&actor).await?) }))
            .await
    }

    async fn installation(&self, user: &str, act: Act) -> Outcome<()> {
        let event = NewEvent::by(&Actor::console("", user), "console", act);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.append(event).await?;
                    Ok(())
                })
            })
            .await
    }
}
