//! The list of a deposit as a table of text: read with limits, and written back with what became of each line.

use csv::{ReaderBuilder, WriterBuilder};

use super::check::Line;

/// Lines of the longest list.
pub const MOST_LINES: usize = 1_000;
/// Bytes of the longest list.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The columns, by the names that a list may give them.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("fiscal_code", &["fiscal_code", "codice_fiscale", "codice fiscale", "cf", "tax_code"]),
    ("name", &["name", "nome", "cognome e nome", "nominativo", "destinatario"]),
    ("subject", &["subject", "oggetto"]),
    ("text", &["text", "testo"]),
    ("files", &["files", "file", "allegati", "documenti"]),
];

/// Why a list cannot be read, as the end of a key `field-…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable(pub &'static str);

/// Reads a list: its first line names the columns, of which `codice_fiscale` must be there; what parts them is a semicolon, a comma
/// or a tab, whichever the first line has most of. Names of several files are parted by `|`.
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, Unreadable> {
    if bytes.len() > MOST_BYTES {
        return Err(Unreadable("deposit_long"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable("deposit_utf8"))?;
    let first = text.lines().next().unwrap_or_default();
    let many = |part: u8| first.bytes().filter(|byte| *byte == part).count();
    let delimiter = [b';', b',', b'\t'].into_iter().max_by_key(|part| many(*part)).unwrap_or(b';');
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let heads = reader.headers().map_err(|_| Unreadable("deposit_columns"))?.clone();
    let place = |column: usize| {
        let known = |head: &str| COLUMNS[column].1.contains(&head.trim().to_lowercase().as_str());
        heads.iter().position(known)
    };
    let places: Vec<Option<usize>> = (0..COLUMNS.len()).map(place).collect();
    if places[0].is_none() {
        return Err(Unreadable("deposit_columns"));
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| Unreadable("deposit_columns"))?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if lines.len() == MOST_LINES {
            return Err(Unreadable("deposit_lines"));
        }
        let cell = |column: usize| {
            let text = places[column].and_then(|place| record.get(place)).unwrap_or_default();
            text.trim().chars().take(50_000).collect::<String>()
        };
        let files =
            cell(4).split('|').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        lines.push(Line {
            fiscal_code: cell(0).to_uppercase(),
            name: cell(1).chars().take(200).collect(),
            subject: cell(2),
            text: cell(3),
            files,
        });
    }
    if lines.is_empty() { Err(Unreadable("deposit_empty")) } else { Ok(lines) }
}

/// Writes a table for a spreadsheet. What it would take for a formula is told to be text.
pub fn write(rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, csv::Error> {
    let mut writer =
        WriterBuilder::new().delimiter(b';').quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    for row in rows {
        let tame = |cell: String| {
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
        };
        writer.write_record(row.into_iter().map(tame))?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(format!("\u{feff}{}", String::from_utf8_lossy(&bytes)))
}

/// For fuzzing: no bytes make it panic.
pub fn fuzz_sheet(bytes: &[u8]) {
    let _ = read(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_whatever_parts_its_columns() {
        for (part, bom) in [(";", ""), (",", "\u{feff}"), ("\t", "")] {
            let text = ["Codice fiscale", "Nome", "Oggetto", "File"].join(part)
                + "\r\n"
                + &["bssnna80a41h501x", "Anna", "\"Tari; 2026\"", "a.pdf|b.pdf"].join(part)
                + "\r\n\r\n";
            let lines = read(format!("{bom}{text}").as_bytes()).unwrap();
            assert_eq!(lines.len(), 1);
            assert_eq!(lines[0].fiscal_code, "BSSNNA80A41H501X");
            assert_eq!((lines[0].subject.as_str(), lines[0].files.len()), ("Tari; 2026", 2));
        }
        assert_eq!(read(b"nome\nAnna"), Err(Unreadable("deposit_columns")));
        assert_eq!(read(b"cf;nome\n"), Err(Unreadable("deposit_empty")));
        assert_eq!(read(b"cf\n\xff"), Err(Unreadable("deposit_utf8")));
        let long = format!("cf\n{}", "X\n".repeat(MOST_LINES + 1));
        assert_eq!(read(long.as_bytes()), Err(Unreadable("deposit_lines")));
    }

    #[test]
    fn no_cell_is_a_formula() {
        let text = write([vec!["=1+1".into(), "a;\"b\"".into()]]).unwrap();
        assert_eq!(text, "\u{feff}\"'=1+1\";\"a;\"\"b\"\"\"\n");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            fuzz_sheet(&bytes);
        }
    }
}
