//! Two administrations on one installation, with people on both sides of the counter.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use plico_archive::outbox::Ended;
use plico_archive::{ActError, Archive, Begin, Clock, Entropy, Paths, backup, succession};
use plico_crypto::digest::sha256;
use plico_desk::account::Identity;
use plico_desk::addressee::Recipient;
use plico_desk::admin::OfficeForm;
use plico_desk::answer::{Act, Letter};
use plico_desk::draft::{Purpose, Words};
use plico_desk::kind::Kind;
use plico_desk::present::Filed;
use plico_desk::upload::{Owner, Scan};
use plico_desk::{Actor, Desk, Limits, Outcome, Refusal};
use plico_locale::Catalogue;
use plico_record::actor::{Role, Who};
use plico_record::fiscal::FiscalCode;
use plico_record::part::LoginPart;
use plico_signature::forge::{KeyKind, Pki, Subject};
use plico_testkit::real::postgres;
use tempfile::TempDir;

/// 21 November 2026, 12:00 in Rome.
const NOON_MS: i64 = 1_795_258_800_000;
pub const BODY: &str = "borgo";
pub const OTHER: &str = "altrove";

struct Moving(AtomicI64);

impl Clock for Moving {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

fn entropy(seed: u64) -> Entropy {
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
    pub desk: Desk,
    pub citizen: Actor,
    pub neighbour: Actor,
    pub clerk: Actor,
    pub protocol: Actor,
    pub manager: Actor,
    pub auditor: Actor,
    /// A citizen and a clerk of the other administration.
    pub stranger: Actor,
    pub foreign_clerk: Actor,
    pub taxes: String,
    pub registry: String,
    /// The roots that vouch for the seal, PEM.
    pub roots: Vec<u8>,
    clock: Arc<Moving>,
    root: TempDir,
}

pub fn login() -> LoginPart {
    LoginPart {
        v: 1,
        method: "demo".into(),
        level: "SpidL2".into(),
        at: NOON_MS,
        evidence: serde_json::json!({"secret": "the provider's assertion"}),
    }
}

pub fn staff(administration: &str, name: &str, roles: &[Role], offices: &[&str], protocol: bool) -> Actor {
    Actor {
        administration: administration.into(),
        account: format!("{administration}-{name}"),
        name: name.into(),
        who: Who::Staff {
            roles: roles.to_vec(),
            offices: offices.iter().map(|o| (*o).to_owned()).collect(),
            protocol_office: protocol,
        },
        login: Some(login()),
    }
}

fn seal() -> (String, Vec<u8>) {
    let mut pki = Pki::new("Borgo", NOON_MS).unwrap();
    let subject = Subject {
        given_name: "",
        surname: "",
        fiscal_code: "",
        organization: "Comune di Borgo",
        from_ms: NOON_MS - 86_400_000,
        to_ms: NOON_MS + 365 * 86_400_000,
    };
    let signer = pki.signer(&subject, KeyKind::P256).unwrap();
    (String::from_utf8(signer.to_pem().unwrap()).unwrap(), pki.anchors_pem().unwrap())
}

fn paths(root: &Path) -> Paths {
    for folder in ["data", "keys", "signer"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    let file = || Paths::file_in(&root.join("data"));
    Paths {
        data: root.join("data"),
        // On the engine of this run.
        database: postgres::wanted(root).map_or_else(file, |url| url.parse().unwrap()),
        key_file: root.join("keys/plico.keys"),
        unlock: plico_archive::keys::Unlock::default(),
        signer: root.join("signer"),
        stores: plico_vault::Stores::default(),
    }
}

impl Ground {
    pub async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let paths = paths(root.path());
        let (seal_pem, roots) = seal();
        let begin = Begin {
            domain: "archivio.example".into(),
            administrations: vec![
                (BODY.into(), "Comune di Borgo".into(), "c_x000".into()),
                (OTHER.into(), "Comune di Altrove".into(), "c_x001".into()),
            ],
            demo: false,
            seal_pem: Some(seal_pem),
            keys: plico_archive::keys::Wanted::Clear,
        };
        let clock = Arc::new(Moving(AtomicI64::new(NOON_MS)));
        let archive = Archive::init(&paths, begin, clock.clone(), entropy(1)).await.unwrap();
        let catalogue = Arc::new(Catalogue::load().unwrap());
        let desk = Desk::new(archive, catalogue, Limits::default(), "https://archivio.example");
        let mut offices = Vec::new();
        for (body, name, protocol) in
            [(BODY, "Protocollo", true), (BODY, "Tributi", false), (OTHER, "Tributi", false)]
        {
            let form = OfficeForm {
                name: name.into(),
                responsible: "Anna Verdi".into(),
                from: "2020-01-01".into(),
                protocol,
                ..OfficeForm::default()
            };
            offices.push(desk.save_office(&Actor::console(body, "root"), form).await.unwrap());
        }
        for body in [BODY, OTHER] {
            desk.save_kind(&Actor::console(body, "root"), kind()).await.unwrap();
        }
        let citizen = person(&desk, BODY, "Maria Rossi", "RSSMRA80A41H501").await;
        let neighbour = person(&desk, BODY, "Carlo Neri", "NRECRL75C12F205").await;
        let stranger = person(&desk, OTHER, "Maria Rossi", "RSSMRA80A41H501").await;
        let (registry, taxes, other) = (offices[0].clone(), offices[1].clone(), offices[2].clone());
        Self {
            clerk: staff(BODY, "Bruno", &[Role::Operator], &[&taxes], false),
            protocol: staff(BODY, "Pia", &[Role::Operator], &[&registry], true),
            manager: staff(BODY, "Rita", &[Role::RecordsManager], &[], false),
            auditor: staff(BODY, "Ugo", &[Role::Auditor], &[], false),
            foreign_clerk: staff(OTHER, "Fabio", &[Role::Operator, Role::RecordsManager], &[&other], true),
            desk,
            citizen,
            neighbour,
            stranger,
            taxes,
            registry,
            roots,
            clock,
            root,
        }
    }

    /// Makes a backup; answers its two files.
    pub async fn backed_up(&self) -> (PathBuf, PathBuf) {
        let (data, keys) = (self.root.path().join("backup.tar"), self.root.path().join("backup.keys"));
        self.desk.archive().back_up(&paths(self.root.path()), &data, &keys).await.unwrap();
        (data, keys)
    }

    /// Where everything is lost but a backup: restored elsewhere, without the signer's state.
    pub async fn restored(&mut self, (data, keys): &(PathBuf, PathBuf)) -> Paths {
        let paths = paths(&self.root.path().join("restored"));
        let clock = self.clock.clone();
        let restored = backup::restore(data, keys, &paths, clock, entropy(2)).await.unwrap();
        assert_eq!(restored.read_only.len(), 3);
        let archive = Archive::open_beside(&paths, self.clock.clone(), entropy(3)).await.unwrap();
        self.sit(archive);
        paths
    }

    /// Gives up the archive at hand and goes on with another.
    fn sit(&mut self, archive: Archive) {
        let catalogue = Arc::new(Catalogue::load().unwrap());
        self.desk = Desk::new(archive, catalogue, Limits::default(), "https://archivio.example");
    }

    /// Begins successors of the logs at `paths`, and goes on with them.
    pub async fn succeed(&mut self, paths: &Paths) {
        succession::begin(paths, self.clock.clone(), entropy(4)).await.unwrap();
        let archive = Archive::open(paths, self.clock.clone(), entropy(5)).await.unwrap();
        self.sit(archive);
    }

    /// Writes a filing with attachments and stops before sending it; answers the draft.
    pub async fn written(&self, actor: &Actor, subject: &str, files: &[(&str, &[u8])]) -> String {
        let words = Words {
            kind: "istanza".into(),
            office: self.taxes.clone(),
            subject: subject.into(),
            text: "Chiedo il rimborso della tassa.".into(),
        };
        let draft = self.desk.begin_draft(actor, Purpose::Filing, None, words).await.unwrap();
        let (owner, _) = self.desk.draft_files(actor, &draft).await.unwrap();
        for (name, bytes) in files {
            self.attach(actor, &owner, name, bytes).await;
        }
        draft
    }

    pub async fn attach(&self, actor: &Actor, owner: &Owner, name: &str, bytes: &[u8]) -> String {
        let mut upload = self.desk.begin_upload(actor, owner, name).await.unwrap();
        for piece in bytes.chunks(10_000) {
            upload.write(piece).await.unwrap();
        }
        self.desk.finish_upload(upload, async |_| Scan::Clean).await.unwrap().id
    }

    pub async fn filed(&self, actor: &Actor, subject: &str) -> Filed {
        let draft = self.written(actor, subject, &[("allegato.txt", b"un allegato")]).await;
        self.desk.present(actor, &draft).await.unwrap()
    }

    pub fn letter(&self, act: Act, about: Option<&str>, token: &str) -> Letter {
        Letter {
            act,
            about: about.map(str::to_owned),
            office: self.taxes.clone(),
            recipient: Recipient::default(),
            copies: String::new(),
            effect: "communication".into(),
            subject: "Riscontro".into(),
            text: "Si comunica quanto segue.".into(),
            category: "certificate".into(),
            certificate: None,
            language: plico_locale::Lang::It,
            token: token.into(),
        }
    }

    /// Signs checkpoints and makes the receipts that wait.
    pub async fn settle(&self) {
        let archive = self.desk.archive();
        for _ in 0..50 {
            while archive.sign_checkpoints().await.unwrap() {}
            let jobs = archive.claim("test", 16, plico_archive::outbox::Wanted::All).await.unwrap();
            if jobs.is_empty() {
                return;
            }
            for job in jobs {
                let ended = if job.kind == "receipt" {
                    self.desk.issue_receipt(&job.administration, &job.payload).await.unwrap()
                } else {
                    Ended::Done
                };
                assert!(matches!(ended, Ended::Done | Ended::Later(_)), "{ended:?}");
                archive.finish("test", &job, ended).await.unwrap();
            }
            self.later(1000);
        }
        panic!("jobs do not end");
    }

    pub fn later(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Nothing is wrong in the whole archive.
    pub async fn is_whole(&self) {
        while self.desk.archive().sign_checkpoints().await.unwrap() {}
        assert_eq!(self.desk.archive().fsck().await.unwrap().findings, vec![]);
    }
}

fn kind() -> Kind {
    Kind {
        code: "istanza".into(),
        name: "Istanza".into(),
        name_en: "Request".into(),
        help: String::new(),
        document_type: "istanza".into(),
        office: None,
        term_days: Some(30),
        silence: "none".into(),
        remedies: String::new(),
        retention_years: 10,
        confidential: false,
        offered: true,
        class: String::new(),
    }
}

async fn person(desk: &Desk, body: &str, name: &str, first15: &str) -> Actor {
    let code = format!("{first15}{}", FiscalCode::check_of(first15).unwrap());
    let identity =
        Identity { fiscal_code: FiscalCode::parse(&code).unwrap(), name: name.into(), email: None };
    let id = desk.person_signs_in(body, identity, login()).await.unwrap();
    desk.person_actor(&id, None, Some(login())).await.unwrap().unwrap()
}

/// What an act was refused with.
pub fn refused<T: std::fmt::Debug>(outcome: Outcome<T>) -> Refusal {
    match outcome {
        Err(ActError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}
