//! Templates of others, run within bounds of time, memory and output.
//!
//! The engine counts steps, but not bytes: `{% set b = a ~ a %}` forty times over would fill any memory in forty steps. So whatever can
//! make a value larger than its parts (joining texts, lists, captured blocks) is refused before the template is compiled.

use std::{fmt, io, ops::Range, sync::LazyLock};

use super::scripts::{self, Program};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, filters, value::Kwargs};

/// Of a template and of what it renders to.
const MAX_BYTES: usize = 64 * 1024;
const FUEL: u64 = 50_000;
const RECURSION: usize = 50;
const NAME: &str = "prompt";

const TAGS: &[&str] = &["if", "elif", "else", "endif", "for", "endfor", "set", "with", "endwith"];

static BOUNDS: LazyLock<Environment<'static>> = LazyLock::new(bounds);

/// What is wrong, and where in the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub problem: String,
    /// From 1.
    pub line: Option<usize>,
    /// In characters, from 1.
    pub column: Option<usize>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

impl Fault {
    pub(super) fn anywhere(problem: impl Into<String>) -> Fault {
        Fault { problem: problem.into(), line: None, column: None }
    }

    /// At a byte of the template.
    pub(super) fn at(template: &str, byte: usize, problem: impl Into<String>) -> Fault {
        let before = template.get(..byte).unwrap_or(template);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Fault { problem: problem.into(), line: Some(line), column: Some(column) }
    }
}

/// A template, ready to render as often as wanted.
#[derive(Debug)]
pub(super) struct Compiled {
    /// Holds exactly one template, `NAME`.
    env: Environment<'static>,
    /// What has to be run before it is rendered.
    pub(super) programs: Vec<Program>,
}

impl Compiled {
    pub(super) fn of(template: &str) -> Result<Compiled, Fault> {
        if template.len() > MAX_BYTES {
            return Err(Fault::anywhere(format!("longer than {} KiB", MAX_BYTES / 1024)));
        }
        let (template, programs) = scripts::take_out(template)?;
        refuse_growth(&template)?;
        let mut env = BOUNDS.clone();
        env.add_template_owned(NAME, template.clone()).map_err(|e| fault(&template, &e))?;
        Ok(Compiled { env, programs })
    }

    pub(super) fn render(&self, variables: Value) -> Result<String, Fault> {
        let template = self.env.get_template(NAME).map_err(|e| fault("", &e))?;
        let mut out = Bounded(Vec::new());
        template.render_captured_to(variables, &mut out).map_err(|e| fault(template.source(), &e))?;
        let text = String::from_utf8(out.0).map_err(|e| Fault::anywhere(e.to_string()))?;
        match text.trim() {
            "" => Err(Fault::anywhere("renders to nothing")),
            words => Ok(words.to_owned()),
        }
    }

    /// Names that the template uses and `variables` does not have, in order, with their place.
    pub(super) fn unknown_names(&self, variables: &Value) -> Vec<(String, Option<usize>)> {
        let Ok(template) = self.env.get_template(NAME) else { return Vec::new() };
        let names = template.undeclared_variables(true);
        let mut unknown: Vec<String> = names.into_iter().filter(|name| !is_known(variables, name)).collect();
        unknown.sort();
        unknown.into_iter().map(|name| (name.clone(), place_of(template.source(), &name))).collect()
    }
}

/// Where a name stands in the code of a template: there, not in its text, and not as a part of a longer name.
fn place_of(template: &str, name: &str) -> Option<usize> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.');
    code_of(template).into_iter().find_map(|code| {
        let inside = &template[code.clone()];
        inside
            .match_indices(name)
            .map(|(at, _)| at)
            .find(|at| {
                !is_part(inside[..*at].chars().next_back())
                    && !is_part(inside[at + name.len()..].chars().next().filter(|c| *c != '.'))
            })
            .map(|at| code.start + at)
    })
}

/// The places between `{{ }}` and `{% %}`.
pub(super) fn code_of(template: &str) -> Vec<Range<usize>> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some((open, kind)) = next_mark(&template[from..]) {
        let start = from + open + 2;
        let Some(length) = length_of(kind, &template[start..]) else { break };
        if kind != "{#" {
            found.push(start..start + length);
        }
        from = start + length + 2;
    }
    found
}

fn next_mark(rest: &str) -> Option<(usize, &'static str)> {
    ["{{", "{%", "{#"].into_iter().filter_map(|mark| rest.find(mark).map(|at| (at, mark))).min()
}

fn length_of(kind: &str, code: &str) -> Option<usize> {
    match kind {
        "{#" => code.find("#}"),
        "{%" => code_length(code, "%}"),
        _ => code_length(code, "}}"),
    }
}

