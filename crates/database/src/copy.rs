//! Everything of one store into another, whichever engines keep them: backups of PostgreSQL are files of SQLite, and an
//! archive can move.

use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;

use crate::engine::Engine;
use crate::record::Row;
use crate::transaction::Connection;
use crate::{Arg, Database, DatabaseError, Tx, Unreadable, migration, sqlite};

/// As many rows, and about as many bytes, go in one statement.
const ROWS: usize = 64;
const BYTES: usize = 1 << 22;
/// Tables that others point to: they go first. What the migrations recorded is each store's own.
const FIRST: [&str; 3] = ["log", "event", "checkpoint"];

const SQLITE_COLUMNS: &str = "select t.name, c.name, lower(c.type) from sqlite_schema t
    join pragma_table_info(t.name) c where t.type = 'table' and t.name <> 'schema_migration' and t.name not like 'sqlite_%'
    order by t.name, c.name";
const POSTGRES_COLUMNS: &str =
    "select cast(table_name as text), cast(column_name as text), cast(data_type as text) from information_schema.columns
    where table_schema = current_schema() and table_name <> 'schema_migration' order by table_name, column_name";

const MIGRATED: &str = "select max(applied_ms) from schema_migration";

/// What a column holds, in the words of its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Integer,
    Small,
    Boolean,
    Text,
    Bytes,
}

pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, Holds)>,
}

impl Database {
    /// Copies every row into a store that is new: it is migrated first. Reads one state; writers go on meanwhile.
    pub async fn copy_into_new(&self, new: &Self) -> Result<(), DatabaseError> {
        let migrated_ms = self.scalar_i64(MIGRATED, vec![]).await?;
        migration::apply(new, migrated_ms)
            .await
            .map_err(|error| DatabaseError::Unsuitable { problem: error.to_string() })?;
        self.copy_rows(new).await
    }

    /// Copies every row into a store of the same schema whose tables are empty.
    async fn copy_rows(&self, into: &Self) -> Result<(), DatabaseError> {
        let (mut from, mut to) = (self.tables().await?, into.tables().await?);
        for tables in [&mut from, &mut to] {
            let place = |table: &Table| FIRST.iter().position(|first| *first == table.name);
            tables.sort_by_key(|table| place(table).unwrap_or(FIRST.len()));
        }
        let names = |tables: &[Table]| -> Vec<(String, Vec<String>)> {
            let columns = |table: &Table| table.columns.iter().map(|column| column.0.clone()).collect();
            tables.iter().map(|table| (table.name.clone(), columns(table))).collect()
        };
        if names(&from) != names(&to) {
            return Err(DatabaseError::Unsuitable { problem: "to copy into has other tables".into() });
        }
        let mut reader = self.snapshot().await?;
        let mut writer = into.begin().await?;
        for (from, to) in from.iter().zip(&to) {
            copy_table(&mut reader, from, &mut writer, to).await?;
        }
        if let Engine::Postgres(_) = into.engine {
            // The next log gets the number after the last.
            let next = "select setval(pg_get_serial_sequence('log', 'id'), coalesce(max(id), 1), count(*) > 0) from log";
            writer.scalar_i64(next, vec![]).await?;
        }
        writer.commit().await
    }

    pub(crate) async fn tables(&self) -> Result<Vec<Table>, DatabaseError> {
        let sql = match self.engine {
            Engine::Sqlite(_) => SQLITE_COLUMNS,
            Engine::Postgres(_) => POSTGRES_COLUMNS,
        };
        let mut tables: Vec<Table> = Vec::new();
        for (table, column, kind) in self.all::<(String, String, String)>(sql, vec![]).await? {
            let holds = match kind.as_str() {
                "bigint" => Holds::Integer,
                "integer" if matches!(self.engine, Engine::Postgres(_)) => Holds::Small,
                "integer" => Holds::Integer,
                "boolean" => Holds::Boolean,
                "text" => Holds::Text,
                "blob" | "bytea" => Holds::Bytes,
                other => {
                    let problem = format!("has a column {table}.{column} of type {other}");
                    return Err(DatabaseError::Unsuitable { problem });
                }
            };
            match tables.last_mut().filter(|last| last.name == table) {
                Some(last) => last.columns.push((column, holds)),
                None => tables.push(Table { name: table, columns: vec![(column, holds)] }),
            }
        }
        Ok(tables)
    }
}

async fn copy_table(from: &mut Tx, source: &Table, to: &mut Tx, target: &Table) -> Result<(), DatabaseError> {
    let columns: Vec<String> = source.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let select = format!("{} from \"{}\"", columns.join(", "), source.name);
    let insert = format!("insert into \"{}\" ({}) values ", target.name, columns.join(", "));
    let mut batch = Batch { insert, columns: columns.len(), values: Vec::new(), bytes: 0 };
    match from.connection()? {
        Connection::Sqlite(it) => {
            // Page by page: writing may have to wait, and a row that is being read cannot.
            let page = format!("select rowid, {select} where rowid > $1 order by rowid limit {ROWS}");
            let mut after = i64::MIN;
            loop {
                let mut rows = Vec::with_capacity(ROWS);
                sqlite::each(it, &page, &[Arg::from(after)], |row| {
                    after = row.at(0)?;
                    rows.push(values(row, 1, target)?);
                    Ok(())
                })?;
                let last = rows.len() < ROWS;
                for row in rows {
                    batch.add(to, row).await?;
                }
                if last {
                    break;
                }
            }
        }
        Connection::Postgres(it) => {
            let mut rows = sqlx::query(AssertSqlSafe(format!("select {select}"))).fetch(&mut **it);
            while let Some(row) = rows.try_next().await? {
                batch.add(to, values(&Row::from(&row), 0, source)?).await?;
            }
        }
    }
    batch.flush(to).await
}

/// What the columns of `table` hold in this row, the first of them at `from`. Where two tables differ, it is the one whose engine
/// has truth values: a number can be read as one, and not the other way.
pub(crate) fn values(row: &Row<'_>, from: usize, table: &Table) -> Result<Vec<Arg>, Unreadable> {
    let each = table.columns.iter().enumerate().map(|(place, (_, holds))| {
        let place = from + place;
        Ok(match holds {
            Holds::Integer | Holds::Small => Arg::Integer(row.at(place)?),
            Holds::Boolean => Arg::Boolean(row.at(place)?),
            Holds::Text => Arg::Text(row.at(place)?),
            Holds::Bytes => Arg::Blob(row.at(place)?),
        })
    });
    each.collect()
}

/// Rows on their way.
struct Batch {
    insert: String,
    columns: usize,
    values: Vec<Arg>,
    bytes: usize,
}

impl Batch {
    async fn add(&mut self, to: &mut Tx, row: Vec<Arg>) -> Result<(), DatabaseError> {
        self.bytes += row.iter().map(Arg::len).sum::<usize>();
        self.values.extend(row);
        if self.values.len() >= ROWS * self.columns || self.bytes >= BYTES {
            self.flush(to).await
        } else {
            Ok(())
        }
    }

    async fn flush(&mut self, to: &mut Tx) -> Result<(), DatabaseError> {
        let values = std::mem::take(&mut self.values);
        self.bytes = 0;
        if values.is_empty() {
            return Ok(());
        }
        let rows: Vec<String> = (0..values.len() / self.columns)
            .map(|row| {
                let places: Vec<String> =
                    (1..=self.columns).map(|column| format!("${}", row * self.columns + column)).collect();
                format!("({})", places.join(", "))
            })
            .collect();
        let sql = format!("{}{}", self.insert, rows.join(", "));
        to.execute_made(sql, values).await
    }
}
