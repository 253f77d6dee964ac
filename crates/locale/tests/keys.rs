//! Holds the catalogues against the pages and the sources: no key missing, none unused, and the complete languages agree.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use fluent_syntax::ast;
use fluent_syntax::parser;
use plico_locale::{Catalogue, Lang};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file with the ending below the folder; an absent folder has none.
fn sources(folder: &Path, ending: &str, found: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// What the sources ask for.
#[derive(Default)]
struct Asked {
    /// Keys in full, and where.
    keys: BTreeMap<String, String>,
    /// Beginnings of keys that are completed at run time.
    beginnings: BTreeSet<String>,
    /// Any literal that might be a key: enough to call a key used, too little to call one missing.
    literals: BTreeSet<String>,
}

impl Asked {
    /// `t("key")`, `t("one" if so else "other")`, and `t("beginning-" ~ …)`, of which the beginning counts.
    fn template(&mut self, path: &Path, text: &str) {
        for (at, _) in text.match_indices("t(\"") {
            let called = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            // The first argument: everything up to a comma or the end of the call.
            let rest = text[at + 2..].split([',', ')']).next().unwrap_or_default();
            if !called {
                continue;
            }
            if let Some((beginning, _)) = rest.split_once('~') {
                self.beginnings.insert(beginning.trim().trim_matches('"').to_owned());
                continue;
            }
            for key in rest.split('"').skip(1).step_by(2) {
                self.keys.insert(key.to_owned(), path.display().to_string());
            }
        }
    }

    /// In the offline verifier: `data-t="key"`, `t('key')`.
    fn verifier(&mut self, path: &Path, text: &str) {
        for (call, end) in [("data-t=\"", '"'), ("t('", '\'')] {
            for (at, _) in text.match_indices(call) {
                let called = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                let key = text[at + call.len()..].split(end).next().unwrap_or_default();
                if called && key.contains('-') {
                    self.keys.insert(key.to_owned(), path.display().to_string());
                }
            }
        }
    }

    /// In Rust any literal may reach `text` through a constant or a `match`; `format!("beginning-{…}")` is a beginning.
    fn rust(&mut self, path: &Path, text: &str) {
        for piece in text.split('"').skip(1) {
            match piece.split_once('{') {
                Some((beginning, _)) if beginning.ends_with('-') => {
                    self.beginnings.insert(beginning.to_owned());
                }
                _ => {
                    self.literals.insert(piece.to_owned());
                }
            }
        }
        for call in ["text(", "try_text("] {
            for (at, _) in text.match_indices(call) {
                let arguments = text[at + call.len()..].split([')', ';']).next().unwrap_or_default();
                let literal = arguments.split_once(',').map(|(_, rest)| rest.trim_start());
                let Some(rest) = literal.and_then(|rest| rest.strip_prefix('"')) else {
                    continue;
                };
                let key = rest.split('"').next().unwrap_or_default();
                // Other functions are called `text` too; a word without a hyphen is too common to judge.
                if key.contains('-') && key.chars().all(|c| c.is_ascii_lowercase() || "-_".contains(c)) {
                    self.keys.insert(key.to_owned(), path.display().to_string());
                }
            }
        }
    }
}

fn asked() -> Asked {
    let mut asked = Asked::default();
    let mut found = Vec::new();
    sources(&root().join("templates"), ".html", &mut found);
    sources(&root().join("templates"), ".txt", &mut found);
    sources(&root().join("templates"), ".md", &mut found);
    found.retain(|(path, _)| !path.ends_with("README.md"));
    for (path, text) in &found {
        asked.template(path, text);
    }
    found.clear();
    sources(&root().join("assets/verifier"), ".html", &mut found);
    sources(&root().join("assets/verifier"), ".js", &mut found);
    for (path, text) in &found {
        asked.verifier(path, text);
    }
    found.clear();
    sources(&root().join("src"), ".rs", &mut found);
    sources(&root().join("crates"), ".rs", &mut found);
    // Our own sources and tests speak of keys without asking for them.
    found.retain(|(path, _)| !path.ends_with("keys.rs"));
    for (path, text) in &found {
        asked.rust(path, text);
    }
    asked
}

#[test]
fn nothing_that_is_asked_for_is_missing() {
    let catalogue = Catalogue::load().unwrap();
    let missing: Vec<String> = asked()
        .keys
        .iter()
        .filter(|(key, _)| !key.starts_with("no-such-key"))
        .filter(|(key, _)| !catalogue.has(Lang::It, key))
        .map(|(key, place)| format!("{key}  ({place})"))
        .collect();
    assert!(missing.is_empty(), "missing keys:\n{}", missing.join("\n"));
}

#[test]
fn every_beginning_leads_somewhere() {
    let catalogue = Catalogue::load().unwrap();
    let keys = catalogue.keys(Lang::It);
    let mut templates = Asked::default();
    let mut found = Vec::new();
    sources(&root().join("templates"), ".html", &mut found);
    for (path, text) in &found {
        templates.template(path, text);
    }
    let empty: Vec<_> = templates
        .beginnings
        .iter()
        .filter(|beginning| !keys.iter().any(|key| key.starts_with(beginning.as_str())))
        .collect();
    assert!(empty.is_empty(), "no key begins with {empty:?}");
}

/// Beginnings of keys that only the handlers of the pages ask for: to be emptied as these are written.
const AWAITED: [&str; 1] = ["paper-"];

#[test]
fn nothing_is_there_for_nobody() {
    let catalogue = Catalogue::load().unwrap();
    let asked = asked();
    let unused: Vec<&str> = catalogue
        .keys(Lang::It)
        .into_iter()
        .filter(|key| !asked.keys.contains_key(*key) && !asked.literals.contains(*key))
        .filter(|key| !asked.beginnings.iter().any(|beginning| key.starts_with(beginning)))
        .filter(|key| !AWAITED.iter().any(|beginning| key.starts_with(beginning)))
        .collect();
    assert!(unused.is_empty(), "unused keys: {}", unused.join(", "));
}

/// Variables of each message of a language, those inside plural forms included.
fn variables(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = Vec::new();
    sources(&root().join("locales").join(lang.code()), ".ftl", &mut found);
    let mut messages = BTreeMap::new();
    for (path, source) in &found {
        let resource = parser::parse(source.as_str())
            .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
        for entry in &resource.body {
            if let ast::Entry::Message(message) = entry {
                let mut names = BTreeSet::new();
                if let Some(pattern) = &message.value {
                    collect(pattern, &mut names);
                }
                messages.insert(message.id.name.to_owned(), names);
            }
        }
    }
    messages
}

fn collect(pattern: &ast::Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let ast::PatternElement::Placeable { expression } = element else {
            continue;
        };
        let inline = match expression {
            ast::Expression::Inline(inline) => inline,
            ast::Expression::Select { selector, variants } => {
                for variant in variants {
                    collect(&variant.value, names);
                }
                selector
            }
        };
        if let ast::InlineExpression::VariableReference { id } = inline {
            names.insert(id.name.to_owned());
        }
    }
}

