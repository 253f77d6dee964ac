//! Who calls: a token in the `Authorization` header, never in the address or a cookie.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use plico_desk::Actor;
use plico_desk::token::{self, Scope};

use super::rate::Rate;
use crate::app::App;
use crate::http::limiter::address_key;
use crate::http::{Context, Error, Refusal};

/// A caller with a token that works: an extractor for operations.
#[derive(Debug, Clone)]
pub struct Caller(token::Caller);

impl Caller {
    /// What his token is for, in the words of whoever made it.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// As whom he acts, if the token's scopes allow this.
    pub fn with(&self, scope: Scope) -> Result<&Actor, Refusal> {
        within(&self.0, scope)
    }
}

/// As whom a caller acts, if his token's scopes allow this.
pub fn within(caller: &token::Caller, scope: Scope) -> Result<&Actor, Refusal> {
    if caller.scopes.contains(&scope) {
        Ok(&caller.actor)
    } else {
        Err(Refusal::new(StatusCode::FORBIDDEN, "scope").with("scope", scope.code()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Refusal::new(StatusCode::UNAUTHORIZED, "token").into())
    }
}

/// The layer around every operation: finds out who calls and counts his requests.
pub async fn around(
    State((app, rate)): State<(App, Arc<Rate>)>,
    context: Context,
    mut request: Request,
    next: Next,
) -> Response {
    let found = match bearer(request.headers()) {
        Some(secret) => app.desk.token_actor(secret).await,
        None => Ok(None),
    };
    let caller = match found {
        Ok(caller) => caller,
        Err(error) => return Error::from(error).into_response(),
    };
    // Whoever tries tokens counts as the address he comes from.
    let key =
        caller.as_ref().map_or_else(|| address_key(context.client()), |caller| format!("t:{}", caller.token));
    let standing = rate.count(&key, context.now_ms());
    let mut response = if standing.exceeded {
        Refusal::too_often(u64::from(standing.reset)).into_response()
    } else {
        if let Some(caller) = caller {
            request.extensions_mut().insert(Caller(caller));
        }
        next.run(request).await
    };
    standing.write(response.headers_mut());
    if response.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer realm=\"plico\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The token in the `Authorization` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}
