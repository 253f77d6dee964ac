//! Everything of a body, in formats that need no program of ours: for a body that leaves. The desk says what there is, piece by
//! piece; whoever asks writes it down.

use plico_archive::read::message::{DocumentRow, MessageRow};
use plico_archive::read::registry::Entry;
use plico_archive::read::{contact, exchange, handover, history, leave, message, past, queue, series};
use plico_locale::{Args, Lang};
use plico_package::daily::DailyRegister;
use plico_record::day::rfc3339;

use crate::csv;
use crate::{Actor, Desk, Outcome};

/// Lines that are read at a time.
const PIECE: usize = 500;

/// Where one is in a table.
#[derive(Debug, Clone, Default)]
pub struct Place(String, i64);

/// A piece of a table: its text, and where the next begins; none where it is over.
pub type TablePiece = (String, Option<Place>);

/// A table that can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Table {
    /// The register of a year.
    Register(i32),
    /// A series of a year.
    Series(String, i32),
    /// Registers that were kept before.
    Past,
    /// Who ever wrote or was written to.
    Persons,
    /// Parties that another system knew.
    Contacts,
    /// Offices.
    Offices,
    /// The classification scheme.
    Scheme,
    /// Case files.
    Cases,
    /// What was handed to the preserver.
    Preservation,
}

impl Table {
    /// Its file.
    pub fn path(&self) -> String {
        match self {
            Self::Register(year) => format!("registro/registro-{year}.csv"),
            Self::Series(code, year) => format!("repertori/{code}-{year}.csv"),
            Self::Past => "registro/registri-precedenti.csv".into(),
            Self::Persons => "soggetti.csv".into(),
            Self::Contacts => "soggetti-importati.csv".into(),
            Self::Offices => "uffici.csv".into(),
            Self::Scheme => "titolario.csv".into(),
            Self::Cases => "fascicoli.csv".into(),
            Self::Preservation => "conservazione.csv".into(),
        }
    }

    fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::Register(_) => &[
                "numero",
                "registro",
                "istante",
                "presentata",
                "verso",
                "soggetti",
                "oggetto",
                "ufficio",
                "impronta",
                "annullata",
                "atto",
                "sistema",
                "messaggio",
                "rettifiche",
            ],
            Self::Series(..) => &[
                "numero",
                "istante",
                "oggetto",
                "controparte",
                "ufficio",
                "protocollo",
                "impronta",
                "messaggio",
                "annullata",
            ],
            Self::Past => &[
                "registro",
                "anno",
                "numero",
                "data",
                "verso",
                "soggetti",
                "oggetto",
                "ufficio",
                "fascicolo",
                "impronta",
            ],
            Self::Persons => &["identificativo", "nome", "codice fiscale", "posta", "organizzazione"],
            Self::Contacts => &["codice fiscale", "nome", "posta", "organizzazione"],
            Self::Offices => {
                &["identificativo", "codice", "ufficio", "sopra", "responsabile", "posta", "dal", "al"]
            }
            Self::Scheme => &["codice", "voce", "dal", "al"],
            Self::Cases => &[
                "numero",
                "titolo",
                "ufficio",
                "classe",
                "aperto",
                "chiuso",
                "identificativo",
                "numero precedente",
                "aperto là",
                "chiuso là",
            ],
            Self::Preservation => {
                &["pacchetto", "giorno", "sha256", "versato", "esito", "identificativo", "motivo"]
            }
        }
    }
}

fn when(ms: Option<i64>) -> String {
    ms.map(rfc3339).unwrap_or_default()
}

impl Desk {
    /// The tables that a body has.
    pub async fn leaving_tables(&self, administration: &str) -> Outcome<Vec<Table>> {
        let database = self.archive.database();
        let mut tables = vec![
            Table::Offices,
            Table::Scheme,
            Table::Persons,
            Table::Contacts,
            Table::Cases,
            Table::Past,
            Table::Preservation,
        ];
        tables.extend(leave::years(database, administration).await?.into_iter().map(Table::Register));
        for one in self.all_series(administration).await? {
            let years = series::years(database, administration, &one.code).await?;
            tables.extend(years.into_iter().map(|year| Table::Series(one.code.clone(), year)));
        }
        Ok(tables)
    }

