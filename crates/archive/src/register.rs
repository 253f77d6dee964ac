//! The built-in register: one number after the other, per registry area and legal year.

use plico_database::args;
use plico_record::act::series_area;
use plico_record::day::LegalDay;

use crate::append::Work;
use crate::error::ArchiveError;

/// The series that numbers case files; not a registry area.
pub(crate) const CASE_FILES: &str = "fascicoli";

const NEXT: &str = "insert into register_head (administration, area, year, next) values ($1, $2, $3, 2)
    on conflict (administration, area, year) do update set next = register_head.next + 1
    returning next - 1";
const AREA: &str = "select a.area, l.last_ms from administration a join log l on l.administration = a.id
    where a.id = $1 order by l.last_ms desc limit 1";
const LAST: &str = "select coalesce(max(last_ms), 0) from log where administration = $1";

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
        let (area, last_ms): (String, i64) = self
            .tx
            .optional(AREA, args![administration])
            .await?
            .ok_or_else(|| ArchiveError::Corrupt(format!("no administration {administration:?}")))?;
        self.take(administration, area, last_ms).await
    }

    /// Takes the next number of a case file.
    pub async fn next_case_number(&mut self, administration: &str) -> Result<Number, ArchiveError> {
        let last_ms = self.tx.scalar_i64(LAST, args![administration]).await?;
        self.take(administration, CASE_FILES.into(), last_ms).await
    }

    /// Takes the next number of a series.
    pub async fn next_series_number(
        &mut self,
        administration: &str,
        series: &str,
    ) -> Result<Number, ArchiveError> {
        let last_ms = self.tx.scalar_i64(LAST, args![administration]).await?;
        self.take(administration, series_area(series), last_ms).await
    }

    async fn take(
        &mut self,
        administration: &str,
        area: String,
        last_ms: i64,
    ) -> Result<Number, ArchiveError> {
        // The year follows the log's instants, which never decrease: numbers never run backwards in time.
        let year = LegalDay::at(self.now_ms().max(last_ms)).year();
        let number = self.tx.scalar_i64(NEXT, args![administration, &area, year]).await?.cast_unsigned();
        Ok(Number { area, year, number })
    }
}
