//! What a key file is sealed with: nothing, a passphrase, or keys in a token (docs/adr/0015). Calls block.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_crypto::DataKey;
use plico_crypto::passphrase::{Cost, PassphraseError, SALT};
use plico_crypto::{stream, wrap};
use plico_vault::{TOKEN_NONCE, Token, TokenError};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::Entropy;

/// Why a key file stays shut, or cannot be sealed as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Nobody says the passphrase.
    #[error(
        "the keys are sealed with a passphrase: name the file that holds it in `keys.passphrase_file`, or start at a terminal"
    )]
    NoPassphrase,
    /// The passphrase cannot be had.
    #[error("the passphrase cannot be read: correct `keys.passphrase_file`")]
    Unread(#[source] io::Error),
    /// It is another one.
    #[error("the passphrase does not open the keys: it is wrong, or they were altered")]
    Wrong,
    /// It cannot be used.
    #[error("the passphrase cannot be used")]
    Passphrase(#[from] PassphraseError),
    /// Nobody says where the token is.
    #[error("the keys are sealed by the token {0}: set `keys.module`, `keys.token` and `keys.pin_file`")]
    NoToken(String),
    /// The token does not do it.
    #[error("the token does not open the keys")]
    Token(#[from] TokenError),
    /// What is sealed was altered.
    #[error("the sealed keys are damaged: bring back a copy of the key file")]
    Damaged,
}

impl LockError {
    /// Whether it is for the person who started the program to mend: trying again changes nothing, and a token may lock.
    pub fn is_callers(&self) -> bool {
        use TokenError::{LastTry, Locked, Pin, PinFile, Several};
        match self {
            Self::Token(error) => matches!(error, Pin | LastTry | Locked | PinFile(..) | Several(_)),
            Self::Damaged => false,
            _ => true,
        }
    }
}

impl std::fmt::Display for Protection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Clear => f.write_str("in the clear"),
            Self::Passphrase => f.write_str("sealed with a passphrase"),
            Self::Token(label, serial) => write!(f, "sealed by the token {label} ({serial})"),
        }
    }
}

/// How the keys are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// In the clear, for whoever can read the file.
    Clear,
    /// Sealed with a passphrase.
    Passphrase,
    /// Sealed by keys in the token with this label and serial number.
    Token(String, String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kdf {
    pub(super) cost: Cost,
    pub(super) salt: [u8; SALT],
}

/// The lock as a key file says it.
#[derive(Serialize, Deserialize, Clone)]
#[serde(rename_all = "lowercase")]
pub(super) enum LockForm {
    /// A passphrase.
    Argon2id { memory_kib: u32, passes: u32, lanes: u32, salt: String },
    /// Keys in a token. Its names are for people: it may be replaced by a copy of itself.
    Token { id: String, label: String, serial: String },
}

/// Bytes under a key of their own, which the lock wraps.
#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Envelope {
    key: String,
    bytes: String,
}

/// What seals the secrets of one key file.
#[derive(Clone, Default)]
pub(crate) enum Lock {
    #[default]
    Open,
    Passphrase {
        kdf: Kdf,
        key: DataKey,
    },
    Token {
        id: String,
        token: Arc<Token>,
    },
}

impl Lock {
    pub(super) fn form(&self) -> Option<LockForm> {
        match self {
            Self::Open => None,
            Self::Passphrase { kdf: Kdf { cost, salt }, .. } => Some(LockForm::Argon2id {
                memory_kib: cost.memory_kib,
                passes: cost.passes,
                lanes: cost.lanes,
                salt: BASE64.encode(salt),
            }),
            Self::Token { id, token } => Some(LockForm::Token {
                id: id.clone(),
                label: token.label().to_owned(),
                serial: token.serial().to_owned(),
            }),
        }
    }

    pub(super) fn protection(&self) -> Protection {
        match self {
            Self::Open => Protection::Clear,
            Self::Passphrase { .. } => Protection::Passphrase,
            Self::Token { token, .. } => Protection::Token(token.label().into(), token.serial().into()),
        }
    }

    /// Seals a small secret under this name; in the clear where nothing seals.
    pub(super) fn wrap(&self, entropy: &Entropy, name: &str, secret: &[u8]) -> Result<String, LockError> {
        let wrapped = match self {
            Self::Open => secret.to_vec(),
            Self::Passphrase { key, .. } => {
                wrap::wrap(key, &mut |buffer| entropy.fill(buffer), name.as_bytes(), secret)
                    .map_err(|_| LockError::Damaged)?
            }
            Self::Token { id, token } => {
                let nonce: [u8; TOKEN_NONCE] = entropy.bytes();
                token.seal(&format!("{id}/{name}"), nonce, secret)?
            }
        };
        Ok(BASE64.encode(wrapped))
    }

    pub(super) fn unwrap(&self, name: &str, wrapped: &str) -> Result<Zeroizing<Vec<u8>>, LockError> {
        let wrapped = Zeroizing::new(BASE64.decode(wrapped).map_err(|_| LockError::Damaged)?);
        match self {
            Self::Open => Ok(wrapped),
            // Nothing tells a wrong key from an altered byte.
            Self::Passphrase { key, .. } => {
                wrap::unwrap(key, name.as_bytes(), &wrapped).map_err(|_| LockError::Wrong)
            }
            Self::Token { id, token } => Ok(token.unseal(&format!("{id}/{name}"), &wrapped)?),
        }
    }

    /// Seals many bytes.
    pub(crate) fn envelop(&self, entropy: &Entropy, name: &str, bytes: &[u8]) -> Result<Envelope, LockError> {
        let key = DataKey::new(entropy.bytes());
        let sealed = stream::seal(&key, entropy.bytes(), bytes).map_err(|_| LockError::Damaged)?;
        Ok(Envelope { key: self.wrap(entropy, name, key.expose())?, bytes: BASE64.encode(sealed) })
    }

    pub(crate) fn open(&self, name: &str, envelope: &Envelope) -> Result<Zeroizing<Vec<u8>>, LockError> {
        let key = self.unwrap(name, &envelope.key)?;
        let key: [u8; 32] = key[..].try_into().map_err(|_| LockError::Damaged)?;
        let sealed = BASE64.decode(&envelope.bytes).map_err(|_| LockError::Damaged)?;
        let opened = stream::open(&DataKey::new(key), &sealed).map_err(|_| LockError::Damaged)?;
        Ok(Zeroizing::new(opened))
    }

    /// Destroys what opens this name, where that is a key of its own: no copy of the key file opens it any more.
    pub(super) fn destroy(&self, name: &str) -> Result<bool, LockError> {
        match self {
            Self::Token { id, token } => Ok(token.destroy(&format!("{id}/{name}"))?),
            Self::Open | Self::Passphrase { .. } => Ok(false),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }
}
