//! Opening, writing, committing, searching, purging.

use crate::query::{Hit, MAXIMUM_LIMIT, MAXIMUM_OFFSET, Order, Page, Query, build};
use crate::schema::{Entry, Fields, INSTANT, VERSION, document, register_analyzers, schema};
use crate::{Piece, SearchError, snippet};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tantivy::collector::TopDocs;
use tantivy::directory::{Directory as _, MmapDirectory};
use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::schema::Value as _;
use tantivy::{DocAddress, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

/// The file without which there is no index.
const META: &str = "meta.json";
/// Memory for entries that are not written out yet, in bytes.
const BUFFER: usize = 50 << 20;

/// How far an index has come in each of its caller's sources, by the caller's own numbers and counting.
pub type Positions = BTreeMap<i64, u64>;

/// A search index, with its only writer or beside it.
pub struct Index {
    /// Where its files are, unless in memory.
    folder: Option<PathBuf>,
    inner: tantivy::Index,
    fields: Fields,
    reader: IndexReader,
    /// `None`: another process writes.
    writer: Mutex<Option<IndexWriter>>,
    positions: Mutex<Positions>,
}

impl Index {
    /// The index in the directory `path` (which must exist), made if the directory is empty.
    pub fn open(path: &Path) -> Result<Self, SearchError> {
        let directory = MmapDirectory::open(path).map_err(|error| SearchError::Index(error.into()))?;
        let exists = tantivy::Index::exists(&directory).map_err(|error| SearchError::Index(error.into()))?;
        let (schema, fields) = schema();
        let index = if exists {
            let index = tantivy::Index::open(directory)?;
            if index.schema() != schema {
                return Err(SearchError::Unusable);
            }
            index
        } else {
            tantivy::Index::create(directory, schema, tantivy::IndexSettings::default())?
        };
        Self::over(index, fields, true, Some(path))
    }

    /// The index in the directory `path` while another process writes to it: what that one committed is found.
    pub fn reading(path: &Path) -> Result<Self, SearchError> {
        let directory = MmapDirectory::open(path).map_err(|error| SearchError::Index(error.into()))?;
        let (schema, fields) = schema();
        let index = tantivy::Index::open(directory)?;
        if index.schema() != schema {
            return Err(SearchError::Unusable);
        }
        Self::over(index, fields, false, Some(path))
    }

    /// Becomes the writer, when the one before is gone: [`SearchError::Locked`] as long as it is not.
    pub fn take_over(&self) -> Result<(), SearchError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.is_none() {
            *writer = Some(self.inner.writer_with_num_threads(1, BUFFER)?);
            self.refresh()?;
        }
        Ok(())
    }

    /// Removes the index in the directory `path` and begins an empty one, at position 0. Nothing else is removed.
    pub fn reset(path: &Path) -> Result<Self, SearchError> {
        let directory = MmapDirectory::open(path).map_err(|error| SearchError::Index(error.into()))?;
        let failed = |error: std::io::Error| SearchError::Index(error.into());
        if directory.exists(Path::new(META)).map_err(|error| SearchError::Index(error.into()))? {
            for entry in std::fs::read_dir(path).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                if entry.file_type().map_err(failed)?.is_file() && is_ours(&entry.file_name()) {
                    let removed = directory.delete(Path::new(&entry.file_name()));
                    removed.map_err(|error| failed(std::io::Error::other(error)))?;
                }
            }
        }
        Self::open(path)
    }

    /// An index in memory: for tests.
    pub fn memory() -> Result<Self, SearchError> {
        let (schema, fields) = schema();
        Self::over(tantivy::Index::create_in_ram(schema), fields, true, None)
    }

    fn over(
        index: tantivy::Index,
        fields: Fields,
        writes: bool,
        folder: Option<&Path>,
    ) -> Result<Self, SearchError> {
        register_analyzers(&index);
        let positions = Mutex::new(committed(&index)?);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writer = if writes { Some(index.writer_with_num_threads(1, BUFFER)?) } else { None };
        let writer = Mutex::new(writer);
        let folder = folder.map(Path::to_owned);
        Ok(Self { folder, inner: index, fields, reader, writer, positions })
    }

    /// How far the last commit had come; nowhere at first.
    pub fn positions(&self) -> Positions {
        if self.writer().is_err() {
            // What cannot be looked at now stays as it was seen last.
            let _ = self.refresh();
        }
        self.seen().clone()
    }

    /// Looks at what another process committed since.
    fn refresh(&self) -> Result<(), SearchError> {
        self.reader.reload()?;
        *self.seen() = committed(&self.inner)?;
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Positions> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many entries can be found.
    pub fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Whether nothing can be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an entry, or replaces the one with its id. It is found after the next commit.
    pub fn add(&self, entry: &Entry) -> Result<(), SearchError> {
        let mut writer = self.writer()?;
        writer.delete_term(Term::from_field_text(self.fields.id, &entry.id));
        let added = writer.add_document(document(&self.fields, entry));
        or_anew(&mut writer, added)?;
        Ok(())
    }

    /// Removes an entry, if it is there; after the next commit it is not found.
    pub fn remove(&self, id: &str) -> Result<(), SearchError> {
        self.writer()?.delete_term(Term::from_field_text(self.fields.id, id));
        Ok(())
    }

    /// Makes everything so far durable and searchable, together with the positions reached. Costs some ten milliseconds:
    /// commit every half second, or every few thousand entries, not after each. If we crash before, all since the last
    /// commit is forgotten, its positions too.
    pub fn commit(&self, positions: &Positions) -> Result<(), SearchError> {
        let mut writer = self.writer()?;
        let committed = writer.prepare_commit().and_then(|mut prepared| {
            prepared.set_payload(&payload(positions));
            prepared.commit()
        });
        or_anew(&mut writer, committed)?;
        self.reader.reload()?;
        self.seen().clone_from(positions);
        Ok(())
    }

    /// Forgets everything, positions too.
    pub fn clear(&self) -> Result<(), SearchError> {
        self.writer()?.delete_all_documents()?;
        self.commit(&Positions::new())
    }

    /// Rewrites what holds removed or replaced entries, so that their words are gone from the files: part of an erasure.
    /// Commit first.
    pub fn purge(&self) -> Result<(), SearchError> {
        let mut writer = self.writer()?;
        // Only the ids are kept: a segment's meta that is alive would keep its files.
        let touched: Vec<SegmentId> = {
            let metas = self.inner.searchable_segment_metas()?;
            metas.iter().filter(|segment| segment.has_deletes()).map(SegmentMeta::id).collect()
        };
        for segment in touched {
            writer.merge(&[segment]).wait()?;
        }
        self.reader.reload()?;
        writer.garbage_collect_files().wait()?;
        Ok(())
    }

    /// Hands out the files of the index as it was last committed, by name, size and content; the last one makes an index of
    /// them. What is committed meanwhile is not in it. Nothing for one in memory.
    pub fn files(
        &self,
        mut take: impl FnMut(&str, u64, &mut dyn Read) -> io::Result<()>,
    ) -> Result<(), SearchError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let failed = |error: io::Error| SearchError::Index(error.into());
        // As long as this is held, its files stay.
        let meta = self.inner.load_metas()?;
        let stems: Vec<String> = meta.segments.iter().map(|segment| segment.id().uuid_string()).collect();
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            if !stems.iter().any(|stem| name.starts_with(stem)) {
                continue;
            }
            let mut file = match File::open(folder.join(&name)) {
                // Which entries of a segment were removed before its present list of them.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file.map_err(failed)?,
            };
            let size = file.metadata().map_err(failed)?.len();
            take(&name, size, &mut file).map_err(failed)?;
            names.push(name);
        }
        let written = |error: serde_json::Error| failed(error.into());
        let managed = serde_json::to_vec(&names).map_err(written)?;
        let meta = serde_json::to_vec(&meta).map_err(written)?;
        for (name, bytes) in [(".managed.json", managed), (META, meta)] {
            take(name, bytes.len() as u64, &mut &bytes[..]).map_err(failed)?;
        }
        Ok(())
    }

    /// Whether the files are those that were written.
    pub fn is_whole(&self) -> Result<bool, SearchError> {
        Ok(self.inner.validate_checksum()?.is_empty())
    }

    /// Whether there is an index in a folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(META).exists()
    }

    /// What matches.
    pub fn search(&self, query: &Query) -> Result<Page, SearchError> {
        if self.writer().is_err() {
            self.refresh()?;
        }
        let searcher = self.reader.searcher();
        let built = build(&self.fields, query);
        let limit = query.limit.clamp(1, MAXIMUM_LIMIT);
        // One more than asked for tells whether there are more.
        let top = TopDocs::with_limit(limit + 1).and_offset(query.offset.min(MAXIMUM_OFFSET));
        let mut hits = match query.order {
            Order::Newest => {
                let newest = top.order_by_fast_field::<i64>(INSTANT, tantivy::Order::Desc);
                let found = searcher.search(&built, &newest)?;
                let hit = |(instant, at): (Option<i64>, _)| {
                    self.hit(&searcher, at, 0.0, instant.unwrap_or_default())
                };
                found.into_iter().map(hit).collect::<Result<Vec<_>, _>>()?
            }
            Order::Score => {
                let found = searcher.search(&built, &top.order_by_score())?;
                let hit = |(score, at): (f32, DocAddress)| {
                    let instants = searcher.segment_reader(at.segment_ord).fast_fields().i64(INSTANT)?;
                    self.hit(&searcher, at, score, instants.first(at.doc_id).unwrap_or_default())
                };
                found.into_iter().map(hit).collect::<Result<Vec<_>, _>>()?
            }
        };
        let more = hits.len() > limit;
        hits.truncate(limit);
        Ok(Page { hits, more })
    }

    /// The part of `text` that best shows why it was found, at most about `length` characters, in pieces of which some
    /// are to be marked. Its beginning when nothing in it matches. Plain text: escape it as any other.
    pub fn snippet(&self, query: &Query, text: &str, length: usize) -> Vec<Piece> {
        snippet::snippet(query, text, length)
    }

    fn hit(
        &self,
        searcher: &Searcher,
        at: DocAddress,
        score: f32,
        instant_ms: i64,
    ) -> Result<Hit, SearchError> {
        let document: TantivyDocument = searcher.doc(at)?;
        let id = document.get_first(self.fields.id).and_then(|value| value.as_str());
        Ok(Hit { id: id.unwrap_or_default().to_owned(), score, instant_ms })
    }

    fn writer(&self) -> Result<Writing<'_>, SearchError> {
        let guard = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if guard.is_some() { Ok(Writing(guard)) } else { Err(SearchError::Locked) }
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("positions", &self.positions()).finish_non_exhaustive()
    }
}

