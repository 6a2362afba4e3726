//! A table of text as CSV (RFC 4180): cells read and written, nothing in them run by whoever opens the file; it must know no act.

use turret_shared::csv::{cell, is_formula};

/// Longest file read, in bytes.
pub(super) const FILE_BYTES_MAX: usize = 64 * 1024;
/// Longest line, in bytes.
const LINE_BYTES_MAX: usize = 512;

/// A line that is not read: its number, counted from one, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number in the file.
    pub line: usize,
    /// In a few words.
    pub why: String,
}

impl BadLine {
    pub(super) fn new(line: usize, why: impl Into<String>) -> Self {
        Self { line, why: why.into() }
    }
}

/// A line with its number and cells.
pub(super) type Row = (usize, Vec<String>);

/// The rows below the heading, which must be exactly this; every line that is none, and every one too many.
pub(super) fn read(bytes: &[u8], heading: &str, rows_max: usize) -> (Vec<Row>, Vec<BadLine>) {
    if bytes.len() > FILE_BYTES_MAX {
        return (Vec::new(), vec![BadLine::new(1, format!("a file holds at most {FILE_BYTES_MAX} bytes"))]);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        let whole = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        return (Vec::new(), vec![BadLine::new(whole.split('\n').count(), "not UTF-8")]);
    };
    let mut lines = (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(text).lines());
    let first = lines.next().and_then(|(_, line)| cut(line).ok());
    let wanted: Vec<&str> = heading.split(',').collect();
    if first.as_deref().is_none_or(|first| first != wanted) {
        return (Vec::new(), vec![BadLine::new(1, format!("the first line must be {heading}"))]);
    }
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for (at, line) in lines.filter(|(_, line)| !line.is_empty()) {
        if bad.len() >= rows_max {
            bad.push(BadLine::new(at, "from here on nothing is read"));
            break;
        }
        match cut(line) {
            Ok(_) if rows.len() >= rows_max => {
                bad.push(BadLine::new(at, format!("such a table has at most {rows_max} rows")));
                break;
            }
            Ok(cells) if cells.len() == wanted.len() => rows.push((at, cells)),
            Ok(cells) => {
                bad.push(BadLine::new(at, format!("{} cells where {heading} are {}", cells.len(), wanted.len())));
            }
            Err(why) => bad.push(BadLine::new(at, why)),
        }
    }
    (rows, bad)
}

/// The cells of one line, without what keeps a formula from being one.
fn cut(line: &str) -> Result<Vec<String>, &'static str> {
    if line.len() > LINE_BYTES_MAX {
        return Err("the line is too long");
    }
    let (mut cells, mut rest) = (Vec::new(), Some(line));
    while let Some(text) = rest {
        let (cell, behind) = match text.strip_prefix('"') {
            Some(quoted) => take_quoted(quoted)?,
            None => text.split_once(',').map_or((text.to_owned(), None), |(cell, rest)| (cell.to_owned(), Some(rest))),
        };
        cells.push(plain(cell));
        rest = behind;
    }
    Ok(cells)
}

/// A cell in quotation marks, each one inside written twice, and what is behind its comma.
fn take_quoted(text: &str) -> Result<(String, Option<&str>), &'static str> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let (before, behind) = rest.split_once('"').ok_or("a quotation mark that nothing closes")?;
        cell.push_str(before);
        if let Some(more) = behind.strip_prefix('"') {
            cell.push('"');
            rest = more;
        } else if behind.is_empty() {
            return Ok((cell, None));
        } else {
            let behind = behind.strip_prefix(',').ok_or("something right behind a quotation mark")?;
            return Ok((cell, Some(behind)));
        }
    }
}

/// One apostrophe before what would be a formula, or before apostrophes and one, is ours.
fn plain(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest.to_owned(),
        _ => cell,
    }
}

/// The table as a file.
pub(super) fn write(heading: &str, rows: &[Vec<String>]) -> String {
    let mut out = format!("{heading}\n");
    for row in rows {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "a,b";

    #[test]
    fn threat_17_no_cell_begins_a_formula_negatives_stay_and_whatever_is_written_is_read_back() {
        let formulas =
            ["=1+1", "'=1", "''-2+1", "+1", "-1+1", "-", "-1.", "-.5", "--1", "-1e3", "-a", "@a", "\tx", "\r="];
        let plain = ["x", "", "a,b", "a\"b", "'x", "'", "\"", "-1", "-12.50", "'-1"];
        for one in formulas.into_iter().chain(plain) {
            let row = vec![one.to_owned(), "end".to_owned()];
            let text = write(TWO, std::slice::from_ref(&row));
            let line = text.lines().nth(1).expect("a row");
            let cell = line.trim_start_matches('"');
            let kept = plain.contains(&one);
            assert!(kept || cell.starts_with('\''), "{one:?}: {line:?}");
            assert_eq!(read(text.as_bytes(), TWO, 9), (vec![(2, row)], Vec::new()), "{one:?}");
        }
    }

    #[test]
    fn every_bad_line_is_told_by_its_number() {
        let (rows, bad) = read(b"a,b\r\n1,2\r\n\r\n3\n\"x\"y,2\n\"x,1\n4,5,6\n7,8\n", TWO, 9);
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 8]);
        assert_eq!(bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [4, 5, 6, 7]);
    }

    #[test]
    fn a_file_is_bounded_in_bytes_lines_and_rows() {
        let many = format!("a,b\n{}", "1,2\n".repeat(4));
        assert_eq!(read(many.as_bytes(), TWO, 3).1[0].line, 5);
        assert_eq!(read(&vec![b'x'; FILE_BYTES_MAX + 1], TWO, 3).1.len(), 1);
        assert_eq!(read(format!("a,b\n{},1\n", "x".repeat(LINE_BYTES_MAX)).as_bytes(), TWO, 3).1[0].line, 2);
        assert_eq!(read(b"a,b\n1,\xff\n", TWO, 3).1, [BadLine::new(2, "not UTF-8")]);
        assert_eq!(read(b"b,a\n1,2\n", TWO, 3).1[0].line, 1);
    }
}
