//! The one way to take a form.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::{Context, Error, Refusal, csrf};

/// Bytes of a form without files. A text of 20,000 characters, percent-encoded, fits three times.
const LIMIT: usize = 1024 * 1024;

/// A form's fields, after its token was checked (the request's origin was checked before, for every request).
///
/// Repeated fields go into a `Vec`; unknown fields are ignored; a text field that must not be empty is checked by
/// the page, which can then show the form again.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let (parts, body) = request.into_parts();
        let context =
            parts.extensions.get::<Context>().ok_or_else(|| Error::fault("a route outside of the layers"))?;
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().is_none_or(|kind| kind.trim() != "application/x-www-form-urlencoded") {
            return Err(Refusal::unreadable().into());
        }
        let bytes = read(body).await?;
        let token = form_urlencoded::parse(&bytes).find(|(name, _)| name == csrf::FIELD);
        if !token.is_some_and(|(_, token)| context.accepts(&token)) {
            return Err(Refusal::form_expired(typed(&bytes)).into());
        }
        serde_html_form::from_bytes(&bytes).map(Self).map_err(|_| Refusal::unreadable().into())
    }
}

async fn read(body: Body) -> Result<Vec<u8>, Error> {
    match Limited::new(body, LIMIT).collect().await {
        Ok(collected) => Ok(collected.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::too_large(LIMIT as u64).into()),
        Err(_) => Err(Refusal::broken_off().into()),
    }
}

/// What to give back when a form came too late: what was typed, but no password and no code.
fn typed(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes)
        .filter(|(name, value)| {
            let secret = ["password", "code", "token"].iter().any(|word| name.contains(word));
            !secret && !name.starts_with('_') && !value.is_empty()
        })
        .take(100)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_without_secrets() {
        let typed = typed(b"subject=Buca+in+strada&text=&_csrf=abc&password=x&totp_code=123456&text=due");
        let expected = [("subject", "Buca in strada"), ("text", "due")];
        assert_eq!(typed, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
