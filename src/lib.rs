//! Plico, the application: configuration, command line and web server around the crates that do the work.
//!
//! Start reading at [`cli`], which is what `main` calls; `ARCHITECTURE.md` has the map.

pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domiciles;
pub mod fetch;
pub mod http;
pub mod mailboxes;
pub mod mirror;
pub mod peers;
pub mod preserver;
pub mod registries;
pub mod remote;
pub mod seal;
pub mod trust;
mod unlock;
pub mod vouchers;
pub mod wallets;
pub mod web;
pub mod witness;
pub mod work;
