//! XML signatures from a recipe, with the flaws it asks for: in the document, around a content, or of a trusted list.

use std::fmt::Write as _;

use plico_crypto::verify::{Algorithm, Hash};

use super::authority::token;
use super::pki::Signer;
use crate::certificate::Certificate;
use crate::der::{self, Tlv};
use crate::digest::digest;
use crate::instant;
use crate::seal::{SealError, raw};
use crate::xml::c14n::{Method, Subset, canonicalise};
use crate::xml::reference::Outside;
use crate::xml::signature::Signature;
use crate::xml::{self, Limits, Work, algorithm};

/// What is wrong with an XML signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XmlFlaw {
    /// No `SigningCertificateV2`.
    NoSigningCertificate,
    /// A `SigningCertificateV2` with another digest.
    OtherSigningCertificate,
    /// The first edition of that property, with issuer and serial number.
    FirstSigningCertificate,
    /// The properties are there and are not signed.
    UnsignedProperties,
    /// No properties at all: XMLDSig.
    NoProperties,
    /// One bit of the signature's value changed.
    BrokenSignature,
    /// A path expression among the transforms.
    PathTransform,
    /// No certificate in the signature.
    NoCertificate,
}

/// What an XML signature is to be.
#[derive(Debug, Clone, Copy)]
pub struct XmlRecipe<'a> {
    /// The time that the signer claims, UTC milliseconds.
    pub at_ms: Option<i64>,
    /// `Id` of the element that is signed; `None` signs the document.
    pub id: Option<&'a str>,
    /// Exclusive canonicalisation instead of inclusive.
    pub exclusive: bool,
    /// What is wrong with it.
    pub flaws: &'a [XmlFlaw],
    /// Whose time stamp is over the signature, and the time it says.
    pub stamp: Option<(&'a Signer, i64)>,
    /// Revocation lists to enclose.
    pub crls: &'a [Vec<u8>],
    /// OCSP answers to enclose.
    pub answers: &'a [Vec<u8>],
}

impl XmlRecipe<'_> {
    /// XAdES baseline B over the whole document.
    pub fn good(at_ms: i64) -> Self {
        Self {
            at_ms: Some(at_ms),
            id: None,
            exclusive: true,
            flaws: &[],
            stamp: None,
            crls: &[],
            answers: &[],
        }
    }

    fn has(&self, flaw: XmlFlaw) -> bool {
        self.flaws.contains(&flaw)
    }
}

const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Signs a document, the signature at the end of its element.
pub fn xades_enveloped(
    signer: &Signer,
    document: &str,
    recipe: &XmlRecipe<'_>,
) -> Result<Vec<u8>, SealError> {
    let uri = recipe.id.map(|id| format!("#{id}")).unwrap_or_default();
    let canonical = if recipe.exclusive { EXCLUSIVE } else { INCLUSIVE };
    let path = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>true()</ds:XPath></ds:Transform>";
    let path = if recipe.has(XmlFlaw::PathTransform) { path } else { "" };
    let reference = format!(
        "URI=\"{uri}\"><ds:Transforms>{path}<ds:Transform Algorithm=\"{ENVELOPED}\"></ds:Transform><ds:Transform Algorithm=\"{canonical}\"></ds:Transform></ds:Transforms>"
    );
    let signature = template(signer, &[reference], "", recipe)?;
    let end = document.rfind("</").ok_or(SealError::Missing)?;
    complete(signer, &format!("{}{signature}{}", &document[..end], &document[end..]), recipe)
}

/// Signs a content inside of the signature: XML as it is, anything else in base64.
pub fn xades_enveloping(
    signer: &Signer,
    content: &[u8],
    recipe: &XmlRecipe<'_>,
) -> Result<Vec<u8>, SealError> {
    let text = std::str::from_utf8(content).ok().filter(|text| text.starts_with('<'));
    let (object, transform) = match text {
        Some(text) => (format!("<ds:Object Id=\"object\">{text}</ds:Object>"), INCLUSIVE),
        None => (
            format!("<ds:Object Id=\"object\">{}</ds:Object>", openssl::base64::encode_block(content)),
            "http://www.w3.org/2000/09/xmldsig#base64",
        ),
    };
    let reference = format!(
        "URI=\"#object\"><ds:Transforms><ds:Transform Algorithm=\"{transform}\"></ds:Transform></ds:Transforms>"
    );
    let signature = template(signer, &[reference], &object, recipe)?;
    complete(signer, &signature, recipe)
}