/// Whatever a receipt may say: the texts of papers, and those of other files that it takes.
#[test]
fn receipts_have_every_text_in_their_languages() {
    let (italian, mut papers) = (variables(Lang::It), Vec::new());
    sources(&root().join("locales/it"), "paper.ftl", &mut papers);
    let of_papers = papers.iter().flat_map(|(_, source)| source.lines());
    let keys = of_papers.filter_map(|line| Some(line.split_once(" =")?.0.to_owned()));
    let more = |key: &String| {
        ["title-", "service-part-", "card-holder", "card-number", "card-from", "card-until"]
            .iter()
            .any(|start| key.starts_with(start))
            || (key.starts_with("receipt-card-") && (key.ends_with("-title") || key.ends_with("-lead")))
            || key.starts_with("receipt-not-")
    };
    let keys: BTreeSet<String> = keys
        .filter(|key| italian.contains_key(key))
        .chain(italian.keys().filter(|key| more(key)).cloned())
        .collect();
    assert!(keys.len() > 200, "{}", keys.len());
    for lang in Lang::RECEIPTS {
        let other = variables(lang);
        let lacks: Vec<&String> = keys.iter().filter(|key| !other.contains_key(*key)).collect();
        assert!(lacks.is_empty(), "{lang} lacks {lacks:?}");
        for key in &keys {
            assert_eq!(italian[key], other[key], "variables of {key} in {lang}");
        }
    }
}

