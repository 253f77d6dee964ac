//! One `SignerInfo` (RFC 5652 §5.3) and its attributes, as written; what they must be is checked in
//! [`crate::check`].

use plico_crypto::verify::{Algorithm, Hash};

use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::{instant, oid, write};

/// A signer's structure, borrowed from normalised bytes.
#[derive(Debug)]
pub(crate) struct SignerInfo<'a> {
    pub identifier: Identifier<'a>,
    /// Object identifier of the content's digest.
    pub digest: &'a [u8],
    /// Signed attributes; `None` when the field is absent.
    pub signed: Option<Attributes<'a>>,
    /// Object identifier and parameters of the signature algorithm.
    pub algorithm: (&'a [u8], &'a [u8]),
    pub signature: &'a [u8],
    pub unsigned: Attributes<'a>,
    /// Every field but the unsigned attributes, as written: what an archive time-stamp is over.
    pub archived: &'a [u8],
}

#[derive(Debug)]
pub(crate) enum Identifier<'a> {
    IssuerSerial(&'a [u8], &'a [u8]),
    KeyIdentifier(&'a [u8]),
}

/// Attributes in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Attributes<'a> {
    body: &'a [u8],
    /// Type and values of each.
    all: Vec<(&'a [u8], Vec<Tlv<'a>>)>,
}

/// What a search for an attribute that must be single finds.
pub(crate) enum Single<T> {
    Absent,
    One(T),
    /// Twice, or with no value or several.
    Wrong,
}

impl<'a> Attributes<'a> {
    pub(crate) fn read(body: &'a [u8]) -> Option<Self> {
        let mut attributes = Vec::new();
        for attribute in der::all(body)? {
            let mut fields = attribute.of(0x30)?;
            let id = der::expect(&mut fields, 0x06)?;
            let values = der::expect(&mut fields, 0x31)?;
            if !fields.is_empty() {
                return None;
            }
            attributes.push((id, der::all(values)?));
        }
        Some(Self { body, all: attributes })
    }

    /// The bytes that are digested: a SET OF in DER order, whatever the order of the file.
    pub(crate) fn signed_bytes(&self) -> Option<Vec<u8>> {
        der::sorted(0x31, self.body)
    }

    pub(crate) fn single(&self, id: &[u8]) -> Single<Tlv<'a>> {
        let mut found = self.all.iter().filter(|(other, _)| *other == id);
        match (found.next(), found.next()) {
            (None, _) => Single::Absent,
            (Some((_, values)), None) if values.len() == 1 => Single::One(values[0]),
            _ => Single::Wrong,
        }
    }

    pub(crate) fn has(&self, id: &[u8]) -> bool {
        self.all.iter().any(|(other, _)| *other == id)
    }

    /// Every value of every attribute of a type.
    pub(crate) fn values(&self, id: &[u8]) -> impl Iterator<Item = Tlv<'a>> {
        self.all.iter().filter(move |(other, _)| *other == id).flat_map(|(_, values)| values.iter().copied())
    }

    /// Types and sets of values of a type's attributes, as written.
    pub(crate) fn bare(&self, id: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for (id, values) in self.all.iter().filter(|(other, _)| *other == id) {
            let values: Vec<&[u8]> = values.iter().map(|value| value.raw).collect();
            out.extend(der::tlv(0x06, id));
            out.extend(der::tlv(0x31, &values.concat()));
        }
        out
    }

    /// Every value with its type.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'a [u8], Tlv<'a>)> {
        self.all.iter().flat_map(|(id, values)| values.iter().map(|value| (*id, *value)))
    }

    /// Whether a type occurs twice that may not (RFC 5652 §11; a content time-stamp may).
    pub(crate) fn repeats(&self) -> bool {
        let may = [oid::CONTENT_TIME_STAMP, oid::SIGNING_CERTIFICATE, oid::SIGNING_CERTIFICATE_V2];
        let mut types: Vec<&[u8]> =
            self.all.iter().map(|&(id, _)| id).filter(|id| !may.contains(id)).collect();
        types.sort_unstable();
        types.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// The time the signer declares.
    pub(crate) fn signing_time(&self) -> Option<i64> {
        match self.single(oid::SIGNING_TIME) {
            Single::One(time) => instant::read(time),
            _ => None,
        }
    }
}

