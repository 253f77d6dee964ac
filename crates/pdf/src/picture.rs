//! Pictures of the pages of a foreign file, drawn by poppler's `pdftoppm` in a process of its own with limits: looked at
//! instead of the file, they can run nothing.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::aside;

/// Largest file that is drawn, in bytes.
pub const LARGEST_FILE: usize = 64 << 20;
/// Most bytes of a picture.
const LONGEST_PICTURE: u64 = 16 << 20;
/// Bytes of memory that drawing may use.
const MEMORY: u64 = 512 << 20;
/// Seconds of processor.
const SECONDS: u64 = 5;
/// Where `pdftoppm` is looked for.
const PLACES: &str = "/usr/local/bin:/usr/bin:/bin";
/// Files that may be open at a time: libraries and fonts.
const FILES: u64 = 32;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Larger than [`LARGEST_FILE`].
    #[error("the file is larger than {LARGEST_FILE} bytes")]
    TooLarge,
    /// There is no such page, it needs a password, or it could not be drawn within the limits.
    #[error("the page cannot be drawn")]
    Page,
    /// `pdftoppm` cannot be started: the server's fault, not the file's.
    #[error("pdftoppm (package poppler-utils) cannot be started: {0}")]
    Missing(String),
}

/// A page, counted from 1, as PNG of so many pixels' width.
pub fn page(pdf: &[u8], number: u32, width: u32) -> Result<Vec<u8>, PictureError> {
    if pdf.len() > LARGEST_FILE {
        return Err(PictureError::TooLarge);
    }
    // Which `pdftoppm` takes for the first.
    if number == 0 {
        return Err(PictureError::Page);
    }
    let mut command = match aside::program() {
        Some(program) => {
            let mut command = Command::new(program);
            command.args(["draw-pdf", &number.to_string(), &width.to_string()]);
            command
        }
        None => tool(number, width),
    };
    let mut child = command
        .env_clear()
        .env("PATH", PLACES)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| PictureError::Missing(error.to_string()))?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let mut picture = Vec::new();
    let read = std::thread::scope(|scope| {
        scope.spawn(move || {
            // One that died does not read; its silence says so.
            let _ = input.expect("it was piped").write_all(pdf);
        });
        output.expect("it was piped").take(LONGEST_PICTURE + 1).read_to_end(&mut picture)
    });
    if read.is_err() || picture.len() as u64 > LONGEST_PICTURE {
        let _ = child.kill();
    }
    let ended = child.wait().map_err(|error| PictureError::Missing(error.to_string()))?;
    match ended.code() {
        Some(0) if picture.starts_with(b"\x89PNG") => Ok(picture),
        Some(NO_TOOL) => Err(PictureError::Missing("it is not installed".into())),
        _ => Err(PictureError::Page),
    }
}

/// What the child ends with where there is no `pdftoppm`.
const NO_TOOL: i32 = 86;

fn tool(number: u32, width: u32) -> Command {
    let (number, width) = (number.to_string(), width.to_string());
    let mut command = Command::new("pdftoppm");
    command.args([
        "-png",
        "-singlefile",
        "-f",
        &number,
        "-l",
        &number,
        "-scale-to-x",
        &width,
        "-scale-to-y",
        "-1",
    ]);
    command.arg("-");
    command
}

/// The child's side: takes the limits upon itself and becomes `pdftoppm`. Answers, with what to end, only when it cannot.
pub fn serve(mut arguments: impl Iterator<Item = String>) -> u8 {
    let mut number = || arguments.next().and_then(|text| text.parse::<u32>().ok());
    let (Some(page), Some(width)) = (number(), number()) else { return 1 };
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
    let _ = tool(page, width).exec();
    NO_TOOL as u8
}
