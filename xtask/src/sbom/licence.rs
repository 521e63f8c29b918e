//! Licences as SPDX expressions: is there a choice that we allow?

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use spdx::{Expression, ParseMode};

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

/// Exactly as SPDX writes them; names that it would not give any more are read, too.
const AS_WRITTEN: ParseMode = ParseMode { allow_deprecated: true, ..ParseMode::STRICT };

/// Of `A OR B` one must be allowed, of `A AND B` both. What cannot be read is not.
pub(super) fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let read = Expression::parse_mode(expression, AS_WRITTEN);
    read.is_ok_and(|read| read.evaluate(|wanted| allowed.contains(wanted.to_string().as_str())))
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
