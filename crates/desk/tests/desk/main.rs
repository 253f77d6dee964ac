//! The desk over a real archive: journeys, borders, receipts.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod borders;
mod filing;
mod ground;
mod holders;
mod office;
mod receipts;
mod succession;
