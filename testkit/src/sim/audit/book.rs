//! Every row of the database, by table.

use std::collections::BTreeMap;

use serde_json::Value;

#[derive(Default)]
pub(super) struct Book(BTreeMap<String, Vec<Value>>);

impl Book {
    /// Out of the lines of a backup.
    pub(super) fn read(lines: &str) -> Book {
        let mut book = Book::default();
        for line in lines.lines() {
            let mut read: Value = serde_json::from_str(line).unwrap_or_default();
            let Some(table) = read["table"].as_str().map(str::to_owned) else { continue };
            book.0.entry(table).or_default().push(read["row"].take());
        }
        book
    }

    pub(super) fn all(&self, table: &str) -> &[Value] {
        self.0.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    /// The rows whose column has this value.
    pub(super) fn of<'b>(&'b self, table: &str, column: &'b str, value: &'b str) -> impl Iterator<Item = &'b Value> {
        self.all(table).iter().filter(move |row| row[column] == value)
    }

    /// Somebody was asked to look at this conversation.
    pub(super) fn has_task(&self, conversation: &str) -> bool {
        self.of("task", "conversation", conversation).next().is_some()
    }

    /// The steps of a turn, in order.
    pub(super) fn steps(&self, turn: &str) -> Vec<(i64, Value)> {
        let parsed = |row: &Value| Some((row["n"].as_i64()?, serde_json::from_str(row["body"].as_str()?).ok()?));
        self.of("step", "turn", turn).filter_map(parsed).collect()
    }
}

pub(super) fn text<'r>(row: &'r Value, column: &str) -> &'r str {
    row[column].as_str().unwrap_or_default()
}

pub(super) fn number(row: &Value, column: &str) -> i64 {
    row[column].as_i64().unwrap_or_default()
}