/// Signs files that lie beside, by their names.
pub fn xades_detached(
    signer: &Signer,
    files: &[(&str, &[u8])],
    recipe: &XmlRecipe<'_>,
) -> Result<Vec<u8>, SealError> {
    let references: Vec<String> = files
        .iter()
        .map(|(name, content)| {
            let value = openssl::base64::encode_block(&digest(Hash::Sha256, content));
            format!("URI=\"{name}\">={value}")
        })
        .collect();
    let signature = template(signer, &references, "", recipe)?;
    let around = "<asic:XAdESSignatures xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\">";
    complete(signer, &format!("{around}{signature}</asic:XAdESSignatures>"), recipe)
}

/// A signature without its digests and its value: `@0@`, `@1@`… and `@value@` stand for them.
fn template(
    signer: &Signer,
    references: &[String],
    objects: &str,
    recipe: &XmlRecipe<'_>,
) -> Result<String, SealError> {
    let (digest_id, signature_id) = algorithm::written(kind(signer)).ok_or(SealError::KeyKind)?;
    let canonical = if recipe.exclusive { EXCLUSIVE } else { INCLUSIVE };
    let mut all = references.to_vec();
    if !recipe.has(XmlFlaw::NoProperties) && !recipe.has(XmlFlaw::UnsignedProperties) {
        all.push(format!(
            "Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#properties\"><ds:Transforms><ds:Transform Algorithm=\"{canonical}\"></ds:Transform></ds:Transforms>"
        ));
    }
    let mut written = String::new();
    for (number, reference) in all.iter().enumerate() {
        // A digest that is known already follows an equals sign.
        let (reference, value) = match reference.split_once(">=") {
            Some((reference, value)) => (format!("{reference}>"), value.to_owned()),
            None => (reference.clone(), format!("@{number}@")),
        };
        let _ = write!(
            written,
            "<ds:Reference Id=\"reference-{number}\" {reference}<ds:DigestMethod Algorithm=\"{digest_id}\"></ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue></ds:Reference>"
        );
    }
    let encode = openssl::base64::encode_block;
    let certificates = signer
        .certificates
        .iter()
        .map(|der| format!("<ds:X509Certificate>{}</ds:X509Certificate>", encode(der)))
        .collect::<Vec<_>>()
        .concat();
    let key_info = if recipe.has(XmlFlaw::NoCertificate) {
        String::new()
    } else {
        format!("<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>")
    };
    let properties = properties(signer, recipe)?;
    Ok(format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"signature\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{canonical}\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"{signature_id}\"></ds:SignatureMethod>{written}</ds:SignedInfo><ds:SignatureValue Id=\"value\">@value@</ds:SignatureValue>{key_info}{objects}{properties}</ds:Signature>"
    ))
}

fn properties(signer: &Signer, recipe: &XmlRecipe<'_>) -> Result<String, SealError> {
    if recipe.has(XmlFlaw::NoProperties) {
        return Ok(String::new());
    }
    let encode = openssl::base64::encode_block;
    let certificate = Certificate::read(signer.certificate_der()).ok_or(SealError::Missing)?;
    let mut own = digest(Hash::Sha256, certificate.der);
    if recipe.has(XmlFlaw::OtherSigningCertificate) {
        own = digest(Hash::Sha256, &own);
    }
    let digest = format!(
        "<xades:CertDigest><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue></xades:CertDigest>",
        encode(&own)
    );
    let time = recipe.at_ms.map_or(String::new(), |at_ms| {
        format!("<xades:SigningTime>{}</xades:SigningTime>", instant::rfc3339(at_ms))
    });
    let named = if recipe.has(XmlFlaw::NoSigningCertificate) {
        String::new()
    } else if recipe.has(XmlFlaw::FirstSigningCertificate) {
        let serial = certificate.serial.iter().fold(0u128, |sum, &byte| (sum << 8) | u128::from(byte));
        format!(
            "<xades:SigningCertificate><xades:Cert>{digest}<xades:IssuerSerial><ds:X509IssuerName>CN=x</ds:X509IssuerName><ds:X509SerialNumber>{serial}</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert></xades:SigningCertificate>"
        )
    } else {
        format!("<xades:SigningCertificateV2><xades:Cert>{digest}</xades:Cert></xades:SigningCertificateV2>")
    };
    let list = |name: &str, inside: &str, values: &[Vec<u8>]| -> String {
        let values = values
            .iter()
            .map(|der| format!("<xades:{inside}>{}</xades:{inside}>", encode(der)))
            .collect::<Vec<_>>()
            .concat();
        if values.is_empty() { values } else { format!("<xades:{name}>{values}</xades:{name}>") }
    };
    let values = [
        list("CRLValues", "EncapsulatedCRLValue", recipe.crls),
        list("OCSPValues", "EncapsulatedOCSPValue", recipe.answers),
    ]
    .concat();
    let values = if values.is_empty() {
        values
    } else {
        format!("<xades:RevocationValues>{values}</xades:RevocationValues>")
    };
    let stamp = if recipe.stamp.is_some() { "@stamp@" } else { "" };
    Ok(format!(
        "<ds:Object><xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#signature\"><xades:SignedProperties Id=\"properties\"><xades:SignedSignatureProperties>{time}{named}</xades:SignedSignatureProperties></xades:SignedProperties><xades:UnsignedProperties><xades:UnsignedSignatureProperties>{stamp}{values}</xades:UnsignedSignatureProperties></xades:UnsignedProperties></xades:QualifyingProperties></ds:Object>"
    ))
}

