//! A small archive to stand on, and acts as the desk would make them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use plico_archive::keys::{Unlock, Wanted};
use plico_archive::{
    ActError, Acting, Archive, ArchiveError, Begin, Clock, Entropy, NewDocument, NewEvent, Paths, Work, hex,
};
use plico_crypto::DataKey;
use plico_crypto::digest::sha256;
use plico_database::{Database, Location, Mode};
use plico_record::act::{
    Basis, Content, Formation, FormationChecks, MessagePresented, MessageRegistered, OfficeChanged,
};
use plico_record::actor::{Actor, Who};
use plico_record::part::{DocumentEntry, Party, RegisterPart, RegisteredDocument};
use plico_testkit::real::postgres;
use plico_vault::Place;
use tempfile::TempDir;

/// 21 November 2026, 12:00 in Rome.
pub const NOON_MS: i64 = 1_795_258_800_000;
pub const BODY: &str = "borgo";
/// The body's log; the installation's is 1.
pub const LOG: i64 = 2;

/// A clock that stands still until it is moved.
pub struct Fixed(pub AtomicI64);

impl Clock for Fixed {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Randomness that is the same in every run.
pub fn entropy(seed: u64) -> Entropy {
    let counter = AtomicU64::new(0);
    Entropy::new(move |buffer| {
        for piece in buffer.chunks_mut(32) {
            let n = counter.fetch_add(1, Ordering::SeqCst);
            let block = sha256(&[seed.to_be_bytes(), n.to_be_bytes()].concat());
            piece.copy_from_slice(&block[..piece.len()]);
        }
    })
}

pub struct Ground {
    pub root: TempDir,
    pub paths: Paths,
    pub clock: Arc<Fixed>,
    pub archive: Archive,
}

pub fn paths(root: &Path) -> Paths {
    Paths {
        data: root.join("data"),
        database: database(root),
        key_file: root.join("keys/plico.keys"),
        unlock: Unlock::default(),
        signer: root.join("signer"),
        stores: plico_vault::Stores::default(),
    }
}

/// On the engine of this run.
pub fn database(root: &Path) -> Location {
    let file = || Paths::file_in(&root.join("data"));
    postgres::wanted(root).map_or_else(file, |url| url.parse().expect("an address"))
}

pub fn begin() -> Begin {
    Begin {
        domain: "archivio.example".into(),
        administrations: vec![(BODY.into(), "Comune di Prova".into(), "c_x000".into())],
        demo: true,
        seal_pem: None,
        keys: Wanted::Clear,
    }
}

impl Ground {
    pub async fn new() -> Self {
        Self::seeded(1).await
    }

    /// With chance of its own: what it writes is in no other test's database.
    pub async fn seeded(seed: u64) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let paths = paths(root.path());
        for folder in [&paths.data, &paths.signer, &root.path().join("keys")] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        let clock = Arc::new(Fixed(AtomicI64::new(NOON_MS)));
        let archive =
            Archive::init(&paths, begin(), clock.clone(), entropy(seed)).await.expect("an archive begins");
        Self { root, paths, clock, archive }
    }

    /// A copy of its folders, as if another machine had them.
    pub async fn copied(&self) -> (TempDir, Paths) {
        self.archive.database().checkpoint_wal().await.expect("the log moves into the file");
        let root = tempfile::tempdir().expect("a temporary folder");
        copy_folder(self.root.path(), root.path());
        let paths = paths(root.path());
        if paths.database.file().is_none() {
            let copy = Database::open(paths.database.clone(), Mode::Create).await.expect("an empty database");
            self.archive.database().copy_into_new(&copy).await.expect("a copy");
            copy.close().await;
        }
        (root, paths)
    }

    /// The same archive opened from such a copy.
    pub async fn copy(&self, seed: u64) -> Self {
        let (root, paths) = self.copied().await;
        let clock = self.clock.clone();
        let archive = Archive::open(&paths, clock.clone(), entropy(seed)).await.expect("the copy opens");
        Self { root, paths, clock, archive }
    }

    pub fn later(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Appends one event.
    pub async fn append(&self, event: NewEvent) -> Result<plico_archive::EventRef, ArchiveError> {
        act(&self.archive, move |work| Box::pin(async move { Ok(work.append(event).await?) })).await
    }

    /// An office, so that messages have where to go.
    pub async fn office(&self, id: &str) {
        self.append(NewEvent::by(&Actor::system(BODY), "settings", office(id))).await.expect("an office");
    }

    /// Files a message with one document; answers its number.
    pub async fn file(&self, id: &str, content: &[u8]) -> u64 {
        file(&self.archive, id, content).await.expect("a filing")
    }
}

pub async fn act<T, F>(archive: &Archive, deed: F) -> Result<T, ArchiveError>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Work) -> Acting<'a, Result<T, ActError<()>>> + Send + 'static,
{
    archive.act(deed).await.map_err(|error| match error {
        ActError::Fault(fault) => fault,
        ActError::Refused(()) => ArchiveError::Corrupt("refused".into()),
    })
}

