#![doc = include_str!("../README.md")]

pub mod agid;
mod dates;
pub mod dime;
pub mod docarea;
pub mod exchange;
pub mod host;
pub mod infor;
pub mod iride;
pub mod multipart;
pub mod order;
pub mod packing;
pub mod pitre;
pub mod progress;
pub mod seam;
pub mod sicraweb;
pub mod simulator;
pub mod soap;
pub mod system;
pub mod wire;

pub use order::{Abilities, Correspondent, File, Finding, Flow, Numbered, Order, SoFar, Step, Way, next};
pub use seam::{Contents, Found, Read, Registry, Trouble};
pub use system::{OpenError, System, open};
pub use wire::{Access, Exchange, Talk, Twin};
