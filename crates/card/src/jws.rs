//! JSON web signatures (RFC 7515), compact, as browsers check them by themselves.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What stands before the content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Algorithm: `ES256`, `RS256`.
    pub alg: String,
    /// What it is.
    pub typ: String,
    /// Which key signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The certificate of who signed and those above it, DER in base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub x5c: Vec<String>,
}

impl Header {
    /// With certificates, that of who signs first.
    #[must_use]
    pub fn with_chain(self, chain: &[Vec<u8>]) -> Self {
        Self { x5c: chain.iter().map(|der| STANDARD.encode(der)).collect(), ..self }
    }
}

/// Header and content, before they are signed.
pub fn to_sign(header: &Header, content: &impl Serialize) -> String {
    let part =
        |json: Result<Vec<u8>, _>| BASE64URL.encode(json.unwrap_or_else(|_: serde_json::Error| Vec::new()));
    format!("{}.{}", part(serde_json::to_vec(header)), part(serde_json::to_vec(content)))
}

/// The whole.
pub fn signed(to_sign: &str, signature: &[u8]) -> String {
    format!("{to_sign}.{}", BASE64URL.encode(signature))
}

/// One that was read; nobody has checked its signature.
#[derive(Clone, Debug)]
pub struct Read<T> {
    /// What stands before the content.
    pub header: Header,
    /// The content.
    pub content: T,
    /// What was signed.
    pub signed: String,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Reads one of this type.
pub fn read<T: DeserializeOwned>(text: &str, typ: &str) -> Option<Read<T>> {
    let (signed, signature) = text.trim().rsplit_once('.')?;
    let (header, content) = signed.split_once('.')?;
    let header: Header = serde_json::from_slice(&BASE64URL.decode(header).ok()?).ok()?;
    if header.typ != typ {
        return None;
    }
    Some(Read {
        header,
        content: serde_json::from_slice(&BASE64URL.decode(content).ok()?).ok()?,
        signed: signed.to_owned(),
        signature: BASE64URL.decode(signature).ok()?,
    })
}
