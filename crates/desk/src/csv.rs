//! Tables as spreadsheets read and write them (RFC 4180).

/// The cells of each line, with the number of the line where it begins, from 1. Commas or semicolons, as the first line has
/// them; quotes as spreadsheets write them.
pub(crate) fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
    let text = text.trim_start_matches('\u{feff}');
    let separator = if text.lines().next().is_some_and(|first| first.contains(';')) { ';' } else { ',' };
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut begins, mut quoted) = (1, 1, false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            '\n' if !quoted => {
                line += 1;
                row.push(std::mem::take(&mut cell).trim_end_matches('\r').to_owned());
                rows.push((begins, std::mem::take(&mut row)));
                begins = line;
            }
            c if c == separator && !quoted => row.push(std::mem::take(&mut cell)),
            c => {
                line += usize::from(c == '\n');
                cell.push(c);
            }
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push((begins, row));
    }
    rows
}

/// The lines below the headings; none where the first reads as data already: a file without headings would lose it.
pub(crate) fn below_headings(
    text: &str,
    is_data: impl Fn(&[String]) -> bool,
) -> Option<Vec<(usize, Vec<String>)>> {
    let mut rows = rows(text).into_iter();
    let first = rows.next();
    if first.is_some_and(|(_, row)| is_data(&row)) { None } else { Some(rows.collect()) }
}

/// A line of values. What a spreadsheet would take for a formula is told to be text.
pub(crate) fn line(csv: &mut String, cells: &[String]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            csv.push(';');
        }
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        csv.push('"');
        if formula {
            csv.push('\'');
        }
        csv.push_str(&cell.replace('"', "\"\""));
        csv.push('"');
    }
    csv.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_its_line() {
        let mut csv = String::new();
        let cells = ["=1+1", "+39", "-2", "@a", "a;b", "say \"x\"", "two\nlines", "", "0000001/2026"];
        line(&mut csv, &cells.map(str::to_owned));
        assert_eq!(
            csv,
            "\"'=1+1\";\"'+39\";\"'-2\";\"'@a\";\"a;b\";\"say \"\"x\"\"\";\"two\nlines\";\"\";\"0000001/2026\"\r\n"
        );
    }
}
