//! The outside of a CMS `SignedData` (RFC 5652 §5.1), read over a source: where the content lies, the certificates,
//! and each signer's structure. The content itself is not touched.

use crate::ber::{BerError, Element, Reader, Scope};
use crate::der;
use crate::oid;
use crate::source::{Range, Source, take};

/// Most certificates taken from one envelope.
const MAX_CERTIFICATES: usize = 512;
/// Most signers of one envelope.
const MAX_SIGNERS: usize = 256;
/// Most revocation lists and answers taken from one envelope.
const MAX_REVOCATIONS: usize = 256;
/// Most bytes of certificates, of signers, and of revocation lists, held in memory.
const MAX_BYTES: u64 = 12 * 1024 * 1024;

/// What stands around a signed content.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// Object identifier of the content's type.
    pub content_type: Vec<u8>,
    /// Where the content lies; `None` when the signature is detached.
    pub content: Option<Vec<Range>>,
    /// Certificates as they stand.
    pub certificates: Vec<Vec<u8>>,
    /// Revocation lists and the like as they stand; none when there are more of them than are looked at.
    pub revocations: Vec<Vec<u8>>,
    /// Each `SignerInfo`, with definite lengths.
    pub signers: Vec<Vec<u8>>,
    /// Where the fields stand that an older archive time-stamp is over as they are written: the content's, that of the
    /// certificates, that of the revocation lists.
    pub written: Vec<Range>,
    /// First byte after the envelope.
    pub end: u64,
    /// Whether BER was used where DER would not be.
    pub ber: bool,
}

impl Envelope {
    /// Reads a `ContentInfo` with `SignedData`, or a bare `SignedData`, at the start of `source`.
    pub(crate) fn read(source: &mut dyn Source) -> Result<Self, BerError> {
        let size = source.size();
        let mut reader = Reader::new(source);
        let mut top = Scope::new(0, size);
        let outer = reader.expect(&mut top, 0x30)?;
        let mut inside = reader.enter(&outer, &top);
        let first = reader.next(&mut inside)?.ok_or(BerError::Unexpected)?;
        let mut envelope = if first.tag == 0x06 {
            if primitive(&mut reader, &first, &mut inside, 32)? != oid::SIGNED_DATA {
                return Err(BerError::Unexpected);
            }
            let explicit = reader.expect(&mut inside, 0xa0)?;
            let mut wrapped = reader.enter(&explicit, &inside);
            let signed = reader.expect(&mut wrapped, 0x30)?;
            let mut fields = reader.enter(&signed, &wrapped);
            let envelope = Self::signed_data(&mut reader, &mut fields)?;
            reader.leave(fields, &mut wrapped)?;
            reader.leave(wrapped, &mut inside)?;
            envelope
        } else {
            Self::signed_data(&mut reader, &mut inside)?
        };
        reader.leave(inside, &mut top)?;
        envelope.end = top.at;
        envelope.ber = reader.indefinite;
        Ok(envelope)
    }

    fn signed_data(reader: &mut Reader<'_>, fields: &mut Scope) -> Result<Self, BerError> {
        let version = reader.expect(fields, 0x02)?;
        reader.skip(&version, fields)?;
        let digests = reader.expect(fields, 0x31)?;
        reader.skip(&digests, fields)?;

        let encapsulated = reader.expect(fields, 0x30)?;
        let mut inner = reader.enter(&encapsulated, fields);
        let content_type = reader.expect(&mut inner, 0x06)?;
        let content_type = primitive(reader, &content_type, &mut inner, 64)?;
        let content = match reader.next(&mut inner)? {
            Some(explicit) if explicit.tag == 0xa0 => {
                let mut wrapped = reader.enter(&explicit, &inner);
                let content = reader.next(&mut wrapped)?.ok_or(BerError::Unexpected)?;
                let ranges = match (content.tag, content.length) {
                    (0x04 | 0x24, _) => reader.string(&content, &mut wrapped)?,
                    // PKCS#7 before CMS: any type, digested without its own tag and length (RFC 5652 §5.2.1).
                    (_, Some(length)) => {
                        reader.skip(&content, &mut wrapped)?;
                        vec![Range { at: content.body, length }]
                    }
                    (_, None) => return Err(BerError::Unexpected),
                };
                reader.leave(wrapped, &mut inner)?;
                Some(ranges)
            }
            Some(_) => return Err(BerError::Unexpected),
            None => None,
        };
        reader.leave(inner, fields)?;
        let since =
            |element: &Element, fields: &Scope| Range { at: element.at, length: fields.at - element.at };
        let mut written = vec![since(&encapsulated, fields)];

        let mut certificates = Vec::new();
        let mut next = reader.next(fields)?;
        if let Some(set) = next.filter(|set| set.tag == 0xa0) {
            certificates = members(reader, &set, fields, MAX_CERTIFICATES)?;
            written.push(since(&set, fields));
            next = reader.next(fields)?;
        }
        let mut revocations = Vec::new();
        if let Some(lists) = next.filter(|lists| lists.tag == 0xa1) {
            let behind = {
                let mut behind = *fields;
                reader.skip(&lists, &mut behind)?;
                behind
            };
            // Too many of them must not hide who signed.
            revocations = match members(reader, &lists, fields, MAX_REVOCATIONS) {
                Err(BerError::TooMany) => Vec::new(),
                other => other?,
            };
            *fields = behind;
            written.push(since(&lists, fields));
            next = reader.next(fields)?;
        }
        let set = next.filter(|set| set.tag == 0x31).ok_or(BerError::Unexpected)?;
        let signers = members(reader, &set, fields, MAX_SIGNERS)?;
        let signers = signers.iter().map(|signer| der::normalise(signer)).collect::<Result<_, _>>()?;
        Ok(Self { content_type, content, certificates, revocations, signers, written, end: 0, ber: false })
    }
}

/// The contents of a short primitive element.
fn primitive(
    reader: &mut Reader<'_>,
    element: &Element,
    scope: &mut Scope,
    most: u64,
) -> Result<Vec<u8>, BerError> {
    let length = element.length.filter(|&length| length <= most).ok_or(BerError::TooMany)?;
    let bytes = take(reader.source, element.body, length as usize)?;
    reader.skip(element, scope)?;
    Ok(bytes)
}

/// The encodings of a set's members. Those of definite length stay byte for byte: a certificate is digested so.
fn members(
    reader: &mut Reader<'_>,
    set: &Element,
    outer: &mut Scope,
    most: usize,
) -> Result<Vec<Vec<u8>>, BerError> {
    let mut scope = reader.enter(set, outer);
    let mut found = Vec::new();
    let mut total = 0;
    while let Some(member) = reader.next(&mut scope)? {
        reader.skip(&member, &mut scope)?;
        total += scope.at - member.at;
        if found.len() == most || total > MAX_BYTES {
            return Err(BerError::TooMany);
        }
        let bytes = take(reader.source, member.at, (scope.at - member.at) as usize)?;
        found.push(if member.length.is_none() { der::normalise(&bytes)? } else { bytes });
    }
    reader.leave(scope, outer)?;
    Ok(found)
}