    /// A piece of a table as lines of CSV; the first begins with the names of the columns.
    pub async fn leaving_piece(
        &self,
        administration: &str,
        table: &Table,
        place: Option<Place>,
    ) -> Outcome<TablePiece> {
        let mut text = String::new();
        if place.is_none() {
            // Spreadsheets take a file without it for another encoding.
            text.push('\u{feff}');
            let columns: Vec<String> = table.columns().iter().map(|name| (*name).to_owned()).collect();
            csv::line(&mut text, &columns);
        }
        let place = place.unwrap_or_default();
        let (lines, next) = self.leaving_lines(administration, table, place).await?;
        for line in lines {
            csv::line(&mut text, &line);
        }
        Ok((text, next))
    }

    async fn leaving_lines(
        &self,
        administration: &str,
        table: &Table,
        place: Place,
    ) -> Outcome<(Vec<Vec<String>>, Option<Place>)> {
        let database = self.archive.database();
        let more = |count: usize, place: Place| (count == PIECE).then_some(place);
        let whole = |lines| Ok((lines, None));
        match table {
            Table::Register(year) => {
                let from = (place.0.as_str(), place.1);
                let rows = leave::entries(database, administration, *year, from, PIECE).await?;
                let next =
                    rows.last().and_then(|last| more(rows.len(), Place(last.area.clone(), last.number)));
                let mut lines = Vec::with_capacity(rows.len());
                for row in rows {
                    lines.push(self.register_line(row).await?);
                }
                Ok((lines, next))
            }
            Table::Series(code, year) => {
                let rows = leave::series(database, administration, (code, *year), place.1, PIECE).await?;
                let next = rows.last().and_then(|last| more(rows.len(), Place(String::new(), last.number)));
                let line = |row: series::SeriesRow| {
                    let registration = row.registration().unwrap_or_default();
                    let at = rfc3339(row.registered_ms);
                    vec![
                        row.text(),
                        at,
                        row.subject,
                        row.parties,
                        row.office,
                        registration,
                        row.digest,
                        row.message,
                        row.annulled_reason,
                    ]
                };
                Ok((rows.into_iter().map(line).collect(), next))
            }
            Table::Past => {
                let after = place
                    .0
                    .split_once(' ')
                    .and_then(|(year, area)| Some((year.parse().ok()?, area.to_owned(), place.1)));
                let filter = past::Filter { after, ..past::Filter::default() };
                let rows = past::rows(database, administration, &filter, PIECE).await?;
                let next = rows.last().and_then(|last| {
                    more(rows.len(), Place(format!("{} {}", last.year, last.area), last.number))
                });
                let line = |row: past::PastRow| {
                    let (year, number) = (row.year.to_string(), row.number.to_string());
                    let direction = match row.direction.as_str() {
                        "in" => "E",
                        "out" => "U",
                        _ => "I",
                    };
                    let parties = row.parties.replace('\n', "|");
                    vec![
                        row.area,
                        year,
                        number,
                        row.day,
                        direction.into(),
                        parties,
                        row.subject,
                        row.office,
                        row.case_file,
                        row.digest,
                    ]
                };
                Ok((rows.into_iter().map(line).collect(), next))
            }
            Table::Persons => {
                let rows = leave::persons(database, administration, &place.0, PIECE).await?;
                let next = rows.last().and_then(|last| more(rows.len(), Place(last.id.clone(), 0)));
                let line = |row: queue::PersonRow| {
                    let organisation = if row.organisation { "1" } else { "" };
                    let code = row.fiscal_code.unwrap_or_default();
                    vec![row.id, row.name, code, row.email.unwrap_or_default(), organisation.into()]
                };
                Ok((rows.into_iter().map(line).collect(), next))
            }
            Table::Contacts => {
                let rows = contact::after(database, administration, &place.0, PIECE).await?;
                let next = rows.last().and_then(|last| more(rows.len(), Place(last.code.clone(), 0)));
                let line = |row: contact::Contact| {
                    let organisation = if row.organisation { "1" } else { "" };
                    vec![row.code, row.name, row.email, organisation.into()]
                };
                Ok((rows.into_iter().map(line).collect(), next))
            }
            Table::Cases => {
                let ids = leave::cases(database, administration, &place.0, PIECE).await?;
                let next = ids.last().and_then(|last| more(ids.len(), Place(last.clone(), 0)));
                let mut lines = Vec::with_capacity(ids.len());
                for id in ids {
                    let Some(row) = queue::case(database, &id).await? else { continue };
                    let number = format!("{}/{}", row.year, row.number);
                    let (opened, closed) = (rfc3339(row.opened_ms), when(row.closed_ms));
                    lines.push(vec![
                        number,
                        row.title,
                        row.office_name,
                        row.class,
                        opened,
                        closed,
                        row.id,
                        row.former,
                        row.former_opened,
                        row.former_closed,
                    ]);
                }
                Ok((lines, next))
            }
            Table::Offices => {
                let rows = plico_archive::read::body::offices(database, administration).await?;
                whole(
                    rows.into_iter()
                        .map(|row| {
                            let until = row.valid_until.unwrap_or_default();
                            vec![
                                row.id,
                                row.code,
                                row.name,
                                row.parent,
                                row.responsible,
                                row.email,
                                row.valid_from,
                                until,
                            ]
                        })
                        .collect(),
                )
            }
            Table::Scheme => {
                let rows = self.scheme(administration).await?;
                let line = |row: crate::scheme::Class| {
                    vec![row.code, row.title, row.from, row.until.unwrap_or_default()]
                };
                whole(rows.into_iter().map(line).collect())
            }
            Table::Preservation => {
                let rows = handover::all(database, administration, usize::MAX >> 1).await?;
                let line = |row: handover::HandoverRow| {
                    let at = rfc3339(row.handed_ms);
                    vec![row.package, row.day, row.sha256, at, row.state, row.receipt, row.reason]
                };
                whole(rows.into_iter().map(line).collect())
            }
        }
    }

