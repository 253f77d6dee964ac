//! Every kept sample, changed in many ways, before every parser: never a panic, and never for long. The changes are the same
//! at each run; `MUTATIONS=20000` before the tests makes more of them.

use std::path::{Path, PathBuf};

use plico_signature::fuzz::TARGETS;

/// Changes of each sample, unless more are asked for.
const MUTATIONS: usize = 200;
/// Processor time that one answer may take, in nanoseconds.
const MOST: u64 = 1_000_000_000;

/// A generator of numbers that gives the same each time (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Files that are parts of others, one for each parser, and the fixtures.
fn samples() -> Vec<(PathBuf, Vec<u8>)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in [here.join("tests/corpus"), here.join("../../fixtures/p7m")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.push((path.clone(), std::fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

/// What breaks parsers: bits, lengths, cuts, repetitions, and pieces of other files.
fn change(bytes: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(bytes.len());
        let length = numbers.below(64).min(bytes.len() - at);
        match numbers.below(8) {
            _ if bytes.is_empty() => bytes.extend_from_slice(other),
            0 => bytes[at] ^= 1 << numbers.below(8),
            1 => bytes[at] = [0x00, 0x7f, 0x80, 0x81, 0x84, 0x88, 0xff, b'<'][numbers.below(8)],
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..at + length)),
            4 => {
                let piece = bytes[at..at + length].repeat(1 + numbers.below(40));
                bytes.splice(at..at, piece);
            }
            5 => {
                let from = numbers.below(other.len());
                let piece = other[from..].iter().take(length).copied().collect::<Vec<u8>>();
                bytes.splice(at..at + length, piece);
            }
            6 => drop(bytes.splice(at..at, [0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
            _ => drop(bytes.splice(at..at + length, vec![0; length])),
        }
    }
    bytes
}

/// Processor time of this thread so far, in nanoseconds: other work on the machine is not counted.
fn processor() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

fn asks(name: &str, target: fn(&[u8]), bytes: &[u8], path: &Path) {
    let before = processor();
    target(bytes);
    if let (Some(before), Some(after)) = (before, processor()) {
        assert!(
            after - before <= MOST,
            "{name} took {} ms for {}",
            (after - before) / 1_000_000,
            path.display()
        );
    }
}

fn mutations() -> usize {
    std::env::var("MUTATIONS").map_or(MUTATIONS, |count| count.parse().expect("MUTATIONS is a number"))
}

#[test]
fn samples_however_changed_break_nothing() {
    let samples = samples();
    let mut numbers = Numbers(20_261_122);
    for (place, (path, bytes)) in samples.iter().enumerate() {
        let whole = bytes.clone();
        for (name, target) in TARGETS {
            asks(name, *target, &whole, path);
        }
        for _ in 0..mutations() {
            let (_, other) = &samples[(place + 1 + numbers.below(samples.len() - 1)) % samples.len()];
            let changed = change(bytes, other, &mut numbers);
            let (name, target) = TARGETS[numbers.below(TARGETS.len())];
            asks(name, target, &changed, path);
            asks("inspect", plico_signature::fuzz_inspect, &changed, path);
        }
    }
}

#[test]
fn ten_megabytes_of_nonsense_are_answered_within_a_second() {
    const MANY: usize = 10_000_000;
    let head = b"Content-Type: multipart/signed; boundary=x\r\n\r\n";
    let mixed =
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: application/pkcs7-mime\r\n";
    let filled = |head: &[u8], with: &[u8]| {
        let mut bytes = head.to_vec();
        bytes.extend(with.repeat(MANY / with.len()));
        bytes
    };
    let tsd = b"\x30\x80\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x1f\xa0\x80\x30\x80\x02\x01\x01";
    let signed =
        b"\r\n--x\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    let mut between = filled(&[head, &b"--x\r\n\r\n"[..]].concat(), b"a\n");
    between.extend(
        [&signed[..], b"MIAGCSqGSIb3DQEHAqCAMIACAQExADALBgkqhkiG9w0BBwExAAAAAAAAAA==\r\n--x--"].concat(),
    );
    let nonsense = [
        filled(head, b"--x\r\n"),
        filled(head, b"--x"),
        filled(head, b"\n"),
        filled(b"Content-Type: ", b"a;b=\"c\""),
        filled(b"Content-Type: multipart/signed; boundary=", b"-"),
        filled(mixed, b"\r\n--x\r\n\r\n"),
        filled(&[&mixed[..], b"Content-Transfer-Encoding: base64\r\n\r\n"].concat(), b"MIAG"),
        between,
        filled(tsd, b"\x24\x80"),
        filled(&[&tsd[..], b"\x24\x80"].concat(), b"\x04\x00"),
        filled(&[&tsd[..], b"\x24\x80"].concat(), b"\x04\x01a"),
        filled(&[&tsd[..], b"\x04\x00\xa0\x80"].concat(), b"\x30\x02\x30\x00"),
        filled(&[&tsd[..], b"\x04\x00\xa0\x80"].concat(), b"\x30\x80"),
        filled(b"%PDF-1.7\n", b"/ByteRange [0 1 2 3]"),
        filled(b"%PDF-1.7\n/DSS/ByteRange [0 20 30 40]", b"<<>>stream\n"),
        filled(b"PK\x03\x04application/vnd.etsi.asic-e+zip", b"PK\x01\x02"),
        filled(b"<a xmlns='http://www.w3.org/2000/09/xmldsig#'>", b"<Signature>"),
        filled(b"<a xmlns='http://www.w3.org/2000/09/xmldsig#'>", b"<Signature/>"),
    ];
    for (place, bytes) in nonsense.iter().enumerate() {
        let name = format!("nonsense {place}");
        asks("inspect", |bytes| drop(crate::town::look(bytes)), bytes, Path::new(&name));
        plico_signature::fuzz_inspect(bytes);
    }
}

#[test]
fn every_parser_has_a_sample_that_it_reads() {
    use plico_signature::report::Container;
    let samples = samples();
    let bytes = |name: &str| {
        let found = samples.iter().find(|(path, _)| path.file_name().is_some_and(|other| other == name));
        found
            .unwrap_or_else(|| panic!("{name}: cargo run -p plico-signature --example fixtures"))
            .1
            .as_slice()
    };
    let container = |name| crate::town::look(bytes(name)).container;
    assert_eq!(container("stamped.tsd"), Container::Tsd);
    assert_eq!(container("token.tst"), Container::Tst);
    assert_eq!(container("signed.eml"), Container::Smime);
    assert_eq!(container("envelope.m7m"), Container::Smime);
    assert_eq!(container("enveloped.xml"), Container::Xades);
    assert_eq!(container("one.asics"), Container::Asic);
    let mut evidence = plico_signature::revocation::Evidence::default();
    evidence.add_crl(bytes("list.crl")).unwrap();
    evidence.add_ocsp(bytes("answer.ocsp")).unwrap();
    assert!(plico_signature::certificate::Certificate::read(bytes("certificate.der")).is_some());
    assert!(plico_signature::TrustedLists::from_compiled(bytes("lists.compiled"), b"fingerprint").is_some());
}
