//! One value changed in every column of every table, and one bit in every file: it is found, or it stands here why no
//! answer of the archive rests on it. A new column or file needs a line of its own, or `fsck` an eye for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plico::clock::SystemClock;
use plico::config::Config;
use plico::{app, demo, work};
use plico_archive::Archive;
use plico_database::{DatabaseError, args};
use plico_testkit::real::postgres;

/// Tables, or columns of them, on which no answer rests.
const NO_ANSWER: &[(&str, &str)] = &[
    ("session", "it ends, and one signs in again"),
    ("secret", "it does not open, and a new one is given"),
    ("api_token", "it does not open, and a new one is given"),
    ("draft", "not presented yet: whoever sends it reads it before"),
    ("mailbox_state", "how far a mailbox was read: what was taken in already is recognised"),
    ("mailbox_left", "a list of what lies in a mailbox: nothing of it is kept here"),
    ("saved_view", "filters that an operator keeps for himself: what they find is read anew"),
    ("ipa_body", "public data, read anew from each list: what is used of it is an event"),
    ("address_code", "a code on its way: another one is asked for"),
    ("contact", "names to pick from, replaced by each list: what is used of them is an event"),
    ("deposit", "what is still to be sent: whoever starts it reads it before"),
    ("deposit_line", "what is still to be sent: what was sent is an event"),
    (
        "signing_letter",
        "not sent yet: what is signed is what is shown, and its digest is in the journal; nobody's record",
    ),
    ("upload", "not presented yet: what is presented is what is shown"),
    ("idempotency", "what a program is answered that asks twice"),
    ("access_code", "asked together with the document itself, and random: another one answers for nothing"),
    ("job", "what is left to do; what it did is an event"),
    ("follower", "how far an index is: it is made again"),
    ("voucher", "who was asked and when: what they said is beside it, and checked"),
    ("fetched", "what authorities say and sign: it is verified each time it is used"),
    ("looked", "when signatures were last looked at: the worst is another look, or a later one"),
    ("erased", "what a restore did not find: said, not relied upon"),
    ("schema_migration", "the schema itself is compared where it is opened"),
    ("receipt.name", "what the file is called; the receipt itself says what it is"),
    ("receipt.issued_ms", "the order of a list; the receipt itself says when"),
    ("checkpoint.instant_ms", "when it was signed: nobody but its witnesses can say"),
    ("log.believed_ms", "up to when a clock was believed"),
    ("cosignature", "has its own test: nobody is asked here"),
    ("time_stamp", "has its own test, too"),
];

/// Files of the data that are made again, or say nothing.
const NO_EVIDENCE: &[&str] = &["/search/", "/alive", "/scrub", "/tmp/", "/plico.db"];

async fn town(folder: &Path) -> Archive {
    let config = Config { data_dir: folder.join("data"), ..Config::demo() };
    let archive = demo::ready(&config, true, |_| {}).await.unwrap();
    let app = app::assemble(config, true, &archive, Arc::new(SystemClock)).unwrap();
    for _ in 0..50 {
        while archive.sign_checkpoints().await.unwrap() {}
        if work::drain(&app, "test").await.unwrap() == 0 {
            break;
        }
    }
    archive
}

/// A statement that exists only here.
fn sql(text: String) -> &'static str {
    text.leak()
}

