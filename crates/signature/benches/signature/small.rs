//! Files of ten kilobytes, the whole cryptographic check of each, one thread: here, by the `openssl` crate's CMS, by pyHanko.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use openssl::cms::{CMSOptions, CmsContentInfo};
use plico_signature::forge::{KeyKind, Pki, Recipe, cades};
use plico_signature::{Options, inspect};

use crate::{NOW, RUNS, line, median, subject};

/// Checks of one measurement.
const ROUNDS: u32 = 500;
/// What pyHanko does with a file, and how long one takes, in nanoseconds.
const PYHANKO: &str = "
import asyncio, logging, sys, time
from asn1crypto import cms
from pyhanko.sign.validation.generic_cms import async_validate_cms_signature
logging.disable(logging.CRITICAL)
bytes_ = open(sys.argv[1], 'rb').read()
async def main():
    start = time.perf_counter_ns()
    for _ in range(100):
        status = await async_validate_cms_signature(cms.ContentInfo.load(bytes_)['content'])
        assert status.intact and status.valid
    print((time.perf_counter_ns() - start) // 100)
asyncio.run(main())
";

/// RSA-2048 and P-256.
pub fn checked() {
    let content: Vec<u8> = (0..8192u32).map(|n| (n * 7 % 251) as u8).collect();
    let mut pki = Pki::new("Borgo", NOW).expect("a test authority");
    for (what, kind) in [("10 KB, RSA-2048", KeyKind::Rsa2048), ("10 KB, P-256", KeyKind::P256)] {
        let signer = pki.signer(&subject(), kind).expect("a signer");
        let file = cades(&[&signer], &content, &Recipe::good(NOW)).expect("an envelope");
        let options = Options::at(NOW, None);
        let ours = timed(|| assert!(inspect(&file, &options).signatures[0].intact));
        let theirs = timed(|| {
            let mut cms = CmsContentInfo::from_der(&file).expect("an envelope");
            let flags = CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::BINARY;
            let mut out = Vec::new();
            cms.verify(None, None, None, Some(&mut out), flags).expect("the signature holds");
            assert_eq!(out.len(), content.len());
        });
        println!("{what}: {:.0} a second", 1.0 / ours.as_secs_f64());
        line(what, ours, "the openssl crate", theirs);
        match pyhanko(&file) {
            Some(theirs) => line(what, ours, "pyHanko", theirs),
            None => eprintln!("pyHanko was not compared: scripts/peers.sh installs it"),
        }
    }
}

/// How long one takes: the median of several measurements.
fn timed(mut check: impl FnMut()) -> Duration {
    check();
    let measure = |_| {
        let start = Instant::now();
        (0..ROUNDS).for_each(|_| check());
        start.elapsed() / ROUNDS
    };
    median((0..RUNS).map(measure).collect())
}

fn pyhanko(file: &[u8]) -> Option<Duration> {
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/bin/python");
    if !Path::new(python).exists() {
        return None;
    }
    let folder = tempfile::tempdir().ok()?;
    let path = folder.path().join("file.p7m");
    std::fs::write(&path, file).ok()?;
    let said = Command::new(python).args(["-c", PYHANKO]).arg(&path).output().ok()?;
    let nanoseconds = String::from_utf8(said.stdout).ok()?.trim().parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
