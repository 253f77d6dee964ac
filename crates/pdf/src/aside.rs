//! Reads foreign PDF files in a process of its own, so that a file which breaks the parser breaks that process only.
//!
//! A server calls [`use_program`] once with its own executable; its hidden command calls [`serve`]. Until then, as on
//! the command line where the process has nothing else to lose, the same functions read in the process itself.
//!
//! The child gets the question and the file on standard input and answers on standard output; it may use 512 MiB
//! of memory and 5 seconds of processor, and can open and write no file. What it answers is as untrusted as the file.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::added::{self, Added};
use crate::read::{self, Extract, Inspection, LARGEST_FILE, MOST_ATTACHMENTS, ReadError};

/// Bytes of memory that the child may use.
const MEMORY: u64 = 512 << 20;
/// Seconds of processor.
const SECONDS: u64 = 5;
/// Most bytes of an answer: the attachments, their names and lengths.
const LONGEST_ANSWER: u64 = LARGEST_FILE as u64 + (4 << 20);

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// From now on files are read by `PROGRAM read-pdf`.
pub fn use_program(program: PathBuf) {
    let _ = PROGRAM.set(program);
}

/// What [`use_program`] said.
pub(crate) fn program() -> Option<&'static PathBuf> {
    PROGRAM.get()
}

/// [`read::attachments`], aside.
pub fn attachments(pdf: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
    let Some(program) = PROGRAM.get() else { return read::attachments(pdf) };
    let answer = ask(program, Question::Attachments, pdf)?;
    unpack(&answer).ok_or(ReadError::Parser)
}

/// [`read::text`], aside.
pub fn text(pdf: &[u8], limit: usize) -> Result<Extract, ReadError> {
    let Some(program) = PROGRAM.get() else { return read::text(pdf, limit) };
    let answer = ask(program, Question::Text(limit), pdf)?;
    let (whole, words) = answer.split_first().ok_or(ReadError::Parser)?;
    let text = String::from_utf8(words.to_vec()).map_err(|_| ReadError::Parser)?;
    Ok(Extract { text, whole: *whole == 1 })
}

/// [`read::inspect`], aside.
pub fn inspect(pdf: &[u8]) -> Result<Inspection, ReadError> {
    let Some(program) = PROGRAM.get() else { return read::inspect(pdf) };
    let answer = ask(program, Question::Inspect, pdf)?;
    std::str::from_utf8(&answer).ok().and_then(heard).ok_or(ReadError::Parser)
}

/// [`added::added`], aside.
pub fn added(before: &[u8], signed: &[u8]) -> Result<Added, ReadError> {
    let Some(program) = PROGRAM.get() else { return added::added(before, signed) };
    if !signed.starts_with(before) {
        return Ok(Added::Other);
    }
    match ask(program, Question::Added(before.len()), signed)?.as_slice() {
        [0] => Ok(Added::Signatures),
        [1] => Ok(Added::Mark),
        [2] => Ok(Added::Other),
        _ => Err(ReadError::Parser),
    }
}

#[derive(Clone, Copy)]
enum Question {
    /// Since so many bytes.
    Added(usize),
    Attachments,
    Inspect,
    Text(usize),
}

impl Question {
    fn bytes(self) -> [u8; 9] {
        let (kind, limit) = match self {
            Self::Attachments => (b'a', 0),
            Self::Inspect => (b'i', 0),
            Self::Text(limit) => (b't', limit as u64),
            Self::Added(length) => (b's', length as u64),
        };
        let mut bytes = [kind; 9];
        bytes[1..].copy_from_slice(&limit.to_be_bytes());
        bytes
    }

    fn parse(bytes: [u8; 9]) -> Option<Self> {
        let limit = u64::from_be_bytes(bytes[1..].try_into().ok()?);
        match bytes[0] {
            b'a' => Some(Self::Attachments),
            b'i' => Some(Self::Inspect),
            b't' => Some(Self::Text(limit as usize)),
            b's' => Some(Self::Added(limit as usize)),
            _ => None,
        }
    }
}

/// The child's side: reads a question and a file, answers, ends. Whatever goes wrong ends it without an answer.
pub fn serve() -> io::Result<()> {
    let limit = |resource, most| {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).map_err(io::Error::from)
    };
    limit(Resource::As, MEMORY)?;
    limit(Resource::Cpu, SECONDS)?;
    limit(Resource::Nofile, 3)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Core, 0)?;
    let mut input = io::stdin().lock();
    let mut head = [0; 9];
    input.read_exact(&mut head)?;
    let question = Question::parse(head).ok_or(io::ErrorKind::InvalidInput)?;
    let mut pdf = Vec::new();
    input.take(LARGEST_FILE as u64 + 1).read_to_end(&mut pdf)?;
    let answer = match question {
        Question::Attachments => read::attachments(&pdf).map(|files| pack(&files)),
        Question::Added(length) => {
            let before = pdf.get(..length).ok_or(io::ErrorKind::InvalidInput)?;
            added::added(before, &pdf).map(|added| {
                vec![match added {
                    Added::Signatures => 0,
                    Added::Mark => 1,
                    Added::Other => 2,
                }]
            })
        }
        Question::Inspect => read::inspect(&pdf).map(|found| told(&found).into_bytes()),
        Question::Text(limit) => read::text(&pdf, limit).map(|found| {
            let mut answer = vec![u8::from(found.whole)];
            answer.extend_from_slice(found.text.as_bytes());
            answer
        }),
    };
    let mut output = io::stdout().lock();
    match answer {
        Ok(answer) => {
            output.write_all(&[0])?;
            output.write_all(&answer)
        }
        Err(error) => output.write_all(&[error.code()]),
    }
}