pub fn office(id: &str) -> OfficeChanged {
    OfficeChanged {
        office: id.into(),
        name: format!("Ufficio {id}"),
        responsible: "Anna Verdi".into(),
        email: String::new(),
        protocol: false,
        from: "2020-01-01".into(),
        until: None,
        code: String::new(),
        parent: String::new(),
    }
}

pub fn citizen() -> Actor {
    Actor {
        administration: BODY.into(),
        account: "maria".into(),
        name: "Maria Rossi".into(),
        who: Who::Person { person: "maria".into(), acts_for: vec![], reads_for: vec![], on_behalf_of: None },
        login: None,
    }
}

pub fn content(id: &str) -> Content {
    Content {
        message: id.into(),
        kind: "istanza".into(),
        office: "tributi".into(),
        subject: format!("Rimborso {id}"),
        text: "Chiedo il rimborso.".into(),
        thread: id.into(),
        reply_to: None,
        effect: None,
    }
}

pub fn formation() -> Formation {
    Formation {
        document_type: "istanza".into(),
        mode: "d".into(),
        confidential: false,
        format: "application/pdf".into(),
        verification: FormationChecks::default(),
        retention_years: 10,
    }
}

/// A document stored as the desk stores one: small ones as rows, large ones as files.
pub async fn document(archive: &Archive, id: &str, content: &[u8]) -> NewDocument {
    try_document(archive, id, content).await.expect("a blob is stored")
}

async fn try_document(archive: &Archive, id: &str, content: &[u8]) -> Result<NewDocument, ArchiveError> {
    let key = DataKey::new(archive.entropy().bytes());
    let stored = archive.vault().store(&key, archive.entropy().bytes(), content).await?;
    let entry = DocumentEntry {
        id: id.into(),
        name: "istanza.pdf".into(),
        media_type: "application/pdf".into(),
        size: content.len() as u64,
        sha256: hex(&stored.sha256),
        salt: String::new(),
        role: "primary".into(),
        verification: None,
        sealed: false,
    };
    let row = match stored.place {
        Place::Row(bytes) => Some(bytes),
        Place::File => None,
    };
    Ok(NewDocument { entry, blob: stored.blob, key, row })
}

/// Presents and registers in one transaction; answers the number.
pub async fn file(archive: &Archive, id: &str, bytes: &[u8]) -> Result<u64, ArchiveError> {
    let document = try_document(archive, &format!("{id}-1"), bytes).await?;
    let id = id.to_owned();
    act(archive, move |work| Box::pin(async move { Ok(present(work, &id, document).await?) })).await
}

/// The same inside an act.
pub async fn present(work: &mut Work, id: &str, document: NewDocument) -> Result<u64, ArchiveError> {
    let actor = citizen();
    let registered =
        vec![RegisteredDocument { name: document.entry.name.clone(), sha256: document.entry.sha256.clone() }];
    let mut event = NewEvent::by(
        &actor,
        id,
        MessagePresented {
            content: content(id),
            sender: "maria".into(),
            basis: Basis::Identity,
            formation: formation(),
            due: None,
            arrival: None,
            others: vec![],
        },
    );
    event.parties = vec![Party {
        v: 1,
        role: "sender".into(),
        person: "maria".into(),
        name: "Maria Rossi".into(),
        fiscal_code: Some("RSSMRA80A41H501X".into()),
        email: None,
        organisation: false,
    }];
    event.documents = vec![document];
    let at = work.append(event).await?.instant_ms;
    let number = work.next_number(BODY).await?;
    let mut event = NewEvent::by(
        &actor,
        id,
        MessageRegistered {
            message: id.into(),
            area: number.area.clone(),
            year: number.year,
            number: number.number,
            direction: "in".into(),
            outgoing: None,
            formation: None,
            from_office: None,
        },
    );
    event.register = Some(RegisterPart {
        v: 1,
        area: number.area.clone(),
        year: number.year,
        number: number.number,
        direction: "in".into(),
        at,
        presented: Some(at),
        parties: vec!["Maria Rossi".into()],
        subject: content(id).subject,
        office: "tributi".into(),
        documents: registered,
        outside: None,
    });
    work.append(event).await?;
    Ok(number.number)
}

pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder is read").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file is copied");
        }
    }
}

pub fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            files(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
}
