#![doc = include_str!("../README.md")]

pub mod clamd;
pub mod real;
pub mod smtp;
