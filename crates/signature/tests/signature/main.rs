//! What the crate says about good, bad and hostile signatures, alone and beside openssl.

#![expect(clippy::unwrap_used, reason = "the town is made outside the test functions")]

mod abuse;
mod good;
mod hostile;
mod openssl_agrees;
mod pdf;
mod sealed;
mod town;
