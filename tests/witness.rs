//! The witness over HTTP: what it cosigns, what it refuses, and that it remembers.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plico::clock::FixedClock;
use plico::http::server;
use plico::witness::{self, Witness};
use plico_crypto::ed25519::SigningKey;
use plico_journal::merkle::{Frontier, Hash, ProveError, consistency_proof, leaf_hash};
use plico_journal::note::{Algorithm, Checked, Note, VerifierKey};
use plico_journal::witness::Request;
use plico_journal::{Checkpoint, Policy};
use tokio::net::TcpListener;

use super::support::{Answer, MORNING, send};

const ORIGIN: &str = "archivio.borgo.example/c_b999/1";

struct Log {
    signing: SigningKey,
    key: VerifierKey,
    leaves: Vec<Hash>,
}

impl Log {
    fn new() -> Self {
        let signing = SigningKey::from_seed([7; 32]);
        let key = VerifierKey::new(ORIGIN, Algorithm::Ed25519, signing.public_key()).unwrap();
        Self { signing, key, leaves: Vec::new() }
    }

    fn grow(&mut self, count: usize, what: &str) {
        self.leaves.extend((0..count).map(|n| leaf_hash(format!("{what} {n}").as_bytes())));
    }

    fn root(leaves: &[Hash]) -> Hash {
        let mut frontier = Frontier::new();
        for leaf in leaves {
            frontier.push(*leaf);
        }
        frontier.root()
    }

    /// The request that shows the present tree from `old` on.
    fn show(&self, old: u64) -> Request {
        let size = self.leaves.len() as u64;
        let mut node = |level: u8, index: u64| {
            let (start, span) = ((index << level) as usize, 1usize << level);
            Ok::<_, ProveError<std::io::Error>>(Self::root(&self.leaves[start..start + span]))
        };
        let proof = consistency_proof(old, size, &mut node).unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: Self::root(&self.leaves) };
        let mut note = checkpoint.to_note().unwrap();
        note.add_signature(&self.key, &self.signing.sign(note.text().as_bytes()));
        Request { old, proof, checkpoint, note }
    }
}

/// A witness on a socket; its folder outlives it.
async fn start(folder: &Path, log: &Log) -> (std::net::SocketAddr, VerifierKey, tokio::task::JoinHandle<()>) {
    let clock = Arc::new(FixedClock::at(MORNING));
    let witness =
        Witness::open(folder, Some("witness.example"), vec![log.key.clone()], clock, || [9; 32]).unwrap();
    let key = witness.verifier_key().clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = witness::router(Arc::new(witness));
    let task =
        tokio::spawn(server::serve(listener, router, 8, Duration::from_secs(1), std::future::pending()));
    (address, key, task)
}

async fn ask(address: std::net::SocketAddr, body: &str) -> Answer {
    send(address, "POST", "/add-checkpoint", &[], body.as_bytes()).await
}

#[tokio::test]
async fn it_cosigns_one_history_and_remembers_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::new();
    log.grow(5, "atto");
    let (address, key, task) = start(folder.path(), &log).await;
    let five = log.show(0);
    let answer = ask(address, &five.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    // The line, put under the log's own, is what a policy asks for.
    let cosigned = Note::parse(format!("{}{}", five.note, answer.text()).as_bytes()).unwrap();
    assert_eq!(cosigned.check(&key), Checked::Good(Some((MORNING / 1000) as u64)));
    let policy = format!("log {}\nwitness w1 {key}\nquorum w1\n", log.key);
    assert!(Policy::parse(&policy).unwrap().evaluate(&five.checkpoint, &cosigned).is_met());
    assert!(!Policy::parse(&policy).unwrap().evaluate(&five.checkpoint, &five.note).is_met());

    // A log that lost the answer learns where it stands, and asks from there.
    log.grow(300, "altro");
    let answer = ask(address, &log.show(0).to_string()).await;
    assert_eq!((answer.status, answer.text().as_str()), (409, "5\n"));
    assert_eq!(answer.header("content-type"), Some("text/x.tlog.size"));
    assert_eq!(ask(address, &log.show(5).to_string()).await.status, 200);

    // Begun again, it still knows.
    task.abort();
    let _ = task.await;
    let (address, again, task) = start(folder.path(), &log).await;
    assert_eq!(again, key);
    assert_eq!(ask(address, &log.show(305).to_string()).await.status, 200);
    let mut other = Log::new();
    other.grow(305, "una seconda storia");
    assert_eq!(ask(address, &other.show(305).to_string()).await.status, 409);
    other.grow(5, "ancora");
    assert_eq!(ask(address, &other.show(305).to_string()).await.status, 422);
    // The true history goes on.
    log.grow(1, "fine");
    assert_eq!(ask(address, &log.show(305).to_string()).await.status, 200);
    for (body, status) in [
        (String::new(), 400),
        ("old 1\n\nnothing\n".to_owned(), 400),
        (log.show(306).to_string().replace(ORIGIN, "archivio.altrove.example/c_a999/1"), 404),
        ("x".repeat(1 << 20), 413),
    ] {
        assert_eq!(ask(address, &body).await.status, status, "{body:.40}");
    }
    task.abort();
}

#[tokio::test]
async fn one_folder_is_one_witness() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new();
    let clock = Arc::new(FixedClock::at(MORNING));
    let open = |name| Witness::open(folder.path(), name, vec![log.key.clone()], clock.clone(), || [9; 32]);
    assert!(matches!(open(None), Err(witness::WitnessError::Name)));
    assert!(matches!(open(Some("two words")), Err(witness::WitnessError::Name)));
    let first = open(Some("witness.example")).unwrap();
    assert!(matches!(open(Some("witness.example")), Err(witness::WitnessError::State(_))), "two at once");
    drop(first);
    assert!(matches!(open(Some("another.example")), Err(witness::WitnessError::OtherName(_))));
    std::fs::write(folder.path().join("secret.key"), "not a key\n").unwrap();
    assert!(matches!(open(None), Err(witness::WitnessError::Key)));
}
