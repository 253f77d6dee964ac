#![doc = include_str!("../README.md")]

mod catalogue;
mod embedded;
mod lang;
mod moment;
mod size;

pub use catalogue::{Arg, Args, Catalogue, CatalogueError, TextError};
pub use lang::Lang;
