//! Values bound to a statement. Nulls are typed, because PostgreSQL wants to know what is missing.

use crate::DatabaseError;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use sqlx::Arguments as _;
use sqlx::postgres::PgArguments;

/// One value for one `$n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A 64-bit integer: counts, and instants in milliseconds UTC.
    Integer(Option<i64>),
    /// A truth value; SQLite stores it as 0 or 1.
    Boolean(Option<bool>),
    /// Text.
    Text(Option<String>),
    /// Bytes.
    Blob(Option<Vec<u8>>),
    /// An unsigned number that no column can hold; executing with it is an error, so that nothing wraps silently.
    OutOfRange(u64),
}

impl Arg {
    /// Whether a column can hold it, on either engine.
    pub(crate) fn check(&self) -> Result<(), DatabaseError> {
        match self {
            Self::Text(Some(value)) if value.contains('\0') => Err(DatabaseError::Unstorable),
            Self::OutOfRange(value) => Err(DatabaseError::OutOfRange { value: *value }),
            _ => Ok(()),
        }
    }

    /// About as many bytes as it takes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(Some(text)) => text.len(),
            Self::Blob(Some(bytes)) => bytes.len(),
            _ => 8,
        }
    }
}

/// The arguments of a statement, in order: `args![id, now_ms, None::<i64>]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::Arg::from($value)),*] };
}

macro_rules! from {
    ($($source:ty => $variant:ident, $value:ident => $convert:expr;)*) => {$(
        impl From<$source> for Arg {
            fn from($value: $source) -> Self { Self::$variant(Some($convert)) }
        }
        impl From<Option<$source>> for Arg {
            fn from(value: Option<$source>) -> Self { value.map_or(Self::$variant(None), Self::from) }
        }
    )*};
}

from! {
    i64 => Integer, value => value;
    i32 => Integer, value => value.into();
    u32 => Integer, value => value.into();
    u16 => Integer, value => value.into();
    u8 => Integer, value => value.into();
    bool => Boolean, value => value;
    &str => Text, value => value.to_owned();
    String => Text, value => value;
    &String => Text, value => value.clone();
    Vec<u8> => Blob, value => value;
    &Vec<u8> => Blob, value => value.clone();
    &[u8] => Blob, value => value.to_vec();
}

impl From<u64> for Arg {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self::OutOfRange(value), |value| Self::Integer(Some(value)))
    }
}

impl From<Option<u64>> for Arg {
    fn from(value: Option<u64>) -> Self {
        value.map_or(Self::Integer(None), Self::from)
    }
}

impl From<usize> for Arg {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

impl<const N: usize> From<[u8; N]> for Arg {
    fn from(value: [u8; N]) -> Self {
        Self::Blob(Some(value.to_vec()))
    }
}

impl<const N: usize> From<&[u8; N]> for Arg {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(Some(value.to_vec()))
    }
}

impl<const N: usize> From<Option<[u8; N]>> for Arg {
    fn from(value: Option<[u8; N]>) -> Self {
        Self::Blob(value.map(|value| value.to_vec()))
    }
}

impl<const N: usize> From<Option<&[u8; N]>> for Arg {
    fn from(value: Option<&[u8; N]>) -> Self {
        Self::Blob(value.map(|value| value.to_vec()))
    }
}

/// The arguments as PostgreSQL wants them. Text with a character that it cannot hold is refused on both engines.
pub(crate) fn bind(args: Vec<Arg>) -> Result<PgArguments, DatabaseError> {
    let mut bound = PgArguments::default();
    for arg in args {
        arg.check()?;
        match arg {
            Arg::Integer(value) => bound.add(value),
            Arg::Boolean(value) => bound.add(value),
            Arg::Text(value) => bound.add(value),
            Arg::Blob(value) => bound.add(value),
            Arg::OutOfRange(value) => return Err(DatabaseError::OutOfRange { value }),
        }
        .map_err(|source| DatabaseError::from(sqlx::Error::Encode(source)))?;
    }
    Ok(bound)
}

/// The same for SQLite, which keeps a truth value as 0 or 1.
impl ToSql for Arg {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Integer(Some(number)) => ValueRef::Integer(*number),
            Self::Boolean(Some(truth)) => ValueRef::Integer((*truth).into()),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Blob(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Integer(None) | Self::Boolean(None) | Self::Text(None) | Self::Blob(None) => ValueRef::Null,
            Self::OutOfRange(value) => {
                return Err(rusqlite::Error::ToSqlConversionFailure(value.to_string().into()));
            }
        }))
    }
}
