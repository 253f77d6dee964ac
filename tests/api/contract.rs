//! The published document: the snapshot, and the rules that it must keep.

use serde_json::Value;

use super::{ALL, get, is_problem};
use crate::support::Town;

fn document() -> Value {
    plico::api::document::document("http://127.0.0.1:8080")
}

#[test]
fn the_snapshot_is_what_the_program_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/plico-v1.json");
    let snapshot: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(snapshot == document(), "run `plico openapi > openapi/plico-v1.json` and review the difference");
}

fn walk(path: &str, value: &Value, visit: &mut dyn FnMut(&str, &serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            visit(path, members);
            for (name, member) in members {
                walk(&format!("{path}/{name}"), member, visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(path, item, visit)),
        _ => {}
    }
}

#[test]
fn it_keeps_the_rules() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    for member in ["title", "version", "x-summary", "description", "contact"] {
        assert!(!document["info"][member].is_null(), "info.{member}");
    }
    assert_eq!(document["servers"][0]["x-sandbox"], true);
    assert!(document["servers"][0]["description"].is_string());
    let https = plico::api::document::document("https://posta.comune.example.it");
    assert!(https["servers"][0].get("x-sandbox").is_none());

    let mut wrong = Vec::new();
    walk("", &document["components"]["schemas"], &mut |path, schema| {
        let is = |name: &str| {
            schema.get("type").is_some_and(|kind| {
                kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == name))
            })
        };
        if is("integer")
            && !["format", "minimum", "maximum"].iter().all(|member| schema.contains_key(*member))
        {
            wrong.push(format!("{path}: a number without format or bounds"));
        }
        if is("string") && !schema.contains_key("enum") && !schema.contains_key("maxLength") {
            wrong.push(format!("{path}: a text without length"));
        }
        if is("array") && !schema.contains_key("maxItems") {
            wrong.push(format!("{path}: a list without maximum"));
        }
        if schema.contains_key("properties") && is("object") && !schema.contains_key("additionalProperties") {
            wrong.push(format!("{path}: an open object"));
        }
    });
    walk("", &document, &mut |path, members| {
        for (name, value) in members {
            if value.is_null() {
                wrong.push(format!("{path}/{name}: nothing"));
            }
        }
    });
    let mut ids = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = format!("{method} {path}");
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            if method == "get" && operation.get("requestBody").is_some() {
                wrong.push(format!("{name}: a body"));
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let of = parameter["name"].as_str().unwrap().to_ascii_lowercase();
                if of.starts_with("x-") || of.contains("token") {
                    wrong.push(format!("{name}: parameter {of}"));
                }
            }
            for (status, response) in operation["responses"].as_object().unwrap() {
                let kinds: Vec<_> =
                    response["content"].as_object().into_iter().flat_map(serde_json::Map::keys).collect();
                if status.as_str() >= "400" && kinds != ["application/problem+json"] {
                    wrong.push(format!("{name} {status}: {kinds:?}"));
                }
                for header in ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"] {
                    if response["headers"].get(header).is_none() {
                        wrong.push(format!("{name} {status}: no {header}"));
                    }
                }
            }
            if path != "/status" && operation["security"].as_array().is_none_or(Vec::is_empty) {
                wrong.push(format!("{name}: open to anybody"));
            }
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 13);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_operation_is_there_and_wants_a_token() {
    let town = Town::start().await;
    let anna = super::token(&town, &town.anna, &ALL).await;
    for (path, operations) in document()["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "0");
        for method in operations.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            let without = town.send(&method, &format!("/api/v1{path}"), &[], b"").await;
            assert_eq!(without.status, if path == "/status" { 200 } else { 401 }, "{method} {path}");
            assert!(without.header("ratelimit-limit").is_some());
            let bearer = format!("Bearer {anna}");
            let with =
                town.send(&method, &format!("/api/v1{path}"), &[("authorization", &bearer)], b"").await;
            let expected = match (method.as_str(), path.as_str()) {
                ("POST", "/messages") => 400,
                (_, "/messages" | "/status") => 200,
                _ => 404,
            };
            assert_eq!(with.status, expected, "{method} {path}: {}", with.text());
        }
    }
    assert!(is_problem(&get(&town, &anna, "/nothing").await, 404, "not-found"));
}

#[tokio::test]
async fn the_service_says_how_it_is_and_what_it_offers() {
    let town = Town::start().await;
    let status = town.send("GET", "/api/v1/status", &[("accept-language", "en")], b"").await;
    assert_eq!(status.header("content-type"), Some("application/problem+json"));
    assert_eq!((status.status, &status.json()["status"]), (200, &200.into()));
    assert_eq!(status.json()["title"], "The service works");
    town.app.shell.readiness().watch("test", || Some("it is a test".to_owned()));
    let status = town.send("GET", "/api/v1/status", &[], b"").await;
    assert!(is_problem(&status, 503, "not-ready"));
    assert_eq!(status.header("retry-after"), Some("30"));

    let published = town.send("GET", "/api/v1/openapi.json", &[], b"").await.json();
    assert_eq!(published["servers"][0]["url"], format!("http://{}/api/v1", town.address));

    let page = town.send("GET", "/api/problems/key-reused", &[("accept-language", "it")], b"").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert_eq!(town.send("GET", "/api/problems/no-such-problem", &[], b"").await.status, 404);
}
