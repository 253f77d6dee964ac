//! The invariants of the house that the compiler does not hold: floors, homes of heavy dependencies, purity of the
//! first floor, names. Over `cargo metadata` and the sources; the checker itself is tested on made-up graphs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages from the bottom up: within a floor, one may use those before it.
const ORDER: [(&str, u8); 18] = [
    ("record", 1),
    ("crypto", 1),
    ("journal", 1),
    ("locale", 1),
    ("pdf", 1),
    ("card", 1),
    ("signature", 1),
    ("package", 1),
    ("evidence", 1),
    ("database-derive", 2),
    ("database", 2),
    ("vault", 2),
    ("search", 2),
    ("courier", 2),
    ("registry", 2),
    ("archive", 3),
    ("desk", 4),
    ("plico", 5),
];

/// A heavy dependency has one home, so that editing a page recompiles neither tantivy nor sqlx.
const HOMES: [(&str, &[&str]); 18] = [
    ("sqlx", &["database"]),
    ("rusqlite", &["database"]),
    ("tantivy", &["search"]),
    ("axum", &["plico", "testkit"]),
    ("hyper", &["plico", "testkit"]),
    ("krilla", &["pdf"]),
    ("printpdf", &["pdf"]),
    ("lopdf", &["pdf"]),
    ("aws-lc-rs", &["crypto"]),
    ("openssl", &["crypto", "signature"]),
    ("cryptoki", &["vault"]),
    ("cms", &["signature"]),
    ("x509-cert", &["signature"]),
    ("zip", &["package", "signature"]),
    ("qrcode", &["card"]),
    ("lettre", &["courier"]),
    ("reqwest", &["courier", "vault"]),
    ("rusty-s3", &["vault"]),
];

/// What the first floor must not have: async, sockets, randomness or a clock of its own.
const IMPURE: [&str; 10] = [
    "tokio",
    "tokio-util",
    "async-trait",
    "futures-util",
    "getrandom",
    "rand",
    "rand_core",
    "reqwest",
    "tempfile",
    "tracing",
];

/// The same in words of the source.
const IMPURE_WORDS: [&str; 9] = [
    "async fn",
    ".await",
    "std::fs",
    "std::net",
    "std::env",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "rand::rand_bytes",
];

/// Whatever writes to a disk goes through the vault's seam, where its crashes are simulated. Elsewhere: SQLite's own file,
/// servers that only tests start, and what a command writes to a file that its user named.
const WRITERS: [&str; 5] = [
    "crates/vault/src/",
    "crates/database/src/",
    "crates/testkit/src/",
    "src/cli/export.rs",
    "src/cli/export_all.rs",
];

/// How one writes past it.
const WRITES: [&str; 15] = [
    "fs::write",
    "fs::create_dir",
    "fs::rename",
    "fs::remove_",
    "fs::copy",
    "fs::hard_link",
    "fs::set_permissions",
    "fs::OpenOptions",
    "File::create",
    "File::options",
    "OpenOptions::new",
    "DirBuilder",
    "symlink(",
    "tempfile::",
    "sync_all(",
];

/// Names that say nothing, or say when.
const VAGUE: [&str; 5] = ["common", "utils", "helpers", "types", "manager"];

/// One package: what it is called, where it lies, what it uses when it runs.
#[derive(Clone, Debug, Default)]
struct Package {
    name: String,
    folder: String,
    dependencies: Vec<String>,
    features: Vec<String>,
}

impl Package {
    /// `plico-record` → `record`; the application is `plico`.
    fn short(&self) -> &str {
        self.name.strip_prefix("plico-").unwrap_or(&self.name)
    }
}

fn place(name: &str) -> Option<(usize, u8)> {
    let index = ORDER.iter().position(|(known, _)| *known == name)?;
    Some((index, ORDER[index].1))
}

