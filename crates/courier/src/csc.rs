//! Signatures made at a distance: a provider keeps the keys of people, who authorise each signature with what he sent them
//! (Cloud Signature Consortium API 2.0; the numbers below are its sections). What is signed never leaves the house: a digest does.
//!
//! Nothing here is kept, and no PIN, code or token of a provider stands in a message or an error.

pub mod simulator;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::channel::one_line;
use crate::http::{Answer, Http, HttpError};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 256 * 1024;
/// The most credentials of one person that are looked at.
const MOST: usize = 20;
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
/// RSA PKCS#1 with SHA-256, RSA, ECDSA with SHA-256: what we can use, and how a provider may name it.
const RSA: [&str; 2] = ["1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"];
const ECDSA: [&str; 2] = ["1.2.840.10045.4.3.2", "1.2.840.10045.2.1"];

/// Where a provider is, and as whom we ask.
#[derive(Clone)]
pub struct Provider {
    /// His name, shown to people.
    pub name: String,
    /// Address of his API, up to and with the version (`https://…/csc/v2`).
    pub url: String,
    /// Address of his tokens (OAuth 2.0, client credentials); empty: `<url>/oauth2/token`.
    pub token_url: String,
    /// Our name with him.
    pub client: String,
    /// Our secret with him.
    pub secret: String,
    /// The client to ask with.
    pub http: Http,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("name", &self.name).field("url", &self.url).finish_non_exhaustive()
    }
}

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub enum CscError {
    /// He could not be asked, or his answer was lost.
    #[error("the provider of remote signatures does not answer")]
    Http(#[from] HttpError),
    /// He does not let us in.
    #[error("the provider of remote signatures does not accept this installation: {0}")]
    Client(String),
    /// The one-time code is wrong, or used.
    #[error("the one-time code was not accepted")]
    Otp,
    /// The PIN is wrong.
    #[error("the PIN was not accepted")]
    Pin,
    /// The authorisation ended before the signature.
    #[error("the authorisation has ended")]
    Expired,
    /// There is no such credential, or it may not be used.
    #[error("the credential is unknown, or not enabled")]
    Credential,
    /// He failed: whether he signed is not known.
    #[error("the provider of remote signatures failed ({0})")]
    Failed(u16),
    /// Anything else that he said.
    #[error("the provider of remote signatures refused: {0}")]
    Refused(String),
    /// He answered what nobody understands.
    #[error("the provider of remote signatures answered something else than the API says: {0}")]
    Garbage(&'static str),
}

/// A key that a provider keeps for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its identifier.
    pub id: String,
    /// Certificates in DER, the key's own first.
    pub certificates: Vec<Vec<u8>>,
    /// What it signs with, as an identifier of an algorithm.
    pub algorithm: String,
    /// Whether a PIN is asked.
    pub pin: bool,
    /// Whether a one-time code is asked.
    pub otp: bool,
    /// The object whose challenge the provider sends when he is asked, where he does.
    pub challenge: Option<String>,
}

/// What somebody typed to authorise one signature.
#[derive(Clone, Default)]
pub struct Typed {
    /// PIN; may be empty.
    pub pin: String,
    /// One-time code; may be empty.
    pub otp: String,
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

/// A token of ours with a provider, for one conversation.
#[derive(Clone)]
pub struct Admitted(String);

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admitted")
    }
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(rename = "credentialIDs")]
    credential_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Info {
    key: InfoKey,
    cert: InfoCert,
    #[serde(default)]
    auth: InfoAuth,
}

#[derive(Deserialize)]
struct InfoKey {
    status: String,
    algo: Vec<String>,
}

#[derive(Deserialize)]
struct InfoCert {
    #[serde(default)]
    status: String,
    certificates: Vec<String>,
}

#[derive(Deserialize, Default)]
struct InfoAuth {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    objects: Vec<AuthObject>,
}

#[derive(Deserialize)]
struct AuthObject {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    id: String,
}

#[derive(Deserialize)]
struct Authorized {
    #[serde(rename = "SAD")]
    sad: String,
}

