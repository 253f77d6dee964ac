//! XML signatures from a recipe, with the flaws it asks for: in the document, around a content, or of a trusted list.

use openssl::base64::encode_block;
use plico_crypto::verify::{Algorithm, Hash};

use super::authority::token;
use super::pki::Signer;
use crate::certificate::Certificate;
use crate::digest::digest;
use crate::seal::{SealError, raw, side_by_side};
use crate::xades::stamps::{self, XmlStamp};
use crate::xades::write::{
    BASE64, Draft, ENVELOPED, EXCLUSIVE, INCLUSIVE, Named, Properties, certificate_digest,
    signing_certificate, signing_time, transform,
};
use crate::xml::c14n::Method;
use crate::xml::signature::{self, Signature};
use crate::xml::{self, Limits};

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
    /// A time stamp that is not over the properties before it.
    PartialStamp,
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

    fn canonical(&self) -> &'static str {
        if self.exclusive { EXCLUSIVE } else { INCLUSIVE }
    }
}

/// Signs a document, the signature at the end of its element.
pub fn xades_enveloped(
    signer: &Signer,
    document: &str,
    recipe: &XmlRecipe<'_>,
) -> Result<Vec<u8>, SealError> {
    let uri = recipe.id.map(|id| format!("#{id}")).unwrap_or_default();
    let path = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>true()</ds:XPath></ds:Transform>";
    let path = if recipe.has(XmlFlaw::PathTransform) { path } else { "" };
    let transforms = [path, &transform(ENVELOPED), &transform(recipe.canonical())].concat();
    let end = document.rfind("</").ok_or(SealError::Missing)?;
    let named = vec![Named { uri, transforms, digest: None }];
    complete(signer, (document.split_at(end), ""), named, String::new(), recipe)
}

/// Puts a counter-signature into an enveloped signature that has no unsigned properties: over its value, or over another
/// element (`over`, an identifier).
pub fn xades_countered(
    signer: &Signer,
    signed: &str,
    over: &str,
    recipe: &XmlRecipe<'_>,
) -> Result<Vec<u8>, SealError> {
    const AFTER: &str = "</xades:SignedProperties>";
    let (before, after) = signed.split_at(signed.rfind("</").ok_or(SealError::Missing)?);
    let transforms = transform(recipe.canonical());
    let named = vec![Named { uri: format!("#{over}"), transforms, digest: None }];
    // Made beside the signature and moved into it: exclusive canonical forms do not depend on the place.
    let beside = complete(signer, ((before, after), "-counter"), named, String::new(), recipe)?;
    let own = beside.get(before.len()..beside.len() - after.len()).ok_or(SealError::Missing)?;
    let own = std::str::from_utf8(own).map_err(|_| SealError::Xml)?;
    let (head, tail) = signed.split_once(AFTER).ok_or(SealError::Missing)?;
    let inside = format!(
        "{head}{AFTER}<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:CounterSignature>{own}</xades:CounterSignature></xades:UnsignedSignatureProperties></xades:UnsignedProperties>{tail}"
    );
    Ok(inside.into_bytes())
}

/// Puts a time stamp after the properties that are not signed, of which there must be one already; before it, revocation
/// lists for the stamps that are there.
pub fn xades_stamped(
    signed: &str,
    kind: XmlStamp,
    (authority, at_ms): (&Signer, i64),
    crls: &[Vec<u8>],
    flaws: &[XmlFlaw],
) -> Result<Vec<u8>, SealError> {
    const BEGIN: &str = "<xades:UnsignedSignatureProperties>";
    const END: &str = "</xades:UnsignedSignatureProperties>";
    let (mut head, tail) = match signed.rsplit_once(END) {
        Some((head, tail)) => (head.to_owned(), tail),
        None => return Err(SealError::Missing),
    };
    let spaces = "xmlns:xades141=\"http://uri.etsi.org/01903/v1.4.1#\"";
    if !crls.is_empty() {
        let value = |crl: &Vec<u8>| {
            ["<xades:EncapsulatedCRLValue>", &encode_block(crl), "</xades:EncapsulatedCRLValue>"].concat()
        };
        for part in
            ["<xades141:TimeStampValidationData ", spaces, "><xades:RevocationValues><xades:CRLValues>"]
        {
            head += part;
        }
        head.extend(crls.iter().map(value));
        head += "</xades:CRLValues></xades:RevocationValues></xades141:TimeStampValidationData>";
    }
    let kept = if flaws.contains(&XmlFlaw::PartialStamp) {
        &head[..head.find(BEGIN).unwrap_or(0) + BEGIN.len()]
    } else {
        &head
    };
    let document =
        xml::parse(format!("{kept}{END}{tail}").as_bytes(), Limits::LIST).map_err(|_| SealError::Xml)?;
    let own = signature::all(&document).pop().and_then(Signature::read).ok_or(SealError::Xml)?;
    let properties = crate::xml::properties::read(&own).ok_or(SealError::Xml)?;
    let method = Method { exclusive: true, ..Method::default() };
    let over = stamps::bytes(&own, &properties, &method, kind).ok_or(SealError::Xml)?;
    let name = match kind {
        XmlStamp::Archive => "xades141:ArchiveTimeStamp",
        XmlStamp::OlderArchive => "xades:ArchiveTimeStamp",
        XmlStamp::References => "xades141:SigAndRefsTimeStampV2",
    };
    let token = encode_block(&token(authority, &over, at_ms)?);
    let method = format!("<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>");
    Ok(format!("{head}<{name} {spaces}>{method}<xades:EncapsulatedTimeStamp>{token}</xades:EncapsulatedTimeStamp></{name}>{END}{tail}").into_bytes())
}

