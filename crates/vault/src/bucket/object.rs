//! An object on its way out: read front to back in windows, so that a reader who goes on costs few requests and one who
//! looks at a piece costs little more than that.

use super::{Bucket, SIGNED_FOR, TRIES};
use crate::{Reading, VaultError};
use bytes::{Buf as _, Bytes};
use reqwest::Response;
use reqwest::header::CONTENT_RANGE;
use rusty_s3::S3Action as _;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of the first window; each one that follows is twice as long.
const FIRST: u64 = 512 * 1024;
const LONGEST: u64 = 16 << 20;

/// An object, open.
pub(crate) struct Object {
    bucket: Arc<Bucket>,
    key: String,
    size: u64,
    coming: Mutex<Coming>,
}

/// What was asked for and not read yet.
struct Coming {
    answer: Option<Response>,
    left: Bytes,
    at: u64,
    window: u64,
}

impl Object {
    pub(super) fn open(bucket: Arc<Bucket>, key: String) -> Result<Self, VaultError> {
        let (size, answer) = window(&bucket, &key, 0, FIRST)?;
        let coming = Coming { answer, left: Bytes::new(), at: 0, window: FIRST };
        Ok(Self { bucket, key, size, coming: Mutex::new(coming) })
    }

    /// The next bytes at `coming.at`; none when the answer ended or broke.
    fn next(coming: &mut Coming) -> Option<Bytes> {
        let answer = coming.answer.as_mut()?;
        // A connection that breaks is taken up again where it broke.
        let piece = Bucket::wait(answer.chunk()).ok().flatten();
        if piece.is_none() {
            coming.answer = None;
        }
        piece
    }

    fn ask_on(&self, coming: &mut Coming, wanted: u64) -> Result<(), VaultError> {
        let length = coming.window.max(wanted);
        coming.window = (coming.window * 2).min(LONGEST);
        let (size, answer) = window(&self.bucket, &self.key, coming.at, length)?;
        if size != self.size {
            return Err(VaultError::Store { why: format!("{} changed while it was read", self.key) });
        }
        coming.answer = answer;
        Ok(())
    }
}

impl Reading for Object {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        if coming.at != offset {
            *coming = Coming { answer: None, left: Bytes::new(), at: offset, window: FIRST };
        }
        let wanted = (buffer.len() as u64).min(self.size.saturating_sub(offset)) as usize;
        let (mut done, mut barren) = (0, 0);
        while done < wanted {
            if coming.left.is_empty() {
                match Self::next(&mut coming) {
                    Some(piece) => (coming.left, barren) = (piece, 0),
                    None if barren < TRIES => {
                        barren += 1;
                        self.ask_on(&mut coming, (wanted - done) as u64).map_err(io::Error::other)?;
                    }
                    None => {
                        let why = format!("{} breaks off at {}", self.key, coming.at);
                        return Err(io::Error::other(VaultError::Store { why }));
                    }
                }
                continue;
            }
            let count = coming.left.len().min(wanted - done);
            coming.left.copy_to_slice(&mut buffer[done..done + count]);
            coming.at += count as u64;
            done += count;
        }
        Ok(done)
    }
}

/// Asks for a piece of an object; answers how long all of it is. Nothing comes of an empty one.
fn window(bucket: &Bucket, key: &str, from: u64, length: u64) -> Result<(u64, Option<Response>), VaultError> {
    let action = bucket.s3.get_object(Some(&bucket.credentials), key);
    let range = format!("bytes={from}-{}", from + length - 1);
    let request = || bucket.client.get(action.sign(SIGNED_FOR)).header("range", &range);
    let answer = Bucket::wait(bucket.ask(TRIES, &request, &[200, 206, 404, 416]))?;
    let total = answer.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let total = total.and_then(|value| value.rsplit('/').next()?.parse().ok());
    match (answer.status().as_u16(), total) {
        (206, Some(size)) => Ok((size, Some(answer))),
        // Nothing there: the object is empty.
        (416, _) if from == 0 => Ok((0, None)),
        (404, _) => Err(missing(bucket, key, answer)),
        _ => Err(VaultError::Store { why: "it does not give pieces of objects (Range)".into() }),
    }
}

/// No object is one thing, no bucket another.
fn missing(bucket: &Bucket, key: &str, answer: Response) -> VaultError {
    match Bucket::wait(super::refused(answer)) {
        VaultError::Store { why } if why.contains("NoSuchBucket") => {
            bucket.note(Some(why.clone()));
            VaultError::Store { why }
        }
        _ => VaultError::Missing { path: PathBuf::from(key) },
    }
}
