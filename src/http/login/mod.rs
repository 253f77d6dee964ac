//! Signing in, behind one seam: a gateway that vouches ([`proxy`]), local accounts ([`local`]), the demo's test login
//! ([`demo`]). Each ends in a [`super::session::SignIn`] whose evidence goes into the `login` part of every act.

use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};

use super::cookie::Name;
use super::session::SignIn;
use super::{Context, Error, Shell};

pub mod demo;
pub mod local;
pub mod proxy;

/// Begins the session of a sign-in that was accepted, ends the one before, and leads on to `back`, or to `home` if
/// there is none.
pub async fn enter(
    shell: &Shell,
    context: &Context,
    sign_in: SignIn,
    back: &str,
    home: &str,
) -> Result<Response, Error> {
    let token = shell.sessions().open(sign_in, context.session(), context.now_ms()).await?;
    let mut response = Redirect::to(safe_return(back).unwrap_or(home)).into_response();
    response.headers_mut().append(SET_COOKIE, shell.cookies().set(Name::Session, &token, None));
    Ok(response)
}

/// Where to go after a sign-in: a path of ours, never another site.
pub fn safe_return(path: &str) -> Option<&str> {
    // Browsers drop tabs and line ends from an address, and read `\` as `/`: only what is written as it is read.
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && path.starts_with('/') && !path.starts_with("//") && path.len() <= 2_000).then_some(path)
}

/// The address of a page that leads back to what was asked for, its query included.
pub(super) fn returning(place: &str, context: &Context) -> String {
    let back = percent_encoding::utf8_percent_encode(context.target(), percent_encoding::NON_ALPHANUMERIC);
    format!("{place}?return={back}")
}

#[cfg(test)]
mod tests {
    use super::safe_return;

    #[test]
    fn returns_stay_here() {
        for good in ["/", "/messaggi/01ABC?a=b", "/a//b"] {
            assert_eq!(safe_return(good), Some(good));
        }
        for bad in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            " //evil.example",
            "javascript:x",
            "/a\r\nb",
        ] {
            assert_eq!(safe_return(bad), None, "{bad}");
        }
    }
}
