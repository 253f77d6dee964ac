#![doc = include_str!("../README.md")]

pub mod digest;
pub mod ed25519;
pub mod keyholder;
pub mod p256;
pub mod passphrase;
pub mod password;
pub mod secret;
pub mod sign;
pub mod stream;
pub mod totp;
pub mod verify;
pub mod wrap;

pub use digest::Digest;
pub use keyholder::KeyHolder;
pub use secret::DataKey;
