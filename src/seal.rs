//! The body's seal as the configuration names it: a PKCS#12 or PEM file, or a key in a token; and who stamps what it seals.

use std::path::Path;
use std::sync::Arc;

use plico_archive::Clock;
use plico_desk::seal::{Ask, Open, Unusable};
use plico_signature::{SealError, Sealer};
use plico_vault::{Token, TokenError, TokenPlace};
use tokio::runtime::Handle;

use crate::config::{Config, Seal};
use crate::vouchers::Vouchers;
use crate::work::describe;

/// Why the seal cannot be used. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SealFileError {
    /// A file cannot be read.
    #[error("{0} cannot be read: correct `[seal]` in the configuration")]
    Unreadable(String, #[source] std::io::Error),
    /// What it holds cannot seal.
    #[error("{0} cannot seal: correct `[seal]` in the configuration")]
    Useless(String, #[source] SealError),
    /// The token does not give the key.
    #[error("the token of `[seal]`")]
    Token(#[source] TokenError),
    /// There is no certificate to the key.
    #[error(
        "the token keeps no certificate under the key's identifier: name it in `seal.certificates` (PEM)"
    )]
    NoCertificate,
}

/// The configured seal; `None` where none is configured and that of the key file is meant.
pub fn read(config: &Seal) -> Option<Result<Sealer, SealFileError>> {
    if let (Some(module), Some(pin_file)) = (&config.module, &config.pin_file) {
        let place =
            TokenPlace { module: module.clone(), token: config.token.clone(), pin_file: pin_file.clone() };
        return Some(kept(config, &place));
    }
    config.file.as_deref().map(|file| from_file(config, file))
}

/// As [`read`], for a desk: opened when it is first needed, because a command that seals nothing must not try a PIN.
pub fn configured(config: &Seal) -> Option<Box<Open>> {
    if config.file.is_none() && config.module.is_none() {
        return None;
    }
    let config = config.clone();
    Some(Box::new(move || match read(&config) {
        Some(seal) => seal.map_err(|error| Unusable(describe(&error))),
        None => Err(Unusable("`[seal]` names no key".into())),
    }))
}

fn bytes(file: &Path) -> Result<Vec<u8>, SealFileError> {
    std::fs::read(file).map_err(|error| SealFileError::Unreadable(file.display().to_string(), error))
}

fn from_file(config: &Seal, file: &Path) -> Result<Sealer, SealFileError> {
    let useless = |error| SealFileError::Useless(file.display().to_string(), error);
    let held = bytes(file)?;
    let sealer = if held.starts_with(b"-----BEGIN") {
        Sealer::from_pem(&held, &held)
    } else {
        Sealer::from_pkcs12(&held, config.password.expose())
    };
    above(sealer.map_err(useless)?, config)
}

/// A key that the token keeps. Its PIN is tried once.
fn kept(config: &Seal, place: &TokenPlace) -> Result<Sealer, SealFileError> {
    let useless = |error| SealFileError::Useless(format!("the key {:?} of the token", config.key), error);
    let token = Arc::new(Token::open(place).map_err(SealFileError::Token)?);
    let key = token.signing_key(&config.key).map_err(SealFileError::Token)?;
    let mut certificates = key.certificates().map_err(SealFileError::Token)?;
    if certificates.is_empty() {
        let Some(file) = &config.certificates else { return Err(SealFileError::NoCertificate) };
        certificates = Sealer::certificates(&bytes(file)?).map_err(useless)?;
    }
    above(Sealer::with_key(Box::new(key), certificates).map_err(useless)?, config)
}

/// With the certificates above its own, where a file has them.
fn above(sealer: Sealer, config: &Seal) -> Result<Sealer, SealFileError> {
    let Some(file) = &config.certificates else { return Ok(sealer) };
    let chain = sealer.with_chain(&bytes(file)?);
    chain.map_err(|error| SealFileError::Useless(file.display().to_string(), error))
}

/// Certificates that sealed before, in PEM: papers of theirs stay believable.
pub fn earlier(config: &Seal) -> Result<String, SealFileError> {
    let Some(file) = &config.earlier else { return Ok(String::new()) };
    let text = String::from_utf8_lossy(&bytes(file)?).into_owned();
    Ok(text)
}

/// Asks the authority of the logs for a time stamp of each seal, where one is configured and wanted.
pub fn stamper(config: &Config, vouchers: &Arc<Vouchers>, clock: &Arc<dyn Clock>) -> Option<Box<Ask>> {
    vouchers.authority().filter(|_| config.seal.timestamps)?;
    let (vouchers, clock) = (Arc::clone(vouchers), Arc::clone(clock));
    Some(Box::new(move |sha256| {
        // Papers are sealed on threads that may block.
        let asked = Handle::try_current()?.block_on(vouchers.stamp(sha256, clock.now_ms()));
        asked.map(|(token, _)| token).map_err(|(problem, detail)| format!("{problem}: {detail}").into())
    }))
}
