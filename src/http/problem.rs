//! Failures as people see them: a page in their language, or an RFC 9457 problem document for programs.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use plico_locale::Args;
use plico_record::day::LegalDay;
use serde::Serialize;

use super::login::returning;
use super::render::Page;
use super::{Context, Error, Refusal, Shell};

/// The error page.
#[derive(Serialize)]
struct ProblemPage {
    status: u16,
    code: &'static str,
    title: String,
    text: String,
    /// What was typed, to be copied or sent again.
    typed: Vec<(String, String)>,
    /// Where the form was going.
    action: String,
    request_id: String,
}

impl Page for ProblemPage {
    const TEMPLATE: &'static str = "page/public/problem.html";
}

/// Programs get JSON: everything below `/api/`, and whoever prefers it to a page.
pub(super) fn wants_json(path: &str, headers: &HeaderMap) -> bool {
    let accepts = |kind: &str| {
        headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains(kind))
    };
    path.starts_with("/api/") || (accepts("json") && !accepts("text/html"))
}

/// The answer to a failure.
pub(super) fn respond(shell: &Shell, context: &Context, api: bool, error: &Error) -> Response {
    let fault = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "fault");
    let refusal = match error {
        Error::Refusal(refusal) => refusal,
        Error::Fault(_) => &fault,
    };
    // A visitor who follows a link from a mail comes to the sign-in, and then to what the link named.
    if refusal.code == "sign-in" && !api {
        return Redirect::to(&returning("/accedi", context)).into_response();
    }
    let args = refusal.arguments.iter().fold(Args::new(), |args, (name, value)| match value.parse::<i64>() {
        Ok(_) if *name == "limit" && refusal.code.ends_with("too-large") => {
            let size = shell.pages().catalogue().size(context.lang(), value.parse().unwrap_or_default());
            args.with(*name, size)
        }
        Ok(number) => args.with(*name, number),
        Err(_) if *name == "date" => {
            let day = LegalDay::parse(value)
                .map(|day| shell.pages().catalogue().date(context.lang(), day.start_ms()));
            args.with(*name, day.unwrap_or_else(|| value.clone()))
        }
        Err(_) => args.with(*name, value.clone()),
    });
    let text = |part: &str| {
        let key = format!("problem-{}-{part}", refusal.code);
        shell.pages().catalogue().text(context.lang(), &key, &args)
    };
    let (title, text) = (text("title"), text("text"));
    let mut response = if api {
        json(shell, context, refusal, &title, &text)
    } else {
        page(shell, context, refusal, title, text)
    };
    *response.status_mut() = refusal.status;
    if let Some(seconds) = refusal.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn json(shell: &Shell, context: &Context, refusal: &Refusal, title: &str, detail: &str) -> Response {
    let mut document = serde_json::json!({
        "type": format!("{}/api/problems/{}", shell.config().public_url, refusal.code),
        "title": title,
        "status": refusal.status.as_u16(),
        "detail": detail,
        "instance": format!("urn:plico:request:{}", context.id()),
    });
    for (name, value) in &refusal.arguments {
        document[*name] = value.parse::<i64>().map_or_else(|_| value.clone().into(), Into::into);
    }
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))];
    let mut response = (kind, Json(document)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

fn page(shell: &Shell, context: &Context, refusal: &Refusal, title: String, text: String) -> Response {
    let page = ProblemPage {
        status: refusal.status.as_u16(),
        code: refusal.code,
        title,
        text,
        typed: refusal.typed.clone(),
        action: context.path().to_owned(),
        request_id: context.id().to_owned(),
    };
    shell.page(context, &page).unwrap_or_else(|error| {
        // The page about the failure failed: say what little is certain, and why it is so bare.
        if let Error::Fault(fault) = &error {
            tracing::error!(request_id = context.id(), "the error page cannot be made: {fault}");
        }
        let missing = if shell.has_assets() { "" } else { " (run make assets)" };
        let body = format!("{} {}\n\n{}{missing}\n", page.status, page.title, page.text);
        ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
    })
}

/// Answers what no route does.
pub async fn not_found() -> Refusal {
    Refusal::not_found()
}

/// Answers a method that a route does not know.
pub async fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "not-found")
}
