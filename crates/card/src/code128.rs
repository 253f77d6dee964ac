//! Code 128 (ISO/IEC 15417), for labels that a scanner of the counter reads: code set B, and C for runs of digits.

/// Widths of bars and spaces, in modules, of each symbol character; the last is the stop.
const PATTERNS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];
const START_B: usize = 104;
const START_C: usize = 105;
const TO_B: usize = 100;
const TO_C: usize = 99;
const STOP: usize = 106;
/// The longest text: a label has room for no more.
const LONGEST: usize = 40;

/// The modules of a text of printable ASCII, `true` is dark, without the quiet zones of ten modules on each side. `None`
/// when it is empty, too long, or holds something else.
pub fn modules(text: &str) -> Option<Vec<bool>> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > LONGEST || !bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return None;
    }
    let mut symbols = Vec::new();
    let (mut place, mut in_c) = (0, None);
    while place < bytes.len() {
        let digits = bytes[place..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        // A change of set costs a symbol: it must save one.
        let pays = digits >= 4 || (in_c == Some(true) && digits >= 2);
        let wants_c = pays && (digits.is_multiple_of(2) || in_c == Some(true));
        if in_c != Some(wants_c) {
            symbols.push(match (in_c, wants_c) {
                (None, true) => START_C,
                (None, false) => START_B,
                (_, true) => TO_C,
                (_, false) => TO_B,
            });
            in_c = Some(wants_c);
        }
        if wants_c {
            symbols.push(usize::from(bytes[place] - b'0') * 10 + usize::from(bytes[place + 1] - b'0'));
            place += 2;
        } else {
            symbols.push(usize::from(bytes[place] - b' '));
            place += 1;
        }
    }
    let weighed: usize = symbols.iter().enumerate().map(|(index, symbol)| index.max(1) * symbol).sum();
    symbols.extend([weighed % 103, STOP]);
    let mut dark = Vec::new();
    for symbol in symbols {
        for (index, width) in PATTERNS[symbol].bytes().enumerate() {
            dark.extend(std::iter::repeat_n(index % 2 == 0, usize::from(width - b'0')));
        }
    }
    Some(dark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rxing::common::HybridBinarizer;
    use rxing::{BinaryBitmap, Luma8LuminanceSource, Reader as _, oned::Code128Reader};

    /// Read by somebody else's reader.
    fn read(text: &str) -> String {
        let dark = modules(text).expect("printable");
        let (module, quiet, height) = (3, 10, 60);
        let width = (dark.len() + 2 * quiet) * module;
        let row: Vec<u8> = (0..width)
            .map(|x| match (x / module).checked_sub(quiet).and_then(|index| dark.get(index)) {
                Some(true) => 0,
                _ => 255,
            })
            .collect();
        let picture = row.repeat(height);
        let source = Luma8LuminanceSource::new(picture, width as u32, height as u32).expect("a picture");
        let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
        Code128Reader.decode(&mut bitmap).expect("it is read").getText().to_owned()
    }

    #[test]
    fn another_reader_reads_what_we_write() {
        for text in ["2026-0000123", "BORGO 0000412/2026", "12", "1234", "12345", "A1234B56789", "~ !"] {
            assert_eq!(read(text), text);
        }
        for text in ["", "è", "a\n", &"9".repeat(41)] {
            assert!(modules(text).is_none(), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_printable_text_reads_back(text in "[ -~]{0,10}[0-9]{0,9}[ -~]{1,10}") {
            prop_assert_eq!(read(&text), text);
        }
    }
}
