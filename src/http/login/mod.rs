//! Signing in, behind one seam: a gateway that vouches ([`proxy`]), local accounts ([`local`]), the demo's test login
//! ([`demo`]). Each ends in a [`super::session::SignIn`] whose evidence goes into the `login` part of every act.

pub mod demo;
pub mod local;
pub mod proxy;

/// Where to go after a sign-in: a path of ours, never another site.
pub fn safe_return(path: &str) -> Option<&str> {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\0']);
    (ours && path.len() <= 2_000).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::safe_return;

    #[test]
    fn returns_stay_here() {
        for good in ["/", "/messaggi/01ABC?a=b", "/a//b"] {
            assert_eq!(safe_return(good), Some(good));
        }
        for bad in
            ["", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\r\nb"]
        {
            assert_eq!(safe_return(bad), None, "{bad}");
        }
    }
}
