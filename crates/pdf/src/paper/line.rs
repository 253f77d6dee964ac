//! Breaks shaped text into lines.

use std::rc::Rc;

use super::face::{self, Shaped};
use super::sheet::{Span, Text};

/// A line: some glyphs of a shaped text.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) shaped: Rc<Shaped>,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Without the spaces at its end, in points.
    pub(super) width: f32,
    pub(super) size: f32,
    /// Whether the text began a new paragraph here, after an empty line.
    pub(super) opens: bool,
}

/// Lines of at most `width` points. An empty text gives one line with a space, so that a cell is never without content.
pub(super) fn lines(text: &Text, size: f32, width: f32) -> Vec<Line> {
    let mut out = Vec::new();
    let mut opens = false;
    for hard in hard_lines(text) {
        if hard.0.iter().all(|span| span.text.trim().is_empty()) {
            opens = !out.is_empty();
            continue;
        }
        let from = out.len();
        wrap(&Rc::new(face::shape(&hard)), size, width, &mut out);
        if let Some(first) = out.get_mut(from) {
            first.opens = opens;
        }
        opens = false;
    }
    if out.is_empty() {
        wrap(&Rc::new(face::shape(&Text::from(" "))), size, width, &mut out);
    }
    out
}

/// A line that is not the last ends with a space, or its last word and the next one would be read as one.
fn hard_lines(text: &Text) -> Vec<Text> {
    let mut all = vec![Text::default()];
    for span in &text.0 {
        for (nth, piece) in span.text.split('\n').enumerate() {
            let piece = piece.strip_suffix('\r').unwrap_or(piece).to_owned();
            if nth > 0 {
                if let Some(Span { text, .. }) = all.last_mut().and_then(|line| line.0.last_mut()) {
                    text.push(' ');
                }
                all.push(Text::default());
            }
            if let Some(last) = all.last_mut() {
                last.0.push(Span { voice: span.voice, text: piece });
            }
        }
    }
    all
}

fn wrap(shaped: &Rc<Shaped>, size: f32, width: f32, out: &mut Vec<Line>) {
    let glyphs = &shaped.glyphs;
    // Where the text of a glyph ends; a cluster of several glyphs must stay together.
    let piece = |at: usize| &shaped.text[glyphs[at].inner.text_range.clone()];
    let whole = |at: usize| at + 1 == glyphs.len() || piece_start(shaped, at) != piece_start(shaped, at + 1);
    let mut from = 0;
    while from < glyphs.len() {
        let (mut x, mut ink) = (0.0_f32, 0.0_f32);
        let (mut strong, mut weak, mut any) = (None, None, None);
        let mut end = glyphs.len();
        for (at, glyph) in glyphs.iter().enumerate().skip(from) {
            let text = piece(at);
            x += glyph.advance(size);
            if text != " " {
                if x > width && at > from {
                    end = strong.or(weak).or(any).unwrap_or(at);
                    break;
                }
                ink = x;
            }
            if whole(at) {
                any = Some(at + 1);
                match text {
                    " " | "–" | "—" => strong = any,
                    "-" | "/" | "_" | "." | "@" | "\\" | "," | ";" => weak = any,
                    _ => {}
                }
            }
        }
        // A strong break far to the left of a very long word would leave a hole: cut the word instead.
        if end < glyphs.len()
            && let (Some(at), Some(later)) = (strong, weak.or(any))
            && advance(shaped, from..at, size) < width * 0.35
            && word_after(shaped, at, size) > width
        {
            end = later.max(at);
        }
        let width = if end == glyphs.len() { ink } else { trimmed(shaped, from..end, size) };
        out.push(Line { shaped: Rc::clone(shaped), from, to: end, width, size, opens: false });
        from = end;
    }
}

fn piece_start(shaped: &Shaped, at: usize) -> usize {
    shaped.glyphs[at].inner.text_range.start
}

fn advance(shaped: &Shaped, glyphs: std::ops::Range<usize>, size: f32) -> f32 {
    shaped.glyphs[glyphs].iter().map(|glyph| glyph.advance(size)).sum()
}

fn trimmed(shaped: &Shaped, glyphs: std::ops::Range<usize>, size: f32) -> f32 {
    let mut end = glyphs.end;
    while end > glyphs.start && &shaped.text[shaped.glyphs[end - 1].inner.text_range.clone()] == " " {
        end -= 1;
    }
    advance(shaped, glyphs.start..end, size)
}

fn word_after(shaped: &Shaped, from: usize, size: f32) -> f32 {
    shaped.glyphs[from..]
        .iter()
        .take_while(|glyph| &shaped.text[glyph.inner.text_range.clone()] != " ")
        .map(|glyph| glyph.advance(size))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, width: f32) -> Vec<String> {
        lines(&Text::from(text), 10.0, width)
            .iter()
            .map(|line| {
                let glyphs = &line.shaped.glyphs[line.from..line.to];
                let (first, last) = (&glyphs[0], &glyphs[glyphs.len() - 1]);
                line.shaped.text[first.inner.text_range.start..last.inner.text_range.end].to_owned()
            })
            .collect()
    }

    #[test]
    fn words_stay_whole_and_keep_their_space() {
        assert_eq!(texts("uno due tre", 40.0), ["uno due ", "tre"]);
        assert_eq!(texts("uno\ndue\n\ntre", 400.0), ["uno ", "due ", "tre"]);
        assert_eq!(texts("", 40.0), [" "]);
    }

    #[test]
    fn a_long_name_is_cut_where_it_hurts_least() {
        assert_eq!(texts("planimetria_del_capannone.pdf", 80.0), ["planimetria_del_", "capannone.pdf"]);
        let lines = texts(&"x".repeat(5000), 100.0);
        assert!(lines.len() > 200 && lines.iter().all(|line| line.len() < 30));
        assert_eq!(lines.concat().len(), 5000);
    }

    #[test]
    fn a_width_smaller_than_a_letter_ends_all_the_same() {
        assert_eq!(texts("abc", 0.0).len(), 3);
    }
}
