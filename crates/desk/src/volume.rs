//! The register of a year as documents to print: in volumes, so that a large body's register is a few papers of a size that
//! can be made and read.

use plico_archive::read::registry;
use plico_locale::{Args, Lang};
use plico_pdf::paper::{Block, Orientation, Table, TableColumn, Text, render};

use crate::paper::Words;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// Entries of a volume: some 400 pages.
const ENTRIES: usize = 5_000;

impl Desk {
    /// The numbers at which the volumes of a year's register begin; none where the register is empty.
    pub async fn register_volumes(&self, actor: &Actor, year: i32) -> Outcome<Vec<i64>> {
        Self::may_read_register(actor)?;
        Ok(registry::volumes(self.archive.database(), &actor.administration, year, ENTRIES).await?)
    }

    /// A volume of the register of a year, counted from 1.
    pub async fn register_paper(
        &self,
        actor: &Actor,
        year: i32,
        volume: usize,
        lang: Lang,
    ) -> Outcome<Vec<u8>> {
        let starts = self.register_volumes(actor, year).await?;
        // An empty register is a volume too.
        if volume == 0 || volume > starts.len().max(1) {
            return refuse(Refusal::NotFound);
        }
        let end = starts.get(volume).copied().unwrap_or(i64::MAX);
        let mut entries = self.register_entries(actor, year, end, ENTRIES).await?;
        entries.reverse();
        let gaps = self.register_gaps(actor, year).await?;
        let body = self.body_name(&actor.administration).await?;
        let (now, catalogue) = (self.archive.now_ms(), self.catalogue.clone());
        tokio::task::spawn_blocking(move || {
            let words = Words(&catalogue, lang);
            let args = Args::new().with("year", year.to_string());
            let title = if starts.len() > 1 {
                let args = args.with("volume", volume as i64).with("volumes", starts.len() as i64);
                words.with("register-title-volume", &args)
            } else {
                words.with("register-title", &args)
            };
            let mut sheet = words.sheet(&body, "", &title, &format!("register-{year}-{volume}-{now}"), now);
            sheet.orientation = Orientation::Landscape;
            let rows = entries.iter().map(|entry| row(&words, entry)).collect();
            let columns = [
                ("register-number", 3),
                ("register-date", 4),
                ("paper-direction", 3),
                ("paper-parties", 6),
                ("paper-subject", 8),
                ("paper-office", 5),
            ];
            let columns =
                columns.into_iter().map(|(key, weight)| TableColumn::new(words.t(key), weight)).collect();
            sheet.blocks = vec![Block::Title(title)];
            for (first, last) in gaps {
                let args = Args::new().with("first", first).with("last", last);
                sheet.blocks.push(Block::Paragraph(words.with("register-gap", &args).into()));
            }
            sheet.blocks.push(Block::Table(Table { columns, rows }));
            render(&sheet)
        })
        .await
        .map_err(fault)?
        .map_err(fault)
    }
}

fn row(words: &Words<'_>, entry: &registry::Entry) -> Vec<Text> {
    let subject = match &entry.annulled_reason {
        Some(reason) => format!("[{}] {}", reason, entry.subject),
        None => entry.subject.clone(),
    };
    vec![
        entry.text().into(),
        words.0.date_short(words.1, entry.registered_ms).into(),
        words.t(&format!("paper-direction-{}", entry.direction)).into(),
        entry.parties.clone().into(),
        subject.into(),
        entry.office.clone().into(),
    ]
}