    async fn register_line(&self, row: Entry) -> Outcome<Vec<String>> {
        let changes = plico_archive::read::registry::changes(self.archive.database(), &row.message).await?;
        let changes: Vec<String> = changes
            .into_iter()
            .map(|change| {
                let at = rfc3339(change.instant_ms);
                format!("{at} {}: «{}» → «{}» ({})", change.field, change.old, change.new, change.reason)
            })
            .collect();
        Ok(vec![
            row.text(),
            row.area,
            rfc3339(row.registered_ms),
            when(row.presented_ms),
            row.direction,
            row.parties,
            row.subject,
            row.office,
            row.digest,
            when(row.annulled_ms),
            row.annulled_reason.unwrap_or_default(),
            row.outside,
            row.message,
            changes.join("\n"),
        ])
    }

    /// The register of a year as XML, in the format of the daily register, piece by piece.
    pub async fn leaving_xml(
        &self,
        administration: &str,
        year: i32,
        place: Option<Place>,
    ) -> Outcome<(Vec<u8>, Option<Place>)> {
        let first = place.is_none();
        let from = place.unwrap_or_default();
        let database = self.archive.database();
        let rows = leave::entries(database, administration, year, (&from.0, from.1), PIECE).await?;
        let next = rows.last().filter(|_| rows.len() == PIECE);
        let next = next.map(|last| Place(last.area.clone(), last.number));
        let body = plico_archive::read::body::body(database, administration).await?;
        let register = DailyRegister {
            body: body.as_ref().map(|body| body.name.clone()).unwrap_or_default(),
            ipa: body.as_ref().map(|body| body.ipa_code.clone()).unwrap_or_default(),
            area: body.map(|body| body.area).unwrap_or_default(),
            day: year.to_string(),
            entries: rows.into_iter().map(crate::daily::written).collect(),
            ..DailyRegister::default()
        };
        let (head, inside, tail) = register.in_pieces().map_err(crate::refusal::fault)?;
        let mut bytes = if first { head } else { Vec::new() };
        bytes.extend(inside);
        if next.is_none() {
            bytes.extend(tail);
        }
        Ok((bytes, next))
    }

    /// Messages after one (the first after nothing), each with its documents and what a file of its data says.
    pub async fn leaving_messages(
        &self,
        administration: &str,
        after: &str,
    ) -> Outcome<Vec<(MessageRow, Vec<DocumentRow>, serde_json::Value)>> {
        let database = self.archive.database();
        let mut list = Vec::new();
        for row in leave::messages(database, administration, after, PIECE).await? {
            let documents = message::documents(database, &row.id).await?;
            let data = self.leaving_data(&row, &documents).await?;
            list.push((row, documents, data));
        }
        Ok(list)
    }

