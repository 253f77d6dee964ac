//! A mailbox over IMAP (RFC 9051, RFC 3501): what is new in a folder, its raw bytes, waiting, putting away.
//!
//! Exactly once is the caller's, who knows what he has: by `Message-ID`, or the provider's `identificativo`. Here nothing is
//! moved before he says so, and nothing is marked ever. When the folder's `UIDVALIDITY` changes, everything is new again.

use std::time::Duration;

use async_imap::extensions::idle::IdleResponse;
use async_imap::{Client, Session};
use futures_util::TryStreamExt as _;
use native_tls::{Certificate, TlsConnector};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::email::Security;

/// How a folder is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is ours: what was taken in is moved away.
    Own,
    /// Somebody else reads it too: it is opened for reading alone, and no flag changes.
    Observe,
}

/// Which server, and whose mailbox.
#[derive(Clone)]
pub struct MailboxSettings {
    /// The server's name; its certificate must bear it.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// How the way there is protected.
    pub security: Security,
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
    /// A certificate authority of one's own, in PEM, beside those of the system.
    pub authority_pem: Option<Vec<u8>>,
    /// For each step.
    pub timeout: Duration,
    /// Largest message that is fetched, in bytes.
    pub largest: u32,
}

impl std::fmt::Debug for MailboxSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailboxSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// How far a folder was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The folder's `UIDVALIDITY`.
    pub validity: u32,
    /// The last UID that was seen.
    pub last_uid: u32,
}

/// A message that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its UID.
    pub uid: u32,
    /// Its size as the server says.
    pub size: u32,
}

/// What is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The folder's `UIDVALIDITY`: with the last UID that the caller has kept it is the next [`Mark`].
    pub validity: u32,
    /// The UIDs mean something else than before: everything is listed, and the caller recognises what he has.
    pub started_over: bool,
    /// In the order of UIDs.
    pub messages: Vec<Found>,
}