/// Every way in which the packages break the rules.
fn complaints(packages: &[Package]) -> Vec<String> {
    let mut found = Vec::new();
    for package in packages {
        let name = package.short();
        let expected = if name == "plico" { String::new() } else { format!("crates/{name}") };
        if package.folder != expected {
            found.push(format!("{} lies in `{}`, not in `{expected}`", package.name, package.folder));
        }
        for feature in &package.features {
            found.push(format!("{name} has the cargo feature `{feature}`: choose at run time"));
        }
        let own = place(name);
        if own.is_none() && name != "testkit" {
            found.push(format!("{name} has no floor: add it to ORDER and to the map"));
        }
        for dependency in &package.dependencies {
            let short = dependency.strip_prefix("plico-");
            match (own, short) {
                (Some(_), Some("testkit")) => {
                    found.push(format!("{name} uses testkit other than in its tests"));
                }
                (Some((index, _)), Some(short)) if place(short).is_none_or(|(below, _)| below >= index) => {
                    found.push(format!("{name} uses {short}: arrows only go down"));
                }
                _ => {}
            }
            if let Some((_, homes)) = HOMES.iter().find(|(heavy, _)| heavy == dependency)
                && !homes.contains(&name)
            {
                found.push(format!("{name} uses {dependency}, whose home is {}", homes.join(", ")));
            }
            if own.is_some_and(|(_, floor)| floor == 1) && IMPURE.contains(&dependency.as_str()) {
                found.push(format!("{name} is on the first floor and uses {dependency}"));
            }
        }
    }
    found
}

/// Every way in which one source file breaks the rules. What follows `#[cfg(test)]` is free.
fn source_complaints(path: &Path, first_floor: bool, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let vague = |name: &str| VAGUE.contains(&name) || name.starts_with("new_");
    for part in path.iter().filter_map(|part| part.to_str()) {
        let stem = part.strip_suffix(".rs").unwrap_or(part);
        if vague(stem) {
            found.push(format!("{}: a module called `{stem}` says nothing", path.display()));
        }
    }
    // A module of tests alone may read files, and is as long as it has cases.
    if path.iter().any(|part| part == "tests.rs" || part == "tests") {
        return found;
    }
    let lines =
        text.lines().enumerate().take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"));
    for (number, line) in lines {
        let code = line.split("//").next().unwrap_or_default();
        let freely = WRITERS.iter().any(|place| path.starts_with(place));
        if !freely && let Some(word) = WRITES.iter().find(|word| has_word(code, word)) {
            found.push(format!("{}:{}: `{word}` past the vault's seam", path.display(), number + 1));
        }
        if first_floor && let Some(word) = IMPURE_WORDS.iter().find(|word| code.contains(**word)) {
            found.push(format!("{}:{}: `{word}` on the first floor", path.display(), number + 1));
        }
    }
    let length = text.lines().count();
    if length > 500 {
        found.push(format!("{}: {length} lines: what is the second idea in it?", path.display()));
    }
    found
}

