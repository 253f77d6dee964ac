//! Opening what is sealed: parts of events and documents. Who may is asked before, by the desk.

use plico_crypto::keyholder::KeyError;
use plico_crypto::{DataKey, stream};
use plico_database::args;
use plico_record::act::Act;
use plico_record::event::Kind;
use plico_record::part::{ActorPart, DocumentsPart, Party, RegisterPart};
use plico_vault::{BlobReader, Source};

use crate::Archive;
use crate::append::{Entry, EventRef};
use crate::error::ArchiveError;

/// An opened part.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Name.
    pub name: String,
    /// The salt of its commitment.
    pub salt: [u8; 32],
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// An event, as far as it can be opened.
pub(crate) enum Read {
    /// It was not erased.
    Whole(Box<Entry>),
    /// A registration of which everything else was erased.
    Register {
        /// Where it stands.
        at: EventRef,
        /// Administration.
        administration: String,
        /// The message that has the number.
        message: String,
        /// What stays for ever.
        register: Box<RegisterPart>,
    },
    /// Erased, or of a later version.
    Nothing,
}

#[derive(plico_database::Record)]
struct GrantRow {
    administration: String,
    epoch: i64,
    wrapped: Vec<u8>,
    blob: Option<Vec<u8>>,
}

const PARTS: &str = "select name, sealed from part where log = $1 and idx = $2 order by name";
const GRANT: &str =
    "select administration, epoch, wrapped, blob from access_grant where thing = $1 and holder = 'body'";
const BLOB: &str = "select bytes from blob where digest = $1";
const EVENT: &str = "select leaf, kind, instant_ms from event where log = $1 and idx = $2";
const SUBJECT: &str = "select s.id from event e join subject s on s.log = e.log and s.log_id = e.subject
    where e.log = $1 and e.idx = $2";
const LOG_BODY: &str = "select administration from log where id = $1";

impl Archive {
    /// The exact bytes of an event's leaf.
    pub async fn leaf(&self, log: i64, index: i64) -> Result<Vec<u8>, ArchiveError> {
        let row: Option<(Vec<u8>, String, i64)> = self.database().optional(EVENT, args![log, index]).await?;
        row.map(|row| row.0)
            .ok_or_else(|| ArchiveError::Corrupt(format!("event {index} of log {log} is missing")))
    }

    /// The parts of an event that can still be opened.
    pub async fn parts(&self, log: i64, index: i64) -> Result<Vec<Opened>, ArchiveError> {
        let rows: Vec<(String, Vec<u8>)> = self.database().all(PARTS, args![log, index]).await?;
        let mut parts = Vec::with_capacity(rows.len());
        for (name, sealed) in rows {
            let thing = format!("part:{log}/{index}/{name}");
            let Some((secret, _)) = self.grant(&thing).await? else { continue };
            let (key, salt) = split(&secret, &thing)?;
            parts.push(Opened { name, salt, bytes: stream::open(&key, &sealed)? });
        }
        Ok(parts)
    }

    /// An event with its parts read, as projections see it. `None` when its `act` was erased or its kind is of a
    /// later version.
    pub async fn entry(&self, log: i64, index: i64) -> Result<Option<Entry>, ArchiveError> {
        Ok(match self.read_entry(log, index).await? {
            Read::Whole(entry) => Some(*entry),
            Read::Register { .. } | Read::Nothing => None,
        })
    }

