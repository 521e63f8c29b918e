//! Tables as spreadsheets write them: their encoding, their delimiter, whether the first row is a header.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{Hints, Shape, Understood};
use crate::contacts::{Wrong, fields::wrong};

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// Rows that say how a file is written.
const SAMPLE: usize = 50;

/// The text of a file and the name of its encoding. Without a mark: UTF-8 where it can be, else what Windows writes.
pub(super) fn decode(bytes: &[u8], named: Option<&str>) -> Result<(String, String), Wrong> {
    let encoding: &'static Encoding = match (Encoding::for_bom(bytes), named) {
        (Some((marked, _)), _) => marked,
        (None, Some(named)) => Encoding::for_label(named.as_bytes())
            .ok_or_else(|| wrong("encoding", "there is no such encoding; write for example utf-8 or windows-1252"))?,
        (None, None) if std::str::from_utf8(bytes).is_ok() => UTF_8,
        (None, None) => WINDOWS_1252,
    };
    let (text, _, broken) = encoding.decode(bytes);
    if broken {
        return Err(wrong("file", format!("it is not written in {}", encoding.name())));
    }
    if text.contains('\0') {
        return Err(wrong("file", "it holds characters U+0000: it is not a text file"));
    }
    Ok((text.into_owned(), encoding.name().to_lowercase()))
}

pub(super) fn understand(text: String, encoding: String, hints: &Hints) -> Result<Understood, Wrong> {
    let delimiter = match hints.delimiter {
        Some(c) if c.is_ascii() && !c.is_ascii_alphanumeric() && c != '"' && c != '\n' && c != '\r' => c,
        Some(_) => return Err(wrong("delimiter", "write one sign such as , or ;")),
        None => delimiter(&text),
    };
    let mut all = Vec::new();
    for record in reader(&text, delimiter).into_records() {
        let record = record.map_err(|e| wrong("file", format!("it cannot be read as a table: {e}")))?;
        let line = record.position().map_or(0, |p| first_line(&text, p));
        let cells: Vec<String> = record.iter().map(plain).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            all.push((line, cells));
        }
    }
    let width = all.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let has_header = hints.has_header.unwrap_or_else(|| all.first().is_some_and(|(_, cells)| is_header(cells)));
    let columns = if has_header && !all.is_empty() { all.remove(0).1 } else { Vec::new() };
    let columns =
        (0..width).map(|i| columns.get(i).filter(|c| !c.is_empty()).cloned().unwrap_or_else(|| format!("{}", i + 1))).collect();
    let (lines, rows) = all
        .into_iter()
        .map(|(line, mut cells)| {
            cells.resize(width, String::new());
            (line, cells)
        })
        .unzip();
    Ok(Understood {
        format: "csv",
        shape: Shape { encoding, delimiter: Some(delimiter), has_header, columns },
        text,
        rows,
        lines,
    })
}

fn reader(text: &str, delimiter: char) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter as u8).from_reader(text.as_bytes())
}

/// The reader begins a record right after the one before: blank lines in between are not the row's.
fn first_line(text: &str, at: &csv::Position) -> i64 {
    let rest = text.as_bytes().get(at.byte() as usize..).unwrap_or_default();
    let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).filter(|b| **b == b'\n').count();
    at.line() as i64 + blank as i64
}

/// Without the apostrophe that keeps a spreadsheet from taking the cell for a formula.
fn plain(cell: &str) -> String {
    let cell = cell.trim();
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']) => rest.trim().to_owned(),
        _ => cell.to_owned(),
    }
}

/// The sign that cuts the first rows into the most columns, as evenly as possible.
fn delimiter(text: &str) -> char {
    let score = |delimiter: char| {
        let widths: Vec<usize> = reader(text, delimiter).records().take(SAMPLE).filter_map(|r| r.ok()).map(|r| r.len()).collect();
        let width = widths.iter().copied().max().unwrap_or(0);
        if width < 2 {
            return (0, 0);
        }
        let even = widths.iter().filter(|w| **w == widths[0]).count();
        (even * 100 / widths.len(), width)
    };
    let mut best = (',', (0, 0));
    for delimiter in DELIMITERS {
        let score = score(delimiter);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

/// A header names things; a row of people holds numbers or addresses.
fn is_header(cells: &[String]) -> bool {
    let looks_like_data = |cell: &String| {
        let digits = cell.chars().filter(char::is_ascii_digit).count();
        cell.contains('@') || digits >= 6
    };
    !cells.iter().any(looks_like_data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Understood {
        super::super::understand(bytes, &Hints::default()).unwrap()
    }

    #[test]
    fn a_file_is_read_as_it_is_written() {
        let latin: &[u8] = b"Nombre;Tel\xe9fono\r\nJos\xe9;300 123 4567\r\n";
        for (bytes, encoding, delimiter, columns, first) in [
            ("Name,Phone\nJosé,300".as_bytes(), "utf-8", ',', ["Name", "Phone"], ["José", "300"]),
            ("\u{feff}Name\tPhone\nJosé\t300\n".as_bytes(), "utf-8", '\t', ["Name", "Phone"], ["José", "300"]),
            (latin, "windows-1252", ';', ["Nombre", "Teléfono"], ["José", "300 123 4567"]),
            (b"\xff\xfeN\0,\0P\0\n\0A\0,\x001\0", "utf-16le", ',', ["N", "P"], ["A", "1"]),
            ("Name,Phone\n\"a, \"\"b\"\"\nc\",'+57 300".as_bytes(), "utf-8", ',', ["Name", "Phone"], ["a, \"b\"\nc", "+57 300"]),
        ] {
            let u = of(bytes);
            assert_eq!((u.shape.encoding.as_str(), u.shape.delimiter, u.shape.has_header), (encoding, Some(delimiter), true));
            assert_eq!(u.shape.columns, columns);
            assert_eq!(u.rows[0], first);
        }
    }

    #[test]
    fn a_file_without_header_and_with_ragged_rows_is_read_too() {
        let u = of(b"Ana,573001234567\nBea\n\nCid,573007654321,x\n");
        assert!(!u.shape.has_header);
        assert_eq!(u.shape.columns, ["1", "2", "3"]);
        assert_eq!(u.rows, [["Ana", "573001234567", ""], ["Bea", "", ""], ["Cid", "573007654321", "x"]]);
        assert_eq!(u.lines, [1, 2, 4]);
    }

    #[test]
    fn what_is_no_table_is_refused_in_words() {
        for (bytes, part) in [(&b""[..], "empty"), (b" \n ", "empty"), (b"Name,Phone\n", "no row"), (b"\x00\x01\x02,", "U+0000")]
        {
            let why = super::super::understand(bytes, &Hints::default()).unwrap_err();
            assert!(why.problem.contains(part), "{why:?}");
        }
        let hints = Hints { encoding: Some("utf-8".into()), ..Hints::default() };
        assert!(super::super::understand(b"Jos\xe9,1\n", &hints).unwrap_err().problem.contains("not written in"));
    }
}
