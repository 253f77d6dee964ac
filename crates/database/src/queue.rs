//! Statements whose answer nobody waits for: they run with the next one that answers, in one exchange with the engine.

use crate::{Arg, DatabaseError};

/// As many statements as one exchange takes: each combination is kept prepared, so they must not be of every length.
const TOGETHER: usize = 16;

/// Statements in the order in which they run.
#[derive(Default)]
pub(crate) struct Queue(Vec<(&'static str, Vec<Arg>)>);

impl Queue {
    /// Adds a statement. What cannot be bound is refused here, where its author is.
    pub(crate) fn push(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<(), DatabaseError> {
        args.iter().try_for_each(Arg::check)?;
        self.0.push((sql, args));
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether this is what runs first.
    pub(crate) fn begins_with(&self, sql: &str) -> bool {
        self.0.first().is_some_and(|(first, _)| *first == sql)
    }

    /// Takes what waits, one after the other.
    pub(crate) fn take(&mut self) -> Vec<(&'static str, Vec<Arg>)> {
        std::mem::take(&mut self.0)
    }

    /// Takes what one exchange takes, as one text with its arguments.
    pub(crate) fn take_joined(&mut self) -> (String, Vec<Arg>) {
        join(self.0.drain(..self.0.len().min(TOGETHER)))
    }

    /// Takes everything, with a last statement, when one exchange takes it all.
    pub(crate) fn take_with(&mut self, sql: &'static str, args: Vec<Arg>) -> (String, Vec<Arg>) {
        join(self.0.drain(..).chain([(sql, args)]))
    }

    /// Whether more waits than goes into the exchange of another statement.
    pub(crate) fn is_long(&self) -> bool {
        self.0.len() >= TOGETHER
    }
}

/// One text of several statements; their `$n` count on.
fn join(statements: impl Iterator<Item = (&'static str, Vec<Arg>)>) -> (String, Vec<Arg>) {
    let (mut text, mut all) = (String::with_capacity(2048), Vec::with_capacity(64));
    for (sql, args) in statements {
        let mut pieces = sql.split('$');
        text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            text.push('$');
            match piece[..digits].parse::<usize>() {
                Ok(number) => {
                    text.push_str(&(all.len() + number).to_string());
                    text.push_str(&piece[digits..]);
                }
                Err(_) => text.push_str(piece),
            }
        }
        text.push_str(";\n");
        all.extend(args);
    }
    (text, all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args;

    #[test]
    fn arguments_count_on() {
        let mut queue = Queue::default();
        queue.push("insert into a values ($1, $2)", args![1, 2]).unwrap();
        queue.push("savepoint act", args![]).unwrap();
        let (text, args) = queue.take_with("select '$.x', b from c where d = $2 and e = $1", args![3, 4]);
        assert_eq!(
            text,
            "insert into a values ($1, $2);\nsavepoint act;\nselect '$.x', b from c where d = $4 and e = $3;\n"
        );
        assert_eq!(args, args![1, 2, 3, 4]);
        assert!(queue.is_empty());
    }

    #[test]
    fn what_cannot_be_bound_is_refused_at_once() {
        let mut queue = Queue::default();
        assert!(queue.push("insert into a values ($1)", args!["a\0b"]).is_err());
        assert!(queue.push("insert into a values ($1)", args![u64::MAX]).is_err());
        assert!(queue.is_empty());
    }
}
