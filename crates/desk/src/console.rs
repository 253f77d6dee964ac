//! What was done at the command line: every command that changes anything is an event of the installation.

use plico_archive::{NewEvent, Work};
use plico_record::act::{Act, ConsoleUsed, SchemaMigrated};

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
