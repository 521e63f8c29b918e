//! One row of a file as a contact.

use std::collections::BTreeMap;

use frontdesk_kernel::contact::AddressKind;
use phonenumber::country;

use super::Target;
use crate::contacts::{
    Draft, Wrong,
    fields::{self, wrong},
};

/// A row that can be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: i64,
    pub draft: Draft,
}

/// A row that cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    pub line: i64,
    pub reason: String,
}

/// Reads a row: what its columns mean is known.
pub fn read(cells: &[String], line: i64, mapping: &[Target], region: Option<country::Id>) -> Result<Row, RowProblem> {
    draft(cells, mapping, region)
        .map(|draft| Row { line, draft })
        .map_err(|w| RowProblem { line, reason: format!("{}: {}", w.path, w.problem) })
}

fn draft(cells: &[String], mapping: &[Target], region: Option<country::Id>) -> Result<Draft, Wrong> {
    let (mut first, mut last, mut notes) = (String::new(), String::new(), Vec::new());
    let (mut addresses, mut tags) = (Vec::new(), Vec::new());
    let mut draft = Draft::default();
    let mut facts = BTreeMap::new();
    for (cell, target) in cells.iter().zip(mapping).filter(|(cell, _)| !cell.trim().is_empty()) {
        match target {
            Target::Ignore => {}
            Target::Name => draft.name = Some(fields::name("name", cell)?),
            Target::FirstName => first = fields::name("first_name", cell)?,
            Target::LastName => last = fields::name("last_name", cell)?,
            Target::Phone => addresses.extend(several(cell).map(|one| (AddressKind::Phone, one))),
            Target::Email => addresses.extend(several(cell).map(|one| (AddressKind::Email, one))),
            Target::Language => draft.language = Some(fields::language("language", cell)?),
            Target::Tags => tags.extend(several(cell)),
            Target::Note => notes.push(cell.as_str()),
            Target::Fact(fact) => {
                let one_line = cell.split_whitespace().collect::<Vec<_>>().join(" ");
                facts.extend([fields::fact(fact, fact, &one_line)?]);
            }
        }
    }
    if draft.name.is_none() {
        let both = format!("{first} {last}");
        draft.name = Some(both.trim().to_owned()).filter(|name| !name.is_empty());
    }
    let mut read = Vec::new();
    for (kind, value) in addresses {
        let one = fields::address(kind.as_str(), kind, &value, region)?;
        if !read.contains(&one) {
            read.push(one);
        }
    }
    if read.is_empty() {
        return Err(wrong("phone", "there is neither a phone number nor an e-mail address"));
    }
    draft.addresses = read;
    draft.tags = fields::tags("tags", &tags)?;
    draft.facts = facts;
    draft.note = match notes.as_slice() {
        [] => None,
        notes => Some(fields::note("note", &notes.join("\n"))?),
    };
    Ok(draft)
}

/// Several values in one cell, as spreadsheets and address books write them.
fn several(cell: &str) -> impl Iterator<Item = String> + '_ {
    cell.split([';', ',', '|', '\n'])
        .flat_map(|part| part.split(":::"))
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(cells: &[&str], mapping: &[&str]) -> Result<Row, RowProblem> {
        let cells: Vec<String> = cells.iter().map(|c| (*c).to_owned()).collect();
        let mapping: Vec<Target> = mapping.iter().map(|t| Target::parse(t).unwrap()).collect();
        read(&cells, 7, &mapping, Some(country::Id::CO))
    }

    #[test]
    fn a_row_becomes_a_contact() {
        let mapping = ["first_name", "last_name", "phone", "email", "tags", "fact:age", "note", "ignore"];
        let row = read_of(
            &["José", " Ñúñez ", "300 123 4567 ::: +49 151 12345678", "J@Example.org", "vip; new, vip", "30", "x\ny", "z"],
            &mapping,
        );
        let draft = row.unwrap().draft;
        assert_eq!(draft.name.as_deref(), Some("José Ñúñez"));
        let addresses: Vec<&str> = draft.addresses.iter().map(|a| a.value.as_str()).collect();
        assert_eq!(addresses, ["573001234567", "4915112345678", "j@example.org"]);
        assert_eq!((draft.tags, draft.note.as_deref()), (vec!["new".to_owned(), "vip".to_owned()], Some("x\ny")));
        assert_eq!(draft.facts["age"], "30");
    }

    #[test]
    fn a_row_that_cannot_be_taken_says_why() {
        let long = "x".repeat(201);
        for (cells, mapping, part) in [
            (["Ana", ""], ["name", "phone"], "neither"),
            (["Ana", "12"], ["name", "phone"], "phone: `12` is not a phone number"),
            (["Ana", "ana"], ["name", "email"], "email: `ana` is not an address"),
            ([long.as_str(), "573001234567"], ["name", "phone"], "name: write 1 to 200"),
            (["Ana\u{7}", "573001234567"], ["name", "phone"], "control"),
            (["español", "573001234567"], ["language", "phone"], "language:"),
        ] {
            let problem = read_of(&cells, &mapping).unwrap_err();
            assert_eq!(problem.line, 7);
            assert!(problem.reason.contains(part), "{problem:?}");
        }
    }
}
