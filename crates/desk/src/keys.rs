//! Renewing the keys of the administrations: ordered at the command line, done by a job of the running service.

use plico_archive::read::body;
use plico_archive::{EpochState, Rotation, Work};
use plico_record::authority::{Deed, Thing};

use crate::destruction::Progress;
use crate::refusal::permit;
use crate::{Actor, Desk, Outcome};

/// Steps that one run of the job takes at most: its lease is not to end meanwhile.
const STEPS: usize = 50;

impl Desk {
    /// The keys of the installation and of every administration, and what is pending.
    pub async fn key_states(&self, actor: &Actor) -> Outcome<Vec<EpochState>> {
        permit(actor, Deed::AdministerHub, &Thing::Installation)?;
        let mut states = vec![self.archive.epoch_state("").await?];
        for body in body::bodies(self.archive.database()).await? {
            states.push(self.archive.epoch_state(&body.id).await?);
        }
        Ok(states)
    }

    /// Orders a new epoch for the installation and every administration; a second order meanwhile is the same one.
    pub async fn order_rotation(&self, actor: &Actor) -> Outcome<Vec<EpochState>> {
        let states = self.key_states(actor).await?;
        let orders: Vec<(String, u32)> =
            states.iter().map(|state| (state.administration.clone(), state.newest + 1)).collect();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    for (administration, target) in orders {
                        let payload = serde_json::json!({"v": 1, "target": target});
                        let key = format!("keys/{administration}/{target}");
                        work.enqueue("keys", &key, &administration, &payload)?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(states)
    }

    /// Goes on with an ordered rotation, for a while. Idempotent. One process changes the key file: the one that signs.
    pub async fn rotate_keys(&self, administration: &str, target: u32) -> Outcome<Progress> {
        if !self.archive.leads().await {
            return Ok(Progress::NotHere);
        }
        for _ in 0..STEPS {
            if let Rotation::Complete(_) = self.archive.rotate(administration, target).await? {
                return Ok(Progress::Done);
            }
        }
        Ok(Progress::More)
    }
}
