//! Distinguished names as they are compared (RFC 5280 §7.1): letters of either case and runs of spaces are the same,
//! and so are the kinds of string.

use crate::certificate::text_of;
use crate::der::{self, Tlv};

/// A name whose equal spellings are equal bytes: one entry for each relative name, the root's first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Name(Vec<Vec<u8>>);

impl Name {
    /// Reads the DER of a `Name`.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let relatives = der::all(Tlv::only(der)?.of(0x30)?)?;
        relatives.iter().map(|relative| canonical(relative.of(0x31)?)).collect::<Option<_>>().map(Self)
    }

    /// This name with one more relative name (the contents of a SET) below it.
    pub(crate) fn with(&self, relative: &[u8]) -> Option<Self> {
        let mut longer = self.clone();
        longer.0.push(canonical(relative)?);
        Some(longer)
    }

    /// Whether this name is `base` or below it (RFC 5280 §4.2.1.10).
    pub(crate) fn is_within(&self, base: &Self) -> bool {
        self.0.starts_with(&base.0)
    }
}

/// The attributes of one relative name, each canonical, in one order.
fn canonical(relative: &[u8]) -> Option<Vec<u8>> {
    let mut attributes = Vec::new();
    for pair in der::all(relative)? {
        let mut fields = pair.of(0x30)?;
        let id = der::expect(&mut fields, 0x06)?;
        let value = der::next(&mut fields)?;
        let value = match text_of(value) {
            Some(text) => {
                let folded = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
                der::tlv(0x0c, folded.as_bytes())
            }
            None => value.raw.to_vec(),
        };
        attributes.push(der::sequence(&[&der::tlv(0x06, id), &value]));
    }
    attributes.sort();
    Some(attributes.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oid;

    fn name(parts: &[(u8, &str)]) -> Name {
        let relative = |(tag, text): &(u8, &str)| {
            let pair = der::sequence(&[&der::tlv(0x06, oid::COMMON_NAME), &der::tlv(*tag, text.as_bytes())]);
            der::tlv(0x31, &pair)
        };
        Name::read(&der::tlv(0x30, &parts.iter().flat_map(relative).collect::<Vec<_>>())).unwrap()
    }

    #[test]
    fn case_spaces_and_kinds_of_string_do_not_matter_and_order_does() {
        let base = name(&[(0x13, "Good CA")]);
        assert_eq!(base, name(&[(0x0c, "  good   ca ")]));
        assert_ne!(base, name(&[(0x13, "Goodca")]));
        let below = name(&[(0x13, "Good CA"), (0x0c, "x")]);
        assert!(below.is_within(&base) && !base.is_within(&below));
        assert_ne!(below, name(&[(0x0c, "x"), (0x13, "Good CA")]));
        assert!(Name::read(&[0x30, 0x01, 0x31]).is_none());
    }
}
