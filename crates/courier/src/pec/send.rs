//! Handing a message to a provider of certified mail, by SMTP with sign-in. Its id is ours: by it the receipts
//! find it, also when the answer to us was lost.

use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use thiserror::Error;

use super::daticert::Extent;
use crate::channel::one_line;
use crate::email::{EmailSettings, EmailSettingsError, header, permanent, refused, temporary, transport};
use crate::{Receipt, SendError};

/// Largest message, all in.
const LARGEST: usize = 100 * 1024 * 1024;

/// A file that goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A message that goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// What makes its message id: letters, digits and `-_.`, at most 64.
    pub id: String,
    /// When it was written, UTC milliseconds.
    pub instant_ms: i64,
    /// Addresses of the recipients.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// Files.
    pub files: Vec<File>,
    /// How much of it comes back with the receipt of delivery.
    pub extent: Extent,
}

/// Why nobody says that the provider has a message.
#[derive(Debug, Error)]
pub enum SubmitError {
    /// It has not: the message may go out again where that makes sense.
    #[error(transparent)]
    NotSent(#[from] SendError),
    /// The line broke, or no answer came: it may have the message. A receipt with its id tells, or a person who looks; it is
    /// never sent again blindly, since each time is a certified message of its own.
    #[error("nobody knows whether the provider has the message: its answer was lost")]
    InDoubt(#[source] Box<dyn StdError + Send + Sync>),
}

/// A mailbox at a provider, to send from.
#[derive(Debug)]
pub struct Sender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

impl Sender {
    /// With these settings. Nothing is contacted yet.
    pub fn new(settings: &EmailSettings) -> Result<Self, EmailSettingsError> {
        let address = settings.from_address.parse::<Address>();
        let address =
            address.map_err(|_| EmailSettingsError::Address { address: settings.from_address.clone() })?;
        let name = Some(one_line(&settings.from_name, 100)).filter(|name| !name.trim().is_empty());
        // A large message goes slowly; a server that stalls is left by the time-out of each step.
        let patience = settings.timeout * 30;
        Ok(Self { transport: transport(settings)?, from: Mailbox::new(name, address), patience })
    }

    /// The message id that a message has or would have.
    pub fn message_id(&self, id: &str) -> String {
        format!("<{id}@{}>", self.from.email.domain())
    }

    /// The bytes that go out: the same for the same message, so that they can be kept before they are sent.
    pub fn write(&self, post: &Post) -> Result<Vec<u8>, SendError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if post.id.is_empty() || post.id.len() > 64 || !post.id.chars().all(plain) {
            return Err(permanent("the message has no usable id", None));
        }
        let date = SystemTime::UNIX_EPOCH + Duration::from_millis(post.instant_ms.max(0).unsigned_abs());
        let extent = match post.extent {
            Extent::Complete => "completa",
            Extent::Brief => "breve",
            Extent::Synthetic => "sintetica",
        };
        let mut builder = Message::builder()
            .from(self.from.clone())
            .subject(one_line(&post.subject, 250))
            .date(date)
            .message_id(Some(self.message_id(&post.id)))
            .raw_header(header("X-TipoRicevuta", extent));
        for to in recipients(post)? {
            builder = builder.to(Mailbox::new(None, to));
        }
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(post.text.clone());
        // The boundary comes from the id, so that a retry sends the same bytes.
        let mut parts = MultiPart::mixed().boundary(format!("=_{}", post.id)).build().singlepart(text);
        for file in &post.files {
            let kind = ContentType::parse(&file.media_type);
            let kind =
                kind.map_err(|error| permanent("a file has no valid media type", Some(Box::new(error))))?;
            let name = one_line(&file.name, 200);
            parts = parts.singlepart(lettre::message::Attachment::new(name).body(file.bytes.clone(), kind));
        }
        let message = builder.multipart(parts);
        let message =
            message.map_err(|error| permanent("the message cannot be written", Some(Box::new(error))))?;
        let raw = message.formatted();
        if raw.len() > LARGEST { Err(permanent("the message is too large", None)) } else { Ok(raw) }
    }

    /// Hands over what [`Self::write`] made. The answer says that the provider has it, not that it was accepted: that is a
    /// receipt's to say.
    pub async fn send(&self, post: &Post, raw: &[u8]) -> Result<Receipt, SubmitError> {
        let envelope = Envelope::new(Some(self.from.email.clone()), recipients(post)?)
            .map_err(|error| permanent("the message has no recipient", Some(Box::new(error))))?;
        // Whatever keeps us from speaking to the server at all is found here, where it leaves no doubt.
        let spoken = tokio::time::timeout(self.patience, self.transport.test_connection()).await;
        match spoken.map_err(|error| temporary("the mail server took too long", Some(Box::new(error))))? {
            Ok(true) => {}
            Ok(false) => return Err(temporary("the mail server does not answer as one", None).into()),
            Err(error) => return Err(refused(error).into()),
        }
        let sent = tokio::time::timeout(self.patience, self.transport.send_raw(&envelope, raw)).await;
        let response = sent.map_err(|error| SubmitError::InDoubt(Box::new(error)))?.map_err(|error| {
            // Only an answer with a code, or our own client, says that it was not taken.
            let certain = error.status().is_some() || error.is_client();
            if certain { refused(error).into() } else { SubmitError::InDoubt(Box::new(error)) }
        })?;
        let answer: Vec<&str> = response.message().collect();
        let answer = one_line(&format!("{} {}", response.code(), answer.join(" ")), 500);
        Ok(Receipt { reference: self.message_id(&post.id), answer })
    }
}

/// Whether this is the address of a mailbox.
pub fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}

fn recipients(post: &Post) -> Result<Vec<Address>, SendError> {
    let all = post.to.iter().map(|to| to.parse::<Address>());
    let all = all.collect::<Result<Vec<_>, _>>();
    all.map_err(|error| permanent("a recipient has no valid address", Some(Box::new(error))))
}
