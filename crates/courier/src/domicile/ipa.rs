//! IPA, the index of public administrations, by its service WS23: the digital domicile of a fiscal code. It answers 200 also
//! when it refuses, with an error inside.

use std::fmt;

use serde_json::Value;

use super::{Answer, Domicile, DomicileError, LONGEST, json, refused, short, text, usable};
use crate::http::Http;

/// The index.
pub struct Ipa {
    /// Its address, before `/ws/`.
    pub url: String,
    /// The code that it gave us.
    pub auth_id: String,
    /// The client to ask with.
    pub http: Http,
}

impl fmt::Debug for Ipa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ipa").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Ipa {
    /// The domiciles of a fiscal code.
    pub(super) async fn ask(&self, code: &str) -> Result<Answer, DomicileError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("CF", code)
            .append_pair("AUTH_ID", &self.auth_id)
            .finish();
        let url = format!("{}/ws/WS23DOMDIGCFServices/api/WS23_DOM_DIG_CF", self.url.trim_end_matches('/'));
        let kind = "application/x-www-form-urlencoded";
        let reply = self.http.post(&url, kind, body.into_bytes(), LONGEST).await?;
        if reply.status != 200 {
            return Err(refused(&reply));
        }
        read(&json(&reply)?, &self.auth_id)
    }
}

fn read(said: &Value, secret: &str) -> Result<Answer, DomicileError> {
    let result = said.get("result").unwrap_or(&Value::Null);
    match result.get("cod_err").and_then(Value::as_i64) {
        Some(0) => {}
        // It may repeat what we sent.
        Some(_) => return Err(DomicileError::Refused(short(&text(result, "desc_err").replace(secret, "…")))),
        None => return Err(DomicileError::Garbage("no result")),
    }
    let list = match said.get("data") {
        Some(Value::Array(list)) => list.as_slice(),
        None | Some(Value::Null) => &[],
        Some(_) => return Err(DomicileError::Garbage("addresses that are no list")),
    };
    let domiciles = list.iter().map(|one| Domicile {
        address: text(one, "domicilio_digitale").into(),
        of: text(one, "des_amm").into(),
        until: String::new(),
    });
    Ok(Answer { at: String::new(), domiciles: usable(domiciles) })
}
