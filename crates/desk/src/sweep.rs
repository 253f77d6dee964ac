//! What was begun and forgotten: drafts, files that nobody sent, keys of calls that are long over. None of it is evidence.

use plico_archive::Work;
use plico_database::args;

use crate::{Desk, Outcome};

const DAY_MS: i64 = 86_400_000;
/// Days that files of an operator's page, or of a call, are kept when nobody sends them.
pub const FILE_DAYS: i64 = 7;
/// Days that the key of a call is remembered, at least.
pub const KEY_DAYS: i64 = 90;

/// What went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Drafts, of persons and of operators.
    pub drafts: u64,
    /// Files that were not sent.
    pub uploads: u64,
    /// Keys of calls.
    pub keys: u64,
}

// A file that came later is a touch, too. An operator's draft owns the files of his form.
const DRAFTS: &str = "delete from draft where updated_ms < $1 and purpose <> 'letter-waiting' and not exists (select 1 from upload u
    where u.created_ms >= $1 and (u.owner = draft.id or u.owner = 'form:' || draft.author || ':' || draft.id))";
const UPLOADS: &str = "delete from upload where created_ms < $1 and not exists (select 1 from draft d
    where upload.owner = d.id or upload.owner = 'form:' || d.author || ':' || d.id
        or upload.owner like 'filing:' || d.id || ':%')
    and not exists (select 1 from signing_letter s
        where upload.owner in ('signing:' || s.message, 'signing:' || s.message || ':files'))";
const KEYS: &str = "delete from idempotency where created_ms < $1
    and not exists (select 1 from draft d where d.id = idempotency.answer)";

impl Desk {
    /// Forgets drafts untouched for so many days, and with them their files; files without a draft after [`FILE_DAYS`];
    /// keys after [`KEY_DAYS`]. Their content goes with `Archive::sweep_blobs`.
    pub async fn sweep(&self, draft_days: u32) -> Outcome<Swept> {
        self.archive.believe_clock().await?;
        let draft_ms = i64::from(draft_days) * DAY_MS;
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    let drafts = work.tx.execute(DRAFTS, args![now - draft_ms]).await?;
                    let uploads = work.tx.execute(UPLOADS, args![now - FILE_DAYS * DAY_MS]).await?;
                    let keys = work.tx.execute(KEYS, args![now - KEY_DAYS * DAY_MS]).await?;
                    Ok(Swept { drafts, uploads, keys })
                })
            })
            .await
    }
}
