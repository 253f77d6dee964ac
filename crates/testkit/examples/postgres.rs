//! An empty database of PostgreSQL for whoever is not written in Rust: `postgres FOLDER` says where it is, and keeps the
//! server until its standard input ends.

use std::io::Read as _;
use std::path::PathBuf;

use plico_testkit::real::postgres;

#[expect(clippy::print_stdout, reason = "the answer")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).ok_or("postgres FOLDER")?;
    let address = postgres::database(&folder).map_err(|missing| missing.to_string())?;
    println!("{address}");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
