//! Clients that others wrote, against our simulators.

use std::path::{Path, PathBuf};
use std::process::Command;

use plico_crypto::digest::{sha256, to_hex};
use plico_registry::docarea::Dialect;
use plico_registry::docarea::simulator::DocArea;
use plico_registry::iride::simulator::Iride;
use plico_registry::simulator::{Faults, Ledger, Reply, Request, Simulator};
use plico_testkit::real::{or_say, python};
use plico_testkit::registry::Hosted;

use crate::specification;

/// A service that also shows its description.
struct Described<S> {
    inner: S,
    wsdl: String,
}

impl<S: Simulator> Simulator for Described<S> {
    fn answer(&mut self, request: &Request, day: &str) -> Reply {
        if request.method == "GET" {
            return Reply::ok("text/xml", self.wsdl.clone());
        }
        self.inner.answer(request, day)
    }

    fn ledger(&mut self) -> &mut Ledger {
        self.inner.ledger()
    }

    fn faults(&mut self) -> &mut Faults {
        self.inner.faults()
    }
}

/// Files with everything that could be taken for a boundary or an end.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let contents: [&[u8]; 2] = [b"%PDF-1.7\r\n--uuid:1--\r\n\x00\xff\n\n", b"%PDF-1.7 \xe8 ]]>\r\n"];
    let mut all = Vec::new();
    for (index, content) in contents.iter().enumerate() {
        let path = folder.join(format!("documento-{index}.pdf"));
        std::fs::write(&path, content).expect("a file");
        all.push((path, to_hex(&sha256(content))));
    }
    all
}

/// Runs a script in a folder of its own, while its service goes on.
async fn run(interpreter: PathBuf, script: &str, arguments: Vec<String>, folder: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges").join(script);
    let mut command = Command::new(interpreter);
    command.arg(script).args(arguments).current_dir(folder).env("TMPDIR", folder);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread");
    let output = output.expect("a run");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
    said
}

fn judge(ledger: &Ledger, key: &str, files: &[(PathBuf, String)]) {
    assert_eq!(ledger.numbers_of(key), 1, "{:?}", ledger.objects);
    let object = &ledger.objects[0];
    let there: Vec<&str> = object.files.iter().map(|file| file.sha256.as_str()).collect();
    let ours: Vec<&str> = files.iter().map(|(_, digest)| digest.as_str()).collect();
    assert_eq!(there, ours);
    assert_eq!(object.parties, ["Verdi"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gisweb_ads_registers_with_the_prisma_simulator() {
    let Some(wsdl) = specification("protocollo/docarea-ads-prisma.wsdl") else { return };
    let Some(interpreter) = or_say(python::interpreter(&["gisweb_ads"])) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let files = files(folder.path());
    let inner = DocArea::new(Dialect::Prisma, "PAT", "altro", "segreto");
    let hosted = Hosted::start(Described { inner, wsdl: String::new() }).await.expect("a socket");
    let wsdl = std::fs::read_to_string(wsdl).expect("a description");
    hosted.state().wsdl = wsdl.replace("http://127.0.0.1/replaced", &hosted.url());
    let mut arguments = vec![format!("{}/?wsdl", hosted.url()), "altro".into(), "segreto".into()];
    arguments.extend(files.iter().map(|(path, _)| path.display().to_string()));
    let said = run(interpreter, "ads.py", arguments, folder.path()).await;
    assert_eq!(said, "1 2026");
    judge(hosted.state().ledger(), "PLICO-ads", &files);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gisweb_iride_registers_with_the_iride_simulator() {
    let Some(interpreter) = or_say(python::interpreter(&["gisweb_iride"])) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let files = files(folder.path());
    let hosted = Hosted::start(Iride::default()).await.expect("a socket");
    let mut arguments = vec![format!("{}/ws?WS=1", hosted.url()), "altro".into()];
    arguments.extend(files.iter().map(|(path, _)| path.display().to_string()));
    let said = run(interpreter, "iride.py", arguments, folder.path()).await;
    assert_eq!(said, "1 2026 1001");
    judge(hosted.state().ledger(), "PLICO-iride", &files);
}
