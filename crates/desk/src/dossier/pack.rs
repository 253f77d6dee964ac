//! Writes a dossier, in memory that does not grow with it: one task reads and opens files, one thread packs them, each
//! waiting for the other.

use std::io::{self, Read, Write};

use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use plico_archive::tree;
use plico_crypto::digest::Sha256;
use plico_evidence::{dossier as layout, enclosure, parts};
use plico_journal::proof::write_hashes;
use plico_journal::{Checkpoint, Proof};
use plico_locale::Lang;
use plico_package::PackError;
use plico_package::bag::BagWriter;
use plico_package::pindex::{self, Indexed};
use tokio::sync::mpsc;

use super::index;
use super::metadata;
use super::plan::{About, Content, Group, Item, LogPlan, Plan};
use crate::refusal::fault;
use crate::{Desk, Outcome};

/// Pieces that may wait between reading and packing; a piece is at most a few hundred kilobytes.
const WAITING: usize = 4;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files written.
    pub files: usize,
    /// Of so many.
    pub of: usize,
    /// Bytes of content read.
    pub bytes: u64,
    /// Of so many, as far as they are known before.
    pub of_bytes: u64,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Its bytes.
    pub size: u64,
}

/// A file on its way to the packer.
struct Head {
    id: String,
    path: String,
    media_type: String,
    group: Group,
    sha256: Option<[u8; 32]>,
}

enum Feed {
    File(Head),
    Piece(Bytes),
    /// The end of a file.
    End,
    /// A file could not be read to its end.
    Broken(io::Error),
}

impl Desk {
    /// Writes a dossier to `out`; `progress` hears of every file. An error leaves an unfinished file: give it no name that
    /// counts before this returns.
    pub async fn pack_dossier<W: Write + Send + 'static>(
        &self,
        plan: Plan,
        out: W,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Outcome<Packed> {
        let Plan { name, case: _, about, items, logs } = plan;
        let events: usize = logs.iter().map(|log| log.events.len() * 3).sum();
        let mut at = Progress {
            files: 0,
            of: items.len() + events + logs.len() * 2 + 2,
            bytes: 0,
            of_bytes: items.iter().map(|item| item.size).sum(),
        };
        let indexes = self.indexes(&about).await?;
        let (feed, source) = mpsc::channel(WAITING);
        let verifier = self.verifier;
        let packing = tokio::task::spawn_blocking(move || pack(&name, &about, verifier, source, out));
        let sent = async {
            for item in items.into_iter().chain(indexes) {
                at.bytes += item.size;
                self.send_item(item, &feed).await?;
                at.files += 1;
                progress(at);
            }
            for log in logs {
                self.send_log(log, &feed, &mut at, &mut progress).await?;
            }
            Ok::<_, plico_archive::ActError<crate::Refusal>>(())
        }
        .await;
        // Without the feed's end the packer would wait for ever.
        if sent.is_err() {
            let _ = feed.send(Feed::Broken(io::Error::other("the archive could not be read"))).await;
        }
        drop(feed);
        let packed = packing.await.map_err(fault)?;
        sent?;
        packed.map_err(fault)
    }

    async fn send_item(&self, item: Item, feed: &mpsc::Sender<Feed>) -> Outcome<()> {
        let Item { id, path, media_type, sha256, content, group, .. } = item;
        let reader = match &content {
            Content::Granted(thing) => Some(self.archive.open_granted(thing).await?),
            Content::Bytes(_) => None,
        };
        let mut ok = feed.send(Feed::File(Head { id, path, media_type, group, sha256 })).await.is_ok();
        match (content, reader) {
            (_, Some(reader)) => {
                let mut pieces = Box::pin(reader.stream());
                while let Some(piece) = pieces.next().await {
                    let piece = match piece {
                        Ok(piece) => Feed::Piece(piece),
                        Err(error) => Feed::Broken(io::Error::other(error)),
                    };
                    ok &= feed.send(piece).await.is_ok();
                }
            }
            (Content::Bytes(bytes), None) => ok &= feed.send(Feed::Piece(bytes.into())).await.is_ok(),
            (Content::Granted(_), None) => {}
        }
        ok &= feed.send(Feed::End).await.is_ok();
        // The packer stopped: its own error is told.
        let _ = ok;
        Ok(())
    }

