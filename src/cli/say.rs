//! Speaking on the terminal. A reader that closed the pipe (`plico config show | head`) is not an error.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;

/// A line on standard output.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A line on standard error.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Progress on a terminal: one line of standard error, written over; ended when this goes.
#[derive(Default)]
pub struct Told(Mutex<Option<(String, u64)>>);

impl Told {
    /// Says how much of it is done, when that is another hundredth than before.
    pub fn tell(&self, done: u64, of: u64, what: &str) {
        let percent = done * 100 / of.max(1);
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = last.as_ref().is_some_and(|(said, before)| said == what && *before == percent);
        if !known && std::io::stderr().is_terminal() {
            let _ = write!(std::io::stderr(), "\r{percent:3} %  {what}");
            *last = Some((what.to_owned(), percent));
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if self.0.lock().is_ok_and(|last| last.is_some()) {
            let _ = writeln!(std::io::stderr());
        }
    }
}
