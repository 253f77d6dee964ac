//! The languages of the interface.

use std::fmt;

/// A language of the interface. Italian is the language of the acts themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Lang {
    /// Italian, complete, and the one others fall back to.
    #[default]
    It,
    /// English, complete.
    En,
    /// German: receipts, letters, certificates; the interface is prepared.
    De,
    /// French, prepared.
    Fr,
    /// Slovene, prepared.
    Sl,
}

impl Lang {
    /// Every language there is a catalogue for.
    pub const ALL: [Self; 5] = [Self::It, Self::En, Self::De, Self::Fr, Self::Sl];

    /// The languages that have every message, and may therefore be offered to people.
    pub const COMPLETE: [Self; 2] = [Self::It, Self::En];

    /// The languages in which receipts, letters and certificates are issued.
    pub const RECEIPTS: [Self; 3] = [Self::It, Self::En, Self::De];

    /// The BCP 47 tag, as it stands in `lang` attributes, addresses and folders.
    pub fn code(self) -> &'static str {
        match self {
            Self::It => "it",
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Sl => "sl",
        }
    }

    /// The language's name in itself, for the switch in the header.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::It => "Italiano",
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Fr => "Français",
            Self::Sl => "Slovenščina",
        }
    }

    /// Reads a tag; the region is ignored (`it-CH` is Italian). `None` for a language we do not have.
    pub fn from_code(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?.trim();
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary))
    }

    /// The first complete language a browser asks for (RFC 9110 §12.5.4), Italian when there is none.
    /// At most twenty ranges are looked at; what cannot be read is skipped.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0.0_f32, Self::It);
        for range in header.split(',').take(20) {
            let mut pieces = range.split(';');
            let Some(lang) = pieces.next().and_then(|tag| Self::from_code(tag.trim())) else {
                continue;
            };
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(Some(1.0), |q| q.trim().parse().ok())
                .filter(|q| (0.0..=1.0).contains(q))
                .unwrap_or(0.0_f32);
            if Self::COMPLETE.contains(&lang) && weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn a_browser_gets_the_language_it_prefers_among_the_complete_ones() {
        for (header, expected) in [
            ("", Lang::It),
            ("en-GB,en;q=0.9,it;q=0.8", Lang::En),
            ("de-AT, en;q=0.5", Lang::En),
            ("it;q=0.2, en;q=0.3", Lang::En),
            ("en;q=0, it;q=0.1", Lang::It),
            ("zh, *", Lang::It),
            ("en;q=nonsense", Lang::It),
        ] {
            assert_eq!(Lang::from_accept_language(header), expected, "{header}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_answered(header in ".{0,200}") {
            Lang::from_accept_language(&header);
        }
    }
}
