//! ASiC containers (ETSI EN 319 162-1 and 319 162-2): files in a ZIP with signatures over them, in CAdES or XAdES. A
//! signature counts for the container only when it is over every file in it.

mod manifest;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use plico_crypto::verify::Hash;
use zip::ZipArchive;

use crate::check::{self, Rules};
use crate::envelope::Envelope;
use crate::inspect::{self, Around, Options};
use crate::report::{
    Container, Content, Format, Indication, Problem, Reason, Report, SignatureReport, SubIndication, hex,
    worst,
};
use crate::source::{Memory, Source};
use crate::xml::reference::Outside;
use crate::{sniff, xades};

pub(crate) use manifest::plain;

/// Files of a container.
const MAX_FILES: usize = 2000;
/// Files with signatures or manifests that are looked at, and how long one may be.
const MAX_SIGNATURES: usize = 64;
const MAX_SIGNATURE: u64 = 12 * 1024 * 1024;
/// How much more than the container its files may be together, and how much they may be in any case.
const MAX_RATIO: u64 = 16;
const MAX_SMALL: u64 = 64 * 1024 * 1024;
/// Digests of a file: those that signatures name.
const HASHES: [Hash; 4] = [Hash::Sha256, Hash::Sha384, Hash::Sha512, Hash::Sha1];

/// A signed file.
pub(crate) struct Member {
    digests: Vec<Vec<u8>>,
    size: u64,
    head: Vec<u8>,
}

impl Member {
    pub(crate) fn digest(&self, hash: Hash) -> Option<&[u8]> {
        HASHES.iter().position(|&one| one == hash).map(|place| self.digests[place].as_slice())
    }
}

/// What is in a container: the files that are to be signed, and what stands in `META-INF`.
#[derive(Default)]
struct Inside {
    files: BTreeMap<String, Member>,
    about: BTreeMap<String, Vec<u8>>,
}

/// The report on a container. Its content is the one file in it; where there are several it is filled in by the caller.
pub(crate) fn report(source: &mut dyn Source, options: &Options<'_>) -> io::Result<Report> {
    let inside = match read(source) {
        Ok(inside) => inside,
        Err(Refused::Io(error)) => return Err(error),
        Err(Refused::TooMuch) => {
            let much = Some(Problem::TooComplex);
            return Ok(Report::bare(Container::Asic, Indication::Indeterminate, much));
        }
        Err(Refused::Damaged) => {
            return Ok(Report::bare(Container::Asic, Indication::TotalFailed, Some(Problem::Damaged)));
        }
    };
    let mut found = Vec::new();
    for (name, bytes) in &inside.about {
        let lower = name.to_ascii_lowercase();
        let extension = lower.rsplit('.').next().unwrap_or_default();
        if extension == "p7s" {
            found.extend(cades(name, bytes, &inside, options));
        } else if extension == "xml" && lower.contains("signatures") {
            found.extend(in_xml(bytes, &inside, options)?);
        }
    }
    let mut report = Report::bare(Container::Asic, worst(&found), None);
    report.sub_indication = None;
    report.signatures = found;
    if let (1, Some(only)) = (inside.files.len(), inside.files.values().next()) {
        let sha256 = hex(only.digest(Hash::Sha256).unwrap_or_default());
        let media_type = sniff::media_type(&mut Memory(&only.head))?.to_owned();
        report.content = Some(Content { sha256, size: only.size, media_type });
    }
    Ok(report)
}

/// The only file of a container; nothing when there are several, or when it is longer than is held.
pub(crate) fn only_file(source: &mut dyn Source) -> Option<Vec<u8>> {
    let mut zip = ZipArchive::new(Seeker { source, at: 0 }).ok()?;
    if zip.has_duplicate_names() || zip.len() > MAX_FILES {
        return None;
    }
    let mut found = None;
    for number in 0..zip.len() {
        let mut file = zip.by_index(number).ok()?;
        let name = file.name().ok().map(Cow::into_owned)?;
        if name.ends_with('/') || name == "mimetype" || name.starts_with("META-INF/") {
            continue;
        }
        let mut bytes = Vec::new();
        let read = (&mut file).take(MAX_SMALL + 1).read_to_end(&mut bytes);
        if found.is_some() || read.is_err() || bytes.len() as u64 > MAX_SMALL {
            return None;
        }
        found = Some(bytes);
    }
    found
}

