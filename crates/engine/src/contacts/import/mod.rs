//! Contacts from a file: how it is written, what its columns mean, what is wrong with its rows, and taking them in.

mod cards;
mod mapping;
mod rows;
mod run;
mod sheet;

use frontdesk_kernel::tenant::Tenant;
use serde::{Deserialize, Serialize};

pub use self::{
    mapping::{Target, suggest},
    rows::{Row, RowProblem, read},
    run::{resume, run},
};
use super::{Wrong, fields::wrong};

/// Larger files are taken in pieces.
pub const LARGEST_FILE: usize = 16 * 1024 * 1024;
const MOST_ROWS: usize = 100_000;
const MOST_COLUMNS: usize = 100;

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// As the file came; what is kept is UTF-8.
    pub encoding: String,
    /// Between cells; absent for vCards.
    pub delimiter: Option<char>,
    pub has_header: bool,
    pub columns: Vec<String>,
}

/// What is to happen with a row whose person is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// They stay as they are.
    Skip,
    /// The file is right.
    Update,
    /// Only what is not known of them yet is taken from the file.
    Merge,
}

/// What is to be done with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What each column means.
    pub mapping: Vec<Target>,
    pub duplicates: Duplicates,
    /// For everybody in it.
    pub tags: Vec<String>,
}

/// A file as it was understood.
#[derive(Debug, Clone)]
pub struct Understood {
    pub format: &'static str,
    pub shape: Shape,
    /// In UTF-8.
    pub text: String,
    pub rows: Vec<Vec<String>>,
    /// The first line of each row in the file.
    pub lines: Vec<i64>,
}

/// What the uploader says about the file, where the guess is wrong.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub has_header: Option<bool>,
}

/// Finds out how a file is written.
pub fn understand(bytes: &[u8], hints: &Hints) -> Result<Understood, Wrong> {
    if bytes.len() > LARGEST_FILE {
        return Err(wrong("file", format!("at most {} MB: split it", LARGEST_FILE / 1024 / 1024)));
    }
    let (text, encoding) = sheet::decode(bytes, hints.encoding.as_deref())?;
    if text.trim().is_empty() {
        return Err(wrong("file", "it is empty"));
    }
    let understood = if text.trim_start().get(..11).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD")) {
        cards::understand(text, encoding)?
    } else {
        sheet::understand(text, encoding, hints)?
    };
    let (rows, columns) = (understood.rows.len(), understood.shape.columns.len());
    if rows == 0 {
        return Err(wrong("file", "there is no row in it but the header"));
    }
    if rows > MOST_ROWS || columns > MOST_COLUMNS {
        return Err(wrong("file", format!("at most {MOST_ROWS} rows and {MOST_COLUMNS} columns; it has {rows} and {columns}")));
    }
    Ok(understood)
}

/// Reads what was kept of a file again.
pub fn again(format: &str, shape: &Shape, text: String) -> Result<Understood, Wrong> {
    if format == "vcard" {
        return cards::understand(text, shape.encoding.clone());
    }
    let hints = Hints { encoding: None, delimiter: shape.delimiter, has_header: Some(shape.has_header) };
    sheet::understand(text, shape.encoding.clone(), &hints)
}

/// Checks what was chosen against the file.
pub fn checked(plan: Plan, shape: &Shape) -> Result<Plan, Wrong> {
    if plan.mapping.len() != shape.columns.len() {
        return Err(wrong("mapping", format!("name a meaning for each of the {} columns", shape.columns.len())));
    }
    if !plan.mapping.iter().any(|t| matches!(t, Target::Phone | Target::Email)) {
        return Err(wrong("mapping", "one column must be a phone number or an e-mail address: people are recognised by them"));
    }
    for (i, target) in plan.mapping.iter().enumerate() {
        let path = format!("mapping[{i}]");
        if let Target::Fact(fact) = target {
            super::fields::fact(&path, fact, "x")?;
        }
        let alone = matches!(target, Target::Name | Target::FirstName | Target::LastName | Target::Language | Target::Fact(_));
        if alone && plan.mapping[..i].contains(target) {
            return Err(wrong(path, "another column has this meaning already"));
        }
    }
    let tags = super::fields::tags("tags", &plan.tags)?;
    Ok(Plan { tags, ..plan })
}

/// Rows of a file, each as a contact or with what is wrong.
pub fn look(understood: &Understood, plan: &Plan, tenant: &Tenant, most: usize) -> Vec<Result<Row, RowProblem>> {
    let region = super::phone::region(tenant);
    let rows = understood.rows.iter().zip(&understood.lines).take(most);
    rows.map(|(cells, line)| read(cells, *line, &plan.mapping, region)).collect()
}
