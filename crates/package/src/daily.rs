//! The register of a day as XML: what a preserver is handed, and what a receipt of the day shows. It reads back what it
//! wrote, so that nothing but the file has to be kept.

use std::io;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::xml::Sheet;

/// The register of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DailyRegister {
    /// The administration's name.
    pub body: String,
    /// Its code in the index of public administrations.
    pub ipa: String,
    /// The registry area.
    pub area: String,
    /// The legal day, `2026-11-21`.
    pub day: String,
    /// What was registered that day, in the order of the numbers.
    pub entries: Vec<DailyEntry>,
    /// What was entered in series that day, series by series.
    pub series: Vec<DailySeries>,
    /// What was corrected or annulled since the day that was closed before.
    pub changes: Vec<DailyChange>,
}

/// A series (*repertorio*), with its entries of the day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DailySeries {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// What was entered, in the order of the numbers; a number is `12/2026`.
    pub entries: Vec<DailyEntry>,
}

/// An entry (art. 53, d.P.R. 445/2000).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DailyEntry {
    /// `0000123/2026`.
    pub number: String,
    /// Registered, RFC 3339.
    pub instant: String,
    /// Presented, RFC 3339; empty when it was not.
    pub presented: String,
    /// `in`, `out`, `internal`.
    pub direction: String,
    /// Sender or recipients, one a line.
    pub parties: String,
    /// Subject.
    pub subject: String,
    /// Office.
    pub office: String,
    /// Impronta of the primary document: SHA-256, hexadecimal.
    pub digest: String,
}

/// A correction, or an annulment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DailyChange {
    /// `0000123/2026`.
    pub number: String,
    /// When, RFC 3339.
    pub instant: String,
    /// `subject`, `parties`, `annulled`, `scan`.
    pub field: String,
    /// By whom.
    pub by: String,
    /// What stood; of an annulment nothing.
    pub old: String,
    /// What stands; of an annulment the act that authorised it, of a scan its name and impronta.
    pub new: String,
    /// Why.
    pub reason: String,
}

impl DailyRegister {
    /// The file.
    pub fn to_xml(&self) -> io::Result<Vec<u8>> {
        let mut xml = Sheet::new()?;
        let head = [
            ("versione", "1"),
            ("ente", self.body.as_str()),
            ("ipa", &self.ipa),
            ("registro", &self.area),
            ("giorno", &self.day),
        ];
        xml.with("registroGiornaliero", &head, |xml| {
            for entry in &self.entries {
                entry.write(xml)?;
            }
            for series in &self.series {
                let said = [("codice", series.code.as_str()), ("titolo", &series.title)];
                xml.with("repertorio", &said, |xml| {
                    series.entries.iter().try_for_each(|entry| entry.write(xml))
                })?;
            }
            for change in &self.changes {
                let said = [
                    ("numero", change.number.as_str()),
                    ("istante", &change.instant),
                    ("campo", &change.field),
                    ("autore", &change.by),
                ];
                xml.with("modifica", &said, |xml| {
                    xml.text("prima", &change.old)?;
                    xml.text("dopo", &change.new)?;
                    xml.text("motivo", &change.reason)
                })?;
            }
            Ok(())
        })?;
        Ok(xml.done())
    }

    /// The file in three pieces: what begins it, the entries, what ends it. Of several with the same beginning the entries
    /// of all, one after the other, are one file.
    pub fn in_pieces(&self) -> io::Result<(Vec<u8>, Vec<u8>, Vec<u8>)> {
        let bare = Self { entries: Vec::new(), series: Vec::new(), changes: Vec::new(), ..self.clone() };
        let (whole, bare) = (self.to_xml()?, bare.to_xml()?);
        const END: &[u8] = b"</registroGiornaliero>";
        let head = bare.len() - END.len();
        // An empty element ends on its own line.
        let head = if bare[..head].ends_with(b"\n") { head - 1 } else { head };
        let tail = whole.len() - END.len();
        let tail = if whole[..tail].ends_with(b"\n") { tail - 1 } else { tail };
        let tail = tail.max(head);
        let mut end = vec![b'\n'];
        end.extend(END);
        Ok((bare[..head].to_vec(), whole[head..tail].to_vec(), end))
    }

    /// Where the entry stands whose elements are being read: a series is written after the register's own entries.
    fn entries(&mut self) -> &mut Vec<DailyEntry> {
        self.series.last_mut().map_or(&mut self.entries, |series| &mut series.entries)
    }

