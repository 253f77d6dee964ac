//! A certification authority for tests and demonstrations. Its names say so: nobody should ever believe it.

use openssl::asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::md::Md;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Rsa;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name, X509NameBuilder};

use crate::seal::{SealError, Sealer};

/// Kinds of key that are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA 2048.
    Rsa2048,
    /// RSA 2048 with exponent 3, the one with which loose readers were fooled.
    Rsa2048Cube,
    /// RSA 1024: too short to be accepted.
    Rsa1024,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// Brainpool P256r1.
    Brainpool256,
    /// secp256k1: not among the curves that are checked.
    Secp256k1,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
}

impl KeyKind {
    pub(super) fn generate(self) -> Result<PKey<Private>, ErrorStack> {
        let curve = |nid| PKey::from_ec_key(EcKey::generate(EcGroup::from_curve_name(nid)?.as_ref())?);
        match self {
            Self::Rsa2048 => PKey::from_rsa(Rsa::generate(2048)?),
            Self::Rsa2048Cube => PKey::from_rsa(Rsa::generate_with_e(2048, BigNum::from_u32(3)?.as_ref())?),
            Self::Rsa1024 => PKey::from_rsa(Rsa::generate(1024)?),
            Self::P256 => curve(Nid::X9_62_PRIME256V1),
            Self::P384 => curve(Nid::SECP384R1),
            Self::Brainpool256 => curve(Nid::BRAINPOOL_P256R1),
            Self::Secp256k1 => curve(Nid::SECP256K1),
            Self::Ed25519 => PKey::generate_ed25519(),
            Self::Ed448 => PKey::generate_ed448(),
        }
    }
}

/// Whose certificate is made.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Given name; empty for a body's seal.
    pub given_name: &'a str,
    /// Surname; empty for a body's seal.
    pub surname: &'a str,
    /// Italian tax code, written as `TINIT-…`; empty for none.
    pub fiscal_code: &'a str,
    /// Organisation; empty for none.
    pub organization: &'a str,
    /// First instant of validity, UTC milliseconds.
    pub from_ms: i64,
    /// Last instant of validity, UTC milliseconds.
    pub to_ms: i64,
}

/// A key with its certificate, able to sign well or badly.
#[derive(Clone)]
pub struct Signer {
    pub(super) key: PKey<Private>,
    /// The signer's certificate first, in DER.
    pub(super) certificates: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

impl Signer {
    /// Reads what [`Self::to_pem`] wrote.
    pub fn from_pem(pem: &[u8]) -> Result<Self, ErrorStack> {
        let key = PKey::private_key_from_pem(pem)?;
        let certificates = X509::stack_from_pem(pem)?;
        let certificates = certificates.iter().map(|der| der.to_der()).collect::<Result<_, _>>()?;
        Ok(Self { key, certificates })
    }

    /// Key and certificates in PEM.
    pub fn to_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        Ok([self.key_pem()?, self.certificates_pem()?].concat())
    }

    /// The certificates in DER, the signer's first.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// Whether the key is RSA.
    pub fn is_rsa(&self) -> bool {
        self.key.id() == Id::RSA
    }

    /// Signs a SHA-256 as it is: what whoever keeps keys for others does.
    pub fn sign_digest(&self, sha256: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let mut context = PkeyCtx::new(&self.key)?;
        context.sign_init()?;
        context.set_signature_md(Md::sha256())?;
        let mut signature = Vec::new();
        context.sign_to_vec(sha256, &mut signature)?;
        Ok(signature)
    }

    /// The key alone, PKCS#8 in PEM.
    pub fn key_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        self.key.private_key_to_pem_pkcs8()
    }

    /// The certificates in PEM, the signer's first.
    pub fn certificates_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        let mut pem = Vec::new();
        for der in &self.certificates {
            pem.extend(X509::from_der(der)?.to_pem()?);
        }
        Ok(pem)
    }

    /// The signer's certificate in DER.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificates[0]
    }

    /// A sealer with this key.
    pub fn sealer(&self) -> Result<Sealer, SealError> {
        let certificates = self.certificates.iter().map(|der| X509::from_der(der));
        let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(SealError::Certificate)?;
        Sealer::new(self.key.clone(), &certificates)
    }
}

