//! What a store holds, as a number for each table that does not depend on the engine or on the order of rows: by it a copy
//! is shown to be one.

use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

use crate::copy::values;
use crate::record::Row;
use crate::transaction::Connection;
use crate::{Arg, Database, DatabaseError, sqlite};

/// A table's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Its name.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// The sum of the rows' SHA-256, as numbers of 256 bits: it shows mistakes, not malice.
    pub sum: [u8; 32],
}

impl Database {
    /// Reads every row of every table, in one state.
    pub async fn fingerprint(&self) -> Result<Vec<Fingerprint>, DatabaseError> {
        let tables = self.tables().await?;
        let mut reader = self.snapshot().await?;
        let mut prints = Vec::with_capacity(tables.len());
        for table in tables {
            let columns: Vec<String> = table.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let select = format!("select {} from \"{}\"", columns.join(", "), table.name);
            let mut print = Fingerprint { table: table.name.clone(), rows: 0, sum: [0; 32] };
            match reader.connection()? {
                Connection::Sqlite(it) => {
                    let add = |row: &Row<'_>| {
                        print.add(&values(row, 0, &table)?);
                        Ok(())
                    };
                    sqlite::apart(|| sqlite::each(it, &select, &[], add))?;
                }
                Connection::Postgres(it) => {
                    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut **it);
                    while let Some(row) = rows.try_next().await? {
                        print.add(&values(&Row::from(&row), 0, &table)?);
                    }
                }
            }
            prints.push(print);
        }
        prints.sort_by(|a, b| a.table.cmp(&b.table));
        Ok(prints)
    }
}

impl Fingerprint {
    fn add(&mut self, row: &[Arg]) {
        let mut hash = Sha256::new();
        for value in row {
            match value {
                // Each with its kind and length before it, so that no two rows read alike. Truth is 0 or 1 on one engine.
                Arg::Integer(Some(number)) => {
                    hash.update([1]);
                    hash.update(number.to_be_bytes());
                }
                Arg::Boolean(Some(truth)) => {
                    hash.update([1]);
                    hash.update(i64::from(*truth).to_be_bytes());
                }
                Arg::Text(Some(text)) => {
                    hash.update([2]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text);
                }
                Arg::Blob(Some(bytes)) => {
                    hash.update([3]);
                    hash.update((bytes.len() as u64).to_be_bytes());
                    hash.update(bytes);
                }
                // The last is never read from a row.
                Arg::Integer(None)
                | Arg::Boolean(None)
                | Arg::Text(None)
                | Arg::Blob(None)
                | Arg::OutOfRange(_) => hash.update([0]),
            }
        }
        let mut carry = 0;
        for (place, byte) in self.sum.iter_mut().zip(hash.finalize()).rev() {
            let digit = u16::from(*place) + u16::from(byte) + carry;
            *place = digit as u8;
            carry = digit >> 8;
        }
        self.rows += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[Arg]]) -> Fingerprint {
        let mut print = Fingerprint { table: "t".into(), rows: 0, sum: [0; 32] };
        for row in rows {
            print.add(row);
        }
        print
    }

    #[test]
    fn order_is_nothing_and_everything_else_counts() {
        let text = |text: &str| Arg::Text(Some(text.into()));
        let (a, b) = ([text("a"), text("bc")], [text("ab"), text("c")]);
        assert_eq!(of(&[&a, &b]), of(&[&b, &a]));
        assert_ne!(of(&[&a]), of(&[&b]));
        assert_ne!(of(&[&a, &a]), of(&[&b, &b]), "a pair does not cancel out");
        assert_ne!(of(&[&a, &a]).sum, [0; 32]);
        assert_eq!(of(&[&[Arg::Boolean(Some(true))]]), of(&[&[Arg::Integer(Some(1))]]));
        assert_ne!(of(&[&[Arg::Text(None)]]), of(&[&[text("")]]));
        assert_ne!(of(&[&[Arg::Integer(Some(0))]]), of(&[&[Arg::Integer(None)]]));
        assert_ne!(of(&[&[text("a")]]), of(&[&[Arg::Blob(Some(b"a".to_vec()))]]));
    }
}
