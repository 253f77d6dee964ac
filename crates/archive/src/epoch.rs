//! Renewing the administration's key: a new epoch in the key file, everything wrapped again under it in bounded steps, then
//! the keys of the epochs before it destroyed. Each step can be the last one before a crash: what is done is seen in the key
//! file, the rows and the journal, and the rest is done the next time.

use plico_crypto::DataKey;
use plico_crypto::keyholder::KeyHolder as _;
use plico_database::{Tx, args};
use plico_record::act::{Act, KeyAdded, KeyRetired};
use plico_record::actor::Actor;

use crate::append::{NewEvent, Work};
use crate::error::{ActError, ArchiveError};
use crate::keys::{KeyFile, Protection};
use crate::outbox::flat;
use crate::{Archive, Core};

/// Rows that are wrapped again in one transaction: some ten milliseconds.
const BATCH: i64 = 500;

/// Where a rotation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// Wrapped keys are still under an older epoch, or its key still exists.
    Pending,
    /// Everything is under this epoch, and no key of an older one exists any more.
    Complete(u32),
}

/// The keys of one administration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochState {
    /// The administration; empty for the installation.
    pub administration: String,
    /// The newest epoch.
    pub newest: u32,
    /// Older epochs whose keys still exist.
    pub older: Vec<u32>,
    /// Wrapped keys that still are under one of them.
    pub pending: u64,
}

const CURRENT: &str =
    "select coalesce(max(epoch), 1) from key_epoch where administration = $1 and added_ms is not null";
const RETIRED: &str = "select epoch from key_epoch where administration = $1 and retired_ms is not null";
const GRANTS: &str = "select thing, holder, epoch, wrapped from access_grant
    where administration = $1 and epoch < $2 limit $3";
const UPLOADS: &str =
    "select id, '', epoch, wrapped from upload where administration = $1 and epoch < $2 limit $3";
const SECRETS: &str = "select account, totp from secret where totp is not null order by account";
const GRANT: &str = "update access_grant set epoch = $3, wrapped = $4 where thing = $1 and holder = $2";
const UPLOAD: &str = "update upload set epoch = $2, wrapped = $3 where id = $1";
const SECRET: &str = "update secret set totp = $2 where account = $1";
const LEFT: &str = "select (select count(*) from access_grant where administration = $1 and epoch < $2)
    + (select count(*) from upload where administration = $1 and epoch < $2)";

/// A wrapped key: whose, for which holder, under which epoch.
type Wrapped = (String, String, i64, Vec<u8>);

/// The newest epoch that the journal names.
pub(crate) async fn current(tx: &mut Tx, administration: &str) -> Result<u32, ArchiveError> {
    Ok(tx.scalar_i64(CURRENT, args![administration]).await? as u32)
}

impl Archive {
    /// Sees to it that the newest epoch's key is at hand.
    pub(crate) async fn renewed(&self, administration: &str) -> Result<(), ArchiveError> {
        let current = self.database().scalar_i64(CURRENT, args![administration]).await?;
        if i64::from(self.core().keys.current_epoch(administration)?) < current {
            self.core().keys.reload().await?;
        }
        Ok(())
    }

    /// The keys of an administration, and what is pending.
    pub async fn epoch_state(&self, administration: &str) -> Result<EpochState, ArchiveError> {
        self.core().keys.reload().await?;
        let mut older = self.core().keys.epochs(administration);
        let newest = older.pop().unwrap_or_default();
        let mut pending = self.database().scalar_i64(LEFT, args![administration, newest]).await?;
        if administration.is_empty() {
            let secrets: Vec<(String, Vec<u8>)> = self.database().all(SECRETS, args![]).await?;
            pending += secrets.iter().filter(|(_, totp)| epoch_of(totp) < newest).count() as i64;
        }
        Ok(EpochState {
            administration: administration.into(),
            newest,
            older,
            pending: pending.cast_unsigned(),
        })
    }

    /// How the key file is kept.
    pub async fn key_protection(&self) -> Result<Protection, ArchiveError> {
        self.core().keys.protection().await
    }

    /// One bounded step towards everything being under epoch `target` or a later one, and no older key existing. Called
    /// again until it answers [`Rotation::Complete`]. If we crash in it, the next call goes on.
    pub async fn rotate(&self, administration: &str, target: u32) -> Result<Rotation, ArchiveError> {
        self.core().keys.reload().await?;
        let at_hand = self.core().keys.epochs(administration);
        if at_hand.last().is_none_or(|newest| *newest < target) {
            // Durable in the file before anything is wrapped under it.
            let key = DataKey::new(self.entropy().bytes());
            let add = |file: &mut KeyFile| file.add_later_epoch(administration, target, &key);
            self.core().keys.change(self.entropy(), add).await?;
            return Ok(Rotation::Pending);
        }
        let newest = at_hand.last().copied().unwrap_or(target);
        if self.added(administration, newest).await? {
            return Ok(Rotation::Pending);
        }
        if self.wrap_again(administration, newest).await? > 0 {
            return Ok(Rotation::Pending);
        }
        if at_hand.len() > 1 {
            let destroy = |file: &mut KeyFile| file.destroy_epochs_before(administration, newest);
            self.core().keys.change(self.entropy(), destroy).await?;
        }
        self.core().keys.forget_epochs_before(administration, newest).await?;
        self.retired(administration, newest).await?;
        Ok(Rotation::Complete(newest))
    }