/// A detached envelope: over a manifest that names it, or over the only file.
fn cades(name: &str, bytes: &[u8], inside: &Inside, options: &Options<'_>) -> Vec<SignatureReport> {
    let envelope = Envelope::read(&mut Memory(bytes)).ok().filter(|envelope| envelope.content.is_none());
    let Some(envelope) = envelope else {
        let sub = SubIndication::FormatFailure;
        return vec![check::unread(Indication::TotalFailed, sub, Reason::Malformed, Format::Cms)];
    };
    let manifest = inside.about.values().find_map(|bytes| manifest::of(bytes, name));
    let standing = manifest.as_ref().map(|manifest| manifest.check(&inside.files));
    let digest = |hash: Hash| match (&manifest, standing) {
        (Some(manifest), Some(manifest::Standing::Holds)) => Some(hash.of(manifest.bytes)),
        // What the manifest is of is not what it was: a digest that nothing equals.
        (Some(_), Some(manifest::Standing::Altered)) => Some(Vec::new()),
        (Some(_), _) => None,
        (None, _) if inside.files.len() == 1 => {
            inside.files.values().next()?.digest(hash).map(<[u8]>::to_vec)
        }
        (None, _) => None,
    };
    let mut found = inspect::signatures(&envelope, options, Rules::Cades, false, &digest, Around::default());
    if standing == Some(manifest::Standing::Partial) {
        for signature in &mut found {
            signature.reasons.push(Reason::PartlySigned);
        }
    }
    found
}

fn in_xml(bytes: &[u8], inside: &Inside, options: &Options<'_>) -> io::Result<Vec<SignatureReport>> {
    let digest =
        |name: &str, hash: Hash| inside.files.get(&manifest::plain(name)?)?.digest(hash).map(<[u8]>::to_vec);
    let all: Vec<String> = inside.files.keys().cloned().collect();
    let report = xades::report(&mut Memory(bytes), &Outside { digest: &digest, all: &all }, options)?;
    if report.problem.is_some() {
        let sub = SubIndication::FormatFailure;
        return Ok(vec![check::unread(report.indication, sub, Reason::Malformed, Format::XmlDsig)]);
    }
    Ok(report.signatures)
}

enum Refused {
    Io(io::Error),
    TooMuch,
    Damaged,
}

fn read(source: &mut dyn Source) -> Result<Inside, Refused> {
    let most = source.size().saturating_mul(MAX_RATIO).max(MAX_SMALL);
    let mut left = most;
    let mut zip = ZipArchive::new(Seeker { source, at: 0 }).map_err(|_| Refused::Damaged)?;
    // Whoever reads by name sees one of two that share it.
    if zip.has_duplicate_names() {
        return Err(Refused::Damaged);
    }
    if zip.len() > MAX_FILES {
        return Err(Refused::TooMuch);
    }
    let mut inside = Inside::default();
    for number in 0..zip.len() {
        let mut file = zip.by_index(number).map_err(|_| Refused::Damaged)?;
        let Some(name) = file.name().ok().map(Cow::into_owned) else { return Err(Refused::Damaged) };
        if name.ends_with('/') || name == "mimetype" {
            continue;
        }
        if name.starts_with("META-INF/") {
            if inside.about.len() == MAX_SIGNATURES {
                return Err(Refused::TooMuch);
            }
            let mut bytes = Vec::new();
            (&mut file).take(MAX_SIGNATURE + 1).read_to_end(&mut bytes).map_err(broken)?;
            if bytes.len() as u64 > MAX_SIGNATURE || bytes.len() as u64 > left {
                return Err(Refused::TooMuch);
            }
            left -= bytes.len() as u64;
            inside.about.insert(name, bytes);
        } else {
            let member = member(&mut file, &mut left)?;
            inside.files.insert(name, member);
        }
    }
    Ok(inside)
}

fn member(file: &mut dyn Read, left: &mut u64) -> Result<Member, Refused> {
    let mut running = HASHES.map(Hash::hasher);
    let (mut head, mut size) = (Vec::new(), 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer).map_err(broken)?;
        if read == 0 {
            break;
        }
        *left = left.checked_sub(read as u64).ok_or(Refused::TooMuch)?;
        for hasher in &mut running {
            hasher.update(&buffer[..read]);
        }
        head.extend(&buffer[..read.min(4096usize.saturating_sub(head.len()))]);
        size += read as u64;
    }
    Ok(Member {
        digests: running.into_iter().map(plico_crypto::verify::Hasher::finish).collect(),
        size,
        head,
    })
}

/// What cannot be unpacked is damaged; what cannot be read is another matter.
fn broken(error: io::Error) -> Refused {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput => {
            Refused::Damaged
        }
        _ => Refused::Io(error),
    }
}

/// A source as the ZIP reader wants it.
struct Seeker<'a> {
    source: &'a mut dyn Source,
    at: u64,
}

impl Read for Seeker<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read_at(self.at, buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Seeker<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
