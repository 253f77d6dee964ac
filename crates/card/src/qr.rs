//! QR codes (ISO/IEC 18004).

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Light modules that must surround a code, on each side.
pub const QUIET_ZONE: usize = 4;

/// How much of a code may be lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// 7 %: for screens.
    Low,
    /// 15 %: for paper.
    #[default]
    Medium,
    /// 25 %: for what is worn.
    Quartile,
}

/// A code as dark and light squares, quiet zone not included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modules {
    /// Squares on a side.
    pub size: usize,
    /// Row by row; `true` is dark.
    pub bits: Vec<bool>,
}

/// The text does not fit in the largest code: 2,331 bytes at [`Level::Medium`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a text of {bytes} bytes does not fit in a QR code")]
pub struct TooLong {
    /// Bytes of the text.
    pub bytes: usize,
}

/// The smallest code that holds the text.
pub fn modules(text: &str, level: Level) -> Result<Modules, TooLong> {
    let level = match level {
        Level::Low => EcLevel::L,
        Level::Medium => EcLevel::M,
        Level::Quartile => EcLevel::Q,
    };
    let code = QrCode::with_error_correction_level(text, level).map_err(|_| TooLong { bytes: text.len() })?;
    let size = code.width();
    let bits = code.into_colors().into_iter().map(|colour| colour == Color::Dark).collect();
    Ok(Modules { size, bits })
}

impl Modules {
    /// A stand-alone SVG image with the quiet zone and a title for who cannot see it. One path, no style and no
    /// script, so that it passes any content security policy.
    pub fn svg(&self, title: &str) -> String {
        let side = self.size + 2 * QUIET_ZONE;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" shape-rendering=\"crispEdges\"><title>"
        );
        for c in title.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                c if c.is_control() => out.push(' '),
                c => out.push(c),
            }
        }
        let _ = write!(out, "</title><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"");
        for (y, row) in self.bits.chunks(self.size.max(1)).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] {
                    let (x, y, width) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                    let _ = write!(out, "M{x} {y}h{width}v1h-{width}z");
                }
                x += run.len();
            }
        }
        out.push_str("\"/></svg>\n");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_fits_in_a_small_code() {
        let code =
            modules("https://plico.example/v/01JD8X2K7M4Q9W3T6Y5B0C1V8ZH0123456789", Level::Medium).unwrap();
        assert_eq!(code.size, 33);
        assert_eq!(code.bits.len(), 33 * 33);
        // The upper left finder: seven dark, then a light one.
        assert_eq!(code.bits[..8], [true, true, true, true, true, true, true, false]);
    }

    #[test]
    fn what_does_not_fit_says_so() {
        assert!(modules(&"x".repeat(2331), Level::Medium).is_ok());
        assert_eq!(modules(&"x".repeat(2332), Level::Medium), Err(TooLong { bytes: 2332 }));
        assert!(modules("", Level::Low).is_ok());
    }

    #[test]
    fn the_image_is_one_well_formed_element() {
        let svg = modules("A", Level::Medium).unwrap().svg("Codice <di> \"verifica\" & altro");
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
        assert!(
            svg.contains("viewBox=\"0 0 29 29\"")
                && svg.contains("Codice &lt;di&gt; \"verifica\" &amp; altro")
        );
        assert_eq!(svg.matches('<').count(), svg.matches('>').count());
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_code_or_a_reason(text in proptest::prelude::any::<String>()) {
            if let Ok(code) = modules(&text, Level::Quartile) {
                proptest::prop_assert_eq!(code.bits.len(), code.size * code.size);
                code.svg(&text);
            }
        }
    }
}