/// A root and the authority below it that issues to people.
#[derive(Debug, Clone)]
pub struct Pki {
    pub(super) root: Signer,
    pub(super) issuer: Signer,
    serial: u64,
    /// Below which address the authority offers what it says; empty where it says nothing of that.
    pub(super) base: String,
}

/// Ten years.
const LIFE_MS: i64 = 10 * 365 * 86_400_000;

impl Pki {
    /// Makes a root and an issuing authority, both P-256, valid from five years before `now_ms` for ten.
    /// `town` enters their names, after the word "prova".
    pub fn new(town: &str, now_ms: i64) -> Result<Self, ErrorStack> {
        let from = now_ms - LIFE_MS / 2;
        // Serial numbers only have to differ within the authority.
        let serial = now_ms.unsigned_abs() << 16;
        let root_key = KeyKind::P256.generate()?;
        let root_name = authority_name(town, "Radice di prova")?;
        let mut root = start(&root_name, &root_name, &root_key, serial, from, from + LIFE_MS)?;
        authority(&mut root, None)?;
        root.sign(&root_key, MessageDigest::sha256())?;
        let root = Signer { key: root_key, certificates: vec![root.build().to_der()?] };

        let key = KeyKind::P256.generate()?;
        let name = authority_name(town, "CA di prova per firme")?;
        let mut issuer = start(&name, &root_name, &key, serial + 1, from, from + LIFE_MS)?;
        authority(&mut issuer, Some(&root.x509()?))?;
        issuer.sign(&root.key, MessageDigest::sha256())?;
        let issuer = Signer { key, certificates: vec![issuer.build().to_der()?] };
        Ok(Self { root, issuer, serial: serial + 2, base: String::new() })
    }

    /// The root, for whoever is to believe it: PEM.
    pub fn anchors_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        self.root.certificates_pem()
    }

    /// Issues a certificate for signing, with a new key.
    pub fn signer(&mut self, subject: &Subject<'_>, kind: KeyKind) -> Result<Signer, ErrorStack> {
        let usage = KeyUsage::new().critical().non_repudiation().build()?;
        self.issue(subject, &kind.generate()?, vec![usage])
    }

    /// The issuing authority's certificate (DER), as a trusted list names it.
    pub fn issuer_der(&self) -> &[u8] {
        self.issuer.certificate_der()
    }

    /// Issues a certificate that is not for signing (key encipherment only).
    pub fn not_for_signing(&mut self, subject: &Subject<'_>, kind: KeyKind) -> Result<Signer, ErrorStack> {
        let usage = KeyUsage::new().critical().key_encipherment().build()?;
        self.issue(subject, &kind.generate()?, vec![usage])
    }

    /// Issues a certificate for time-stamping alone, with the purpose critical as RFC 3161 wants it, or not.
    pub fn stamper(
        &mut self,
        subject: &Subject<'_>,
        kind: KeyKind,
        critical: bool,
    ) -> Result<Signer, ErrorStack> {
        let usage = KeyUsage::new().critical().digital_signature().build()?;
        let mut purpose = ExtendedKeyUsage::new();
        if critical {
            purpose.critical();
        }
        let purpose = purpose.time_stamping().build()?;
        self.issue(subject, &kind.generate()?, vec![usage, purpose])
    }

    /// Issues a certificate for answering OCSP; `no_check` says that nobody need ask about it.
    pub fn responder(&mut self, subject: &Subject<'_>, no_check: bool) -> Result<Signer, ErrorStack> {
        let usage = KeyUsage::new().critical().digital_signature().build()?;
        let purpose = ExtendedKeyUsage::new().other("OCSPSigning").build()?;
        let mut extensions = vec![usage, purpose];
        if no_check {
            let id = Asn1Object::from_str("1.3.6.1.5.5.7.48.1.5")?;
            let null = Asn1OctetString::new_from_bytes(&[0x05, 0x00])?;
            extensions.push(X509Extension::new_from_der(&id, false, &null)?);
        }
        self.issue(subject, &KeyKind::P256.generate()?, extensions)
    }

    /// Makes a certificate signed by itself: nobody vouches for it.
    pub fn self_signed(&mut self, subject: &Subject<'_>, kind: KeyKind) -> Result<Signer, ErrorStack> {
        let key = kind.generate()?;
        let name = subject_name(subject)?;
        self.serial += 1;
        let mut builder = start(&name, &name, &key, self.serial, subject.from_ms, subject.to_ms)?;
        builder.append_extension(KeyUsage::new().critical().non_repudiation().build()?)?;
        builder.sign(&key, digest_for(&key))?;
        Ok(Signer { key, certificates: vec![builder.build().to_der()?] })
    }

    pub(super) fn issue(
        &mut self,
        subject: &Subject<'_>,
        key: &PKey<Private>,
        extensions: Vec<X509Extension>,
    ) -> Result<Signer, ErrorStack> {
        let issuer = self.issuer.x509()?;
        let name = subject_name(subject)?;
        self.serial += 1;
        let mut builder =
            start(&name, issuer.subject_name(), key, self.serial, subject.from_ms, subject.to_ms)?;
        for extension in extensions.into_iter().chain(self.offers()?) {
            builder.append_extension(extension)?;
        }
        let context = builder.x509v3_context(Some(&issuer), None);
        let subject_id = SubjectKeyIdentifier::new().build(&context)?;
        let authority_id = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
        builder.append_extension(subject_id)?;
        builder.append_extension(authority_id)?;
        builder.sign(&self.issuer.key, MessageDigest::sha256())?;
        let own = builder.build().to_der()?;
        Ok(Signer { key: key.clone(), certificates: vec![own, self.issuer.certificates[0].clone()] })
    }
}

