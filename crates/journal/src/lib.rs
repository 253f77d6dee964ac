#![doc = include_str!("../README.md")]

pub mod bundle;
pub mod checkpoint;
pub mod leaf;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
pub mod witness;

mod text;

pub use checkpoint::Checkpoint;
pub use leaf::Leaf;
pub use merkle::Hash;
pub use note::{Note, VerifierKey};
pub use policy::Policy;
pub use proof::Proof;
