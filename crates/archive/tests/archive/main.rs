//! The archive over the real engine, in a temporary folder, with a fixed clock and seeded randomness.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod adversary;
mod clock;
mod continuity;
mod destruction;
mod ground;
mod keys;
mod nodes;
mod places;
mod power;
mod rebuild;
mod register;
mod sealed;
mod succession;
mod tamper;
mod token;
mod writing;
