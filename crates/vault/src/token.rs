//! Keys that no file holds: in a PKCS#11 token (a hardware module or a smart card), which seals and opens small secrets with
//! AES-256, signs ([`signing`]), and never hands a key out. Once a key is destroyed there, no copy of anything opens what it sealed.
//!
//! The token's own module, a shared library in C, is loaded into this process. Calls block.

mod signing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use plico_crypto::digest::sha256;
use zeroize::Zeroizing;

pub use signing::TokenKey;

const VERSION: u8 = 1;
/// Bytes of the nonce that a caller brings for each secret.
pub const NONCE: usize = 12;
const TAG: usize = 16;

/// Where the token is, and what it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    /// The token's PKCS#11 module.
    pub module: PathBuf,
    /// Its label or serial number.
    pub token: String,
    /// File with the user's PIN.
    pub pin_file: PathBuf,
}

/// Why the token did not do as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The module is not there, or is none.
    #[error("the PKCS#11 module {} cannot be loaded: correct `module`", .0.display())]
    Module(PathBuf, #[source] Error),
    /// No slot holds such a token.
    #[error("no token has the label or serial number {0:?}: connect it, or correct `token`")]
    Absent(String),
    /// More than one does.
    #[error("several tokens are called {0:?}: name its serial number in `token`")]
    Several(String),
    /// The file with the PIN cannot be read.
    #[error("the PIN cannot be read from {}: correct `pin_file`", .0.display())]
    PinFile(PathBuf, #[source] std::io::Error),
    /// The PIN is wrong.
    #[error(
        "the token refuses the PIN; it was tried once and is not tried again, because tokens lock: correct `pin_file`, then start again"
    )]
    Pin,
    /// One more wrong PIN would lock it.
    #[error(
        "the token would lock at the next wrong PIN, so it was not tried: sign in with the token's own tool, which resets the count"
    )]
    LastTry,
    /// It is locked.
    #[error("the token is locked after wrong PINs: its security officer must set a new one")]
    Locked,
    /// The token has no such key.
    #[error(
        "the token holds no key {0}: it was destroyed and this is an older copy of the key file, or the token is another one"
    )]
    Missing(String),
    /// The token has no such private key.
    #[error("the token holds no private key called {0:?}: correct its name")]
    NoSigningKey(String),
    /// It has more than one.
    #[error("the token holds several keys {0}")]
    Ambiguous(String),
    /// Altered, or sealed under another key or another name.
    #[error("what the token sealed does not open: altered, or another key")]
    Refused,
    /// Anything else that it says.
    #[error("the token does not answer as it should: see that it is connected")]
    Device(#[from] Error),
}

/// A token in which we are signed in.
pub struct Token {
    session: Mutex<Session>,
    label: String,
    serial: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({})", self.serial)
    }
}

