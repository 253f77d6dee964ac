//! What was begun and forgotten: drafts, files that nobody sent, keys of calls that are long over. None of it is evidence.

use plico_archive::Work;
use plico_database::args;

use crate::{Desk, Outcome};

const DAY_MS: i64 = 86_400_000;
/// Days that files of an operator's page, or of a call, are kept when nobody sends them.
pub const FILE_DAYS: i64 = 7;
/// Days that the list of a deposit is kept once it was sent.
pub const DEPOSIT_DAYS: i64 = 400;
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
        where upload.owner in ('signing:' || s.message, 'signing:' || s.message || ':files'))
    and not exists (select 1 from deposit d where upload.owner = 'deposit:' || d.id
        and (d.state = 'sending' or exists (select 1 from deposit_line l where l.deposit = d.id and l.state = 'failed')))
    and not exists (select 1 from deposit_line l join deposit d on d.id = l.deposit
        where l.state in ('waiting', 'failed') and upload.owner = 'form:' || d.author || ':' || l.token)";
// Subjects of mails that lie in mailboxes.
const MAILS: &str = "delete from mailbox_left where what <> 'unmoved' and instant_ms < $1";
// Of a letter that never left: its subject, its recipient, why it came back.
const LETTERS: &str = "delete from signing_letter where letter = ''
    and exists (select 1 from signing s where s.message = signing_letter.message and s.changed_ms < $1)";
// What was not started goes with its files; what was sent is known by its letters.
const DEPOSITS: &str =
    "delete from deposit where (state = 'draft' and created_ms < $1) or (state = 'done' and created_ms < $2)";
const DEPOSIT_LINES: &str =
    "delete from deposit_line where not exists (select 1 from deposit d where d.id = deposit_line.deposit)";
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
                    work.tx.execute(MAILS, args![now - KEY_DAYS * DAY_MS]).await?;
                    work.tx.execute(LETTERS, args![now - draft_ms]).await?;
                    let uploads = work.tx.execute(UPLOADS, args![now - FILE_DAYS * DAY_MS]).await?;
                    let deposits = args![now - FILE_DAYS * DAY_MS, now - DEPOSIT_DAYS * DAY_MS];
                    work.tx.execute(DEPOSITS, deposits).await?;
                    work.tx.execute(DEPOSIT_LINES, args![]).await?;
                    let keys = work.tx.execute(KEYS, args![now - KEY_DAYS * DAY_MS]).await?;
                    Ok(Swept { drafts, uploads, keys })
                })
            })
            .await
    }
}
