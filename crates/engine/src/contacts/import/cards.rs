//! vCards as a table: one row for each card.

use calcard::{
    Entry, Parser,
    vcard::{VCard, VCardProperty, VCardValue},
};

use super::{Shape, Understood};
use crate::contacts::{Wrong, fields::wrong};

const COLUMNS: [&str; 9] = ["name", "phone", "email", "language", "tags", "note", "birthday", "company", "address"];

pub(super) fn understand(text: String, encoding: String) -> Result<Understood, Wrong> {
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    let starts = lines_with(&text, "BEGIN:VCARD");
    if lines_with(&text, "END:VCARD").len() < starts.len() {
        return Err(wrong("file", "its last card has no end: the file is cut off"));
    }
    let mut parser = Parser::new(&text);
    loop {
        match parser.entry() {
            Entry::VCard(card) => {
                lines.push(starts.get(rows.len()).copied().unwrap_or(0));
                rows.push(row(&card));
            }
            Entry::Eof => break,
            Entry::TooManyComponents => return Err(wrong("file", "its cards are nested too deeply")),
            Entry::UnexpectedComponentEnd { .. } => return Err(wrong("file", "a card ends that did not begin")),
            // Between cards, or a calendar among them.
            _ => {}
        }
    }
    let columns = COLUMNS.map(str::to_owned).into();
    Ok(Understood { format: "vcard", shape: Shape { encoding, delimiter: None, has_header: true, columns }, text, rows, lines })
}

/// Lines that say no more than this.
fn lines_with(text: &str, words: &str) -> Vec<i64> {
    let says = |(_, line): &(usize, &str)| line.trim().eq_ignore_ascii_case(words);
    text.lines().enumerate().filter(says).map(|(i, _)| i as i64 + 1).collect()
}

fn row(card: &VCard) -> Vec<String> {
    let all = |property: VCardProperty| -> Vec<String> {
        let entries = card.entries.iter().filter(|e| e.name == property);
        entries
            .map(|e| e.values.iter().map(text).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", "))
            .filter(|t| !t.is_empty())
            .collect()
    };
    let first = |property| all(property).into_iter().next().unwrap_or_default();
    let name = match first(VCardProperty::Fn) {
        name if name.is_empty() => from_parts(card),
        name => name,
    };
    let phones: Vec<String> = all(VCardProperty::Tel).iter().map(|t| t.trim_start_matches("tel:").to_owned()).collect();
    let emails: Vec<String> = all(VCardProperty::Email).iter().map(|t| t.trim_start_matches("mailto:").to_owned()).collect();
    let tags: Vec<String> = all(VCardProperty::Categories);
    vec![
        name,
        phones.join("; "),
        emails.join("; "),
        first(VCardProperty::Lang),
        tags.join(", "),
        all(VCardProperty::Note).join("\n"),
        first(VCardProperty::Bday),
        first(VCardProperty::Org),
        first(VCardProperty::Adr),
    ]
}

/// `N:Family;Given;Additional;…` as people say it.
fn from_parts(card: &VCard) -> String {
    let Some(entry) = card.entries.iter().find(|e| e.name == VCardProperty::N) else { return String::new() };
    let parts: Vec<String> = entry.values.iter().map(text).collect();
    let part = |i: usize| parts.get(i).map(String::as_str).unwrap_or_default();
    [part(1), part(2), part(0)].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
}

fn text(value: &VCardValue) -> String {
    match value {
        VCardValue::Component(parts) => parts.iter().map(|p| p.trim()).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", "),
        VCardValue::PartialDateTime(date) => {
            let number = |n: Option<u8>| n.map_or("--".to_owned(), |n| format!("{n:02}"));
            let year = date.year.map_or("-".to_owned(), |y| format!("{y:04}"));
            format!("{year}-{}-{}", number(date.month), number(date.day))
        }
        VCardValue::Integer(n) => n.to_string(),
        VCardValue::Float(n) => n.to_string(),
        VCardValue::Boolean(b) => b.to_string(),
        // Pictures are not taken in.
        VCardValue::Binary(_) => String::new(),
        other => other.as_text().unwrap_or_default().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_of_several_versions_are_read() {
        let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana Pérez\r\nN:Pérez;Ana;;;\r\nTEL;TYPE=CELL:+57 300 123 4567\r\nTEL;TYPE=HOME:601 234\r\n\
                    EMAIL:ana@example.org\r\nNOTE:Likes tea\\, and\\ncoffee\r\nCATEGORIES:vip,new\r\nEND:VCARD\r\n\
                    BEGIN:VCARD\r\nVERSION:4.0\r\nN:Ruiz;José;;;\r\nTEL;VALUE=uri:tel:+573007654321\r\nBDAY:19800507\r\nLANG:es\r\nEND:VCARD\r\n";
        let u = understand(text.to_owned(), "utf-8".into()).unwrap();
        assert_eq!(
            u.rows[0],
            ["Ana Pérez", "+57 300 123 4567; 601 234", "ana@example.org", "", "vip, new", "Likes tea, and\ncoffee", "", "", ""]
        );
        assert_eq!(u.rows[1], ["José Ruiz", "+573007654321", "", "es", "", "", "1980-05-07", "", ""]);
        assert_eq!(u.lines, [1, 11]);
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused() {
        let why = understand("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana\r\n".to_owned(), "utf-8".into()).unwrap_err();
        assert!(why.problem.contains("cut off"), "{why:?}");
    }
}