/// Puts digests, value and time stamp in their places.
fn complete(signer: &Signer, template: &str, recipe: &XmlRecipe<'_>) -> Result<Vec<u8>, SealError> {
    let mut text = template.to_owned();
    let encode = openssl::base64::encode_block;
    // A value that can be read as base64 stands in while the structure is read.
    let readable = |text: &str| {
        let mut readable = text.replace("@value@", "").replace("@stamp@", "");
        for number in 0..8 {
            readable = readable.replace(&format!("@{number}@"), "");
        }
        readable
    };
    let document = parse(&readable(&text))?;
    let own = signature(&document)?;
    for (number, reference) in own.references.iter().enumerate() {
        let place = format!("@{number}@");
        if text.contains(&place) {
            let digest = reference.digest(own.at, &Outside::NOTHING, &Work::new());
            // What is refused when it is read is not digested when it is written.
            text = text.replace(&place, &encode(&digest.unwrap_or_default()));
        }
    }
    let document = parse(&readable(&text))?;
    let own = signature(&document)?;
    let bytes = own.signed_bytes().ok_or(SealError::Missing)?;
    let algorithm = kind(signer);
    let mut value = raw(&signer.key, hash(algorithm), &bytes)?;
    if matches!(algorithm, Algorithm::Ecdsa(_)) {
        value = side_by_side(&value, signer.key.bits() as usize / 8).ok_or(SealError::Missing)?;
    }
    if recipe.has(XmlFlaw::BrokenSignature) {
        value[8] ^= 1;
    }
    text = text.replace("@value@", &encode(&value));
    if let Some((authority, at_ms)) = recipe.stamp {
        let document = parse(&text.replace("@stamp@", ""))?;
        let own = signature(&document)?;
        let subset = Subset { apex: Some(own.value_at.node), without: None, comments: true };
        let over = canonicalise(&document, subset, &Method::default()).map_err(|_| SealError::Missing)?;
        let stamp = format!(
            "<xades:SignatureTimeStamp><ds:CanonicalizationMethod Algorithm=\"{INCLUSIVE}\"></ds:CanonicalizationMethod><xades:EncapsulatedTimeStamp>{}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>",
            encode(&token(authority, &over, at_ms)?)
        );
        text = text.replace("@stamp@", &stamp);
    }
    Ok(text.into_bytes())
}

fn parse(text: &str) -> Result<xml::Document, SealError> {
    xml::parse(text.as_bytes(), Limits::LIST).map_err(|_| SealError::Missing)
}

fn signature(document: &xml::Document) -> Result<Signature<'_>, SealError> {
    let last = xml::signature::all(document).pop().ok_or(SealError::Missing)?;
    Signature::read(last).ok_or(SealError::Missing)
}

fn kind(signer: &Signer) -> Algorithm {
    match signer.key.id() {
        openssl::pkey::Id::ED25519 => Algorithm::Ed25519,
        openssl::pkey::Id::EC => Algorithm::Ecdsa(Hash::Sha256),
        _ => Algorithm::RsaPkcs1(Hash::Sha256),
    }
}

fn hash(algorithm: Algorithm) -> Hash {
    match algorithm {
        Algorithm::RsaPkcs1(hash) | Algorithm::Ecdsa(hash) => hash,
        _ => Hash::Sha256,
    }
}

/// The two numbers of a DER signature, as long as the key each.
fn side_by_side(signature: &[u8], size: usize) -> Option<Vec<u8>> {
    let numbers = der::all(Tlv::only(signature)?.of(0x30)?)?;
    let padded = |number: &Tlv<'_>| {
        let number = number.body.strip_prefix(&[0]).unwrap_or(number.body);
        let zeros = size.checked_sub(number.len())?;
        Some([vec![0; zeros], number.to_vec()].concat())
    };
    Some([padded(numbers.first()?)?, padded(numbers.get(1)?)?].concat())
}
