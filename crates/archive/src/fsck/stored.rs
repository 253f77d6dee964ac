//! What is stored opens with its own key and is what was committed to: documents and receipts, read to their end.

use plico_crypto::digest::Sha256;
use plico_database::args;
use plico_record::part::DocumentsPart;

use super::Outcome;
use crate::{Archive, ArchiveError, hex};

/// Bytes read at once.
const PIECE: u64 = 1024 * 1024;
const RECEIPTS: &str = "select id, sha256 from receipt where id > $1 order by id limit 256";

impl Archive {
    /// The documents of one event's `documents` part.
    pub(super) async fn check_documents(&self, part: &[u8], outcome: &mut Outcome) {
        let Ok(part) = serde_json::from_slice::<DocumentsPart>(part) else { return };
        for document in part.documents {
            let thing = format!("document:{}", document.id);
            self.check_stored(&thing, &document.sha256, outcome).await;
        }
    }

    /// Every receipt.
    pub(super) async fn check_receipts(&self, outcome: &mut Outcome) -> Result<(), ArchiveError> {
        let mut after = String::new();
        loop {
            let rows: Vec<(String, String)> = self.database().all(RECEIPTS, args![&after]).await?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after.clone_from(last);
            for (id, sha256) in rows {
                self.check_stored(&format!("receipt:{id}"), &sha256, outcome).await;
            }
        }
    }

    async fn check_stored(&self, thing: &str, sha256: &str, outcome: &mut Outcome) {
        outcome.documents += 1;
        match self.digest_of(thing).await {
            Ok(found) if found == sha256 => {}
            Ok(_) => outcome.found(thing, "its content is not the one that was committed to"),
            Err(error) => outcome.found(thing, format!("it does not open: {error}")),
        }
    }

    async fn digest_of(&self, thing: &str) -> Result<String, ArchiveError> {
        let reader = self.open_granted(thing).await?;
        let (mut digest, mut at) = (Sha256::new(), 0);
        if reader.size() == 0 {
            reader.read_all(0).await?;
        }
        while at < reader.size() {
            let until = (at + PIECE).min(reader.size());
            digest.update(&reader.read_range(at..until).await?);
            at = until;
        }
        Ok(hex(&digest.finish()))
    }
}