    async fn leaving_data(&self, row: &MessageRow, documents: &[DocumentRow]) -> Outcome<serde_json::Value> {
        let database = self.archive.database();
        let in_series = series::of_message(database, &row.id).await?;
        let events = history::of_message(database, &row.id).await?;
        let mark = exchange::mark(database, &row.id).await?.map(|one| {
            serde_json::json!({"generation": one.generation, "administration": one.body, "area": one.area,
                "register": one.register, "number": one.number, "date": one.day, "sender": one.sender,
                "subject": one.subject, "asks": one.asks, "signature": one.signature, "address": one.address,
                "documents": serde_json::from_str::<serde_json::Value>(&one.documents).unwrap_or_default()})
        });
        let answers: Vec<_> = exchange::answers(database, &row.id)
            .await?
            .into_iter()
            .map(|one| serde_json::json!({"kind": one.kind, "reason": one.reason, "act": one.act}))
            .collect();
        let notices: Vec<_> = exchange::notices(database, &row.id)
            .await?
            .into_iter()
            .map(|one| {
                serde_json::json!({"kind": one.kind, "address": one.address, "administration": one.body,
                    "area": one.area, "register": one.register, "number": one.number, "date": one.day,
                    "reason": one.reason, "act": one.act, "document": one.document,
                    "heard": rfc3339(one.heard_ms)})
            })
            .collect();
        let mut deliveries = Vec::new();
        for one in message::deliveries(database, &row.id).await? {
            deliveries.push(serde_json::json!({"recipient": one.recipient, "name": one.recipient_name,
                "available": rfc3339(one.available_ms), "opened": when(one.opened_ms),
                "withdrawn": when(one.withdrawn_ms)}));
        }
        Ok(serde_json::json!({
            "v": 1,
            "message": row.id,
            "direction": row.flow(),
            "number": row.registration_number(),
            "registry": row.area,
            "registered": when(row.registered_ms),
            "presented": rfc3339(row.instant_ms),
            "annulled": row.annulled,
            "kind": row.kind,
            "class": row.class,
            "case_file": row.case_file,
            "office": {"id": row.office, "name": row.office_name},
            "from_office": row.from_name,
            "sender": {"person": row.sender, "name": row.sender_name, "fiscal_code": row.sender_code},
            "subject": row.subject,
            "text": row.text,
            "thread": row.thread,
            "reply_to": row.reply_to,
            "state": row.state,
            "outcome": row.outcome,
            "deliveries": deliveries,
            "series": in_series.iter().map(|one| serde_json::json!({"series": one.series, "number": one.text(),
                "annulled": when(one.annulled_ms), "reason": one.annulled_reason})).collect::<Vec<_>>(),
            "registries": {"mark": mark, "answers": answers, "notices": notices},
            "documents": documents.iter().map(|one| serde_json::json!({"id": one.id, "name": one.name,
                "role": one.role, "media_type": one.media_type, "size": one.size, "sha256": one.sha256,
                "sealed": one.sealed})).collect::<Vec<_>>(),
            "history": events.iter().map(|one| serde_json::json!({"event": one.kind,
                "at": rfc3339(one.instant_ms), "index": one.idx})).collect::<Vec<_>>(),
        }))
    }

    /// Case files after one.
    pub async fn leaving_cases(&self, administration: &str, after: &str) -> Outcome<Vec<String>> {
        Ok(leave::cases(self.archive.database(), administration, after, PIECE).await?)
    }

    /// What lies there, told in both languages.
    pub async fn leaving_readme(&self, actor: &Actor) -> Outcome<String> {
        let body = self.body_name(&actor.administration).await?;
        let at = rfc3339(self.archive.now_ms());
        let told = |lang| {
            let args = Args::new().with("body", body.clone()).with("at", at.clone());
            self.catalogue.text(lang, "leave-readme", &args)
        };
        Ok(format!("{}\n\n----\n\n{}\n", told(Lang::It), told(Lang::En)))
    }
}