fn bounds() -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(RECURSION);
    // Errors know their place without it; it would only keep more of the template in them.
    env.set_debug(false);
    env.add_filter("default", filters::default);
    env.add_filter("d", filters::default);
    env.add_filter("upper", filters::upper);
    env.add_filter("lower", filters::lower);
    env.add_filter("title", filters::title);
    env.add_filter("capitalize", filters::capitalize);
    env.add_filter("trim", filters::trim);
    env.add_filter("length", filters::length);
    env.add_filter("count", filters::length);
    env.add_filter("first", filters::first);
    env.add_filter("last", filters::last);
    env.add_filter("round", filters::round);
    env.add_filter("int", filters::int);
    env.add_filter("join", join);
    env.add_test("defined", minijinja::tests::is_defined);
    env.add_test("undefined", minijinja::tests::is_undefined);
    env.add_test("none", minijinja::tests::is_none);
    env
}

/// `staff | join(", ", attribute="name")`, no longer than a prompt may be.
fn join(list: Value, between: Option<String>, options: Kwargs) -> Result<String, Error> {
    let between = between.unwrap_or_default();
    let attribute: Option<String> = options.get("attribute")?;
    options.assert_all_used()?;
    let mut out = String::new();
    if list.is_undefined() || list.is_none() {
        return Ok(out);
    }
    for (i, item) in list.try_iter()?.enumerate() {
        if i > 0 {
            out.push_str(&between);
        }
        let item = match &attribute {
            Some(name) => item.get_attr(name)?,
            None => item,
        };
        match item.as_str() {
            Some(text) => out.push_str(text),
            None => out.push_str(&item.to_string()),
        }
        if out.len() > MAX_BYTES {
            return Err(Error::new(ErrorKind::InvalidOperation, "the joined text is too long"));
        }
    }
    Ok(out)
}

/// Collects output up to the limit.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_BYTES {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn fault(template: &str, error: &Error) -> Fault {
    let problem = match error.kind() {
        ErrorKind::OutOfFuel => "takes too many steps".to_owned(),
        ErrorKind::WriteFailure => format!("renders to more than {} KiB", MAX_BYTES / 1024),
        kind => match error.detail() {
            Some(detail) => format!("{kind}: {detail}"),
            None => kind.to_string(),
        },
    };
    let line = error.line().filter(|line| *line > 0);
    match error.range().filter(|range| range.start > 0 || range.end > 0) {
        Some(range) => Fault { line: line.or(Some(1)), ..Fault::at(template, range.start, problem) },
        None => Fault { line, ..Fault::anywhere(problem) },
    }
}

fn is_known(variables: &Value, name: &str) -> bool {
    let mut value = variables.clone();
    for part in name.split('.') {
        // A map without members is one whose members differ from case to case (`contact.facts`).
        if value.len() == Some(0) {
            return true;
        }
        match value.get_attr(part) {
            Ok(next) if !next.is_undefined() => value = next,
            _ => return false,
        }
    }
    true
}

/// Walks over the code between `{{ }}` and `{% %}` and allows only what cannot grow. What has no end is a syntax error: the compiler
/// says it better.
fn refuse_growth(template: &str) -> Result<(), Fault> {
    for place in code_of(template) {
        let code = &template[place.clone()];
        let is_tag = template[..place.start].ends_with("{%");
        let code = code.trim_matches(['-', '+']);
        let tag = is_tag.then(|| code.split_whitespace().next().unwrap_or_default());
        check_code(code, tag).map_err(|what| Fault::at(template, place.start - 2, what))?;
    }
    Ok(())
}

/// Up to the end mark that is not inside a quoted text.
fn code_length(code: &str, end: &str) -> Option<usize> {
    let mut quote = None;
    let mut chars = code.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            Some(_) if c == '\\' => {
                chars.next();
            }
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if code[at..].starts_with(end) => return Some(at),
            None => {}
        }
    }
    None
}

fn check_code(code: &str, tag: Option<&str>) -> Result<(), String> {
    if let Some(tag) = tag {
        if !TAGS.contains(&tag) {
            return Err(format!("`{{% {tag} %}}` is not available in prompts; there are {}", TAGS.join(", ")));
        }
        if tag == "set" && !code.contains('=') {
            return Err("`{% set %}` needs a value: `{% set name = value %}`".to_owned());
        }
    }
    let is_call = |before: Option<char>| before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_indexed = |before: Option<char>| is_call(before) || matches!(before, Some(')' | ']'));
    // In `for day, hours in …` the commas before `in` name things.
    let mut naming = tag == Some("for");
    let (mut brackets, mut quote, mut before) = (Vec::new(), None, None);
    let mut chars = code.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '~' | '+' | '*') => return Err(format!("`{c}` is not available in prompts: write texts one after the other")),
            (None, '{' | '}') => return Err("prompts cannot make maps of their own".to_owned()),
            (None, '[') if !is_indexed(before) => return Err("prompts cannot make lists of their own".to_owned()),
            (None, '(') => brackets.push(if is_call(before) { '(' } else { ' ' }),
            (None, '[') => brackets.push('['),
            (None, ')' | ']') => {
                brackets.pop();
            }
            (None, ',') if !naming && brackets.last() != Some(&'(') => {
                return Err("prompts cannot make lists of their own".to_owned());
            }
            (None, ' ') if code[at..].starts_with(" in ") => naming = false,
            (None, _) => {}
        }
        before = Some(c);
    }
    Ok(())
}
