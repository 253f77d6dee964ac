//! The variable pieces of a path.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::{Error, Refusal};

#[expect(clippy::disallowed_types, reason = "this is the wrapper that others use instead")]
type Inner<T> = axum::extract::Path<T>;

/// The pieces, read into `T`. What cannot be read is not there: 404, the same as an identifier that does not exist.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match Inner::<T>::from_request_parts(parts, state).await {
            Ok(inner) => Ok(Self(inner.0)),
            Err(_) => Err(Refusal::not_found().into()),
        }
    }
}
