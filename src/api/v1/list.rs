//! A page of messages: a person's own, or the queue of an operator's offices.

use axum::extract::State;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::Response;
use plico_archive::read::message::MessageRow;
use plico_archive::read::{Cursor, inbox, queue};
use plico_desk::token::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::api::caller::Caller;
use crate::api::wire::{self, Direction};
use crate::app::App;
use crate::http::{Error, Query};

/// Lines of a page unless the caller says how many.
const USUAL: usize = 20;
/// Lines of a page at most.
const MOST: usize = 100;

/// Which page.
#[derive(Debug, Deserialize)]
pub struct Page {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// A message in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageLine {
    /// Identifier of the message.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    id: String,
    /// The caller's delivery of it, of what comes from an office.
    #[schema(max_length = 40, pattern = "^[0-9A-Z]{27}$")]
    delivery: Option<String>,
    /// Which way it goes.
    direction: Direction,
    /// Name of the office it is for or from.
    #[schema(max_length = 200)]
    office_name: String,
    /// Subject.
    #[schema(max_length = 1000)]
    subject: String,
    /// Where it stands.
    state: wire::State,
    /// Number in the register.
    #[schema(max_length = 30, pattern = "^[0-9]{7,20}/[0-9]{4}$")]
    registration_number: Option<String>,
    /// When it was presented, or became available.
    #[schema(format = DateTime, max_length = 24)]
    presented_at: String,
    /// When the caller opened it.
    #[schema(format = DateTime, max_length = 24)]
    opened_at: Option<String>,
    /// When the office withdrew it.
    #[schema(format = DateTime, max_length = 24)]
    withdrawn_at: Option<String>,
}

/// A page of messages, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageList {
    /// The messages.
    #[schema(max_items = 100)]
    items: Vec<MessageLine>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    next: Option<String>,
}

/// List messages
///
/// A person's own, both ways; for an operator what came to his offices. Looking at the list opens nothing.
#[utoipa::path(
    get,
    path = "/messages",
    operation_id = "listMessages",
    tag = "messages",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Lines of the page; 20 if absent."),
        ("cursor" = Option<String>, Query, max_length = 100, description = "`next` of the page before."),
    ),
    responses(
        (status = 200, description = "A page.", body = MessageList,
            headers(("Link" = String, description = "The next page, as `rel=\"next\"`."), ("ETag" = String, description = "Tag of the content."))),
        (status = 304, description = "Not changed since `If-None-Match`."),
        (status = 400, description = "The request cannot be read."),
    ),
    security(("token" = ["messages:read"]))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(page): Query<Page>,
) -> Result<Response, Error> {
    let actor = caller.with(Scope::ReadMessages)?;
    let most = page.limit.unwrap_or(USUAL).clamp(1, MOST);
    let cursor = page.cursor.as_deref().map_or_else(Cursor::newest, Cursor::parse);
    let (items, next) = if actor.person().is_some() {
        let filter = inbox::Filter { cursor, ..inbox::Filter::default() };
        let (lines, next) = app.desk.inbox(actor, &filter, most).await?;
        (lines.into_iter().map(of_line).collect(), next)
    } else {
        let (rows, next) = app.desk.queue(actor, &queue::Filter::default(), &cursor, most).await?;
        (rows.iter().map(of_row).collect(), next)
    };
    let next = next.map(|next| next.text());
    let link = next.as_ref().map(|next| {
        let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
        format!("</api/v1/messages?limit={most}&cursor={next}>; rel=\"next\"")
    });
    let mut response = answer::json(&headers, &MessageList { items, next })?;
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, HeaderValue::from_str(&link).map_err(Error::fault)?);
    }
    Ok(response)
}

fn of_line(line: inbox::Line) -> MessageLine {
    let number = line
        .number
        .zip(line.year)
        .map(|(number, year)| plico_record::part::registration_number(number.cast_unsigned(), year));
    MessageLine {
        delivery: (line.direction == "out").then(|| line.id.clone()),
        id: line.message,
        direction: Direction::of(&line.direction),
        office_name: line.office_name,
        subject: line.subject,
        state: wire::State::of(&line.state),
        registration_number: number,
        presented_at: wire::instant(line.instant_ms),
        opened_at: line.opened_ms.map(wire::instant),
        withdrawn_at: line.withdrawn_ms.map(wire::instant),
    }
}

fn of_row(row: &MessageRow) -> MessageLine {
    MessageLine {
        delivery: None,
        id: row.id.clone(),
        direction: Direction::of(&row.direction),
        office_name: row.office_name.clone(),
        subject: row.subject.clone(),
        state: wire::State::of(&row.state),
        registration_number: row.registration_number(),
        presented_at: wire::instant(row.instant_ms),
        opened_at: None,
        withdrawn_at: None,
    }
}