    pub(crate) async fn read_entry(&self, log: i64, index: i64) -> Result<Read, ArchiveError> {
        let row: Option<(Vec<u8>, String, i64)> = self.database().optional(EVENT, args![log, index]).await?;
        let Some((_, kind, instant_ms)) = row else { return Ok(Read::Nothing) };
        let Some(kind) = Kind::parse(&kind) else { return Ok(Read::Nothing) };
        let administration = self.database().scalar_text(LOG_BODY, args![log]).await?.unwrap_or_default();
        let subject = self.database().scalar_text(SUBJECT, args![log, index]).await?.unwrap_or_default();
        let damaged =
            |name: &str| ArchiveError::Corrupt(format!("part {name} of event {index} of log {log}"));
        let (mut act, mut actor, mut parties) = (None, None, Vec::new());
        let (mut documents, mut register, mut internal) = (Vec::new(), None, None);
        for part in self.parts(log, index).await? {
            let wrong = |_| damaged(&part.name);
            match part.name.as_str() {
                "act" => act = Some(Act::parse(kind, &part.bytes).map_err(wrong)?),
                "actor" => actor = Some(serde_json::from_slice::<ActorPart>(&part.bytes).map_err(wrong)?),
                "documents" => {
                    documents =
                        serde_json::from_slice::<DocumentsPart>(&part.bytes).map_err(wrong)?.documents;
                }
                "register" => {
                    register = Some(serde_json::from_slice::<RegisterPart>(&part.bytes).map_err(wrong)?);
                }
                "internal" => internal = Some(serde_json::from_slice(&part.bytes).map_err(wrong)?),
                name if name.starts_with("party.") => {
                    parties.push(serde_json::from_slice::<Party>(&part.bytes).map_err(wrong)?);
                }
                _ => {}
            }
        }
        let at = EventRef { log, index, instant_ms };
        let (Some(act), Some(actor)) = (act, actor) else {
            return Ok(match register {
                Some(register) => {
                    Read::Register { at, administration, message: subject, register: Box::new(register) }
                }
                None => Read::Nothing,
            });
        };
        let entry = Entry { at, administration, subject, act, actor, parties, documents, register, internal };
        Ok(Read::Whole(Box::new(entry)))
    }

    /// Opens a document that an event commits to.
    pub async fn open_document(&self, id: &str) -> Result<BlobReader, ArchiveError> {
        self.open_granted(&format!("document:{id}")).await
    }

    /// Opens anything that has a grant with a blob: `document:<id>`, `receipt:<id>`.
    pub async fn open_granted(&self, thing: &str) -> Result<BlobReader, ArchiveError> {
        let missing = || ArchiveError::Corrupt(format!("{thing} has no content"));
        let (secret, blob) = self.grant(thing).await?.ok_or_else(missing)?;
        let key: [u8; 32] = secret.get(..32).and_then(|k| k.try_into().ok()).ok_or_else(missing)?;
        self.open_blob(&blob.ok_or_else(missing)?, &DataKey::new(key)).await
    }

    /// Opens a stored blob with its key.
    pub async fn open_blob(&self, blob: &[u8; 32], key: &DataKey) -> Result<BlobReader, ArchiveError> {
        let row: Option<(Vec<u8>,)> = self.database().optional(BLOB, args![blob]).await?;
        let source = row.map_or(Source::File(*blob), |(bytes,)| Source::Row(bytes));
        Ok(self.vault().blob(source, key).await?)
    }

    async fn grant(
        &self,
        thing: &str,
    ) -> Result<Option<(zeroize::Zeroizing<Vec<u8>>, Option<[u8; 32]>)>, ArchiveError> {
        let Some(row): Option<GrantRow> = self.database().optional(GRANT, args![thing]).await? else {
            return Ok(None);
        };
        let opened = self.unwrap(&row.administration, row.epoch as u32, thing, &row.wrapped).await;
        let secret = match opened {
            // Renewed between the row and the key: the row says the new epoch by now.
            Err(ArchiveError::Key(KeyError::NoEpoch { .. })) => {
                let Some(row): Option<GrantRow> = self.database().optional(GRANT, args![thing]).await? else {
                    return Ok(None);
                };
                self.unwrap(&row.administration, row.epoch as u32, thing, &row.wrapped).await?
            }
            other => other?,
        };
        let blob = row.blob.map(|blob| {
            blob.try_into().map_err(|_| ArchiveError::Corrupt(format!("the blob of {thing} is not a digest")))
        });
        Ok(Some((secret, blob.transpose()?)))
    }
}

fn split(secret: &[u8], thing: &str) -> Result<(DataKey, [u8; 32]), ArchiveError> {
    let damaged = || ArchiveError::Corrupt(format!("the grant of {thing}"));
    let key: [u8; 32] = secret.get(..32).and_then(|k| k.try_into().ok()).ok_or_else(damaged)?;
    let salt: [u8; 32] = secret.get(32..64).and_then(|k| k.try_into().ok()).ok_or_else(damaged)?;
    Ok((DataKey::new(key), salt))
}