impl Token {
    /// Signs in, with one try.
    pub fn open(place: &TokenPlace) -> Result<Self, TokenError> {
        let context = module(&place.module)?;
        let (slot, info) = find(&context, &place.token)?;
        if info.user_pin_locked() {
            return Err(TokenError::Locked);
        }
        if info.user_pin_final_try() {
            return Err(TokenError::LastTry);
        }
        let pin = std::fs::read_to_string(&place.pin_file).map(Zeroizing::new);
        let pin = pin.map_err(|source| TokenError::PinFile(place.pin_file.clone(), source))?;
        let pin = pin.strip_suffix('\n').unwrap_or(&pin);
        let session = context.open_rw_session(slot)?;
        match session.login(UserType::User, Some(&pin.into())) {
            // Another session of this process did.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(Error::Pkcs11(
                RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange | RvError::PinExpired,
                _,
            )) => return Err(TokenError::Pin),
            Err(Error::Pkcs11(RvError::PinLocked, _)) => return Err(TokenError::Locked),
            Err(error) => return Err(error.into()),
        }
        let (label, serial) = (info.label().trim().to_owned(), info.serial_number().trim().to_owned());
        Ok(Self { session: Mutex::new(session), label, serial })
    }

    /// Its label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Its serial number.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Seals a secret under the key of this name, which is made if there is none. The nonce must be random.
    pub fn seal(&self, name: &str, mut nonce: [u8; NONCE], secret: &[u8]) -> Result<Vec<u8>, TokenError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let key = match key(&session, name)? {
            Some(key) => key,
            None => make(&session, name)?,
        };
        let prefix = [&[VERSION][..], &nonce].concat();
        let gcm = Mechanism::AesGcm(GcmParams::new(&mut nonce, name.as_bytes(), (8 * TAG as u64).into())?);
        let sealed = session.encrypt(&gcm, key, secret)?;
        Ok([prefix, sealed].concat())
    }

    /// Opens what [`Token::seal`] made under this name.
    pub fn unseal(&self, name: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, TokenError> {
        let (version, rest) = sealed.split_first().ok_or(TokenError::Refused)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(TokenError::Refused)?;
        if *version != VERSION || rest.len() < TAG {
            return Err(TokenError::Refused);
        }
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(&session, name)?.ok_or_else(|| TokenError::Missing(name.to_owned()))?;
        let mut nonce = *nonce;
        let gcm = Mechanism::AesGcm(GcmParams::new(&mut nonce, name.as_bytes(), (8 * TAG as u64).into())?);
        match session.decrypt(&gcm, key, rest) {
            Ok(secret) => Ok(Zeroizing::new(secret)),
            // Tokens do not agree on how they say it.
            Err(Error::Pkcs11(
                RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::SignatureInvalid
                | RvError::GeneralError
                | RvError::FunctionFailed,
                _,
            )) => Err(TokenError::Refused),
            Err(error) => Err(error.into()),
        }
    }

    /// Destroys the key of this name; answers whether there was one.
    pub fn destroy(&self, name: &str) -> Result<bool, TokenError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(found) = key(&session, name)? else { return Ok(false) };
        session.destroy_object(found)?;
        Ok(true)
    }
}

/// The module at a path, begun. It stays loaded as long as the process: what it began in threads of its own, or registered for
/// the end of the process, must not lose its code.
fn module(path: &Path) -> Result<Pkcs11, TokenError> {
    static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(context) = loaded.get(path) {
        return Ok(context.clone());
    }
    let wrong = |source| TokenError::Module(path.to_owned(), source);
    let context = Pkcs11::new(path).map_err(wrong)?;
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // By another name.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(wrong(error)),
    }
    loaded.insert(path.to_owned(), context.clone());
    Ok(context)
}

fn find(context: &Pkcs11, wanted: &str) -> Result<(Slot, TokenInfo), TokenError> {
    let mut found = None;
    for slot in context.get_slots_with_token()? {
        // One that cannot be asked is not the one that is meant, or will be missed below.
        let Ok(info) = context.get_token_info(slot) else { continue };
        if info.label().trim() == wanted || info.serial_number().trim() == wanted {
            if found.is_some() {
                return Err(TokenError::Several(wanted.to_owned()));
            }
            found = Some((slot, info));
        }
    }
    found.ok_or_else(|| TokenError::Absent(wanted.to_owned()))
}

/// By what a key is found: labels are shown to people, and tokens cut them.
fn identifier(name: &str) -> Vec<u8> {
    sha256(&[b"plico/token/v1", name.as_bytes()].concat()).to_vec()
}

fn key(session: &Session, name: &str) -> Result<Option<ObjectHandle>, TokenError> {
    let wanted =
        [Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Token(true), Attribute::Id(identifier(name))];
    match session.find_objects(&wanted)?[..] {
        [] => Ok(None),
        [key] => Ok(Some(key)),
        _ => Err(TokenError::Ambiguous(name.to_owned())),
    }
}

fn make(session: &Session, name: &str) -> Result<ObjectHandle, TokenError> {
    let label: Vec<u8> = format!("plico {name}").into_bytes();
    Ok(session.generate_key(
        &Mechanism::AesKeyGen,
        &[
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::ValueLen(32.into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Modifiable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Label(label),
            Attribute::Id(identifier(name)),
        ],
    )?)
}
