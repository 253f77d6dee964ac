//! The one integration binary: one link instead of thirty.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod api;
mod architecture;
mod backup;
mod beside;
mod card;
mod certificate;
mod citizen;
mod clock;
mod counter;
mod daily;
mod delegation;
mod destruction;
mod dialect;
mod disk;
mod dossier;
mod engine;
mod fault;
mod fetch;
mod flips;
mod keys;
mod kill;
mod log;
mod matrix;
mod mirror;
mod nodes;
mod notice;
mod order;
mod outage;
mod presign;
mod publiccode;
mod receipt;
mod seal;
mod shell;
mod signature;
mod signing;
mod staff;
mod store;
mod support;
mod sweep;
mod verdict;
mod verify;
mod visitor;
mod vouch;
mod witness;
