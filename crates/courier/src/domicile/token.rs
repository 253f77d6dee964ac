//! How we are let in: a statement of ours, signed, against a token that is good for some minutes.

use std::fmt;

use plico_card::jws::{Header, signed, to_sign};
use plico_signature::seal::RsaKey;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{DomicileError, LONGEST, Moment, json as parsed, refused, short};
use crate::http::{Answer, Http};

/// A token is not used in its last seconds (milliseconds).
const MARGIN_MS: i64 = 30_000;
/// How long our statement is good (seconds).
const GOOD_FOR: i64 = 120;
/// The longest that a token is believed to last, whatever is said of it (seconds).
const MOST_SECONDS: i64 = 3_600;

/// With what we sign.
pub struct Signs {
    /// Our name with whoever gives tokens.
    pub client: String,
    /// Our key.
    pub key: RsaKey,
}

/// What a statement says, and to whom it is shown.
pub enum Claims {
    /// The national data platform (OAuth 2.0, client assertion; RFC 7523): a voucher for one purpose.
    Pdnd {
        /// The key's name there.
        kid: String,
        /// Whom the statement is for.
        audience: String,
        /// The purpose that was declared for the register.
        purpose: String,
    },
    /// InfoCamere: the statement is the whole request, and its certificate comes with it.
    InfoCamere {
        /// Whom the statement is for.
        audience: String,
        /// The certificate, DER in base64.
        certificate: String,
        /// What the token is asked for.
        scope: String,
    },
}

/// Tokens for one register.
pub struct Tokens {
    /// Where they are given.
    pub url: String,
    /// With what we sign.
    pub signs: Signs,
    /// What we say.
    pub claims: Claims,
    /// The client to ask with.
    pub http: Http,
    /// The one at hand, and until when.
    held: Mutex<Option<(String, i64)>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Tokens {
    /// None at hand yet.
    pub fn new(url: String, signs: Signs, claims: Claims, http: Http) -> Self {
        Self { url, signs, claims, http, held: Mutex::new(None) }
    }

    /// A token: the one at hand while it lasts.
    pub async fn token(&self, moment: &Moment) -> Result<String, DomicileError> {
        let mut held = self.held.lock().await;
        if let Some((token, _)) = held.as_ref().filter(|(_, until)| moment.now_ms < until - MARGIN_MS) {
            return Ok(token.clone());
        }
        *held = None;
        let (token, seconds) = self.fetch(moment).await?;
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(DomicileError::Garbage("a token that is none"));
        }
        *held = Some((token.clone(), moment.now_ms + seconds.clamp(0, MOST_SECONDS) * 1000));
        Ok(token)
    }

    /// A new one in the place of one that was said to be no good: what came with it was not looked at, and may be asked once more.
    pub async fn renewed(&self, moment: &Moment) -> Result<String, DomicileError> {
        *self.held.lock().await = None;
        self.token(&Moment { once: format!("{}-2", moment.once), ..moment.clone() }).await
    }

    fn statement(&self, moment: &Moment) -> Result<String, DomicileError> {
        let now = moment.now_ms / 1000;
        let client = &self.signs.client;
        let mut content = json!({
            "iss": client, "sub": client, "jti": moment.once, "iat": now, "exp": now + GOOD_FOR,
        });
        let mut header = Header { alg: "RS256".into(), typ: "JWT".into(), ..Header::default() };
        match &self.claims {
            Claims::Pdnd { kid, audience, purpose } => {
                header.kid = Some(kid.clone());
                content["aud"] = json!(audience);
                content["purposeId"] = json!(purpose);
            }
            Claims::InfoCamere { audience, certificate, scope } => {
                header.x5c = vec![certificate.clone()];
                content["aud"] = json!(audience);
                content["scope"] = json!(scope);
            }
        }
        let text = to_sign(&header, &content);
        let signature = self.signs.key.sign(text.as_bytes());
        let signature = signature.map_err(|_| DomicileError::Client("our key does not sign".into()))?;
        Ok(signed(&text, &signature))
    }

    async fn fetch(&self, moment: &Moment) -> Result<(String, i64), DomicileError> {
        let statement = self.statement(moment)?;
        match &self.claims {
            Claims::Pdnd { .. } => {
                let body = form_urlencoded::Serializer::new(String::new())
                    .append_pair("grant_type", "client_credentials")
                    .append_pair("client_id", &self.signs.client)
                    .append_pair(
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                    )
                    .append_pair("client_assertion", &statement)
                    .finish();
                let kind = "application/x-www-form-urlencoded";
                let answer = self.http.post(&self.url, kind, body.into_bytes(), LONGEST).await?;
                if answer.status != 200 {
                    return Err(not_admitted(&answer));
                }
                let said = parsed(&answer)?;
                let token = said.get("access_token").and_then(Value::as_str).unwrap_or_default();
                let seconds = said.get("expires_in").and_then(Value::as_i64).unwrap_or_default();
                Ok((token.to_owned(), seconds))
            }
            Claims::InfoCamere { .. } => {
                let answer =
                    self.http.post(&self.url, "application/json", statement.into_bytes(), LONGEST).await?;
                if answer.status != 200 {
                    return Err(not_admitted(&answer));
                }
                // Bare, or as a JSON text.
                let text = String::from_utf8_lossy(&answer.body).trim().trim_matches('"').to_owned();
                Ok((text, 300))
            }
        }
    }
}

/// Whoever gives tokens says 400 as well when he does not know us.
fn not_admitted(answer: &Answer) -> DomicileError {
    match refused(answer) {
        DomicileError::Refused(words) => DomicileError::Client(short(&words)),
        other => other,
    }
}