impl Signer {
    fn x509(&self) -> Result<X509, ErrorStack> {
        X509::from_der(&self.certificates[0])
    }
}

fn digest_for(key: &PKey<Private>) -> MessageDigest {
    if matches!(key.id(), Id::ED25519 | Id::ED448) { MessageDigest::null() } else { MessageDigest::sha256() }
}

fn authority_name(town: &str, what: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("C", "IT")?;
    name.append_entry_by_text("O", &format!("{town} - PROVA, nessun valore"))?;
    name.append_entry_by_text("CN", what)?;
    Ok(name.build())
}

fn subject_name(subject: &Subject<'_>) -> Result<X509Name, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("C", "IT")?;
    let full = format!("{} {}", subject.given_name, subject.surname);
    let common = if full.trim().is_empty() { subject.organization } else { full.trim() };
    let serial =
        if subject.fiscal_code.is_empty() { String::new() } else { format!("TINIT-{}", subject.fiscal_code) };
    for (field, value) in [
        ("O", subject.organization),
        ("SN", subject.surname),
        ("GN", subject.given_name),
        ("serialNumber", &serial),
        ("CN", common),
    ] {
        if !value.is_empty() {
            name.append_entry_by_text(field, value)?;
        }
    }
    Ok(name.build())
}

fn start(
    subject: &openssl::x509::X509NameRef,
    issuer: &openssl::x509::X509NameRef,
    key: &PKey<Private>,
    serial: u64,
    from_ms: i64,
    to_ms: i64,
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    let serial = BigNum::from_slice(&serial.to_be_bytes())?;
    builder.set_serial_number(Asn1Integer::from_bn(&serial)?.as_ref())?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(Asn1Time::from_unix(from_ms.div_euclid(1000))?.as_ref())?;
    builder.set_not_after(Asn1Time::from_unix(to_ms.div_euclid(1000))?.as_ref())?;
    Ok(builder)
}

fn authority(builder: &mut X509Builder, issuer: Option<&X509>) -> Result<(), ErrorStack> {
    builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
    builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
    let context = builder.x509v3_context(issuer.map(AsRef::as_ref), None);
    let subject_id = SubjectKeyIdentifier::new().build(&context)?;
    builder.append_extension(subject_id)
}
