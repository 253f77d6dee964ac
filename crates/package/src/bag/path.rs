//! Paths in tag files: never out of the bag.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

/// Where a path of a tag file leads.
pub(super) enum Place {
    /// To this file.
    Plain(String),
    /// To this file, by way of a needless `./`.
    Dotted(String),
    /// Out of the bag, on some system.
    Outside,
}

/// Follows a path. The standard encodes CR, LF and, since 1.0, the percent sign itself; the drafts before wrote names as
/// they are, so the name as written comes first.
pub(super) fn resolve(path: &str, strict: bool, present: &BTreeSet<String>) -> Place {
    let (dotted, path) = match path.strip_prefix("./") {
        Some(rest) => (true, rest),
        None => (false, path),
    };
    let place = if strict {
        decode(path, &["%25", "%0A", "%0D"])
    } else if present.contains(path) {
        path.to_owned()
    } else {
        decode(path, &["%0A", "%0D"])
    };
    if leads_out(&place) {
        Place::Outside
    } else if dotted {
        Place::Dotted(place)
    } else {
        Place::Plain(place)
    }
}

fn decode(path: &str, codes: &[&str]) -> String {
    let (mut out, mut rest) = (String::with_capacity(path.len()), path);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = rest.get(..3).filter(|code| codes.iter().any(|known| known.eq_ignore_ascii_case(code)));
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(&code[1..], 16).ok()) {
            out.push(char::from(byte));
            rest = &rest[3..];
        } else {
            out.push('%');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Whether any common system would look outside the bag, or at something that is not a file.
fn leads_out(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    let variable = path.strip_prefix('%').is_some_and(|rest| {
        rest.split_once('%').is_some_and(|(name, rest)| !name.is_empty() && rest.starts_with(['\\', '/']))
    });
    path.is_empty()
        || path.starts_with(['/', '\\', '~'])
        || drive
        || variable
        || path.contains('\0')
        || path.split(['/', '\\']).any(|part| part == ".." || part == ".")
        || path.split('/').any(str::is_empty)
}

/// A file that is here under the same name in other letters: capital, or composed otherwise.
pub(super) fn twin<'a>(path: &str, present: &'a BTreeSet<String>) -> Option<&'a String> {
    let fold = |name: &str| name.nfc().collect::<String>().to_lowercase();
    let folded = fold(path);
    present.iter().find(|name| fold(name) == folded)
}
