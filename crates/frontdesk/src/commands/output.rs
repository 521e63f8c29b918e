//! How commands show what they found: one JSON document for programs; aligned columns and lines for people.

use serde_json::Value;

use crate::terminal::say;

/// Heading and what stands under it.
pub(crate) type Column = (&'static str, fn(&Value) -> String);

#[derive(Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Output {
        Output { json }
    }

    /// The rows under `member`; `empty` says what to do when there are none.
    pub(crate) fn list(self, answer: &Value, member: &str, columns: &[Column], empty: &str) {
        if self.json {
            return say(&document(answer));
        }
        match answer[member].as_array().map(Vec::as_slice).unwrap_or_default() {
            [] => say(empty),
            rows => table(rows, columns).iter().for_each(|line| say(line)),
        }
    }

    /// Everything there is.
    pub(crate) fn details(self, answer: &Value) {
        if self.json {
            return say(&document(answer));
        }
        let mut lines = Vec::new();
        write_details(answer, 0, &mut lines);
        lines.iter().for_each(|line| say(line));
    }

    /// What was done, in sentences.
    pub(crate) fn told<S: AsRef<str>>(self, answer: &Value, lines: impl IntoIterator<Item = S>) {
        if self.json {
            return say(&document(answer));
        }
        lines.into_iter().for_each(|line| say(line.as_ref()));
    }
}

fn document(answer: &Value) -> String {
    format!("{answer:#}")
}

/// A value in a cell: one line, without control characters that would steer the terminal.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(members) => match (members.get("open"), members.get("close")) {
            (Some(open), Some(close)) => format!("{}-{}", text(open), text(close)),
            _ => members.iter().map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join(" "),
        },
        Value::Number(number) => number.to_string(),
    }
}

/// `2026-11-21 08:15` of a time stamp.
pub(crate) fn when(value: &Value) -> String {
    value.as_str().and_then(|t| t.get(..16)).unwrap_or_default().replace('T', " ")
}

fn table(rows: &[Value], columns: &[Column]) -> Vec<String> {
    let mut cells: Vec<Vec<String>> = vec![columns.iter().map(|(heading, _)| (*heading).to_owned()).collect()];
    cells.extend(rows.iter().map(|row| columns.iter().map(|(_, cell)| cell(row)).collect()));
    let width = |i: usize| cells.iter().map(|row| row[i].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let padded: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    cells.iter().map(line).collect()
}

/// Names and values, indented; what is empty is left out.
fn write_details(value: &Value, indent: usize, out: &mut Vec<String>) {
    let Value::Object(members) = value else {
        out.push(format!("{:indent$}{}", "", text(value)));
        return;
    };
    let mut members: Vec<_> = members.iter().filter(|(_, v)| !is_empty(v)).collect();
    members.sort_by_key(|(name, v)| (name.as_str() != "name", name.as_str() != "id", !is_short(v)));
    let width = members.iter().filter(|(_, v)| is_short(v)).map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in members {
        match value {
            value if is_short(value) => out.push(format!("{:indent$}{name:<width$}  {}", "", text(value))),
            Value::String(long) => {
                out.push(format!("{:indent$}{name}", ""));
                out.extend(long.lines().map(|line| format!("{:indent$}  {}", "", text(&line.into()))));
            }
            Value::Array(items) => {
                out.push(format!("{:indent$}{name}", ""));
                for item in items {
                    let first = out.len();
                    write_details(item, indent + 4, out);
                    if let Some(line) = out.get_mut(first) {
                        line.replace_range(indent + 2..indent + 3, "-");
                    }
                }
            }
            nested => {
                out.push(format!("{:indent$}{name}", ""));
                write_details(nested, indent + 2, out);
            }
        }
    }
}

/// Says nothing, nor does anything in it.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

/// Fits on the line of its name.
fn is_short(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.trim_end().contains('\n'),
        Value::Object(_) => false,
        Value::Array(items) => {
            items.iter().all(|item| !item.is_object() || (item.get("open").is_some() && item.get("close").is_some()))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_aligned_and_cells_cannot_steer_the_terminal() {
        let rows = [json!({ "name": "Salón Aurora", "on": true }), json!({ "name": "a\u{1b}[31m\nb", "on": false })];
        let columns: [Column; 2] = [("NAME", |r| text(&r["name"])), ("ON", |r| text(&r["on"]))];
        assert_eq!(table(&rows, &columns), ["NAME          ON", "Salón Aurora  yes", "a [31m b      no"]);
        assert_eq!(when(&json!("2026-11-21T08:15:00.000Z")), "2026-11-21 08:15");
    }

    #[test]
    fn details_are_indented_and_leave_out_what_is_empty() {
        let value = json!({
            "id": "agt_1", "prompt": "Hi\nthere", "none": null, "settings": { "limit": null }, "tools": ["a", "b"],
            "hours": { "monday": [{ "open": "09:00", "close": "12:00" }] }, "services": [{ "name": "Cut", "price": "$1 COP" }],
        });
        let mut lines = Vec::new();
        write_details(&value, 0, &mut lines);
        let said = lines.join("\n");
        for part in [
            "id     agt_1",
            "tools  a, b",
            "prompt\n  Hi\n  there",
            "hours\n  monday  09:00-12:00",
            "services\n  - name   Cut\n    price  $1 COP",
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(said.starts_with("id"), "{said}");
        assert!(!said.contains("none") && !said.contains("settings"), "{said}");
    }
}
