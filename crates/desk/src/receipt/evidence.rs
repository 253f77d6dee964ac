//! What a receipt embeds, so that it proves itself: the leaf, the parts its holder may know, the path to a signed
//! checkpoint and the one from the checkpoint before. What vouches for a checkpoint joins here.

use plico_archive::checkpoint::{CheckpointRow, LogRow};
use plico_archive::content::Opened;
use plico_archive::read::receipt::Order;
use plico_archive::tree;
use plico_journal::Proof;
use plico_journal::proof::write_hashes;
use plico_pdf::paper::{Attachment, Relationship};
use plico_record::part::Party;

use crate::paper::Words;
use crate::refusal::fault;
use crate::{Desk, Outcome};

/// The newest checkpoint without the event that somebody vouches for, else the newest: the lower bound of its time.
pub(super) struct Earlier {
    pub(super) note: String,
    pub(super) consistency: String,
    /// Until when it was vouched that the log had no more than this (UTC milliseconds).
    pub(super) vouched_ms: Option<i64>,
    pub(super) stamp: Option<Vec<u8>>,
}

/// What is embedded.
pub(super) struct Evidence {
    pub(super) leaf: Vec<u8>,
    pub(super) parts: Vec<Opened>,
    pub(super) proof: String,
    pub(super) earlier: Option<Earlier>,
    /// In a successor log: its first leaf, that leaf's `act`, and its path.
    pub(super) opening: Option<(Vec<u8>, Opened, String)>,
    pub(super) policy: String,
    /// Whether anybody is asked to vouch later.
    pub(super) asked: bool,
}

impl Desk {
    /// Everything that proves an event under a checkpoint that covers it; `names_actor`: who did it is the holder's to know.
    pub(super) async fn evidence(
        &self,
        order: &Order,
        log: &LogRow,
        checkpoint: &CheckpointRow,
        names_actor: bool,
    ) -> Outcome<Evidence> {
        let vault = self.archive.vault();
        let (index, size) = (order.index.cast_unsigned(), checkpoint.size.cast_unsigned());
        let hashes = tree::inclusion(vault, order.log, index, size).await?;
        let cosigned = self.archive.cosigned_note(order.log, checkpoint.size).await?;
        let (signed, note) = plico_journal::Checkpoint::parse_note(cosigned.as_bytes()).map_err(fault)?;
        let proof = Proof { extra: None, index, hashes, checkpoint: signed, note };
        let earlier = match self.archive.vouched_before(order.log, order.index).await? {
            Some(before) => {
                let path = tree::consistency(vault, order.log, before.size, size).await?;
                Some(Earlier {
                    note: before.note,
                    consistency: write_hashes(&path),
                    vouched_ms: before.vouched_ms,
                    stamp: before.stamp,
                })
            }
            None => None,
        };
        let parts = self.archive.parts(order.log, order.index).await?;
        Ok(Evidence {
            leaf: self.archive.leaf(order.log, order.index).await?,
            parts: parts
                .into_iter()
                .filter(|part| holder_may_know(part, &order.holder, names_actor))
                .collect(),
            proof: proof.to_string(),
            earlier,
            opening: if log.successor > 1 { self.opening(order.log, size).await? } else { None },
            policy: self.archive.policy_for(&log.origin)?,
            asked: self.archive.demand().is_anybody_asked(),
        })
    }

    /// What shows which log this one goes on from.
    async fn opening(&self, log: i64, size: u64) -> Outcome<Option<(Vec<u8>, Opened, String)>> {
        let Some(act) = self.archive.parts(log, 0).await?.into_iter().find(|part| part.name == "act") else {
            return Ok(None);
        };
        let path = tree::inclusion(self.archive.vault(), log, 0, size).await?;
        Ok(Some((self.archive.leaf(log, 0).await?, act, write_hashes(&path))))
    }
}

/// The holder knows what happened, who did it unless that is another's secret, the documents, the register's entry and
/// himself; never the login evidence, the office's internal part or another person.
fn holder_may_know(part: &Opened, holder: &str, names_actor: bool) -> bool {
    match part.name.as_str() {
        "act" | "documents" | "register" => true,
        "actor" => names_actor,
        name if name.starts_with("party.") => {
            serde_json::from_slice::<Party>(&part.bytes).is_ok_and(|party| party.person == holder)
        }
        _ => false,
    }
}

pub(super) fn attachments(words: &Words<'_>, evidence: Evidence) -> Vec<Attachment> {
    let parts = written(evidence.parts);
    let mut list = vec![
        ("leaf.json", "application/json", "receipt-attachment-leaf", evidence.leaf),
        ("parts.json", "application/json", "receipt-attachment-parts", parts),
        ("proof.tlog-proof", "text/plain", "receipt-attachment-proof", evidence.proof.into_bytes()),
        ("policy.txt", "text/plain", "receipt-attachment-policy", evidence.policy.into_bytes()),
    ];
    if let Some(earlier) = evidence.earlier {
        let (description, consistency) = ("receipt-attachment-earlier", "receipt-attachment-consistency");
        list.push(("earlier.checkpoint", "text/plain", description, earlier.note.into_bytes()));
        list.push(("consistency.txt", "text/plain", consistency, earlier.consistency.into_bytes()));
        list.extend(earlier.stamp.map(|stamp| {
            ("earlier.tst", "application/timestamp-reply", "receipt-attachment-earlier-stamp", stamp)
        }));
    }
    if let Some((leaf, act, path)) = evidence.opening {
        let description = "receipt-attachment-opening";
        list.push(("opening.json", "application/json", description, leaf));
        list.push(("opening-parts.json", "application/json", description, written(vec![act])));
        list.push(("opening.txt", "text/plain", description, path.into_bytes()));
    }
    list.into_iter()
        .map(|(name, media_type, description, bytes)| Attachment {
            name: name.into(),
            media_type: media_type.into(),
            description: words.t(description),
            bytes,
            relationship: Relationship::Supplement,
        })
        .collect()
}

/// Parts as the verifier reads them.
fn written(parts: Vec<Opened>) -> Vec<u8> {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let mut open = serde_json::Map::new();
    for part in parts {
        let text = serde_json::json!({"salt": base64.encode(part.salt), "bytes": base64.encode(&part.bytes)});
        open.insert(part.name, text);
    }
    serde_json::json!({"v": 1, "parts": open}).to_string().into_bytes()
}
