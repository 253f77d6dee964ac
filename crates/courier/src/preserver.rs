//! A preserver (*conservatore*), as far as it is ours to know: it takes packages and answers each with a file that names the
//! package by its digest, takes it under an identifier of its own or refuses it. How both travel is the caller's: a folder
//! that somebody carries on (SFTP, a share).

mod simulator;

use quick_xml::events::{BytesText, Event};
use quick_xml::{Reader, Writer, XmlVersion};

pub use simulator::{Behaviour, Simulator};

/// Bytes of an answer.
pub const MOST_BYTES: usize = 64 * 1024;
/// Characters of what it says.
const WORDS: usize = 1_000;

/// What a preserver answers of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The package's name.
    pub package: String,
    /// SHA-256 of what it got, hexadecimal.
    pub sha256: String,
    /// Whether it keeps it.
    pub accepted: bool,
    /// Its own identifier of what it keeps; empty where it refuses.
    pub id: String,
    /// When, in its own words.
    pub instant: String,
    /// Why it refuses; empty where it keeps it.
    pub reason: String,
}

impl Answer {
    /// The file.
    pub fn to_xml(&self) -> Vec<u8> {
        let outcome = if self.accepted { "accettato" } else { "rifiutato" };
        let mut writer = Writer::new(Vec::new());
        let written = writer
            .create_element("esitoVersamento")
            .with_attributes([
                ("versione", "1"),
                ("pacchetto", &self.package),
                ("sha256", &self.sha256),
                ("esito", outcome),
                ("identificativo", &self.id),
                ("istante", &self.instant),
            ])
            .write_inner_content(|writer| {
                writer.create_element("motivo").write_text_content(BytesText::new(&self.reason)).map(|_| ())
            });
        match written {
            Ok(_) => writer.into_inner(),
            Err(_) => Vec::new(),
        }
    }

    /// Reads a file; `None` for what is no answer, or is too long.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MOST_BYTES {
            return None;
        }
        let mut reader = Reader::from_reader(bytes);
        let (mut found, mut text) = (None::<Self>, String::new());
        loop {
            match reader.read_event().ok()? {
                Event::DocType(_) => return None,
                Event::Start(start) | Event::Empty(start)
                    if start.local_name().as_ref() == "esitoVersamento" && found.is_none() =>
                {
                    let said = |name: &str| -> Option<String> {
                        let value = start.try_get_attribute(name).ok()??;
                        let value = value.normalized_value(XmlVersion::Implicit1_0).ok()?;
                        Some(value.chars().take(WORDS).collect())
                    };
                    let accepted = match said("esito")?.as_str() {
                        "accettato" => true,
                        "rifiutato" => false,
                        _ => return None,
                    };
                    let answer = Self {
                        package: said("pacchetto")?,
                        sha256: said("sha256")?.to_lowercase(),
                        accepted,
                        id: said("identificativo").unwrap_or_default(),
                        instant: said("istante").unwrap_or_default(),
                        reason: String::new(),
                    };
                    // Whoever keeps a package has a name for it.
                    if accepted && answer.id.trim().is_empty() {
                        return None;
                    }
                    found = Some(answer);
                }
                Event::Text(piece) => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(name) => text.push(match &*name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => name.resolve_char_ref().ok()??,
                }),
                Event::End(end) if end.local_name().as_ref() == "motivo" => {
                    found.as_mut()?.reason = std::mem::take(&mut text).trim().chars().take(WORDS).collect();
                }
                Event::Eof => return found,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reads_back_and_nothing_else_is_one() {
        let answer = Answer {
            package: "registro-c_b999-AOO1-2026-03-10.zip".into(),
            sha256: "ab".repeat(32),
            accepted: false,
            id: String::new(),
            instant: "2026-03-11T08:00:00+01:00".into(),
            reason: "Impronta <diversa> & \"vuota\"".into(),
        };
        assert_eq!(Answer::parse(&answer.to_xml()), Some(answer.clone()));
        let kept = Answer { accepted: true, id: "PdV-1".into(), reason: String::new(), ..answer.clone() };
        assert_eq!(Answer::parse(&kept.to_xml()), Some(kept.clone()));
        let nameless = Answer { id: " ".into(), ..kept };
        assert_eq!(Answer::parse(&nameless.to_xml()), None, "kept under no name is not kept");
        for not in
            [&b""[..], b"<altro/>", b"<esitoVersamento esito=\"forse\"/>", b"<!DOCTYPE a><esitoVersamento/>"]
        {
            assert_eq!(Answer::parse(not), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = Answer::parse(&bytes);
        }
    }
}
