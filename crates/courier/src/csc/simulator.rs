//! A provider of remote signatures as a pure state machine: a request in, an answer or misbehaviour out. It keeps credentials,
//! the codes that it sent, what was authorised and until when; a code is good once, and locks after three wrong ones.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_signature::forge::Signer;
use serde_json::{Value, json};

/// How it misbehaves at the next signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It signs, and answers 500.
    FailsAfterSigning,
    /// It never answers.
    Stalls,
    /// It signs with somebody else's key.
    OtherKey,
    /// What it authorised ends at once.
    ExpiresAtOnce,
    /// It answers what is no signature.
    Garbage,
    /// It signs another digest than it was asked for.
    OtherDigest,
}

/// A credential, as the provider keeps it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Whose it is: the name under which it is listed.
    pub user: String,
    /// The key with its certificate.
    pub signer: Signer,
    /// Whether it may be used.
    pub enabled: bool,
    /// The PIN; empty: none is asked.
    pub pin: String,
    /// The code that was sent last, until it is used.
    sent: Option<String>,
    wrong: u32,
}

#[derive(Clone, Debug)]
struct Authorised {
    credential: String,
    digest: String,
    until_ms: i64,
}

/// The provider.
#[derive(Clone, Debug)]
pub struct Csc {
    client: String,
    secret: String,
    /// What it keeps, by its identifier.
    pub credentials: BTreeMap<String, Kept>,
    /// What it does wrong, once.
    pub fault: Option<Fault>,
    /// Who signs in another's place when it misbehaves.
    pub other: Option<Signer>,
    /// How many signatures it made.
    pub signed: usize,
    tokens: Vec<String>,
    authorised: BTreeMap<String, Authorised>,
    count: u64,
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Status and body.
    Json(u16, Value),
    /// Nothing, for ever.
    Stall,
}

/// How long what was authorised may be used (milliseconds).
const FOR_MS: i64 = 60_000;
/// Wrong codes after which a credential is locked.
const LOCKS: u32 = 3;

impl Csc {
    /// One that lets in who comes with this name and secret.
    pub fn new(client: &str, secret: &str) -> Self {
        Self {
            client: client.into(),
            secret: secret.into(),
            credentials: BTreeMap::new(),
            fault: None,
            other: None,
            signed: 0,
            tokens: Vec::new(),
            authorised: BTreeMap::new(),
            count: 0,
        }
    }

    /// Takes a key in keeping.
    pub fn keep(&mut self, id: &str, user: &str, signer: Signer, pin: &str) {
        let kept = Kept { user: user.into(), signer, enabled: true, pin: pin.into(), sent: None, wrong: 0 };
        self.credentials.insert(id.into(), kept);
    }

    /// The code on somebody's telephone.
    pub fn on_the_telephone(&self, id: &str) -> Option<String> {
        self.credentials.get(id)?.sent.clone()
    }

    /// Answers one request: its path after the version, what it says of who asks, its body.
    pub fn answer(&mut self, path: &str, authorization: &str, body: &[u8], now_ms: i64) -> Reply {
        if path == "oauth2/token" {
            return self.token(authorization, body);
        }
        let known = authorization.strip_prefix("Bearer ");
        if !known.is_some_and(|token| self.tokens.iter().any(|known| known == token)) {
            return Reply::Json(401, json!({"error": "invalid_token"}));
        }
        let Ok(asked) = serde_json::from_slice::<Value>(body) else {
            return wrong("invalid_request", "The body is not JSON");
        };
        match path {
            "credentials/list" => self.list(&asked),
            "credentials/info" => self.info(&asked),
            "credentials/getChallenge" => self.challenge(&asked),
            "credentials/authorize" => self.authorize(&asked, now_ms),
            "signatures/signHash" => self.sign(&asked, now_ms),
            _ => Reply::Json(404, json!({"error": "not_found"})),
        }
    }

