//! What the certificates of a test authority say of where its lists, answers and own certificate are to be had.

use openssl::asn1::{Asn1Object, Asn1OctetString};
use openssl::error::ErrorStack;
use openssl::x509::X509Extension;

use super::pki::Pki;
use crate::der::{sequence, tlv};
use crate::{oid, write};

impl Pki {
    /// From now on certificates name `<base>/ca.crl`, `<base>/ocsp` and `<base>/ca.crt`; none when it is empty.
    pub fn offer_at(&mut self, base: &str) {
        base.clone_into(&mut self.base);
    }

    pub(super) fn offers(&self) -> Result<Vec<X509Extension>, ErrorStack> {
        if self.base.is_empty() {
            return Ok(Vec::new());
        }
        let uri = |name: &str| tlv(0x86, format!("{}/{name}", self.base).as_bytes());
        let point = sequence(&[&tlv(0xa0, &tlv(0xa0, &uri("ca.crl")))]);
        let access = |id: &[u8], name: &str| sequence(&[&write::object(id), &uri(name)]);
        let information = sequence(&[&access(oid::OCSP, "ocsp"), &access(oid::CA_ISSUERS, "ca.crt")]);
        Ok(vec![extension("2.5.29.31", &sequence(&[&point]))?, extension("1.3.6.1.5.5.7.1.1", &information)?])
    }
}

fn extension(id: &str, value: &[u8]) -> Result<X509Extension, ErrorStack> {
    let (id, value) = (Asn1Object::from_str(id)?, Asn1OctetString::new_from_bytes(value)?);
    X509Extension::new_from_der(&id, false, &value)
}
