//! What others said of the checkpoints still holds: cosignatures and time stamps, over the very tree that we keep.

use plico_crypto::digest::sha256;
use plico_database::args;
use plico_journal::note::{Checked, Note, VerifierKey};
use plico_signature::timestamp;

use super::Outcome;
use crate::checkpoint::LogRow;
use crate::vouch::parsed;
use crate::{Archive, ArchiveError};

#[derive(plico_database::Record)]
struct Cosigned {
    size: i64,
    note: String,
    witness: String,
    first_line: String,
    first_s: i64,
    last_line: String,
    last_s: i64,
}

const COSIGNED: &str =
    "select s.size, c.note, s.witness, s.first_line, s.first_s, s.last_line, s.last_s from cosignature s
    join checkpoint c on c.log = s.log and c.size = s.size where s.log = $1
    and (s.size > $2 or (s.size = $2 and s.witness > $3)) order by s.size, s.witness limit 1024";
const STAMPED: &str = "select s.size, c.note, s.token, s.at_ms from time_stamp s
    join checkpoint c on c.log = s.log and c.size = s.size where s.log = $1 order by s.size";

impl Archive {
    pub(super) async fn check_vouched(
        &self,
        log: &LogRow,
        outcome: &mut Outcome,
    ) -> Result<(), ArchiveError> {
        let mut from = (0, String::new());
        loop {
            let rows: Vec<Cosigned> = self.database().all(COSIGNED, args![log.id, from.0, &from.1]).await?;
            let Some(last) = rows.last() else { break };
            from = (last.size, last.witness.clone());
            for row in &rows {
                if !row.holds() {
                    let place = format!("cosignature {} of {}", row.size, log.origin);
                    outcome.found(place, format!("is not one of {} over this checkpoint", row.witness));
                }
            }
        }
        let rows: Vec<(i64, String, Vec<u8>, i64)> = self.database().all(STAMPED, args![log.id]).await?;
        for (size, note, token, at_ms) in rows {
            let place = format!("time stamp {size} of {}", log.origin);
            // What is no checkpoint has been said already.
            let Ok((checkpoint, _)) = parsed(&note) else { continue };
            let digest = sha256(checkpoint.text().as_bytes());
            match timestamp::verify(&token, &digest, self.now_ms(), None) {
                Err(error) => outcome.found(place, error.to_string()),
                Ok(stamp) if stamp.latest_ms() != at_ms => {
                    outcome.found(place, "its row does not say when it was");
                }
                Ok(_) => {}
            }
        }
        Ok(())
    }
}

impl Cosigned {
    fn holds(&self) -> bool {
        let (Ok((checkpoint, _)), Ok(key)) = (parsed(&self.note), VerifierKey::parse(&self.witness)) else {
            return false;
        };
        [(&self.first_line, self.first_s), (&self.last_line, self.last_s)].into_iter().all(|(line, said)| {
            let alone = format!("{}\n{line}", checkpoint.text());
            let checked = Note::parse(alone.as_bytes()).map(|note| note.check(&key));
            matches!(checked, Ok(Checked::Good(Some(at))) if at == said.cast_unsigned())
        })
    }
}
