//! Bags (BagIt, RFC 8493 and the drafts 0.93–0.97 before it): is what lies here what was packed, whole and unchanged?
//!
//! The files come through [`Held`], so that a folder and a ZIP are read alike. Every byte is read once, whatever the
//! number of manifests. What the standard forbids is a fault; what it tolerates and a careful receiver should know
//! is a warning.

mod path;
mod tag;
mod write;
mod zipped;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

pub use write::BagWriter;
pub use zipped::Zipped;

use path::Place;
use tag::{Encoding, Listed};

use crate::checksum::{Algorithm, Checksums};

/// Bytes of the largest manifest that is read: some 500,000 files.
const TAG_LIMIT: u64 = 64 << 20;
/// Bytes of the largest declaration.
const DECLARATION_LIMIT: u64 = 4096;
/// Files that a system leaves in folders without being asked; they carry nothing of the bag.
const SYSTEM_FILES: [&str; 3] = [".ds_store", "thumbs.db", "desktop.ini"];

/// Where the files of a bag lie.
pub trait Held {
    /// Every file, by its path from the bag's root, parts joined by `/`.
    fn files(&mut self) -> io::Result<Vec<String>>;
    /// Hands a file over, piece by piece; `NotFound` when there is none of that name.
    fn read(&mut self, path: &str, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()>;
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The version it declares.
    pub version: Option<(u32, u32)>,
    /// What makes it invalid. Empty: complete and valid.
    pub faults: Vec<String>,
    /// What is tolerated and should be known.
    pub warnings: Vec<String>,
    /// Files of the payload.
    pub files: usize,
    /// Bytes of the payload.
    pub bytes: u64,
    /// What `bag-info.txt` says, in its order.
    pub info: Vec<(String, String)>,
    /// SHA-256 of every payload file that a manifest of that kind lists, as its bytes give it: lower-case hexadecimal.
    pub sha256: BTreeMap<String, String>,
}

impl Report {
    fn fault(&mut self, what: impl Into<String>) {
        self.faults.push(what.into());
    }

