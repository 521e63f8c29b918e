//! The system prompt: the agent's own words, then the moment and the customer, then the business, each part made on its own.

mod builtin;
mod context;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod palette;
mod plain;
mod sample;
mod sandbox;
mod scripts;
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
    ports::scripts::{Outcome, Scripts},
    tenant::Tenant,
};

pub(crate) use self::plain::hides;
use self::sandbox::Compiled;
pub use self::{
    palette::{Variable, palette},
    sandbox::Fault,
};

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
type Attempt = Result<Compiled, Fault>;

/// The parts of a prompt, for whoever writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The agent's own words.
    pub own: String,
    /// The moment, the business in a few lines, and the customer.
    pub moment: String,
    pub business: String,
    /// With the part that they are in: `prompt`, `moment` or `business`.
    pub faults: Vec<(&'static str, Fault)>,
}

impl Prompts {
    /// The prompt for one turn; an empty template is the built-in prompt. What is broken is replaced by its plain form and reported.
    pub async fn render(&self, scripts: &dyn Scripts, template: &str, ctx: &PromptContext<'_>) -> Rendered {
        let outcomes = match self.job(template, ctx) {
            Some(job) => scripts.run(&job).await,
            None => Vec::new(),
        };
        self.render_with(template, ctx, outcomes)
    }

    fn parts(&self, template: &str, ctx: &PromptContext<'_>, outcomes: Vec<Outcome>) -> Parts {
        let (mut of_business, mut of_moment, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        let sections = sections::write(ctx, &mut of_business);
        let own = if template.trim().is_empty() {
            builtin::prompt(ctx)
        } else {
            let (texts, of_programs) = self.texts(template, outcomes);
            faults.extend(of_programs.into_iter().map(|fault| ("script", fault)));
            self.own_words(template, ctx, &sections, texts).unwrap_or_else(|fault| {
                faults.push(("prompt", fault));
                builtin::prompt(ctx)
            })
        };
        let mut moment = String::new();
        context::write(&mut moment, ctx, &mut of_moment);
        faults.extend(of_business.into_iter().map(|problem| ("business", Fault::anywhere(problem))));
        faults.extend(of_moment.into_iter().map(|problem| ("moment", Fault::anywhere(problem))));
        Parts { own, moment, business: sections.joined(), faults }
    }

    fn own_words(
        &self,
        template: &str,
        ctx: &PromptContext<'_>,
        sections: &sections::Sections,
        texts: Vec<String>,
    ) -> Result<String, Fault> {
        match self.compiled(template).as_ref() {
            Ok(compiled) => compiled.render(scripts::with_outcomes(variables::of(ctx, sections), texts)),
            Err(fault) => Err(fault.clone()),
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

impl Parts {
    fn rendered(self) -> Rendered {
        let told = |(part, fault): &(&str, Fault)| match *part {
            "prompt" => format!("prompt: {fault}; the built-in prompt was used"),
            "script" => format!("prompt: {fault}; its place was left empty"),
            _ => fault.to_string(),
        };
        let problems = self.faults.iter().map(told).collect();
        Rendered { text: [self.own, self.moment, self.business].join(DIVIDER), problems }
    }
}

/// Renders once, without remembering the template.
pub async fn render(scripts: &dyn Scripts, template: &str, ctx: &PromptContext<'_>) -> Rendered {
    Prompts::default().render(scripts, template, ctx).await
}

/// A prompt in its parts, for whoever writes it; also names that do not exist are faults here.
pub async fn preview(scripts: &dyn Scripts, template: &str, ctx: &PromptContext<'_>) -> Parts {
    let prompts = Prompts::default();
    let outcomes = match prompts.job(template, ctx) {
        Some(job) => scripts.run(&job).await,
        None => Vec::new(),
    };
    let mut parts = prompts.parts(template, ctx, outcomes);
    for (part, _) in &mut parts.faults {
        // For a reader, a program is a part of the prompt.
        if *part == "script" {
            *part = "prompt";
        }
    }
    if parts.faults.iter().all(|(part, _)| *part != "prompt")
        && let Err(fault) = validate(template)
    {
        parts.faults.push(("prompt", fault));
    }
    parts
}

/// May this template be published? Renders it for a made-up business and refuses names that do not exist.
pub fn validate(template: &str) -> Result<(), Fault> {
    if template.trim().is_empty() {
        return Ok(());
    }
    let compiled = Compiled::of(template)?;
    for language in ["es-CO", "en-US"] {
        sample::with_sample(language, |ctx| {
            let sections = sections::write(ctx, &mut Vec::new());
            let variables = variables::of(ctx, &sections);
            let variables = scripts::with_outcomes(variables, compiled.programs.iter().map(|_| "…".to_owned()).collect());
            let unknown = compiled.unknown_names(&variables);
            let Some((_, place)) = unknown.first() else { return compiled.render(variables).map(drop) };
            let names = unknown.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            let problem = format!("there is no {names}; there are {}", variables::NAMES.join(", "));
            Err(place.map_or_else(|| Fault::anywhere(problem.clone()), |at| Fault::at(template, at, problem.clone())))
        })?;
    }
    Ok(())
}

/// Do the programs of a template run? For the made-up business, in both of its languages. A server that cannot run any says so.
pub async fn run_programs(scripts: &dyn Scripts, template: &str) -> Result<(), Fault> {
    let prompts = Prompts::default();
    for language in ["es-CO", "en-US"] {
        let Some(job) = sample::with_sample(language, |ctx| prompts.job(template, ctx)) else { return Ok(()) };
        let (_, faults) = prompts.texts(template, scripts.run(&job).await);
        if let Some(fault) = faults.into_iter().next() {
            return Err(fault);
        }
    }
    Ok(())
}
