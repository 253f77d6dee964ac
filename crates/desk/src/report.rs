//! Standing reports of the register, to look at, as a sheet of values, and on paper.

use plico_archive::read::history;
use plico_archive::read::report::{self, Report, ReportRow};
use plico_locale::Lang;
use plico_pdf::paper::{Block, Orientation, Table, TableColumn, Text, render};
use plico_record::act::Act;
use plico_record::day::LegalDay;
use plico_record::part::registration_number;

use crate::csv;
use crate::paper::Words;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Entries of a report: beyond that a shorter time is to be chosen.
pub const MOST: usize = 20_000;

/// The reports: their codes, in addresses and message catalogues (`report-<code>`).
pub const REPORTS: [&str; 7] =
    ["annulled", "changed", "late", "deferred", "emergency", "unclassified", "unfiled"];

/// A line of a report.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The number as it is shown.
    pub number: String,
    /// The entry.
    pub row: ReportRow,
}

impl Desk {
    /// A report over what was registered from one day to another (`YYYY-MM-DD`), oldest first.
    pub async fn register_report(
        &self,
        actor: &Actor,
        code: &str,
        from: &str,
        until: &str,
    ) -> Outcome<Vec<Reported>> {
        Self::may_read_register(actor)?;
        for (field, day) in [("dal", from), ("al", until)] {
            if LegalDay::parse(day).is_none() {
                return refuse(Refusal::Invalid(vec![FieldError::of(field, "date")]));
            }
        }
        let which = match code {
            "annulled" => Report::Annulled,
            "changed" => Report::Changed,
            "late" | "deferred" => Report::Later,
            "emergency" => Report::Emergency,
            "unclassified" => Report::Unclassified,
            "unfiled" => Report::Unfiled,
            _ => return refuse(Refusal::NotFound),
        };
        let database = self.archive.database();
        let rows = report::rows(database, &actor.administration, which, (from, until), MOST).await?;
        let mut reported = Vec::with_capacity(rows.len());
        for mut row in rows {
            if which == Report::Later {
                // Only another day counts, by the registry that gave the number. With a reason it is deferred, without it is late.
                let presented = row.presented_ms.unwrap_or(row.registered_ms);
                let numbered = LegalDay::parse(&row.outside_date);
                if LegalDay::at(presented) >= numbered.unwrap_or_else(|| LegalDay::at(row.registered_ms)) {
                    continue;
                }
                if !row.channel.is_empty() {
                    row.detail = self.deferral(&row.message).await?;
                }
                if row.detail.is_empty() == (code == "deferred") {
                    continue;
                }
            }
            reported
                .push(Reported { number: registration_number(row.number.cast_unsigned(), row.year), row });
        }
        Ok(reported)
    }

    /// Why it was registered later, as whoever took it in wrote.
    async fn deferral(&self, message: &str) -> Outcome<String> {
        for event in history::of_message(self.archive.database(), message).await? {
            if event.kind == "message.presented"
                && let Some(entry) = self.archive.entry(event.log, event.idx).await?
                && let Act::MessagePresented(act) = entry.act
            {
                return Ok(act.arrival.and_then(|arrival| arrival.deferred).unwrap_or_default());
            }
        }
        Ok(String::new())
    }

    /// A report as comma-separated values, with the names of its columns in the reader's language.
    pub fn report_csv(&self, reported: &[Reported], lang: Lang) -> String {
        let words = Words(&self.catalogue, lang);
        let mut sheet = String::from("\u{feff}");
        let heads = [
            "number",
            "area",
            "registered",
            "presented",
            "direction",
            "subject",
            "parties",
            "office",
            "detail",
        ];
        csv::line(&mut sheet, &heads.map(|head| words.t(&format!("report-col-{head}"))));
        for Reported { number, row } in reported {
            csv::line(
                &mut sheet,
                &[
                    number.clone(),
                    row.area.clone(),
                    plico_record::day::rfc3339(row.registered_ms),
                    row.presented_ms.map(plico_record::day::rfc3339).unwrap_or_default(),
                    words.t(&format!("direction-{}", row.direction)),
                    row.subject.clone(),
                    row.parties.clone(),
                    row.office.clone(),
                    row.detail.clone(),
                ],
            );
        }
        sheet
    }

    /// A report as a document to print.
    pub async fn report_paper(
        &self,
        actor: &Actor,
        code: &str,
        reported: Vec<Reported>,
        (from, until): (&str, &str),
        lang: Lang,
    ) -> Outcome<Vec<u8>> {
        let body = self.body_name(&actor.administration).await?;
        let (now, catalogue) = (self.archive.now_ms(), self.catalogue.clone());
        let (code, from, until) = (code.to_owned(), from.to_owned(), until.to_owned());
        tokio::task::spawn_blocking(move || {
            let words = Words(&catalogue, lang);
            let title = words.t(&format!("report-{code}"));
            let mut sheet = words.sheet(&body, "", &title, &format!("report-{code}-{now}"), now);
            sheet.orientation = Orientation::Landscape;
            let day = |day: &str| {
                LegalDay::parse(day).map_or_else(String::new, |day| words.0.date(lang, day.start_ms()))
            };
            let period = format!("{} – {}", day(&from), day(&until));
            sheet.blocks = vec![Block::Title(title), Block::Paragraph(period.into())];
            let columns = [
                ("number", 4),
                ("registered", 5),
                ("subject", 9),
                ("parties", 6),
                ("office", 5),
                ("detail", 7),
            ];
            let columns = columns
                .into_iter()
                .map(|(name, weight)| TableColumn::new(words.t(&format!("report-col-{name}")), weight))
                .collect();
            let rows: Vec<Vec<Text>> = reported
                .iter()
                .map(|Reported { number, row }| {
                    vec![
                        number.clone().into(),
                        words.0.datetime(lang, row.registered_ms).into(),
                        row.subject.clone().into(),
                        row.parties.replace('\n', ", ").into(),
                        row.office.clone().into(),
                        row.detail.clone().into(),
                    ]
                })
                .collect();
            sheet.blocks.push(if rows.is_empty() {
                Block::Paragraph(words.t("report-empty").into())
            } else {
                Block::Table(Table { columns, rows })
            });
            render(&sheet)
        })
        .await
        .map_err(fault)?
        .map_err(fault)
    }
}
