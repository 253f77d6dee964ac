//! The registers of digital domiciles, and who gives tokens for them, as a pure state machine: a request in, an answer or
//! misbehaviour out. Tokens are given only for a statement whose signature holds, once for each, and end.

use std::collections::BTreeMap;

use plico_card::jws;
use plico_crypto::verify::{Algorithm, Hash, Outcome, verify};
use serde_json::{Value, json};

/// How it misbehaves, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It hears, and never answers.
    Stalls,
    /// It hears, and hangs up.
    HangsUp,
    /// Asked too often.
    TooOften,
    /// It fails.
    Fails,
    /// What it says is no JSON.
    Garbage,
    /// It answers about somebody else.
    SomebodyElse,
    /// The token is no good any more, though its time is not over.
    TokenEnds,
    /// 404 in the words of a machine before it.
    NoSuchPage,
}

/// What INAD has of a code.
#[derive(Clone, Debug, Default)]
pub struct Elected {
    /// The address.
    pub address: String,
    /// The profession; empty: none.
    pub profession: String,
    /// Until when; empty: for ever.
    pub until: String,
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Status, media type and body.
    Answer(u16, &'static str, Vec<u8>),
    /// It hangs up.
    HangUp,
    /// Nothing, for ever.
    Stall,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    /// The client's name.
    client: String,
    /// His public key.
    spki: Vec<u8>,
    /// The code that IPA gave.
    auth_id: String,
    /// INAD.
    pub inad: BTreeMap<String, Vec<Elected>>,
    /// INI-PEC: the firm's address, and those of professionals.
    pub inipec: BTreeMap<String, (String, Vec<String>)>,
    /// IPA: code and name of the body, its address.
    pub ipa: BTreeMap<String, (String, String, String)>,
    /// How often INI-PEC is still asked in vain for what it prepares.
    pub preparing: u32,
    /// What it does wrong, once.
    pub fault: Option<Fault>,
    /// Questions that were heard: register and code.
    pub heard: Vec<(&'static str, String)>,
    /// Tokens that were given.
    pub given: u32,
    tokens: BTreeMap<String, (String, i64)>,
    statements: Vec<String>,
    prepared: BTreeMap<String, String>,
}

/// How long a token lasts (seconds).
const LASTS: i64 = 600;
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

fn reply(status: u16, value: &Value) -> Reply {
    Reply::Answer(status, if status == 200 { JSON } else { PROBLEM }, value.to_string().into_bytes())
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

impl Registers {
    /// Those that know a client with this key, and gave him this code.
    pub fn new(client: &str, spki: &[u8], auth_id: &str) -> Self {
        Self { client: client.into(), spki: spki.into(), auth_id: auth_id.into(), ..Self::default() }
    }

    /// Answers one request: method and path with its query, what it says of who asks, its body.
    pub fn answer(
        &mut self,
        method: &str,
        target: &str,
        authorization: &str,
        body: &[u8],
        now_ms: i64,
    ) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let body = String::from_utf8_lossy(body).into_owned();
        match (method, path) {
            ("POST", "/token.oauth2") => return self.voucher(&pairs(&body), now_ms),
            ("POST", "/infocamere/authentication") => return self.authentication(&body, now_ms),
            _ => {}
        }
        if !path.starts_with("/ws/") {
            if self.fault == Some(Fault::TokenEnds) {
                self.fault = None;
                self.tokens.clear();
            }
            let scope = if path.starts_with("/infocamere/") { "pec" } else { "voucher" };
            let token = authorization.strip_prefix("Bearer ").and_then(|token| self.tokens.get(token));
            if token.is_none_or(|(of, until)| of != scope || now_ms >= *until) {
                return reply(
                    401,
                    &json!({"status": "401", "type": "UNAUTHORIZED", "detail": "token non valido"}),
                );
            }
        }
        let answer = match (method, path) {
            ("GET", path) if path.starts_with("/inad/extract/") => {
                self.extract(path.trim_start_matches("/inad/extract/"), &pairs(query))
            }
            ("POST", "/infocamere/richiestaElencoPec") => self.ordered(&body),
            ("GET", path) if path.starts_with("/infocamere/getElencoPec/") => {
                self.fetched(path.trim_start_matches("/infocamere/getElencoPec/"))
            }
            ("POST", "/ws/WS23DOMDIGCFServices/api/WS23_DOM_DIG_CF") => self.body_of(&pairs(&body)),
            _ => Reply::Answer(404, "text/html", b"<h1>Not Found</h1>".to_vec()),
        };
        match self.fault.take() {
            Some(Fault::Stalls) => Reply::Stall,
            Some(Fault::HangsUp) => Reply::HangUp,
            Some(Fault::TooOften) => reply(
                429,
                &json!({"type": "https://govway.org/handling-errors/429/LimitExceeded.html", "title": "LimitExceeded", "status": 429}),
            ),
            Some(Fault::Fails) => {
                reply(503, &json!({"status": "503", "type": "SERVICE_UNAVAILABLE", "detail": "manutenzione"}))
            }
            Some(Fault::Garbage) => Reply::Answer(200, JSON, b"{\"codiceFiscale\": ".to_vec()),
            Some(Fault::NoSuchPage) => Reply::Answer(404, "text/html", b"<h1>Not Found</h1>".to_vec()),
            Some(Fault::SomebodyElse) => Self::of_somebody_else(answer),
            _ => answer,
        }
    }

    fn of_somebody_else(answer: Reply) -> Reply {
        let Reply::Answer(200, kind, body) = answer else { return answer };
        let mut value: Value = serde_json::from_slice(&body).unwrap_or_default();
        if value.get("codiceFiscale").is_some() {
            value["codiceFiscale"] = json!("SCNSCT00A01H501X");
        }
        if let Some(one) = value.get_mut("elencoPec").and_then(|list| list.get_mut(0)) {
            one["cf"] = json!("SCNSCT00A01H501X");
        }
        Reply::Answer(200, kind, value.to_string().into_bytes())
    }

    /// Whether a statement is ours, for now, and new; its content.
    fn statement(&mut self, text: &str, now_ms: i64) -> Option<Value> {
        let read = jws::read::<Value>(text, "JWT")?;
        let valid =
            verify(&self.spki, Algorithm::RsaPkcs1(Hash::Sha256), read.signed.as_bytes(), &read.signature);
        let number = |name: &str| read.content.get(name).and_then(Value::as_i64);
        let once = read.content.get("jti")?.as_str()?.to_owned();
        let ours = ["iss", "sub"].iter().all(|name| read.content[*name] == json!(self.client));
        let now = now_ms / 1000;
        let fresh = number("iat")? <= now && now < number("exp")? && !self.statements.contains(&once);
        if read.header.alg != "RS256" || valid != Outcome::Valid || !ours || !fresh {
            return None;
        }
        self.statements.push(once);
        let mut content = read.content;
        content["kid"] = json!(read.header.kid);
        content["x5c"] = json!(read.header.x5c);
        Some(content)
    }

    fn give(&mut self, scope: &str, now_ms: i64) -> String {
        self.given += 1;
        let token = format!("gettone-{}", self.given);
        self.tokens.insert(token.clone(), (scope.to_owned(), now_ms + LASTS * 1000));
        token
    }

    fn voucher(&mut self, form: &BTreeMap<String, String>, now_ms: i64) -> Reply {
        let said = |name: &str| form.get(name).map_or("", String::as_str);
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let good = said("grant_type") == "client_credentials"
            && said("client_id") == self.client
            && said("client_assertion_type") == kind;
        let statement = self.statement(said("client_assertion"), now_ms).filter(|_| good);
        let meant = statement.is_some_and(|one| {
            one["aud"] == json!("auth.interop.example/client-assertion")
                && one["purposeId"].as_str().is_some_and(|purpose| !purpose.is_empty())
                && one["kid"].as_str().is_some_and(|kid| !kid.is_empty())
        });
        if !meant {
            return reply(
                400,
                &json!({"status": 400, "title": "The request contains bad syntax", "detail": "client assertion non valida"}),
            );
        }
        let token = self.give("voucher", now_ms);
        reply(200, &json!({"access_token": token, "token_type": "Bearer", "expires_in": LASTS}))
    }

    fn authentication(&mut self, body: &str, now_ms: i64) -> Reply {
        let statement = self.statement(body, now_ms);
        let good = statement.is_some_and(|one| {
            one["scope"] == json!("pec") && one["x5c"].as_array().is_some_and(|chain| !chain.is_empty())
        });
        if !good {
            return reply(401, &json!({"message": "Unauthorized", "code": "401"}));
        }
        let token = self.give("pec", now_ms);
        Reply::Answer(200, JSON, json!(token).to_string().into_bytes())
    }

    fn extract(&mut self, code: &str, query: &BTreeMap<String, String>) -> Reply {
        if query.get("practicalReference").is_none_or(String::is_empty) {
            return reply(
                400,
                &json!({"status": "400", "type": "BAD_REQUEST", "detail": "practicalReference mancante"}),
            );
        }
        self.heard.push(("inad", code.to_owned()));
        let Some(found) = self.inad.get(code) else {
            return reply(
                404,
                &json!({"status": "404", "type": "NOT_FOUND", "detail": "domicilio non trovato"}),
            );
        };
        let addresses = found.iter().map(|one| {
            let mut value = json!({"digitalAddress": one.address});
            if !one.profession.is_empty() {
                value["practicedProfession"] = json!(one.profession);
            }
            if !one.until.is_empty() {
                value["usageInfo"] =
                    json!({"motivation": "CESSAZIONE_VOLONTARIA", "dateEndValidity": one.until});
            }
            value
        });
        let addresses: Vec<Value> = addresses.collect();
        reply(
            200,
            &json!({"codiceFiscale": code, "since": "2026-03-10T05:19:58Z", "digitalAddress": addresses}),
        )
    }

    fn ordered(&mut self, body: &str) -> Reply {
        let asked: Value = serde_json::from_str(body).unwrap_or_default();
        let Some(code) = asked["elencoCf"][0]["cf"].as_str() else {
            return reply(400, &json!({"code": "WSPA_ERR_01", "description": "elencoCf mancante"}));
        };
        self.heard.push(("inipec", code.to_owned()));
        let name = format!("richiesta-{}", self.prepared.len() + 1);
        self.prepared.insert(name.clone(), code.to_owned());
        reply(200, &json!({"dataOraRichiesta": "2026-03-10T05:20:00Z", "identificativoRichiesta": name}))
    }

    fn fetched(&mut self, name: &str) -> Reply {
        let Some(code) = self.prepared.get(name) else {
            return reply(404, &json!({"code": "WSPA_ERR_04", "description": "richiesta sconosciuta"}));
        };
        if self.preparing > 0 {
            self.preparing -= 1;
            return reply(
                404,
                &json!({"code": "WSPA_ERR_05", "appName": "wspa-pec", "description": "List PEC in progress."}),
            );
        }
        let (firm, professionals) = self.inipec.get(code).cloned().unwrap_or_default();
        let professionals: Vec<Value> = professionals.iter().map(|pec| json!({"pec": pec})).collect();
        reply(
            200,
            &json!({"dataOraDownload": "2026-03-10T05:20:03Z", "identificativoRichiesta": name,
                "elencoPec": [{"cf": code, "pecImpresa": firm, "pecProfessionista": professionals}]}),
        )
    }

    fn body_of(&mut self, form: &BTreeMap<String, String>) -> Reply {
        if form.get("AUTH_ID") != Some(&self.auth_id) {
            let words = format!("AUTH_ID {} non valido", form.get("AUTH_ID").map_or("", String::as_str));
            return reply(200, &json!({"result": {"cod_err": 900, "desc_err": words, "num_items": 0}}));
        }
        let code = form.get("CF").cloned().unwrap_or_default();
        self.heard.push(("ipa", code.clone()));
        let found = self.ipa.get(&code).map(|(ipa, name, address)| {
            json!({"domicilio_digitale": address, "tipo": "Pec", "cod_amm": ipa, "des_amm": name})
        });
        let found: Vec<Value> = found.into_iter().collect();
        reply(
            200,
            &json!({"result": {"cod_err": 0, "desc_err": "NO ERROR", "num_items": found.len()}, "data": found}),
        )
    }
}
