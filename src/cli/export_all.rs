//! `plico export --all`: everything of a body, in a folder, in formats that need no program of ours. Done again it writes
//! anew what may have changed and leaves the documents that are there whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use plico_archive::read::body::Body;
use plico_archive::{ActError, ArchiveError, hex};
use plico_crypto::digest::Sha256;
use plico_desk::leave::Table;
use plico_desk::{Actor, Desk};

use super::{Exit, Failure, Told, console, say};
use crate::config::Config;

/// The file that lists the digest of all others, in the format of `sha256sum -c`.
const MANIFEST: &str = "manifest-sha256.txt";
const README: &str = "LEGGIMI.txt";

/// Where everything lies that an earlier run may have written and this one does not.
const FOLDERS: [&str; 4] = ["registro", "repertori", "documenti", "fascicoli"];

/// The line of the readme that says whose export it is: its IPA code may pass to another, its identifier does not.
fn mark(body: &Body) -> String {
    format!("plico-export {} {}", body.ipa_code, body.id)
}

/// A folder being filled.
struct Folder {
    root: PathBuf,
    /// Every file with its digest.
    files: BTreeMap<String, String>,
}

/// One file being written: under its name once it is whole.
struct Writing {
    file: BufWriter<File>,
    part: PathBuf,
    whole: PathBuf,
    hash: Sha256,
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Failure + '_ {
    move |error| Failure::fault(format!("{} cannot be written", path.display())).because(error)
}

impl Writing {
    fn piece(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.hash.update(bytes);
        self.file.write_all(bytes).map_err(unwritable(&self.part))
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.file.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Folder {
    fn begin(&self, path: &str) -> Result<Writing, Failure> {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        let whole = self.root.join(path);
        let folder = whole.parent().unwrap_or(&self.root);
        // Whole files of people: for whoever exports them, until he hands them on.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritable(folder))?;
        let mut part = whole.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let mut open = File::options();
        let open = open.write(true).create(true).truncate(true).mode(0o600).open(&part);
        let file = BufWriter::new(open.map_err(unwritable(&part))?);
        Ok(Writing { file, part, whole, hash: Sha256::new() })
    }

    fn finish(&mut self, path: &str, writing: Writing) -> Result<String, Failure> {
        let Writing { file, part, whole, hash } = writing;
        let file = file.into_inner().map_err(|error| unwritable(&part)(error.into_error()))?;
        file.sync_all().and_then(|()| fs::rename(&part, &whole)).map_err(unwritable(&part))?;
        let digest = hex(&hash.finish());
        self.files.insert(path.into(), digest.clone());
        Ok(digest)
    }

    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let mut writing = self.begin(path)?;
        writing.piece(bytes)?;
        self.finish(path, writing).map(|_| ())
    }

    /// Removes what an earlier run left below a folder and this one did not write: it has no place in the manifest.
    fn tidy(&self, folder: &Path) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                self.tidy(&path)?;
                if fs::read_dir(&path)?.next().is_none() {
                    fs::remove_dir(&path)?;
                }
                continue;
            }
            let name = path.strip_prefix(&self.root).ok().and_then(Path::to_str);
            if !name.is_some_and(|name| self.files.contains_key(name)) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    fn has(&self, path: &str, sha256: &str) -> bool {
        digest_of(&self.root.join(path)).is_ok_and(|digest| digest == sha256)
    }
}

fn digest_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut piece) = (File::open(path)?, Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(&hash.finish())),
            read => hash.update(&piece[..read]),
        }
    }
}

/// Runs it.
pub(super) async fn export(config: &Config, code: Option<&str>, root: &Path) -> Result<Exit, Failure> {
    let desk = console::desk(config).await?;
    let body = console::administration(&desk, code).await?;
    let actor = Actor::console(&body.id, &console::user());
    let manifest = root.join(MANIFEST);
    let empty = fs::read_dir(root).map_or(true, |mut files| files.next().is_none());
    if !empty && !is_of(&root.join(README), &body) {
        return Err(Failure::usage(format!(
            "{} is not empty and holds no export of {}: name another folder",
            root.display(),
            body.ipa_code
        )));
    }
    let command = format!("export --all --body {}", body.ipa_code);
    // Whoever breaks it off has read what was written until then. Where the clock is refused the end says so.
    match desk.console_used(&console::user(), &format!("{command}: begun")).await {
        Err(ActError::Fault(ArchiveError::Clock)) => {}
        begun => begun.map_err(console::failed)?,
    }
    // What is not whole has no list of what it holds.
    match fs::remove_file(&manifest) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(&manifest)(error)),
        _ => {}
    }
    let mut folder = Folder { root: root.to_owned(), files: BTreeMap::new() };
    let readme = desk.leaving_readme(&actor).await.map_err(console::failed)?;
    folder.put(README, format!("{readme}\n{}\n", mark(&body)).as_bytes())?;
    tables(&desk, &body, &mut folder).await?;
    let told = Told::default();
    let written = messages(&desk, &body, &mut folder, &told).await?;
    drop(told);
    let cases = dossiers(&desk, &body, &mut folder).await?;
    for name in FOLDERS {
        let place = root.join(name);
        folder.tidy(&place).map_err(unwritable(&place))?;
    }
    let lines = folder.files.iter().flat_map(|(path, digest)| [digest.as_str(), "  ", path, "\n"]);
    let list = lines.collect::<String>();
    let count = folder.files.len();
    // What was written is what is there.
    for (path, digest) in &folder.files {
        let found = digest_of(&root.join(path)).map_err(unwritable(&root.join(path)))?;
        if found != *digest {
            return Err(Failure::fault(format!(
                "{path} is not what was written: the disk cannot be trusted"
            )));
        }
    }
    folder.put(MANIFEST, list.as_bytes())?;
    console::recorded(desk.console_used(&console::user(), &command).await)?;
    say(&format!("{count} files in {}: {written} messages, {cases} case files", root.display()));
    say("anybody checks them there with: sha256sum -c manifest-sha256.txt");
    Ok(Exit::Good)
}

