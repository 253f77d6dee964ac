//! Embeds templates and built assets, and the commit for `--version`.
//!
//! The program must be one file, but must also compile before `make assets` has run: what exists is embedded, and
//! a missing `assets/dist` is an empty table, of which the pages say so.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let mut code = String::new();
    table(&root, "assets/dist", "ASSETS", "include_bytes!", "&[u8]", &mut code);
    table(&root, "templates", "TEMPLATES", "include_str!", "&str", &mut code);
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo")).join("embedded.rs");
    fs::write(&out, code).expect("OUT_DIR is writable");

    // Only releases name their commit: a development build would be compiled again after each one.
    let commit = (env::var("PROFILE").as_deref() == Ok("release")).then(|| commit(&root)).flatten();
    println!("cargo::rustc-env=BUILD_COMMIT={}", commit.as_deref().unwrap_or("development"));
    println!("cargo::rerun-if-changed=build.rs");
}

fn table(root: &Path, folder: &str, name: &str, include: &str, kind: &str, code: &mut String) {
    let base = root.join(folder);
    println!("cargo::rerun-if-changed={folder}");
    let mut files = Vec::new();
    collect(&base, &mut files);
    files.sort();
    writeln!(code, "pub(super) static {name}: &[(&str, {kind})] = &[").expect("a String takes all");
    for file in files {
        let relative = file.strip_prefix(&base).expect("found below it").to_string_lossy().replace('\\', "/");
        // Samples are for tests, not for the program.
        if relative.starts_with("sample/") {
            continue;
        }
        writeln!(code, "    ({relative:?}, {include}({:?})),", file.to_string_lossy()).expect("as above");
    }
    code.push_str("];\n");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn commit(root: &Path) -> Option<String> {
    println!("cargo::rerun-if-changed=.git/HEAD");
    println!("cargo::rerun-if-changed=.git/refs/heads");
    let run =
        Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).current_dir(root).output().ok()?;
    run.status.success().then(|| String::from_utf8_lossy(&run.stdout).trim().to_owned())
}
