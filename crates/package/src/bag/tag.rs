//! Tag files: their encoding, their lines, their fields.

/// How tag files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Latin1,
    Utf16,
}

impl Encoding {
    fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" => Some(Self::Utf8),
            "ISO-8859-1" | "LATIN1" => Some(Self::Latin1),
            "UTF-16" => Some(Self::Utf16),
            _ => None,
        }
    }

    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Utf16 => {
                let (little, rest) = match bytes {
                    [0xff, 0xfe, rest @ ..] => (true, rest),
                    [0xfe, 0xff, rest @ ..] => (false, rest),
                    rest => (false, rest),
                };
                let (pairs, odd) = rest.as_chunks::<2>();
                let unit = |pair: &[u8; 2]| {
                    if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) }
                };
                let units: Vec<u16> = pairs.iter().map(unit).collect();
                if odd.is_empty() { String::from_utf16(&units).ok() } else { None }
            }
        }
    }
}

/// Version and encoding that `bagit.txt` declares; what is wrong otherwise.
pub(super) fn declaration(bytes: &[u8]) -> Result<((u32, u32), Encoding), String> {
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        return Err("begins with a byte order mark".into());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8")?;
    let mut rows = lines(text);
    let mut field = |label: &str| -> Result<(String, bool), String> {
        let line = rows.next().ok_or_else(|| format!("has no {label}"))?;
        let (name, value) = line.split_once(':').ok_or_else(|| format!("has no {label}"))?;
        if name.trim() != label {
            return Err(format!("has no {label}"));
        }
        // Since 1.0: the label as it is, a colon, one space.
        let exact =
            name == label && value.strip_prefix(' ').is_some_and(|rest| !rest.starts_with([' ', '\t']));
        Ok((value.trim().to_owned(), exact))
    };
    let (version, exact) = field("BagIt-Version")?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| digits)
    };
    let parsed = version.split_once('.').and_then(|(major, minor)| Some((number(major)?, number(minor)?)));
    let version = parsed.ok_or_else(|| format!("{version:?} is not a version"))?;
    if !matches!(version, (0, 93..=97) | (1, 0)) {
        return Err(format!("version {}.{} is not known here", version.0, version.1));
    }
    let (encoding, also_exact) = field("Tag-File-Character-Encoding")?;
    if version >= (1, 0) && !(exact && also_exact) {
        return Err("a label is followed by exactly a colon and a space".into());
    }
    if rows.next().is_some() {
        return Err("has more than its two lines".into());
    }
    Encoding::parse(&encoding)
        .map(|encoding| (version, encoding))
        .ok_or_else(|| format!("the encoding {encoding} is not known here"))
}

/// The lines of a tag file that are not empty; they end with LF, CR or both.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r']).filter(|line| !line.trim().is_empty())
}

/// A line of a manifest.
pub(super) struct Listed {
    pub digest: String,
    pub path: String,
    /// The asterisk that checksum programs write for binary files.
    pub marked: bool,
}

pub(super) fn listed(line: &str) -> Option<Listed> {
    let (digest, rest) = line.split_once([' ', '\t'])?;
    let path = rest.trim_start_matches([' ', '\t']);
    let (marked, path) = match path.strip_prefix('*') {
        Some(path) => (true, path),
        None => (false, path),
    };
    let whole = !digest.is_empty() && !path.is_empty();
    whole.then(|| Listed { digest: digest.to_ascii_lowercase(), path: path.to_owned(), marked })
}

/// The path of a line of `fetch.txt`: address, length or `-`, path.
pub(super) fn fetched(line: &str) -> Option<String> {
    let (_, rest) = line.split_once([' ', '\t'])?;
    let (length, path) = rest.trim_start().split_once([' ', '\t'])?;
    let known = length == "-" || length.bytes().all(|byte| byte.is_ascii_digit());
    let path = path.trim_start_matches([' ', '\t']);
    (known && !path.is_empty()).then(|| path.to_owned())
}

/// The fields of `bag-info.txt`; the line that is none.
pub(super) fn fields(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in lines(text) {
        if line.starts_with([' ', '\t']) {
            let Some((_, value)) = fields.last_mut() else { return Err(line.to_owned()) };
            value.push(' ');
            value.push_str(line.trim());
        } else {
            let (name, value) = line.split_once(':').ok_or(line)?;
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    Ok(fields)
}
