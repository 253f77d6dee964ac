//! `multipart/form-data` (RFC 7578) as a pure state machine: bytes in, pieces out.
//!
//! Our own because a file may be called anything: parsers that read the part's headers as HTTP headers refuse a
//! whole upload for one control character in a name. Memory is bounded by the header limit, whatever is sent.

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;

/// Bytes of a part's headers. A name of 5,000 four-byte characters fits.
const HEADER_LIMIT: usize = 64 * 1024;
/// Bytes before the first part.
const PREAMBLE_LIMIT: usize = 8 * 1024;

/// The bytes are not a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// What the bytes say next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A part begins.
    Part {
        /// Name of the field.
        name: String,
        /// Name of the file, if it is one; empty for a file input without a file.
        file_name: Option<String>,
    },
    /// Bytes of the part.
    Data(Bytes),
    /// The part ends.
    PartEnd,
    /// The form ends; what follows is ignored.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Preamble,
    Delimiter,
    Headers,
    Body,
    Done,
}

/// The state machine.
#[derive(Debug)]
pub struct Parser {
    delimiter: Finder<'static>,
    buffer: BytesMut,
    state: State,
}

impl Parser {
    /// For the `Content-Type` of a request.
    pub fn new(content_type: &str) -> Result<Self, Malformed> {
        let (kind, parameters) = content_type.split_once(';').ok_or(Malformed)?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return Err(Malformed);
        }
        let boundary = parameters
            .split(';')
            .find_map(|parameter| {
                let (name, value) = parameter.trim().split_once('=')?;
                name.eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
            })
            .filter(|boundary| (1..=70).contains(&boundary.len()))
            .ok_or(Malformed)?;
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        // The first delimiter may stand at the very beginning, without its line break.
        Ok(Self {
            delimiter: Finder::new(&delimiter).into_owned(),
            buffer: BytesMut::from(&b"\r\n"[..]),
            state: State::Preamble,
        })
    }

    /// Takes more bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.state != State::Done {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next event; `None` when more bytes are needed.
    pub fn event(&mut self) -> Result<Option<Event>, Malformed> {
        let delimiter = self.delimiter.needle().len();
        loop {
            match self.state {
                State::Preamble => match self.delimiter.find(&self.buffer) {
                    Some(at) => {
                        let _ = self.buffer.split_to(at + delimiter);
                        self.state = State::Delimiter;
                    }
                    None if self.buffer.len() > PREAMBLE_LIMIT => return Err(Malformed),
                    None => return Ok(None),
                },
                State::Delimiter => {
                    let Some(line) = memchr::memmem::find(&self.buffer, b"\r\n") else {
                        if self.buffer.starts_with(b"--") {
                            return Ok(Some(self.end()));
                        }
                        return if self.buffer.len() > PREAMBLE_LIMIT { Err(Malformed) } else { Ok(None) };
                    };
                    if self.buffer.starts_with(b"--") {
                        return Ok(Some(self.end()));
                    }
                    if !self.buffer[..line].iter().all(|byte| matches!(byte, b' ' | b'\t')) {
                        return Err(Malformed);
                    }
                    let _ = self.buffer.split_to(line + 2);
                    self.state = State::Headers;
                }
                State::Headers => {
                    let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") else {
                        return if self.buffer.len() > HEADER_LIMIT { Err(Malformed) } else { Ok(None) };
                    };
                    if end > HEADER_LIMIT {
                        return Err(Malformed);
                    }
                    let headers = self.buffer.split_to(end + 4);
                    self.state = State::Body;
                    let (name, file_name) = disposition(&headers[..end]).ok_or(Malformed)?;
                    return Ok(Some(Event::Part { name, file_name }));
                }
                State::Body => {
                    return Ok(match self.delimiter.find(&self.buffer) {
                        Some(0) => {
                            let _ = self.buffer.split_to(delimiter);
                            self.state = State::Delimiter;
                            Some(Event::PartEnd)
                        }
                        Some(at) => Some(Event::Data(self.buffer.split_to(at).freeze())),
                        // The last bytes may be the beginning of a delimiter.
                        None if self.buffer.len() >= delimiter => {
                            let safe = self.buffer.len() + 1 - delimiter;
                            Some(Event::Data(self.buffer.split_to(safe).freeze()))
                        }
                        None => None,
                    });
                }
                State::Done => return Ok(Some(Event::End)),
            }
        }
    }

    fn end(&mut self) -> Event {
        self.state = State::Done;
        self.buffer.clear();
        Event::End
    }
}

/// Field and file name of a part; `None` when it has no name.
fn disposition(headers: &[u8]) -> Option<(String, Option<String>)> {
    const HEADER: &[u8] = b"content-disposition:";
    let mut lines = headers.split(|byte| *byte == b'\n');
    let line =
        lines.find(|line| line.len() > HEADER.len() && line[..HEADER.len()].eq_ignore_ascii_case(HEADER))?;
    let mut rest = line.strip_suffix(b"\r").unwrap_or(line);
    let (mut name, mut file_name) = (None, None);
    while let Some(at) = memchr::memchr(b';', rest) {
        rest = rest[at + 1..].trim_ascii_start();
        let Some(equals) = memchr::memchr(b'=', rest) else { break };
        let key = rest[..equals].trim_ascii();
        rest = rest[equals + 1..].trim_ascii_start();
        let value = if rest.first() == Some(&b'"') {
            let end = closing_quote(rest)?;
            let value = &rest[1..end];
            let decoded = decode(value);
            rest = &rest[end + 1..];
            decoded
        } else {
            let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
            let value = decode(rest[..end].trim_ascii_end());
            rest = &rest[end..];
            value
        };
        if key.eq_ignore_ascii_case(b"name") {
            name.get_or_insert(value);
        } else if key.eq_ignore_ascii_case(b"filename") {
            file_name.get_or_insert(value);
        }
    }
    Some((name?, file_name))
}

