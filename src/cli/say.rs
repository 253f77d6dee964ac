//! Speaking on the terminal. A reader that closed the pipe (`plico config show | head`) is not an error.

use std::io::Write as _;

/// A line on standard output.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A line on standard error.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
