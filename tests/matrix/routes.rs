//! The routes that the program declares, read from its source.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A method and a route, as the source declares them.
pub type Route = (String, String);

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The routes that the files of `src/web` and the server itself declare, read from the text: axum does not list them.
pub fn declared() -> BTreeSet<Route> {
    let mut files = ["src/web.rs", "src/api.rs", "src/http/server.rs", "src/http/visitor.rs"]
        .map(|file| root().join(file))
        .to_vec();
    sources(&root().join("src/web"), &mut files);
    let mut routes = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for piece in text.split(".route(").skip(1) {
            let argument = arguments(piece);
            let Some((place, handlers)) = argument.split_once(',') else { continue };
            let path = match place.trim().strip_prefix('"') {
                Some(literal) => literal.trim_end_matches('"').to_owned(),
                None => constant(text, place.trim())
                    .unwrap_or_else(|| panic!("{}: which route is {place}?", file.display())),
            };
            let path = if file.ends_with("api.rs") && path == "/openapi.json" {
                format!("/api/v1{path}")
            } else {
                path
            };
            for (word, method) in [("get(", "GET"), ("post(", "POST")] {
                if handlers.contains(word) && path != "/metrics" {
                    routes.insert((method.to_owned(), path.clone()));
                }
            }
        }
    }
    routes
}

/// The text up to the parenthesis that closes.
fn arguments(text: &str) -> &str {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

/// The value of `const NAME: &str = "…";`.
fn constant(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.contains(&format!("const {name}:")))?;
    Some(line.split('"').nth(1)?.to_owned())
}

#[test]
fn routes_are_found_in_the_source() {
    let routes = declared();
    for (method, route) in [
        ("GET", "/"),
        ("POST", "/verifica"),
        ("GET", "/messaggi/{id}"),
        ("POST", "/scrivi/{id}/invia"),
        ("POST", "/ufficio/messaggi/{id}/carico"),
        ("GET", "/amministrazione/uffici"),
        ("GET", "/healthz"),
    ] {
        assert!(routes.contains(&(method.into(), route.into())), "{method} {route}");
    }
    assert!(routes.len() > 90, "{}", routes.len());
    assert_eq!(
        arguments("\"/a\", get(f).post(async |x| g(x)))\n.route("),
        "\"/a\", get(f).post(async |x| g(x))"
    );
}
