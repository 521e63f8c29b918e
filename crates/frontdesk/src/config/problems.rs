//! What is wrong with the configuration, each in one line: where, what, how to fix it.

use std::fmt;

/// `place: what; fix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// `frontdesk.toml:12`, `PORT (environment)`, `--port` …
    pub(crate) place: String,
    /// Names the setting, never shows a secret.
    pub(crate) what: String,
    pub(crate) fix: String,
}

/// Reads like a problem but does not stop the start.
pub(crate) type Warning = Problem;

/// Why the program does not start: at least one problem. The binary prints it and exits with `EXIT_CODE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigError {
    first: Problem,
    more: Vec<Problem>,
}

impl Problem {
    pub(super) fn new(place: impl fmt::Display, what: impl fmt::Display, fix: impl fmt::Display) -> Self {
        Problem { place: one_line(place), what: one_line(what), fix: one_line(fix) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.what, self.fix)
    }
}

impl ConfigError {
    /// `EX_CONFIG` of sysexits.h.
    pub(crate) const EXIT_CODE: u8 = 78;

    /// Nothing wrong when there are no problems.
    pub(super) fn of(problems: Vec<Problem>) -> Result<(), ConfigError> {
        let mut problems = problems.into_iter();
        match problems.next() {
            Some(first) => Err(ConfigError { first, more: problems.collect() }),
            None => Ok(()),
        }
    }

    pub(crate) fn problems(&self) -> impl Iterator<Item = &Problem> {
        std::iter::once(&self.first).chain(&self.more)
    }
}

impl From<Problem> for ConfigError {
    fn from(first: Problem) -> Self {
        ConfigError { first, more: Vec::new() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        match self.more.len() {
            0 => Ok(()),
            more => write!(f, " (and {more} more: run `frontdesk doctor`)"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// A value as it may be shown in a message: in backquotes, one line, not too long.
pub(super) fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    let mut out = String::from("`");
    for c in value.chars().take(LONGEST) {
        if c.is_control() { out.extend(c.escape_debug()) } else { out.push(c) }
    }
    out.push_str(if value.chars().nth(LONGEST).is_some() { "…`" } else { "`" });
    out
}

fn one_line(text: impl fmt::Display) -> String {
    text.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_however_many_problems_it_has() {
        let problem = |what: &str| Problem::new("frontdesk.toml:3", what, "write\n another");
        assert_eq!(ConfigError::of(Vec::new()), Ok(()));
        let one = ConfigError::of(vec![problem("a\nb")]).unwrap_err();
        assert_eq!(one.to_string(), "frontdesk.toml:3: a b; write another");
        let three = ConfigError::of(vec![problem("a"), problem("b"), problem("c")]).unwrap_err();
        assert_eq!(three.to_string(), "frontdesk.toml:3: a; write another (and 2 more: run `frontdesk doctor`)");
        assert_eq!(three.problems().map(|p| p.what.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn a_shown_value_is_short_and_has_no_control_characters() {
        assert_eq!(shown("a\u{1b}[31m\n"), r"`a\u{1b}[31m\n`");
        assert_eq!(shown(&"é".repeat(100)), format!("`{}…`", "é".repeat(60)));
    }
}
