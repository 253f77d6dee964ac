//! One text for both engines: what only one of them understands stands in `plico-database` and in the migrations.

use std::fs;
use std::path::{Path, PathBuf};

use plico_database::{Database, Location, Mode, migration};
use plico_testkit::real::{or_say, postgres};

/// What PostgreSQL does not understand, or understands otherwise.
const DIALECT: &[&str] = &[
    "quote(",
    "hex(",
    "ifnull(",
    "group_concat(",
    "strftime(",
    "datetime(",
    "julianday(",
    "instr(",
    "x''",
    "sqlite_",
    "pragma ",
    "rowid",
    "insert or ",
    "null as integer",
    " glob ",
];
const VERBS: &[&str] = &["with ", "select ", "insert ", "update ", "delete ", "where ", "from ", "order by "];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The string literals of a source that begin like a statement, or like a piece of one.
fn statements(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in source.match_indices('"') {
        let text = &source[start + 1..];
        if !VERBS.iter().any(|verb| text.trim_start().starts_with(verb)) {
            continue;
        }
        let (mut literal, mut escaped) = (String::new(), false);
        for c in text.chars() {
            match c {
                '"' if !escaped => break,
                _ => escaped = c == '\\' && !escaped,
            }
            literal.push(c);
        }
        found.push(literal);
    }
    found
}

/// A `max` or `min` of two values, which only one engine has.
fn scalar_extreme(sql: &str) -> bool {
    ["max(", "min("].iter().any(|name| {
        sql.match_indices(name).any(|(place, _)| {
            let mut depth = 1;
            for c in sql[place + name.len()..].chars() {
                match c {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    ',' if depth == 1 => return true,
                    _ => {}
                }
                if depth == 0 {
                    return false;
                }
            }
            false
        })
    })
}

/// The sources whose statements both engines must understand.
fn shared() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    for entry in fs::read_dir(root.join("crates")).unwrap().flatten() {
        if entry.file_name() != "database" && entry.file_name() != "testkit" {
            sources(&entry.path().join("src"), &mut files);
        }
    }
    files
}

/// Whole statements: not those that a macro puts together of pieces, which only the tests that execute them show.
fn whole(source: &str) -> Vec<String> {
    const BEGINNINGS: [&str; 4] = ["select ", "insert into ", "update ", "delete from "];
    let begins = |sql: &String| {
        let named = sql.starts_with("with ") && sql.contains(" as (select ");
        (named || BEGINNINGS.iter().any(|word| sql.starts_with(word))) && !sql.ends_with(' ')
    };
    let plain = |sql: String| sql.replace("\\\n", " ").replace("\\\"", "\"");
    statements(source).into_iter().filter(begins).map(plain).collect()
}

/// Both engines, migrated. PostgreSQL is missing only where a machine lacks it.
async fn engines(folder: &Path) -> Vec<Database> {
    let mut places = vec![Location::from(folder.join("plico.db"))];
    places.extend(or_say(postgres::database(folder)).map(|url| url.parse::<Location>().unwrap()));
    let mut engines = Vec::new();
    for place in places {
        let database = Database::open(place, Mode::Create).await.unwrap();
        migration::apply(&database, 1).await.unwrap();
        engines.push(database);
    }
    engines
}

