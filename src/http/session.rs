//! Sessions: an opaque 256-bit token in a cookie, of which only the SHA-256 is stored.
//!
//! Whoever reads the table cannot become anybody. A session ends after a time without requests, after a time in any
//! case, and when it is revoked; a sign-in always makes a new one, so that a token known before is worth nothing
//! after.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use plico_crypto::digest::sha256;
use plico_database::{Database, DatabaseError, args};

use super::csrf::FormSecret;
use crate::clock;
use crate::config;

/// Seen times are written at most this often, in milliseconds: reading a page should not write.
const TOUCH_MS: i64 = 60_000;
/// Length of a token in base64.
const TOKEN_CHARS: usize = 43;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token: the session's identity in lists and for revoking.
    pub id: [u8; 32],
    /// The account.
    pub account: String,
    /// How he signed in: `gateway`, `local` or `demo`.
    pub kind: String,
    /// Level of the login: `L1`, `L2`, `L3`, or `local`.
    pub level: String,
    /// On whose behalf he acts, when not for himself.
    pub acting_for: Option<String>,
    /// Secret of his forms.
    pub forms: FormSecret,
    /// Since when, milliseconds UTC.
    pub created_ms: i64,
    /// Last request noted, milliseconds UTC.
    pub seen_ms: i64,
    /// When it ends in any case, milliseconds UTC.
    pub expires_ms: i64,
    /// The raw evidence of the login, for the `login` part of his acts.
    pub evidence: Vec<u8>,
    /// Language he chose.
    pub locale: Option<String>,
}

/// What a sign-in says.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The account.
    pub account: String,
    /// `gateway`, `local` or `demo`.
    pub kind: &'static str,
    /// Level of the login.
    pub level: String,
    /// On whose behalf.
    pub acting_for: Option<String>,
    /// Raw evidence of the login.
    pub evidence: Vec<u8>,
    /// Language, if the account has one.
    pub locale: Option<String>,
}

/// The sessions of this installation.
#[derive(Clone, Debug)]
pub struct Sessions {
    database: Database,
    idle_ms: i64,
    absolute_ms: i64,
}

type Row = (Vec<u8>, String, String, String, Option<String>, Vec<u8>, i64, i64, i64, Vec<u8>, Option<String>);

const OPEN: &str = "insert into session (token_hash, account, kind, level, acting_for, csrf, created_ms, seen_ms, \
    expires_ms, evidence, locale) values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10)";
const FIND: &str = "select token_hash, account, kind, level, acting_for, csrf, created_ms, seen_ms, expires_ms, \
    evidence, locale from session where token_hash = $1 and seen_ms > $2 and expires_ms > $3";
const TOUCH: &str = "update session set seen_ms = $2 where token_hash = $1";
const REVOKE: &str = "delete from session where token_hash = $1";
const REVOKE_ALL: &str = "delete from session where account = $1";
const LIST: &str = "select token_hash, account, kind, level, acting_for, csrf, created_ms, seen_ms, expires_ms, \
    evidence, locale from session where account = $1 and seen_ms > $2 and expires_ms > $3 order by seen_ms desc";
const SWEEP: &str = "delete from session where seen_ms <= $1 or expires_ms <= $2";
const SPEAK: &str = "update session set locale = $2 where token_hash = $1";
const ACT_FOR: &str = "update session set acting_for = $2, csrf = $3 where token_hash = $1";

impl Sessions {
    /// Over a migrated database.
    pub fn new(database: Database, limits: &config::Session) -> Self {
        Self {
            database,
            idle_ms: i64::from(limits.idle_minutes) * 60_000,
            absolute_ms: i64::from(limits.absolute_hours) * 3_600_000,
        }
    }

    /// Begins a session and gives its token, which exists nowhere else. `previous`, the
    /// session the browser had before, is revoked.
    pub async fn open(
        &self,
        sign_in: SignIn,
        previous: Option<&Session>,
        now_ms: i64,
    ) -> Result<String, DatabaseError> {
        if let Some(previous) = previous {
            self.revoke(&previous.id).await?;
        }
        let token = BASE64.encode(clock::random_bytes::<32>());
        let values = args![
            sha256(token.as_bytes()),
            sign_in.account,
            sign_in.kind,
            sign_in.level,
            sign_in.acting_for,
            FormSecret::random().bytes(),
            now_ms,
            now_ms + self.absolute_ms,
            sign_in.evidence,
            sign_in.locale,
        ];
        self.database.execute(OPEN, values).await?;
        Ok(token)
    }

    /// The session of a token, if it has not ended.
    pub async fn find(&self, token: &str, now_ms: i64) -> Result<Option<Session>, DatabaseError> {
        if token.len() != TOKEN_CHARS {
            return Ok(None);
        }
        let values = args![sha256(token.as_bytes()), now_ms - self.idle_ms, now_ms];
        let Some(row) = self.database.optional::<Row>(FIND, values).await? else { return Ok(None) };
        let Some(session) = session(row) else { return Ok(None) };
        if now_ms - session.seen_ms >= TOUCH_MS {
            self.database.execute(TOUCH, args![session.id, now_ms]).await?;
        }
        Ok(Some(session))
    }

    /// Ends the session of a token (sign-out).
    pub async fn close(&self, token: &str) -> Result<(), DatabaseError> {
        self.revoke(&sha256(token.as_bytes())).await
    }

    /// Ends one session of a list.
    pub async fn revoke(&self, id: &[u8; 32]) -> Result<(), DatabaseError> {
        self.database.execute(REVOKE, args![id]).await.map(drop)
    }

