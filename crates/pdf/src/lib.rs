#![doc = include_str!("../README.md")]

pub mod added;
pub mod aside;
pub mod forge;
pub mod paper;
pub mod poppler;
pub mod read;
pub mod seal;
