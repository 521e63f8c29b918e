//! From chunks, or from a whole completion, to what the model said.

use std::{collections::HashSet, ops::ControlFlow};

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    ports::model::{Completion, Finish, Sink, ToolCall, Usage},
};
use serde_json::value::RawValue;

use super::{
    errors,
    wire::{CallDelta, Choice, Chunk, Delta, PartIn, Text, UsageIn},
};
use crate::models::{arguments, call::Call, sse::Event, stream::Ended};

/// An answer as far as it has arrived.
pub(super) struct Answer<'a> {
    call: Call<'a>,
    max_bytes: usize,
    bytes: usize,
    text: String,
    refusal: String,
    drafts: Vec<Draft>,
    usage: Usage,
    model: Option<String>,
    any_choice: bool,
    finish: Option<String>,
    /// The vendor said that nothing comes any more.
    done: bool,
}

/// A tool call that is being written.
#[derive(Default)]
struct Draft {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

/// More calls than any turn may make; a limit on the work of sorting their pieces.
const MAX_CALLS: usize = 128;

impl<'a> Answer<'a> {
    pub(super) fn new(call: Call<'a>, max_bytes: usize) -> Self {
        Answer {
            call,
            max_bytes,
            bytes: 0,
            text: String::new(),
            refusal: String::new(),
            drafts: Vec::new(),
            usage: Usage::default(),
            model: None,
            any_choice: false,
            finish: None,
            done: false,
        }
    }

    pub(super) fn event(&mut self, event: &Event, sink: &mut dyn Sink) -> Result<ControlFlow<()>, ConnectorError> {
        match event.data.trim() {
            "" => Ok(ControlFlow::Continue(())),
            "[DONE]" => {
                self.done = true;
                Ok(ControlFlow::Break(()))
            }
            data => {
                let chunk = serde_json::from_str(data).map_err(|e| self.call.unreadable("an event is not a chunk", &e))?;
                self.take(chunk, sink)?;
                Ok(ControlFlow::Continue(()))
            }
        }
    }

    /// A server that does not stream sends the completion in one piece.
    pub(super) fn whole(&mut self, body: &[u8], sink: &mut dyn Sink) -> Result<(), ConnectorError> {
        let chunk = serde_json::from_slice(body).map_err(|e| self.call.unreadable("the body is not a completion", &e))?;
        self.take(chunk, sink)?;
        self.done = true;
        Ok(())
    }

    pub(super) fn complete(self, ended: Ended, asked: &str) -> Result<Completion, ConnectorError> {
        if !self.done && self.finish.is_none() {
            return Err(match ended {
                Ended::Cut(error) => self.call.transport(error),
                Ended::Orderly => self.call.malformed("the stream ended without `[DONE]` and without a finish reason"),
            });
        }
        if !self.any_choice {
            return Err(self.call.malformed("the answer holds no choice"));
        }
        let mut finish = match self.finish.as_deref() {
            // Mistral's `model_length`: the model's own context is full.
            Some("length" | "max_tokens" | "model_length") => Finish::Length,
            Some("content_filter" | "refusal") => Finish::Refused,
            // The last two are vLLM's: its engine stopped, or the model went round in circles.
            Some(reason @ ("error" | "insufficient_system_resource" | "abort" | "repetition")) => {
                let error = self.call.error(ErrorKind::Unavailable, Retry::Later, "the vendor broke off the answer");
                return Err(error.with_code(reason));
            }
            _ if !self.refusal.is_empty() => Finish::Refused,
            _ => Finish::Stop,
        };
        let calls = match finish {
            Finish::Refused => Vec::new(),
            _ => tool_calls(self.drafts, finish == Finish::Length),
        };
        if finish == Finish::Stop && !calls.is_empty() {
            finish = Finish::ToolCalls;
        }
        let text = if self.refusal.is_empty() { self.text } else { self.refusal };
        Ok(Completion {
            text: (!text.is_empty()).then_some(text),
            calls,
            usage: self.usage,
            finish,
            model: self.model.unwrap_or_else(|| asked.to_owned()),
            raw: None,
        })
    }

    fn take(&mut self, chunk: Chunk<'_>, sink: &mut dyn Sink) -> Result<(), ConnectorError> {
        if let Some(error) = &chunk.error {
            return Err(errors::refused_inside(self.call, error));
        }
        if self.model.is_none() {
            self.model = chunk.model.filter(|model| !model.is_empty());
        }
        if let Some(usage) = chunk.usage {
            self.usage = read_usage(&usage);
        }
        for choice in chunk.choices.into_iter().flatten().filter(|choice| choice.index.unwrap_or(0) == 0) {
            self.take_choice(choice, sink)?;
        }
        Ok(())
    }

    fn take_choice(&mut self, choice: Choice<'_>, sink: &mut dyn Sink) -> Result<(), ConnectorError> {
        self.any_choice = true;
        for said in [choice.delta, choice.message].into_iter().flatten() {
            self.take_delta(said, sink)?;
        }
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
            self.finish = Some(reason);
        }
        Ok(())
    }