#[test]
fn complete_languages_have_the_same_keys_and_variables() {
    let italian = variables(Lang::It);
    for lang in Lang::COMPLETE {
        let other = variables(lang);
        for (key, names) in &italian {
            let found = other.get(key).unwrap_or_else(|| panic!("{lang} lacks {key}"));
            assert_eq!(names, found, "variables of {key} in {lang}");
        }
        for key in other.keys() {
            assert!(italian.contains_key(key), "only {lang} has {key}");
        }
    }
}

#[test]
fn prepared_languages_have_nothing_that_italian_lacks() {
    let italian = variables(Lang::It);
    for lang in Lang::ALL {
        for key in variables(lang).keys() {
            assert!(italian.contains_key(key), "only {lang} has {key}");
        }
    }
}

#[test]
fn the_table_of_embedded_files_is_the_folder() {
    let table = fs::read_to_string(root().join("crates/locale/src/embedded.rs")).unwrap();
    let mut found = Vec::new();
    sources(&root().join("locales"), ".ftl", &mut found);
    assert!(!found.is_empty());
    for (path, _) in &found {
        let name = path.strip_prefix(root().join("locales")).unwrap().display().to_string();
        assert!(table.contains(&format!("(\"{name}\"")), "{name} is not embedded");
    }
    assert_eq!(table.matches("include_str!").count(), found.len());
}

/// The variants of an enum, as its source lists them.
fn variants<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let (_, body) = source.split_once(&format!("pub enum {name} {{")).unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    body.lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .filter(|line| !line.starts_with('/'))
        .collect()
}

#[test]
fn every_finding_about_a_signature_has_words() {
    let source = fs::read_to_string(root().join("crates/signature/src/finding.rs")).unwrap();
    let catalogue = Catalogue::load().unwrap();
    let named = |variant: &str, between: char| {
        variant.chars().enumerate().fold(String::new(), |mut name, (place, c)| {
            if place > 0 && c.is_uppercase() {
                name.push(between);
            }
            name.push(c.to_ascii_lowercase());
            name
        })
    };
    let reasons =
        variants(&source, "Reason").into_iter().map(|v| format!("signature-reason-{}", named(v, '_')));
    let subs =
        variants(&source, "SubIndication").into_iter().map(|v| format!("signature-sub-{}", named(v, '-')));
    let keys: Vec<String> = reasons.chain(subs).collect();
    assert!(keys.len() > 50, "{keys:?}");
    let missing: Vec<_> = keys.iter().filter(|key| !catalogue.has(Lang::It, key)).collect();
    assert!(missing.is_empty(), "write these in locales/*/signature.ftl: {missing:?}");
}

#[test]
fn the_scanners_see_what_they_must() {
    let mut asked = Asked::default();
    let here = Path::new("here");
    asked.template(here, r#"{{ t("one") }} {{ t("one-a" if x else "one-b", n=1) }} {{ t("two-" ~ x) }} {{ set("three") }} {{ t('no') }}"#);
    for key in ["one", "one-a", "one-b"] {
        assert!(asked.keys.contains_key(key), "{key}");
    }
    assert!(asked.beginnings.contains("two-"));
    assert!(!asked.keys.contains_key("three"));
    asked.rust(here, r#"c.text(lang, "four-x", &args); let k = format!("five-{x}"); let s = "six";"#);
    assert!(asked.keys.contains_key("four-x"));
    assert!(asked.beginnings.contains("five-"));
    assert!(asked.literals.contains("six"));
    asked.verifier(here, r#"<p data-t="seven-x"></p> t('eight-y', {}) set('nine-z')"#);
    assert!(asked.keys.contains_key("seven-x") && asked.keys.contains_key("eight-y"));
    assert!(!asked.keys.contains_key("nine-z"));
}
