//! What came after a receipt was issued: handed out beside it, because the receipt stays the same bytes for ever.

use plico_archive::read::receipt::ReceiptRow;
use plico_archive::tree;
use plico_archive::vouch::Stamped;
use plico_evidence::beside::{Beside, Later, beside};
use plico_journal::proof::write_hashes;
use plico_journal::{Checkpoint, Proof};

use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

impl Desk {
    /// The evidence beside a receipt that the actor holds: its name and its bytes.
    pub async fn evidence_beside(&self, actor: &Actor, id: &str) -> Outcome<(String, Vec<u8>)> {
        let (row, _) = self.receipt(actor, id).await?;
        let Some(bytes) = self.later_evidence(&row).await? else {
            return refuse(Refusal::NoEvidenceYet);
        };
        Ok((beside(&row.name), bytes))
    }

    /// What came after a receipt, if anything did: the first later checkpoint that witnesses vouch for and the first that is
    /// time-stamped, which may be one.
    pub(crate) async fn later_evidence(&self, row: &ReceiptRow) -> Outcome<Option<Vec<u8>>> {
        let (log, index) = (row.log, row.idx);
        let Some(own) = self.archive.checkpoint_covering(log, index).await? else { return Ok(None) };
        let vouched = self.archive.vouched_after(log, index).await?;
        let stamped = self.archive.stamped_after(log, index).await?;
        let mut sizes: Vec<i64> = vouched.iter().map(|vouched| vouched.size.cast_signed()).collect();
        sizes.extend(stamped.iter().map(|stamped| stamped.size));
        sizes.sort_unstable();
        sizes.dedup();
        if sizes.is_empty() {
            return Ok(None);
        }
        let mut proofs = Vec::new();
        for size in sizes {
            let tokens: Vec<Vec<u8>> = stamped
                .iter()
                .filter(|stamped: &&Stamped| stamped.size == size)
                .map(|stamped| stamped.token.clone())
                .collect();
            proofs.push(self.later(log, index, own.size.cast_unsigned(), size, &tokens).await?);
        }
        Ok(Some(Beside::new(proofs).to_bytes().map_err(fault)?))
    }

    async fn later(&self, log: i64, index: i64, own: u64, size: i64, tokens: &[Vec<u8>]) -> Outcome<Later> {
        let (vault, to) = (self.archive.vault(), size.cast_unsigned());
        let note = self.archive.cosigned_note(log, size).await?;
        let (checkpoint, note) = Checkpoint::parse_note(note.as_bytes()).map_err(fault)?;
        let index = index.cast_unsigned();
        let hashes = tree::inclusion(vault, log, index, to).await?;
        let proof = Proof { extra: None, index, hashes, checkpoint, note };
        let consistency = tree::consistency(vault, log, own, to).await?;
        Ok(Later::new(proof.to_string(), write_hashes(&consistency), tokens))
    }
}
