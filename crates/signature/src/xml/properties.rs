//! The properties of XAdES (ETSI EN 319 132-1) that say whose a signature is, when it was claimed, and what came with it
//! later.

use super::signature::Signature;
use super::tree::At;
use super::{DSIG, algorithm, decode};
use crate::certificate::Certificate;
use crate::digest::digest;

/// Namespace of XAdES.
pub(crate) const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
/// Namespace of what was added to it.
pub(crate) const XADES141: &str = "http://uri.etsi.org/01903/v1.4.1#";
/// Type of the reference to the signed properties.
pub(crate) const KIND: &str = "http://uri.etsi.org/01903#SignedProperties";

/// The properties of one signature.
#[derive(Debug)]
pub(crate) struct Properties<'d> {
    /// What is signed of them, if it is; who looks must see that a reference covers it.
    pub(crate) signed: At<'d>,
    unsigned: Option<At<'d>>,
}

/// Finds the properties of a signature: one `QualifyingProperties` in one of its objects.
pub(crate) fn read<'d>(signature: &Signature<'d>) -> Option<Properties<'d>> {
    let mut all = signature.objects.iter().flat_map(|object| object.children(XADES, "QualifyingProperties"));
    let properties = all.next()?;
    let target = properties.attribute("Target").and_then(|target| target.strip_prefix('#'));
    let own = target.is_some() && target == signature.at.attribute("Id");
    if all.next().is_some() || !own {
        return None;
    }
    Some(Properties {
        signed: properties.only(XADES, "SignedProperties")?,
        unsigned: properties
            .child(XADES, "UnsignedProperties")
            .and_then(|unsigned| unsigned.child(XADES, "UnsignedSignatureProperties")),
    })
}

impl<'d> Properties<'d> {
    fn of_signature(&self, name: &str) -> Option<At<'d>> {
        self.signed.child(XADES, "SignedSignatureProperties")?.child(XADES, name)
    }

    /// Whether the signed properties name a certificate as the signer's, by its digest; `None` when they name none.
    pub(crate) fn names(&self, der: &[u8]) -> Option<bool> {
        let named =
            self.of_signature("SigningCertificateV2").or_else(|| self.of_signature("SigningCertificate"))?;
        // The first is the signer's, others may be those above it.
        let first = named.child(XADES, "Cert");
        let read = || {
            let first = first?;
            let said = first.only(XADES, "CertDigest")?;
            let method = said.only(DSIG, "DigestMethod")?.attribute("Algorithm")?;
            let expected = decode(&said.only(DSIG, "DigestValue")?.text())?;
            let serial = match first.child(XADES, "IssuerSerial") {
                Some(pair) => is_serial(&pair.only(DSIG, "X509SerialNumber")?.text(), der)?,
                None => true,
            };
            Some(serial && digest(algorithm::digest(method)?, der) == expected)
        };
        Some(read().unwrap_or(false))
    }

    /// The property of the signer's certificate stands in both its editions.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.of_signature("SigningCertificateV2").is_some()
            && self.of_signature("SigningCertificate").is_some()
    }

    /// The time that the signer declares, UTC milliseconds.
    pub(crate) fn signing_time(&self) -> Option<i64> {
        let text = self.of_signature("SigningTime")?.text();
        text.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
    }

    /// The roles that the signer claims.
    pub(crate) fn roles(&self) -> Vec<String> {
        let roles = self.of_signature("SignerRoleV2").or_else(|| self.of_signature("SignerRole"));
        let claimed = roles.and_then(|roles| roles.child(XADES, "ClaimedRoles")).into_iter();
        let texts = claimed.flat_map(|claimed| claimed.children(XADES, "ClaimedRole")).map(At::text);
        texts.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).take(16).collect()
    }

    /// The unsigned properties of the signature, in their order.
    pub(crate) fn unsigned(&self) -> impl Iterator<Item = At<'d>> {
        self.unsigned.into_iter().flat_map(At::elements)
    }

    /// The counter-signatures: each has a signature inside.
    pub(crate) fn counters(&self) -> impl Iterator<Item = At<'d>> {
        self.unsigned.into_iter().flat_map(|all| all.children(XADES, "CounterSignature"))
    }

    /// Base64 values below an unsigned property: `CertificateValues`, `RevocationValues`, also those of time stamps.
    pub(crate) fn values(&self, property: &'static str, name: &'static str) -> Vec<Vec<u8>> {
        let of_stamps = self.unsigned().filter(|at| at.is(XADES141, "TimeStampValidationData"));
        let all = self.unsigned.into_iter().chain(of_stamps).flat_map(|at| at.children(XADES, property));
        let found = all.flat_map(At::descendants).filter(|at| at.is(XADES, name));
        found.filter_map(|at| decode(&at.text())).collect()
    }
}

/// Whether a decimal number is a certificate's serial number.
fn is_serial(decimal: &str, der: &[u8]) -> Option<bool> {
    let number = openssl::bn::BigNum::from_dec_str(decimal.trim()).ok()?;
    let own = Certificate::read(der)?.serial;
    let first = own.iter().position(|&byte| byte != 0).unwrap_or(own.len());
    Some(!number.is_negative() && number.to_vec() == own[first..])
}
