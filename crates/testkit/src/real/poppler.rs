//! poppler: the reading order that a PDF tells assistive programs, and how its pages look.

use std::fmt::Write as _;
use std::process::Command;

use super::{Missing, failed, run};

/// Whether the program that draws pages is there.
pub fn draws() -> Result<(), Missing> {
    run(Command::new("pdftoppm").arg("-v")).map(drop)
}

/// Reading order as text: the tree of tags with what stands in them.
pub fn structure(pdf: &[u8]) -> Result<String, Missing> {
    let folder = kept(pdf)?;
    let said = run(Command::new("pdfinfo").arg("-struct-text").arg(folder.path().join("paper.pdf")))?;
    Ok(String::from_utf8_lossy(&said.stdout).into_owned())
}

/// Each page as a grid of so many columns and rows: a digit for how dark a field is, a dot for white.
pub fn look(pdf: &[u8], columns: usize, rows: usize) -> Result<String, Missing> {
    let folder = kept(pdf)?;
    let place = folder.path();
    run(Command::new("pdftoppm").current_dir(place).args(["-gray", "-r", "50", "paper.pdf", "page"]))?;
    let mut names: Vec<_> = std::fs::read_dir(place)
        .map_err(|error| failed(&error))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "pgm"))
        .collect();
    names.sort();
    let mut out = String::new();
    for (nth, name) in names.iter().enumerate() {
        let bytes = std::fs::read(name).map_err(|error| failed(&error))?;
        let (width, height, grey) = pgm(&bytes).ok_or_else(|| Missing("pdftoppm wrote no PGM".into()))?;
        let _ = writeln!(out, "page {}", nth + 1);
        for row in 0..rows {
            for column in 0..columns {
                let (top, bottom) = (height * row / rows, height * (row + 1) / rows);
                let (left, right) = (width * column / columns, width * (column + 1) / columns);
                let field = (top..bottom).flat_map(|y| &grey[y * width + left..y * width + right]);
                let (sum, count) = field.fold((0, 0), |(sum, n), one| (sum + usize::from(255 - one), n + 1));
                // Half a step of tolerance: letters may sit a fraction of a pixel elsewhere.
                let dark = (sum * 30 / (255 * count.max(1))).min(9);
                out.push(if dark == 0 { '.' } else { char::from(b'0' + dark as u8) });
            }
            out.push('\n');
        }
    }
    Ok(out)
}

fn kept(pdf: &[u8]) -> Result<tempfile::TempDir, Missing> {
    let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
    std::fs::write(folder.path().join("paper.pdf"), pdf).map_err(|error| failed(&error))?;
    Ok(folder)
}

/// Width, height and bytes of a binary PGM with 255 greys.
fn pgm(bytes: &[u8]) -> Option<(usize, usize, &[u8])> {
    let mut rest = bytes.strip_prefix(b"P5")?;
    let mut numbers = [0; 3];
    for number in &mut numbers {
        let from = rest.iter().position(u8::is_ascii_digit)?;
        let end = from + rest[from..].iter().position(|byte| !byte.is_ascii_digit())?;
        *number = std::str::from_utf8(&rest[from..end]).ok()?.parse().ok()?;
        rest = &rest[end..];
    }
    let [width, height, _] = numbers;
    (rest.len() > width * height).then(|| (width, height, &rest[1..=width * height]))
}
