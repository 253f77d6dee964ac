//! What inspectors keep: the keys that sign cards, and how the cards stand. Both are for anybody, and name nobody.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use plico_archive::read::body::{self, Body};
use plico_archive::read::card;
use plico_card::jws::{Header, signed, to_sign};
use plico_card::keyset::{self, CardKey, KeySet, Kid, Look};
use plico_card::status::{self, Status, StatusList, StatusToken};
use serde::Serialize;

use crate::refusal::{fault, refuse};
use crate::{Desk, Outcome, Refusal};

/// Seconds for which a list may be believed.
const GOOD_FOR: i64 = 2 * 86_400;
/// Seconds after which it is well to ask again.
const ASK_AFTER: i64 = 3_600;
/// Seconds for which what did not change is not signed again: whoever asks often does not make us sign often.
const SIGNED_FOR: i64 = 600;

/// What was signed last: by its address, what it says and when it was signed.
#[derive(Debug, Default)]
pub struct Published(Mutex<HashMap<String, (String, i64, String)>>);

impl Published {
    fn kept(&self, address: &str, content: &str, now: i64) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (said, at, text) = known.get(address)?;
        (said == content && (0..SIGNED_FOR).contains(&(now - at))).then(|| text.clone())
    }

    fn keep(&self, address: String, content: String, now: i64, text: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(address, (content, now, text.to_owned()));
    }
}

impl Desk {
    async fn body_of(&self, ipa: &str) -> Outcome<Body> {
        let bodies = body::bodies(self.archive.database()).await?;
        match bodies.into_iter().find(|body| body.ipa_code == ipa) {
            Some(body) => Ok(body),
            None => refuse(Refusal::NotFound),
        }
    }

    fn status_address(&self, ipa: &str) -> String {
        format!("{}/.well-known/plico-cards/{ipa}/status/0", self.public_url)
    }

    /// The keys of an administration's cards, sealed by it; without a seal signed by the newest of them.
    pub async fn published_card_keys(&self, ipa: &str) -> Outcome<String> {
        let body = self.body_of(ipa).await?;
        let keys = self.archive.card_keys(&body.id);
        let Some(newest) = keys.last().copied() else { return refuse(Refusal::NotFound) };
        let types = self.card_types(&body.id).await?.into_iter().map(|kind| Look {
            code: kind.code,
            name: kind.name,
            name_en: kind.name_en,
            fields: if kind.opaque { Vec::new() } else { kind.fields.into_iter().map(|f| f.label).collect() },
        });
        let now = self.archive.now_ms() / 1000;
        let mut set = KeySet {
            iss: ipa.into(),
            name: body.name,
            iat: 0,
            keys: keys.iter().map(CardKey::new).collect(),
            types: types.collect(),
            status: vec![self.status_address(ipa)],
        };
        let content = serde_json::to_string(&set).map_err(fault)?;
        let address = format!("keys/{ipa}");
        if let Some(text) = self.published.kept(&address, &content, now) {
            return Ok(text);
        }
        set.iat = now;
        let text = match self.sealer()? {
            Some(sealer) => {
                let alg = sealer.jose_algorithm().map_err(fault)?.to_owned();
                let header = Header { alg, typ: keyset::TYPE.into(), ..Header::default() };
                let text = to_sign(&header.with_chain(sealer.chain_der()), &set);
                signed(&text, &sealer.jose(text.as_bytes()).map_err(fault)?)
            }
            None => self.sign_with(&body.id, newest, keyset::TYPE, &set)?,
        };
        self.published.keep(address, content, now, &text);
        Ok(text)
    }

    /// How an administration's cards stand.
    pub async fn published_card_status(&self, ipa: &str) -> Outcome<String> {
        let body = self.body_of(ipa).await?;
        let Some(newest) = self.archive.card_keys(&body.id).pop() else { return refuse(Refusal::NotFound) };
        let (places, but) = card::statuses(self.archive.database(), &body.id).await?;
        let content = format!("{places} {but:?}");
        let (address, now) = (format!("status/{ipa}"), self.archive.now_ms() / 1000);
        if let Some(text) = self.published.kept(&address, &content, now) {
            return Ok(text);
        }
        let but = but.into_iter().map(|(index, status)| {
            (index as u32, if status == "suspended" { Status::Suspended } else { Status::Revoked })
        });
        let token = StatusToken {
            sub: self.status_address(ipa),
            iat: now,
            exp: now + GOOD_FOR,
            ttl: ASK_AFTER,
            status_list: StatusList::pack(places as usize, but),
        };
        let text = self.sign_with(&body.id, newest, status::TYPE, &token)?;
        self.published.keep(address, content, now, &text);
        Ok(text)
    }

    fn sign_with(
        &self,
        administration: &str,
        key: [u8; 65],
        typ: &str,
        content: &impl Serialize,
    ) -> Outcome<String> {
        let kid = Some(Kid::of(&key).text());
        let header = Header { alg: "ES256".into(), typ: typ.into(), kid, ..Header::default() };
        let text = to_sign(&header, content);
        let signature = self.archive.sign_card(administration, &key, text.as_bytes())?;
        Ok(signed(&text, &signature))
    }
}
