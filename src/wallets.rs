//! What the body has with the makers of wallets, as the configuration names it.

use std::path::Path;

use plico_desk::card_wallet::{Apple, Google, Wallets};
use plico_signature::seal::RsaKey;
use plico_signature::{SealError, Sealer};
use serde::Deserialize;

use crate::config::Wallet;

/// Why the wallets cannot be used. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum WalletsError {
    /// A file cannot be read.
    #[error("wallet: {0} cannot be read: check the path and its permissions")]
    Unreadable(String, #[source] std::io::Error),
    /// The certificate or its key cannot sign.
    #[error("wallet: {0} cannot sign: check the file and its password")]
    Useless(String, #[source] SealError),
    /// It is not a certificate for passes.
    #[error(
        "wallet.apple: {0} is not a Pass Type ID certificate: it names no type of pass (UID) or no team (OU)"
    )]
    NoPass(String),
    /// Not a service account.
    #[error(
        "wallet.google: {0} is not the key file of a service account (JSON with client_email and private_key)"
    )]
    Account(String, #[source] serde_json::Error),
    /// The issuer is missing.
    #[error("wallet.google_issuer: give the number of the issuer, digits alone")]
    Issuer,
}

#[derive(Deserialize)]
struct Account {
    client_email: String,
    private_key: String,
}

/// The wallets of the configuration.
pub fn read(config: &Wallet) -> Result<Wallets, WalletsError> {
    let apple = config.apple.as_deref().map(|file| apple(config, file)).transpose()?;
    let google = config.google.as_deref().map(|file| google(config, file)).transpose()?;
    Ok(Wallets { apple, google })
}

fn bytes(file: &Path) -> Result<Vec<u8>, WalletsError> {
    std::fs::read(file).map_err(|error| WalletsError::Unreadable(file.display().to_string(), error))
}

fn apple(config: &Wallet, file: &Path) -> Result<Apple, WalletsError> {
    let shown = file.display().to_string();
    let useless = |error| WalletsError::Useless(shown.clone(), error);
    let mut sealer = Sealer::from_pkcs12(&bytes(file)?, config.apple_password.expose()).map_err(useless)?;
    if let Some(authority) = &config.apple_authority {
        sealer = sealer.with_chain(&bytes(authority)?).map_err(useless)?;
    }
    Apple::new(sealer).map_err(useless)?.ok_or_else(|| WalletsError::NoPass(shown.clone()))
}

fn google(config: &Wallet, file: &Path) -> Result<Google, WalletsError> {
    let shown = || file.display().to_string();
    let issuer = config.google_issuer.trim();
    if issuer.is_empty() || !issuer.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WalletsError::Issuer);
    }
    let account: Account =
        serde_json::from_slice(&bytes(file)?).map_err(|error| WalletsError::Account(shown(), error))?;
    let key = RsaKey::from_pem(account.private_key.as_bytes())
        .map_err(|error| WalletsError::Useless(shown(), error))?;
    Ok(Google { issuer: issuer.to_owned(), email: account.client_email, key })
}