    fn take_delta(&mut self, said: Delta<'_>, sink: &mut dyn Sink) -> Result<(), ConnectorError> {
        if let Some(content) = said.content {
            let before = self.text.len();
            push_text(content, &mut self.text).map_err(|e| self.call.unreadable("content is neither text nor parts", &e))?;
            let delta = &self.text[before..];
            self.bytes += delta.len();
            if !delta.is_empty() {
                sink.text(delta);
            }
        }
        if let Some(refusal) = said.refusal {
            self.bytes += refusal.len();
            self.refusal.push_str(&refusal);
        }
        for call in said.tool_calls.into_iter().flatten() {
            self.take_call(call)?;
        }
        if self.bytes > self.max_bytes { Err(self.call.too_large(self.max_bytes)) } else { Ok(()) }
    }

    fn take_call(&mut self, piece: CallDelta<'_>) -> Result<(), ConnectorError> {
        let id = piece.id.unwrap_or_default();
        let (name, written) = piece.function.map_or((None, None), |f| (f.name, f.arguments));
        let name = name.unwrap_or_default();
        let mut text = String::new();
        if let Some(written) = written {
            push_arguments(written, &mut text)
                .map_err(|e| self.call.unreadable("the arguments of a tool call are not readable", &e))?;
        }
        self.bytes += id.len() + name.len() + text.len();

        let same = self.drafts.iter().rposition(|draft| piece.index.is_none() || draft.index == piece.index);
        let at = match same.filter(|&at| self.drafts[at].continues(&id, &name)) {
            Some(at) => at,
            None if self.drafts.len() == MAX_CALLS => {
                return Err(self.call.malformed(format!("the answer calls more than {MAX_CALLS} tools")));
            }
            None => {
                self.drafts.push(Draft { index: piece.index, ..Draft::default() });
                self.drafts.len() - 1
            }
        };
        let draft = &mut self.drafts[at];
        if draft.id.is_empty() {
            draft.id = id;
        }
        if draft.name.is_empty() {
            draft.name = name;
        }
        draft.arguments.push_str(&text);
        Ok(())
    }
}

impl Draft {
    /// Some servers number all parallel calls 0, or not at all: another id, or a name after the arguments, begins another call.
    fn continues(&self, id: &str, name: &str) -> bool {
        let another_id = !id.is_empty() && !self.id.is_empty() && id != self.id;
        let named_again = id.is_empty() && !name.is_empty() && !self.name.is_empty() && !self.arguments.is_empty();
        !another_id && !named_again
    }
}

/// Appends the text of a JSON string, or of an array of parts.
fn push_text(content: &RawValue, out: &mut String) -> serde_json::Result<()> {
    if content.get().starts_with('[') {
        let parts: Vec<PartIn> = serde_json::from_str(content.get())?;
        let texts = parts.into_iter().filter(|part| part.kind.as_deref().is_none_or(|kind| kind == "text"));
        out.extend(texts.filter_map(|part| part.text));
    } else {
        out.push_str(&serde_json::from_str::<Text<'_>>(content.get())?.0);
    }
    Ok(())
}

/// Appends a piece of the arguments' text; an object that came as such is its own text.
fn push_arguments(written: &RawValue, out: &mut String) -> serde_json::Result<()> {
    if written.get().starts_with('"') {
        out.push_str(&serde_json::from_str::<Text<'_>>(written.get())?.0);
    } else {
        out.push_str(written.get());
    }
    Ok(())
}

fn tool_calls(drafts: Vec<Draft>, cut_off: bool) -> Vec<ToolCall> {
    let mut taken = HashSet::new();
    let finished = drafts.into_iter().enumerate().map(|(i, draft)| {
        let id = if draft.id.is_empty() { format!("call_{}", draft.index.unwrap_or(i as u64)) } else { draft.id };
        let id = unique(id, &mut taken);
        let arguments = match draft.name.is_empty() {
            _ if cut_off => Err(arguments::CUT_OFF.to_owned()),
            true => Err("the call names no tool".to_owned()),
            false => arguments::parse(&draft.arguments),
        };
        let name = if draft.name.is_empty() { "unnamed".to_owned() } else { draft.name };
        arguments::tool_call(id, name, arguments)
    });
    finished.collect()
}

fn unique(id: String, taken: &mut HashSet<String>) -> String {
    let mut candidate = id.clone();
    let mut n = 1;
    while !taken.insert(candidate.clone()) {
        n += 1;
        candidate = format!("{id}_{n}");
    }
    candidate
}

fn read_usage(usage: &UsageIn) -> Usage {
    let count = |n: Option<f64>| n.unwrap_or(0.0) as u64;
    let details = usage.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens);
    Usage {
        input: count(usage.prompt_tokens),
        cached: count(details.or(usage.prompt_cache_hit_tokens)),
        output: count(usage.completion_tokens),
        cost_micros: usage.cost.map(|dollars| (dollars * 1e6).round() as i64),
    }
}
