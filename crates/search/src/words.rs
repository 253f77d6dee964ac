//! What a person typed, taken apart. There is no wrong input: what has no meaning is left out.

/// Beyond this many characters nothing is read.
const LONGEST: usize = 400;
/// Beyond this many clauses nothing is read.
const MOST: usize = 24;

/// One thing that must (or must not) be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) text: String,
    pub(crate) shape: Shape,
    pub(crate) excluded: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Word,
    Phrase,
    Prefix,
}

pub(crate) fn read(typed: &str) -> Vec<Clause> {
    let typed: String = typed.chars().take(LONGEST).collect();
    let mut clauses = vec![];
    let mut rest = typed.trim_start();
    while !rest.is_empty() && clauses.len() < MOST {
        let (excluded, after) = match rest.strip_prefix('-') {
            Some(after) => (true, after),
            None => (false, rest),
        };
        let (text, shape);
        if let Some(quoted) = after.strip_prefix(['"', '«', '“']) {
            // A quotation that is not closed reaches to the end.
            let (inside, left) = quoted.split_once(['"', '»', '”']).unwrap_or((quoted, ""));
            (text, rest, shape) = (inside, left, Shape::Phrase);
        } else {
            let (word, left) =
                after.split_at(after.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(after.len()));
            let prefix = word.len() > 2 && word.ends_with('*');
            (text, rest, shape) = (word, left, if prefix { Shape::Prefix } else { Shape::Word });
        }
        rest = rest.trim_start();
        if text.chars().any(char::is_alphanumeric) {
            let text = text.trim_matches('*').to_owned();
            clauses.push(Clause { text, shape, excluded });
        }
    }
    clauses
}

/// Entry point for fuzzing: any text, never a panic.
pub fn fuzz_words(bytes: &[u8]) {
    let _ = read(&String::from_utf8_lossy(bytes));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shapes(typed: &str) -> Vec<(String, Shape, bool)> {
        read(typed).into_iter().map(|clause| (clause.text, clause.shape, clause.excluded)).collect()
    }

    #[test]
    fn words_phrases_prefixes_and_exclusions() {
        assert_eq!(
            shapes(r#" certificato "stato di famiglia" resid* -"copia conforme" -urgente "#),
            [
                ("certificato".into(), Shape::Word, false),
                ("stato di famiglia".into(), Shape::Phrase, false),
                ("resid".into(), Shape::Prefix, false),
                ("copia conforme".into(), Shape::Phrase, true),
                ("urgente".into(), Shape::Word, true),
            ]
        );
    }

    #[test]
    fn what_means_nothing_is_left_out() {
        for typed in ["", "   ", "-", "\"", "\"\"", "***", "-- ? ( ) : ^", "«»"] {
            assert_eq!(read(typed), [], "{typed}");
        }
        assert_eq!(shapes("\"mai chiusa"), [("mai chiusa".into(), Shape::Phrase, false)]);
        assert_eq!(shapes("a\"b c\"d").len(), 3);
        assert_eq!(read(&"parola ".repeat(100)).len(), MOST);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_bounded(typed in "\\PC{0,600}") {
            let clauses = read(&typed);
            prop_assert!(clauses.len() <= MOST);
            prop_assert!(clauses.iter().all(|clause| !clause.text.is_empty()));
        }
    }
}
