//! Statements on one connection. They run on the thread that asks: handing each to another one takes longer than most of
//! them do.

use rusqlite::{CachedStatement, Connection, Rows};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::record::Row;
use crate::{Arg, DatabaseError, Record};

/// Runs what may take long, or wait for the device, so that the runtime's other work goes on elsewhere.
pub(crate) fn apart<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// Every row.
pub(crate) fn all<T: Record>(
    connection: &Connection,
    sql: &str,
    args: &[Arg],
) -> Result<Vec<T>, DatabaseError> {
    let mut found = Vec::new();
    each(connection, sql, args, |row| {
        found.push(T::read(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// The first row, if any.
pub(crate) fn optional<T: Record>(
    connection: &Connection,
    sql: &str,
    args: &[Arg],
) -> Result<Option<T>, DatabaseError> {
    let mut statement = prepare(connection, sql, args)?;
    let writes = !statement.readonly();
    let mut rows = statement.raw_query();
    let first = match rows.next()? {
        Some(row) => Some(T::read(&Row::from(row))?),
        None => None,
    };
    if writes {
        exhaust(&mut rows)?;
    }
    Ok(first)
}

/// Executes, and says how many rows were written.
pub(crate) fn execute(connection: &Connection, sql: &str, args: &[Arg]) -> Result<u64, DatabaseError> {
    let mut statement = prepare(connection, sql, args)?;
    exhaust(&mut statement.raw_query())?;
    Ok(if statement.readonly() { 0 } else { connection.changes() })
}

/// Shows every row, one after the other.
pub(crate) fn each(
    connection: &Connection,
    sql: &str,
    args: &[Arg],
    mut see: impl FnMut(&Row<'_>) -> Result<(), DatabaseError>,
) -> Result<(), DatabaseError> {
    let mut statement = prepare(connection, sql, args)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        see(&Row::from(row))?;
    }
    Ok(())
}

/// What a statement would answer: the columns' names and declared types, where they have one.
pub(crate) fn describe(connection: &Connection, sql: &str) -> Result<Vec<(String, String)>, DatabaseError> {
    let statement = connection.prepare(sql)?;
    let column =
        |it: rusqlite::Column<'_>| (it.name().to_owned(), it.decl_type().unwrap_or_default().to_owned());
    Ok(statement.columns().map(column).collect())
}

fn exhaust(rows: &mut Rows<'_>) -> Result<(), DatabaseError> {
    while rows.next()?.is_some() {}
    Ok(())
}

fn prepare<'c>(
    connection: &'c Connection,
    sql: &str,
    args: &[Arg],
) -> Result<CachedStatement<'c>, DatabaseError> {
    args.iter().try_for_each(Arg::check)?;
    let mut statement = connection.prepare_cached(sql)?;
    for place in 1..=statement.parameter_count() {
        // To SQLite `$2` is a name, numbered by where it first stands.
        let number =
            statement.parameter_name(place).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let arg = number.and_then(|number| args.get(number.checked_sub(1)?));
        statement.raw_bind_parameter(
            place,
            arg.ok_or(rusqlite::Error::InvalidParameterCount(args.len(), place))?,
        )?;
    }
    Ok(statement)
}
