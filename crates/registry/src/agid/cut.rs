//! A mark out of its message, as a document of its own.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::segnatura::MESSAGE;

/// The one `Segnatura` of a message as a document of its own: byte by byte, with the namespaces that were declared around it.
/// Its canonical form, which is exclusive, is the same.
pub(super) fn cut_out(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    let (mut open, mut found) = (Vec::<(String, Vec<(String, String)>)>::new(), None::<String>);
    loop {
        let before = reader.buffer_position() as usize;
        let event = reader.read_event().ok()?;
        match &event {
            Event::Start(start) => {
                let inside = open.len() == 3 && open[2].0 == "RequestMessageInoltro";
                if inside && start.local_name().as_ref() == "Segnatura" {
                    if found.is_some() || !is_message(start, &open) {
                        return None;
                    }
                    let around: Vec<_> = open.iter().flat_map(|(_, spaces)| spaces.clone()).collect();
                    let end = start.to_end().into_owned();
                    let after = reader.buffer_position() as usize;
                    reader.read_to_end(end.name()).ok()?;
                    let over = reader.buffer_position() as usize;
                    found = Some(standing_alone(
                        start,
                        &around,
                        text.get(before..after)?,
                        text.get(after..over)?,
                    ));
                    continue;
                }
                open.push((start.local_name().as_ref().to_owned(), spaces(start)?));
            }
            Event::End(_) => drop(open.pop()?),
            Event::Eof => return found,
            _ => {}
        }
    }
}

/// Whether an element is in the namespace of messages.
fn is_message(start: &BytesStart<'_>, open: &[(String, Vec<(String, String)>)]) -> bool {
    let prefix = start.name().prefix().map(|prefix| prefix.as_ref().to_owned());
    let name = prefix.map_or("xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
    let own = spaces(start).unwrap_or_default();
    let around = open.iter().flat_map(|(_, spaces)| spaces.iter());
    let declared = around.chain(&own).rfind(|(known, _)| *known == name);
    declared.is_some_and(|(_, value)| value == MESSAGE)
}

fn spaces(start: &BytesStart<'_>) -> Option<Vec<(String, String)>> {
    let mut spaces = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let name = attribute.key.as_ref();
        if name == "xmlns" || name.starts_with("xmlns:") {
            spaces.push((name.to_owned(), attribute.value.as_ref().to_owned()));
        }
    }
    Some(spaces)
}

fn standing_alone(start: &BytesStart<'_>, around: &[(String, String)], tag: &str, rest: &str) -> String {
    let own = spaces(start).unwrap_or_default();
    let at = 1 + start.name().as_ref().len();
    let mut alone = tag[..at].to_owned();
    for (index, (name, value)) in around.iter().enumerate() {
        // What is declared further in stands for what is declared further out.
        let again = own.iter().chain(&around[index + 1..]).any(|(known, _)| known == name);
        if !again {
            // The value as it was written, quotes apart.
            let _ = write!(alone, " {name}=\"{}\"", value.replace('"', "&quot;"));
        }
    }
    alone + &tag[at..] + rest
}
