//! What is taken out of the data and kept in the keys file: whatever opens something, and words that are not sealed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_database::{Database, args};
use serde::{Deserialize, Serialize};

use crate::epoch::epoch_of;
use crate::error::ArchiveError;
use crate::hex;
use crate::keys::KeyFile;
use crate::project::PROJECTIONS;

/// The secrets of a database.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct Secrets {
    /// `thing`, `holder`, epoch, wrapped key in base64.
    grants: Vec<(String, String, i64, String)>,
    /// Upload, epoch, wrapped key.
    uploads: Vec<(String, i64, String)>,
    accounts: Vec<Account>,
    drafts: Vec<Draft>,
    /// Under which something here is wrapped: administration, epoch.
    #[serde(skip)]
    epochs: Vec<(String, i64)>,
}

#[derive(Serialize, Deserialize)]
struct Account {
    id: String,
    password: Option<String>,
    totp: Option<String>,
    totp_step: i64,
}

#[derive(Serialize, Deserialize, plico_database::Record)]
struct Draft {
    id: String,
    administration: String,
    person: String,
    author: String,
    kind: String,
    office: String,
    subject: String,
    text: String,
    reply_to: Option<String>,
    purpose: String,
    updated_ms: i64,
}

/// Account, password, second factor, its last step.
type AccountRow = (String, Option<String>, Option<Vec<u8>>, i64);

const GRANTS: &str = "select thing, holder, epoch, wrapped from access_grant order by thing, holder";
const UPLOADS: &str = "select id, epoch, wrapped from upload order by id";
const ACCOUNTS: &str = "select account, password, totp, totp_step from secret order by account";
const DRAFTS: &str =
    "select id, administration, person, author, kind, office, subject, text, reply_to, purpose,
    updated_ms from draft order by id";
const EPOCHS: &str =
    "select administration, epoch from access_grant union select administration, epoch from upload";
const BLANK: &[&str] =
    &["delete from secret", "delete from draft", "delete from session", "delete from idempotency"];
/// What has no key any more: `$1` is no bytes at all.
const SHUT: &[&str] = &["update access_grant set wrapped = $1", "update upload set wrapped = $1, name = ''"];
const GRANT: &str = "update access_grant set epoch = $3, wrapped = $4 where thing = $1 and holder = $2";
const UPLOAD: &str = "update upload set epoch = $2, wrapped = $3 where id = $1";
const ACCOUNT: &str = "insert into secret (account, password, totp, totp_step) values ($1, $2, $3, $4)";
const DRAFT: &str =
    "insert into draft (id, administration, person, author, kind, office, subject, text, reply_to,
    purpose, updated_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const ERASED: &str = "insert into erased (thing) select thing from access_grant where wrapped = $1
    on conflict (thing) do nothing";
const RECEIPTS: &str = "delete from receipt where not exists
    (select 1 from access_grant g where g.thing = 'receipt:' || receipt.id)";
const FORGET: &str = "delete from access_grant where wrapped = $1";
const NOTHING: &[u8] = &[];

impl Secrets {
    /// Whether the file has the key of every epoch under which something is wrapped.
    pub(super) fn open_with(&self, file: &KeyFile) -> bool {
        self.epochs
            .iter()
            .all(|(body, epoch)| file.every_epoch().any(|(known, n)| known == body && i64::from(n) == *epoch))
    }

    /// Takes the secrets out of a copy, and whatever can be read without them: projections are rebuilt.
    pub(super) async fn take(copy: &Database) -> Result<Self, ArchiveError> {
        let grants: Vec<(String, String, i64, Vec<u8>)> = copy.all(GRANTS, args![]).await?;
        let accounts: Vec<AccountRow> = copy.all(ACCOUNTS, args![]).await?;
        let uploads: Vec<(String, i64, Vec<u8>)> = copy.all(UPLOADS, args![]).await?;
        let totps = accounts.iter().filter_map(|account| account.2.as_deref());
        let totps = totps.map(|totp| (String::new(), i64::from(epoch_of(totp))));
        let wrapped: Vec<(String, i64)> = copy.all(EPOCHS, args![]).await?;
        let secrets = Self {
            epochs: wrapped.into_iter().chain(totps).collect(),
            grants: grants
                .into_iter()
                .map(|(thing, holder, epoch, key)| (thing, holder, epoch, BASE64.encode(key)))
                .collect(),
            uploads: uploads.into_iter().map(|(id, epoch, key)| (id, epoch, BASE64.encode(key))).collect(),
            accounts: accounts
                .into_iter()
                .map(|(id, password, totp, totp_step)| Account {
                    id,
                    password,
                    totp: totp.map(|totp| hex(&totp)),
                    totp_step,
                })
                .collect(),
            drafts: copy.all(DRAFTS, args![]).await?,
        };
        for sql in SHUT {
            copy.execute(sql, args![NOTHING]).await?;
        }
        for sql in BLANK.iter().chain(PROJECTIONS) {
            copy.execute(sql, args![]).await?;
        }
        Ok(secrets)
    }

    /// Puts them back. What the keys file no longer has stays shut: it was erased since.
    pub(super) async fn put_back(self, database: &Database) -> Result<(), ArchiveError> {
        let damaged = |_| ArchiveError::Setup("the keys file holds something that is not base64".into());
        let mut tx = database.begin().await?;
        for (thing, holder, epoch, key) in self.grants {
            let key = BASE64.decode(key).map_err(damaged)?;
            tx.execute(GRANT, args![thing, holder, epoch, key]).await?;
        }
        tx.execute(ERASED, args![NOTHING]).await?;
        tx.execute(FORGET, args![NOTHING]).await?;
        tx.execute(RECEIPTS, args![]).await?;
        for (id, epoch, key) in self.uploads {
            tx.execute(UPLOAD, args![id, epoch, BASE64.decode(key).map_err(damaged)?]).await?;
        }
        for account in self.accounts {
            let totp = account.totp.as_deref().filter(|text| !text.is_empty()).map(unhex);
            tx.execute(ACCOUNT, args![account.id, account.password, totp, account.totp_step]).await?;
        }
        for d in self.drafts {
            let row = args![
                d.id,
                d.administration,
                d.person,
                d.author,
                d.kind,
                d.office,
                d.subject,
                d.text,
                d.reply_to,
                d.purpose,
                d.updated_ms
            ];
            tx.execute(DRAFT, row).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default() as u8;
    text.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |sum, byte| (sum << 4) | digit(*byte))).collect()
}
