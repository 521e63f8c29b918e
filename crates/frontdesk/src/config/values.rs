//! Settings as they are collected: one value per key, and where it came from.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::{
    keys::{KEYS, is_secret},
    problems::{Problem, Warning, shown},
    settings::Config,
};

/// Later values replace earlier ones; what cannot be taken becomes a problem.
pub(super) struct Values {
    entries: BTreeMap<&'static str, Entry>,
    /// A port given by itself; it keeps the host of `server.listen`.
    pub(super) port: Option<(String, String)>,
    pub(super) not_yet_used: Vec<String>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Warning>,
    broken: BTreeSet<String>,
}

struct Entry {
    value: Value,
    place: Option<String>,
}

impl Values {
    pub(super) fn defaults() -> Self {
        let default =
            |(key, value): (&'static String, &'static Value)| (key.as_str(), Entry { value: value.clone(), place: None });
        Values {
            entries: KEYS.iter().map(default).collect(),
            port: None,
            not_yet_used: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            broken: BTreeSet::new(),
        }
    }

    /// Takes a value of the key's own kind. An empty text is no value.
    pub(super) fn set(&mut self, key: &str, value: Value, place: &str) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if !value.same_type(&entry.value) {
            let found = if is_secret(key) { value.type_str().to_owned() } else { shown(&value.to_string()) };
            let fix = format!("write {}", wanted(&entry.value));
            return self.refuse(key, place, format!("`{key}` cannot be {found}"), fix);
        }
        if value.as_str().is_none_or(|text| !text.trim().is_empty()) {
            *entry = Entry { value, place: Some(place.to_owned()) };
        }
    }

    /// Takes a text from where there are only texts, and reads it as the key's kind.
    pub(super) fn set_text(&mut self, key: &str, text: &str, place: &str) {
        let (Some(entry), text) = (self.entries.get(key), text.trim()) else { return };
        if text.is_empty() {
            return;
        }
        match read(text, &entry.value) {
            Some(value) => self.set(key, value, place),
            None => {
                let fix = format!("write {}", wanted(&entry.value));
                self.refuse(key, place, format!("`{key}` cannot be {}", shown(text)), fix);
            }
        }
    }

    pub(super) fn refuse(&mut self, key: &str, place: &str, what: String, fix: String) {
        self.broken.insert(key.to_owned());
        self.problems.push(Problem::new(place, what, fix));
    }

    pub(super) fn warn(&mut self, place: &str, what: String, fix: &str) {
        self.warnings.push(Problem::new(place, what, fix));
    }

    /// A value that our own code derived from what was given; the place stays.
    pub(super) fn replace(&mut self, key: &str, value: Value) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.value = value;
        }
    }

    pub(super) fn reset(&mut self, key: &str) {
        if let (Some(entry), Some(default)) = (self.entries.get_mut(key), KEYS.get(key)) {
            *entry = Entry { value: default.clone(), place: None };
        }
    }

    pub(super) fn value(&self, key: &str) -> &Value {
        &self.entries[key].value
    }

    pub(super) fn text(&self, key: &str) -> &str {
        self.value(key).as_str().unwrap_or_default()
    }

    /// Where a key was set; `None` for a default.
    pub(super) fn place(&self, key: &str) -> Option<&str> {
        self.entries[key].place.as_deref()
    }

    /// What was already said to be wrong is not said again in other words.
    pub(super) fn is_broken(&self, key: &str) -> bool {
        self.broken.contains(key)
    }

    #[cfg(test)]
    pub(super) fn given(&self) -> Vec<&'static str> {
        self.entries.iter().filter(|(_, entry)| entry.place.is_some()).map(|(key, _)| *key).collect()
    }

    pub(super) fn to_config(&self) -> Result<Config, Problem> {
        let mut root = Table::new();
        for (key, entry) in &self.entries {
            insert(&mut root, key, entry.value.clone());
        }
        root.try_into().map_err(|e| Problem::new("configuration", e.message(), "run `frontdesk doctor`"))
    }
}

fn insert(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => _ = table.insert(path.to_owned(), value),
        Some((section, rest)) => {
            let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

fn read(text: &str, like: &Value) -> Option<Value> {
    match like {
        Value::String(_) => Some(Value::from(text)),
        Value::Integer(_) => text.replace('_', "").parse().ok().map(Value::Integer),
        Value::Boolean(_) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(Value::Boolean(true)),
            "false" | "0" | "no" | "off" => Some(Value::Boolean(false)),
            _ => None,
        },
        Value::Array(_) if !text.starts_with('[') => {
            Some(Value::Array(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()))
        }
        _ => format!("value = {text}").parse::<Table>().ok()?.remove("value"),
    }
}

fn wanted(like: &Value) -> &'static str {
    match like {
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list of texts",
        Value::Table(_) => "a table",
        _ => "a text",
    }
}
