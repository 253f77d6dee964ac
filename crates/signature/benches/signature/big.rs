//! Files of a gigabyte and more: how fast, and in how much memory.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use plico_signature::forge::{KeyKind, Pki, Signer};
use plico_signature::source::Stream;
use plico_signature::{Making, Options, inspect_stream};

use crate::{NOW, RUNS, line, median, subject};

/// First argument of the process that verifies one file and says how much memory it took.
pub const ALONE: &str = "--alone";
const GIB: u64 = 1024 * 1024 * 1024;

/// Verification of 1 GiB in DER and in BER, beside a bare digest of the same bytes and `openssl cms -verify`; memory of 2 GiB.
pub fn verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let signer = Pki::new("Borgo", NOW).and_then(|mut pki| pki.signer(&subject(), KeyKind::Rsa2048));
    let signer = signer.expect("a signer");
    let content = contents(folder.path(), GIB);
    let der = der(folder.path(), &signer, &content);
    one("1 GiB P7M, DER", &der);
    std::fs::remove_file(&der).expect("the file is ours");
    if let Some(ber) = ber(folder.path(), &signer, &content) {
        one("1 GiB P7M, BER", &ber);
        std::fs::remove_file(&ber).expect("the file is ours");
    }
    std::fs::remove_file(&content).expect("the file is ours");
    let content = contents(folder.path(), 2 * GIB);
    let der = self::der(folder.path(), &signer, &content);
    let program = std::env::current_exe().expect("this program has a path");
    let said = Command::new(program).arg(ALONE).arg(&der).output().expect("it starts");
    print!("2 GiB P7M: {}", String::from_utf8_lossy(&said.stdout));
}

/// Verifies a file and says the most memory that it took.
pub fn alone(file: &str) {
    verify(Path::new(file));
    let status = std::fs::read_to_string("/proc/self/status").expect("what the system tells of us");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    println!("most memory of the whole process {}", peak.trim());
}

/// Bytes that do not repeat soon.
fn contents(folder: &Path, length: u64) -> PathBuf {
    let path = folder.join("content");
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    let block: Vec<u8> = (0..1024 * 1024u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for _ in 0..length / block.len() as u64 {
        file.write_all(&block).expect("room on the disk");
    }
    file.flush().expect("room on the disk");
    path
}

fn der(folder: &Path, signer: &Signer, content: &Path) -> PathBuf {
    let path = folder.join("der.p7m");
    let mut source = Stream::new(File::open(content).expect("the content")).expect("its length");
    let mut out = BufWriter::new(File::create(&path).expect("a file"));
    let sealer = signer.sealer().expect("a sealer");
    sealer.cades_source(&mut source, &Making::at(NOW), &mut out).expect("a signature");
    out.flush().expect("room on the disk");
    path
}

/// As a streaming signer writes it.
fn ber(folder: &Path, signer: &Signer, content: &Path) -> Option<PathBuf> {
    let path = folder.join("ber.p7m");
    std::fs::write(folder.join("own.pem"), signer.certificates_pem().expect("PEM")).expect("a file");
    std::fs::write(folder.join("own.key"), signer.key_pem().expect("PEM")).expect("a file");
    let mut command = Command::new("openssl");
    command.current_dir(folder).args([
        "cms",
        "-sign",
        "-cades",
        "-binary",
        "-nodetach",
        "-stream",
        "-md",
        "sha256",
    ]);
    command.args(["-signer", "own.pem", "-inkey", "own.key", "-outform", "DER", "-in"]).arg(content);
    runs(command.arg("-out").arg(&path)).map(|_| path)
}

fn one(what: &str, file: &Path) {
    verify(file);
    let ours = (0..RUNS).map(|_| verify(file));
    let ours = median(ours.collect());
    let digest = || runs(Command::new("openssl").args(["dgst", "-sha256"]).arg(file));
    let cms = || {
        let mut command = Command::new("openssl");
        command.args([
            "cms",
            "-verify",
            "-noverify",
            "-binary",
            "-inform",
            "DER",
            "-out",
            "/dev/null",
            "-in",
        ]);
        runs(command.arg(file))
    };
    if let Some(theirs) = (0..RUNS).map(|_| digest()).collect::<Option<Vec<_>>>() {
        line(what, ours, "openssl dgst -sha256", median(theirs));
    }
    // Once: it takes gigabytes of memory.
    if let Some(theirs) = cms() {
        line(what, ours, "openssl cms -verify", theirs);
    }
}

fn verify(file: &Path) -> Duration {
    let start = Instant::now();
    let report = inspect_stream(File::open(file).expect("the file"), &Options::at(NOW, None));
    let report = report.expect("it can be read");
    assert!(report.signatures[0].intact, "the signature holds");
    start.elapsed()
}

/// How long a command takes; nothing when it is not there or fails.
fn runs(command: &mut Command) -> Option<Duration> {
    let start = Instant::now();
    let run = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if run.is_ok_and(|status| status.success()) {
        return Some(start.elapsed());
    }
    eprintln!("not compared: {command:?}");
    None
}
