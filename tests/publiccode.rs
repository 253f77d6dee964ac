//! `publiccode.yml` against the rules of the catalogue's parser, as far as they can be checked without a YAML library:
//! our file is kept simple enough to be read line by line.

use std::collections::BTreeMap;

/// Values by dotted path; list items and folded texts are joined by a space.
fn read(text: &str) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut path: Vec<(usize, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        let content = line.trim();
        let key = content.split_once(':').filter(|(key, _)| {
            !content.starts_with("- ") && !key.contains(' ') && key.chars().all(|c| c.is_ascii_alphanumeric())
        });
        if let Some((key, value)) = key {
            path.retain(|(depth, _)| *depth < indent);
            path.push((indent, key.to_owned()));
            let name = path.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>().join(".");
            let value = value.trim().trim_matches('"');
            values.insert(name, if value == ">" { String::new() } else { value.to_owned() });
        } else {
            let name = path.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>().join(".");
            let value = values.entry(name).or_default();
            value.push(' ');
            value.push_str(content.trim_start_matches("- "));
        }
    }
    values
}

/// What is wrong with a file.
fn complaints(text: &str) -> Vec<String> {
    let values = read(text);
    let mut found = Vec::new();
    let get = |name: &str| values.get(name).map_or("", |value| value.trim());
    for required in [
        "publiccodeYmlVersion",
        "name",
        "url",
        "platforms",
        "developmentStatus",
        "softwareType",
        "legal.license",
        "maintenance.type",
        "localisation.localisationReady",
        "localisation.availableLanguages",
    ] {
        if get(required).is_empty() {
            found.push(format!("{required} is missing"));
        }
    }
    if get("publiccodeYmlVersion") != "0.7.0" {
        found.push("the version that keeps the IT section is 0.7.0".into());
    }
    if !["concept", "development", "beta", "stable", "obsolete"].contains(&get("developmentStatus")) {
        found.push("developmentStatus is unknown".into());
    }
    if !["internal", "contract", "community", "none"].contains(&get("maintenance.type")) {
        found.push("maintenance.type is unknown".into());
    }
    if ["internal", "community"].contains(&get("maintenance.type"))
        && !values.contains_key("maintenance.contacts")
    {
        found.push("this maintenance needs contacts".into());
    }
    for language in get("localisation.availableLanguages").split(' ') {
        let part = |name: &str| get(&format!("description.{language}.{name}"));
        let (short, long) =
            (part("shortDescription").chars().count(), part("longDescription").chars().count());
        if !(1..=150).contains(&short) {
            found.push(format!("{language}: shortDescription has {short} characters, not 1 to 150"));
        }
        if !(150..=10_000).contains(&long) {
            found.push(format!("{language}: longDescription has {long} characters, not 150 to 10000"));
        }
        if part("features").is_empty() {
            found.push(format!("{language}: no features"));
        }
    }
    found
}

#[test]
fn ours_keeps_the_rules() {
    let text = include_str!("../publiccode.yml");
    assert_eq!(complaints(text), Vec::<String>::new());
    let cargo = include_str!("../Cargo.toml");
    assert!(cargo.contains(&format!("license = \"{}\"", read(text)["legal.license"])));
}

#[test]
fn the_checker_can_fail() {
    let text = include_str!("../publiccode.yml");
    for (from, to, complaint) in [
        ("0.7.0", "1", "0.7.0"),
        ("developmentStatus: development", "developmentStatus: done", "developmentStatus"),
        ("  license: EUPL-1.2\n", "", "legal.license"),
        ("type: none", "type: community", "contacts"),
        ("    - en\n", "    - en\n    - de\n", "de: shortDescription"),
    ] {
        assert!(text.contains(from), "{from}");
        let found = complaints(&text.replacen(from, to, 1)).join("\n");
        assert!(found.contains(complaint), "{complaint}: {found}");
    }
}
