//! What the verifier trusts: a `tlog-policy` with PEM certificates in one text file.

use plico_journal::policy::PolicyError as LogPolicyError;
use plico_signature::{AnchorError, Anchors};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Says that the certificates that follow are believed about seals, and that a seal is demanded.
const OF_SEALS: &str = "roots seal";
/// Says that the certificates that follow are believed about time stamps.
const OF_STAMPS: &str = "roots timestamp";

/// Logs, witnesses, quorum, and roots of seals and time stamps. It comes from the verifier, never from what is verified.
#[derive(Debug)]
pub struct Policy {
    logs: plico_journal::Policy,
    seals: Option<Anchors>,
    stamps: Option<Anchors>,
    pem: String,
}

/// Whom the certificates that are being read are believed about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// No line says: about whatever there is.
    Anything,
    Seals,
    Stamps,
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
        let (mut seals, mut stamps, mut about) = (String::new(), String::new(), About::Anything);
        for line in text.lines() {
            let marked = match line.trim_end() {
                OF_SEALS if !inside => Some(About::Seals),
                OF_STAMPS if !inside => Some(About::Stamps),
                _ => None,
            };
            about = marked.unwrap_or(about);
            inside |= line.trim() == BEGIN;
            let line = if inside { line.trim() } else { line };
            if inside || marked.is_some() {
                pem.push_str(line);
                pem.push('\n');
            } else {
                logs.push_str(line);
            }
            for (of, text) in [(About::Seals, &mut seals), (About::Stamps, &mut stamps)] {
                if inside && (about == of || about == About::Anything) {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            // An empty line for every line of a certificate: errors name the line of the file.
            logs.push('\n');
            inside &= line.trim() != END;
        }
        if inside {
            return Err(PolicyError::Certificate);
        }
        let anchors = |pem: &str| {
            let there = (!pem.is_empty()).then(|| Anchors::from_pem(pem.as_bytes()));
            there.transpose().map_err(PolicyError::Roots)
        };
        let (seals, stamps) = (anchors(&seals)?, anchors(&stamps)?);
        Ok(Self { logs: plico_journal::Policy::parse(&logs).map_err(PolicyError::Logs)?, seals, stamps, pem })
    }

    /// Which logs, which witnesses, how many of them.
    pub fn logs(&self) -> &plico_journal::Policy {
        &self.logs
    }

    /// The certificates as they stand in the file, with the lines that say what they are for; empty when there are none.
    pub fn roots_pem(&self) -> &str {
        &self.pem
    }

    /// Whom to believe about seals; `None` when the file names nobody, and then no seal is demanded.
    pub fn seal_roots(&self) -> Option<&Anchors> {
        self.seals.as_ref()
    }

    /// Whom to believe about time stamps; none is demanded.
    pub fn stamp_roots(&self) -> Option<&Anchors> {
        self.stamps.as_ref()
    }
}
