//! The system prompt: the agent's own words, then the moment and the customer, then the business, each part made on its own.

mod builtin;
mod context;
mod plain;
mod sample;
mod sandbox;
pub(crate) mod sections;
#[cfg(test)]
mod tests;
mod variables;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use frontdesk_kernel::{
    Timestamp,
    booking::{Service, Staff},
    contact::Contact,
    tenant::Tenant,
};

use self::sandbox::Compiled;

/// Between the three parts.
const DIVIDER: &str = "\n\n---\n\n";

/// Templates that are kept compiled; beyond that the cache starts anew.
const KEPT: usize = 256;

/// What a prompt is made from.
#[derive(Debug, Clone, Copy)]
pub struct PromptContext<'a> {
    pub tenant: &'a Tenant,
    pub services: &'a [Service],
    pub staff: &'a [Staff],
    pub contact: &'a Contact,
    /// How the contact is reached on this channel.
    pub contact_address: &'a str,
    pub now: Timestamp,
    pub agent_name: &'a str,
    pub channel: &'static str,
}

/// A prompt that can always be used; `problems` are for staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub text: String,
    pub problems: Vec<String>,
}

/// Renders prompts and remembers compiled templates. One for the whole server: a template is only ever found by its full text.
#[derive(Debug, Default)]
pub struct Prompts {
    compiled: Mutex<HashMap<Arc<str>, Arc<Attempt>>>,
}

/// A template, or why it cannot be one.
type Attempt = Result<Compiled, String>;

impl Prompts {
    /// The prompt for one turn; an empty template is the built-in prompt. What is broken is replaced by its plain form and reported.
    pub fn render(&self, template: &str, ctx: &PromptContext<'_>) -> Rendered {
        let mut problems = Vec::new();
        let sections = sections::write(ctx, &mut problems);
        let mut text = match template.trim() {
            "" => builtin::prompt(ctx),
            template => self.own_words(template, ctx, &sections).unwrap_or_else(|problem| {
                problems.push(format!("prompt: {problem}; the built-in prompt was used"));
                builtin::prompt(ctx)
            }),
        };
        text.push_str(DIVIDER);
        context::write(&mut text, ctx, &mut problems);
        text.push_str(DIVIDER);
        text.push_str(&sections.joined());
        Rendered { text, problems }
    }

    fn own_words(&self, template: &str, ctx: &PromptContext<'_>, sections: &sections::Sections) -> Result<String, String> {
        match self.compiled(template).as_ref() {
            Ok(compiled) => compiled.render(variables::of(ctx, sections)),
            Err(problem) => Err(problem.clone()),
        }
    }

    fn compiled(&self, template: &str) -> Arc<Attempt> {
        // A panic while the lock was held cannot leave the map half-written.
        let lock = || self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(template) {
            return known.clone();
        }
        let fresh = Arc::new(Compiled::of(template));
        let mut kept = lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(template.into(), fresh.clone());
        fresh
    }
}

/// Renders once, without remembering the template.
pub fn render(template: &str, ctx: &PromptContext<'_>) -> Rendered {
    Prompts::default().render(template, ctx)
}

/// May this template be published? Renders it for a made-up business and refuses names that do not exist.
pub fn validate(template: &str) -> Result<(), String> {
    if template.trim().is_empty() {
        return Ok(());
    }
    let compiled = Compiled::of(template.trim())?;
    for language in ["es-CO", "en-US"] {
        sample::with_sample(language, |ctx| {
            let sections = sections::write(ctx, &mut Vec::new());
            let variables = variables::of(ctx, &sections);
            match compiled.unknown_names(&variables).as_slice() {
                [] => compiled.render(variables).map(drop),
                unknown => Err(format!("there is no {}; there are {}", unknown.join(", "), variables::NAMES.join(", "))),
            }
        })?;
    }
    Ok(())
}