    /// Reads a file that [`DailyRegister::to_xml`] wrote; `None` for any other.
    pub fn from_xml(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::from_reader(bytes);
        let (mut found, mut text) = (None::<Self>, String::new());
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    text.clear();
                    match (start.name().as_ref(), &mut found) {
                        ("registroGiornaliero", None) => {
                            found = Some(Self {
                                body: attribute(&start, "ente")?,
                                ipa: attribute(&start, "ipa")?,
                                area: attribute(&start, "registro")?,
                                day: attribute(&start, "giorno")?,
                                ..Self::default()
                            });
                        }
                        ("repertorio", Some(found)) => found.series.push(DailySeries {
                            code: attribute(&start, "codice")?,
                            title: attribute(&start, "titolo")?,
                            entries: Vec::new(),
                        }),
                        ("registrazione", Some(found)) => found.entries().push(DailyEntry {
                            number: attribute(&start, "numero")?,
                            instant: attribute(&start, "istante")?,
                            presented: attribute(&start, "presentata")?,
                            direction: attribute(&start, "verso")?,
                            ..DailyEntry::default()
                        }),
                        ("modifica", Some(found)) => found.changes.push(DailyChange {
                            number: attribute(&start, "numero")?,
                            instant: attribute(&start, "istante")?,
                            field: attribute(&start, "campo")?,
                            by: attribute(&start, "autore")?,
                            ..DailyChange::default()
                        }),
                        _ => {}
                    }
                }
                Event::Text(piece) => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(name) => match &*name {
                    "amp" => text.push('&'),
                    "lt" => text.push('<'),
                    "gt" => text.push('>'),
                    "quot" => text.push('"'),
                    "apos" => text.push('\''),
                    _ => text.push(name.resolve_char_ref().ok()??),
                },
                Event::End(end) => found.as_mut()?.put(end.name().as_ref(), std::mem::take(&mut text)),
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    fn put(&mut self, element: &str, text: String) {
        let entries = self.series.last_mut().map_or(&mut self.entries, |series| &mut series.entries);
        let (entry, change) = (entries.last_mut(), self.changes.last_mut());
        let place = match (element, entry, change) {
            ("soggetti", Some(entry), _) => &mut entry.parties,
            ("oggetto", Some(entry), _) => &mut entry.subject,
            ("ufficio", Some(entry), _) => &mut entry.office,
            ("impronta", Some(entry), _) => &mut entry.digest,
            ("prima", _, Some(change)) => &mut change.old,
            ("dopo", _, Some(change)) => &mut change.new,
            ("motivo", _, Some(change)) => &mut change.reason,
            _ => return,
        };
        *place = text;
    }
}

impl DailyEntry {
    fn write(&self, xml: &mut Sheet) -> io::Result<()> {
        let said = [
            ("numero", self.number.as_str()),
            ("istante", &self.instant),
            ("presentata", &self.presented),
            ("verso", &self.direction),
        ];
        xml.with("registrazione", &said, |xml| {
            xml.text("soggetti", &self.parties)?;
            xml.text("oggetto", &self.subject)?;
            xml.text("ufficio", &self.office)?;
            xml.text("impronta", &self.digest)
        })
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok()??;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn register(words: &str) -> DailyRegister {
        let entry = DailyEntry {
            number: "0000123/2026".into(),
            instant: "2026-11-21T09:00:00.000Z".into(),
            presented: String::new(),
            direction: "in".into(),
            parties: format!("{words}\nUgo <Neri> & figli"),
            subject: words.into(),
            office: "\"Tributi\"".into(),
            digest: "ab".repeat(32),
        };
        let change = DailyChange {
            number: "0000100/2026".into(),
            instant: "2026-11-21T10:00:00.000Z".into(),
            field: "subject".into(),
            by: "Ada Neri".into(),
            old: words.into(),
            new: "nuovo".into(),
            reason: "errore".into(),
        };
        DailyRegister {
            body: words.into(),
            ipa: "c_a001".into(),
            area: "AOO".into(),
            day: "2026-11-21".into(),
            entries: vec![entry.clone(), DailyEntry { number: "0000124/2026".into(), ..entry.clone() }],
            series: ["decreti", "contratti"]
                .map(|code| DailySeries {
                    code: code.into(),
                    title: words.into(),
                    entries: vec![DailyEntry { number: "7/2026".into(), ..entry.clone() }],
                })
                .into(),
            changes: vec![change],
        }
    }

    #[test]
    fn it_reads_back_what_it_wrote() {
        for words in ["Comune di Sant’Àgata", "a & b <c> \"d\" 'e'", " spazi  ", ""] {
            let register = register(words);
            let xml = register.to_xml().unwrap();
            assert_eq!(DailyRegister::from_xml(&xml), Some(register), "{}", String::from_utf8_lossy(&xml));
        }
        assert_eq!(DailyRegister::from_xml(b"<altro/>"), None);
        assert_eq!(DailyRegister::from_xml(b""), None);
    }

    #[test]
    fn pieces_of_several_are_one_file() {
        let whole = DailyRegister { series: Vec::new(), changes: Vec::new(), ..register("Sant’Àgata") };
        let one = |n: usize| DailyRegister { entries: vec![whole.entries[n].clone()], ..whole.clone() };
        let none = DailyRegister { entries: Vec::new(), ..whole.clone() };
        let (head, first, tail) = one(0).in_pieces().unwrap();
        let (_, second, _) = one(1).in_pieces().unwrap();
        let (_, nothing, _) = none.in_pieces().unwrap();
        let file = [head.clone(), first, second, nothing, tail.clone()].concat();
        assert_eq!(DailyRegister::from_xml(&file), Some(whole), "{}", String::from_utf8_lossy(&file));
        assert_eq!(DailyRegister::from_xml(&[head, tail].concat()), Some(none));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = DailyRegister::from_xml(&bytes);
        }

        #[test]
        fn any_words_come_back(words in "[^\\p{C}\u{fffe}\u{ffff}]{0,60}") {
            let register = register(&words);
            prop_assert_eq!(DailyRegister::from_xml(&register.to_xml().unwrap()), Some(register));
        }
    }
}
