//! Programs inside a prompt: `{{ js: contact.name.toUpperCase() }}`. They are taken out before the template is compiled and run elsewhere,
//! behind `Scripts`; what they come to is put in as text, never as template.

use std::sync::Arc;

use frontdesk_kernel::ports::scripts::{Job, Outcome, ScriptFault};
use minijinja::{Value, context};

use super::{
    PromptContext, Prompts, Rendered,
    sandbox::{Fault, code_of},
    sections, variables,
};

/// How a program begins inside `{{ }}`.
const MARK: &str = "js:";
const MOST: usize = 20;
/// Of what one program puts into the prompt.
const LONGEST: usize = 4_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) code: String,
    /// The line of the template that it begins in, from 1.
    pub(super) line: usize,
}

/// The template with a place for each program's outcome, of the same lines, and the programs.
pub(super) fn take_out(template: &str) -> Result<(String, Vec<Program>), Fault> {
    let (mut rest, mut programs, mut from) = (String::with_capacity(template.len()), Vec::new(), 0);
    for place in code_of(template) {
        let code = &template[place.clone()];
        let Some(program) = code.trim_start_matches('-').trim_start().strip_prefix(MARK) else { continue };
        if !template[..place.start].ends_with("{{") {
            return Err(Fault::at(template, place.start, "programs stand in `{{ js: … }}`"));
        }
        if programs.len() == MOST {
            return Err(Fault::at(template, place.start, format!("more than {MOST} programs")));
        }
        let start = place.end - program.len();
        let program = program.strip_suffix('-').unwrap_or(program);
        rest.push_str(&template[from..place.start]);
        if code.starts_with('-') {
            rest.push('-');
        }
        rest.push_str(&format!(" js[{}] ", programs.len()));
        rest.extend(code.chars().filter(|c| *c == '\n'));
        if code.ends_with('-') {
            rest.push('-');
        }
        let line = template[..start].matches('\n').count() + 1;
        programs.push(Program { code: program.to_owned(), line });
        from = place.end;
    }
    rest.push_str(&template[from..]);
    Ok((rest, programs))
}

/// `variables` and what the programs came to, as the template names it.
pub(super) fn with_outcomes(variables: Value, texts: Vec<String>) -> Value {
    if texts.is_empty() {
        variables
    } else {
        context! { js => texts, ..variables }
    }
}

impl Prompts {
    /// What has to be run before a template can be rendered; `None`: nothing.
    pub(super) fn job(&self, template: &str, ctx: &PromptContext<'_>) -> Option<Job> {
        let compiled = self.compiled(template);
        let programs = &compiled.as_ref().as_ref().ok()?.programs;
        if programs.is_empty() {
            return None;
        }
        let sections = sections::write(ctx, &mut Vec::new());
        let globals = serde_json::to_value(variables::of(ctx, &sections)).unwrap_or_default();
        Some(Job { programs: programs.iter().map(|p| p.code.clone()).collect(), globals, now: ctx.now })
    }

    /// The texts to put in, and what went wrong. What did not work leaves its place empty.
    pub(super) fn texts(&self, template: &str, outcomes: Vec<Outcome>) -> (Vec<String>, Vec<Fault>) {
        let compiled: Arc<_> = self.compiled(template);
        let programs = compiled.as_ref().as_ref().map_or(&[][..], |c| &c.programs);
        let (mut texts, mut faults) = (Vec::new(), Vec::new());
        let missing = std::iter::repeat_with(|| Err(ScriptFault::Unavailable("it was not run".into())));
        for (program, outcome) in programs.iter().zip(outcomes.into_iter().chain(missing)) {
            texts.push(match outcome {
                Ok(text) => text.chars().take(LONGEST).collect(),
                Err(fault) => {
                    let line = match &fault {
                        ScriptFault::Wrong { line, .. } => program.line + line.unwrap_or(1) - 1,
                        ScriptFault::Unavailable(_) => program.line,
                    };
                    faults.push(Fault { line: Some(line), ..Fault::anywhere(fault.to_string()) });
                    String::new()
                }
            });
        }
        (texts, faults)
    }

    /// As `render`, with the outcomes of its job.
    pub(super) fn render_with(&self, template: &str, ctx: &PromptContext<'_>, outcomes: Vec<Outcome>) -> Rendered {
        let parts = self.parts(template, ctx, outcomes);
        parts.rendered()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_taken_out_and_everything_else_stays_where_it_is() {
        let template =
            "Hi {{ contact.name }},\n{{ js: [1, 2]\n  .map(n => n + 1).join() }} and\n{{- js: '}}' -}}\n{{ business.name }}";
        let (rest, programs) = take_out(template).unwrap();
        assert_eq!(rest, "Hi {{ contact.name }},\n{{ js[0] \n}} and\n{{- js[1] -}}\n{{ business.name }}");
        let programs: Vec<_> = programs.iter().map(|p| (p.code.trim(), p.line)).collect();
        assert_eq!(programs, [("[1, 2]\n  .map(n => n + 1).join()", 2), ("'}}'", 4)]);
        assert_eq!(take_out("{{ json }} {# js: 1 #} js: 2").unwrap().1, []);
        assert!(take_out("{% js: 1 %}").is_err());
        assert!(take_out(&"{{ js: 1 }}".repeat(MOST + 1)).is_err());
    }
}
