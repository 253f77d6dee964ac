//! Sizes and numbers as people read them.

use crate::{Args, Catalogue, Lang};

impl Catalogue {
    /// "1,2 MB": decimal units (1 kB = 1,000 bytes), one decimal below ten.
    pub fn size(&self, lang: Lang, bytes: u64) -> String {
        let (unit, key) = match bytes {
            0..1_000 => {
                let count = i64::try_from(bytes).unwrap_or_default();
                return self.text(lang, "size-bytes", &Args::new().with("count", count));
            }
            1_000..999_950 => (1_000, "size-kb"),
            999_950..999_950_000 => (1_000_000, "size-mb"),
            _ => (1_000_000_000, "size-gb"),
        };
        // Integers only: u64::MAX must not lose its digits on the way.
        let tenths = (bytes / (unit / 10)).saturating_add(u64::from(bytes % (unit / 10) >= unit / 20));
        let value = match (tenths / 10, tenths % 10) {
            (whole @ 0..10, tenth @ 1..) => {
                let mark = self.text(lang, "number-decimal", &Args::new());
                format!("{whole}{mark}{tenth}")
            }
            (whole, tenth) => self.number(lang, whole + u64::from(tenth >= 5)),
        };
        self.text(lang, key, &Args::new().with("value", value))
    }

    /// "12.345".
    pub fn number(&self, lang: Lang, number: u64) -> String {
        let digits = number.to_string();
        let mark = self.text(lang, "number-group", &Args::new());
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push_str(&mark);
            }
            text.push(digit);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::{Catalogue, Lang};

    #[test]
    fn sizes_round_to_what_is_read_at_a_glance() {
        let catalogue = Catalogue::load().unwrap();
        for (bytes, it, en) in [
            (0, "0 byte", "0 bytes"),
            (1, "1 byte", "1 byte"),
            (999, "999 byte", "999 bytes"),
            (1_000, "1 kB", "1 kB"),
            (1_250, "1,3 kB", "1.3 kB"),
            (49_999, "50 kB", "50 kB"),
            (999_949, "1.000 kB", "1,000 kB"),
            (1_234_567, "1,2 MB", "1.2 MB"),
            (25_000_000, "25 MB", "25 MB"),
            (3_500_000_000, "3,5 GB", "3.5 GB"),
            (u64::MAX, "18.446.744.074 GB", "18,446,744,074 GB"),
        ] {
            assert_eq!(catalogue.size(Lang::It, bytes), it);
            assert_eq!(catalogue.size(Lang::En, bytes), en);
        }
        assert_eq!(catalogue.number(Lang::It, 1_234), "1.234");
    }
}