/// Whether a readme is that of an export of this body.
fn is_of(readme: &Path, body: &Body) -> bool {
    fs::read_to_string(readme).is_ok_and(|text| text.lines().next_back() == Some(mark(body).as_str()))
}

async fn tables(desk: &Desk, body: &Body, folder: &mut Folder) -> Result<(), Failure> {
    for table in desk.leaving_tables(&body.id).await.map_err(console::failed)? {
        let path = table.path();
        let mut writing = folder.begin(&path)?;
        let mut place = None;
        loop {
            let piece = desk.leaving_piece(&body.id, &table, place).await.map_err(console::failed)?;
            writing.piece(piece.0.as_bytes())?;
            place = piece.1;
            if place.is_none() {
                break;
            }
        }
        folder.finish(&path, writing)?;
        if let Table::Register(year) = table {
            let path = format!("registro/registro-{year}.xml");
            let mut writing = folder.begin(&path)?;
            let mut place = None;
            loop {
                let piece = desk.leaving_xml(&body.id, year, place).await.map_err(console::failed)?;
                writing.piece(&piece.0)?;
                place = piece.1;
                if place.is_none() {
                    break;
                }
            }
            folder.finish(&path, writing)?;
        }
    }
    Ok(())
}

/// Every message with its data and documents; what malware is in is named and not handed out.
async fn messages(desk: &Desk, body: &Body, folder: &mut Folder, told: &Told) -> Result<usize, Failure> {
    let (mut after, mut written) = (String::new(), 0);
    loop {
        let piece = desk.leaving_messages(&body.id, &after).await.map_err(console::failed)?;
        let Some((last, ..)) = piece.last() else { return Ok(written) };
        after.clone_from(&last.id);
        for (row, documents, data) in piece {
            let place = match (row.year, row.number) {
                (Some(year), Some(number)) => format!("documenti/{year}/{number:07}-{}", row.id),
                _ => format!("documenti/senza-numero/{}", row.id),
            };
            for (n, document) in (1..).zip(documents.iter().filter(|document| !document.sealed)) {
                let path = format!("{place}/{n:02}-{}", plico_package::name::clean(&document.name));
                if folder.has(&path, &document.sha256) {
                    folder.files.insert(path, document.sha256.clone());
                    continue;
                }
                let reader = desk.archive().open_document(&document.id).await;
                let reader = reader.map_err(|error| {
                    Failure::fault(format!("the document {} cannot be opened", document.id)).because(error)
                })?;
                let mut writing = folder.begin(&path)?;
                let mut pieces = Box::pin(reader.stream());
                while let Some(piece) = pieces.next().await {
                    let piece = piece.map_err(|error| {
                        Failure::fault(format!("the document {} cannot be read", document.id)).because(error)
                    })?;
                    writing.piece(&piece)?;
                }
                if folder.finish(&path, writing)? != document.sha256 {
                    return Err(Failure::fault(format!(
                        "the document {} is not the one that was registered: run plico fsck",
                        document.id
                    )));
                }
            }
            let text = serde_json::to_vec_pretty(&data)
                .map_err(|error| Failure::fault("data cannot be written").because(error))?;
            folder.put(&format!("{place}/dati.json"), &text)?;
            written += 1;
            told.tell(written as u64, 0, "messages");
        }
    }
}

async fn dossiers(desk: &Desk, body: &Body, folder: &mut Folder) -> Result<usize, Failure> {
    let (mut after, mut written) = (String::new(), 0);
    loop {
        let ids = desk.leaving_cases(&body.id, &after).await.map_err(console::failed)?;
        let Some(last) = ids.last() else { return Ok(written) };
        after.clone_from(last);
        for id in ids {
            let plan = desk.dossier_at_console(&body.id, &id).await.map_err(console::failed)?;
            let path = format!("fascicoli/{id}.zip");
            let part = folder.begin(&path)?;
            let (whole, beside) = (part.whole.clone(), part.part.clone());
            let packed = desk.pack_dossier(plan, part.file, |_| {}).await.map_err(console::failed)?;
            File::open(&beside)
                .and_then(|file| file.sync_all())
                .and_then(|()| fs::rename(&beside, &whole))
                .map_err(unwritable(&beside))?;
            folder.files.insert(path, hex(&packed.sha256));
            written += 1;
        }
    }
}