#[derive(Deserialize)]
struct Signed {
    signatures: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wrong {
    error: String,
    error_description: String,
}

impl Provider {
    /// Lets us in (§8.3): OAuth 2.0 with the installation's own credentials.
    pub async fn admitted(&self) -> Result<Admitted, CscError> {
        let url = match self.token_url.as_str() {
            "" => format!("{}/oauth2/token", self.url.trim_end_matches('/')),
            url => url.to_owned(),
        };
        let basic = STANDARD.encode(format!("{}:{}", self.client, self.secret));
        let basic = format!("Basic {basic}");
        let headers = [
            ("authorization", basic.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "application/json"),
        ];
        let body = b"grant_type=client_credentials&scope=service".to_vec();
        let answer = self.http.exchange("POST", &url, &headers, body, LONGEST).await?;
        match answer.status {
            200 => Ok(Admitted(read::<Token>(&answer, "token")?.access_token)),
            status @ 500.. => Err(CscError::Failed(status)),
            status => Err(CscError::Client(status.to_string())),
        }
    }

    async fn ask<T: for<'a> Deserialize<'a>>(
        &self,
        token: &Admitted,
        what: &'static str,
        body: &Value,
    ) -> Result<T, CscError> {
        let url = format!("{}/{what}", self.url.trim_end_matches('/'));
        let bearer = format!("Bearer {}", token.0);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let answer =
            self.http.exchange("POST", &url, &headers, body.to_string().into_bytes(), LONGEST).await?;
        match answer.status {
            200 => read(&answer, what),
            // A question without an answer of its own.
            204 => serde_json::from_str("null").map_err(|_| CscError::Garbage(what)),
            401 => Err(CscError::Client("401".into())),
            400..=499 => Err(refused(&answer)),
            status => Err(CscError::Failed(status)),
        }
    }

    /// The credentials of somebody whom the provider knows under this name (§11.4).
    pub async fn credentials(&self, token: &Admitted, user: &str) -> Result<Vec<String>, CscError> {
        let body = json!({"userID": user, "maxResults": MOST});
        let listed: Listed = self.ask(token, "credentials/list", &body).await?;
        Ok(listed.credential_ids.into_iter().filter(|id| is_name(id)).take(MOST).collect())
    }

    /// What is known of a credential (§11.5).
    pub async fn credential(&self, token: &Admitted, id: &str) -> Result<Credential, CscError> {
        if !is_name(id) {
            return Err(CscError::Credential);
        }
        let body = json!({"credentialID": id, "certificates": "chain", "certInfo": true, "authInfo": true});
        let info: Info = self.ask(token, "credentials/info", &body).await?;
        let usable = info.key.status == "enabled" && ["", "valid"].contains(&info.cert.status.as_str());
        if !usable || info.auth.mode == "oauth2code" {
            return Err(CscError::Credential);
        }
        let certificates = info.cert.certificates.iter().map(|text| STANDARD.decode(text));
        let certificates: Vec<Vec<u8>> =
            certificates.collect::<Result<_, _>>().map_err(|_| CscError::Garbage("credentials/info"))?;
        let known = |oid: &&String| RSA.contains(&oid.as_str()) || ECDSA.contains(&oid.as_str());
        let algorithm = info.key.algo.iter().find(known).cloned().ok_or(CscError::Credential)?;
        let has = |id: &str| info.auth.objects.iter().any(|object| object.id.eq_ignore_ascii_case(id));
        let challenge = info.auth.objects.iter().find(|object| object.kind == "ChallengeResponse");
        Ok(Credential {
            id: id.to_owned(),
            certificates,
            algorithm,
            pin: has("PIN"),
            otp: has("OTP"),
            challenge: challenge.map(|object| object.id.clone()),
        })
    }

    /// Has the provider send somebody a code, where he does so when asked (§11.10).
    pub async fn challenge(&self, token: &Admitted, credential: &Credential) -> Result<(), CscError> {
        let Some(object) = &credential.challenge else { return Ok(()) };
        let body = json!({"credentialID": credential.id, "authObjectId": object});
        self.ask::<Value>(token, "credentials/getChallenge", &body).await.map(|_| ())
    }