fn ask(program: &PathBuf, question: Question, pdf: &[u8]) -> Result<Vec<u8>, ReadError> {
    if pdf.len() > LARGEST_FILE {
        return Err(ReadError::TooLarge);
    }
    let mut child = Command::new(program)
        .arg("read-pdf")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| ReadError::Aside(error.to_string()))?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let mut answer = Vec::new();
    let read = std::thread::scope(|scope| {
        // Beside, because a child that answers before it has read everything would wait for us, and we for it.
        scope.spawn(move || {
            let mut input = input.expect("it was piped");
            // A child that died does not read; its silence says so.
            let _ = input.write_all(&question.bytes()).and_then(|()| input.write_all(pdf));
        });
        output.expect("it was piped").take(LONGEST_ANSWER + 1).read_to_end(&mut answer)
    });
    if read.is_err() || answer.len() as u64 > LONGEST_ANSWER {
        let _ = child.kill();
    }
    let ended = child.wait().map_err(|error| ReadError::Aside(error.to_string()))?;
    match answer.first() {
        Some(0) if ended.success() => {
            answer.remove(0);
            Ok(answer)
        }
        Some(code) if ended.success() => Err(ReadError::of_code(*code)),
        _ => Err(ReadError::Parser),
    }
}

/// Numbers and signs in one line, then the claim, then the title.
fn told(found: &Inspection) -> String {
    let one_line = |text: &Option<String>| match text {
        Some(text) => format!("={}", text.replace(['\n', '\r'], " ")),
        None => String::new(),
    };
    let signs = [
        found.encrypted,
        found.needs_password,
        found.has_javascript,
        found.has_actions,
        found.tagged,
        found.repaired,
    ];
    let signs: String = signs.map(|is| if is { '1' } else { '0' }).into_iter().collect();
    format!(
        "{} {} {} {} {signs}\n{}\n{}",
        found.pages,
        found.attachments,
        found.signatures,
        found.revisions,
        one_line(&found.claims_pdfa),
        one_line(&found.title)
    )
}

fn heard(answer: &str) -> Option<Inspection> {
    let mut lines = answer.split('\n');
    let mut words = lines.next()?.split(' ');
    let mut number = || words.next()?.parse::<usize>().ok();
    let (pages, attachments, signatures, revisions) = (number()?, number()?, number()?, number()?);
    let signs: Vec<bool> = words.next()?.chars().map(|sign| sign == '1').collect();
    let &[encrypted, needs_password, has_javascript, has_actions, tagged, repaired] = signs.as_slice() else {
        return None;
    };
    let mut text = || Some(lines.next()?.strip_prefix('=').map(str::to_owned));
    let (claims_pdfa, title) = (text()?, text()?);
    Some(Inspection {
        pages,
        encrypted,
        needs_password,
        has_javascript,
        has_actions,
        attachments,
        signatures,
        revisions,
        tagged,
        repaired,
        claims_pdfa,
        title,
    })
}

fn pack(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in files.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]) {
        out.extend_from_slice(&(piece.len() as u64).to_be_bytes());
        out.extend_from_slice(piece);
    }
    out
}

fn unpack(mut packed: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    while !packed.is_empty() {
        if files.len() >= MOST_ATTACHMENTS {
            return None;
        }
        let name = String::from_utf8(piece(&mut packed)?.to_vec()).ok()?;
        files.push((name, piece(&mut packed)?.to_vec()));
    }
    Some(files)
}

fn piece<'a>(packed: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = packed.split_first_chunk::<8>()?;
    let (piece, rest) = rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
    *packed = rest;
    Some(piece)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(files: Vec<(String, Vec<u8>)>) {
            prop_assert_eq!(unpack(&pack(&files)), Some(files));
        }

        #[test]
        fn any_answer_is_survived(bytes: Vec<u8>, text: String) {
            let _ = unpack(&bytes);
            let _ = heard(&text);
        }

        #[test]
        fn what_was_found_is_heard(numbers: [usize; 4], signs: [bool; 6], claim in proptest::option::of("[1-4][ABU]?")) {
            let [pages, attachments, signatures, revisions] = numbers;
            let [encrypted, needs_password, has_javascript, has_actions, tagged, repaired] = signs;
            let found = Inspection {
                pages, encrypted, needs_password, has_javascript, has_actions, attachments, signatures, revisions,
                tagged, repaired, claims_pdfa: claim, title: Some("=una\tprova".into()),
            };
            prop_assert_eq!(heard(&told(&found)), Some(found));
        }
    }

    #[test]
    fn a_piece_shorter_than_it_says_is_none() {
        assert_eq!(unpack(&[0, 0, 0, 0, 0, 0, 0, 9, b'a']), None);
        assert_eq!(unpack(&[0xff; 8]), None);
    }
}
