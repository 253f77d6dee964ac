//! The OpenAPI document: what the operations say of themselves, and what holds for all of them.

use serde_json::{Value, json};

use super::operations;

/// What every operation may answer besides what it says itself.
const ALWAYS: [(&str, &str); 2] = [
    ("429", "Too many requests: wait as long as `Retry-After` says."),
    ("503", "Not now: try again after `Retry-After`."),
];
/// The same for those that want a token.
const WITH_TOKEN: [(&str, &str); 2] =
    [("401", "No token, or none that works."), ("403", "The token or its account does not allow this.")];

/// More bytes than any file has.
const MOST_BYTES: i64 = 1 << 40;

/// The document of an installation that people reach at `public_url`.
pub fn document(public_url: &str) -> Value {
    let (_, described) = operations().split_for_parts();
    let mut document = serde_json::to_value(described).expect("a description is JSON");
    document["openapi"] = "3.1.0".into();
    document["info"] = info(public_url);
    document["servers"] = json!([server(public_url)]);
    document["tags"] = json!([
        {"name": "status", "description": "Whether the service works."},
        {"name": "messages", "description": "What people send to offices, and what they get from them."},
        {"name": "deliveries", "description": "What an office made available to a person."},
        {"name": "deposits", "description": "What offices send by fiscal code, many letters at once or one that another registry numbered."},
        {"name": "documents", "description": "Documents of messages."},
        {"name": "receipts", "description": "Receipts, with what is needed to verify them."},
    ]);
    document["components"]["securitySchemes"] = json!({"token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token that its account's holder made, with the scopes that an operation names.",
    }});
    document["components"]["headers"] = headers();
    document["components"]["schemas"]["Problem"] = problem();
    for operation in operations_of(&mut document) {
        complete(operation);
    }
    bound(&mut document["components"]["schemas"]);
    sorted(&mut document["components"]["schemas"]);
    document
}

fn info(public_url: &str) -> Value {
    json!({
        "title": "Plico",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "Digital mailroom of a public body.",
        "x-summary": "Digital mailroom of a public body.",
        "description": "Send messages to the offices of a public body, follow them, open what the offices send, \
            download documents and receipts. Errors are problem documents (RFC 9457).",
        "termsOfService": format!("{public_url}/privacy"),
        "contact": {"name": "Plico", "url": public_url},
        "license": {"name": "EUPL-1.2", "url": "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12"},
    })
}

/// Not over TLS it can only be for trying out, and says so.
fn server(public_url: &str) -> Value {
    let mut server = json!({"url": format!("{public_url}/api/v1"), "description": "This installation."});
    if !public_url.starts_with("https://") {
        server["x-sandbox"] = true.into();
    }
    server
}

fn headers() -> Value {
    let count = |description: &str| {
        json!({"description": description,
            "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 1_000_000}})
    };
    json!({
        "RateLimit-Limit": count("Requests that the caller may make in a minute."),
        "RateLimit-Remaining": count("Requests that are left in this minute."),
        "RateLimit-Reset": count("Seconds until all of them are there again."),
        "Retry-After": count("Seconds to wait."),
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": {"type": "string", "format": "uri", "maxLength": 2000,
                "description": "Stable name of the problem; leads to a page that explains it."},
            "title": {"type": "string", "maxLength": 200, "description": "In the language of `Accept-Language`."},
            "status": {"type": "integer", "format": "int32", "minimum": 100, "maximum": 599},
            "detail": {"type": "string", "maxLength": 2000, "description": "What to do."},
            "instance": {"type": "string", "format": "uri", "maxLength": 100,
                "description": "The request, as the log names it."},
            "limit": {"type": "integer", "format": "int64", "minimum": 0, "maximum": MOST_BYTES,
                "description": "The limit that was passed."},
            "seconds": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86400,
                "description": "Seconds to wait."},
            "scope": {"type": "string", "maxLength": 60, "description": "The scope that the token lacks."},
            "errors": {"type": "array", "maxItems": 100, "description": "Fields that do not fit.", "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "additionalProperties": false,
                "properties": {
                    "field": {"type": "string", "maxLength": 60},
                    "code": {"type": "string", "maxLength": 60},
                    "detail": {"type": "string", "maxLength": 500},
                }
            }},
        },
    })
}

fn operations_of(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    paths.filter_map(Value::as_object_mut).flat_map(|path| {
        path.iter_mut().filter(|(method, _)| ["get", "post"].contains(&method.as_str())).map(|(_, one)| one)
    })
}

/// Adds the answers and headers that all operations share, and bounds where a parameter has none.
fn complete(operation: &mut Value) {
    let with_token =
        operation["security"].as_array().is_some_and(|all| all.iter().any(|one| one.get("token").is_some()));
    if !with_token {
        operation["security"] = json!([]);
    }
    let shared = ALWAYS.iter().chain(if with_token { &WITH_TOKEN[..] } else { &[] });
    for (status, description) in shared {
        if operation["responses"].get(status).is_none() {
            operation["responses"][status] = json!({"description": description});
        }
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (status, response) in responses.iter_mut() {
        let problem = response.pointer("/content/application~1problem+json").is_some();
        if problem || status.starts_with(['4', '5']) {
            response["content"] =
                json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
        }
        for name in ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"] {
            response["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
        }
        if ["429", "503"].contains(&status.as_str()) {
            response["headers"]["Retry-After"] = json!({"$ref": "#/components/headers/Retry-After"});
        }
        for header in members(response, "headers") {
            if let Some(schema) = header.get_mut("schema") {
                bound(schema);
            }
        }
        if let Some(contents) = response.get_mut("content").and_then(Value::as_object_mut) {
            for kind in ["application/octet-stream", "application/pdf"] {
                if let Some(content) = contents.get_mut(kind) {
                    content["schema"] =
                        json!({"type": "string", "format": "binary", "maxLength": MOST_BYTES});
                }
            }
        }
    }
    sorted(&mut operation["responses"]);
}

/// The values of a member that is an object; none when it is absent.
fn members<'a>(value: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    value.get_mut(name).and_then(Value::as_object_mut).into_iter().flat_map(|all| all.values_mut())
}

/// Every object says that it has no other members, every text how long it may be.
fn bound(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let is = |members: &serde_json::Map<String, Value>, name: &str| {
                members.get("type").is_some_and(|kind| {
                    kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == name))
                })
            };
            if is(members, "object") && members.contains_key("properties") {
                members.entry("additionalProperties").or_insert(false.into());
            }
            if is(members, "string") && !members.contains_key("enum") {
                let binary = members.get("format").is_some_and(|format| format == "binary");
                members.entry("maxLength").or_insert(if binary { MOST_BYTES } else { 2000 }.into());
            }
            members.values_mut().for_each(bound);
        }
        Value::Array(items) => items.iter_mut().for_each(bound),
        _ => {}
    }
}

/// The same order whatever order it was put together in.
fn sorted(members: &mut Value) {
    if let Value::Object(map) = members {
        map.sort_keys();
    }
}
