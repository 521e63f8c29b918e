//! Licences as SPDX expressions: is there a choice that we allow?

use std::{collections::BTreeSet, iter::Peekable, str::SplitWhitespace};

use anyhow::{Context, Result};

/// The list of `deny.toml`, which holds for both checks.
pub(super) fn allowed(deny: &toml::Table) -> Result<Vec<String>> {
    let list = deny.get("licenses").and_then(|table| table.get("allow")).and_then(toml::Value::as_array);
    let list = list.context("deny.toml has no list `licenses.allow`")?;
    Ok(list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
}

/// The older way to write a choice, with a stroke, as an expression.
pub(super) fn spdx(text: &str) -> String {
    text.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

/// Of `A OR B` one must be allowed, of `A AND B` both. What cannot be read is not.
pub(super) fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let mut reader = Reader { words: spaced.split_whitespace().peekable(), allowed };
    reader.choice() == Some(true) && reader.words.next().is_none()
}

struct Reader<'a> {
    words: Peekable<SplitWhitespace<'a>>,
    allowed: &'a BTreeSet<&'a str>,
}

impl Reader<'_> {
    fn choice(&mut self) -> Option<bool> {
        let mut any = self.all()?;
        while self.words.next_if_eq(&"OR").is_some() {
            any |= self.all()?;
        }
        Some(any)
    }

    fn all(&mut self) -> Option<bool> {
        let mut all = self.one()?;
        while self.words.next_if_eq(&"AND").is_some() {
            all &= self.one()?;
        }
        Some(all)
    }

    fn one(&mut self) -> Option<bool> {
        match self.words.next()? {
            "(" => {
                let inside = self.choice()?;
                self.words.next_if_eq(&")").map(|_| inside)
            }
            ")" | "OR" | "AND" | "WITH" => None,
            name if self.words.next_if_eq(&"WITH").is_some() => {
                let exception = self.words.next()?;
                Some(self.allowed.contains(format!("{name} WITH {exception}").as_str()))
            }
            name => Some(self.allowed.contains(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_choice_one_is_enough_and_of_a_sum_all_are_needed() {
        let allowed = BTreeSet::from(["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]);
        for (expression, is) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("MIT AND ISC", true),
            ("MIT AND GPL-3.0", false),
            ("ISC AND (GPL-3.0 OR MIT)", true),
            ("(GPL-3.0 AND MIT) OR ISC", true),
            ("GPL-3.0 OR MIT AND GPL-2.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("Apache-2.0", false),
            ("MIT WITH LLVM-exception", false),
            ("mit", false),
            ("", false),
            ("MIT MIT", false),
            ("(MIT", false),
            ("MIT)", false),
            ("MIT OR", false),
            ("OR MIT", false),
            ("MIT WITH", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), is, "{expression}");
        }
    }

    #[test]
    fn a_stroke_is_a_choice() {
        assert_eq!(spdx("MIT/Apache-2.0"), "MIT OR Apache-2.0");
        assert_eq!(spdx("Apache-2.0 / MIT"), "Apache-2.0 OR MIT");
        assert_eq!(spdx("MIT OR ISC"), "MIT OR ISC");
    }
}