    /// The events of a log: what they share first.
    async fn send_log(
        &self,
        log: LogPlan,
        feed: &mpsc::Sender<Feed>,
        at: &mut Progress,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Outcome<()> {
        let vault = self.archive.vault();
        let size = log.checkpoint.size.cast_unsigned();
        let folder = layout::log_folder(log.number);
        let mut shared = Vec::new();
        if let Some(before) = &log.before {
            let path = tree::consistency(vault, log.log.id, before.size.cast_unsigned(), size).await?;
            shared.push((enclosure::EARLIER, before.note.clone().into_bytes()));
            shared.push((enclosure::CONSISTENCY, write_hashes(&path).into_bytes()));
        }
        if log.number > 1
            && let Some(act) =
                self.archive.parts(log.log.id, 0).await?.into_iter().find(|part| part.name == "act")
        {
            let path = tree::inclusion(vault, log.log.id, 0, size).await?;
            let opened = parts::OpenPart { salt: act.salt, bytes: act.bytes };
            shared.push((enclosure::OPENING, self.archive.leaf(log.log.id, 0).await?));
            shared.push((enclosure::OPENING_PARTS, parts::write(&[(act.name, opened)].into())));
            shared.push((enclosure::OPENING_PATH, write_hashes(&path).into_bytes()));
        }
        for (name, bytes) in shared {
            self.send_history(&folder, name, bytes, feed).await?;
        }
        let (signed, note) = Checkpoint::parse_note(log.checkpoint.note.as_bytes()).map_err(fault)?;
        for event in &log.events {
            let index = event.idx.cast_unsigned();
            let folder = layout::event_folder(log.number, index);
            let leaf = self.archive.leaf(event.log, event.idx).await?;
            self.send_history(&folder, enclosure::LEAF, leaf, feed).await?;
            let opened = self.archive.parts(event.log, event.idx).await?;
            let opened = opened
                .into_iter()
                .filter(|part| goes_out(&part.name))
                .map(|part| (part.name, parts::OpenPart { salt: part.salt, bytes: part.bytes }));
            self.send_history(&folder, enclosure::PARTS, parts::write(&opened.collect()), feed).await?;
            if index < size {
                let hashes = tree::inclusion(vault, event.log, index, size).await?;
                let proof =
                    Proof { extra: None, index, hashes, checkpoint: signed.clone(), note: note.clone() };
                self.send_history(&folder, enclosure::PROOF, proof.to_string().into_bytes(), feed).await?;
            }
            at.files += 3;
            progress(*at);
        }
        Ok(())
    }

    async fn send_history(
        &self,
        folder: &str,
        name: &str,
        bytes: Vec<u8>,
        feed: &mpsc::Sender<Feed>,
    ) -> Outcome<()> {
        let json = [enclosure::LEAF, enclosure::PARTS, enclosure::OPENING, enclosure::OPENING_PARTS];
        let media_type = if json.contains(&name) { "application/json" } else { "text/plain" };
        let item = Item {
            id: format!("{folder}/{name}").replace('/', "-"),
            path: format!("{folder}/{name}"),
            media_type: media_type.into(),
            size: bytes.len() as u64,
            sha256: None,
            content: Content::Bytes(bytes),
            group: Group::History,
        };
        self.send_item(item, feed).await
    }

    /// The indexes for people.
    async fn indexes(&self, about: &About) -> Outcome<Vec<Item>> {
        let item = |path: &str, media_type: &str, bytes: Vec<u8>| Item {
            id: path.replace('.', "-"),
            path: path.into(),
            media_type: media_type.into(),
            size: bytes.len() as u64,
            sha256: None,
            content: Content::Bytes(bytes),
            group: Group::Indexes,
        };
        let html = index::html(about, &self.catalogue, Lang::It);
        let sheet = index::sheet(about, &self.catalogue, Lang::It);
        let pdf = tokio::task::spawn_blocking(move || plico_pdf::paper::render(&sheet));
        let pdf = pdf.await.map_err(fault)?.map_err(fault)?;
        Ok(vec![
            item("indice.html", "text/html", html.into_bytes()),
            item("indice.pdf", "application/pdf", pdf),
        ])
    }
}

/// What happened, who did it, to whom, with what, and what the register says. The evidence of people's logins and what
/// colleagues told each other stay closed.
fn goes_out(part: &str) -> bool {
    matches!(part, "act" | "actor" | "documents" | "register") || part.starts_with("party.")
}

fn pack<W: Write>(
    name: &str,
    about: &About,
    verifier: Option<&[u8]>,
    feed: mpsc::Receiver<Feed>,
    out: W,
) -> Result<Packed, PackError> {
    let mut bag = BagWriter::new(Counted { out, digest: Sha256::new(), size: 0 }, name)?;
    let mut source = Source { feed, piece: Bytes::new(), over: true };
    let mut groups: Vec<(Group, Vec<Indexed>)> = Vec::new();
    while let Some(head) = source.next_file().map_err(|cause| PackError::Copy { name: name.into(), cause })? {
        let entry = bag.add(&head.path, head.sha256, &mut source)?;
        let Head { id, path, media_type, group, .. } = head;
        if groups.iter().all(|(known, _)| *known != group) {
            groups.push((group, Vec::new()));
        }
        let indexed = Indexed { id, path, media_type, sha256: entry.sha256, metadata: None };
        if let Some((_, files)) = groups.iter_mut().find(|(known, _)| *known == group) {
            files.push(indexed);
        }
    }
    let index = preservers_index(name, about, groups)?;
    bag.add(layout::INDEX, None, &mut &index[..])?;
    if let Some(html) = verifier {
        bag.tag(layout::VERIFIER, html)?;
    }
    let out = bag.finish(&[
        ("Source-Organization", &about.body),
        ("External-Identifier", &format!("{} {}", about.origin, about.number)),
        ("External-Description", &about.title),
        ("Bag-Software-Agent", concat!("plico ", env!("CARGO_PKG_VERSION"))),
    ])?;
    Ok(Packed { sha256: out.digest.finish(), size: out.size })
}

fn preservers_index(
    name: &str,
    about: &About,
    mut groups: Vec<(Group, Vec<Indexed>)>,
) -> Result<Vec<u8>, PackError> {
    // The metadata of a document belong to it, and have no group of their own.
    let described =
        groups.iter().position(|(group, _)| *group == Group::Metadata).map(|at| groups.remove(at).1);
    for file in groups.iter_mut().filter(|(group, _)| *group == Group::Documents).flat_map(|(_, files)| files)
    {
        let path = metadata::path(&file.id);
        let found = described.iter().flatten().find(|one| one.path == path);
        file.metadata = found.map(|one| (path, one.sha256, plico_package::metadata::NAMESPACE));
    }
    let group = |(group, files): (Group, Vec<Indexed>)| {
        let (id, label) = match group {
            Group::Documents => ("documenti", "Documenti"),
            Group::Marks => ("segnature", "Copie con segnatura di protocollo"),
            Group::Metadata => ("metadati", "Metadati"),
            Group::Receipts => ("ricevute", "Ricevute e attestazioni"),
            Group::History => ("storia", "Eventi, con le prove"),
            Group::Indexes => ("indici", "Indici per le persone"),
        };
        pindex::Group { id: id.into(), label: label.into(), files }
    };
    let index = pindex::Index {
        id: name.to_owned(),
        label: format!("Fascicolo {}: {}", about.number, about.title),
        producer: about.body.clone(),
        signer_role: "responsabile della gestione documentale".into(),
        rule: "Manuale di gestione documentale".into(),
        instant: metadata::rfc3339(about.instant_ms),
        version: env!("CARGO_PKG_VERSION").into(),
    };
    pindex::write(Vec::new(), &index, &groups.into_iter().map(group).collect::<Vec<_>>())
}

/// Counts and hashes what goes through.
struct Counted<W> {
    out: W,
    digest: Sha256,
    size: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.digest.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The files, one after the other: each ends once.
struct Source {
    feed: mpsc::Receiver<Feed>,
    piece: Bytes,
    over: bool,
}

impl Source {
    fn next_file(&mut self) -> io::Result<Option<Head>> {
        loop {
            match self.feed.blocking_recv() {
                None => return Ok(None),
                Some(Feed::File(head)) => {
                    self.over = false;
                    return Ok(Some(head));
                }
                Some(Feed::Broken(error)) => return Err(error),
                Some(Feed::Piece(_) | Feed::End) => {}
            }
        }
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.over {
            match self.feed.blocking_recv() {
                Some(Feed::Piece(piece)) => self.piece = piece,
                Some(Feed::End) => self.over = true,
                Some(Feed::Broken(error)) => return Err(error),
                Some(Feed::File(_)) | None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let count = self.piece.len().min(out.len());
        self.piece.copy_to_slice(&mut out[..count]);
        Ok(count)
    }
}
