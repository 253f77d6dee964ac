//! Rows, of either engine, and what is read from them.

use rusqlite::types::ValueRef;
use sqlx::postgres::PgRow;
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};
use thiserror::Error;

/// What a row is read into: a tuple, column by column, or a struct by its fields' names with `#[derive(Record)]`.
pub trait Record: Sized + Send {
    /// Reads it.
    fn read(row: &Row<'_>) -> Result<Self, Unreadable>;
}

/// What a column is read into.
pub trait Column: Sized {
    /// What must be there, in words.
    const EXPECTED: &'static str;

    /// `None`: this is not one.
    fn read(cell: Cell<'_>) -> Option<Self>;
}

/// A stored value is not what the program expects it to be.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("column {column} holds {found} where {expected} should be")]
pub struct Unreadable {
    column: String,
    found: &'static str,
    expected: &'static str,
}

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A truth value, where the engine has them.
    Boolean(bool),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
    /// What no table of ours holds; its kind.
    Other(&'static str),
}

/// A row, while it is being read.
pub struct Row<'a>(Source<'a>);

enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a PgRow),
}

impl<'a> From<&'a rusqlite::Row<'a>> for Row<'a> {
    fn from(row: &'a rusqlite::Row<'a>) -> Self {
        Self(Source::Sqlite(row))
    }
}

impl<'a> From<&'a PgRow> for Row<'a> {
    fn from(row: &'a PgRow) -> Self {
        Self(Source::Postgres(row))
    }
}

impl Row<'_> {
    /// Reads the column at `place`, from zero.
    pub fn at<T: Column>(&self, place: usize) -> Result<T, Unreadable> {
        let cell = self.cell(place);
        cell.and_then(T::read).ok_or_else(|| Unreadable {
            column: self.name(place).map_or_else(|| (place + 1).to_string(), str::to_owned),
            found: cell.map_or("nothing", Cell::kind),
            expected: T::EXPECTED,
        })
    }

    /// Reads the column of that name, which is looked for at `place` first.
    pub fn named<T: Column>(&self, name: &str, place: usize) -> Result<T, Unreadable> {
        if self.name(place) == Some(name) {
            return self.at(place);
        }
        match (0..self.len()).find(|place| self.name(*place) == Some(name)) {
            Some(place) => self.at(place),
            None => Err(Unreadable { column: name.to_owned(), found: "nothing", expected: T::EXPECTED }),
        }
    }

    fn len(&self) -> usize {
        match self.0 {
            Source::Sqlite(row) => row.as_ref().column_count(),
            Source::Postgres(row) => row.len(),
        }
    }

    fn name(&self, place: usize) -> Option<&str> {
        match self.0 {
            Source::Sqlite(row) => row.as_ref().column_name(place).ok(),
            Source::Postgres(row) => Some(row.columns().get(place)?.name()),
        }
    }

    fn cell(&self, place: usize) -> Option<Cell<'_>> {
        match self.0 {
            Source::Sqlite(row) => Some(match row.get_ref(place).ok()? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Integer(number),
                ValueRef::Real(_) => Cell::Other("a fraction"),
                ValueRef::Text(text) => {
                    std::str::from_utf8(text).map_or(Cell::Other("bytes as text"), Cell::Text)
                }
                ValueRef::Blob(bytes) => Cell::Blob(bytes),
            }),
            Source::Postgres(row) => {
                let raw = row.try_get_raw(place).ok()?;
                if raw.is_null() {
                    return Some(Cell::Null);
                }
                Some(match raw.type_info().name() {
                    "INT8" => Cell::Integer(row.try_get(place).ok()?),
                    "INT4" => Cell::Integer(row.try_get::<i32, _>(place).ok()?.into()),
                    "BOOL" => Cell::Boolean(row.try_get(place).ok()?),
                    "TEXT" => Cell::Text(row.try_get(place).ok()?),
                    "BYTEA" => Cell::Blob(row.try_get(place).ok()?),
                    _ => Cell::Other("another type"),
                })
            }
        }
    }
}

impl Cell<'_> {
    fn kind(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Integer(_) => "a number",
            Self::Boolean(_) => "a truth value",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
            Self::Other(kind) => kind,
        }
    }
}

impl Column for i64 {
    const EXPECTED: &'static str = "a number";

    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Integer(number) => Some(number),
            _ => None,
        }
    }
}

impl Column for i32 {
    const EXPECTED: &'static str = "a small number";

    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell)?.try_into().ok()
    }
}

impl Column for bool {
    const EXPECTED: &'static str = "a truth value";

    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Boolean(truth) => Some(truth),
            Cell::Integer(0) => Some(false),
            Cell::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl Column for String {
    const EXPECTED: &'static str = "text";

    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl Column for Vec<u8> {
    const EXPECTED: &'static str = "bytes";

    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Blob(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

impl<T: Column> Column for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::read(cell).map(Some),
        }
    }
}

macro_rules! tuple {
    ($($name:ident $place:tt),+) => {
        impl<$($name: Column + Send),+> Record for ($($name,)+) {
            fn read(row: &Row<'_>) -> Result<Self, Unreadable> {
                Ok(($(row.at::<$name>($place)?,)+))
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
