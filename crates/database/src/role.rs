//! A role of the server that may write the archive and cannot change what is final: it does not own the tables, inserts events
//! and reads them. Triggers stop mistakes; a right that is not there stops whoever takes over the service as well.

use crate::engine::Engine;
use crate::{Database, DatabaseError, Tx, args};

/// Everything first; then what nobody may take back.
const GRANTS: [&str; 6] = [
    "grant usage on schema {schema} to {role}",
    "revoke all on all tables in schema {schema} from {role}",
    "grant select, insert, update, delete on all tables in schema {schema} to {role}",
    "revoke update, delete on event, checkpoint from {role}",
    "revoke update on part from {role}",
    "revoke insert, update, delete on schema_migration from {role}",
];
const NAMES: &str =
    "select quote_ident($1), quote_ident(cast(current_schema() as text)), $1 = cast(current_user as text)";
const HOLDERS: &str = "select distinct cast(grantee as text) from information_schema.role_table_grants
    where table_schema = current_schema() and table_name = 'event' and privilege_type = 'INSERT'
    and grantee <> current_user and grantee <> 'PUBLIC' order by 1";
const MAY_CHANGE: &str = "select has_table_privilege('event', 'update')";

impl Database {
    /// Lets a role of the server do what the service does, and no more. For the tables' owner, on PostgreSQL.
    pub async fn grant(&self, role: &str) -> Result<(), DatabaseError> {
        if let Engine::Sqlite(_) = self.engine {
            return Err(DatabaseError::Unsuitable { problem: "is a file: it has no roles".into() });
        }
        let (quoted, schema, own): (String, String, bool) = self.one(NAMES, args![role]).await?;
        if own {
            let problem =
                format!("belongs to {role}: grant to another role, with which the service connects");
            return Err(DatabaseError::Unsuitable { problem });
        }
        let mut tx: Tx = self.begin().await?;
        for sql in GRANTS {
            tx.run(sql.replace("{role}", &quoted).replace("{schema}", &schema)).await?;
        }
        tx.commit().await
    }

    /// Roles that were granted to before: new tables must be granted to them too.
    pub async fn granted(&self) -> Result<Vec<String>, DatabaseError> {
        if let Engine::Sqlite(_) = self.engine {
            return Ok(Vec::new());
        }
        Ok(self.all::<(String,)>(HOLDERS, args![]).await?.into_iter().map(|row| row.0).collect())
    }

    /// Whether only triggers keep whoever is connected from changing events.
    pub async fn may_change_events(&self) -> Result<bool, DatabaseError> {
        match self.engine {
            Engine::Sqlite(_) => Ok(true),
            Engine::Postgres(_) => Ok(self.one::<(bool,)>(MAY_CHANGE, args![]).await?.0),
        }
    }
}
