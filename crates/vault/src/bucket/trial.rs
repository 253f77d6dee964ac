//! What a store does and what it only says: tried out with an object of our own, which is removed again.

use super::{Bucket, Object};
use crate::blobs::There;
use crate::{Reading as _, VaultError};
use bytes::Bytes;
use plico_crypto::digest::sha256;
use std::path::Path;
use std::sync::Arc;

/// How one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works without.
    Weak,
    /// It does not work.
    Bad,
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do; empty when nothing is to be done.
    pub remedy: &'static str,
}

impl Tried {
    fn good(found: &str) -> Self {
        Self { verdict: Verdict::Good, found: found.into(), remedy: "" }
    }

    fn weak(found: impl Into<String>, remedy: &'static str) -> Self {
        Self { verdict: Verdict::Weak, found: found.into(), remedy }
    }

    fn bad(what: &str, error: &VaultError, remedy: &'static str) -> Self {
        Self { verdict: Verdict::Bad, found: format!("{what}: {error}"), remedy }
    }
}

impl Bucket {
    /// Puts, reads and removes an object, once against each of the store's promises.
    pub(crate) fn try_out(self: &Arc<Self>) -> Vec<Tried> {
        if let Err(error) = self.look() {
            return vec![Tried::bad("the bucket cannot be listed", &error, remedy(&error))];
        }
        let key = format!("{}probe-{}", self.prefix, std::process::id());
        let tried = match self.try_with(&key) {
            Ok(tried) => tried,
            Err(failed) => vec![failed],
        };
        // Whatever came of it.
        let _ = self.remove_key(&key);
        tried
    }

    fn try_with(self: &Arc<Self>, key: &str) -> Result<Vec<Tried>, Tried> {
        let (content, other) =
            (Bytes::from_static(b"a probe of plico doctor"), Bytes::from_static(b"another"));
        let put = |bytes: &Bytes, digest: [u8; 32], there| {
            self.put_whole(key, bytes, &vec![Self::checksum(&digest)], there)
        };
        put(&content, sha256(&content), There::IsReplaced)
            .map_err(|error| Tried::bad("nothing can be written", &error, remedy(&error)))?;
        let read = self.read_probe(key).map_err(|error| {
            Tried::bad("what was written cannot be read", &error, "let the user read objects of the bucket")
        })?;
        if read != content[2..] {
            let error = VaultError::Store { why: "it gives other bytes".into() };
            return Err(Tried::bad("what was written cannot be read", &error, "do not use this store"));
        }
        let mut tried = vec![Tried::good("written, and a piece of it read back")];
        tried.push(match put(&other, sha256(&other), There::Stays) {
            Ok(false) => Tried::good("what is there is not overwritten (If-None-Match)"),
            Ok(true) => Tried::weak(
                "it overwrites what is there (If-None-Match is ignored)",
                "nothing is lost by it: an object's name is its digest",
            ),
            Err(error) => Tried::bad("a conditional put fails", &error, "see the store's log"),
        });
        tried.push(match put(&content, sha256(&other), There::IsReplaced) {
            Err(VaultError::Store { .. }) => Tried::good("it compares what it gets with its digest"),
            Err(error) => Tried::bad("a put fails", &error, "see the store's log"),
            Ok(_) => Tried::weak(
                "it does not compare what it gets with its digest (x-amz-checksum-sha256)",
                "what is damaged on the way in is found by the background reading only: keep a replica",
            ),
        });
        self.remove_key(key).map_err(|error| {
            Tried::bad(
                "nothing can be removed",
                &error,
                "let the user delete objects: lawful destruction needs it",
            )
        })?;
        match self.read_probe(key) {
            Err(VaultError::Missing { .. }) => tried.push(Tried::good("removed again")),
            Err(error) => return Err(Tried::bad("what was removed is asked for", &error, remedy(&error))),
            Ok(_) => {
                let error = VaultError::Store { why: "it is still there".into() };
                return Err(Tried::bad("nothing can be removed", &error, "see the store's log"));
            }
        }
        if self.lock_days > 0 {
            tried.push(Tried::weak(
                format!("each new object is to be locked for {} days (Object Lock, COMPLIANCE)", self.lock_days),
                "not tried: it would leave an object that nobody can remove; look at one with the store's own tools",
            ));
        }
        Ok(tried)
    }

    fn read_probe(self: &Arc<Self>, key: &str) -> Result<Vec<u8>, VaultError> {
        let object = Object::open(Arc::clone(self), key.to_owned())?;
        let mut bytes = vec![0; 64];
        let count = object.read_at(&mut bytes, 2).map_err(VaultError::at(Path::new(key)))?;
        bytes.truncate(count);
        Ok(bytes)
    }
}

fn remedy(error: &VaultError) -> &'static str {
    let why = error.to_string();
    let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
    if says(&["NoSuchBucket"]) {
        "make the bucket, or correct its name"
    } else if says(&["RequestTimeTooSkewed"]) {
        "compare this machine's clock with the store's"
    } else if says(&["InvalidAccessKeyId", "SignatureDoesNotMatch", "NotSignedUp"]) {
        "correct the access key and its secret"
    } else if says(&["AccessDenied", "answers 403"]) {
        "let the user list, read, write and delete objects of the bucket"
    } else if says(&["AuthorizationHeaderMalformed", "answers 301", "answers 307"]) {
        "correct the region, or the endpoint"
    } else {
        "check the endpoint, the network and the store's certificate"
    }
}
