//! The one way to take files: field by field, chunk by chunk, within limits, and nothing kept in memory.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::multipart::{Event, Malformed, Parser};
use super::{Context, Error, Refusal, Shell, csrf};
use crate::config::Limits;

/// Bytes of all fields that are not files.
const TEXT_LIMIT: u64 = 1024 * 1024;
/// What is read and thrown away after a refusal, and for how long: a browser shows our answer only once it has
/// sent what it wanted to send.
const DRAIN_LIMIT: usize = 2 * 1024 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_mins(5);

/// A form with files. Its first field must be the form's token, so that nothing of a stranger is stored.
pub struct Upload {
    body: Drained,
    parser: Parser,
    context: Context,
    limits: Limits,
    idle: Duration,
    checked: bool,
    files: u32,
    file_bytes: u64,
    text_bytes: u64,
    _turn: OwnedSemaphorePermit,
}

/// The next thing in a form.
pub enum Piece<'a> {
    /// A field.
    Text {
        /// Its name.
        name: String,
        /// Its value; bytes that are not UTF-8 become U+FFFD.
        value: String,
    },
    /// A file, to be read to its end before the next piece.
    File(File<'a>),
}

/// A file that is being received. The type that the client claims is deliberately not here: what a file is, we
/// measure.
pub struct File<'a> {
    upload: &'a mut Upload,
    /// Name of the field.
    pub name: String,
    /// Name of the file as the client gives it: may be anything, and must be cleaned before it is shown.
    pub file_name: String,
    size: u64,
    ended: bool,
}

impl<S: Send + Sync> FromRequest<S> for Upload
where
    Shell: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let shell = Shell::from_ref(state);
        let (parts, body) = request.into_parts();
        let body = Drained::new(body);
        let context = parts.extensions.get::<Context>().cloned();
        let context = context.ok_or_else(|| Error::fault("a route outside of the layers"))?;
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let parser = Parser::new(kind)?;
        let limits = shell.config().limits.clone();
        let idle = Duration::from_secs(limits.upload_idle_seconds);
        let turn = turn(shell.uploads(), idle).await?;
        Ok(Self {
            body,
            parser,
            context,
            limits,
            idle,
            checked: false,
            files: 0,
            file_bytes: 0,
            text_bytes: 0,
            _turn: turn,
        })
    }
}

async fn turn(uploads: Arc<Semaphore>, wait: Duration) -> Result<OwnedSemaphorePermit, Error> {
    match timeout(wait, uploads.acquire_owned()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => Err(Refusal::unavailable("busy", 30).into()),
    }
}

impl Upload {
    /// For a caller who showed a token of the API: no page of ours has given him a form, and no other site can make a
    /// browser send his token.
    #[must_use]
    pub fn of_a_token(mut self) -> Self {
        self.checked = true;
        self
    }

    /// The one file of a form, as text; what is not UTF-8 is read as spreadsheets on Windows write it.
    pub async fn sheet(self, most: usize) -> Result<String, Error> {
        Ok(String::from_utf8(self.only(most).await?)
            .unwrap_or_else(|error| error.into_bytes().iter().map(|byte| char::from(*byte)).collect()))
    }

