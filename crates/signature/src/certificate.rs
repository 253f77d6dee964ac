//! What a signature check needs of an X.509 certificate, read without openssl: decoding there costs more than the
//! whole verification. Paths are built in [`crate::trust`].

use crate::der::{self, Tlv};
use crate::{instant, oid};

/// One extension as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Extension<'a> {
    /// Object identifier.
    pub id: &'a [u8],
    /// Whoever does not know it must refuse the certificate.
    pub critical: bool,
    /// DER of its value.
    pub value: &'a [u8],
}

/// Takes the extensions inside an explicit tag.
pub(crate) fn extensions(explicit: &[u8]) -> Option<Vec<Extension<'_>>> {
    let mut found = Vec::new();
    for extension in der::all(Tlv::only(explicit)?.of(0x30)?)? {
        let mut fields = extension.of(0x30)?;
        let id = der::expect(&mut fields, 0x06)?;
        let critical = der::optional(&mut fields, 0x01).is_some_and(|flag| flag.body != [0]);
        let value = der::expect(&mut fields, 0x04)?;
        found.push(Extension { id, critical, value });
    }
    Some(found)
}

/// A certificate's fields (RFC 5280 §4.1), borrowed from its bytes.
#[derive(Debug, Clone)]
pub struct Certificate<'a> {
    /// The whole certificate.
    pub der: &'a [u8],
    /// The bytes that its issuer signed.
    pub tbs: &'a [u8],
    /// Object identifier and parameters of the issuer's signature; the two places that name it agree.
    pub algorithm: (&'a [u8], &'a [u8]),
    /// The issuer's signature.
    pub signature: &'a [u8],
    /// Every extension, in the order of the certificate.
    pub extensions: Vec<Extension<'a>>,
    /// Contents of the serial number INTEGER.
    pub serial: &'a [u8],
    /// DER of the issuer's name.
    pub issuer: &'a [u8],
    /// DER of the subject's name.
    pub subject: &'a [u8],
    /// Start of validity, UTC milliseconds.
    pub not_before_ms: i64,
    /// End of validity, UTC milliseconds.
    pub not_after_ms: i64,
    /// DER of the `SubjectPublicKeyInfo`.
    pub spki: &'a [u8],
    /// Subject key identifier.
    pub key_identifier: Option<&'a [u8]>,
    /// Key usage bits, the first (digitalSignature) highest; `None` when the extension is absent.
    pub key_usage: Option<u8>,
    /// Its one purpose is time-stamping, and critical (RFC 3161 §2.3).
    pub time_stamping: bool,
    /// The issuer promises that it cannot be revoked in its short life (ETSI EN 319 412-1 §5.2).
    pub validity_assured: bool,
}

impl<'a> Certificate<'a> {
    /// Reads a DER certificate.
    pub fn read(der: &'a [u8]) -> Option<Self> {
        let mut certificate = Tlv::only(der)?.of(0x30)?;
        let signed = der::next(&mut certificate)?;
        let outer = der::next(&mut certificate)?;
        let (&0, signature) = der::expect(&mut certificate, 0x03)?.split_first()? else { return None };
        let mut tbs = signed.of(0x30)?;
        der::optional(&mut tbs, 0xa0);
        let serial = der::expect(&mut tbs, 0x02)?;
        // RFC 5280 §4.1.1.2: the algorithm is named inside and outside of what is signed, and the same.
        if der::next(&mut tbs)?.raw != outer.raw || !certificate.is_empty() {
            return None;
        }
        let mut algorithm = outer.raw;
        let algorithm = crate::signer::algorithm(&mut algorithm)?;
        let issuer = der::next(&mut tbs)?;
        let mut validity = der::expect(&mut tbs, 0x30)?;
        let not_before_ms = instant::read(der::next(&mut validity)?)?;
        let not_after_ms = instant::read(der::next(&mut validity)?)?;
        let subject = der::next(&mut tbs)?;
        let spki = der::next(&mut tbs)?;
        if issuer.tag != 0x30 || subject.tag != 0x30 || spki.tag != 0x30 {
            return None;
        }
        let mut read = Self {
            der,
            tbs: signed.raw,
            algorithm,
            signature,
            extensions: Vec::new(),
            serial,
            issuer: issuer.raw,
            subject: subject.raw,
            not_before_ms,
            not_after_ms,
            spki: spki.raw,
            key_identifier: None,
            key_usage: None,
            time_stamping: false,
            validity_assured: false,
        };
        for field in der::all(tbs)? {
            if field.tag == 0xa3 {
                read.extensions = extensions(field.body)?;
            }
        }
        for extension in read.extensions.clone() {
            read.known(extension)?;
        }
        Some(read)
    }

