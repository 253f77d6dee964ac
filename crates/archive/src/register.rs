//! The built-in register: one number after the other, per registry area and legal year.

use plico_database::args;
use plico_record::day::LegalDay;

use crate::append::Work;
use crate::error::ArchiveError;

/// The series that numbers case files; not a registry area.
pub(crate) const CASE_FILES: &str = "fascicoli";

const NEXT: &str = "insert into register_head (administration, area, year, next) values ($1, $2, $3, 2)
    on conflict (administration, area, year) do update set next = register_head.next + 1
    returning next - 1";
const AREA: &str = "select area from administration where id = $1";
const LAST_DAY: &str = "select coalesce(max(last_ms), 0) from log where administration = $1";

/// A number that was taken in the transaction of an act: if the act does not commit, it was never given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// Registry area.
    pub area: String,
    /// Legal year.
    pub year: i32,
    /// Number in the year, from 1.
    pub number: u64,
}

impl Work {
    /// Takes the next number of an administration's registry area, in the legal year of this transaction.
    pub async fn next_number(&mut self, administration: &str) -> Result<Number, ArchiveError> {
        let area = self
            .tx
            .scalar_text(AREA, args![administration])
            .await?
            .ok_or_else(|| ArchiveError::Corrupt(format!("no administration {administration:?}")))?;
        self.take(administration, area).await
    }

    /// Takes the next number of a case file.
    pub async fn next_case_number(&mut self, administration: &str) -> Result<Number, ArchiveError> {
        self.take(administration, CASE_FILES.into()).await
    }

    async fn take(&mut self, administration: &str, area: String) -> Result<Number, ArchiveError> {
        // The year follows the log's instants, which never decrease: numbers never run backwards in time.
        let last = self.tx.scalar_i64(LAST_DAY, args![administration]).await?;
        let year = LegalDay::at(self.now_ms().max(last)).year();
        let number = self.tx.scalar_i64(NEXT, args![administration, &area, year]).await?.cast_unsigned();
        Ok(Number { area, year, number })
    }
}
