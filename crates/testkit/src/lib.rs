#![doc = include_str!("../README.md")]

pub mod clamd;
pub mod smtp;
