//! With what the body signs and seals.

use std::path::PathBuf;

use super::Secret;
use super::key::section;

section! {
    /// The key that seals what the body issues: docs/operations.md.
    Seal at "seal." {
        /// PKCS#12 or PEM file with key and certificate, read at each start; without it and without `seal.module` the seal is that of the key file, which `init` makes and which is not qualified.
        file: Path Option<PathBuf> = None;
        /// Its password. `file:PATH` reads it from a file.
        password: Text Secret = Secret::default();
        /// PKCS#11 module of the token that keeps the key instead, a shared library that its maker provides.
        module: Path Option<PathBuf> = None;
        /// Label or serial number of the token.
        token: Text String = String::new();
        /// File that holds the PIN of the token's user.
        pin_file: Path Option<PathBuf> = None;
        /// Label of the private key in the token.
        key: Text String = String::new();
        /// Certificates in PEM: the key's own where the token does not keep it, and those above it.
        certificates: Path Option<PathBuf> = None;
        /// Certificates in PEM that sealed before: they stay in the policy that this installation publishes.
        earlier: Path Option<PathBuf> = None;
        /// Whether the authority of `evidence.timestamp_url` stamps each seal (level T). It may ask a price for each.
        timestamps: Switch bool = true;
        /// Days before the certificate's end from which the administrator is told.
        warn_days: Number u32 = 60;
    }
}

section! {
    /// How letters are signed.
    Signing at "signing." {
        /// File (TOML) that describes the provider of remote signatures (Cloud Signature Consortium API 2.0): docs/operations.md; empty = officers sign with their own tool, or with the seal.
        remote: Path Option<PathBuf> = None;
    }
}

section! {
    /// Cards for the wallets of telephones: docs/operations.md.
    Wallet at "wallet." {
        /// PKCS#12 file with the body's Pass Type ID certificate of Apple; empty = no passes for Apple's wallet.
        apple: Path Option<PathBuf> = None;
        /// Its password. `file:PATH` reads it from a file.
        apple_password: Text Secret = Secret::default();
        /// Certificate of Apple's intermediate authority (WWDR) in PEM, where the file does not hold it.
        apple_authority: Path Option<PathBuf> = None;
        /// Key file (JSON) of the service account that may issue for Google Wallet; empty = no links.
        google: Path Option<PathBuf> = None;
        /// Number of the issuer with Google.
        google_issuer: Text String = String::new();
    }
}
