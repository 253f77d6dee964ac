//! Renders every page with every sample in every complete language, strictly: an undefined field, a missing key or a
//! missing variable fails. With `PLICO_PREVIEW=<folder>` the pages are written there, for the browser to look at.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use plico_locale::{Args, Catalogue, Lang};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_global("vouched", true);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_loader(|name| match fs::read_to_string(root().join("templates").join(name)) {
        Ok(source) => Ok(Some(source)),
        Err(_) => Ok(None),
    });
    environment
}

/// The functions every template may call, bound to one language.
fn functions(catalogue: &Arc<Catalogue>, lang: Lang) -> Vec<(&'static str, Value)> {
    let (c1, c2, c3, c4, c5) =
        (catalogue.clone(), catalogue.clone(), catalogue.clone(), catalogue.clone(), catalogue.clone());
    vec![
        (
            "t",
            Value::from_function(move |key: String, kwargs: Kwargs| {
                let mut args = Args::new();
                for name in kwargs.args() {
                    let value: Value = kwargs.get(name)?;
                    args = match i64::try_from(value.clone()) {
                        Ok(number) if value.is_number() => args.with(name, number),
                        _ => args.with(name, value.to_string()),
                    };
                }
                c1.try_text(lang, &key, &args)
                    .map_err(|e| Error::new(ErrorKind::InvalidOperation, e.to_string()))
            }),
        ),
        ("date", Value::from_function(move |ms: i64| c2.date(lang, ms))),
        ("date_short", Value::from_function(move |ms: i64| c3.date_short(lang, ms))),
        ("datetime", Value::from_function(move |ms: i64| c4.datetime(lang, ms))),
        ("size", Value::from_function(move |bytes: u64| c5.size(lang, bytes))),
        ("asset", Value::from_function(|name: String| format!("/assets/{name}"))),
    ]
}

/// Identifiers that more than one element of a page has: a label or a link would lead to the wrong one.
fn twice(html: &str) -> impl Iterator<Item = &str> {
    let mut seen = std::collections::BTreeSet::new();
    html.split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(id, _)| id)
        .filter(move |id| !seen.insert(*id))
}

#[test]
fn every_page_renders_with_every_sample_in_every_language() {
    let environment = environment();
    let catalogue = Arc::new(Catalogue::load().unwrap());
    let samples = root().join("templates/sample");
    let globals: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(samples.join("globals.json")).unwrap()).unwrap();
    let out = env::var_os("PLICO_PREVIEW").map(PathBuf::from);
    let (mut pages, mut problems, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    files(&root().join("templates/page"), &mut pages);
    let mut all = Vec::new();
    files(&samples, &mut all);
    for sample in all.iter().filter(|path| path.parent() != Some(samples.as_path())) {
        let audience = sample.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let name = sample.file_name().unwrap().to_str().unwrap();
        let (page, variant) = name.trim_end_matches(".json").split_once('.').expect(name);
        let template = format!("page/{audience}/{page}.html");
        seen.push(root().join("templates").join(&template));
        let own: serde_json::Value = serde_json::from_str(&fs::read_to_string(sample).unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", sample.display()));
        for lang in Lang::COMPLETE {
            let mut context = globals["all"].as_object().unwrap().clone();
            context.extend(globals[audience].as_object().unwrap().clone());
            context.extend(own.as_object().unwrap().clone());
            context.insert("lang".into(), lang.code().into());
            let functions = functions(&catalogue, lang).into_iter();
            let context = Value::from_pairs(
                functions
                    .map(|(name, value)| (name.to_owned(), value))
                    .chain(context.iter().map(|(k, v)| (k.clone(), Value::from(Serde(v))))),
            );
            let page_name = format!("{audience}-{page}-{variant}-{lang}");
            match environment.get_template(&template).and_then(|t| t.render(context)) {
                Ok(html) => {
                    problems.extend(twice(&html).map(|id| format!("{page_name}: two elements are #{id}")));
                    if let Some(folder) = &out {
                        fs::create_dir_all(folder).unwrap();
                        fs::write(folder.join(format!("{page_name}.html")), html).unwrap();
                    }
                }
                Err(error) => problems.push(format!("{page_name}: {error:#}")),
            }
        }
    }
    for page in pages.iter().filter(|page| !seen.contains(page)) {
        problems.push(format!("{} has no sample", page.display()));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
