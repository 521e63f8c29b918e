//! Reads `frontdesk.toml`: known keys become values with their line, unknown ones problems.

use std::path::Path;

use toml::{
    Table, Value,
    de::{DeTable, DeValue},
};

use super::{
    keys::{KEYS, is_secret, is_section, join, meant},
    problems::Problem,
    secret_file::ReadSecret,
    values::Values,
};

pub(super) fn apply(path: &Path, text: &str, read_secret: ReadSecret, values: &mut Values) {
    let file = File { path, text, read_secret };
    let (lines, errors) = DeTable::parse_recoverable(text);
    match text.parse::<Table>() {
        Ok(table) if errors.is_empty() => file.section("", lines.get_ref(), table, values),
        _ => values.problems.extend(errors.iter().map(|e| {
            let place = file.place(e.span().map_or(0, |span| span.start));
            Problem::new(place, format!("this is not TOML: {}", e.message()), "correct the line")
        })),
    }
}

struct File<'f> {
    path: &'f Path,
    text: &'f str,
    read_secret: ReadSecret,
}

impl File<'_> {
    fn section(&self, prefix: &str, lines: &DeTable<'_>, table: Table, values: &mut Values) {
        for (name, value) in table {
            let found = lines.get_key_value(name.as_str());
            let place = self.place(found.map_or(0, |(key, _)| key.span().start));
            let key = join(prefix, &name);
            let secret = key.strip_suffix("_file").filter(|key| is_secret(key));
            match (value, found.map(|(_, value)| value.get_ref())) {
                (value, _) if KEYS.contains_key(&key) => values.set(&key, value, &place),
                (Value::String(path), _) if secret.is_some() => {
                    super::secret_file::apply(secret.unwrap_or_default(), &path, &place, self.read_secret, values);
                }
                (Value::Table(inner), Some(DeValue::Table(lines))) if is_section(&key) => {
                    self.section(&key, lines, inner, values);
                }
                _ if is_section(&key) => {
                    values.problems.push(Problem::new(place, format!("`{key}` is a section"), format!("write [{key}]")));
                }
                _ => values.problems.push(unknown(&place, &key)),
            }
        }
    }

    fn place(&self, offset: usize) -> String {
        let line = 1 + self.text.bytes().take(offset).filter(|b| *b == b'\n').count();
        format!("{}:{line}", self.path.display())
    }
}

fn unknown(place: &str, key: &str) -> Problem {
    let fix = match meant(key) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "remove it; config.default.toml lists every setting".to_owned(),
    };
    Problem::new(place, format!("there is no setting `{key}`"), fix)
}

#[cfg(test)]
mod tests {
    use super::{
        super::secret_file::{self, SecretFile},
        *,
    };

    fn problems(text: &str) -> Vec<String> {
        let mut values = Values::defaults();
        apply(Path::new("frontdesk.toml"), text, secret_file::read, &mut values);
        values.problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_wrong_line_is_named_with_its_number_and_a_way_out() {
        for (text, problem) in [
            (
                "\n[turns]\nburst_wait = 3",
                "frontdesk.toml:3: there is no setting `turns.burst_wait`; did you mean `turns.burst_wait_ms`?",
            ),
            ("[turn]\nhistory_limit = 3", "frontdesk.toml:1: there is no setting `turn`; did you mean `turns`?"),
            ("[zoo]\n", "frontdesk.toml:1: there is no setting `zoo`; remove it; config.default.toml lists every setting"),
            (
                "OPENAI_API_KEY = 'x'",
                "frontdesk.toml:1: there is no setting `OPENAI_API_KEY`; did you mean `models.openai.api_key`?",
            ),
            ("server = 3", "frontdesk.toml:1: `server` is a section; write [server]"),
            (
                "[turns]\n\nhistory_limit = 'ten'",
                "frontdesk.toml:3: `turns.history_limit` cannot be `\"ten\"`; write a whole number",
            ),
            ("[whatsapp]\nmock_mode = 'yes'", "frontdesk.toml:2: `whatsapp.mock_mode` cannot be `\"yes\"`; write true or false"),
            ("models.openai.api_key = 42", "frontdesk.toml:1: `models.openai.api_key` cannot be integer; write a text"),
            (
                "[models]\nfallback = 'gemini'",
                "frontdesk.toml:2: `models.fallback` cannot be `\"gemini\"`; write a list of texts",
            ),
        ] {
            assert_eq!(problems(text), [problem]);
        }
    }

    #[test]
    fn a_file_that_is_not_toml_says_where() {
        for (text, start) in [("a = 1\nb = [", "frontdesk.toml:2: this is not TOML: "), ("x = 1\nx = 2", "frontdesk.toml:2: ")] {
            let found = problems(text);
            assert!(found.first().is_some_and(|p| p.starts_with(start)), "{found:?}");
        }
    }

    #[test]
    fn known_keys_are_taken_with_their_line() {
        let mut values = Values::defaults();
        let text = "data_dir = '/srv'\nmodels.prices.'gpt-4.1' = { input = 1, output = 2 }\n[turns]\nburst_wait_ms = 0\n";
        apply(Path::new("f.toml"), text, secret_file::read, &mut values);
        assert_eq!(values.problems, []);
        assert_eq!((values.text("data_dir"), values.place("data_dir")), ("/srv", Some("f.toml:1")));
        assert_eq!(
            (values.value("turns.burst_wait_ms"), values.place("turns.burst_wait_ms")),
            (&Value::from(0), Some("f.toml:4"))
        );
        assert_eq!(values.value("models.prices")["gpt-4.1"]["output"], Value::from(2));
    }

    #[test]
    fn a_secret_may_lie_in_a_file_of_its_own_and_nothing_else_may() {
        let mut values = Values::defaults();
        let read: ReadSecret = |path| Ok(SecretFile { text: format!("{}\n", path.display()), open_to_others: false });
        apply(Path::new("f.toml"), "[whatsapp]\naccess_token_file = '/run/token'\nversion_file = '/x'", read, &mut values);
        assert_eq!(values.text("whatsapp.access_token"), "/run/token");
        let problems: Vec<_> = values.problems.iter().map(Problem::to_string).collect();
        assert_eq!(problems, ["f.toml:3: there is no setting `whatsapp.version_file`; did you mean `whatsapp.version`?"]);
    }
}