/// Why a mailbox could not be read.
#[derive(Debug, Error)]
pub enum MailboxError {
    /// TLS cannot be set up: the authority is no certificate.
    #[error("TLS cannot be set up for the mailbox")]
    Settings(#[source] native_tls::Error),
    /// No connection.
    #[error("the mailbox's server cannot be reached")]
    Unreachable(#[source] std::io::Error),
    /// No protected connection.
    #[error("no protected connection to the mailbox's server")]
    Tls(#[source] native_tls::Error),
    /// The user name or password is wrong.
    #[error("the mailbox's server does not accept our credentials")]
    Credentials,
    /// It did not answer in time.
    #[error("the mailbox's server took too long")]
    TooLong,
    /// It said no, or nothing sensible.
    #[error("no conversation with the mailbox's server")]
    Protocol(#[source] async_imap::error::Error),
    /// It does not say how long its UIDs are valid, without which nothing can be recognised.
    #[error("the mailbox's server gives no UIDVALIDITY")]
    NoValidity,
    /// The message is larger than what is taken.
    #[error("the message has {0} bytes, more than is taken")]
    TooLarge(u32),
    /// The message is gone: somebody else moved it.
    #[error("the message is no longer there")]
    Gone,
    /// The folder is only observed.
    #[error("the mailbox is only observed: nothing in it is moved")]
    Observed,
    /// The server can neither move nor expunge one message alone.
    #[error("the mailbox's server can neither move messages (MOVE) nor expunge single ones (UIDPLUS)")]
    CannotMove,
    /// The connection is gone.
    #[error("the connection to the mailbox is closed")]
    Closed,
}

trait Line: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Line for T {}
type Wire = Box<dyn Line>;

/// A folder that is open.
#[derive(Debug)]
pub struct Mailbox {
    session: Option<Session<Wire>>,
    mode: Mode,
    validity: u32,
    timeout: Duration,
    largest: u32,
}

impl Mailbox {
    /// Connects, signs in and opens a folder.
    pub async fn open(settings: &MailboxSettings, folder: &str, mode: Mode) -> Result<Self, MailboxError> {
        let timeout = settings.timeout;
        let mut session = within(timeout, sign_in(settings)).await?;
        let opened = within(timeout, async {
            match mode {
                Mode::Own => session.select(folder).await,
                Mode::Observe => session.examine(folder).await,
            }
            .map_err(MailboxError::Protocol)
        });
        let validity = opened.await?.uid_validity.ok_or(MailboxError::NoValidity)?;
        Ok(Self { session: Some(session), mode, validity, timeout, largest: settings.largest })
    }

    /// What has come since; everything when there is no mark, or it is from before the UIDs changed.
    pub async fn since(&mut self, mark: Option<Mark>) -> Result<News, MailboxError> {
        let known = mark.filter(|mark| mark.validity == self.validity);
        let last = known.map_or(0, |mark| mark.last_uid);
        let (validity, timeout) = (self.validity, self.timeout);
        let session = self.session()?;
        let messages = within(timeout, async {
            let range = format!("{}:*", last.saturating_add(1));
            let all = session.uid_fetch(range, "(UID RFC822.SIZE)").await.map_err(MailboxError::Protocol)?;
            let all: Vec<_> = all.try_collect().await.map_err(MailboxError::Protocol)?;
            let found = all.iter().filter_map(|one| Some(Found { uid: one.uid?, size: one.size? }));
            // `n:*` is also the last message when its UID is below n (RFC 3501 §6.4.8).
            let mut found: Vec<Found> = found.filter(|one| one.uid > last).collect();
            found.sort_by_key(|one| one.uid);
            Ok(found)
        });
        let messages = messages.await?;
        Ok(News { validity, started_over: mark.is_some() && known.is_none(), messages })
    }

    /// The bytes of a message as they lie there; no flag changes.
    pub async fn fetch(&mut self, found: Found) -> Result<Vec<u8>, MailboxError> {
        if found.size > self.largest {
            return Err(MailboxError::TooLarge(found.size));
        }
        let (largest, timeout) = (self.largest, self.timeout * 10);
        let session = self.session()?;
        let fetched = within(timeout, async {
            let all = session.uid_fetch(found.uid.to_string(), "(UID BODY.PEEK[])").await;
            let all: Vec<_> =
                all.map_err(MailboxError::Protocol)?.try_collect().await.map_err(MailboxError::Protocol)?;
            let one = all.iter().find(|one| one.uid == Some(found.uid));
            Ok(one.and_then(|one| one.body()).map(<[u8]>::to_vec))
        });
        let bytes = fetched.await?.ok_or(MailboxError::Gone)?;
        match u32::try_from(bytes.len()) {
            Ok(size) if size <= largest => Ok(bytes),
            size => Err(MailboxError::TooLarge(size.unwrap_or(u32::MAX))),
        }
    }

    /// Waits until something comes (IDLE, RFC 2177), so long at most; whether something came. A server wants to hear of us
    /// every 29 minutes.
    pub async fn wait(&mut self, longest: Duration) -> Result<bool, MailboxError> {
        let session = self.session.take().ok_or(MailboxError::Closed)?;
        let mut idle = session.idle();
        within(self.timeout, async { idle.init().await.map_err(MailboxError::Protocol) }).await?;
        let (news, _stop) = idle.wait_with_timeout(longest);
        let response = news.await.map_err(MailboxError::Protocol)?;
        let done = within(self.timeout, async { idle.done().await.map_err(MailboxError::Protocol) });
        self.session = Some(done.await?);
        Ok(matches!(response, IdleResponse::NewData(_)))
    }

    /// Moves a message that was taken in, after the caller has kept it.
    pub async fn put_away(&mut self, uid: u32, folder: &str) -> Result<(), MailboxError> {
        if self.mode == Mode::Observe {
            return Err(MailboxError::Observed);
        }
        let timeout = self.timeout;
        let session = self.session()?;
        within(timeout, async {
            let able = session.capabilities().await.map_err(MailboxError::Protocol)?;
            let uid = uid.to_string();
            if able.has_str("MOVE") {
                return session.uid_mv(&uid, folder).await.map_err(MailboxError::Protocol);
            }
            if !able.has_str("UIDPLUS") {
                return Err(MailboxError::CannotMove);
            }
            session.uid_copy(&uid, folder).await.map_err(MailboxError::Protocol)?;
            let marked = session.uid_store(&uid, "+FLAGS.SILENT (\\Deleted)").await;
            let marked: Result<Vec<_>, _> = marked.map_err(MailboxError::Protocol)?.try_collect().await;
            marked.map_err(MailboxError::Protocol)?;
            let gone = session.uid_expunge(&uid).await.map_err(MailboxError::Protocol)?;
            let gone: Result<Vec<_>, _> = gone.try_collect().await;
            gone.map(drop).map_err(MailboxError::Protocol)
        })
        .await
    }

    /// Whether messages can be moved here one by one.
    pub async fn may_move(&mut self) -> Result<(), MailboxError> {
        let timeout = self.timeout;
        let session = self.session()?;
        let able = async { session.capabilities().await.map_err(MailboxError::Protocol) };
        let able = within(timeout, able).await?;
        if able.has_str("MOVE") || able.has_str("UIDPLUS") { Ok(()) } else { Err(MailboxError::CannotMove) }
    }

    /// Makes a folder, unless it is there.
    pub async fn make_folder(&mut self, folder: &str) -> Result<(), MailboxError> {
        let timeout = self.timeout;
        let session = self.session()?;
        within(timeout, async {
            let there = session.list(None, Some(folder)).await.map_err(MailboxError::Protocol)?;
            let there: Vec<_> = there.try_collect().await.map_err(MailboxError::Protocol)?;
            if there.is_empty() {
                session.create(folder).await.map_err(MailboxError::Protocol)?;
            }
            Ok(())
        })
        .await
    }

    fn session(&mut self) -> Result<&mut Session<Wire>, MailboxError> {
        self.session.as_mut().ok_or(MailboxError::Closed)
    }
}

async fn within<T>(
    timeout: Duration,
    work: impl Future<Output = Result<T, MailboxError>>,
) -> Result<T, MailboxError> {
    tokio::time::timeout(timeout, work).await.unwrap_or(Err(MailboxError::TooLong))
}

async fn sign_in(settings: &MailboxSettings) -> Result<Session<Wire>, MailboxError> {
    let address = (settings.host.as_str(), settings.port);
    let tcp = TcpStream::connect(address).await.map_err(MailboxError::Unreachable)?;
    let greeted = |error| MailboxError::Protocol(async_imap::error::Error::Io(error));
    let client = match settings.security {
        Security::Tls => {
            let mut client = Client::new(protected(settings, tcp).await?);
            client.read_response().await.map_err(greeted)?;
            client
        }
        Security::None => {
            let mut client = Client::new(Box::new(tcp) as Wire);
            client.read_response().await.map_err(greeted)?;
            client
        }
        Security::StartTls => {
            let mut client = Client::new(tcp);
            client.read_response().await.map_err(greeted)?;
            let asked = client.run_command_and_check_ok("STARTTLS", None).await;
            asked.map_err(MailboxError::Protocol)?;
            Client::new(protected(settings, client.into_inner()).await?)
        }
    };
    let signed_in = client.login(&settings.user, &settings.password).await;
    signed_in.map_err(|(error, _)| match error {
        async_imap::error::Error::No(_) => MailboxError::Credentials,
        error => MailboxError::Protocol(error),
    })
}

async fn protected(settings: &MailboxSettings, tcp: TcpStream) -> Result<Wire, MailboxError> {
    let mut builder = TlsConnector::builder();
    if let Some(pem) = &settings.authority_pem {
        builder.add_root_certificate(Certificate::from_pem(pem).map_err(MailboxError::Settings)?);
    }
    let connector = tokio_native_tls::TlsConnector::from(builder.build().map_err(MailboxError::Settings)?);
    let line = connector.connect(&settings.host, tcp).await.map_err(MailboxError::Tls)?;
    Ok(Box::new(line))
}
