//! What poppler makes of a foreign file, in a process of its own with limits: pictures of its pages, which looked at instead
//! of the file can run nothing, and its text.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::aside;

/// Largest file that is looked at, in bytes.
pub const LARGEST_FILE: usize = 64 << 20;
/// Most bytes of an answer.
const LONGEST_ANSWER: u64 = 16 << 20;
/// Bytes of memory that it may use.
const MEMORY: u64 = 512 << 20;
/// Seconds of processor.
const SECONDS: u64 = 5;
/// Files that may be open at a time: libraries and fonts.
const FILES: u64 = 32;
/// Where the programs are looked for.
const PLACES: &str = "/usr/local/bin:/usr/bin:/bin";
/// What the child ends with where poppler is not installed.
const NO_TOOL: u8 = 86;

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
pub enum PopplerError {
    /// Larger than [`LARGEST_FILE`].
    #[error("the file is larger than {LARGEST_FILE} bytes")]
    TooLarge,
    /// There is no such page, it needs a password, or it was too much for the limits.
    #[error("poppler cannot read it")]
    Unreadable,
    /// It cannot be started: the server's fault, not the file's.
    #[error("poppler (package poppler-utils) cannot be started: {0}")]
    Missing(String),
}

/// A page, counted from 1, as PNG of so many pixels' width.
pub fn page(pdf: &[u8], number: u32, width: u32) -> Result<Vec<u8>, PopplerError> {
    // 0 would be the first one again.
    if number == 0 {
        return Err(PopplerError::Unreadable);
    }
    let picture = ask(Question::Page { number, width }, pdf)?;
    if picture.starts_with(b"\x89PNG") { Ok(picture) } else { Err(PopplerError::Unreadable) }
}

/// A page, counted from 1, as JPEG of so many pixels' width, in the colours of the screen.
pub fn photograph(pdf: &[u8], number: u32, width: u32) -> Result<Vec<u8>, PopplerError> {
    if number == 0 {
        return Err(PopplerError::Unreadable);
    }
    let picture = ask(Question::Photograph { number, width }, pdf)?;
    if picture.starts_with(b"\xff\xd8\xff") { Ok(picture) } else { Err(PopplerError::Unreadable) }
}

/// The text of one page, counted from 1, at most so many characters of it.
pub fn text_of_page(pdf: &[u8], number: u32, limit: usize) -> Result<String, PopplerError> {
    let text = ask(Question::TextOfPage { number }, pdf)?;
    Ok(String::from_utf8_lossy(&text).chars().take(limit).collect())
}

/// The text of all pages in reading order, at most so many characters of it.
pub fn text(pdf: &[u8], limit: usize) -> Result<String, PopplerError> {
    let text = ask(Question::Text, pdf)?;
    Ok(String::from_utf8_lossy(&text).chars().take(limit).collect())
}

/// Whether it can be started.
pub fn is_there() -> bool {
    let tool = Question::Text.tool().arg("-v").env("PATH", PLACES).stdin(Stdio::null()).output();
    tool.is_ok_and(|said| said.status.success())
}

#[derive(Clone, Copy)]
enum Question {
    Page { number: u32, width: u32 },
    Photograph { number: u32, width: u32 },
    Text,
    TextOfPage { number: u32 },
}

impl Question {
    /// How the child is asked.
    fn words(self) -> Vec<String> {
        match self {
            Self::Page { number, width } => vec!["page".into(), number.to_string(), width.to_string()],
            Self::Photograph { number, width } => {
                vec!["photograph".into(), number.to_string(), width.to_string()]
            }
            Self::Text => vec!["text".into()],
            Self::TextOfPage { number } => vec!["text-of-page".into(), number.to_string()],
        }
    }

    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let kind = words.next()?;
        let mut number = || words.next()?.parse::<u32>().ok();
        match kind.as_str() {
            "page" => Some(Self::Page { number: number()?, width: number()? }),
            "photograph" => Some(Self::Photograph { number: number()?, width: number()? }),
            "text" => Some(Self::Text),
            "text-of-page" => Some(Self::TextOfPage { number: number()? }),
            _ => None,
        }
    }

    fn tool(self) -> Command {
        match self {
            Self::Page { number, width } | Self::Photograph { number, width } => {
                let (number, width) = (number.to_string(), width.to_string());
                let mut tool = Command::new("pdftoppm");
                match self {
                    Self::Page { .. } => tool.arg("-png"),
                    _ => tool.args(["-jpeg", "-jpegopt", "quality=85,progressive=n"]),
                };
                tool.args(["-singlefile", "-f", &number, "-l", &number]);
                tool.args(["-scale-to-x", &width, "-scale-to-y", "-1", "-"]);
                tool
            }
            Self::Text | Self::TextOfPage { .. } => {
                let mut tool = Command::new("pdftotext");
                if let Self::TextOfPage { number } = self {
                    tool.args(["-f", &number.to_string(), "-l", &number.to_string()]);
                }
                tool.args(["-q", "-enc", "UTF-8", "-nopgbrk", "-", "-"]);
                tool
            }
        }
    }
}

/// The child's side: takes the limits upon itself and becomes the program. Answers, with what to end, only when it cannot.
pub fn serve(words: impl Iterator<Item = String>) -> u8 {
    let Some(question) = Question::parse(words) else { return 1 };
    let limits = [
        (Resource::As, MEMORY),
        (Resource::Cpu, SECONDS),
        (Resource::Nofile, FILES),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        if setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).is_err() {
            return 1;
        }
    }
    let _ = question.tool().exec();
    NO_TOOL
}

fn ask(question: Question, pdf: &[u8]) -> Result<Vec<u8>, PopplerError> {
    if pdf.len() > LARGEST_FILE {
        return Err(PopplerError::TooLarge);
    }
    let mut command = match aside::program() {
        Some(program) => {
            let mut command = Command::new(program);
            command.arg("poppler").args(question.words());
            command
        }
        None => question.tool(),
    };
    let mut child = command
        .env_clear()
        .env("PATH", PLACES)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| PopplerError::Missing(error.to_string()))?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let mut answer = Vec::new();
    let read = std::thread::scope(|scope| {
        scope.spawn(move || {
            // One that died does not read; its silence says so.
            let _ = input.expect("it was piped").write_all(pdf);
        });
        output.expect("it was piped").take(LONGEST_ANSWER).read_to_end(&mut answer)
    });
    if read.is_err() || answer.len() as u64 == LONGEST_ANSWER {
        let _ = child.kill();
    }
    let ended = child.wait().map_err(|error| PopplerError::Missing(error.to_string()))?;
    match ended.code() {
        Some(0) => Ok(answer),
        Some(code) if code == i32::from(NO_TOOL) => Err(PopplerError::Missing("it is not installed".into())),
        _ => Err(PopplerError::Unreadable),
    }
}