/// Where a quoted value that starts at 0 ends. Browsers write a quote as `%22` and a backslash as itself; others write
/// `\"`: a quote after a backslash ends the value only if nothing but a parameter or nothing at all follows.
fn closing_quote(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'"', text).skip(1).find(|at| {
        let escaped = text[at - 1] == b'\\';
        !escaped || matches!(text[at + 1..].trim_ascii_start().first(), None | Some(b';'))
    })
}

/// Undoes what the HTML standard does to names: quote, carriage return and line feed are percent-encoded, nothing
/// else is.
fn decode(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let text = text.replace("\\\"", "\"");
    [("%22", "\""), ("%0D", "\r"), ("%0A", "\n")]
        .into_iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=xYz";

    /// Everything that the bytes say, data joined; an unfinished form has no `End`.
    fn read(chunks: &[&[u8]]) -> Result<Vec<Event>, Malformed> {
        let mut parser = Parser::new(TYPE)?;
        let mut events: Vec<Event> = Vec::new();
        for chunk in chunks {
            parser.feed(chunk);
            while let Some(event) = parser.event()? {
                match (events.last_mut(), event) {
                    (_, Event::End) => {
                        events.push(Event::End);
                        return Ok(events);
                    }
                    (Some(Event::Data(before)), Event::Data(after)) => {
                        *before = [&before[..], &after[..]].concat().into();
                    }
                    (_, event) => events.push(event),
                }
            }
        }
        Ok(events)
    }

    fn part(name: &str, file_name: Option<&str>) -> Event {
        Event::Part { name: name.into(), file_name: file_name.map(Into::into) }
    }

    #[test]
    fn fields_files_and_empty_ones() {
        let body = b"--xYz\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\ntoken\r\n--xYz\r\n\
            content-disposition: form-data; name=\"files\"; filename=\"a b.pdf\"\r\nContent-Type: x/y\r\n\r\n\
            %PDF\r\n--xY\r\n\r\n--xYz \r\nContent-Disposition: form-data; name=files; filename=\"\"\r\n\r\n\r\n--xYz--\r\n";
        let expected = vec![
            part("_csrf", None),
            Event::Data("token".into()),
            Event::PartEnd,
            part("files", Some("a b.pdf")),
            Event::Data("%PDF\r\n--xY\r\n".into()),
            Event::PartEnd,
            part("files", Some("")),
            Event::PartEnd,
            Event::End,
        ];
        assert_eq!(read(&[body]).unwrap(), expected);
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        assert_eq!(read(&bytes).unwrap(), expected);
    }

    #[test]
    fn a_file_may_be_called_anything() {
        let long = "è".repeat(5000);
        for (written, meant) in [
            ("../../etc/passwd", "../../etc/passwd"),
            ("C:\\temp\\a.pdf", "C:\\temp\\a.pdf"),
            ("a\u{1}b\u{7f}.pdf", "a\u{1}b\u{7f}.pdf"),
            ("fdp.\u{202e}exe", "fdp.\u{202e}exe"),
            ("say %22hi%22%0D%0A.txt", "say \"hi\"\r\n.txt"),
            ("say \\\"hi\\\".txt", "say \"hi\".txt"),
            ("100%.pdf; name=x", "100%.pdf; name=x"),
            ("back\\", "back\\"),
            (&long, &long),
        ] {
            let body = format!(
                "--xYz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{written}\"\r\n\r\nx\r\n--xYz--"
            );
            assert_eq!(read(&[body.as_bytes()]).unwrap()[0], part("f", Some(meant)), "{written}");
        }
    }

    #[test]
    fn what_is_not_a_form_is_refused_and_what_is_cut_does_not_end() {
        for kind in [
            "",
            "text/plain",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/mixed; boundary=x",
        ] {
            assert!(Parser::new(kind).is_err(), "{kind}");
        }
        assert_eq!(read(&[b"--xYz\r\nX: y\r\n\r\n"]), Err(Malformed));
        assert_eq!(read(&[b"--xYzzz\r\n"]), Err(Malformed));
        assert_eq!(read(&[&[b'x'; 9000]]), Err(Malformed));
        assert_eq!(read(&[b"--xYz\r\n", &vec![b'x'; 70_000]]), Err(Malformed));
        let cut = b"--xYz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\nabcdefghij";
        assert!(!read(&[cut]).unwrap().contains(&Event::End));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..2000), size in 1usize..50) {
            let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
            let _ = read(&chunks);
        }

        #[test]
        fn content_survives_any_cut(
            content in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'-'), Just(b'x'), any::<u8>()], 0..300),
            size in 1usize..80,
        ) {
            prop_assume!(memchr::memmem::find(&content, b"\r\n--xYz").is_none());
            let mut body = b"--xYz\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n".to_vec();
            body.extend_from_slice(&content);
            body.extend_from_slice(b"\r\n--xYz--\r\n");
            let chunks: Vec<&[u8]> = body.chunks(size).collect();
            let mut expected = vec![part("f", Some("a"))];
            if !content.is_empty() {
                expected.push(Event::Data(content.into()));
            }
            expected.extend([Event::PartEnd, Event::End]);
            prop_assert_eq!(read(&chunks).unwrap(), expected);
        }
    }
}
