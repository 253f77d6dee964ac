//! The part of a text worth showing.

use crate::query::{Query, Wanted, wanted};
use crate::schema::italian;
use std::collections::HashSet;
use std::ops::Range;
use tantivy::tokenizer::TokenStream as _;

/// Beyond this many bytes a text is not searched for something to show.
const LONGEST: usize = 256 * 1024;

/// A piece of a snippet, as plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text, not escaped for anything.
    pub text: String,
    /// Whether this is what matched.
    pub marked: bool,
}

struct Match {
    range: Range<usize>,
    term: String,
}

pub(crate) fn snippet(query: &Query, text: &str, length: usize) -> Vec<Piece> {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let matches = matches(&wanted(query), text);
    let window = window(text, &matches, length);
    let mut pieces = vec![];
    let mut push = |range: Range<usize>, marked| {
        if !range.is_empty() {
            pieces.push(Piece { text: text[range].to_owned(), marked });
        }
    };
    let mut done = window.start;
    for found in matches.iter().filter(|m| m.range.start >= window.start && m.range.end <= window.end) {
        push(done..found.range.start, false);
        push(found.range.clone(), true);
        done = found.range.end;
    }
    push(done..window.end, false);
    pieces
}

fn matches(wanted: &Wanted, text: &str) -> Vec<Match> {
    let mut matches: Vec<Match> = vec![];
    italian().token_stream(text).process(&mut |token| {
        let range = token.offset_from..token.offset_to;
        let word = text[range.clone()].to_lowercase();
        if wanted.terms.contains(&token.text) || wanted.prefixes.iter().any(|prefix| word.starts_with(prefix))
        {
            matches.push(Match { range, term: token.text.clone() });
        }
    });
    matches
}

/// Where the most different words match within `length` characters, with a little before the first of them.
fn window(text: &str, matches: &[Match], length: usize) -> Range<usize> {
    let best = (0..matches.len()).rev().max_by_key(|first| {
        let end = forward(text, matches[*first].range.start, length * 3 / 4);
        let within = matches[*first..].iter().take_while(|found| found.range.end <= end);
        within.map(|found| &found.term).collect::<HashSet<_>>().len()
    });
    let Some(best) = best else {
        return 0..forward(text, 0, length);
    };
    let lead = text[..matches[best].range.start].char_indices().rev().take(length / 4);
    // The lead begins with a whole word.
    let reached = lead.last().map_or(matches[best].range.start, |(index, _)| index);
    let skip = if reached == 0 { Some(0) } else { text[reached..].find(char::is_whitespace) };
    let start = (reached + skip.unwrap_or(0)).min(matches[best].range.start);
    let start = start + (text[start..].len() - text[start..].trim_start().len());
    start..forward(text, start, length)
}

/// The place `count` characters after `from`.
fn forward(text: &str, from: usize, count: usize) -> usize {
    text[from..].char_indices().nth(count).map_or(text.len(), |(index, _)| from + index)
}