    /// The one file of a form; nothing when none was chosen.
    pub async fn only(mut self, most: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            if let Piece::File(mut file) = piece {
                while let Some(chunk) = file.chunk().await? {
                    if bytes.len() + chunk.len() > most {
                        return Err(Refusal::too_large(most as u64).into());
                    }
                    bytes.extend_from_slice(&chunk);
                }
            }
        }
        Ok(bytes)
    }

    /// The next piece, or `None` at the end. A file input that was left empty is not a piece.
    ///
    /// A file that was not read to its end is skipped.
    pub async fn next(&mut self) -> Result<Option<Piece<'_>>, Error> {
        loop {
            match self.event().await? {
                Event::Part { name, file_name: None } => {
                    let value = self.text().await?;
                    if name == csrf::FIELD {
                        self.checked = self.context.accepts(&value);
                    }
                    self.must_be_checked()?;
                    if name != csrf::FIELD {
                        return Ok(Some(Piece::Text { name, value }));
                    }
                }
                Event::Part { name, file_name: Some(file_name) } => {
                    self.must_be_checked()?;
                    if file_name.is_empty() {
                        continue;
                    }
                    self.files += 1;
                    let most = self.limits.files_per_message;
                    if self.files > most {
                        let refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too-many-files");
                        return Err(refusal.with("limit", most).into());
                    }
                    return Ok(Some(Piece::File(File {
                        upload: self,
                        name,
                        file_name,
                        size: 0,
                        ended: false,
                    })));
                }
                Event::Data(_) | Event::PartEnd => {}
                Event::End => {
                    self.must_be_checked()?;
                    return Ok(None);
                }
            }
        }
    }

    fn must_be_checked(&self) -> Result<(), Refusal> {
        if self.checked { Ok(()) } else { Err(Refusal::form_expired(Vec::new())) }
    }

    async fn text(&mut self) -> Result<String, Error> {
        let mut value = Vec::new();
        while let Event::Data(data) = self.event().await? {
            self.text_bytes += data.len() as u64;
            if self.text_bytes > TEXT_LIMIT {
                return Err(Refusal::too_large(TEXT_LIMIT).into());
            }
            value.extend_from_slice(&data);
        }
        Ok(String::from_utf8_lossy(&value).into_owned())
    }

    async fn event(&mut self) -> Result<Event, Error> {
        loop {
            if let Some(event) = self.parser.event()? {
                return Ok(event);
            }
            match timeout(self.idle, self.body.next()).await {
                Ok(Some(Ok(bytes))) => self.parser.feed(&bytes),
                // The end of the body before the end of the form, an error, or silence: the sender went away.
                _ => return Err(Refusal::broken_off().into()),
            }
        }
    }
}

impl File<'_> {
    /// The next bytes, or `None` at the end of the file.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if self.ended {
            return Ok(None);
        }
        let Event::Data(data) = self.upload.event().await? else {
            self.ended = true;
            return Ok(None);
        };
        self.size += data.len() as u64;
        self.upload.file_bytes += data.len() as u64;
        let limits = &self.upload.limits;
        if self.size > limits.upload_max_bytes {
            return Err(Refusal::too_large(limits.upload_max_bytes).into());
        }
        if self.upload.file_bytes > limits.message_max_bytes {
            let refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "message-too-large");
            return Err(refusal.with("limit", limits.message_max_bytes).into());
        }
        Ok(Some(data))
    }

    /// Hands every chunk to `sink`, which may make the sender wait, and returns the size in bytes.
    pub async fn pour<F>(&mut self, mut sink: F) -> Result<u64, Error>
    where
        F: AsyncFnMut(Bytes) -> Result<(), Error>,
    {
        while let Some(chunk) = self.chunk().await? {
            sink(chunk).await?;
        }
        Ok(self.size)
    }

    /// Bytes received so far.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Self {
        Refusal::unreadable().into()
    }
}

/// A body that, when it is dropped unread, is read to its end elsewhere: closing the connection while a browser is
/// still sending would make it show its own error instead of our page.
struct Drained(Option<BodyDataStream>);

impl Drained {
    fn new(body: Body) -> Self {
        Self(Some(body.into_data_stream()))
    }
}

impl Stream for Drained {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = &mut self.0 else { return Poll::Ready(None) };
        let next = Pin::new(stream).poll_next(task);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        next
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let (Some(mut stream), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        runtime.spawn(timeout(DRAIN_TIME, async move {
            let mut size = 0;
            while let Some(Ok(chunk)) = stream.next().await {
                size += chunk.len();
                if size > DRAIN_LIMIT {
                    break;
                }
            }
        }));
    }
}
