//! Whom this installation asks to vouch for its checkpoints: read once from the policy file that the configuration names.

use std::path::Path;
use std::time::Duration;

use plico_archive::vouch::Demand;
use plico_courier::http::{Http, HttpError};
use plico_evidence::Policy;
use plico_journal::note::VerifierKey;
use plico_journal::policy::operator;
use plico_signature::timestamp::{self, MAX_TOKEN, Stamp, TimestampError, Trust};

use crate::clock::random_bytes;
use crate::config::Config;
use crate::work::describe;

/// How far an authority's clock may be from ours (milliseconds).
const MAX_OFF_MS: i64 = 600_000;

/// Witnesses, a time-stamping authority, and the means to ask them.
#[derive(Debug)]
pub struct Vouchers {
    policy: Option<Policy>,
    authority: Option<String>,
    http: Http,
}

/// Why nobody can be asked. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum VouchersError {
    /// The file cannot be read.
    #[error("evidence.policy: cannot read {0}: check the path and its permissions")]
    Unreadable(String, #[source] std::io::Error),
    /// It is not a policy.
    #[error("evidence.policy: {0} is not a policy (C2SP tlog-policy, with certificates in PEM)")]
    Policy(String, #[source] plico_evidence::policy::PolicyError),
    /// A witness has no address.
    #[error(
        "evidence.policy: the witness {0} has no address: write it after its key, like https://witness.example.org"
    )]
    Address(String),
    /// It names witnesses and asks for none.
    #[error(
        "evidence.policy: its quorum is none, so no witness would ever be waited for: name a witness or a group"
    )]
    NoQuorum,
    /// The body's own witnesses are enough.
    #[error(
        "evidence.policy: witnesses of this installation alone reach the quorum, and prove nothing to others: ask for one of another operator"
    )]
    OwnAlone,
    /// A name in `evidence.own` is in no policy.
    #[error("evidence.own: the policy has no witness {0}")]
    Unknown(String),
    /// The client cannot be made.
    #[error("this machine cannot make requests over HTTP")]
    Http(#[source] HttpError),
}

/// Why nothing came of a question: a stable name, and what was said.
pub type Silence = (&'static str, String);

/// The stable name of a request that came to nothing.
pub fn silence(error: &HttpError) -> &'static str {
    match error {
        HttpError::TimedOut(_) => "timeout",
        HttpError::TooLong(_) => "garbage",
        HttpError::NotReached(_)
        | HttpError::Unreachable(_)
        | HttpError::Address(_)
        | HttpError::Forbidden(_) => "unreachable",
    }
}

impl Vouchers {
    /// Reads the configuration's policy.
    pub fn load(config: &Config) -> Result<Self, VouchersError> {
        let evidence = &config.evidence;
        let policy = evidence.policy.as_deref().map(|file| read(file, config)).transpose()?;
        let http = Http::new(Duration::from_secs(evidence.timeout_seconds)).map_err(VouchersError::Http)?;
        let authority = Some(evidence.timestamp_url.clone()).filter(|url| !url.is_empty());
        Ok(Self { policy, authority, http })
    }

    /// Witnesses to be asked: name in the policy, key, address.
    pub fn witnesses(&self) -> Vec<(String, VerifierKey, String)> {
        let logs = self.policy.iter().map(Policy::logs).filter(|logs| logs.demands_witnesses());
        let witnesses = logs.flat_map(plico_journal::Policy::witnesses);
        witnesses
            .map(|(name, key, url)| (name.to_owned(), key.clone(), url.unwrap_or_default().to_owned()))
            .collect()
    }

    /// Address of the time-stamping authority.
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Whom to believe about time stamps, when the policy says.
    pub fn roots(&self) -> Option<&plico_signature::Anchors> {
        self.policy.as_ref().and_then(Policy::stamp_roots)
    }

    /// The policy's certificates in PEM, for whoever verifies with this installation's policy.
    pub fn roots_pem(&self) -> String {
        self.policy.as_ref().map(Policy::roots_pem).unwrap_or_default().to_owned()
    }

    /// The authority's time stamp over a SHA-256, from whom we believe and at about this instant; or what is the matter.
    pub async fn stamp(&self, sha256: &[u8; 32], now_ms: i64) -> Result<(Vec<u8>, Stamp), Silence> {
        let url = self.authority().ok_or_else(|| ("unreachable", String::new()))?;
        let nonce = random_bytes();
        let query = timestamp::query(sha256, nonce);
        let answer = match self.http.post(url, "application/timestamp-query", query, MAX_TOKEN).await {
            Ok(answer) if answer.status == 200 => answer,
            Ok(answer) => return Err(("refused", answer.status.to_string())),
            Err(error) => return Err((silence(&error), describe(&error))),
        };
        match timestamp::read_answer(&answer.body, sha256, nonce, now_ms, self.roots()) {
            Ok((_, stamp)) if matches!(stamp.trust, Trust::Unknown | Trust::Expired) => {
                Err(("untrusted", stamp.authority))
            }
            Ok((_, stamp)) if (stamp.at_ms - now_ms).abs() > MAX_OFF_MS => {
                Err(("clock", format!("{} s", (stamp.at_ms - now_ms) / 1000)))
            }
            Ok(stamped) => Ok(stamped),
            Err(error) => {
                let problem = match &error {
                    TimestampError::Malformed => "garbage",
                    TimestampError::Status(..) => "refused",
                    TimestampError::Purpose | TimestampError::Dates => "untrusted",
                    TimestampError::Imprint
                    | TimestampError::Nonce
                    | TimestampError::Signature
                    | TimestampError::SigningCertificate => "false",
                };
                Err((problem, describe(&error)))
            }
        }
    }

