//! The three fonts: what they can write, and glyphs with their widths.

use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};

use super::sheet::{Text, Voice};

struct Cut {
    shaper: rustybuzz::Face<'static>,
    font: Font,
    units: f32,
}

static CUTS: LazyLock<[Cut; 3]> = LazyLock::new(|| {
    [
        include_bytes!("../../fonts/PlicoSans-Regular.ttf").as_slice(),
        include_bytes!("../../fonts/PlicoSans-Bold.ttf").as_slice(),
        include_bytes!("../../fonts/PlicoMono-Regular.ttf").as_slice(),
    ]
    .map(|bytes: &'static [u8]| {
        let shaper = rustybuzz::Face::from_slice(bytes, 0).expect("the font is part of the program");
        let font = Font::new(bytes.into(), 0).expect("the font is part of the program");
        let units = font.units_per_em();
        Cut { shaper, font, units }
    })
});

fn cut(voice: Voice) -> &'static Cut {
    &CUTS[match voice {
        Voice::Plain => 0,
        Voice::Strong => 1,
        Voice::Mono => 2,
    }]
}

pub(super) fn font(voice: Voice) -> Font {
    cut(voice).font.clone()
}

/// Fixed-width letters look larger than the others at the same size.
pub(super) fn size(voice: Voice, size: f32) -> f32 {
    if voice == Voice::Mono { size * 0.93 } else { size }
}

/// A text as glyphs, on one endless line.
pub(super) struct Shaped {
    pub(super) text: Rc<str>,
    pub(super) glyphs: Vec<Glyph>,
}

pub(super) struct Glyph {
    pub(super) voice: Voice,
    pub(super) inner: KrillaGlyph,
}

impl Glyph {
    pub(super) fn advance(&self, at: f32) -> f32 {
        self.inner.x_advance * size(self.voice, at)
    }
}

/// Shapes a text without line feeds. Nothing is refused: what the font lacks is written out.
pub(super) fn shape(text: &Text) -> Shaped {
    let mut whole = String::new();
    let mut glyphs = Vec::new();
    for span in &text.0 {
        let from = whole.len();
        whole.push_str(&legible(&span.text, span.voice));
        shape_run(&whole, from, span.voice, &mut glyphs);
    }
    Shaped { text: whole.into(), glyphs }
}

fn shape_run(whole: &str, from: usize, voice: Voice, glyphs: &mut Vec<Glyph>) {
    let cut = cut(voice);
    let run = &whole[from..];
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(run);
    buffer.guess_segment_properties();
    buffer.set_direction(Direction::LeftToRight);
    let output = rustybuzz::shape(&cut.shaper, &[], buffer);
    let (infos, positions) = (output.glyph_infos(), output.glyph_positions());
    // A cluster ends where the next one begins.
    let mut end = run.len();
    let mut ends = vec![0; infos.len()];
    for at in (0..infos.len()).rev() {
        ends[at] = end;
        if at == 0 || infos[at - 1].cluster != infos[at].cluster {
            end = infos[at].cluster as usize;
        }
    }
    for (at, (info, position)) in infos.iter().zip(positions).enumerate() {
        glyphs.push(Glyph {
            voice,
            inner: KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                position.x_advance as f32 / cut.units,
                position.x_offset as f32 / cut.units,
                position.y_offset as f32 / cut.units,
                position.y_advance as f32 / cut.units,
                from + info.cluster as usize..from + ends[at],
                None,
            ),
        });
    }
}

/// The text with nothing in it that cannot be seen or drawn: `[U+1F600]` for what the font lacks, and also for
/// the characters that would turn the writing direction, because a name must not be able to disguise itself.
pub(super) fn legible(text: &str, voice: Voice) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\u{2028}' | '\u{2029}' | '\n' | '\r' => out.push(' '),
            // They say where a line may break or how a glyph joins; here they say nothing.
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => {}
            '\u{2010}' | '\u{2011}' => out.push('-'),
            _ if turns(c) || c.is_control() || cut(voice).shaper.glyph_index(c).is_none_or(|g| g.0 == 0) => {
                let _ = write!(out, "[U+{:04X}]", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{206a}'..='\u{206f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn italian_and_its_neighbours_are_written_as_they_are() {
        let text = "àèéìòù ÀÈÉÌÒÙ €  «Čšž» ß ő ł ğ ș “n°” ’ – — • … Ω Ж";
        assert_eq!(legible(text, Voice::Plain), text);
        assert_eq!(legible(text, Voice::Strong), text);
    }

    #[test]
    fn what_cannot_be_drawn_is_spelled_out() {
        assert_eq!(legible("a😀b", Voice::Plain), "a[U+1F600]b");
        assert_eq!(legible("fattura\u{202e}fdp.exe", Voice::Plain), "fattura[U+202E]fdp.exe");
        assert_eq!(legible("\0", Voice::Mono), "[U+0000]");
    }

    #[test]
    fn a_decomposed_accent_becomes_one_glyph() {
        let shaped = shape(&Text::from("perche\u{301}"));
        assert_eq!(shaped.glyphs.len(), 6);
        assert_eq!(shaped.glyphs[5].inner.text_range, 5..8);
    }
}
