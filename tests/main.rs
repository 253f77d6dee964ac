//! The one integration binary: one link instead of thirty.

mod api;
mod architecture;
mod publiccode;
mod shell;
mod support;
