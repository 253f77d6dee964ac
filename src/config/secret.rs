//! A value that must not be shown.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize, Serializer};

/// A password or shared secret. Printing, logging and serialising it give `(hidden)`.
///
/// A value that starts with `file:` is the path of a file that holds the secret (so that a service manager can
/// hand it over without it being in the configuration); [`Secret::resolve`] reads it.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself. The name is long so that a reader notices.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when nothing was configured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the file that a `file:` value names; one trailing line feed is dropped.
    pub fn resolve(&mut self) -> std::io::Result<()> {
        if let Some(path) = self.0.strip_prefix("file:") {
            let text = std::fs::read_to_string(Path::new(path))?;
            text.strip_suffix('\n').unwrap_or(&text).clone_into(&mut self.0);
        }
        Ok(())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(none)" } else { "(hidden)" })
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_of_printing_shows_it() {
        let secret = Secret::new("correct horse");
        let shown = format!("{secret} {secret:?} {}", serde_json::to_string(&secret).unwrap());
        assert!(!shown.contains("horse"), "{shown}");
    }

    #[test]
    fn a_file_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from a file\n").unwrap();
        let mut secret = Secret::new(format!("file:{}", file.path().display()));
        secret.resolve().unwrap();
        assert_eq!(secret.expose(), "from a file");
    }
}
