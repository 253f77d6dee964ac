//! Files: they stream to the vault while they are hashed and measured; what a file is, we say from its bytes.

use plico_archive::read::inbox::{self, UploadRow};
use plico_archive::{ActError, Archive, NewEvent, Work};
use plico_courier::malware::{Scanner, Unavailable, Verdict};
use plico_crypto::DataKey;
use plico_database::args;
use plico_package::{name, sniff};
use plico_record::act::DocumentQuarantined;
use plico_vault::{BlobWriter, Place, Stored, VaultError};

use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, Limits, Outcome, Refusal};

/// Who owns a set of uploads: a draft, or an operator's message in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(pub(crate) String);

/// A file on its way in.
pub struct Upload {
    owner: Owner,
    administration: String,
    name: String,
    writer: BlobWriter,
    key: DataKey,
    limit: u64,
    /// Those of the administration it is sent to.
    limits: Limits,
    archive: Archive,
    /// Bytes at which the room on the disk is looked at again.
    look_at: u64,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Identifier of the upload.
    pub id: String,
    /// Its name, cleaned.
    pub name: String,
}

/// What the malware scanner said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scan {
    /// No scanner is configured.
    Off,
    /// Nothing found.
    Clean,
    /// Found, in its words.
    Found(String),
    /// It did not answer: filing goes on, the file is scanned later.
    Unavailable,
}

impl Scan {
    fn code(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Clean => "clean",
            Self::Found(_) => "found",
            Self::Unavailable => "unavailable",
        }
    }
}

/// What the scanner says of a stored file. No answer is no reason to refuse: filing goes on.
pub async fn scan(scanner: &Scanner, reader: &plico_vault::BlobReader) -> Scan {
    match scanner.scan(reader.clone().stream()).await {
        Verdict::Clean => Scan::Clean,
        Verdict::Found { name } => {
            tracing::warn!(malware = %name, "malware was found in a file: it is sealed");
            Scan::Found(name)
        }
        Verdict::Unavailable { reason: Unavailable::NotConfigured } => Scan::Off,
        Verdict::Unavailable { reason } => {
            tracing::warn!(?reason, "the malware scanner gave no verdict");
            Scan::Unavailable
        }
    }
}

/// Bytes between two looks at the room on the disk.
const LOOK_EVERY: u64 = 4 << 20;

const INSERT: &str = "insert into upload (id, administration, owner, position, name, media_type, size, sha256, blob,
    epoch, wrapped, verification, sealed, scanned, created_ms)
    values ($1, $2, $3, (select coalesce(max(position), 0) + 1 from upload where owner = $3), $4, $5, $6, $7, $8, $9,
        $10, $11, $12, $13, $14)";
const TOTALS: &str = "select count(*), cast(coalesce(sum(size), 0) as bigint) from upload where owner = $1";
const REMOVE: &str = "delete from upload where id = $1 and owner = $2";

impl Desk {
    /// The files of a draft as their owner.
    pub async fn draft_files(&self, actor: &Actor, draft: &str) -> Outcome<(Owner, Vec<UploadRow>)> {
        self.draft(actor, draft).await?;
        Ok((Owner(draft.into()), inbox::uploads(self.archive.database(), draft).await?))
    }

    /// The files an operator gathers for a message, under a name of the form's own (`token`): only its author's.
    pub async fn form_files(&self, actor: &Actor, token: &str) -> Outcome<(Owner, Vec<UploadRow>)> {
        let token: String = token.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        let owner = format!("form:{}:{token}", actor.account);
        let files = inbox::uploads(self.archive.database(), &owner).await?;
        Ok((Owner(owner), files))
    }

