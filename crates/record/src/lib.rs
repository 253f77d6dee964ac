#![doc = include_str!("../README.md")]

pub mod act;
pub mod actor;
pub mod authority;
pub mod day;
pub mod event;
pub mod fiscal;
pub mod id;
pub mod message;
pub mod part;
