//! Taking the document out of its envelopes.

use std::io;

use crate::asic;
use crate::base64::Base64;
use crate::ber::BerError;
use crate::envelope::Envelope;
use crate::inspect::MAX_LAYERS;
use crate::smime::Message;
use crate::sniff::{self, Kind};
use crate::source::{Memory, Pieces, Range, Source, take};
use crate::tsd::TimeStamped;
use crate::xades;
use crate::xml::Limits;

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

type Extracted = Result<u64, ExtractError>;

/// Copies the document out of its envelopes: all of them, or only the outer one. Says how many bytes.
pub fn extract(source: &mut dyn Source, innermost: bool, out: &mut dyn io::Write) -> Extracted {
    layer(source, if innermost { MAX_LAYERS } else { 1 }, out)
}

fn layer(source: &mut dyn Source, layers: usize, out: &mut dyn io::Write) -> Extracted {
    match sniff::kind(source)? {
        Kind::Cms => {
            let ranges = Envelope::read(source).map_err(damaged)?.content;
            pieces(source, ranges, layers, out)
        }
        Kind::TimeStamped => {
            let ranges = TimeStamped::read(source).map_err(damaged)?.content;
            pieces(source, ranges, layers, out)
        }
        Kind::Text64(at, _) => {
            let mut decoded = Base64::new(source, at)?;
            let head = take(&mut decoded, 0, 64)?;
            match sniff::cms(&head) {
                Some(Kind::Cms | Kind::TimeStamped) => layer(&mut decoded, layers, out),
                _ => Err(ExtractError::NoContent),
            }
        }
        Kind::SignedMail => {
            let message = Message::read(source)?.ok_or(ExtractError::NoContent)?;
            let mut done = Err(ExtractError::NoContent);
            // An envelope in a part is no layer of its own; a signed part is the content.
            let more = usize::from(message.is_enclosed());
            message.first.content(source, |content| {
                done = deeper(content, layers + more, out);
                Ok(())
            })?;
            done
        }
        Kind::SignedXml if source.size() <= Limits::DOCUMENT.bytes as u64 => {
            let bytes = take(source, 0, Limits::DOCUMENT.bytes)?;
            let content = xades::only_content(&bytes).ok_or(ExtractError::NoContent)?;
            deeper(&mut Memory(&content), layers, out)
        }
        Kind::Asic => {
            let content = asic::only_file(source).ok_or(ExtractError::NoContent)?;
            deeper(&mut Memory(&content), layers, out)
        }
        _ => Err(ExtractError::NoContent),
    }
}

fn damaged(error: BerError) -> ExtractError {
    match error {
        BerError::Io(error) => ExtractError::Io(error),
        error => ExtractError::Damaged(error),
    }
}

fn pieces(
    source: &mut dyn Source,
    ranges: Option<Vec<Range>>,
    layers: usize,
    out: &mut dyn io::Write,
) -> Extracted {
    let ranges = ranges.ok_or(ExtractError::NoContent)?;
    deeper(&mut Pieces::new(source, &ranges), layers, out)
}

/// A content, or what is in it when there are layers left.
fn deeper(content: &mut dyn Source, layers: usize, out: &mut dyn io::Write) -> Extracted {
    if layers > 1 {
        match layer(content, layers - 1, out) {
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