impl<'a> SignerInfo<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let whole = Tlv::only(bytes)?.of(0x30)?;
        let mut fields = whole;
        der::expect(&mut fields, 0x02)?;
        let identifier = der::next(&mut fields)?;
        let identifier = match identifier.tag {
            0x30 => {
                let mut pair = identifier.body;
                Identifier::IssuerSerial(der::next(&mut pair)?.raw, der::expect(&mut pair, 0x02)?)
            }
            0x80 => Identifier::KeyIdentifier(identifier.body),
            _ => return None,
        };
        let (digest, _) = algorithm(&mut fields)?;
        let signed = match der::optional(&mut fields, 0xa0) {
            Some(signed) => Some(Attributes::read(signed.body)?),
            None => None,
        };
        let algorithm = algorithm(&mut fields)?;
        let signature = der::expect(&mut fields, 0x04)?;
        let archived = &whole[..whole.len() - fields.len()];
        let unsigned = match der::optional(&mut fields, 0xa1) {
            Some(unsigned) => Attributes::read(unsigned.body)?,
            None => Attributes::default(),
        };
        fields.is_empty().then_some(Self {
            identifier,
            digest,
            signed,
            algorithm,
            signature,
            unsigned,
            archived,
        })
    }

    /// The unsigned attributes as written.
    pub(crate) fn unsigned_raw(&self) -> &'a [u8] {
        self.unsigned.body
    }

    /// Finds the signer's certificate among those given.
    pub(crate) fn certificate<'c>(&self, all: &[Certificate<'c>]) -> Option<Certificate<'c>> {
        let fits = |certificate: &&Certificate<'c>| match self.identifier {
            Identifier::IssuerSerial(issuer, serial) => {
                certificate.issuer == issuer && certificate.serial == serial
            }
            Identifier::KeyIdentifier(id) => certificate.key_identifier == Some(id),
        };
        all.iter().find(fits).cloned()
    }
}

/// Takes an `AlgorithmIdentifier`: object identifier and parameters.
pub(crate) fn algorithm<'a>(fields: &mut &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut inside = der::expect(fields, 0x30)?;
    Some((der::expect(&mut inside, 0x06)?, inside))
}

/// A digest that can be computed here.
pub(crate) fn hash(id: &[u8]) -> Option<Hash> {
    HASHES.iter().find(|(_, other, _)| *other == id).map(|&(hash, ..)| hash)
}

pub(crate) fn hash_oid(hash: Hash) -> &'static [u8] {
    HASHES.iter().find(|(other, ..)| *other == hash).map_or(&[], |&(_, id, _)| id)
}

pub(crate) fn hash_name(hash: Hash) -> &'static str {
    HASHES.iter().find(|(other, ..)| *other == hash).map_or("", |&(.., name)| name)
}

const HASHES: &[(Hash, &[u8], &str)] = &[
    (Hash::Sha1, oid::SHA1, "SHA-1"),
    (Hash::Sha224, oid::SHA224, "SHA-224"),
    (Hash::Sha256, oid::SHA256, "SHA-256"),
    (Hash::Sha384, oid::SHA384, "SHA-384"),
    (Hash::Sha512, oid::SHA512, "SHA-512"),
    (Hash::Sha3_224, oid::SHA3_224, "SHA3-224"),
    (Hash::Sha3_256, oid::SHA3_256, "SHA3-256"),
    (Hash::Sha3_384, oid::SHA3_384, "SHA3-384"),
    (Hash::Sha3_512, oid::SHA3_512, "SHA3-512"),
    (Hash::Shake256, oid::SHAKE256, "SHAKE256"),
];

pub(crate) fn algorithm_name(algorithm: Algorithm) -> String {
    match algorithm {
        Algorithm::RsaPkcs1(hash) => format!("RSA-PKCS1-{}", hash_name(hash)),
        Algorithm::RsaPss { hash, .. } => format!("RSA-PSS-{}", hash_name(hash)),
        Algorithm::Ecdsa(hash) => format!("ECDSA-{}", hash_name(hash)),
        Algorithm::Ed25519 => "Ed25519".into(),
        Algorithm::Ed448 => "Ed448".into(),
        Algorithm::Dsa(hash) => format!("DSA-{}", hash_name(hash)),
    }
}

