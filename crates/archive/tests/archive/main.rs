//! The archive over the real engine, in a temporary folder, with a fixed clock and seeded randomness.

mod continuity;
mod ground;
mod rebuild;
mod register;
mod tamper;
mod writing;