    fn token(&mut self, authorization: &str, body: &[u8]) -> Reply {
        let basic = STANDARD.encode(format!("{}:{}", self.client, self.secret));
        let grant = String::from_utf8_lossy(body).contains("grant_type=client_credentials");
        if authorization != format!("Basic {basic}") || !grant {
            return Reply::Json(401, json!({"error": "invalid_client"}));
        }
        self.count += 1;
        let token = format!("token-{}", self.count);
        self.tokens.push(token.clone());
        Reply::Json(200, json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}))
    }

    fn list(&self, asked: &Value) -> Reply {
        let user = asked["userID"].as_str().unwrap_or_default();
        let ids: Vec<&String> =
            self.credentials.iter().filter(|(_, kept)| kept.user == user).map(|(id, _)| id).collect();
        Reply::Json(200, json!({"credentialIDs": ids}))
    }

    fn info(&self, asked: &Value) -> Reply {
        let Some(kept) = self.credentials.get(asked["credentialID"].as_str().unwrap_or_default()) else {
            return wrong("invalid_request", "Invalid parameter credentialID");
        };
        let chain: Vec<String> = kept.signer.chain().iter().map(|der| STANDARD.encode(der)).collect();
        let mut objects = vec![json!({"type": "ChallengeResponse", "id": "OTP", "label": "Codice"})];
        if !kept.pin.is_empty() {
            objects.push(json!({"type": "Password", "id": "PIN", "format": "N"}));
        }
        let algorithm = if kept.signer.is_rsa() { "1.2.840.113549.1.1.11" } else { "1.2.840.10045.4.3.2" };
        Reply::Json(
            200,
            json!({
                "key": {"status": if kept.enabled { "enabled" } else { "disabled" }, "algo": [algorithm], "len": 256},
                "cert": {"status": "valid", "certificates": chain},
                "auth": {"mode": "explicit", "expression": "PIN AND OTP", "objects": objects},
                "SCAL": "2", "multisign": 1,
            }),
        )
    }

    fn challenge(&mut self, asked: &Value) -> Reply {
        self.count += 1;
        let code = format!("{:06}", self.count * 7919 % 1_000_000);
        match self.credentials.get_mut(asked["credentialID"].as_str().unwrap_or_default()) {
            Some(kept) => {
                kept.sent = Some(code);
                Reply::Json(200, json!({}))
            }
            None => wrong("invalid_request", "Invalid parameter credentialID"),
        }
    }

    fn authorize(&mut self, asked: &Value, now_ms: i64) -> Reply {
        let id = asked["credentialID"].as_str().unwrap_or_default().to_owned();
        let Some(kept) = self.credentials.get_mut(&id) else {
            return wrong("invalid_request", "Invalid parameter credentialID");
        };
        if !kept.enabled {
            return wrong("invalid_request", "The credentialID is locked");
        }
        let said = |name: &str| {
            let data = asked["authData"].as_array().into_iter().flatten();
            let mut data = data.filter(|one| one["id"] == name);
            data.next().and_then(|one| one["value"].as_str()).unwrap_or_default().to_owned()
        };
        if said("PIN") != kept.pin {
            return wrong("invalid_pin", "The PIN is invalid");
        }
        if kept.sent.as_deref() != Some(&said("OTP")) {
            kept.wrong += 1;
            kept.enabled = kept.wrong < LOCKS;
            return wrong("invalid_otp", "The OTP is invalid");
        }
        // Good once.
        (kept.sent, kept.wrong) = (None, 0);
        let Some(digest) = asked["hashes"][0].as_str() else {
            return wrong("invalid_request", "Missing parameter hashes");
        };
        self.count += 1;
        let sad = format!("sad-{}", self.count);
        let at_once = self.fault.take_if(|fault| *fault == Fault::ExpiresAtOnce).is_some();
        let until_ms = if at_once { now_ms - 1 } else { now_ms + FOR_MS };
        self.authorised.insert(sad.clone(), Authorised { credential: id, digest: digest.into(), until_ms });
        Reply::Json(200, json!({"SAD": sad, "expiresIn": FOR_MS / 1000}))
    }

    fn sign(&mut self, asked: &Value, now_ms: i64) -> Reply {
        let sad = asked["SAD"].as_str().unwrap_or_default();
        // Used up, whatever comes of it.
        let Some(authorised) = self.authorised.remove(sad) else {
            return wrong("invalid_request", "Invalid parameter SAD");
        };
        if authorised.until_ms < now_ms {
            return wrong("invalid_request", "The SAD has expired");
        }
        let (credential, digest) = (asked["credentialID"].as_str(), asked["hashes"][0].as_str());
        if credential != Some(&authorised.credential) || digest != Some(&authorised.digest) {
            return wrong("invalid_request", "The SAD is for another hash");
        }
        let Some(kept) = self.credentials.get(&authorised.credential) else {
            return wrong("invalid_request", "Invalid parameter credentialID");
        };
        let fault = self.fault.take();
        let signer = match (fault, &self.other) {
            (Some(Fault::OtherKey), Some(other)) => other,
            _ => &kept.signer,
        };
        let mut digest = STANDARD.decode(&authorised.digest).unwrap_or_default();
        if fault == Some(Fault::OtherDigest) {
            digest.reverse();
        }
        let Ok(signature) = signer.sign_digest(&digest) else { return Reply::Json(500, json!({})) };
        self.signed += 1;
        match fault {
            Some(Fault::FailsAfterSigning) => Reply::Json(500, json!({"error": "server_error"})),
            Some(Fault::Stalls) => Reply::Stall,
            Some(Fault::Garbage) => Reply::Json(200, json!({"signatures": ["%%%"]})),
            _ => Reply::Json(200, json!({"signatures": [STANDARD.encode(signature)]})),
        }
    }
}

fn wrong(error: &str, description: &str) -> Reply {
    Reply::Json(400, json!({"error": error, "error_description": description}))
}