#[tokio::test]
async fn every_statement_is_understood_by_both_and_answers_what_is_read() {
    // A year is read as 32 bits, whatever else is counted as 64.
    let readable = |name: &str, kind: &str| match kind {
        "INT8" | "TEXT" | "BYTEA" | "BOOL" => true,
        "INT4" => name == "year",
        _ => false,
    };
    let folder = tempfile::tempdir().unwrap();
    let (mut read, mut wrong) = (0, Vec::new());
    let engines = engines(folder.path()).await;
    for file in shared() {
        for sql in whole(&fs::read_to_string(&file).unwrap()) {
            read += 1;
            for (engine, database) in engines.iter().enumerate() {
                match database.describe(&sql).await {
                    Err(error) => wrong.push(format!("{}: {error:?} in {sql}", file.display())),
                    Ok(columns) if engine == 1 => wrong.extend(
                        columns
                            .into_iter()
                            .filter(|(name, kind)| !readable(name, kind))
                            .map(|(name, kind)| format!("{}: {name} is {kind} in {sql}", file.display())),
                    ),
                    Ok(_) => {}
                }
            }
        }
    }
    assert!(read > 200, "only {read} statements were found: is this still how they are written?");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_statement_keeps_to_what_both_engines_do() {
    let (mut read, mut wrong) = (0, Vec::new());
    for file in shared() {
        for sql in statements(&fs::read_to_string(&file).unwrap()) {
            read += 1;
            for word in DIALECT.iter().filter(|word| sql.contains(**word)) {
                wrong.push(format!("{}: {word} in {sql}", file.display()));
            }
            if scalar_extreme(&sql) {
                wrong.push(format!("{}: max or min of two values in {sql}", file.display()));
            }
        }
    }
    assert!(read > 200, "only {read} statements were found: is this still how they are written?");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_looked_for_is_found() {
    let source = r#"const A: &str = "select max(a, (b)) from t"; let b = "x\"y"; const C: &str = "select max(a) from t";"#;
    let found = statements(source);
    assert_eq!(found, ["select max(a, (b)) from t", "select max(a) from t"]);
    assert_eq!(found.iter().map(|sql| scalar_extreme(sql)).collect::<Vec<_>>(), [true, false]);
}

/// Tables that grow with what happens.
const GROWING: [&str; 23] = [
    "event",
    "subject",
    "part",
    "access_grant",
    "blob",
    "checkpoint",
    "job",
    "message",
    "document",
    "delivery",
    "registration",
    "registration_change",
    "receipt",
    "knowledge",
    "note",
    "person",
    "reading",
    "tally",
    "case_file",
    "destruction_item",
    "former",
    "access_code",
    "cosignature",
];

/// Sources whose business is to read everything.
const EVERYTHING: [&str; 4] = ["/fsck.rs", "/fsck/", "/rebuild.rs", "/backup/"];

/// The tables that a statement of SQLite reads from beginning to end.
async fn scanned(database: &Database, sql: &str) -> Vec<String> {
    let plan: Vec<(i64, i64, i64, String)> =
        match database.all(format!("explain query plan {sql}").leak(), plico_database::args![]).await {
            Ok(plan) => plan,
            // What cannot be explained without its values is tried by the test above.
            Err(_) => return Vec::new(),
        };
    let words: Vec<&str> = sql.split(|c: char| c.is_whitespace() || "(),".contains(c)).collect();
    let mut found = Vec::new();
    for (.., step) in plan {
        let Some(alias) = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next()) else {
            continue;
        };
        let table = words.windows(2).find(|pair| pair[1] == alias && GROWING.contains(&pair[0]));
        found.extend(
            table.map(|pair| pair[0].to_owned()).or(GROWING.contains(&alias).then(|| alias.to_owned())),
        );
    }
    found
}

#[tokio::test]
async fn what_grows_is_never_read_from_end_to_end_while_somebody_waits() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(folder.path().join("plico.db"), Mode::Create).await.unwrap();
    migration::apply(&database, 1).await.unwrap();
    // The test itself must see one.
    assert_eq!(scanned(&database, "select e.idx from event e where e.instant_ms > 5").await, ["event"]);
    let mut wrong = Vec::new();
    for file in shared() {
        let name = file.display().to_string();
        if EVERYTHING.iter().any(|known| name.contains(known)) {
            continue;
        }
        for sql in whole(&fs::read_to_string(&file).unwrap()) {
            let tables = scanned(&database, &sql).await;
            if !tables.is_empty() {
                wrong.push(format!("{name}: {tables:?} in {sql}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
