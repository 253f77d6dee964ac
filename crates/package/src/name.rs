//! File names: the one place where what a sender called a file becomes what everybody sees.

use unicode_normalization::UnicodeNormalization;

/// Longest name, in characters.
pub const LONGEST: usize = 150;
/// Longest name, in bytes of UTF-8: file systems stop at 255, and a number may be added.
const LONGEST_BYTES: usize = 230;
/// Longest extension that is kept when a name is cut, and how many: `.pdf.p7m`.
const LONGEST_EXTENSION: usize = 10;
const EXTENSIONS: usize = 3;
/// What a file without a name is called.
pub const NAMELESS: &str = "file";

/// A name that is safe to show, to store and to extract on any system, and as near as can be to what was sent:
/// no folders, no control characters, none that turn the writing direction or are invisible, none that a file system
/// refuses; composed accents (NFC); at most [`LONGEST`] characters with the extension kept; never empty. Cleaning twice changes nothing.
pub fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| part.chars().any(is_kept)).unwrap_or_default();
    let mut out = String::new();
    for c in last.chars().filter(|c| is_kept(*c) || c.is_whitespace()).nfc() {
        match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => out.push('_'),
            c if c.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    // Windows drops dots and spaces at the end; a dot at the beginning hides a file elsewhere.
    let out = out.trim_matches(|c: char| c == '.' || c == ' ');
    let mut out = shorten(out);
    if out.is_empty() {
        NAMELESS.clone_into(&mut out);
    }
    if is_device(&out) {
        out.insert(0, '_');
    }
    out
}

/// The same name with a number before its extensions: `nota (2).pdf`.
pub fn numbered(name: &str, number: usize) -> String {
    let (stem, extensions) = split(name);
    format!("{stem} ({number}){extensions}")
}

fn is_kept(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    !(invisible || c.is_control() || c.is_whitespace())
}

fn shorten(name: &str) -> String {
    if name.chars().count() <= LONGEST && name.len() <= LONGEST_BYTES {
        return name.to_owned();
    }
    let (stem, extensions) = split(name);
    let (mut characters, mut bytes) =
        (LONGEST - extensions.len() - 1, LONGEST_BYTES - extensions.len() - '…'.len_utf8());
    let mut out = String::new();
    for c in stem.chars() {
        let Some(rest) = bytes.checked_sub(c.len_utf8()) else { break };
        if characters == 0 {
            break;
        }
        (characters, bytes) = (characters - 1, rest);
        out.push(c);
    }
    let mut out = out.trim_end_matches([' ', '.']).to_owned();
    out.push('…');
    out + extensions
}

/// Stem and extensions; only short ones of ASCII letters and digits count, so that `1.2 nota` has none.
fn split(name: &str) -> (&str, &str) {
    let mut at = name.len();
    for _ in 0..EXTENSIONS {
        let Some(dot) = name[..at].rfind('.') else { break };
        let extension = &name[dot + 1..at];
        let short = (1..=LONGEST_EXTENSION).contains(&extension.len());
        let numeric = extension.bytes().all(|b| b.is_ascii_digit());
        if dot == 0 || !short || numeric || !extension.bytes().all(|b| b.is_ascii_alphanumeric()) {
            break;
        }
        at = dot;
    }
    name.split_at(at)
}

/// Names that Windows keeps for devices, with any extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|n| n.chars().count() == 1 && n.chars().all(|c| "0123456789¹²³".contains(c)))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in [
            "istanza.pdf",
            "città è più bella.pdf.p7m",
            "n. 3 del 12.03.2026.docx",
            "l’atto (copia).pdf",
            "汉字.txt",
            "a",
        ] {
            assert_eq!(clean(name), name);
        }
    }

    #[test]
    fn paths_tricks_and_invisible_characters_go() {
        for (name, cleaned) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\giulia\\istanza.pdf", "istanza.pdf"),
            ("cartella/", "cartella"),
            ("fattura\u{202e}fdp.exe", "fatturafdp.exe"),
            ("a\0b\r\nc.pdf", "ab c.pdf"),
            ("fattura.pdf          \u{a0}  .exe", "fattura.pdf .exe"),
            ("perche\u{301}.txt", "perché.txt"),
            ("a<b>:c\"|?*.pdf", "a_b__c____.pdf"),
            (".htaccess", "htaccess"),
            ("nota.pdf. . ", "nota.pdf"),
            ("CON", "_CON"),
            ("com1.txt", "_com1.txt"),
            ("\u{200b}\u{feff}", NAMELESS),
            ("", NAMELESS),
            ("..", NAMELESS),
            ("/", NAMELESS),
            ("   ", NAMELESS),
        ] {
            assert_eq!(clean(name), cleaned, "{name:?}");
        }
    }

    #[test]
    fn five_thousand_characters_keep_their_extensions() {
        let long = clean(&format!("{}.pdf.p7m", "x".repeat(5000)));
        assert_eq!(long.chars().count(), LONGEST);
        assert!(long.ends_with("x….pdf.p7m"), "{long}");
        let wide = clean(&format!("{}.pdf", "漢".repeat(5000)));
        assert!(wide.len() <= LONGEST_BYTES && wide.ends_with("漢….pdf"), "{wide}");
        assert_eq!(clean(&"x".repeat(5000)).chars().count(), LONGEST);
        assert!(clean(&format!("{}pdf", ".".repeat(5000))).len() <= LONGEST_BYTES);
        assert!(clean(&format!("a{}", " ".repeat(5000))).len() < 5);
    }

    #[test]
    fn numbers_come_before_the_extensions() {
        assert_eq!(numbered("nota.pdf.p7m", 2), "nota (2).pdf.p7m");
        assert_eq!(numbered("v1.2", 3), "v1.2 (3)");
        assert_eq!(numbered("nota", 2), "nota (2)");
    }

    proptest! {
        #[test]
        fn always_safe_and_settled(name in any::<String>()) {
            let cleaned = clean(&name);
            prop_assert!(!cleaned.is_empty() && cleaned.chars().count() <= LONGEST + 1 && cleaned.len() <= LONGEST_BYTES + 1);
            prop_assert!(!cleaned.contains(['/', '\\', '\0', '\n']) && cleaned != ".." && cleaned != ".");
            prop_assert!(cleaned.chars().all(|c| is_kept(c) || c == ' '));
            prop_assert_eq!(clean(&cleaned), cleaned);
        }

        #[test]
        fn tricky_ones_too(name in "[a.\\\\/ :\u{202e}\u{301}\u{a0}…漢CON1-3]{0,300}") {
            let cleaned = clean(&name);
            prop_assert_eq!(clean(&cleaned), cleaned);
        }
    }
}
