//! What a reader at the office sees of a PDF without having it in the browser: pictures of its pages. A PDF in signed
//! envelopes is shown as the one inside.

use plico_archive::read::message::DocumentRow;
use plico_pdf::poppler::{self, PopplerError};
use plico_record::actor::Actor;
use plico_signature::source::Memory;
use tokio::sync::Semaphore;

use crate::open::Download;
use crate::refusal::fault;
use crate::{Desk, Outcome};

/// Pages that are drawn at a time, for everybody.
static DRAWING: Semaphore = Semaphore::const_new(2);
/// How wide a picture is: sharp in half of a desk's screen.
const WIDTH: u32 = 1100;

/// Why a document is not shown, in words of the catalogues: `preview-none-<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotShown {
    /// Larger than what is drawn.
    TooLarge,
    /// No PDF, damaged, protected by a password, or too much for the limits.
    Unreadable,
    /// The machine has no program that draws.
    NoProgram,
}

impl NotShown {
    pub(crate) fn of(error: PopplerError) -> Self {
        match error {
            PopplerError::TooLarge => Self::TooLarge,
            PopplerError::Unreadable => Self::Unreadable,
            PopplerError::Missing(why) => {
                tracing::warn!(%why, "pages cannot be drawn");
                Self::NoProgram
            }
        }
    }

    /// Its name in the catalogues.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "large",
            Self::Unreadable => "unreadable",
            Self::NoProgram => "program",
        }
    }
}

impl Desk {
    /// How many pages there are of a document that the actor may read.
    pub async fn pages(&self, actor: &Actor, id: &str) -> Outcome<(DocumentRow, Result<usize, NotShown>)> {
        self.drawn(actor, id, |pdf| {
            let found = plico_pdf::aside::inspect(pdf).map_err(|_| NotShown::Unreadable)?;
            if found.pages == 0 || found.needs_password { Err(NotShown::Unreadable) } else { Ok(found.pages) }
        })
        .await
    }

    /// One of its pages, counted from 1, as PNG.
    pub async fn page(
        &self,
        actor: &Actor,
        id: &str,
        number: u32,
    ) -> Outcome<(DocumentRow, Result<Vec<u8>, NotShown>)> {
        self.drawn(actor, id, move |pdf| poppler::page(pdf, number, WIDTH).map_err(NotShown::of)).await
    }

    pub(crate) async fn drawn<T: Send + 'static>(
        &self,
        actor: &Actor,
        id: &str,
        draw: impl FnOnce(&[u8]) -> Result<T, NotShown> + Send + 'static,
    ) -> Outcome<(DocumentRow, Result<T, NotShown>)> {
        let (document, reader) = self.document(actor, id, Download::ByPerson).await?;
        if reader.size() > poppler::LARGEST_FILE as u64 {
            return Ok((document, Err(NotShown::TooLarge)));
        }
        let turn = DRAWING.acquire().await.map_err(fault)?;
        let bytes = reader.read_all(poppler::LARGEST_FILE as u64).await.map_err(fault)?;
        let drawn = tokio::task::spawn_blocking(move || {
            // Held until it is drawn, even when whoever asked went away.
            let _turn = turn;
            let mut inner = Vec::new();
            // What is in no envelope is what it is.
            if bytes.starts_with(b"%PDF")
                || plico_signature::extract(&mut Memory(&bytes), true, &mut inner).is_err()
            {
                inner = bytes;
            }
            draw(&inner)
        });
        Ok((document, drawn.await.map_err(fault)?))
    }
}