    /// The client.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// What a person calls somebody who is asked: the policy's name of a witness, an authority's address.
    pub fn name_of(&self, voucher: &str) -> String {
        let found = self.witnesses().into_iter().find(|(_, key, _)| key.to_string() == voucher);
        found.map_or_else(|| voucher.to_owned(), |(name, ..)| name)
    }

    /// What the archive waits for.
    pub fn demand(&self, config: &Config) -> Demand {
        let evidence = &config.evidence;
        let minutes = |minutes: u64| i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(60_000);
        let hours = evidence.timestamp_hours.saturating_add(evidence.timestamp_late_hours);
        Demand {
            policy: self.policy.as_ref().map(|policy| policy.logs().clone()),
            witness_late_ms: minutes(evidence.late_minutes),
            authority: self.authority.clone(),
            stamp_late_ms: minutes(hours.saturating_mul(60)),
        }
    }
}

fn read(file: &Path, config: &Config) -> Result<Policy, VouchersError> {
    let shown = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| VouchersError::Unreadable(shown.clone(), error))?;
    let policy = Policy::parse(&bytes).map_err(|error| VouchersError::Policy(shown, error))?;
    let logs = policy.logs();
    for (name, _, url) in logs.witnesses() {
        if !url.is_some_and(|url| url.starts_with("https://") || url.starts_with("http://")) {
            return Err(VouchersError::Address(name.to_owned()));
        }
    }
    if let Some(name) =
        config.evidence.own.iter().find(|own| logs.witnesses().all(|(name, ..)| name != **own))
    {
        return Err(VouchersError::Unknown(name.clone()));
    }
    if !logs.demands_witnesses() {
        // Roots alone are a policy too: time stamps without witnesses.
        return if logs.witnesses().next().is_none() { Ok(policy) } else { Err(VouchersError::NoQuorum) };
    }
    if logs.is_reached(|name, key| is_own(name, key, config)) {
        return Err(VouchersError::OwnAlone);
    }
    Ok(policy)
}

/// A witness of the body that runs this installation: named so, or under a domain of its own.
fn is_own(name: &str, key: &VerifierKey, config: &Config) -> bool {
    let public = config.public_url.split("://").nth(1).unwrap_or_default();
    let public = public.split(':').next().unwrap_or_default();
    let host = operator(key);
    let under = |domain: &str| {
        !domain.is_empty()
            && (host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
    };
    config.evidence.own.iter().any(|own| own == name) || under(&config.origin_domain) || under(public)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plico_crypto::ed25519::SigningKey;
    use plico_journal::note::Algorithm;

    fn witness(name: &str, host: &str, n: u8) -> String {
        let key = SigningKey::from_seed([n; 32]).public_key();
        let key = VerifierKey::new(host, Algorithm::Cosignature, key).unwrap();
        format!("witness {name} {key} https://{name}.example\n")
    }

    fn load(text: &str, own: &[&str]) -> Result<Vouchers, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("evidence.policy");
        std::fs::write(&file, text).unwrap();
        let mut config = Config { origin_domain: "archivio.borgo.example".into(), ..Config::default() };
        config.evidence.policy = Some(file);
        config.evidence.own = own.iter().map(|name| (*name).to_owned()).collect();
        Vouchers::load(&config).map_err(|error| error.to_string())
    }

    #[test]
    fn a_quorum_needs_somebody_else() {
        let (own, uni) =
            (witness("own", "archivio.borgo.example/w", 1), witness("uni", "witness.uni.example", 2));
        let both = format!("{own}{uni}");
        assert_eq!(
            load(&format!("{both}group all-of all own uni\nquorum all-of\n"), &[]).unwrap().witnesses().len(),
            2
        );
        assert!(load(&format!("{uni}quorum uni\n"), &[]).is_ok());
        for (text, named, said) in [
            (format!("{own}quorum own\n"), vec![], "another operator"),
            (format!("{both}group one any own uni\nquorum one\n"), vec![], "another operator"),
            (format!("{uni}quorum uni\n"), vec!["uni"], "another operator"),
            (format!("{uni}quorum uni\n"), vec!["nobody"], "no witness nobody"),
            (format!("{uni}quorum none\n"), vec![], "quorum is none"),
            (format!("{}quorum uni\n", uni.replace(" https://uni.example", "")), vec![], "no address"),
            ("trust me\n".to_owned(), vec![], "is not a policy"),
        ] {
            let error = load(&text, &named).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
