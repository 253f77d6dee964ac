//! Asking a witness for its cosignature (C2SP tlog-witness, `add-checkpoint`).

pub mod simulator;

use plico_journal::note::VerifierKey;
use plico_journal::witness::{AnswerError, Cosignature, Request, read_answer};

use crate::channel::one_line;
use crate::http::{Http, HttpError};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// What a witness answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Its cosignature, checked.
    Cosigned(Cosignature),
    /// It has cosigned another size, this one: ask again from there (409).
    OtherSize(u64),
    /// It does not know the log (404).
    UnknownLog,
    /// It does not know the key that signed (403).
    Unsigned,
    /// It does not see that the tree it knows is the beginning of this one (422).
    Inconsistent,
    /// Another status, with the beginning of what it said.
    Refused(u16, String),
}

/// Why there is no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// There is none.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It says 200 and is not the cosignature.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

/// Shows a checkpoint to the witness at `url`, which is the prefix that policies name. `now_s`: seconds since 1970.
pub async fn add_checkpoint(
    http: &Http,
    url: &str,
    key: &VerifierKey,
    request: &Request,
    now_s: i64,
) -> Result<Answered, WitnessError> {
    let address = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let body = request.to_string().into_bytes();
    let answer = http.post(&address, "text/plain; charset=utf-8", body, LONGEST).await?;
    let text = String::from_utf8_lossy(&answer.body);
    Ok(match answer.status {
        200 => Answered::Cosigned(read_answer(&request.note, key, &answer.body, now_s)?),
        // Only with the specification's media type is a 409 about the size.
        409 if answer.media_type == "text/x.tlog.size" => match text.trim_end_matches('\n').parse() {
            Ok(size) => Answered::OtherSize(size),
            Err(_) => Answered::Refused(409, one_line(&text, 200)),
        },
        404 => Answered::UnknownLog,
        403 => Answered::Unsigned,
        422 => Answered::Inconsistent,
        status => Answered::Refused(status, one_line(&text, 200)),
    })
}
