//! A model made of rules: no AI, no key, no network. It answers in Spanish and English and drives the same tools as any model.

mod briefing;
mod catalogue;
mod clock;
mod dates;
mod dialogue;
mod hand_over;
mod person;
mod say;
mod talk;
#[cfg(test)]
mod tests;
mod tongue;
mod understand;
mod vocabulary;
mod words;

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    language::Line,
    ports::{
        http::Http,
        model::{Completion, Content, Endpoint, Finish, Model, ModelAbout, ModelRequest, Sink, ToolCall, Turn, Usage},
    },
};

use self::{dialogue::Step, talk::Scene};

const VENDOR: &str = "scripted";

const ABOUT: ModelAbout =
    ModelAbout { key: VENDOR, name: "Scripted (rules, not an AI)", is_ai: false, images: false, transcription: false };

/// Everything it knows is in the request; it remembers nothing between calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scripted;

#[async_trait]
impl Model for Scripted {
    fn about(&self) -> &'static ModelAbout {
        &ABOUT
    }

    async fn complete(
        &self,
        _: &dyn Http,
        _: &Endpoint,
        request: &ModelRequest,
        sink: &mut dyn Sink,
    ) -> Result<Completion, ConnectorError> {
        let completion = complete(request);
        if let Some(text) = &completion.text {
            sink.text(text);
        }
        Ok(completion)
    }

    async fn transcribe(&self, _: &dyn Http, _: &Endpoint, _: Bytes, _: &str, _: Option<&str>) -> Result<String, ConnectorError> {
        let detail = "rules cannot listen; connect a model that transcribes";
        Err(ConnectorError::new(VENDOR, "transcribe", ErrorKind::Unsupported, Retry::Never, detail))
    }

    async fn check(&self, _: &dyn Http, _: &Endpoint, _: &str) -> Result<String, ConnectorError> {
        Ok("Built-in rules answer; no key is needed. They are not an AI.".to_owned())
    }
}

fn complete(request: &ModelRequest) -> Completion {
    let step = decided(request).map_or_else(|| dialogue::next(&Scene::of(request)), Step::Say);
    let (text, calls) = match step {
        Step::Say(text) => (Some(text), Vec::new()),
        Step::Call { tool, arguments } => {
            // One call a step: its place in the conversation makes the id unique and repeatable.
            let id = format!("{VENDOR}_{}", request.turns.len());
            (None, vec![ToolCall { id, name: tool.to_owned(), arguments, broken: None }])
        }
    };
    let finish = if calls.is_empty() { Finish::Stop } else { Finish::ToolCalls };
    let usage =
        Usage { input: tokens(input_chars(request)), output: tokens(output_chars(text.as_deref(), &calls)), ..Usage::default() };
    Completion { text, calls, usage, finish, model: VENDOR.to_owned(), raw: None }
}

/// How the server brings a decision of the team into a conversation.
const DECISION: &str = "[system] Decision: ";

/// What the team decided comes last: its result, or what they want to be said, is passed on.
fn decided(request: &ModelRequest) -> Option<String> {
    let at = request.turns.iter().rposition(|turn| matches!(turn, Turn::User(_)))?;
    let Turn::User(contents) = &request.turns[at] else { return None };
    let Some(Content::Text(note)) = contents.last() else { return None };
    let note = note.strip_prefix(DECISION)?;
    let done = request.turns[at..].iter().rev().find_map(|turn| match turn {
        Turn::Tool { result, failed, .. } => Some((result, *failed)),
        _ => None,
    });
    if let Some((result, failed)) = done {
        let line = if failed { Line::ApprovedNotDone } else { Line::ApprovedAndDone };
        // A service answers programs, our own tools answer people.
        let for_people = !failed && !result.trim_start().starts_with(['{', '[']);
        return Some(if for_people { result.clone() } else { line.text(Scene::of(request).language).to_owned() });
    }
    let said = note.rsplit_once('«')?.1;
    Some(said.split('»').next().unwrap_or(said).to_owned())
}

/// Four characters a token: near enough for limits and traces to have something to count.
fn tokens(chars: usize) -> u64 {
    chars.div_ceil(4) as u64
}

fn input_chars(request: &ModelRequest) -> usize {
    let turns = request.turns.iter().map(|turn| match turn {
        Turn::User(contents) => contents.iter().map(|c| if let Content::Text(text) = c { text.chars().count() } else { 0 }).sum(),
        Turn::Model { text, calls, .. } => output_chars(text.as_deref(), calls),
        Turn::Tool { result, .. } => result.chars().count(),
    });
    request.system.chars().count() + turns.sum::<usize>()
}

fn output_chars(text: Option<&str>, calls: &[ToolCall]) -> usize {
    let calls = calls.iter().map(|c| c.name.len() + c.arguments.to_string().chars().count());
    text.map_or(0, |t| t.chars().count()) + calls.sum::<usize>()
}
