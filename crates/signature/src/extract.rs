//! Taking the document out of its envelopes.

use std::io;

use crate::base64::Base64;
use crate::ber::BerError;
use crate::envelope::Envelope;
use crate::inspect::MAX_LAYERS;
use crate::sniff::{self, Kind};
use crate::source::{Pieces, Source, take};

/// Why a content could not be taken out.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// Reading or writing failed.
    #[error("the content could not be copied")]
    Io(#[from] io::Error),
    /// The file is not an envelope with a content.
    #[error("there is no content in this envelope")]
    NoContent,
    /// The envelope cannot be read.
    #[error("the envelope is damaged")]
    Damaged(#[source] BerError),
}

/// Copies the document out of its envelopes: all of them, or only the outer one. Says how many bytes.
pub fn extract(
    source: &mut dyn Source,
    innermost: bool,
    out: &mut dyn io::Write,
) -> Result<u64, ExtractError> {
    extract_layer(source, if innermost { MAX_LAYERS } else { 1 }, out)
}

fn extract_layer(
    source: &mut dyn Source,
    layers: usize,
    out: &mut dyn io::Write,
) -> Result<u64, ExtractError> {
    match sniff::kind(source)? {
        Kind::Cms => unwrap(source, layers, out),
        Kind::Text64(at, _) => {
            let mut decoded = Base64::new(source, at)?;
            let head = take(&mut decoded, 0, 64)?;
            if sniff::cms(&head) != Some(Kind::Cms) {
                return Err(ExtractError::NoContent);
            }
            unwrap(&mut decoded, layers, out)
        }
        _ => Err(ExtractError::NoContent),
    }
}

fn unwrap(source: &mut dyn Source, layers: usize, out: &mut dyn io::Write) -> Result<u64, ExtractError> {
    let envelope = Envelope::read(source).map_err(|error| match error {
        BerError::Io(error) => ExtractError::Io(error),
        error => ExtractError::Damaged(error),
    })?;
    let ranges = envelope.content.ok_or(ExtractError::NoContent)?;
    let mut content = Pieces::new(source, &ranges);
    if layers > 1 {
        match extract_layer(&mut content, layers - 1, out) {
            Err(ExtractError::NoContent | ExtractError::Damaged(_)) => {}
            done => return done,
        }
    }
    let mut buffer = vec![0; 256 * 1024];
    let mut at = 0;
    loop {
        let read = content.fill_at(at, &mut buffer)?;
        if read == 0 {
            return Ok(at);
        }
        out.write_all(&buffer[..read])?;
        at += read as u64;
    }
}
