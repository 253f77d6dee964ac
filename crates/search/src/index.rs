//! Opening, writing, committing, searching, purging.

use crate::query::{Hit, MAXIMUM_LIMIT, MAXIMUM_OFFSET, Order, Page, Query, build};
use crate::schema::{Entry, Fields, INSTANT, VERSION, document, register_analyzers, schema};
use crate::{Piece, SearchError, snippet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tantivy::collector::TopDocs;
use tantivy::directory::{Directory as _, MmapDirectory};
use tantivy::index::{SegmentId, SegmentMeta};
use tantivy::schema::Value as _;
use tantivy::{DocAddress, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

/// Memory for entries that are not written out yet, in bytes.
const BUFFER: usize = 50 << 20;

/// A search index, with its only writer or beside it.
pub struct Index {
    inner: tantivy::Index,
    fields: Fields,
    reader: IndexReader,
    /// `None`: another process writes.
    writer: Mutex<Option<IndexWriter>>,
    position: AtomicU64,
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
        Self::over(index, fields, true)
    }

    /// The index in the directory `path` while another process writes to it: what that one committed is found.
    pub fn reading(path: &Path) -> Result<Self, SearchError> {
        let directory = MmapDirectory::open(path).map_err(|error| SearchError::Index(error.into()))?;
        let (schema, fields) = schema();
        let index = tantivy::Index::open(directory)?;
        if index.schema() != schema {
            return Err(SearchError::Unusable);
        }
        Self::over(index, fields, false)
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
        if directory.exists(Path::new("meta.json")).map_err(|error| SearchError::Index(error.into()))? {
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
        Self::over(tantivy::Index::create_in_ram(schema), fields, true)
    }

    fn over(index: tantivy::Index, fields: Fields, writes: bool) -> Result<Self, SearchError> {
        register_analyzers(&index);
        let position = committed(&index)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writer = if writes { Some(index.writer_with_num_threads(1, BUFFER)?) } else { None };
        let writer = Mutex::new(writer);
        Ok(Self { inner: index, fields, reader, writer, position: AtomicU64::new(position) })
    }

    /// How far the last commit had come, in the caller's own counting; 0 at first.
    pub fn position(&self) -> u64 {
        if self.writer().is_err() {
            // What cannot be looked at now stays as it was seen last.
            let _ = self.refresh();
        }
        self.position.load(Ordering::SeqCst)
    }

    /// Looks at what another process committed since.
    fn refresh(&self) -> Result<(), SearchError> {
        self.reader.reload()?;
        self.position.store(committed(&self.inner)?, Ordering::SeqCst);
        Ok(())
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

    /// Makes everything so far durable and searchable, together with the position reached. Costs some ten milliseconds:
    /// commit every half second, or every few thousand entries, not after each. If we crash before, all since the last
    /// commit is forgotten, its position too.
    pub fn commit(&self, position: u64) -> Result<(), SearchError> {
        let mut writer = self.writer()?;
        let committed = writer.prepare_commit().and_then(|mut prepared| {
            prepared.set_payload(&format!("{VERSION}:{position}"));
            prepared.commit()
        });
        or_anew(&mut writer, committed)?;
        self.reader.reload()?;
        self.position.store(position, Ordering::SeqCst);
        Ok(())
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
        f.debug_struct("Index").field("position", &self.position()).finish_non_exhaustive()
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
fn committed(index: &tantivy::Index) -> Result<u64, SearchError> {
    match index.load_metas()?.payload {
        None => Ok(0),
        Some(payload) => read_payload(&payload).ok_or(SearchError::Unusable),
    }
}

fn read_payload(payload: &str) -> Option<u64> {
    let (version, position) = payload.split_once(':')?;
    (version == VERSION.to_string()).then(|| position.parse().ok()).flatten()
}

/// A full disk ends the writer for good: after an error it begins anew at the last commit, whose position is the one that
/// counts.
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
    matches!(&*name, "meta.json" | ".managed.json" | ".tantivy-writer.lock" | ".tantivy-meta.lock")
        || stem.len() == 32 && stem.bytes().all(|b| b.is_ascii_hexdigit())
}