#[derive(Clone, Debug)]
enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Value {
    /// One bit of it; of nothing, something.
    fn changed(&self) -> Self {
        match self {
            Self::Number(value) => Self::Number(Some(value.map_or(1, |value| value ^ 1))),
            Self::Text(None) => Self::Text(Some("x".into())),
            Self::Text(Some(text)) => {
                let middle = text.chars().count() / 2;
                let other = |c: char| char::from_u32(u32::from(c) ^ 1).unwrap();
                let text = text.chars().enumerate().map(|(n, c)| if n == middle { other(c) } else { c });
                Self::Text(
                    Some(text.collect::<String>()).filter(|text| !text.is_empty()).or(Some("x".into())),
                )
            }
            Self::Bytes(None) => Self::Bytes(Some(vec![1; 32])),
            Self::Bytes(Some(bytes)) => {
                let mut bytes = bytes.clone();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                Self::Bytes(Some(bytes))
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Column {
    table: String,
    name: String,
    class: String,
}

impl Column {
    fn is_an_answer(&self) -> bool {
        let whole = format!("{}.{}", self.table, self.name);
        !NO_ANSWER.iter().any(|(known, _)| *known == self.table || *known == whole)
    }

    /// A row that `dice` chooses; none of an empty table.
    async fn row(&self, archive: &Archive, dice: i64) -> Option<i64> {
        let table = &self.table;
        let rows = rows(archive, table).await as i64;
        let row = sql(format!("select rowid from {table} order by rowid limit 1 offset $1"));
        match rows {
            0 => None,
            rows => Some(archive.database().scalar_i64(row, args![dice % rows]).await.unwrap()),
        }
    }

    /// How a finding names its rows, where it names each.
    fn place(&self) -> Option<&'static str> {
        Some(match &*self.table {
            "receipt" => "select 'receipt:' || id from receipt where rowid = $1",
            "subject" => "select 'subject ' || lower(hex(log_id)) from subject where rowid = $1",
            "checkpoint" => "select 'checkpoint ' || size || ' of' from checkpoint where rowid = $1",
            "blob" => "select 'blob ' || lower(hex(digest)) from blob where rowid = $1",
            _ => return None,
        })
    }

    async fn called(&self, archive: &Archive, row: i64) -> String {
        archive.database().scalar_text(self.place().unwrap(), args![row]).await.unwrap().unwrap()
    }

    async fn read(&self, archive: &Archive, row: i64) -> Value {
        let statement = sql(format!("select {} from {} where rowid = $1", self.name, self.table));
        let database = archive.database();
        match &*self.class {
            "INTEGER" => {
                Value::Number(database.one::<(Option<i64>,)>(statement, args![row]).await.unwrap().0)
            }
            "BLOB" => {
                Value::Bytes(database.one::<(Option<Vec<u8>>,)>(statement, args![row]).await.unwrap().0)
            }
            _ => Value::Text(database.one::<(Option<String>,)>(statement, args![row]).await.unwrap().0),
        }
    }

    async fn write(&self, archive: &Archive, row: i64, value: &Value) -> Result<(), DatabaseError> {
        let statement = sql(format!("update {} set {} = $2 where rowid = $1", self.table, self.name));
        let arguments = match value.clone() {
            Value::Number(value) => args![row, value],
            Value::Text(value) => args![row, value],
            Value::Bytes(value) => args![row, value],
        };
        archive.database().execute(statement, arguments).await.map(drop)
    }
}

async fn columns(archive: &Archive) -> Vec<Column> {
    let all = "select t.name, c.name, c.type from sqlite_schema t join pragma_table_info(t.name) c
        where t.type = 'table' and t.name not like 'sqlite%' order by t.name, c.cid";
    let all: Vec<(String, String, String)> = archive.database().all(all, args![]).await.unwrap();
    all.into_iter().map(|(table, name, class)| Column { table, name, class }).collect()
}

async fn rows(archive: &Archive, table: &str) -> usize {
    let count = archive.database().scalar_i64(sql(format!("select count(*) from {table}")), args![]).await;
    usize::try_from(count.unwrap()).unwrap()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => walk(&path, found),
            path => found.push(path),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_changes_is_found_or_changes_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    if postgres::wanted(folder.path()).is_some() {
        println!("skipped: what fsck reads is the same on both engines, and the demo is a file");
        return;
    }
    let archive = Box::pin(town(folder.path())).await;
    assert_eq!(
        archive.fsck().await.unwrap().findings,
        [],
        "the whole one must be clean, or the rest says nothing"
    );
    for trigger in ["event_is_final", "event_stays", "part_is_final"] {
        archive.database().execute(sql(format!("drop trigger {trigger}")), args![]).await.unwrap();
    }
    let all = columns(&archive).await;
    let compared: BTreeMap<&str, &str> = plico_archive::rebuild::tables().collect();
    let projected: Vec<&str> = compared.keys().copied().collect();
    for column in all.iter().filter(|column| projected.contains(&&*column.table)) {
        let cell = format!("cast({} as text)", column.name);
        assert!(compared[&*column.table].contains(&cell), "{}.{} is not compared", column.table, column.name);
    }
    let mut missed = Vec::new();
    let mut dice = 7;
    let evidence = all.iter().filter(|column| column.is_an_answer() && !projected.contains(&&*column.table));
    let (named, others): (Vec<&Column>, Vec<&Column>) = evidence.partition(|column| column.place().is_some());
    // Where a finding names the row, a row for each column, and all of them at once.
    let mut changed = Vec::new();
    for (place, column) in named.into_iter().enumerate() {
        let row = column.row(&archive, place as i64).await.unwrap();
        let (before, mut called) =
            (column.read(&archive, row).await, vec![column.called(&archive, row).await]);
        if column.write(&archive, row, &before.changed()).await.is_ok() {
            called.push(column.called(&archive, row).await);
            changed.push((column, row, before, called));
        }
    }
    let found = archive.fsck().await.unwrap().findings;
    for (column, row, before, called) in changed {
        if !found.iter().any(|one| called.iter().any(|called| one.place.contains(called))) {
            missed.push(format!("{}.{} of row {row}: {before:?}", column.table, column.name));
        }
        column.write(&archive, row, &before).await.unwrap();
    }
    // The others one by one.
    for column in others {
        dice += 31;
        let row = column.row(&archive, dice).await.unwrap();
        let before = column.read(&archive, row).await;
        // What the engine refuses, its own check finds.
        if column.write(&archive, row, &before.changed()).await.is_err() {
            continue;
        }
        if archive.fsck().await.is_ok_and(|outcome| outcome.clean) {
            missed.push(format!("{}.{} of row {row}: {before:?}", column.table, column.name));
        }
        column.write(&archive, row, &before).await.unwrap();
    }
    // Of what is rebuilt, as many columns at a time as there are rows: each in a row of its own.
    for round in 0.. {
        let mut changed = Vec::new();
        for table in &projected {
            let columns: Vec<&Column> = all.iter().filter(|column| column.table == **table).collect();
            let rows = rows(&archive, table).await;
            for (place, column) in columns.iter().skip(round * rows).take(rows).enumerate() {
                let row = column.row(&archive, place as i64).await.unwrap();
                let before = column.read(&archive, row).await;
                match column.write(&archive, row, &before.changed()).await {
                    Ok(()) => changed.push((*column, row, before)),
                    // A number that another entry has, a place that another card has.
                    Err(_) => {
                        assert!(["registration", "card"].contains(&&*column.table), "{}", column.name);
                    }
                }
            }
        }
        if changed.is_empty() {
            break;
        }
        let found = archive.compare_rebuilt().await.unwrap();
        for table in &projected {
            let told =
                found.iter().filter(|one| one.table == *table && !one.what.contains("it is not there"));
            let done = changed.iter().filter(|(column, ..)| column.table == *table);
            if told.count() < done.clone().count() {
                let done: Vec<_> = done.map(|(column, row, before)| (&column.name, row, before)).collect();
                missed.push(format!("one of {table}: {done:?}"));
            }
        }
        for (column, row, before) in changed {
            column.write(&archive, row, &before).await.unwrap();
        }
    }
    // A bit in the middle of every file at once: each is named, or its log's tiles are.
    let mut files = Vec::new();
    walk(&folder.path().join("data"), &mut files);
    let data = folder.path().join("data");
    let below = |path: &Path| format!("/{}", path.strip_prefix(&data).unwrap().display());
    let evidence: Vec<&PathBuf> =
        files.iter().filter(|path| !NO_EVIDENCE.iter().any(|known| below(path).contains(known))).collect();
    assert!(evidence.len() > 4, "{files:?}");
    for path in &evidence {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::remove_file(path).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let found = archive.fsck().await.unwrap().findings;
    for path in evidence {
        let place = below(path)[1..].to_owned();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !found.iter().any(|one| one.place.contains(&place) || one.place.contains(&format!("blobs/{name}")))
        {
            missed.push(format!("{place}, among {found:?}"));
        }
    }
    assert!(missed.is_empty(), "nobody notices:\n{}", missed.join("\n"));
}
