//! Certified mail (PEC, RFC 6109): what a provider's messages say, whether its signature holds, and what became of ours.

pub mod correlate;
pub mod daticert;
pub mod read;
pub mod send;
pub mod simulator;
pub mod verify;

pub use correlate::{Outcome, Sending, State};
pub use daticert::{Daticert, DaticertError, Fault, Kind, Recipient};
pub use read::{Attachment, Bounce, Content, Incoming, ReadError, Registry, What, read};
pub use send::{File, Post, Sender, SubmitError};
pub use verify::{Providers, Seal, Signer};
