#![doc = include_str!("../README.md")]

pub mod clamd;
pub mod http;
pub mod real;
pub mod registry;
pub mod smtp;
