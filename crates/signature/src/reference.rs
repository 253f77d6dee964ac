//! The signing-certificate attribute, by which a signer says which certificate is his, and the format it makes.

use plico_crypto::verify::Hash;

use crate::certificate::Certificate;
use crate::check::{Findings, Rules, Setting};
use crate::digest::digest;
use crate::report::{Format, Reason, SubIndication};
use crate::signer::{self, Attributes, Single};
use crate::{der, oid};

/// The signing-certificate attribute (RFC 2634, RFC 5035), which makes CMS into CAdES.
pub(crate) fn format(
    signed: Option<&Attributes<'_>>,
    certificate: Option<&Certificate<'_>>,
    setting: &Setting<'_>,
    findings: &mut Findings,
) -> Format {
    let pdf = matches!(setting.rules, Rules::Pades | Rules::Pkcs7);
    let plain = if setting.rules == Rules::Cades || !pdf { Format::Cms } else { Format::Pkcs7 };
    let Some(signed) = signed else { return plain };
    let both: Vec<_> = [oid::SIGNING_CERTIFICATE, oid::SIGNING_CERTIFICATE_V2]
        .iter()
        .flat_map(|id| signed.values(id).map(move |value| (*id == oid::SIGNING_CERTIFICATE_V2, value)))
        .collect();
    let &[(second, value)] = both.as_slice() else {
        if !both.is_empty() {
            findings.doubt(SubIndication::SigConstraintsFailure, Reason::SigningCertificateTwice);
        } else if setting.rules != Rules::Pkcs7 {
            findings.doubt(SubIndication::SigConstraintsFailure, Reason::SigningCertificateMissing);
        }
        return plain;
    };
    if certificate.is_some_and(|certificate| names_certificate(second, value.body, certificate) != Some(true))
    {
        findings.doubt(SubIndication::NoSigningCertificateFound, Reason::SigningCertificateDiffers);
        return plain;
    }
    let timed = matches!(signed.single(oid::SIGNING_TIME), Single::One(_));
    if pdf {
        return match (setting.rules, timed) {
            (Rules::Pkcs7, _) => Format::Pkcs7,
            // In a PDF the declared time stands in the dictionary (ETSI EN 319 142-1 §6.3).
            (_, false) => Format::PadesB,
            (_, true) => Format::PadesBes,
        };
    }
    // The baseline wants one and only one signing time.
    if timed {
        Format::CadesB
    } else {
        findings.notes.push(Reason::NoSigningTime);
        Format::CadesBes
    }
}

/// Whether the first ESSCertID is this certificate's.
fn names_certificate(second: bool, mut fields: &[u8], certificate: &Certificate<'_>) -> Option<bool> {
    let mut identifiers = der::expect(&mut fields, 0x30)?;
    let mut first = der::expect(&mut identifiers, 0x30)?;
    let hash = match (second, der::optional(&mut first, 0x30)) {
        (true, Some(algorithm)) => {
            let mut id = algorithm.body;
            signer::hash(der::expect(&mut id, 0x06)?)?
        }
        (true, None) => Hash::Sha256,
        (false, None) => Hash::Sha1,
        (false, Some(_)) => return None,
    };
    let named = der::expect(&mut first, 0x04)?;
    let serial_fits = match der::optional(&mut first, 0x30) {
        None => true,
        Some(issuer_serial) => {
            let mut pair = issuer_serial.body;
            der::next(&mut pair)?;
            der::expect(&mut pair, 0x02)? == certificate.serial
        }
    };
    Some(serial_fits && named == digest(hash, certificate.der))
}