    /// Begins a file. Counts and sizes are checked as it comes and once more when it is whole.
    pub async fn begin_upload(&self, actor: &Actor, owner: &Owner, file_name: &str) -> Outcome<Upload> {
        self.archive.need_room()?;
        let (count, bytes): (i64, i64) = self.archive.database().one(TOTALS, args![&owner.0]).await?;
        let mut limits = self.limits(&actor.administration);
        if owner.0.starts_with(crate::deposit::FILES) {
            // Many letters at once: each is within what a message may carry.
            limits = Limits {
                files: plico_package::unpack::MOST,
                message_bytes: crate::deposit::MOST_BYTES,
                ..limits
            };
        }
        if count.cast_unsigned() as usize >= limits.files {
            return refuse(Refusal::TooManyFiles(limits.files));
        }
        let room = limits.message_bytes.saturating_sub(bytes.cast_unsigned());
        if room == 0 {
            return refuse(Refusal::MessageTooLarge(limits.message_bytes));
        }
        let key = DataKey::new(self.archive.entropy().bytes());
        let limit = limits.file_bytes.min(room);
        let writer = self.archive.vault().writer(&key, self.archive.entropy().bytes(), limit);
        Ok(Upload {
            owner: owner.clone(),
            administration: actor.administration.clone(),
            name: name::clean(file_name),
            writer,
            key,
            limit,
            limits,
            archive: self.archive.clone(),
            look_at: LOOK_EVERY,
        })
    }

    /// Begins a file of the program's own making: no limit of what people send holds for it, the room on the disk does.
    pub(crate) fn begin_own_file(&self, administration: &str, owner: &Owner, name: &str) -> Outcome<Upload> {
        self.archive.need_room()?;
        let limits =
            Limits { files: usize::MAX, file_bytes: u64::MAX, message_bytes: u64::MAX, ..self.limits };
        let key = DataKey::new(self.archive.entropy().bytes());
        let writer = self.archive.vault().writer(&key, self.archive.entropy().bytes(), u64::MAX);
        Ok(Upload {
            owner: owner.clone(),
            administration: administration.to_owned(),
            name: name.to_owned(),
            writer,
            key,
            limit: u64::MAX,
            limits,
            archive: self.archive.clone(),
            look_at: LOOK_EVERY,
        })
    }

    /// Ends a file: it is durable, what it is has been measured, its signatures have been looked at. `scan` answers
    /// what a malware scanner says of it.
    pub async fn finish_upload<F>(&self, upload: Upload, scan: F) -> Outcome<Received>
    where
        F: AsyncFnOnce(&plico_vault::BlobReader) -> Scan,
    {
        let Upload { owner, administration, name, writer, key, limits, .. } = upload;
        if writer.received() == 0 {
            return refuse(Refusal::EmptyFile);
        }
        let stored = writer.finish().await.map_err(|error| failed(limits, error))?;
        let reader = self.reader_of(&stored, &key).await?;
        let scanned = scan(&reader).await;
        let kind = sniff::sniff(&stored.head);
        let verdict = self.judge(&reader, Some(&name), Vec::new()).await;
        let verification = verdict.and_then(|verdict| verdict.to_value());
        let id = plico_record::id::PublicId::new(self.archive.now_ms(), self.archive.entropy().bytes())
            .to_string();
        let purpose = format!("upload:{id}");
        let (epoch, wrapped) = self.archive.wrap(&administration, &purpose, key.expose()).await?;
        let received = Received { id: id.clone(), name: name.clone() };
        let files = i64::try_from(limits.files).unwrap_or(i64::MAX);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    // Two tabs may upload at once: the count holds here too.
                    let (count, _): (i64, i64) = work.tx.one(TOTALS, args![&owner.0]).await?;
                    if count >= files {
                        return refuse(Refusal::TooManyFiles(files as usize));
                    }
                    if let Place::Row(bytes) = &stored.place {
                        work.insert_blob(&stored.blob, bytes)?;
                    }
                    let now = work.now_ms();
                    work.tx
                        .execute(
                            INSERT,
                            args![
                                id,
                                administration,
                                owner.0,
                                name,
                                kind.media_type(),
                                stored.size,
                                plico_archive::hex(&stored.sha256),
                                stored.blob,
                                epoch,
                                wrapped,
                                verification.map(|v| v.to_string()),
                                matches!(scanned, Scan::Found(_)),
                                scanned.code(),
                                now
                            ],
                        )
                        .await?;
                    Ok(())
                })
            })
            .await?;
        Ok(received)
    }

    /// Removes a file from what is being written.
    pub async fn remove_upload(&self, owner: &Owner, id: &str) -> Outcome<()> {
        let (owner, id) = (owner.0.clone(), id.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    match work.tx.execute(REMOVE, args![id, owner]).await? {
                        0 => refuse(Refusal::NotFound),
                        _ => Ok(()),
                    }
                })
            })
            .await
    }

    async fn reader_of(&self, stored: &Stored, key: &DataKey) -> Outcome<plico_vault::BlobReader> {
        let source = match &stored.place {
            Place::Row(bytes) => plico_vault::Source::Row(bytes.clone()),
            Place::File => plico_vault::Source::File(stored.blob),
        };
        self.archive.vault().blob(source, key).await.map_err(|error| ActError::Fault(error.into()))
    }

    /// The key of an upload.
    pub(crate) async fn upload_key(&self, administration: &str, upload: &UploadRow) -> Outcome<DataKey> {
        let purpose = format!("upload:{}", upload.id);
        let epoch = upload.epoch as u32;
        let secret = self.archive.unwrap(administration, epoch, &purpose, &upload.wrapped).await?;
        let key: [u8; 32] =
            secret[..].try_into().map_err(|_| fault("the key of an upload is not 32 bytes"))?;
        Ok(DataKey::new(key))
    }
}