/// The writer, held.
struct Writing<'a>(MutexGuard<'a, Option<IndexWriter>>);

impl std::ops::Deref for Writing<'_> {
    type Target = IndexWriter;

    fn deref(&self) -> &IndexWriter {
        self.0.as_ref().expect("looked at when it was taken")
    }
}

impl std::ops::DerefMut for Writing<'_> {
    fn deref_mut(&mut self) -> &mut IndexWriter {
        self.0.as_mut().expect("looked at when it was taken")
    }
}

/// How far the last commit had come.
fn committed(index: &tantivy::Index) -> Result<Positions, SearchError> {
    match index.load_metas()?.payload {
        None => Ok(Positions::new()),
        Some(payload) => read_payload(&payload).ok_or(SearchError::Unusable),
    }
}

/// `2:1=500,4=30`: the version, and how far it has come in which source.
fn payload(positions: &Positions) -> String {
    let list: Vec<String> =
        positions.iter().map(|(source, position)| format!("{source}={position}")).collect();
    format!("{VERSION}:{}", list.join(","))
}

fn read_payload(payload: &str) -> Option<Positions> {
    let (version, list) = payload.split_once(':')?;
    if version != VERSION.to_string() {
        return None;
    }
    let one = |pair: &str| {
        let (source, position) = pair.split_once('=')?;
        Some((source.parse().ok()?, position.parse().ok()?))
    };
    list.split(',').filter(|pair| !pair.is_empty()).map(one).collect()
}

/// A full disk ends the writer for good: after an error it begins anew at the last commit, whose positions are the ones that
/// count.
fn or_anew<T>(writer: &mut IndexWriter, result: tantivy::Result<T>) -> Result<T, SearchError> {
    if result.is_err() {
        writer.rollback()?;
    }
    Ok(result?)
}

/// Whether the index library wrote a file of this name: `meta.json`, `.managed.json`, locks, and segments named by 32
/// hexadecimal digits.
fn is_ours(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    let stem = name.split('.').next().unwrap_or_default();
    matches!(&*name, META | ".managed.json" | ".tantivy-writer.lock" | ".tantivy-meta.lock")
        || stem.len() == 32 && stem.bytes().all(|b| b.is_ascii_hexdigit())
}
