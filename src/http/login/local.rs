//! Local accounts of operators and administrators: a password, a second factor, and a one-time link to choose both.
//!
//! Only what is pure lies here; where credentials are kept is the archive's business.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use plico_crypto::digest::sha256;
use plico_crypto::{password, totp};

use super::super::Shell;
use super::super::error::{Error, Refusal};
use super::super::limiter::address_key;
use crate::clock;

/// Characters of a password: length is what counts, so nothing else is demanded.
pub const SHORTEST_PASSWORD: usize = 12;
/// Milliseconds that a one-time link lives.
pub const LINK_MS: i64 = 3 * 24 * 3_600_000;

/// What is kept of an account to sign in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The password's argon2id hash in PHC notation.
    pub password: String,
    /// The second factor's secret.
    pub totp_secret: Vec<u8>,
    /// The last step used: a code counts once.
    pub totp_last_step: Option<u64>,
}

/// What a sign-in came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Good; this step must be stored as the last one used, in the same transaction as the session.
    Accepted {
        /// The step.
        step: u64,
    },
    /// Something is wrong; which thing is not said.
    Refused,
}

/// A well-formed hash of nothing anybody knows, made once: an account that does not exist takes as long as one that
/// does.
static NOBODY: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let unknown = BASE64.encode(clock::random_bytes::<32>());
    password::hash(&unknown, clock::random_bytes()).unwrap_or_default()
});

/// Judges a password and a code. Takes some 20 ms of a core and 19 MiB: call [`sign_in`] from async code.
pub fn judge(credential: Option<&Credential>, given: &str, code: &str, now_ms: i64) -> Verdict {
    let Some(credential) = credential else {
        password::verify(given, &NOBODY);
        return Verdict::Refused;
    };
    let password_is_right = password::verify(given, &credential.password);
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp::verify(&credential.totp_secret, &code, now_ms, credential.totp_last_step);
    match (password_is_right, step) {
        (true, Some(step)) => Verdict::Accepted { step },
        _ => Verdict::Refused,
    }
}

/// Judges off the async threads, a few at a time, and makes whoever guesses wait. `name` is what was typed, `client` the
/// visitor's address.
///
/// # Errors
/// `too-often`, or `sign-in-refused`, which says neither whether the name nor whether the password was wrong.
pub async fn sign_in(
    shell: &Shell,
    name: &str,
    client: std::net::IpAddr,
    credential: Option<Credential>,
    given: String,
    code: String,
) -> Result<u64, Error> {
    let now_ms = shell.now_ms();
    let (account, address) = (format!("n:{}", name.to_lowercase()), address_key(client));
    let keys = [account.as_str(), address.as_str()];
    shell.sign_ins().check(&keys, now_ms).map_err(Refusal::too_often)?;
    let _turn = shell.passwords().acquire_owned().await.map_err(Error::fault)?;
    let judged = tokio::task::spawn_blocking(move || judge(credential.as_ref(), &given, &code, now_ms));
    match judged.await.map_err(Error::fault)? {
        Verdict::Accepted { step } => {
            shell.sign_ins().succeeded(&account);
            Ok(step)
        }
        Verdict::Refused => {
            shell.sign_ins().failed(&keys, now_ms);
            shell.metrics().count("plico_sign_ins_refused_total", "Sign-ins refused.", "", 1);
            Err(Refusal::new(axum::http::StatusCode::UNAUTHORIZED, "sign-in-refused").into())
        }
    }
}

/// A one-time link: its token goes to the person, only its digest is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What the address holds. Shown once.
    pub token: String,
    /// What is kept.
    pub digest: [u8; 32],
    /// When it dies, milliseconds UTC.
    pub expires_ms: i64,
}

impl Link {
    /// A fresh one.
    pub fn new(now_ms: i64) -> Self {
        let token = BASE64.encode(clock::random_bytes::<32>());
        Self { digest: Self::digest(&token), token, expires_ms: now_ms + LINK_MS }
    }

    /// What is kept of a token: look it up by this.
    pub fn digest(token: &str) -> [u8; 32] {
        sha256(token.as_bytes())
    }
}

/// Whether a password may be chosen: long enough, not the account's name, not one character over and over.
pub fn may_be_chosen(name: &str, chosen: &str) -> Result<(), Refusal> {
    let refuse = |code| Err(Refusal::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, code));
    let folded = chosen.to_lowercase();
    if chosen.chars().count() < SHORTEST_PASSWORD {
        return refuse("password-short").map_err(|refusal| refusal.with("least", SHORTEST_PASSWORD));
    }
    if chosen.len() > password::MAX_PASSWORD {
        return refuse("password-long");
    }
    let different: std::collections::BTreeSet<char> = folded.chars().collect();
    if different.len() < 5 || folded.contains(&name.to_lowercase()) {
        return refuse("password-weak");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;
    const PASSWORD: &str = "una lunga frase segreta";

    fn credential() -> Credential {
        Credential {
            password: password::hash(PASSWORD, [7; 16]).unwrap(),
            totp_secret: vec![3; totp::SECRET],
            totp_last_step: None,
        }
    }

    #[test]
    fn both_factors_are_needed_and_a_code_counts_once() {
        let mut credential = credential();
        let code = totp::code(&credential.totp_secret, totp::step(NOW));
        assert_eq!(judge(Some(&credential), "sbagliata", &code, NOW), Verdict::Refused);
        assert_eq!(judge(Some(&credential), PASSWORD, "", NOW), Verdict::Refused);
        assert_eq!(judge(None, PASSWORD, &code, NOW), Verdict::Refused);
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        let Verdict::Accepted { step } = judge(Some(&credential), PASSWORD, &spaced, NOW) else {
            panic!("refused")
        };
        credential.totp_last_step = Some(step);
        assert_eq!(judge(Some(&credential), PASSWORD, &code, NOW), Verdict::Refused);
    }

    #[test]
    fn links_are_found_by_their_digest() {
        let link = Link::new(NOW);
        assert_eq!(Link::digest(&link.token), link.digest);
        assert_ne!(Link::new(NOW).token, link.token);
        assert_eq!(link.expires_ms, NOW + LINK_MS);
    }

    #[test]
    fn weak_passwords_are_not_chosen() {
        assert!(may_be_chosen("anna.bassi", PASSWORD).is_ok());
        for (chosen, code) in [
            ("corta", "password-short"),
            ("aaaaaaaaaaaaaaaa", "password-weak"),
            ("xx-Anna.Bassi-2026", "password-weak"),
            (&"lunghissima1".repeat(100), "password-long"),
        ] {
            assert_eq!(may_be_chosen("anna.bassi", chosen).unwrap_err().code, code, "{chosen}");
        }
    }
}
