//! Contacts as a file: CSV for spreadsheets, vCard 4 for address books, JSON for programs. Written page by page.

use std::collections::{BTreeSet, HashMap};

use calcard::vcard::{VCard, VCardEntry, VCardParameter, VCardProperty, VCardValue, VCardValueType, VCardVersion};
use frontdesk_kernel::{
    Scope,
    contact::{AddressKind, Contact},
    ids::ContactId,
    ports::channel::Address,
};
use frontdesk_store::{Result, Tx, contacts};
use serde_json::json;

/// Facts beyond these have no column of their own.
const MOST_FACTS: usize = 100;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Vcard,
    Json,
}

/// A contact with all that is exported.
pub struct Whole {
    pub contact: Contact,
    pub addresses: Vec<Address>,
    pub tags: Vec<String>,
}

/// Adds addresses and tags to contacts.
pub async fn whole(tx: &mut Tx, scope: &Scope, page: Vec<Contact>) -> Result<Vec<Whole>> {
    let ids: Vec<ContactId> = page.iter().map(|c| c.id.clone()).collect();
    let mut addresses: HashMap<ContactId, Vec<Address>> = HashMap::new();
    for (id, address) in contacts::addresses_of(tx, scope, &ids).await? {
        addresses.entry(id).or_default().push(address);
    }
    let mut tags: HashMap<ContactId, Vec<String>> = HashMap::new();
    for (id, tag) in contacts::tags_of(tx, scope, &ids).await? {
        tags.entry(id).or_default().push(tag);
    }
    let take = |contact: Contact| Whole {
        addresses: addresses.remove(&contact.id).unwrap_or_default(),
        tags: tags.remove(&contact.id).unwrap_or_default(),
        contact,
    };
    Ok(page.into_iter().map(take).collect())
}

/// A file in the making.
pub struct Writer {
    format: Format,
    facts: Vec<String>,
    begun: bool,
}

impl Writer {
    /// `facts`: names of all facts that contacts have; each becomes a column.
    pub fn new(format: Format, facts: BTreeSet<String>) -> Writer {
        Writer { format, facts: facts.into_iter().take(MOST_FACTS).collect(), begun: false }
    }

    /// The next piece of the file.
    pub fn write(&mut self, page: &[Whole]) -> String {
        let first = !std::mem::replace(&mut self.begun, true);
        match self.format {
            Format::Csv => self.csv(page, first),
            Format::Vcard => page.iter().map(card).collect(),
            Format::Json => {
                let mut out = String::new();
                for (i, whole) in page.iter().enumerate() {
                    out.push_str(if first && i == 0 { "[\n" } else { ",\n" });
                    out.push_str(&record(whole).to_string());
                }
                // A page without contacts is the only one.
                if first && page.is_empty() { "[".to_owned() } else { out }
            }
        }
    }

    /// What ends the file.
    pub fn end(&self) -> &'static str {
        if self.format == Format::Json { "\n]\n" } else { "" }
    }

    fn csv(&self, page: &[Whole], first: bool) -> String {
        let mut out = String::new();
        if first {
            let columns = ["id", "name", "phone", "email", "language", "tags", "note", "created_at"].map(str::to_owned);
            let facts = self.facts.iter().map(|fact| format!("fact:{fact}"));
            line(&mut out, columns.into_iter().chain(facts));
        }
        for w in page {
            let c = &w.contact;
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let cells = [
                c.id.to_string(),
                text(&c.name),
                of_kind(w, AddressKind::Phone).map(|p| format!("+{p}")).collect::<Vec<_>>().join("; "),
                of_kind(w, AddressKind::Email).map(str::to_owned).collect::<Vec<_>>().join("; "),
                text(&c.language),
                w.tags.join(", "),
                text(&c.note),
                c.created_at.to_string(),
            ];
            let facts = self.facts.iter().map(|fact| c.facts.get(fact).cloned().unwrap_or_default());
            line(&mut out, cells.into_iter().chain(facts));
        }
        out
    }
}

fn of_kind(w: &Whole, kind: AddressKind) -> impl Iterator<Item = &str> {
    w.addresses.iter().filter(move |a| a.kind == kind).map(|a| a.value.as_str())
}

/// One row of a CSV file.
pub fn row(cells: impl Iterator<Item = String>) -> String {
    let mut out = String::new();
    line(&mut out, cells);
    out
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (i, value) in cells.enumerate() {
        if i > 0 {
            out.push(',');
        }
        cell(out, &value);
    }
    out.push_str("\r\n");
}