const UNSCANNED: &str = "select id from upload where owner = $1 and scanned = 'unavailable'";

/// What the scanner could not look at is filed all the same, and looked at by a job from the same transaction on.
pub(crate) async fn scan_later(
    work: &mut Work,
    administration: &str,
    owner: &str,
) -> Result<(), ActError<Refusal>> {
    for (id,) in work.tx.all::<(String,)>(UNSCANNED, args![owner]).await? {
        scan_document(work, administration, &id)?;
    }
    Ok(())
}

/// A document is looked at by a job, from the same transaction on.
pub(crate) fn scan_document(
    work: &mut Work,
    administration: &str,
    id: &str,
) -> Result<(), ActError<Refusal>> {
    let payload = serde_json::json!({"v": 1, "document": id});
    work.enqueue("scan", &format!("scan/{id}"), administration, &payload)?;
    Ok(())
}

impl Desk {
    /// Seals a document away in which malware was found after it came. What was registered stays registered.
    pub async fn quarantine(&self, administration: &str, document: &str, found: &str) -> Outcome<()> {
        let actor = Actor::system(administration);
        let act = DocumentQuarantined { document: document.into(), found: found.into() };
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let subject = act.document.clone();
                    work.append(NewEvent::by(&actor, subject, act)).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// What a failed write means to the person who sent the file.
fn failed(limits: Limits, error: VaultError) -> ActError<Refusal> {
    match error {
        VaultError::TooLarge { limit } if limit < limits.file_bytes => {
            ActError::Refused(Refusal::MessageTooLarge(limits.message_bytes))
        }
        VaultError::TooLarge { limit } => ActError::Refused(Refusal::FileTooLarge(limit)),
        VaultError::Full => ActError::Fault(plico_archive::ArchiveError::Full),
        other => ActError::Fault(other.into()),
    }
}

impl Upload {
    /// Takes the next bytes, as long as the reserve of the disk is not touched.
    pub async fn write(&mut self, bytes: &[u8]) -> Outcome<()> {
        if self.writer.received() >= self.look_at {
            self.look_at = self.writer.received() + LOOK_EVERY;
            self.archive.need_room()?;
        }
        self.writer.write(bytes).await.map_err(|error| failed(self.limits, error))
    }

    /// How many bytes it may have.
    pub fn limit(&self) -> u64 {
        self.limit
    }
}
