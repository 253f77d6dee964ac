//! INI-PEC, the index of firms' and professionals' certified addresses, through InfoCamere: it is asked, and prepares its
//! answer, which is fetched later.

use serde_json::{Value, json as value};

use super::{Answer, Domicile, DomicileError, LONGEST, Moment, Tokens, json, refused, short, text, usable};
use crate::http::{Answer as Reply, Http};

/// What it says while it prepares an answer.
const IN_PROGRESS: &str = "in progress";
/// What tokens are asked for, and what is said beside each request.
pub(super) const SCOPE: &str = "pec";

/// The index.
#[derive(Debug)]
pub struct IniPec {
    /// Its address, before `/richiestaElencoPec`.
    pub url: String,
    /// Tokens of InfoCamere.
    pub tokens: Tokens,
    /// The client to ask with.
    pub http: Http,
}

impl IniPec {
    /// What tokens are asked for.
    pub const SCOPE: &str = SCOPE;

    fn address(&self, path: &str) -> String {
        let client = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.tokens.signs.client)
            .finish();
        format!("{}/{path}?{client}", self.url.trim_end_matches('/'))
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        body: &str,
        moment: &Moment,
    ) -> Result<Reply, DomicileError> {
        let reply = self.with_token(method, path, body, &self.tokens.token(moment).await?).await?;
        if reply.status == 401 {
            return self.with_token(method, path, body, &self.tokens.renewed(moment).await?).await;
        }
        Ok(reply)
    }

    async fn with_token(
        &self,
        method: &str,
        path: &str,
        body: &str,
        token: &str,
    ) -> Result<Reply, DomicileError> {
        let (url, bearer) = (self.address(path), format!("Bearer {token}"));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("scope", SCOPE),
        ];
        Ok(self.http.exchange(method, &url, &headers, body.as_bytes().to_vec(), LONGEST).await?)
    }

    /// Asks about a code; the name under which the answer is prepared.
    pub(super) async fn ask(&self, code: &str, moment: &Moment) -> Result<String, DomicileError> {
        let at =
            jiff::Timestamp::from_millisecond(moment.now_ms).map(|at| at.to_string()).unwrap_or_default();
        let body = value!({"elencoCf": [{"cf": code}], "dataOraRichiesta": at}).to_string();
        let reply = self.exchange("POST", "richiestaElencoPec", &body, moment).await?;
        if reply.status != 200 {
            return Err(refused(&reply));
        }
        let said = json(&reply)?;
        let name = said.get("identificativoRichiesta").map(|name| match name {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let name = name.unwrap_or_default();
        let good = (1..=100).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if good { Ok(name) } else { Err(DomicileError::Garbage("no name of the request")) }
    }

    /// What was prepared; `None` while it is not done.
    pub(super) async fn fetch(
        &self,
        code: &str,
        prepared: &str,
        moment: &Moment,
    ) -> Result<Option<Answer>, DomicileError> {
        let reply = self.exchange("GET", &format!("getElencoPec/{prepared}"), "", moment).await?;
        let said = json(&reply).unwrap_or_default();
        if text(&said, "description").to_lowercase().contains(IN_PROGRESS) {
            return Ok(None);
        }
        if reply.status != 200 {
            return Err(refused(&reply));
        }
        read(&said, code).map(Some)
    }
}

fn read(said: &Value, code: &str) -> Result<Answer, DomicileError> {
    let Some(list) = said.get("elencoPec").and_then(Value::as_array) else {
        let words = text(said, "description");
        return Err(if words.is_empty() {
            DomicileError::Garbage("no list of addresses")
        } else {
            DomicileError::Refused(short(words))
        });
    };
    let at = short(text(said, "dataOraDownload"));
    if list.is_empty() {
        return Ok(Answer { at, domiciles: Vec::new() });
    }
    let Some(one) = list.iter().find(|one| text(one, "cf").eq_ignore_ascii_case(code)) else {
        return Err(DomicileError::Garbage("of somebody else"));
    };
    let firm = Domicile { address: text(one, "pecImpresa").into(), ..Domicile::default() };
    let professionals = one.get("pecProfessionista").and_then(Value::as_array).into_iter().flatten();
    let professionals = professionals.map(|one| Domicile {
        address: text(one, "pec").into(),
        of: ["ordine", "professione", "categoria"]
            .iter()
            .map(|name| text(one, name))
            .find(|of| !of.is_empty())
            .unwrap_or_default()
            .into(),
        ..Domicile::default()
    });
    Ok(Answer { at, domiciles: usable(std::iter::once(firm).chain(professionals)) })
}
