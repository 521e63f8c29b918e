//! What may be written about a contact. A refusal names the field and says what to write instead.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    contact::{AddressKind, Contact},
    ports::channel::Address,
};
use frontdesk_store::Error;
use phonenumber::country;

use super::phone;
use crate::admin::check;

/// Addresses, facts and tags beyond these are a mistake.
pub const MOST_ADDRESSES: usize = 20;
const MOST_FACTS: usize = 50;
const MOST_TAGS: usize = 50;

/// A field that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub path: String,
    pub problem: String,
}

pub type Checked<T> = Result<T, Wrong>;

/// A contact as somebody writes it, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    pub name: Option<String>,
    pub language: Option<String>,
    pub note: Option<String>,
    pub addresses: Vec<Address>,
    pub facts: BTreeMap<String, String>,
    pub tags: Vec<String>,
}

/// Changes of a contact: what is absent stays, `Some(None)` is forgotten.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pub name: Option<Option<String>>,
    pub language: Option<Option<String>>,
    pub note: Option<Option<String>>,
    pub facts: BTreeMap<String, Option<String>>,
    pub tags: Option<Vec<String>>,
}

impl Changes {
    /// Names of what is changed, for the audit log.
    pub fn names(&self) -> Vec<String> {
        let fields = [("name", self.name.is_some()), ("language", self.language.is_some()), ("note", self.note.is_some())];
        let fields = fields.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name.to_owned());
        let tags = self.tags.is_some().then(|| "tags".to_owned());
        fields.chain(tags).chain(self.facts.keys().map(|fact| format!("facts.{fact}"))).collect()
    }

    /// Checks and applies them; the tags are the caller's.
    pub fn apply(&self, contact: &mut Contact) -> Checked<()> {
        if let Some(value) = &self.name {
            contact.name = optional(value.as_deref(), |text| name("name", text))?;
        }
        if let Some(value) = &self.language {
            contact.language = optional(value.as_deref(), |text| language("language", text))?;
        }
        if let Some(value) = &self.note {
            contact.note = optional(value.as_deref(), |text| note("note", text))?;
        }
        for (fact, value) in &self.facts {
            let path = format!("facts.{}", fact.chars().take(60).collect::<String>());
            let key = key(&path, fact)?;
            match optional(value.as_deref(), |text| line(&path, text, 500))? {
                Some(value) => drop(contact.facts.insert(key, value)),
                None => drop(contact.facts.remove(&key)),
            }
        }
        if contact.facts.len() > MOST_FACTS {
            return Err(wrong("facts", format!("at most {MOST_FACTS}")));
        }
        Ok(())
    }
}

fn optional(value: Option<&str>, check: impl Fn(&str) -> Checked<String>) -> Checked<Option<String>> {
    value.filter(|text| !text.trim().is_empty()).map(check).transpose()
}

pub fn wrong(path: impl Into<String>, problem: impl Into<String>) -> Wrong {
    Wrong { path: path.into(), problem: problem.into() }
}

/// The words of a refusal behind the name of its field.
fn said(path: &str, refused: Error) -> Wrong {
    let text = refused.to_string();
    wrong(path, text.split_once(": ").map_or(text.as_str(), |(_, problem)| problem))
}

fn line(path: &str, text: &str, longest: usize) -> Checked<String> {
    check::line(path, text, longest).map_err(|e| said(path, e))
}

pub fn name(path: &str, text: &str) -> Checked<String> {
    line(path, &text.split_whitespace().collect::<Vec<_>>().join(" "), 200)
}

pub fn language(path: &str, text: &str) -> Checked<String> {
    check::language(text).map_err(|e| said(path, e))
}

/// Several lines are fine.
pub fn note(path: &str, text: &str) -> Checked<String> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > 5000 {
        return Err(wrong(path, "write at most 5000 characters"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(wrong(path, "write text without control characters"));
    }
    Ok(text)
}

fn key(path: &str, text: &str) -> Checked<String> {
    line(path, text, 60)
}

pub fn fact(path: &str, fact: &str, value: &str) -> Checked<(String, String)> {
    Ok((key(path, fact)?, line(path, value, 500)?))
}

/// Trimmed, each once, in order.
pub fn tags(path: &str, given: &[String]) -> Checked<Vec<String>> {
    let mut tags: Vec<String> = Vec::with_capacity(given.len());
    for (i, tag) in given.iter().enumerate() {
        let tag = line(&format!("{path}[{i}]"), tag, 40)?;
        if tag.contains([',', ';']) {
            return Err(wrong(format!("{path}[{i}]"), "write a tag without comma and semicolon"));
        }
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > MOST_TAGS {
        return Err(wrong(path, format!("at most {MOST_TAGS}")));
    }
    tags.sort();
    Ok(tags)
}

/// In the form in which it is stored and looked up.
pub fn address(path: &str, kind: AddressKind, value: &str, region: Option<country::Id>) -> Checked<Address> {
    let value = match kind {
        AddressKind::Phone => phone::digits(value, region).map_err(|problem| wrong(path, problem))?,
        AddressKind::Email => check::email(value).map_err(|e| said(path, e))?,
        AddressKind::Bsuid | AddressKind::Visitor => line(path, value, 128)?,
    };
    Ok(Address { kind, value })
}

/// As `address` for several; each once.
pub fn addresses(path: &str, given: &[(AddressKind, String)], region: Option<country::Id>) -> Checked<Vec<Address>> {
    if given.len() > MOST_ADDRESSES {
        return Err(wrong(path, format!("at most {MOST_ADDRESSES}")));
    }
    let mut all = Vec::with_capacity(given.len());
    for (i, (kind, value)) in given.iter().enumerate() {
        let one = address(&format!("{path}[{i}].value"), *kind, value, region)?;
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Ok(all)
}
