//! The daily register as a paper: the receipt that a day was closed. Its rows are those of the XML that the event commits to.

use plico_archive::Entry;
use plico_locale::Args;
use plico_package::daily::{DailyEntry, DailyRegister};
use plico_pdf::paper::{Attachment, Block, Fact, Relationship, Table, TableColumn, Text};
use plico_record::act::RegisterDayClosed;
use plico_record::day::{LegalDay, instant};

use crate::paper::{PaperFile, Words};
use crate::{Desk, Outcome};

/// Bytes of a day's XML: some hundred thousand entries.
const LIMIT: u64 = 256 * 1024 * 1024;

pub(super) struct RegisterFacts {
    pub(super) act: RegisterDayClosed,
    pub(super) register: DailyRegister,
    pub(super) file: PaperFile,
    pub(super) xml: Vec<u8>,
}

impl Desk {
    /// `None` when what the event commits to is not there.
    pub(super) async fn register_facts(
        &self,
        event: &Entry,
        act: &RegisterDayClosed,
    ) -> Outcome<Option<RegisterFacts>> {
        let Some(document) = event.documents.first() else { return Ok(None) };
        let reader = self.archive.open_document(&document.id).await?;
        let xml = reader.read_all(LIMIT).await.map_err(plico_archive::ArchiveError::from)?;
        let Some(register) = DailyRegister::from_xml(&xml) else { return Ok(None) };
        let file = PaperFile {
            name: document.name.clone(),
            media_type: document.media_type.clone(),
            size: document.size,
            sha256: document.sha256.clone(),
        };
        Ok(Some(RegisterFacts { act: act.clone(), register, file, xml }))
    }
}

impl RegisterFacts {
    pub(super) fn lead(&self, words: &Words<'_>, args: Args) -> Args {
        let day = LegalDay::parse(&self.act.day);
        let day = day.map_or_else(|| self.act.day.clone(), |day| words.0.date(words.1, day.start_ms()));
        args.with("day", day).with("count", self.act.entries.cast_signed())
    }

    pub(super) fn listed(&self, words: &Words<'_>) -> Vec<Fact> {
        let mut list = vec![words.fact("paper-area", self.act.area.clone())];
        if self.act.entries > 0 {
            let range = Args::new().with("first", self.act.first.clone()).with("last", self.act.last.clone());
            list.push(words.fact("daily-numbers", words.with("daily-range", &range)));
        }
        list.push(words.fact("daily-entries", self.act.entries.to_string()));
        if self.act.series > 0 {
            list.push(words.fact("daily-series", self.act.series.to_string()));
        }
        list.push(words.fact("daily-changes", self.act.changes.to_string()));
        list
    }

    /// The entries, the corrections, and the file that both stand in.
    pub(super) fn blocks(&self, words: &Words<'_>) -> Vec<Block> {
        let column = |key: &str, weight| TableColumn::new(words.t(key), weight);
        let hour =
            |text: &str| instant(text).map_or_else(|| text.to_owned(), |ms| words.0.datetime(words.1, ms));
        let rows = |entries: &[DailyEntry]| {
            entries
                .iter()
                .map(|entry| -> Vec<Text> {
                    // A series goes in no direction.
                    let when = match entry.direction.as_str() {
                        "" => hour(&entry.instant),
                        direction => {
                            let direction = words.t(&format!("paper-direction-{direction}"));
                            format!("{}\n{direction}", hour(&entry.instant))
                        }
                    };
                    vec![
                        entry.number.clone().into(),
                        when.into(),
                        entry.parties.clone().into(),
                        format!("{}\n{}", entry.subject, entry.office).into(),
                        Text::default().mono(plico_pdf::paper::grouped(&entry.digest)),
                    ]
                })
                .collect()
        };
        let table = |entries: &[DailyEntry]| {
            let columns = vec![
                column("register-number", 4),
                column("register-date", 4),
                column("paper-parties", 5),
                column("daily-subject", 8),
                column("paper-digest", 6),
            ];
            Block::Table(Table { columns, rows: rows(entries) })
        };
        let mut blocks = vec![Block::Heading(words.t("daily-list")), table(&self.register.entries)];
        for series in &self.register.series {
            blocks.push(Block::Heading(series.title.clone()));
            blocks.push(table(&series.entries));
        }
        if !self.register.changes.is_empty() {
            let rows = self.register.changes.iter().map(|change| -> Vec<Text> {
                let what = words.t(&format!("daily-change-{}", change.field));
                vec![
                    change.number.clone().into(),
                    format!("{}\n{}", hour(&change.instant), change.by).into(),
                    format!("{what}\n{}", change.reason).into(),
                    change.old.clone().into(),
                    change.new.clone().into(),
                ]
            });
            let columns = vec![
                column("register-number", 4),
                column("register-date", 4),
                column("daily-change", 6),
                column("daily-before", 6),
                column("daily-after", 6),
            ];
            blocks.push(Block::Heading(words.t("daily-changes")));
            blocks.push(Block::Table(Table { columns, rows: rows.collect() }));
        }
        blocks.push(Block::Heading(words.t("paper-documents")));
        blocks.push(words.listed(std::slice::from_ref(&self.file)));
        blocks
    }

    pub(super) fn attachment(&self, words: &Words<'_>) -> Attachment {
        Attachment {
            name: self.file.name.clone(),
            media_type: self.file.media_type.clone(),
            description: words.t("paper-data-attached"),
            bytes: self.xml.clone(),
            relationship: Relationship::Source,
        }
    }
}
