//! What an envelope brings with it to be verified with: certificates, revocation lists and answers, also those of its
//! time stamps. It is believed for who signed it, not for where it lay.

use crate::check::MAX_COUNTER_DEPTH;
use crate::der::{self, Tlv};
use crate::envelope::Envelope;
use crate::revocation::{Evidence, in_envelope, in_values};
use crate::signer::SignerInfo;
use crate::{oid, token};

/// Most time stamps of one envelope that are opened.
const MAX_TOKENS: usize = 64;

/// Certificates and evidence.
#[derive(Debug, Default)]
pub(crate) struct Material {
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) evidence: Evidence,
}

impl Material {
    /// Takes what an envelope holds besides its own certificates.
    pub(crate) fn take(&mut self, envelope: &Envelope) {
        self.evidence.add_inner(in_envelope(&envelope.revocations));
        let mut left = MAX_TOKENS;
        for bytes in &envelope.signers {
            if let Some(info) = SignerInfo::read(bytes) {
                self.signer(&info, &mut left, 0);
            }
        }
    }

    /// Takes what a time stamp holds, its own certificates too.
    pub(crate) fn take_token(&mut self, bytes: &[u8]) {
        if let Some((envelope, _)) = token::open(bytes, token::MAX_INNER) {
            self.certificates.extend(envelope.certificates.iter().cloned());
            self.evidence.add_inner(in_envelope(&envelope.revocations));
            // The stamp of a stamp is not followed.
            if let Some(info) = envelope.signers.first().and_then(|bytes| SignerInfo::read(bytes)) {
                self.values(&info);
            }
        }
    }

    fn signer(&mut self, info: &SignerInfo<'_>, left: &mut usize, depth: u8) {
        self.values(info);
        let signed = info.signed.iter().flat_map(|signed| signed.values(oid::CONTENT_TIME_STAMP));
        let unsigned = [oid::SIGNATURE_TIME_STAMP, oid::ARCHIVE_TIME_STAMP_V3];
        let unsigned = unsigned.iter().flat_map(|id| info.unsigned.values(id));
        for token in signed.chain(unsigned) {
            if *left == 0 {
                return;
            }
            *left -= 1;
            self.take_token(token.raw);
        }
        // Their time stamps come with authorities of their own.
        for counter in info.unsigned.values(oid::COUNTER_SIGNATURE).filter(|_| depth < MAX_COUNTER_DEPTH) {
            if let Some(counter) = SignerInfo::read(counter.raw) {
                self.signer(&counter, left, depth + 1);
            }
        }
    }

    fn values(&mut self, info: &SignerInfo<'_>) {
        for values in info.unsigned.values(oid::REVOCATION_VALUES) {
            self.evidence.add_inner(values.of(0x30).and_then(in_values).unwrap_or_default());
        }
        for values in info.signed.iter().flat_map(|signed| signed.values(oid::ADOBE_REVOCATION)) {
            self.evidence.add_inner(values.of(0x30).and_then(in_values).unwrap_or_default());
        }
        for values in info.unsigned.values(oid::CERTIFICATE_VALUES) {
            let all: Vec<Tlv<'_>> = values.of(0x30).and_then(der::all).unwrap_or_default();
            self.certificates.extend(all.iter().map(|one| one.raw.to_vec()));
        }
    }
}
