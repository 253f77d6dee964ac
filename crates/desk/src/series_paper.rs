//! A series of a year: as a document to print, in volumes, and as a sheet of values.

use plico_archive::read::series::{self, SeriesRow};
use plico_locale::{Args, Lang};
use plico_pdf::paper::{Block, Orientation, Table, TableColumn, Text, render};
use plico_record::day::rfc3339;

use crate::csv;
use crate::paper::Words;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// Entries of a volume.
const ENTRIES: i64 = 5_000;
/// Entries that are read at a time.
const PIECE: usize = 1_000;

impl Desk {
    /// How many volumes a series of a year has; an empty one is a volume too.
    pub async fn series_volumes(&self, actor: &Actor, code: &str, year: i32) -> Outcome<i64> {
        Ok(self.starts(actor, code, year).await?.len().max(1) as i64)
    }

    /// The number that each volume begins with: after a log was lost some numbers are left out.
    async fn starts(&self, actor: &Actor, code: &str, year: i32) -> Outcome<Vec<i64>> {
        Self::may_read_register(actor)?;
        let database = self.archive.database();
        Ok(series::volumes(database, &actor.administration, (code, year), ENTRIES).await?)
    }

    /// A volume of a series of a year, counted from 1.
    pub async fn series_pdf(
        &self,
        actor: &Actor,
        (code, year): (&str, i32),
        volume: i64,
        lang: Lang,
    ) -> Outcome<Vec<u8>> {
        let starts = self.starts(actor, code, year).await?;
        let volumes = starts.len().max(1) as i64;
        if !(1..=volumes).contains(&volume) {
            return refuse(Refusal::NotFound);
        }
        let next = usize::try_from(volume).ok().and_then(|volume| starts.get(volume)).copied();
        let most = usize::try_from(ENTRIES).map_err(fault)?;
        let (series, mut rows, _) =
            self.series_rows(actor, (code, year), next.unwrap_or(i64::MAX), most).await?;
        rows.reverse();
        let body = self.body_name(&actor.administration).await?;
        let (now, catalogue) = (self.archive.now_ms(), self.catalogue.clone());
        tokio::task::spawn_blocking(move || {
            let words = Words(&catalogue, lang);
            let args = Args::new().with("title", series.title.clone()).with("year", year.to_string());
            let title = if volumes > 1 {
                words.with("series-paper-volume", &args.with("volume", volume).with("volumes", volumes))
            } else {
                words.with("series-paper", &args)
            };
            let id = format!("series-{}-{year}-{volume}-{now}", series.code);
            let mut sheet = words.sheet(&body, "", &title, &id, now);
            sheet.orientation = Orientation::Landscape;
            sheet.blocks = vec![Block::Title(title), Block::Table(table(&words, &rows))];
            render(&sheet)
        })
        .await
        .map_err(fault)?
        .map_err(fault)
    }

    /// A series of a year as a sheet of values, oldest first.
    pub async fn series_csv(&self, actor: &Actor, code: &str, year: i32, lang: Lang) -> Outcome<String> {
        let mut rows: Vec<SeriesRow> = Vec::new();
        loop {
            let below = rows.last().map_or(i64::MAX, |row| row.number);
            let (_, more, _) = self.series_rows(actor, (code, year), below, PIECE).await?;
            let last = more.len() < PIECE;
            rows.extend(more);
            if last {
                break;
            }
        }
        let words = Words(&self.catalogue, lang);
        // Spreadsheets take a file without it for another encoding.
        let mut sheet = String::from("\u{feff}");
        let head = COLUMNS.iter().copied().chain(["paper-annulled"]);
        csv::line(&mut sheet, &head.map(|key| words.t(key)).collect::<Vec<_>>());
        for row in rows.iter().rev() {
            csv::line(
                &mut sheet,
                &[
                    row.text(),
                    rfc3339(row.registered_ms),
                    row.subject.clone(),
                    row.parties.clone(),
                    row.office.clone(),
                    row.registration().unwrap_or_default(),
                    row.digest.clone(),
                    row.annulled_reason.clone(),
                ],
            );
        }
        Ok(sheet)
    }
}

const COLUMNS: [&str; 7] = [
    "register-number",
    "register-date",
    "paper-subject",
    "series-parties",
    "paper-office",
    "series-registration",
    "paper-digest",
];

fn table(words: &Words<'_>, rows: &[SeriesRow]) -> Table {
    let columns = COLUMNS.into_iter().zip([2, 3, 7, 5, 4, 4, 6]);
    Table {
        columns: columns.map(|(key, weight)| TableColumn::new(words.t(key), weight)).collect(),
        rows: rows
            .iter()
            .map(|row| -> Vec<Text> {
                vec![
                    row.text().into(),
                    words.0.date_short(words.1, row.registered_ms).into(),
                    match row.annulled_reason.as_str() {
                        "" => row.subject.clone().into(),
                        why => {
                            let args = Args::new().with("why", why.to_owned());
                            format!("{} [{}]", row.subject, words.with("series-paper-annulled", &args)).into()
                        }
                    },
                    row.parties.clone().into(),
                    row.office.clone().into(),
                    row.registration().unwrap_or_default().into(),
                    Text::default().mono(plico_pdf::paper::grouped(&row.digest)),
                ]
            })
            .collect(),
    }
}
