//! What the verifier trusts: a `tlog-policy` with PEM certificates in one text file.

use plico_journal::policy::PolicyError as LogPolicyError;
use plico_signature::{AnchorError, Anchors};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Logs, witnesses, quorum, and roots of seals. It comes from the verifier, never from what is verified.
#[derive(Debug)]
pub struct Policy {
    logs: plico_journal::Policy,
    roots: Option<Anchors>,
    pem: String,
}

/// Why a file is not a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not UTF-8.
    #[error("the policy is not UTF-8 text")]
    Text,
    /// A certificate begins and does not end.
    #[error("a certificate of the policy has no last line")]
    Certificate,
    /// The certificates cannot be read.
    #[error("the certificates of the policy cannot be read")]
    Roots(#[source] AnchorError),
    /// The rest is not a `tlog-policy`.
    #[error("the policy cannot be read")]
    Logs(#[source] LogPolicyError),
}

impl Policy {
    /// Reads a policy file. Line endings of both kinds are accepted.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        let text = std::str::from_utf8(bytes).map_err(|_| PolicyError::Text)?;
        let (mut logs, mut pem, mut inside) = (String::new(), String::new(), false);
        for line in text.lines() {
            inside |= line.trim() == BEGIN;
            if inside {
                pem.push_str(line.trim());
                pem.push('\n');
            } else {
                logs.push_str(line);
            }
            // An empty line for every line of a certificate: errors name the line of the file.
            logs.push('\n');
            inside &= line.trim() != END;
        }
        if inside {
            return Err(PolicyError::Certificate);
        }
        let roots = if pem.is_empty() {
            None
        } else {
            Some(Anchors::from_pem(pem.as_bytes()).map_err(PolicyError::Roots)?)
        };
        Ok(Self { logs: plico_journal::Policy::parse(&logs).map_err(PolicyError::Logs)?, roots, pem })
    }

    /// Which logs, which witnesses, how many of them.
    pub fn logs(&self) -> &plico_journal::Policy {
        &self.logs
    }

    /// The certificates as they stand in the file; empty when there are none.
    pub fn roots_pem(&self) -> &str {
        &self.pem
    }

    /// Whom to believe about seals and time stamps; `None` when the file has no certificate, and then no seal is demanded.
    pub fn roots(&self) -> Option<&Anchors> {
        self.roots.as_ref()
    }
}