    /// Records that the epoch is there, unless it is recorded; whether it was not.
    async fn added(&self, administration: &str, epoch: u32) -> Result<bool, ArchiveError> {
        let body = administration.to_owned();
        flat(
            self.act(move |work: &mut Work| {
                Box::pin(async move {
                    if current(&mut work.tx, &body).await? >= epoch {
                        return Ok(false);
                    }
                    work.append(of_keys(&body, KeyAdded { epoch })).await?;
                    Ok::<_, ActError<()>>(true)
                })
            })
            .await,
        )
    }

    /// Records the epochs whose keys are destroyed, unless they are recorded.
    async fn retired(&self, administration: &str, newest: u32) -> Result<(), ArchiveError> {
        let body = administration.to_owned();
        flat(
            self.act(move |work: &mut Work| {
                Box::pin(async move {
                    let known: Vec<(i64,)> = work.tx.all(RETIRED, args![&body]).await?;
                    for epoch in (1..newest).filter(|epoch| !known.contains(&(i64::from(*epoch),))) {
                        work.append(of_keys(&body, KeyRetired { epoch })).await?;
                    }
                    Ok::<_, ActError<()>>(())
                })
            })
            .await,
        )
    }

    /// Wraps a batch again; answers how many there were.
    async fn wrap_again(&self, administration: &str, newest: u32) -> Result<u64, ArchiveError> {
        let body = administration.to_owned();
        flat(
            self.act(move |work: &mut Work| {
                Box::pin(async move {
                    let mut done = 0;
                    let grants: Vec<Wrapped> = work.tx.all(GRANTS, args![&body, newest, BATCH]).await?;
                    for (thing, holder, epoch, wrapped) in grants {
                        let wrapped = work.core().again(&body, epoch as u32, newest, &thing, &wrapped)?;
                        done += work.tx.execute(GRANT, args![thing, holder, newest, wrapped]).await?;
                    }
                    let uploads: Vec<Wrapped> = work.tx.all(UPLOADS, args![&body, newest, BATCH]).await?;
                    for (id, _, epoch, wrapped) in uploads {
                        let purpose = format!("upload:{id}");
                        let wrapped = work.core().again(&body, epoch as u32, newest, &purpose, &wrapped)?;
                        done += work.tx.execute(UPLOAD, args![id, newest, wrapped]).await?;
                    }
                    if body.is_empty() {
                        done += secrets_again(work, newest).await?;
                    }
                    Ok::<_, ActError<()>>(done)
                })
            })
            .await,
        )
    }
}

/// Second factors: of the installation, the epoch in the first four bytes.
async fn secrets_again(work: &mut Work, newest: u32) -> Result<u64, ArchiveError> {
    let secrets: Vec<(String, Vec<u8>)> = work.tx.all(SECRETS, args![]).await?;
    let old = secrets.into_iter().filter(|(_, totp)| epoch_of(totp) < newest).take(BATCH as usize);
    let mut done = 0;
    for (account, totp) in old {
        let wrapped = totp.get(4..).unwrap_or_default();
        let purpose = format!("totp:{account}");
        let wrapped = work.core().again("", epoch_of(&totp), newest, &purpose, wrapped)?;
        let totp = [newest.to_be_bytes().to_vec(), wrapped].concat();
        done += work.tx.execute(SECRET, args![account, totp]).await?;
    }
    Ok(done)
}

pub(crate) fn epoch_of(totp: &[u8]) -> u32 {
    totp.first_chunk().map_or(1, |epoch| u32::from_be_bytes(*epoch))
}

fn of_keys(administration: &str, act: impl Into<Act>) -> NewEvent {
    NewEvent::by(&Actor::system(administration), "keys", act)
}

impl Core {
    fn again(
        &self,
        administration: &str,
        old: u32,
        new: u32,
        purpose: &str,
        wrapped: &[u8],
    ) -> Result<Vec<u8>, ArchiveError> {
        let secret = self.keys.unwrap(administration, old, purpose.as_bytes(), wrapped)?;
        let mut random = |buffer: &mut [u8]| self.entropy.fill(buffer);
        Ok(self.keys.wrap(administration, new, &mut random, purpose.as_bytes(), &secret)?)
    }
}
