//! Recorded bytes: what a client and a simulator say to one another about one order, kept under `fixtures/soap`. A change on
//! the wire shows there. `PLICO_FIXTURES=FOLDER` writes them anew below that folder.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use plico_registry::simulator::{Faults, Ledger, Reply, Request, Simulator};
use plico_registry::{Order, Registry, Talk, agid, dime, multipart, soap};
use plico_signature::Options;
use plico_testkit::registry::Hosted;

use crate::ground::{End, Kill, PATIENT, work};

/// A service that keeps what it hears and says.
pub(crate) struct Recorder<S> {
    inner: S,
    pub(crate) heard: Vec<(Request, Reply)>,
}

impl<S> Recorder<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self { inner, heard: Vec::new() }
    }
}

impl<S: Simulator> Simulator for Recorder<S> {
    fn answer(&mut self, request: &Request, day: &str) -> Reply {
        let reply = self.inner.answer(request, day);
        self.heard.push((request.clone(), reply.clone()));
        reply
    }

    fn ledger(&mut self) -> &mut Ledger {
        self.inner.ledger()
    }

    fn faults(&mut self) -> &mut Faults {
        self.inner.faults()
    }
}

/// What was said about one order, request by request.
pub(crate) async fn conversation<S: Simulator + 'static>(
    system: S,
    client: fn(&str, Duration) -> Arc<dyn Registry>,
    order: fn(&str) -> Order,
) -> Vec<(String, Request, Reply)> {
    let hosted = Hosted::start(Recorder::new(system)).await.expect("a socket");
    let (client, mut talk) = (client(&hosted.url(), PATIENT), Talk::default());
    let (end, so_far) = work(&*client, &order("PLICO-recorded"), Kill::Never, &mut talk).await;
    assert_eq!(end, End::Rest);
    let numbered = so_far.numbered.expect("a number");
    // Reading back where the system can.
    let _ = client.read(numbered.number, numbered.year, &mut talk).await;
    let heard = std::mem::take(&mut hosted.state().heard);
    assert_eq!(heard.len(), talk.exchanges.len());
    let names = talk.exchanges.into_iter().map(|exchange| exchange.operation);
    names.zip(heard).map(|(name, (request, reply))| (name, request, reply)).collect()
}

/// Compares with what is kept, or keeps.
pub(crate) async fn recorded<S: Simulator + 'static>(
    name: &str,
    system: S,
    client: fn(&str, Duration) -> Arc<dyn Registry>,
    order: fn(&str) -> Order,
) {
    let mut all: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (index, (operation, request, reply)) in
        conversation(system, client, order).await.into_iter().enumerate()
    {
        let Reply::Answer { status, kind, body } = reply else { panic!("no answer") };
        let field = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let head =
            format!("content-type: {}\r\nsoapaction: {}\r\n\r\n", field("content-type"), field("soapaction"));
        let file = format!("{:02}-{operation}", index + 1);
        all.push((format!("{file}.request").into(), [head.into_bytes(), request.body].concat()));
        let head = format!("status: {status}\r\ncontent-type: {kind}\r\n\r\n");
        all.push((format!("{file}.answer").into(), [head.into_bytes(), body].concat()));
    }
    if let Some(folder) = std::env::var_os("PLICO_FIXTURES") {
        let folder = Path::new(&folder).join("soap").join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        for (file, bytes) in &all {
            std::fs::write(folder.join(file), bytes).expect("a file");
        }
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/soap").join(name);
    for (file, bytes) in &all {
        let kept = std::fs::read(folder.join(file)).unwrap_or_default();
        assert!(
            kept == *bytes,
            "{name}/{} is not what was recorded (fixtures/soap/README.md)",
            file.display()
        );
    }
    let kept = std::fs::read_dir(&folder).expect("the folder").count();
    assert_eq!(kept, all.len(), "{name}: there are others");
}

/// All bodies that are kept.
fn bodies() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/soap");
    let folders = std::fs::read_dir(folder).expect("fixtures").filter_map(Result::ok);
    let folders = folders.filter(|entry| entry.path().is_dir());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).expect("a folder"));
    let bytes = files.map(|file| std::fs::read(file.expect("a file").path()).expect("bytes"));
    let body = |bytes: Vec<u8>| {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
        bytes[end..].to_vec()
    };
    bytes.map(body).collect()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn harmed_bytes_are_read_or_refused(
        which in proptest::prelude::any::<proptest::sample::Index>(),
        at in proptest::prelude::any::<proptest::sample::Index>(),
        length in 0usize..40,
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
    ) {
        static BODIES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
        let mut harmed = which.get(BODIES.get_or_init(bodies)).clone();
        let at = at.index(harmed.len());
        let end = (at + length).min(harmed.len());
        harmed.splice(at..end, bytes);
        let options = Options::at(0, None);
        let _ = (soap::read(&harmed), multipart::read(None, &harmed), dime::read(&harmed));
        let _ = (agid::receive(&harmed, &options), agid::Confirmation::read(&harmed));
        let _ = (agid::Annulment::read(&harmed), agid::Notice::read(&harmed));
    }
}