    /// Ends every session of an account, e.g. when its password changes or it is closed. Returns how many.
    pub async fn revoke_all(&self, account: &str) -> Result<u64, DatabaseError> {
        self.database.execute(REVOKE_ALL, args![account]).await
    }

    /// The sessions of an account, latest first.
    pub async fn list(&self, account: &str, now_ms: i64) -> Result<Vec<Session>, DatabaseError> {
        let rows = self.database.all::<Row>(LIST, args![account, now_ms - self.idle_ms, now_ms]).await?;
        Ok(rows.into_iter().filter_map(session).collect())
    }

    /// Sets the language of a session.
    pub async fn speak(&self, id: &[u8; 32], locale: &str) -> Result<(), DatabaseError> {
        self.database.execute(SPEAK, args![id, locale]).await.map(drop)
    }

    /// Sets on whose behalf a session acts from now on. The caller has checked the mandate. Forms that were on show
    /// before, in another window, were for somebody else: they are no longer taken.
    pub async fn act_for(&self, id: &[u8; 32], person: Option<String>) -> Result<(), DatabaseError> {
        let forms = FormSecret::random();
        self.database.execute(ACT_FOR, args![id, person, forms.bytes()]).await.map(drop)
    }

    /// Removes what has ended: a login's evidence is not kept longer than the session. Returns how many.
    pub async fn sweep(&self, now_ms: i64) -> Result<u64, DatabaseError> {
        self.database.execute(SWEEP, args![now_ms - self.idle_ms, now_ms]).await
    }

    /// When the session ends if nothing more is asked, milliseconds UTC.
    pub fn ends_ms(&self, session: &Session, now_ms: i64) -> i64 {
        session.expires_ms.min(now_ms + self.idle_ms)
    }
}

/// `None` for a row whose digest or secret has another length: nobody is signed in by it.
fn session(row: Row) -> Option<Session> {
    let (id, account, kind, level, acting_for, forms, created_ms, seen_ms, expires_ms, evidence, locale) =
        row;
    Some(Session {
        id: id.try_into().ok()?,
        account,
        kind,
        level,
        acting_for,
        forms: FormSecret::from_bytes(forms.try_into().ok()?),
        created_ms,
        seen_ms,
        expires_ms,
        evidence,
        locale,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "create table session (token_hash blob primary key, account text not null, kind text not \
        null, level text not null, acting_for text, csrf blob not null, created_ms integer not null, seen_ms integer \
        not null, expires_ms integer not null, evidence blob not null, locale text) strict";
    const NOW: i64 = 1_795_000_000_000;
    const MINUTE: i64 = 60_000;

    async fn sessions() -> Sessions {
        let database = Database::memory().unwrap();
        database.execute(TABLE, args![]).await.unwrap();
        Sessions::new(database, &config::Session::default())
    }

    fn anna() -> SignIn {
        SignIn {
            account: "anna".into(),
            kind: "local",
            level: "local".into(),
            acting_for: None,
            evidence: b"{}".to_vec(),
            locale: None,
        }
    }

    #[tokio::test]
    async fn only_the_hash_is_stored_and_a_sign_in_changes_the_token() {
        let sessions = sessions().await;
        let first = sessions.open(anna(), None, NOW).await.unwrap();
        let found = sessions.find(&first, NOW).await.unwrap().unwrap();
        assert_eq!(found.account, "anna");
        assert_ne!(&found.id[..], first.as_bytes());
        let second = sessions.open(anna(), Some(&found), NOW).await.unwrap();
        assert_ne!(first, second);
        assert_eq!(sessions.find(&first, NOW).await.unwrap(), None);
        assert_ne!(sessions.find(&second, NOW).await.unwrap().unwrap().forms, found.forms);
        for wrong in ["", "x", &"A".repeat(TOKEN_CHARS), &"A".repeat(10_000)] {
            assert_eq!(sessions.find(wrong, NOW).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn ends_idle_and_ends_in_any_case() {
        let sessions = sessions().await;
        let token = sessions.open(anna(), None, NOW).await.unwrap();
        let mut now = NOW;
        while now < NOW + 9 * 60 * MINUTE {
            assert!(sessions.find(&token, now).await.unwrap().is_some(), "{}", (now - NOW) / MINUTE);
            now += 29 * MINUTE;
        }
        assert_eq!(sessions.find(&token, NOW + 9 * 60 * MINUTE).await.unwrap(), None);

        let token = sessions.open(anna(), None, NOW).await.unwrap();
        assert_eq!(sessions.find(&token, NOW + 30 * MINUTE).await.unwrap(), None);
        assert_eq!(sessions.sweep(NOW + 30 * MINUTE).await.unwrap(), 1, "the other one was seen later");
    }

    #[tokio::test]
    async fn revoked_one_by_one_and_all() {
        let sessions = sessions().await;
        let one = sessions.open(anna(), None, NOW).await.unwrap();
        let two = sessions.open(anna(), None, NOW).await.unwrap();
        assert_eq!(sessions.list("anna", NOW).await.unwrap().len(), 2);
        sessions.close(&one).await.unwrap();
        assert_eq!(sessions.find(&one, NOW).await.unwrap(), None);
        assert!(sessions.find(&two, NOW).await.unwrap().is_some());
        assert_eq!(sessions.revoke_all("anna").await.unwrap(), 1);
        assert_eq!(sessions.find(&two, NOW).await.unwrap(), None);
    }
}
