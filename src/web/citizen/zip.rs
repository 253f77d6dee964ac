//! A whole message as one zip, written while it is sent: nothing waits in memory or on disk.

use std::io::{self, Read};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use plico_desk::Actor;
use plico_desk::open::{By, Download};
use plico_package::PackError;
use plico_package::bundle::Bundle;
use plico_vault::BlobReader;
use tokio::sync::mpsc;

use crate::app::App;
use crate::http::{Context, Error, Form, Path, Refusal};
use crate::web::confirm::Yes;
use crate::web::download::{Sink, WAITING, headers, piped};

/// A file of the bundle.
struct Entry {
    folder: &'static str,
    name: String,
    reader: BlobReader,
}

/// `GET /messaggi/{id}/tutto.zip`, of what is opened.
pub async fn download(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    bundle(&app, &actor, &id).await
}

/// `POST /messaggi/{id}/tutto.zip`: takes everything at once, which opens the delivery.
pub async fn open(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Form(Yes {}): Form<Yes>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    if let Some(delivery) = app.desk.own_delivery(&actor, &id).await? {
        app.desk.open_delivery(&actor, &delivery.id, By::Zip).await?;
    }
    bundle(&app, &actor, &id).await
}

/// What the actor may read of a message, streamed.
pub async fn bundle(app: &App, actor: &Actor, id: &str) -> Result<Response, Error> {
    let view = app.desk.message(actor, id).await?;
    if !view.content {
        return Err(Refusal::new(axum::http::StatusCode::FORBIDDEN, "not-opened").into());
    }
    let mut entries = Vec::new();
    for row in view.documents.iter().filter(|row| !row.sealed && row.withdrawn_ms.is_none()) {
        let (row, reader) = app.desk.document(actor, &row.id, Download::ByPerson).await?;
        entries.push(Entry { folder: "", name: row.name, reader });
    }
    for row in &view.receipts {
        let (row, reader) = app.desk.receipt(actor, &row.id).await?;
        entries.push(Entry { folder: "ricevute", name: row.name, reader });
    }
    let number = view.message.registration_number().unwrap_or_else(|| view.message.id.clone());
    let name = format!("messaggio-{}.zip", number.replace('/', "-"));
    let (sink, body) = piped();
    let (files, feed) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let parts = entries.iter().map(|entry| (entry.folder, entry.name.clone())).collect();
    // One task reads and opens the files, one blocking thread packs them, the connection takes what is packed. Each
    // waits for the next one; when the visitor goes away all of them end.
    tokio::spawn(async move {
        for entry in entries {
            let mut content = Box::pin(entry.reader.stream());
            while let Some(piece) = content.next().await {
                let failed = piece.is_err();
                if files.send(piece.map_err(io::Error::other)).await.is_err() || failed {
                    return;
                }
            }
            // The end of a file is an empty piece.
            if files.send(Ok(Bytes::new())).await.is_err() {
                return;
            }
        }
    });
    tokio::task::spawn_blocking(move || {
        let failed = sink.clone();
        if let Err(error) = pack(parts, feed, sink) {
            tracing::warn!("a bundle was not finished: {error}");
            failed.break_off(io::Error::other(error));
        }
    });
    Ok((headers(&name, "application/zip"), body).into_response())
}

fn pack(
    parts: Vec<(&'static str, String)>,
    feed: mpsc::Receiver<io::Result<Bytes>>,
    sink: Sink,
) -> Result<(), PackError> {
    let mut bundle = Bundle::new(sink);
    let mut source = Source { feed, piece: Bytes::new() };
    for (folder, name) in parts {
        bundle.add(folder, &name, &mut source)?;
    }
    bundle.finish().map(drop)
}

/// The files, one after the other: each ends once.
struct Source {
    feed: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            self.piece = self.feed.blocking_recv().unwrap_or_else(|| {
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the files ended early"))
            })?;
        }
        let count = self.piece.len().min(out.len());
        self.piece.copy_to_slice(&mut out[..count]);
        Ok(count)
    }
}