/// Signature algorithms that name their digest.
const ALGORITHMS: &[(&[u8], Algorithm)] = &[
    (oid::SHA1_RSA, Algorithm::RsaPkcs1(Hash::Sha1)),
    (oid::SHA224_RSA, Algorithm::RsaPkcs1(Hash::Sha224)),
    (oid::SHA256_RSA, Algorithm::RsaPkcs1(Hash::Sha256)),
    (oid::SHA384_RSA, Algorithm::RsaPkcs1(Hash::Sha384)),
    (oid::SHA512_RSA, Algorithm::RsaPkcs1(Hash::Sha512)),
    (oid::SHA3_224_RSA, Algorithm::RsaPkcs1(Hash::Sha3_224)),
    (oid::SHA3_256_RSA, Algorithm::RsaPkcs1(Hash::Sha3_256)),
    (oid::SHA3_384_RSA, Algorithm::RsaPkcs1(Hash::Sha3_384)),
    (oid::SHA3_512_RSA, Algorithm::RsaPkcs1(Hash::Sha3_512)),
    (oid::ECDSA_SHA1, Algorithm::Ecdsa(Hash::Sha1)),
    (oid::ECDSA_SHA224, Algorithm::Ecdsa(Hash::Sha224)),
    (oid::ECDSA_SHA256, Algorithm::Ecdsa(Hash::Sha256)),
    (oid::ECDSA_SHA384, Algorithm::Ecdsa(Hash::Sha384)),
    (oid::ECDSA_SHA512, Algorithm::Ecdsa(Hash::Sha512)),
    (oid::ECDSA_SHA3_224, Algorithm::Ecdsa(Hash::Sha3_224)),
    (oid::ECDSA_SHA3_256, Algorithm::Ecdsa(Hash::Sha3_256)),
    (oid::ECDSA_SHA3_384, Algorithm::Ecdsa(Hash::Sha3_384)),
    (oid::ECDSA_SHA3_512, Algorithm::Ecdsa(Hash::Sha3_512)),
    (oid::DSA_SHA1, Algorithm::Dsa(Hash::Sha1)),
    (oid::DSA_SHA224, Algorithm::Dsa(Hash::Sha224)),
    (oid::DSA_SHA256, Algorithm::Dsa(Hash::Sha256)),
    (oid::ED25519, Algorithm::Ed25519),
    (oid::ED448, Algorithm::Ed448),
];

/// What a signature algorithm identifier of a certificate, a list or an answer means: it names its digest.
pub(crate) fn certificate_algorithm((id, parameters): (&[u8], &[u8])) -> Option<Algorithm> {
    if id == oid::RSA_PSS {
        return pss(parameters);
    }
    ALGORITHMS.iter().find(|(other, _)| *other == id).map(|&(_, algorithm)| algorithm)
}

/// The identifier of an algorithm that names its digest.
pub(crate) fn written(algorithm: Algorithm) -> Vec<u8> {
    let id = ALGORITHMS.iter().find(|(_, other)| *other == algorithm).map_or(&[][..], |&(id, _)| id);
    match algorithm {
        Algorithm::RsaPkcs1(_) => write::algorithm_null(id),
        _ => write::algorithm(id),
    }
}

/// What a signature algorithm identifier of CMS means. Bare `rsaEncryption` takes the digest of the content, and so
/// does a bare EC key identifier, as old signers write.
pub(crate) fn signature_algorithm((id, parameters): (&[u8], &[u8]), digest: Hash) -> Option<Algorithm> {
    match id {
        oid::RSA => Some(Algorithm::RsaPkcs1(digest)),
        oid::EC_PUBLIC_KEY => Some(Algorithm::Ecdsa(digest)),
        _ => certificate_algorithm((id, parameters)),
    }
}

/// RSASSA-PSS-params (RFC 4055 §3.1); what is absent is SHA-1 and twenty.
fn pss(parameters: &[u8]) -> Option<Algorithm> {
    let (mut digest, mut mask, mut salt) = (Hash::Sha1, Hash::Sha1, 20);
    for field in der::all(Tlv::only(parameters)?.of(0x30)?)? {
        let mut inside = field.body;
        match field.tag {
            0xa0 => digest = hash(algorithm(&mut inside)?.0)?,
            0xa1 => {
                let (id, mut parameters) = algorithm(&mut inside)?;
                if id != oid::MGF1 {
                    return None;
                }
                mask = hash(algorithm(&mut parameters)?.0)?;
            }
            0xa2 => {
                let number = der::expect(&mut inside, 0x02)?;
                let short = number.len() <= 4 && number.first().is_some_and(|first| first & 0x80 == 0);
                salt = short.then(|| number.iter().fold(0, |sum, &byte| (sum << 8) | u32::from(byte)))?;
            }
            0xa3 => {}
            _ => return None,
        }
    }
    Some(Algorithm::RsaPss { hash: digest, mgf: mask, salt })
}