/// Signs a content inside of the signature: XML as it is, anything else in base64.
pub fn xades_enveloping(
    signer: &Signer,
    content: &[u8],
    recipe: &XmlRecipe<'_>,
) -> Result<Vec<u8>, SealError> {
    let text = std::str::from_utf8(content).ok().filter(|text| text.starts_with('<'));
    let (inside, how) = match text {
        Some(text) => (text.to_owned(), INCLUSIVE),
        None => (encode_block(content), BASE64),
    };
    let object = format!("<ds:Object Id=\"object\">{inside}</ds:Object>");
    let named = vec![Named { uri: "#object".into(), transforms: transform(how), digest: None }];
    complete(signer, (("", ""), ""), named, object, recipe)
}

/// Signs files that lie beside, by their names.
pub fn xades_detached(
    signer: &Signer,
    files: &[(&str, &[u8])],
    recipe: &XmlRecipe<'_>,
) -> Result<Vec<u8>, SealError> {
    let named = files.iter().map(|(name, content)| Named {
        uri: (*name).to_owned(),
        transforms: String::new(),
        digest: Some(digest(Hash::Sha256, content)),
    });
    let around = (
        "<asic:XAdESSignatures xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\">",
        "</asic:XAdESSignatures>",
    );
    complete(signer, (around, ""), named.collect(), String::new(), recipe)
}

fn complete(
    signer: &Signer,
    (around, suffix): ((&str, &str), &str),
    references: Vec<Named>,
    object: String,
    recipe: &XmlRecipe<'_>,
) -> Result<Vec<u8>, SealError> {
    let algorithm = match signer.key.id() {
        openssl::pkey::Id::ED25519 => Algorithm::Ed25519,
        openssl::pkey::Id::ED448 => Algorithm::Ed448,
        openssl::pkey::Id::EC => Algorithm::Ecdsa(Hash::Sha256),
        _ => Algorithm::RsaPkcs1(Hash::Sha256),
    };
    let draft = Draft {
        around,
        suffix: suffix.to_owned(),
        canonical: recipe.canonical(),
        algorithm,
        references,
        certificates: if recipe.has(XmlFlaw::NoCertificate) { &[] } else { &signer.certificates },
        object,
        properties: properties(signer, recipe)?,
        limits: Limits::LIST,
    };
    let sign = |bytes: &[u8]| {
        let mut value = raw(&signer.key, Hash::Sha256, bytes)?;
        if matches!(algorithm, Algorithm::Ecdsa(_)) {
            value = side_by_side(&value, signer.key.bits() as usize / 8).ok_or(SealError::Missing)?;
        }
        if recipe.has(XmlFlaw::BrokenSignature) {
            value[8] ^= 1;
        }
        Ok(value)
    };
    match recipe.stamp {
        Some((authority, at_ms)) => draft.complete(&sign, Some(&|over| token(authority, over, at_ms))),
        None => draft.complete(&sign, None),
    }
}

fn properties(signer: &Signer, recipe: &XmlRecipe<'_>) -> Result<Option<Properties>, SealError> {
    if recipe.has(XmlFlaw::NoProperties) {
        return Ok(None);
    }
    let certificate = Certificate::read(signer.certificate_der()).ok_or(SealError::Missing)?;
    let mut own = digest(Hash::Sha256, certificate.der);
    if recipe.has(XmlFlaw::OtherSigningCertificate) {
        own = digest(Hash::Sha256, &own);
    }
    let named = if recipe.has(XmlFlaw::NoSigningCertificate) {
        String::new()
    } else if recipe.has(XmlFlaw::FirstSigningCertificate) {
        let serial = certificate.serial.iter().fold(0u128, |sum, &byte| (sum << 8) | u128::from(byte));
        format!(
            "<xades:SigningCertificate><xades:Cert>{}<xades:IssuerSerial><ds:X509IssuerName>CN=x</ds:X509IssuerName><ds:X509SerialNumber>{serial}</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert></xades:SigningCertificate>",
            certificate_digest(&own)
        )
    } else {
        signing_certificate(&own)
    };
    let time = recipe.at_ms.map(signing_time).unwrap_or_default();
    let list = |name: &str, inside: &str, values: &[Vec<u8>]| -> String {
        let values = values
            .iter()
            .map(|der| format!("<xades:{inside}>{}</xades:{inside}>", encode_block(der)))
            .collect::<Vec<_>>()
            .concat();
        if values.is_empty() { values } else { format!("<xades:{name}>{values}</xades:{name}>") }
    };
    let mut unsigned = [
        list("CRLValues", "EncapsulatedCRLValue", recipe.crls),
        list("OCSPValues", "EncapsulatedOCSPValue", recipe.answers),
    ]
    .concat();
    if !unsigned.is_empty() {
        unsigned = format!("<xades:RevocationValues>{unsigned}</xades:RevocationValues>");
    }
    Ok(Some(Properties {
        signed: format!("<xades:SignedSignatureProperties>{time}{named}</xades:SignedSignatureProperties>"),
        unsigned,
        covered: !recipe.has(XmlFlaw::UnsignedProperties),
    }))
}
