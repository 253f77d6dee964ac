//! E-mail over SMTP (RFC 5321), marked as automatic (RFC 3834).

pub mod simulator;

use crate::channel::one_line;
use crate::{Channel, Notice, Receipt, SendError};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::error::Error as StdError;
use std::time::{Duration, SystemTime};
use thiserror::Error;

/// Longest text or HTML carried, in bytes each.
const LONGEST: usize = 512 * 1024;

/// How the way to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: for a server on the same machine.
    None,
    /// STARTTLS, required: a server that does not offer it gets nothing (usually port 587).
    StartTls,
    /// TLS from the first byte (usually port 465).
    Tls,
}

/// Which server, and in whose name.
#[derive(Clone)]
pub struct EmailSettings {
    /// The server's name; its certificate must bear it.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// How the way there is protected.
    pub security: Security,
    /// User name and password, if the server wants them.
    pub credentials: Option<(String, String)>,
    /// A certificate authority of one's own, in PEM, beside those of the system.
    pub authority_pem: Option<Vec<u8>>,
    /// The name shown as the sender.
    pub from_name: String,
    /// The address of the sender; its domain ends the message ids.
    pub from_address: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// The name this machine gives itself.
    pub hello_name: String,
    /// For connecting; the whole conversation takes at most six times as long.
    pub timeout: Duration,
}

impl std::fmt::Debug for EmailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let user = self.credentials.as_ref().map(|(user, _)| user);
        f.debug_struct("EmailSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("user", &user)
            .field("from_address", &self.from_address)
            .finish_non_exhaustive()
    }
}

/// Why settings cannot be used.
#[derive(Debug, Error)]
pub enum EmailSettingsError {
    /// An address is not one.
    #[error("{address:?} is not an e-mail address")]
    Address {
        /// As given.
        address: String,
    },
    /// The certificate authority, or the server's name, cannot be used.
    #[error("TLS cannot be set up for the mail server")]
    Tls(#[source] lettre::transport::smtp::Error),
}

/// The e-mail channel.
#[derive(Debug)]
pub struct Email {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    patience: Duration,
}

impl Email {
    /// A channel with these settings. Nothing is contacted yet.
    pub fn new(settings: &EmailSettings) -> Result<Self, EmailSettingsError> {
        let address = |text: &str| {
            text.parse::<Address>().map_err(|_| EmailSettingsError::Address { address: text.to_owned() })
        };
        let name = Some(one_line(&settings.from_name, 100)).filter(|name| !name.trim().is_empty());
        let from = Mailbox::new(name, address(&settings.from_address)?);
        let reply_to = settings.reply_to.as_deref().map(address).transpose()?;
        Ok(Self {
            transport: transport(settings)?,
            from,
            reply_to: reply_to.map(|address| Mailbox::new(None, address)),
            patience: settings.timeout * 6,
        })
    }

    /// Says hello to the server, signs in if need be, and goes: for the status page and the button "test".
    pub async fn test(&self) -> Result<(), SendError> {
        match tokio::time::timeout(self.patience, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(temporary("the mail server does not answer as one", None)),
            Ok(Err(error)) => Err(refused(error)),
            Err(_) => Err(temporary("the mail server took too long", None)),
        }
    }

    /// The message id that a notice has or would have.
    pub fn message_id(&self, id: &str) -> String {
        format!("<{id}@{}>", self.from.email.domain())
    }

    fn message(&self, notice: &Notice) -> Result<Message, SendError> {
        let id = &notice.id;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
            return Err(permanent("the notice has no usable id", None));
        }
        if notice.text.len().max(notice.html.as_ref().map_or(0, String::len)) > LONGEST {
            return Err(permanent("the notice is too long", None));
        }
        let to: Address = notice
            .to
            .parse()
            .map_err(|error| permanent("the recipient has no valid address", Some(Box::new(error))))?;
        let date = SystemTime::UNIX_EPOCH + Duration::from_millis(notice.instant_ms.max(0).unsigned_abs());
        let language: String = notice.language.chars().filter(|c| plain(*c)).take(20).collect();
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&notice.subject, 250))
            .date(date)
            .message_id(Some(self.message_id(id)))
            // Programs should not answer programs.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .raw_header(header("Content-Language", &language));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        let part = |kind, text: &str| SinglePart::builder().header(kind).body(text.to_owned());
        let text = part(ContentType::TEXT_PLAIN, &notice.text);
        let message = match &notice.html {
            None => builder.singlepart(text),
            // The boundary comes from the id, so that a retry sends the same bytes.
            Some(html) => builder.multipart(
                MultiPart::alternative()
                    .boundary(format!("=_{id}"))
                    .build()
                    .singlepart(text)
                    .singlepart(part(ContentType::TEXT_HTML, html)),
            ),
        };
        message.map_err(|error| permanent("the notice cannot be written as a message", Some(Box::new(error))))
    }
}

#[async_trait::async_trait]
impl Channel for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    async fn send(&self, notice: &Notice) -> Result<Receipt, SendError> {
        let message = self.message(notice)?;
        // If the answer is lost or late, the message may have been taken: the same id goes out again.
        let sent = tokio::time::timeout(self.patience, self.transport.send(message)).await;
        let response = sent
            .map_err(|error| temporary("the mail server took too long", Some(Box::new(error))))?
            .map_err(refused)?;
        let answer: Vec<&str> = response.message().collect();
        let answer = one_line(&format!("{} {}", response.code(), answer.join(" ")), 500);
        Ok(Receipt { reference: self.message_id(&notice.id), answer })
    }
}

/// The way to the server. Nothing is contacted yet.
pub(crate) fn transport(
    settings: &EmailSettings,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, EmailSettingsError> {
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
        .port(settings.port)
        .hello_name(ClientId::Domain(settings.hello_name.clone()))
        .timeout(Some(settings.timeout))
        .tls(tls(settings).map_err(EmailSettingsError::Tls)?);
    if let Some((user, password)) = &settings.credentials {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.build())
}

fn tls(settings: &EmailSettings) -> Result<Tls, lettre::transport::smtp::Error> {
    if settings.security == Security::None {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.authority_pem {
        parameters = parameters.add_root_certificate(Certificate::from_pem(pem)?);
    }
    let parameters = parameters.build()?;
    Ok(match settings.security {
        Security::StartTls => Tls::Required(parameters),
        _ => Tls::Wrapper(parameters),
    })
}

/// What an error means for the notice. A refused sign-in is our own settings' fault, not the recipient's: it is
/// temporary, though no retry helps before somebody mends them.
pub(crate) fn refused(error: lettre::transport::smtp::Error) -> SendError {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    let ours = matches!(code.as_str(), "530" | "534" | "535" | "538");
    if error.is_permanent() && !ours {
        return permanent(&format!("the mail server refused it ({code})"), Some(Box::new(error)));
    }
    let reason = if ours {
        "the mail server does not accept our credentials".to_owned()
    } else if error.is_transient() {
        format!("the mail server asks to try later ({code})")
    } else if error.is_timeout() {
        "the mail server took too long".to_owned()
    } else if error.is_tls() {
        "no protected connection to the mail server".to_owned()
    } else {
        "no conversation with the mail server".to_owned()
    };
    temporary(&reason, Some(Box::new(error)))
}

pub(crate) fn temporary(reason: &str, source: Option<Box<dyn StdError + Send + Sync>>) -> SendError {
    SendError::Temporary { reason: reason.to_owned(), source }
}

pub(crate) fn permanent(reason: &str, source: Option<Box<dyn StdError + Send + Sync>>) -> SendError {
    SendError::Permanent { reason: reason.to_owned(), source }
}

pub(crate) fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
