//! Certificates that say of themselves that they are qualified.

use openssl::asn1::{Asn1Object, Asn1OctetString};
use openssl::error::ErrorStack;
use openssl::x509::X509Extension;
use openssl::x509::extension::KeyUsage;

use super::pki::{KeyKind, Pki, Signer, Subject};
use crate::der::{sequence, tlv};
use crate::{oid, write};

/// What a qualified certificate says of itself (ETSI EN 319 412-5).
#[derive(Debug, Clone, Copy)]
pub struct Qualified {
    /// Its key is in a qualified device.
    pub device: bool,
    /// It is for seals, not for signatures.
    pub seal: bool,
}

impl Pki {
    /// Issues a certificate for signing that says of itself that it is qualified.
    pub fn qualified(
        &mut self,
        subject: &Subject<'_>,
        kind: KeyKind,
        says: Qualified,
    ) -> Result<Signer, ErrorStack> {
        let usage = KeyUsage::new().critical().non_repudiation().build()?;
        let statement = |id: &[u8], inside: &[u8]| sequence(&[&write::object(id), inside]);
        let mut statements = vec![statement(oid::QC_COMPLIANCE, &[])];
        if says.device {
            statements.push(statement(oid::QC_SSCD, &[]));
        }
        let kind_of_use = if says.seal { oid::QC_TYPE_SEAL } else { oid::QC_TYPE_SIGNATURE };
        statements.push(statement(oid::QC_TYPE, &sequence(&[&write::object(kind_of_use)])));
        let value = Asn1OctetString::new_from_bytes(&tlv(0x30, &statements.concat()))?;
        let id = Asn1Object::from_str("1.3.6.1.5.5.7.1.3")?;
        let statements = X509Extension::new_from_der(&id, false, &value)?;
        self.issue(subject, &kind.generate()?, vec![usage, statements])
    }
}