    fn warn(&mut self, what: impl Into<String>) {
        self.warnings.push(what.into());
    }
}

/// What the manifests say of one file.
#[derive(Default)]
struct Expected {
    digests: BTreeMap<Algorithm, String>,
}

/// Checks a bag. An error is one of reading the list of files; everything else is in the report.
pub fn check(bag: &mut dyn Held) -> io::Result<Report> {
    let mut report = Report::default();
    let present: BTreeSet<String> = bag.files()?.into_iter().collect();
    let Some((version, encoding)) = declaration(bag, &present, &mut report) else { return Ok(report) };
    report.version = Some(version);
    let strict = version >= (1, 0);
    let mut expected: BTreeMap<String, Expected> = BTreeMap::new();
    let mut payload_manifests: Vec<(String, BTreeSet<String>)> = Vec::new();
    for name in present.iter().filter(|name| !name.contains('/')) {
        let (tags, algorithm) = match manifest_name(name) {
            Some((tags, Some(algorithm))) => (tags, algorithm),
            Some((_, None)) => {
                report.warn(format!("{name}: this checksum is not known here, the manifest is not used"));
                continue;
            }
            None => continue,
        };
        let Some(text) = text(bag, name, encoding, &mut report) else { continue };
        let listed = manifest(name, &text, algorithm, (tags, strict), &present, &mut report);
        let mut names = BTreeSet::new();
        for (path, digest) in listed {
            names.insert(path.clone());
            expected.entry(path).or_default().digests.insert(algorithm, digest);
        }
        if !tags {
            payload_manifests.push((name.clone(), names));
        }
    }
    if payload_manifests.is_empty() {
        report.fault("there is no manifest of the payload");
    }
    let fetched = fetch(bag, &present, encoding, &mut report);
    for name in present.iter().filter(|name| name.starts_with("data/")) {
        let lists = payload_manifests.iter().filter(|(_, names)| names.contains(name)).count();
        if lists == 0 && is_of_a_system(name) {
            report.warn(format!("{name}: left by a system, in no manifest"));
        } else if lists == 0 || (strict && lists < payload_manifests.len()) {
            report.fault(format!("{name}: not in every manifest of the payload"));
        }
    }
    compare(bag, &present, &expected, &fetched, &mut report);
    information(bag, &present, encoding, &mut report);
    Ok(report)
}

/// `bagit.txt`: without it nothing else can be read.
fn declaration(
    bag: &mut dyn Held,
    present: &BTreeSet<String>,
    report: &mut Report,
) -> Option<((u32, u32), Encoding)> {
    if !present.contains("bagit.txt") {
        report.fault("bagit.txt: missing; this is not a bag");
        return None;
    }
    let bytes = match bytes(bag, "bagit.txt", DECLARATION_LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => {
            report.fault(format!("bagit.txt: {error}"));
            return None;
        }
    };
    match tag::declaration(&bytes) {
        Ok(declared) => Some(declared),
        Err(why) => {
            report.fault(format!("bagit.txt: {why}"));
            None
        }
    }
}

/// Whether it lists tag files, and its checksum if it is one that we know.
fn manifest_name(name: &str) -> Option<(bool, Option<Algorithm>)> {
    let rest = name.strip_suffix(".txt")?;
    let (tags, algorithm) = match rest.strip_prefix("tagmanifest-") {
        Some(algorithm) => (true, algorithm),
        None => (false, rest.strip_prefix("manifest-")?),
    };
    Some((tags, Algorithm::parse(algorithm)))
}

/// The files that a manifest lists, by the names they have here.
fn manifest(
    name: &str,
    text: &str,
    algorithm: Algorithm,
    (tags, strict): (bool, bool),
    present: &BTreeSet<String>,
    report: &mut Report,
) -> BTreeMap<String, String> {
    let mut listed: BTreeMap<String, String> = BTreeMap::new();
    for line in tag::lines(text) {
        let Some(Listed { digest, path, marked }) = tag::listed(line) else {
            report.fault(format!("{name}: {line:?} is not a line of a manifest"));
            continue;
        };
        if !algorithm.fits(&digest) {
            report.fault(format!("{name}: {digest:?} is not a checksum of its kind"));
            continue;
        }
        if marked {
            report.warn(format!("{name}: {path} has the mark of a checksum program before it"));
        }
        let place = match path::resolve(&path, strict, present) {
            Place::Outside => {
                report.fault(format!("{name}: {path:?} leads out of the bag"));
                continue;
            }
            Place::Dotted(place) => {
                report.warn(format!("{name}: {path} need not begin with ./"));
                place
            }
            Place::Plain(place) => place,
        };
        if tags == place.starts_with("data/") {
            report.fault(format!("{name}: {place} does not belong in this manifest"));
            continue;
        }
        match listed.get(&place) {
            Some(other) if *other != digest => {
                report.fault(format!("{name}: {place} is listed twice with different checksums"));
            }
            Some(_) if strict => report.fault(format!("{name}: {place} is listed twice")),
            Some(_) => report.warn(format!("{name}: {place} is listed twice")),
            None => {}
        }
        listed.entry(place).or_insert(digest);
    }
    listed
}

/// What is to be fetched from elsewhere: a bag with anything missing is incomplete here, whoever could fetch it.
fn fetch(
    bag: &mut dyn Held,
    present: &BTreeSet<String>,
    encoding: Encoding,
    report: &mut Report,
) -> BTreeSet<String> {
    let mut fetched = BTreeSet::new();
    if !present.contains("fetch.txt") {
        return fetched;
    }
    let Some(text) = text(bag, "fetch.txt", encoding, report) else { return fetched };
    for line in tag::lines(&text) {
        let Some(path) = tag::fetched(line) else {
            report.fault(format!("fetch.txt: {line:?} is not a line of it"));
            continue;
        };
        match path::resolve(&path, true, present) {
            Place::Plain(place) | Place::Dotted(place) if place.starts_with("data/") => {
                fetched.insert(place);
            }
            _ => report.fault(format!("fetch.txt: {path:?} leads out of the payload")),
        }
    }
    fetched
}

/// Reads every listed file, once, and compares.
fn compare(
    bag: &mut dyn Held,
    present: &BTreeSet<String>,
    expected: &BTreeMap<String, Expected>,
    fetched: &BTreeSet<String>,
    report: &mut Report,
) {
    for (path, Expected { digests }) in expected {
        if !present.contains(path) {
            match path::twin(path, present) {
                Some(twin) => report.warn(format!("{path}: here only as {twin}")),
                None if is_of_a_system(path) => report.warn(format!("{path}: a system's own file, missing")),
                None if fetched.contains(path) => report.fault(format!("{path}: still to be fetched")),
                None => report.fault(format!("{path}: missing")),
            }
            continue;
        }
        if is_of_a_system(path) {
            report.warn(format!("{path}: left by a system"));
        }
        let mut sums = Checksums::new(digests.keys().copied());
        let mut bytes = 0;
        let read = bag.read(path, &mut |piece| {
            sums.update(piece);
            bytes += piece.len() as u64;
            Ok(())
        });
        if let Err(error) = read {
            report.fault(format!("{path}: cannot be read: {error}"));
            continue;
        }
        if path.starts_with("data/") {
            report.files += 1;
            report.bytes += bytes;
        }
        for (algorithm, found) in sums.finish() {
            if algorithm == Algorithm::Sha256 && path.starts_with("data/") {
                report.sha256.insert(path.clone(), found.clone());
            }
            if digests.get(&algorithm).is_some_and(|expected| !expected.eq_ignore_ascii_case(&found)) {
                report.fault(format!("{path}: changed ({} differs)", algorithm.name()));
            }
        }
    }
}

fn information(bag: &mut dyn Held, present: &BTreeSet<String>, encoding: Encoding, report: &mut Report) {
    if !present.contains("bag-info.txt") {
        return;
    }
    let Some(text) = text(bag, "bag-info.txt", encoding, report) else { return };
    match tag::fields(&text) {
        Ok(fields) => report.info = fields,
        Err(line) => report.fault(format!("bag-info.txt: {line:?} is neither a field nor its continuation")),
    }
    let oxum = report.info.iter().find(|(name, _)| name.eq_ignore_ascii_case("payload-oxum"));
    if let Some((_, oxum)) = oxum {
        let found = format!("{}.{}", report.bytes, report.files);
        // Where something is missing or extra it was told already, more precisely.
        if *oxum != found && report.faults.is_empty() && report.warnings.is_empty() {
            let what = format!("bag-info.txt: Payload-Oxum says {oxum}, the payload is {found}");
            report.fault(what);
        }
    }
}

fn text(bag: &mut dyn Held, name: &str, encoding: Encoding, report: &mut Report) -> Option<String> {
    let decoded = bytes(bag, name, TAG_LIMIT)
        .and_then(|bytes| encoding.decode(&bytes).ok_or_else(|| io::Error::other("not of its encoding")));
    match decoded {
        Ok(text) => Some(text),
        Err(error) => {
            report.fault(format!("{name}: {error}"));
            None
        }
    }
}

fn bytes(bag: &mut dyn Held, name: &str, limit: u64) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    bag.read(name, &mut |piece| {
        if (all.len() + piece.len()) as u64 > limit {
            return Err(io::Error::other(format!("larger than {limit} bytes")));
        }
        all.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(all)
}

fn is_of_a_system(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    SYSTEM_FILES.contains(&name.as_str())
}

/// Entry point for fuzzing: any bytes as a zipped bag.
pub fn fuzz_bag(bytes: &[u8]) {
    if let Ok(mut bag) = Zipped::open(io::Cursor::new(bytes)) {
        let _ = check(&mut bag);
    }
}