    /// Signs one SHA-256 (§11.6 and §11.11): authorised for this digest alone, and with what was typed.
    pub async fn sign(
        &self,
        token: &Admitted,
        credential: &Credential,
        typed: &Typed,
        sha256: &[u8; 32],
    ) -> Result<Vec<u8>, CscError> {
        let digest = STANDARD.encode(sha256);
        let data = [("PIN", &typed.pin), ("OTP", &typed.otp)];
        let data: Vec<Value> = data
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(id, value)| json!({"id": id, "value": value}))
            .collect();
        let body = json!({
            "credentialID": credential.id, "numSignatures": 1, "hashes": [digest],
            "hashAlgorithmOID": SHA256, "authData": data,
        });
        let given: Authorized = self.ask(token, "credentials/authorize", &body).await?;
        let body = json!({
            "credentialID": credential.id, "SAD": given.sad, "hashes": [digest],
            "hashAlgorithmOID": SHA256, "signAlgo": credential.algorithm, "operationMode": "S",
        });
        let signed: Signed = self.ask(token, "signatures/signHash", &body).await?;
        let [signature] = &signed.signatures[..] else {
            return Err(CscError::Garbage("signatures/signHash"));
        };
        STANDARD.decode(signature).map_err(|_| CscError::Garbage("signatures/signHash"))
    }
}

/// Identifiers are ours to send on: nothing that could be anything else.
fn is_name(id: &str) -> bool {
    !id.is_empty() && id.len() <= 200 && id.chars().all(|c| c.is_ascii_graphic())
}

fn read<T: for<'a> Deserialize<'a>>(answer: &Answer, what: &'static str) -> Result<T, CscError> {
    serde_json::from_slice(&answer.body).map_err(|_| CscError::Garbage(what))
}

/// What an error means (§10.1). What a provider wrote is cut, and never what was typed.
fn refused(answer: &Answer) -> CscError {
    let wrong: Wrong = serde_json::from_slice(&answer.body).unwrap_or_default();
    match wrong.error.as_str() {
        "invalid_otp" => CscError::Otp,
        "invalid_pin" => CscError::Pin,
        "sad_expired" | "invalid_sad" | "expired_token" => CscError::Expired,
        "invalid_request" if wrong.error_description.contains("SAD") => CscError::Expired,
        "invalid_request" if wrong.error_description.contains("credentialID") => CscError::Credential,
        "invalid_request" if wrong.error_description.contains("OTP") => CscError::Otp,
        "invalid_request" if wrong.error_description.contains("PIN") => CscError::Pin,
        _ => CscError::Refused(one_line(&format!("{} {}", wrong.error, wrong.error_description), 200)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(body: &str) -> CscError {
        refused(&Answer { status: 400, media_type: String::new(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn what_providers_say_is_understood() {
        assert!(matches!(said(r#"{"error":"invalid_otp"}"#), CscError::Otp));
        assert!(matches!(said(r#"{"error":"invalid_pin"}"#), CscError::Pin));
        let expired = r#"{"error":"invalid_request","error_description":"The SAD has expired"}"#;
        assert!(matches!(said(expired), CscError::Expired));
        let unknown = r#"{"error":"invalid_request","error_description":"Invalid parameter credentialID"}"#;
        assert!(matches!(said(unknown), CscError::Credential));
        assert!(matches!(said("<html>"), CscError::Refused(_)));
        assert!(is_name("CRED-1") && !is_name("a b") && !is_name("") && !is_name("à"));
        let typed = Typed { pin: "4711".into(), otp: "123456".into() };
        assert_eq!(format!("{typed:?} {:?}", Admitted("geheim".into())), "Typed Admitted");
    }

    proptest! {
        #[test]
        fn no_answer_panics(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let answer = Answer { status: 200, media_type: String::new(), body };
            let _ = (read::<Info>(&answer, "x"), read::<Listed>(&answer, "x"), refused(&answer));
        }
    }
}
