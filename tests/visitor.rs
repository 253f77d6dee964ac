//! A browser without script, before a town whose gateway is believed.

use plico::config::{Config, Secret};

use crate::support::{Answer, BODY, Town, multipart};

/// The gateway's secret.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A browser: cookies, and the token of the last form it saw.
pub struct Browser<'a> {
    town: &'a Town,
    pub cookies: Vec<(String, String)>,
    pub token: String,
}

/// A town that believes the gateway.
pub async fn town() -> Town {
    town_with(|_| {}).await
}

/// The same with other settings.
pub async fn town_with(change: impl FnOnce(&mut Config)) -> Town {
    Town::with(|config| {
        config.proxy.peers = vec!["127.0.0.1/32".parse().unwrap()];
        config.proxy.secret = Secret::new(SECRET);
        change(config);
    })
    .await
}

impl<'a> Browser<'a> {
    pub fn new(town: &'a Town) -> Self {
        Self { town, cookies: Vec::new(), token: String::new() }
    }

    /// Anna signs in through the gateway, and goes to `back`.
    pub async fn signed_in(town: &'a Town, fiscal_code: &str, back: &str) -> Browser<'a> {
        Self::named(town, fiscal_code, ("Anna", "Bassi"), back).await
    }

    /// Signs in through the gateway, as the person of a fiscal code.
    pub async fn named(
        town: &'a Town,
        fiscal_code: &str,
        (given, family): (&str, &str),
        back: &str,
    ) -> Browser<'a> {
        let mut browser = Self::new(town);
        let headers = [
            ("x-plico-gateway", SECRET),
            ("x-spid-fiscalnumber", fiscal_code),
            ("x-spid-name", given),
            ("x-spid-familyname", family),
            ("x-spid-level", "https://www.spid.gov.it/SpidL2"),
        ];
        let path = format!("/accedi/identita?ente={BODY}&return={back}");
        let answer = browser.request("GET", &path, &headers, &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let to = if back.is_empty() { "/area-personale" } else { back };
        assert_eq!(answer.header("location"), Some(to));
        browser
    }

    pub async fn request(&mut self, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut headers =
            vec![("cookie", cookies.as_str()), ("accept", "text/html"), ("accept-language", "it")];
        headers.extend(more);
        let answer = self.town.send(method, path, &headers, body).await;
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.into(), value.into()));
        }
        if let Some((_, rest)) = answer.text().split_once("name=\"_csrf\" value=\"") {
            self.token = rest.split('"').next().unwrap().into();
        }
        answer
    }

    /// A page that must be there.
    pub async fn see(&mut self, path: &str) -> String {
        let answer = self.request("GET", path, &[], &[]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        // Templates escape slashes too.
        answer.text().replace("&#x2f;", "/")
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("_csrf", &self.token);
        form.extend_pairs(fields);
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.request("POST", path, &kind, form.finish().as_bytes()).await
    }

    pub async fn upload(&mut self, path: &str, files: &[(&str, &[u8])]) -> Answer {
        let token = self.token.clone();
        let (kind, body) = multipart(&[("_csrf", token.as_str())], files);
        self.request("POST", path, &[("content-type", kind.as_str())], &body).await
    }

    /// Where a form led.
    pub async fn led(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        answer.header("location").unwrap().to_owned()
    }
}

/// The bytes of a second factor as it is shown.
pub fn unbase32(text: &str) -> Vec<u8> {
    let mut bits = 0u64;
    let (mut held, mut bytes) = (0, Vec::new());
    for c in text.bytes() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".bytes().position(|known| known == c).unwrap();
        bits = (bits << 5 | value as u64) & 0xffff;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}
