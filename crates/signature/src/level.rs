//! The level of a baseline signature (ETSI EN 319 122-1 §6, EN 319 142-1 §6).

use crate::proof::StampKind;
use crate::report::Format;
use crate::stamp::Stamp;

/// The level that level B becomes by its time stamps and by what it brings with it. A time stamp counts when it is
/// intact: whether its authority is believed is a matter of the verdict.
pub(crate) fn of(format: Format, stamps: &[Stamp], complete: bool) -> Format {
    let counts = |stamp: &&Stamp| stamp.token.is_ok() && !stamp.older;
    let has = |kinds: &[StampKind]| stamps.iter().filter(counts).any(|stamp| kinds.contains(&stamp.kind));
    let stamped = has(&[StampKind::Signature, StampKind::Document]);
    let archived = has(&[StampKind::Archive, StampKind::Document]);
    match (format, stamped, complete, archived) {
        (Format::CadesB, true, true, true) => Format::CadesLta,
        (Format::CadesB, true, true, false) => Format::CadesLt,
        (Format::CadesB, true, false, _) => Format::CadesT,
        (Format::PadesB, true, true, true) => Format::PadesLta,
        (Format::PadesB, true, true, false) => Format::PadesLt,
        (Format::PadesB, true, false, _) => Format::PadesT,
        (Format::XadesB, true, true, true) => Format::XadesLta,
        (Format::XadesB, true, true, false) => Format::XadesLt,
        (Format::XadesB, true, false, _) => Format::XadesT,
        (other, ..) => other,
    }
}
