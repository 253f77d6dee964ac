//! A key for a body that has no seal certificate yet: signed by itself, so that a file it sealed shows any later
//! change, and nobody vouches for whose it is.

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::extension::KeyUsage;
use openssl::x509::{X509, X509NameBuilder};

use crate::seal::{SealError, Sealer};

/// Five years.
const LIFE_SECONDS: i64 = 5 * 365 * 86_400;
/// Longest name of an organisation in a certificate (X.520, ub-organization-name).
const NAME_CHARS: usize = 64;

impl Sealer {
    /// Makes a P-256 key with a certificate of its own for `organisation`, valid from `now_ms` for five years. It is
    /// not qualified: whoever verifies must be told its digest by other means.
    pub fn self_signed(organisation: &str, now_ms: i64) -> Result<Self, SealError> {
        let (key, certificate) = make(organisation, now_ms.div_euclid(1000)).map_err(SealError::Key)?;
        Self::new(key, &[certificate])
    }
}

fn make(organisation: &str, from: i64) -> Result<(PKey<openssl::pkey::Private>, X509), ErrorStack> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&curve)?)?;
    let short: String = organisation.chars().take(NAME_CHARS).collect();
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("C", "IT")?;
    name.append_entry_by_text("O", &short)?;
    name.append_entry_by_text("CN", &short)?;
    let name = name.build();
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(Asn1Integer::from_bn(&serial)?.as_ref())?;
    builder.set_subject_name(&name)?;
    builder.set_issuer_name(&name)?;
    builder.set_pubkey(&key)?;
    builder.set_not_before(Asn1Time::from_unix(from)?.as_ref())?;
    builder.set_not_after(Asn1Time::from_unix(from + LIFE_SECONDS)?.as_ref())?;
    builder.append_extension(KeyUsage::new().critical().digital_signature().non_repudiation().build()?)?;
    builder.sign(&key, MessageDigest::sha256())?;
    Ok((key, builder.build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_seals_and_reads_back() {
        let sealer = Sealer::self_signed("Comune di Borgo San Plico", 1_795_262_400_000).unwrap();
        let pem = sealer.to_pem().unwrap();
        let again = Sealer::from_pem(&pem, &pem).unwrap();
        assert_eq!(again.certificate_der(), sealer.certificate_der());
        assert!(again.sign_detached(&[7; 32]).is_ok());
        assert!(again.about().is_ok_and(|about| about.not_after_ms > 1_795_262_400_000));
    }
}
