//! The API over real HTTP.

mod contract;
mod deposits;
mod messages;
mod tokens;

use plico_desk::token::TokenForm;
use plico_record::actor::Actor;

use crate::support::{Answer, BODY, Town};

/// Every scope.
pub const ALL: [&str; 6] = [
    "messages:write",
    "messages:read",
    "documents:read",
    "deliveries:open",
    "log:read",
    "registries:exchange",
];

/// Makes a token for an account.
pub async fn token(town: &Town, account: &str, scopes: &[&str]) -> String {
    token_of(town, BODY, account, scopes).await
}

/// The same in any administration.
pub async fn token_of(town: &Town, administration: &str, account: &str, scopes: &[&str]) -> String {
    let form = TokenForm {
        account: account.into(),
        name: format!("prova {}", scopes.join(" ")),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        days: 30,
    };
    town.app.desk.make_token(&Actor::console(administration, "test"), form).await.unwrap().0
}

/// Asks with a token.
pub async fn get(town: &Town, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    town.send("GET", &format!("/api/v1{path}"), &[("authorization", &bearer)], b"").await
}

/// Sends a message as a form with files.
pub async fn send(town: &Town, token: &str, key: &str, subject: &str, files: &[(&str, &[u8])]) -> Answer {
    let fields = [
        ("kind", "istanza"),
        ("office", &*town.building),
        ("subject", subject),
        ("text", "Chiedo il permesso."),
    ];
    let (kind, body) = crate::support::multipart(&fields, files);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("idempotency-key", key), ("content-type", &*kind)];
    town.send("POST", "/api/v1/messages", &headers, &body).await
}

/// Whether it is a problem document of this name.
pub fn is_problem(answer: &Answer, status: u16, code: &str) -> bool {
    let problem = answer.json();
    answer.status == status
        && answer.header("content-type") == Some("application/problem+json")
        && problem["status"] == status
        && problem["type"].as_str().is_some_and(|kind| kind.ends_with(&format!("/api/problems/{code}")))
        && problem["title"].as_str().is_some_and(|title| !title.is_empty() && !title.contains("problem-"))
}