/// Whether `word` stands in a line, not as the end of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        line[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_')
    })
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn packages() -> Vec<Package> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let texts = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| {
            let manifest = PathBuf::from(texts(&package["manifest_path"]));
            let folder = manifest
                .parent()
                .and_then(|folder| folder.strip_prefix(root()).ok())
                .expect("in the workspace");
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            Package {
                name: texts(&package["name"]),
                folder: folder.display().to_string(),
                dependencies: dependencies
                    .iter()
                    .filter(|dependency| dependency["kind"] != "dev")
                    .map(|dependency| texts(&dependency["name"]))
                    .collect(),
                features: package["features"].as_object().expect("features").keys().cloned().collect(),
            }
        })
        .collect()
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn arrows_go_down_and_heavy_things_have_one_home() {
    let found = complaints(&packages());
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn sources_keep_to_their_floor() {
    let mut found = Vec::new();
    for package in packages() {
        let mut files = Vec::new();
        sources(&root().join(&package.folder).join("src"), &mut files);
        let first_floor = place(package.short()).is_some_and(|(_, floor)| floor == 1);
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a source can be read");
            let shown = file.strip_prefix(root()).expect("in the workspace");
            found.extend(source_complaints(shown, first_floor, &text));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

fn made_up(name: &str, dependencies: &[&str]) -> Package {
    let short = name.strip_prefix("plico-").unwrap_or("");
    Package {
        name: name.into(),
        folder: if short.is_empty() { String::new() } else { format!("crates/{short}") },
        dependencies: dependencies.iter().map(|name| (*name).to_owned()).collect(),
        features: Vec::new(),
    }
}

#[test]
fn the_checker_can_fail() {
    let good = [
        made_up("plico-record", &["serde"]),
        made_up("plico-crypto", &["aws-lc-rs", "plico-record"]),
        made_up("plico-archive", &["plico-database", "plico-record"]),
        made_up("plico-testkit", &["axum", "plico-archive"]),
        made_up("plico", &["axum", "plico-desk"]),
    ];
    assert_eq!(complaints(&good), Vec::<String>::new());

    let cases: BTreeMap<&str, Package> = BTreeMap::from([
        ("arrows only go down", made_up("plico-record", &["plico-crypto"])),
        ("whose home is search", made_up("plico-desk", &["tantivy"])),
        ("whose home is plico, testkit", made_up("plico-archive", &["axum"])),
        ("on the first floor and uses tokio", made_up("plico-journal", &["tokio"])),
        ("other than in its tests", made_up("plico-desk", &["plico-testkit"])),
        ("has no floor", made_up("plico-gadget", &[])),
        ("choose at run time", Package { features: vec!["postgres".into()], ..made_up("plico-vault", &[]) }),
        ("lies in", Package { folder: "crates/other".into(), ..made_up("plico-vault", &[]) }),
    ]);
    for (complaint, package) in cases {
        let found = complaints(std::slice::from_ref(&package));
        assert!(found.len() == 1 && found[0].contains(complaint), "{complaint}: {found:?}");
    }

    for (path, text, complaint) in [
        ("crates/journal/src/leaf.rs", "use std::fs;", "`std::fs` on the first floor"),
        ("crates/journal/src/utils.rs", "", "`utils` says nothing"),
        ("crates/journal/src/types/mod.rs", "", "`types` says nothing"),
        ("crates/journal/src/new_leaf.rs", "", "`new_leaf` says nothing"),
        ("crates/journal/src/leaf.rs", &"\n".repeat(501), "501 lines"),
        (
            "crates/archive/src/keys.rs",
            "    std::fs::rename(from, to)?;",
            "`fs::rename` past the vault's seam",
        ),
        ("src/web/page.rs", "let file = File::create(path)?;", "`File::create` past the vault's seam"),
        ("src/cli/fsck.rs", "use std::fs::OpenOptions;", "`fs::OpenOptions` past the vault's seam"),
    ] {
        let found = source_complaints(Path::new(path), path.starts_with("crates/journal"), text);
        assert!(found.len() == 1 && found[0].contains(complaint), "{complaint}: {found:?}");
    }
    for (path, text) in [
        ("crates/vault/src/disk.rs", "std::fs::rename(from, to)"),
        ("src/cli/export.rs", "File::options().write(true)"),
        ("src/web/page.rs", "let text = CaseFile::create(std::fs::read(path)?); // fs::write"),
    ] {
        assert_eq!(source_complaints(Path::new(path), false, text), Vec::<String>::new());
    }
    let tests_are_free = "// std::fs\n#[cfg(test)]\nmod tests { use std::fs; }";
    assert!(source_complaints(Path::new("crates/journal/src/leaf.rs"), true, tests_are_free).is_empty());
    assert!(
        source_complaints(Path::new("crates/journal/src/leaf/tests.rs"), true, "use std::fs;").is_empty()
    );
}
