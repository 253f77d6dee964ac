//! The web server without any page: what every request passes through, and what pages are made with.
//!
//! A request goes: [`server`] (connection, time-outs) → compression → [`request`] (id, language, session, origin
//! check; afterwards security headers, problem pages, metrics, access log) → the page. A page takes its input with the
//! extractors here ([`Form`], [`Query`], [`Path`], [`Upload`]; axum's own are refused by clippy), answers with
//! [`Shell::page`], and returns [`Error`] when it cannot.

pub mod assets;
pub mod cookie;
pub mod csrf;
pub mod error;
pub mod form;
pub mod headers;
pub mod health;
pub mod limiter;
pub mod log;
pub mod login;
pub mod metrics;
pub mod multipart;
pub mod origin;
pub mod path;
mod problem;
pub mod query;
pub mod render;
pub mod request;
pub mod resume;
pub mod server;
pub mod session;
pub mod shell;
pub mod upload;
pub mod visitor;

pub use error::{Error, Refusal};
pub use form::Form;
pub use path::Path;
pub use query::Query;
pub use request::Context;
pub use shell::Shell;
pub use upload::Upload;
