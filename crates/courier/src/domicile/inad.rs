//! INAD, the index of digital domiciles (AgID's OpenAPI, `extract`).

use jiff::Timestamp;
use serde_json::Value;

use super::{Answer, Domicile, DomicileError, LONGEST, Moment, Tokens, json, refused, short, text, usable};
use crate::http::Http;

/// The index.
#[derive(Debug)]
pub struct Inad {
    /// Its address, up to and with `domiciliodigitale`.
    pub url: String,
    /// Vouchers of the data platform.
    pub tokens: Tokens,
    /// The client to ask with.
    pub http: Http,
}

impl Inad {
    /// The domiciles of a fiscal code now.
    pub(super) async fn ask(
        &self,
        code: &str,
        reference: &str,
        moment: &Moment,
    ) -> Result<Answer, DomicileError> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("practicalReference", reference)
            .finish();
        let url = format!("{}/extract/{code}?{query}", self.url.trim_end_matches('/'));
        let mut reply = self.http.get(&url, Some(&self.tokens.token(moment).await?), LONGEST).await?;
        if reply.status == 401 {
            reply = self.http.get(&url, Some(&self.tokens.renewed(moment).await?), LONGEST).await?;
        }
        if reply.status == 404 {
            // A wrong address answers 404 as well, and is not to be taken for somebody without a domicile.
            let said = json(&reply).map_err(|_| DomicileError::Garbage("404, and not in its own words"))?;
            let status = said.get("status").map(|status| status.to_string().trim_matches('"') == "404");
            return if status == Some(true) && text(&said, "type").contains("NOT_FOUND") {
                Ok(Answer::default())
            } else {
                Err(DomicileError::Garbage("404, and not in its own words"))
            };
        }
        if reply.status != 200 {
            return Err(refused(&reply));
        }
        read(&json(&reply)?, code, moment.now_ms)
    }
}

fn read(said: &Value, code: &str, now_ms: i64) -> Result<Answer, DomicileError> {
    if !text(said, "codiceFiscale").eq_ignore_ascii_case(code) {
        return Err(DomicileError::Garbage("of somebody else"));
    }
    let list = match said.get("digitalAddress") {
        Some(Value::Array(list)) => list.as_slice(),
        None | Some(Value::Null) => &[],
        Some(_) => return Err(DomicileError::Garbage("addresses that are no list")),
    };
    let domiciles = list.iter().filter_map(|one| {
        let usage = one.get("usageInfo").unwrap_or(&Value::Null);
        let until = text(usage, "dateEndValidity");
        // One that has ceased is no domicile, and an end that cannot be read may have been.
        let lasts =
            until.is_empty() || until.parse::<Timestamp>().is_ok_and(|until| until.as_millisecond() > now_ms);
        lasts.then(|| Domicile {
            address: text(one, "digitalAddress").into(),
            of: text(one, "practicedProfession").into(),
            until: until.into(),
        })
    });
    Ok(Answer { at: short(text(said, "since")), domiciles: usable(domiciles) })
}
