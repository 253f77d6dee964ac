//! One request, one filing: a caller that heard no answer repeats its request with the same key, and gets the answer
//! of the first.
//!
//! The key remembers the draft, and a draft becomes its message: so whatever we crash between, a repetition finds
//! either the draft, and sends it, or the message. Keys are kept for months (`sweep`), far longer than anybody repeats a call.

use plico_archive::{ActError, Work};
use plico_database::args;

use crate::draft::{Beginning, Purpose, Words};
use crate::present::Filed;
use crate::refusal::refuse;
use crate::upload::Owner;
use crate::{Actor, Desk, Outcome, Refusal};

/// A filing in one call.
#[derive(Debug, Clone)]
pub struct Once {
    /// The caller's key.
    pub key: String,
    /// SHA-256 of everything that was asked, files included.
    pub request: [u8; 32],
    /// What was written.
    pub words: Words,
    /// The message it answers or adds to.
    pub about: Option<(Purpose, String)>,
    /// Its files, received already.
    pub files: Owner,
}

const KNOWN: &str = "select request, answer from idempotency where account = $1 and key = $2";
const REMEMBER: &str = "insert into idempotency (account, key, request, answer, created_ms)
    values ($1, $2, $3, $4, $5)";
const FORGET: &str = "delete from idempotency where account = $1 and key = $2 and answer = $3";
const TAKE_FILES: &str = "update upload set owner = $2 where owner = $1";
const DROP_FILES: &str = "delete from upload where owner = $1";

impl Desk {
    /// Files, once for each key; whether this call did it or an earlier one.
    pub async fn file_once(&self, actor: &Actor, once: Once) -> Outcome<(Filed, bool)> {
        let Once { key, request, words, about, files } = once;
        let (purpose, about) = match &about {
            Some((purpose, about)) => (*purpose, Some(about.as_str())),
            None => (Purpose::Filing, None),
        };
        let beginning = self.beginning(actor, purpose, about, words).await;
        let claimed = self.claim(actor, &key, request, beginning, &files).await;
        let (id, fresh) = match claimed {
            Ok(claimed) => claimed,
            Err(error) => {
                self.drop_files(&files).await?;
                return Err(error);
            }
        };
        match self.present(actor, &id).await {
            Ok(filed) => Ok((filed, fresh)),
            Err(ActError::Refused(refusal)) => {
                // What was refused may be mended and sent again with the same key.
                self.forget(actor, &key, &id).await?;
                match self.discard_draft(actor, &id).await {
                    // A call with the same key that was under way meanwhile has ended differently.
                    Err(ActError::Refused(Refusal::NotFound)) => refuse(Refusal::Exists),
                    Err(fault @ ActError::Fault(_)) => Err(fault),
                    _ => refuse(refusal),
                }
            }
            Err(fault) => Err(fault),
        }
    }

    /// The draft that a key stands for, and whether it is new: the one it was first used with, or one that begins now, to
    /// which the files then belong. What was filed is answered again, whether or not it could still begin today.
    async fn claim(
        &self,
        actor: &Actor,
        key: &str,
        request: [u8; 32],
        beginning: Outcome<Beginning>,
        files: &Owner,
    ) -> Outcome<(String, bool)> {
        let (account, key, files) = (actor.account.clone(), key.to_owned(), files.0.clone());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let known: Option<(Vec<u8>, String)> =
                        work.tx.optional(KNOWN, args![&account, &key]).await?;
                    match known {
                        Some((same, id)) if same == request => {
                            work.tx.write(DROP_FILES, args![files])?;
                            Ok((id, false))
                        }
                        Some(_) => refuse(Refusal::KeyReused),
                        None => {
                            let draft = beginning?.begin(work).await?;
                            let now = work.now_ms();
                            work.tx.write(REMEMBER, args![account, key, request, &draft, now])?;
                            work.tx.write(TAKE_FILES, args![files, &draft])?;
                            Ok((draft, true))
                        }
                    }
                })
            })
            .await
    }

    /// What a key stands for: what it was first used for, or `fresh` from now on.
    pub async fn claim_key(
        &self,
        actor: &Actor,
        key: &str,
        request: [u8; 32],
        fresh: &str,
    ) -> Outcome<String> {
        let (account, key, fresh) = (actor.account.clone(), key.to_owned(), fresh.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let known: Option<(Vec<u8>, String)> =
                        work.tx.optional(KNOWN, args![&account, &key]).await?;
                    match known {
                        Some((same, thing)) if same == request => Ok(thing),
                        Some(_) => refuse(Refusal::KeyReused),
                        None => {
                            let now = work.now_ms();
                            work.tx.write(REMEMBER, args![account, key, request, &fresh, now])?;
                            Ok(fresh)
                        }
                    }
                })
            })
            .await
    }

    /// Forgets what a key stands for: what was refused may be mended and sent again with it.
    pub async fn forget_key(&self, actor: &Actor, key: &str, thing: &str) -> Outcome<()> {
        self.forget(actor, key, thing).await
    }

    async fn forget(&self, actor: &Actor, key: &str, id: &str) -> Outcome<()> {
        let (account, key, id) = (actor.account.clone(), key.to_owned(), id.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(FORGET, args![account, key, id])?;
                    Ok(())
                })
            })
            .await
    }

    /// Throws away files that nobody sent.
    pub async fn drop_files(&self, files: &Owner) -> Outcome<()> {
        let owner = files.0.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(DROP_FILES, args![owner])?;
                    Ok(())
                })
            })
            .await
    }
}