/// A cell that a spreadsheet takes for text, whatever a customer wrote into their name.
fn cell(out: &mut String, value: &str) {
    // An apostrophe that was there already gets another one, so that reading takes only ours away.
    let formula = value.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula || value.contains(['"', ',', ';', '\n', '\r', '\t']) {
        out.push('"');
        if formula {
            out.push('\'');
        }
        out.push_str(&value.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(value);
    }
}

fn card(w: &Whole) -> String {
    let entry = |property: VCardProperty, text: &str| VCardEntry::new(property).with_value(VCardValue::Text(text.to_owned()));
    let c = &w.contact;
    let fallback = w.addresses.first().map(|a| a.value.as_str()).unwrap_or(c.id.as_str());
    let mut entries = vec![
        entry(VCardProperty::Uid, c.id.as_str()).with_param(VCardParameter::value(VCardValueType::Text)),
        entry(VCardProperty::Fn, c.name.as_deref().unwrap_or(fallback)),
    ];
    for phone in of_kind(w, AddressKind::Phone) {
        entries.push(entry(VCardProperty::Tel, &format!("tel:+{phone}")).with_param(VCardParameter::value(VCardValueType::Uri)));
    }
    entries.extend(of_kind(w, AddressKind::Email).map(|email| entry(VCardProperty::Email, email)));
    entries.extend(c.language.iter().map(|language| entry(VCardProperty::Lang, language)));
    if !w.tags.is_empty() {
        let tags = w.tags.iter().map(|tag| VCardValue::Text(tag.clone())).collect();
        entries.push(VCardEntry::new(VCardProperty::Categories).with_values(tags));
    }
    entries.extend(c.note.iter().map(|note| entry(VCardProperty::Note, note)));
    for (fact, value) in &c.facts {
        let name = format!("X-FRONTDESK-{}", property_name(fact));
        entries.push(entry(VCardProperty::Other(name), value));
    }
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = VCard { entries }.write_to(&mut out, VCardVersion::V4_0);
    out
}

fn property_name(fact: &str) -> String {
    let folded = frontdesk_kernel::search::fold(fact);
    folded.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '-' }).collect()
}

fn record(w: &Whole) -> serde_json::Value {
    let c = &w.contact;
    let addresses: Vec<_> = w.addresses.iter().map(|a| json!({ "kind": a.kind, "value": a.value })).collect();
    json!({
        "id": c.id, "name": c.name, "language": c.language, "note": c.note, "addresses": addresses, "tags": w.tags, "facts": c.facts,
        "created_at": c.created_at.to_string(), "updated_at": c.updated_at.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use frontdesk_kernel::Timestamp;

    use super::*;
    use crate::contacts::import::{Hints, suggest, understand};

    fn nasty() -> Whole {
        let contact = Contact {
            name: Some("=HYPERLINK(\"http://evil\",\"x\")".into()),
            note: Some("-1\n\"quoted\"; @x,\ty".into()),
            facts: BTreeMap::from([("age".to_owned(), "+30".to_owned()), ("likes".to_owned(), "@home".to_owned())]),
            ..Contact::stranger(ContactId::parse("con_1").unwrap(), Timestamp(0))
        };
        let addresses = vec![
            Address { kind: AddressKind::Phone, value: "573001234567".into() },
            Address { kind: AddressKind::Email, value: "a@b.example".into() },
        ];
        Whole { contact, addresses, tags: vec!["=tag".into(), "vip".into()] }
    }

    fn facts() -> BTreeSet<String> {
        ["age".to_owned(), "likes".to_owned()].into()
    }

    #[test]
    fn no_cell_of_a_spreadsheet_begins_like_a_formula_and_all_come_back_as_they_were() {
        let csv = Writer::new(Format::Csv, facts()).write(&[nasty()]);
        let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(csv.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        for cell in &row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
        assert!(csv.contains("\"'=HYPERLINK(\"\"http"), "{csv}");
        let back = understand(csv.as_bytes(), &Hints::default()).unwrap();
        assert_eq!(
            back.rows[0][1..7],
            ["=HYPERLINK(\"http://evil\",\"x\")", "+573001234567", "a@b.example", "", "=tag, vip", "-1\n\"quoted\"; @x,\ty"]
        );
        let mapping: Vec<String> = suggest(&back.shape.columns, true, None).iter().map(ToString::to_string).collect();
        assert_eq!(mapping, ["ignore", "name", "phone", "email", "language", "tags", "note", "ignore", "fact:age", "fact:likes"]);
        assert_eq!(back.rows[0][8..], ["+30", "@home"]);
    }

    #[test]
    fn a_card_is_one_of_version_four_that_can_be_read_again() {
        let text = Writer::new(Format::Vcard, facts()).write(&[nasty(), nasty()]);
        assert!(text.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        let back = understand(text.as_bytes(), &Hints::default()).unwrap();
        assert_eq!(back.rows.len(), 2);
        let row = &back.rows[1];
        assert_eq!(row[..3], ["=HYPERLINK(\"http://evil\",\"x\")", "+573001234567", "a@b.example"]);
        assert_eq!((row[4].as_str(), row[5].as_str()), ("=tag, vip", "-1\n\"quoted\"; @x,\ty"));
    }

    #[test]
    fn json_is_whole_whatever_the_pages() {
        for pages in [vec![], vec![vec![nasty()]], vec![vec![nasty(), nasty()], vec![nasty()]]] {
            let mut writer = Writer::new(Format::Json, BTreeSet::new());
            let mut out = String::new();
            if pages.is_empty() {
                out += &writer.write(&[]);
            }
            for page in &pages {
                out += &writer.write(page);
            }
            out += writer.end();
            let read: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
            assert_eq!(read.len(), pages.iter().map(Vec::len).sum::<usize>());
            assert!(read.iter().all(|r| r["name"] == "=HYPERLINK(\"http://evil\",\"x\")"), "JSON is unchanged");
        }
    }
}
