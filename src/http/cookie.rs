//! Cookies: four lines of RFC 6265 each way.

use axum::http::header::{COOKIE, HeaderMap, HeaderValue};

/// Names and attributes of our cookies: over https `__Host-` and `Secure`; a demo on plain http has neither, because
/// browsers refuse them there.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    secure: bool,
}

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The session's token.
    Session,
    /// What binds forms to a browser before there is a session.
    Form,
    /// The language chosen by a visitor.
    Language,
}

impl Cookies {
    /// For a service reached over https or not.
    pub fn new(secure: bool) -> Self {
        Self { secure }
    }

    fn name(self, name: Name) -> &'static str {
        match (name, self.secure) {
            (Name::Session, true) => "__Host-plico",
            (Name::Session, false) => "plico",
            (Name::Form, true) => "__Host-plico-form",
            (Name::Form, false) => "plico-form",
            (Name::Language, true) => "__Host-plico-language",
            (Name::Language, false) => "plico-language",
        }
    }

    /// The value of a cookie in a request; the first one when there are several.
    pub fn read(self, headers: &HeaderMap, name: Name) -> Option<&str> {
        let name = self.name(name);
        headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok()).find_map(|header| {
            header.split(';').find_map(|pair| {
                let (found, value) = pair.trim().split_once('=')?;
                (found == name).then_some(value)
            })
        })
    }

    /// A `Set-Cookie` value. `max_age` in seconds; `None` lasts as long as the browser runs, 0 removes it.
    ///
    /// # Panics
    /// When the value is not plain ASCII: we only ever set tokens and language codes.
    pub fn set(self, name: Name, value: &str, max_age: Option<u64>) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let age = max_age.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.name(name));
        HeaderValue::from_str(&text).expect("tokens and codes are plain ASCII")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_gets_the_host_prefix() {
        let set = Cookies::new(true).set(Name::Session, "abc", None);
        assert_eq!(set, "__Host-plico=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        let set = Cookies::new(false).set(Name::Session, "", Some(0));
        assert_eq!(set, "plico=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }

    #[test]
    fn reads_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("a=1; plico-form=xyz;plico=tok; plico=later"));
        let cookies = Cookies::new(false);
        assert_eq!(cookies.read(&headers, Name::Session), Some("tok"));
        assert_eq!(cookies.read(&headers, Name::Form), Some("xyz"));
        assert_eq!(cookies.read(&headers, Name::Language), None);
        assert_eq!(Cookies::new(true).read(&headers, Name::Session), None);
    }
}
