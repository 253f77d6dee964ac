//! The files under `fixtures/p7m`, which other programs and other languages may read too.

use std::path::{Path, PathBuf};

use plico_signature::{Anchors, Options, inspect, inspect_detached};

use crate::town::NOW;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

#[test]
fn every_file_has_its_line() {
    let anchors = Anchors::from_pem(&std::fs::read(folder("pki/root.pem")).unwrap()).unwrap();
    let options = Options::at(NOW, Some(&anchors));
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder("p7m")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        if ["README.md", "content.txt", "expected.txt"].contains(&name.as_str()) {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        let report = if file.extension().is_some_and(|extension| extension == "p7s") {
            inspect_detached(&bytes, &std::fs::read(folder("p7m/content.txt")).unwrap(), &options)
        } else {
            inspect(&bytes, &options)
        };
        let json = serde_json::to_value(report).unwrap();
        let word = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        let mut line =
            vec![name, word(&json["container"]), word(&json["indication"]), word(&json["problem"])];
        for found in json["signatures"].as_array().unwrap() {
            let intact = if found["intact"] == true { "intact" } else { "not-intact" };
            line.push(format!("{intact}/{}/{}", word(&found["sub_indication"]), word(&found["reasons"][0])));
        }
        lines.push(line.join(" "));
    }
    let found = lines.join("\n") + "\n";
    let expected = std::fs::read_to_string(folder("p7m/expected.txt")).unwrap_or_default();
    assert_eq!(found, expected, "what is said has changed; is it meant?\n{found}");
}
