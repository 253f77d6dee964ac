//! Where a store is: the path of a file, or the address of a server.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use thiserror::Error;

/// Where a store is. Shown without its password.
#[derive(Clone)]
pub enum Location {
    /// A file: SQLite.
    File(PathBuf),
    /// A server: PostgreSQL.
    Server(Box<PgConnectOptions>),
}

/// A text that names no store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("is neither a path nor an address like postgres://user:password@host/database")]
pub struct NotALocation;

impl FromStr for Location {
    type Err = NotALocation;

    /// `postgres://…` (or `postgresql://…`) is a server, `sqlite:PATH` and whatever has no scheme is a file.
    fn from_str(text: &str) -> Result<Self, NotALocation> {
        let (scheme, path) = match text.split_once(':') {
            Some((scheme, rest)) if !scheme.contains('/') => (scheme, rest),
            _ => ("sqlite", text),
        };
        match scheme {
            "sqlite" if !path.is_empty() => Ok(Self::File(path.strip_prefix("//").unwrap_or(path).into())),
            "postgres" | "postgresql" => {
                let options: PgConnectOptions = text.parse().map_err(|_| NotALocation)?;
                // What is not said would be taken from the surroundings: an archive is not found by chance.
                options.get_database().ok_or(NotALocation)?;
                Ok(Self::Server(Box::new(options)))
            }
            _ => Err(NotALocation),
        }
    }
}

impl Location {
    /// Whether what is sent to it can be read or changed on the way: a server elsewhere, without TLS that it must prove.
    pub fn is_exposed(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Server(options) => {
                let local = options.get_socket().is_some()
                    || ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&options.get_host())
                    || options.get_host().starts_with('/');
                !local && !matches!(options.get_ssl_mode(), PgSslMode::VerifyCa | PgSslMode::VerifyFull)
            }
        }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(options) => {
                let host = options.get_socket().map_or_else(
                    || format!("{}:{}", options.get_host(), options.get_port()),
                    |socket| socket.display().to_string(),
                );
                write!(f, "{} at {host}", options.get_database().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_decides_and_no_password_is_shown() {
        for file in
            ["/var/lib/plico/plico.db", "sqlite:/var/lib/plico/plico.db", "sqlite:///var/lib/plico/plico.db"]
        {
            let location: Location = file.parse().unwrap();
            assert_eq!(location.file(), Some(Path::new("/var/lib/plico/plico.db")), "{file}");
        }
        let server: Location = "postgres://plico:hidden@db.example:5433/archive".parse().unwrap();
        assert_eq!(
            format!("{server} {server:?}"),
            "archive at db.example:5433 Location(archive at db.example:5433)"
        );
        for wrong in ["", "sqlite:", "mysql://a/b", "postgres://host", "postgres://host:port/x"] {
            assert!(wrong.parse::<Location>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_server_elsewhere_must_prove_itself() {
        let exposed = |text: &str| text.parse::<Location>().unwrap().is_exposed();
        assert!(exposed("postgres://a@db.example/x") && exposed("postgres://a@db.example/x?sslmode=require"));
        assert!(
            !exposed("postgres://a@db.example/x?sslmode=verify-full") && !exposed("postgres://a@localhost/x")
        );
        assert!(!exposed("postgres://a@%2Fvar%2Frun%2Fpostgresql/x") && !exposed("plico.db"));
    }
}
