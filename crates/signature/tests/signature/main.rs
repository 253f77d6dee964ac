//! What the crate says about good, bad and hostile signatures, alone and beside openssl.

#![expect(clippy::unwrap_used, reason = "the town is made outside the test functions")]
#![expect(clippy::print_stderr, reason = "a comparison that was not made is said aloud")]

mod abuse;
mod archives;
mod asic;
mod changed;
mod cms_counters;
mod containers;
mod counters;
mod fixtures;
mod good;
mod hostile;
mod later;
mod lists;
mod made;
mod openssl_agrees;
mod pdf;
mod pkits;
mod records;
mod sealed;
mod timestamps;
mod town;
mod verdict;
mod xades;
mod xades_archives;
mod xml;
