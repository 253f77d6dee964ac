//! A dossier that was packed once and is kept for a week, so that its download can be broken off and go on. It is a file
//! that was not sent: sealed, swept and re-wrapped as those are.

use plico_archive::read::inbox::{self, UploadRow};
use plico_vault::BlobReader;
use tokio::io::AsyncReadExt as _;
use tokio_util::io::SyncIoBridge;

use super::{Packed, Plan, Progress};
use crate::refusal::{fault, refuse};
use crate::upload::{Owner, Scan};
use crate::{Actor, Desk, Outcome, Refusal};

/// Bytes that may wait between packing and sealing.
const WAITING: usize = 256 * 1024;

fn owner(actor: &Actor, case: &str) -> Owner {
    Owner(format!("dossier:{}:{case}", actor.account))
}

impl Desk {
    /// Packs a dossier, records that it is handed out, and keeps it for the actor, in the place of one that he had.
    pub async fn keep_dossier(
        &self,
        actor: &Actor,
        case: &str,
        plan: Plan,
        reason: &str,
        progress: impl FnMut(Progress) + Send,
    ) -> Outcome<Packed> {
        let owner = owner(actor, case);
        let before = inbox::uploads(self.archive().database(), &owner.0).await?;
        let mut file = self.begin_own_file(&actor.administration, &owner, &format!("{}.zip", plan.name))?;
        let (write, mut read) = tokio::io::duplex(WAITING);
        let packing = self.pack_dossier(plan, SyncIoBridge::new(write), progress);
        let keeping = async {
            let mut piece = vec![0; WAITING];
            loop {
                let count = read.read(&mut piece).await.map_err(fault)?;
                if count == 0 {
                    return Ok::<_, plico_archive::ActError<Refusal>>(file);
                }
                file.write(&piece[..count]).await?;
            }
        };
        let (packed, file) = tokio::try_join!(packing, keeping)?;
        // First that it is handed out: without the event nobody may find the file.
        self.dossier_exported(actor, case, &packed, reason).await?;
        self.finish_upload(file, async |_| Scan::Off).await?;
        for old in before {
            self.remove_upload(&owner, &old.id).await?;
        }
        Ok(packed)
    }

    /// The dossier of a case file that was packed for the actor and is still kept.
    pub async fn kept_dossier(&self, actor: &Actor, case: &str) -> Outcome<Option<UploadRow>> {
        self.case(actor, plico_record::authority::Deed::ReadMetadata, case).await?;
        Ok(inbox::uploads(self.archive().database(), &owner(actor, case).0).await?.pop())
    }

    /// Its content.
    pub async fn dossier_file(
        &self,
        actor: &Actor,
        case: &str,
        id: &str,
    ) -> Outcome<(UploadRow, BlobReader)> {
        let Some(file) = self.kept_dossier(actor, case).await?.filter(|file| file.id == id) else {
            return refuse(Refusal::NotFound);
        };
        let key = self.upload_key(&actor.administration, &file).await?;
        let blob: [u8; 32] = file.blob.clone().try_into().map_err(|_| fault("upload blob"))?;
        let reader = self.archive().open_blob(&blob, &key).await?;
        Ok((file, reader))
    }
}