    /// The value of an extension.
    pub fn extension(&self, id: &[u8]) -> Option<&'a [u8]> {
        self.extensions.iter().find(|extension| extension.id == id).map(|extension| extension.value)
    }

    fn known(&mut self, Extension { id, critical, value }: Extension<'a>) -> Option<()> {
        match id {
            oid::EXTENDED_KEY_USAGE => {
                let purposes = der::all(Tlv::only(value)?.of(0x30)?)?;
                let one = purposes.len() == 1 && purposes[0].of(0x06) == Some(oid::TIME_STAMPING);
                self.time_stamping = critical && one;
            }
            oid::SUBJECT_KEY_IDENTIFIER => self.key_identifier = Some(Tlv::only(value)?.of(0x04)?),
            oid::KEY_USAGE => {
                let bits = Tlv::only(value)?.of(0x03)?;
                self.key_usage = Some(bits.get(1).copied().unwrap_or_default());
            }
            oid::VALIDITY_ASSURED => self.validity_assured = true,
            _ => {}
        }
        Some(())
    }

    /// First value of an attribute of the subject.
    pub fn subject_attribute(&self, attribute: &[u8]) -> Option<String> {
        attribute_of(self.subject, attribute)
    }

    /// First value of an attribute of the issuer.
    pub fn issuer_attribute(&self, attribute: &[u8]) -> Option<String> {
        attribute_of(self.issuer, attribute)
    }

    /// The subject's Italian tax code: `TINIT-…` (ETSI EN 319 412-1 §5.1.3) or the older `IT:…`.
    pub fn fiscal_code(&self) -> Option<String> {
        let serial = self.subject_attribute(oid::SERIAL_NUMBER)?;
        let code = serial.strip_prefix("TINIT-").or_else(|| serial.strip_prefix("IT:"))?.trim();
        let person = code.len() == 16 && code.bytes().all(|b| b.is_ascii_alphanumeric());
        let body = code.len() == 11 && code.bytes().all(|b| b.is_ascii_digit());
        (person || body).then(|| code.to_ascii_uppercase())
    }
}

fn attribute_of(name: &[u8], attribute: &[u8]) -> Option<String> {
    for relative in der::all(Tlv::only(name)?.body)? {
        for pair in der::all(relative.of(0x31)?)? {
            let mut fields = pair.of(0x30)?;
            if der::expect(&mut fields, 0x06)? == attribute {
                return text(der::next(&mut fields)?);
            }
        }
    }
    None
}

/// A directory string as text. Characters that could disguise what stands beside them are replaced: the name is
/// shown to people as the signer's.
fn text(value: Tlv<'_>) -> Option<String> {
    let shown = |c: char| {
        let disguise = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        if disguise { char::REPLACEMENT_CHARACTER } else { c }
    };
    Some(text_of(value)?.chars().take(512).map(shown).collect())
}

/// A directory string of any kind as it stands.
pub(crate) fn text_of(value: Tlv<'_>) -> Option<String> {
    Some(match value.tag {
        0x0c | 0x13 | 0x16 | 0x12 => String::from_utf8_lossy(value.body).into_owned(),
        0x14 => value.body.iter().map(|&byte| char::from(byte)).collect(),
        0x1e => {
            let units = value.body.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        0x1c => {
            let points = value.body.as_chunks::<4>().0.iter().map(|four| u32::from_be_bytes(*four));
            points.map(|point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_every_kind_and_no_disguise() {
        let read = |tag, body: &[u8]| text(Tlv { tag, body, raw: &[] });
        assert_eq!(read(0x0c, "Niccolò".as_bytes()).as_deref(), Some("Niccolò"));
        assert_eq!(read(0x14, &[b'N', 0xf2]).as_deref(), Some("Nò"));
        assert_eq!(read(0x1e, &[0, b'N', 0, 0xf2]).as_deref(), Some("Nò"));
        assert_eq!(read(0x0c, "a\u{202e}b\n".as_bytes()).as_deref(), Some("a\u{fffd}b\u{fffd}"));
        assert_eq!(read(0x02, &[1]), None);
    }
}
