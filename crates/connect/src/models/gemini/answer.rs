//! From chunks, or from a whole answer, to what the model said.

use std::{collections::HashSet, ops::ControlFlow};

use frontdesk_kernel::{
    ConnectorError,
    ports::model::{Completion, Finish, Sink, ToolCall, Usage},
};
use serde_json::{Map, Value, json};

use super::{
    errors,
    wire::{Chunk, UsageIn},
};
use crate::models::{arguments, call::Call, sse::Event, stream::Ended};

type Part = Map<String, Value>;

/// An answer as far as it has arrived.
pub(super) struct Answer<'a> {
    call: Call<'a>,
    max_bytes: usize,
    bytes: usize,
    /// The model's turn, to be sent back unchanged.
    parts: Vec<Part>,
    text: String,
    usage: Usage,
    model: Option<String>,
    finish: Option<String>,
    /// The prompt was refused: there will be no candidate.
    blocked: bool,
}

impl<'a> Answer<'a> {
    pub(super) fn new(call: Call<'a>, max_bytes: usize) -> Self {
        Answer {
            call,
            max_bytes,
            bytes: 0,
            parts: Vec::new(),
            text: String::new(),
            usage: Usage::default(),
            model: None,
            finish: None,
            blocked: false,
        }
    }

    pub(super) fn event(&mut self, event: &Event, sink: &mut dyn Sink) -> Result<ControlFlow<()>, ConnectorError> {
        if !event.data.trim().is_empty() {
            self.whole(event.data.as_bytes(), sink)?;
        }
        // The end of the body is the vendor's only end mark; usage may follow the finish reason.
        Ok(ControlFlow::Continue(()))
    }

    pub(super) fn whole(&mut self, body: &[u8], sink: &mut dyn Sink) -> Result<(), ConnectorError> {
        let chunk: Chunk = serde_json::from_slice(body).map_err(|e| self.call.unreadable("the answer is not a chunk", &e))?;
        if let Some(error) = &chunk.error {
            return Err(errors::refused_inside(self.call, error));
        }
        if let Some(usage) = chunk.usage_metadata {
            self.usage = read_usage(&usage);
        }
        self.model = chunk.model_version.filter(|model| !model.is_empty()).or(self.model.take());
        self.blocked |= chunk.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some());
        for candidate in chunk.candidates.into_iter().flatten().filter(|candidate| candidate.index.unwrap_or(0) == 0) {
            for part in candidate.content.and_then(|content| content.parts).into_iter().flatten() {
                self.take_part(part, sink)?;
            }
            if let Some(reason) = candidate.finish_reason {
                self.finish = Some(reason);
            }
        }
        Ok(())
    }

    pub(super) fn complete(self, ended: Ended, asked: &str) -> Result<Completion, ConnectorError> {
        let finish = match self.finish.as_deref() {
            None if self.blocked => Finish::Refused,
            None => {
                return Err(match ended {
                    Ended::Cut(error) => self.call.transport(error),
                    Ended::Orderly => self.call.malformed("the stream ended without a finish reason"),
                });
            }
            Some("STOP") => Finish::Stop,
            Some("MAX_TOKENS") => Finish::Length,
            Some(reason) if BROKEN.contains(&reason) => {
                let error = self.call.malformed("the model did not finish its answer in good order");
                return Err(error.with_code(reason));
            }
            // All others are the vendor's filters, and new ones appear.
            Some(_) => Finish::Refused,
        };
        let calls = match finish {
            Finish::Refused => Vec::new(),
            _ => tool_calls(&self.parts, finish == Finish::Length),
        };
        Ok(Completion {
            // The model's own refusals end with `STOP`: what stands before a filter's is half an answer.
            text: (finish != Finish::Refused && !self.text.is_empty()).then_some(self.text),
            finish: if finish == Finish::Stop && !calls.is_empty() { Finish::ToolCalls } else { finish },
            calls,
            usage: self.usage,
            model: self.model.unwrap_or_else(|| asked.to_owned()),
            raw: (finish != Finish::Refused && !self.parts.is_empty()).then(|| json!({ "role": "model", "parts": self.parts })),
        })
    }

    fn take_part(&mut self, part: Part, sink: &mut dyn Sink) -> Result<(), ConnectorError> {
        let said = part.get("text").and_then(Value::as_str);
        match said {
            Some(text) => {
                self.bytes += text.len();
                if !is_thought(&part) && !text.is_empty() {
                    sink.text(text);
                    self.text.push_str(text);
                }
            }
            None => self.bytes += part.values().map(|value| value.to_string().len()).sum::<usize>(),
        }
        if self.bytes > self.max_bytes {
            return Err(self.call.too_large(self.max_bytes));
        }
        match (self.parts.last_mut().and_then(|last| open_text(last, is_thought(&part))), said) {
            (Some(Value::String(before)), Some(text)) if is_plain(&part) => before.push_str(text),
            _ => self.parts.push(part),
        }
        Ok(())
    }
}

/// Finish reasons after which the same question may well get a good answer.
const BROKEN: [&str; 7] = [
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "MALFORMED_RESPONSE",
    "OTHER",
    "FINISH_REASON_UNSPECIFIED",
];

/// The model's reasoning, which is not for the contact.
fn is_thought(part: &Part) -> bool {
    part.get("thought").and_then(Value::as_bool).unwrap_or(false)
}

/// Text and nothing that belongs to exactly this part, such as a signature.
fn is_plain(part: &Part) -> bool {
    part.contains_key("text") && part.keys().all(|key| key == "text" || key == "thought")
}

/// The text of a part that the next piece may continue.
fn open_text(part: &mut Part, thought: bool) -> Option<&mut Value> {
    if is_plain(part) && is_thought(part) == thought { part.get_mut("text") } else { None }
}

fn tool_calls(parts: &[Part], cut_off: bool) -> Vec<ToolCall> {
    let mut taken = HashSet::new();
    let calls = parts.iter().filter_map(|part| part.get("functionCall"));
    let read = calls.enumerate().map(|(i, call)| {
        let text = |name: &str| call.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let mut id = text("id").map_or_else(|| format!("call_{i}"), str::to_owned);
        while !taken.insert(id.clone()) {
            id.push_str("_2");
        }
        let arguments = match (call.get("args"), text("name")) {
            _ if cut_off => Err(arguments::CUT_OFF.to_owned()),
            (_, None) => Err("the call names no tool".to_owned()),
            (None | Some(Value::Null), _) => Ok(Value::Object(Map::new())),
            (Some(args), _) => arguments::admit(args.clone()),
        };
        arguments::tool_call(id, text("name").unwrap_or("unnamed").to_owned(), arguments)
    });
    read.collect()
}

fn read_usage(usage: &UsageIn) -> Usage {
    let count = |n: Option<f64>| n.unwrap_or(0.0) as u64;
    Usage {
        input: count(usage.prompt_token_count),
        cached: count(usage.cached_content_token_count),
        output: count(usage.candidates_token_count) + count(usage.thoughts_token_count),
        cost_micros: None,
    }
}
