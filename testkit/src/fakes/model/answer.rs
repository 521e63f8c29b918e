//! From a reply to bytes on the wire, undisturbed or spoilt.

use std::{io, sync::atomic::Ordering, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::time::sleep;

use super::{Desk, Events, Failure, ModelFault, Reply};
use crate::{
    contracts::multipart,
    fakes::{
        faults::{json, raw},
        journal::{Recorded, lock},
        server::Line,
    },
};

/// An answer before it is worded in a dialect.
#[derive(Debug, Clone)]
pub(in super::super) struct Draft {
    /// Numbers the answers of this fake.
    pub(in super::super) number: u64,
    pub(in super::super) text: Option<String>,
    /// The model's own words for declining.
    pub(in super::super) refusal: Option<String>,
    pub(in super::super) calls: Vec<DraftCall>,
    pub(in super::super) finish: Finish,
    pub(in super::super) input_tokens: u64,
    pub(in super::super) output_tokens: u64,
}

#[derive(Debug, Clone)]
pub(in super::super) struct DraftCall {
    pub(in super::super) id: String,
    pub(in super::super) name: String,
    /// JSON text; under a fault not always JSON.
    pub(in super::super) arguments: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Finish {
    /// All was said, or tools are called.
    Done,
    Length,
    Filtered,
}

/// A step of sending a body.
enum Piece {
    Data(Bytes),
    Pause(Duration),
    Cut,
}

impl Draft {
    fn new(number: u64, reply: Reply, input_tokens: u64) -> Draft {
        let call = |(i, call): (usize, super::super::script::Call)| DraftCall {
            id: format!("call_{number}_{i}"),
            name: call.name,
            arguments: call.arguments.to_string(),
        };
        let calls: Vec<_> = reply.calls.into_iter().enumerate().map(call).collect();
        let letters = reply.text.as_ref().map_or(0, String::len) + calls.iter().map(|c| c.arguments.len()).sum::<usize>();
        Draft {
            number,
            text: reply.text,
            refusal: None,
            calls,
            finish: Finish::Done,
            input_tokens,
            output_tokens: letters as u64 / 4 + 1,
        }
    }
}

impl Desk {
    pub(super) fn complete(&self, line: &Line, request: &Recorded, fault: Option<ModelFault>) -> Response {
        let body = request.json();
        if let Err(problem) = self.dialect.check(&body) {
            return self.refuse(&Failure::Forbidden(self.journal.violation(problem)));
        }
        let number = self.answers.fetch_add(1, Ordering::Relaxed) + 1;
        let tools = || self.dialect.tools(&body);
        let reply = fault.as_ref().and_then(|f| f.own_reply(number, tools));
        let reply = reply.unwrap_or_else(|| self.script.next(&body, || self.dialect.last(&body)));
        // One token for four bytes of request: what vendors count is like it, and the same request costs the same.
        let mut draft = Draft::new(number, reply, request.body.len() as u64 / 4);
        if let Some(fault) = &fault {
            fault.distort(&mut draft);
        }
        if self.dialect.streams(request, &body) && !matches!(fault, Some(ModelFault::JsonInsteadOfSse)) {
            let events = self.dialect.stream(&body, &draft);
            if fault.is_none() && self.options.validate {
                let checked = events.content.iter().chain(&events.terminal).filter(|e| e.starts_with('{'));
                checked.for_each(|e| self.journal.event(request, &serde_json::from_str(e).unwrap_or_default()));
            }
            let pieces = spoil_stream(self.pieces(events), fault.as_ref(), &self.dialect.failure(&Failure::Status(500)).1);
            return raw(200, "text/event-stream", self.body(line, pieces));
        }
        let whole = self.dialect.whole(&body, &draft);
        if fault.is_none() && self.options.validate {
            self.journal.answer(request, 200, &serde_json::from_str(&whole).unwrap_or_default());
        }
        let pieces = spoil_whole(whole.into_bytes(), fault.as_ref(), &self.dialect.failure(&Failure::Status(500)).1);
        raw(200, "application/json", self.body(line, pieces))
    }

    pub(super) fn transcribe(&self, line: &Line, request: &Recorded, fault: Option<ModelFault>) -> Response {
        let fields = match multipart(request.content_type().unwrap_or_default(), &request.body) {
            Ok(fields) => fields,
            Err(problem) => return self.refuse(&Failure::Forbidden(self.journal.violation(problem))),
        };
        let field = |name: &str| fields.iter().find(|f| f.name == name);
        let size = field("file").map_or(0, |f| f.data.len());
        let heard = lock(&self.hearing).pop_front().unwrap_or_else(|| format!("a recording of {size} bytes"));
        if field("response_format").is_some_and(|f| f.text() == "text") {
            return raw(200, "text/plain; charset=utf-8", heard + "\n");
        }
        let body = serde_json::json!({ "text": heard });
        if fault.is_none() {
            self.journal.answer(request, 200, &body);
            return json(200, &body);
        }
        let pieces = spoil_whole(body.to_string().into_bytes(), fault.as_ref(), &self.dialect.failure(&Failure::Status(500)).1);
        raw(200, "application/json", self.body(line, pieces))
    }

    fn pieces(&self, events: Events) -> (Vec<Piece>, Vec<Piece>) {
        let event = |data: String| Piece::Data(Bytes::from(format!("data: {data}\n\n")));
        (events.content.into_iter().map(event).collect(), events.terminal.into_iter().map(event).collect())
    }

    fn body(&self, line: &Line, pieces: Vec<Piece>) -> Body {
        let fragment = self.fragment.load(Ordering::Relaxed);
        let plain = pieces.iter().all(|p| matches!(p, Piece::Data(_)));
        if plain && fragment == 0 && (pieces.len() == 1 || !self.options.validate) {
            return Body::from(join(&pieces));
        }
        let pieces = if fragment > 0 { shatter(pieces, fragment) } else { pieces };
        let line = line.clone();
        Body::from_stream(stream::iter(pieces).then(move |piece| {
            let line = line.clone();
            async move {
                match piece {
                    Piece::Data(bytes) => Ok(bytes),
                    Piece::Pause(pause) => {
                        sleep(pause).await;
                        Ok(Bytes::new())
                    }
                    Piece::Cut => {
                        line.cut();
                        Err(io::Error::from(io::ErrorKind::ConnectionReset))
                    }
                }
            }
        }))
    }
}

fn spoil_stream(events: (Vec<Piece>, Vec<Piece>), fault: Option<&ModelFault>, error: &Value) -> Vec<Piece> {
    let data = |text: String| Piece::Data(Bytes::from(format!("data: {text}\n\n")));
    let (mut pieces, terminal) = events;
    match fault {
        Some(ModelFault::ErrorAfter200) => pieces.push(data(error.to_string())),
        Some(ModelFault::NoTerminalEvent) => {}
        Some(ModelFault::CutMidStream) => pieces.push(Piece::Cut),
        Some(ModelFault::InvalidJson) => {
            pieces.push(data(r#"{"id":"x","choices":[{"#.to_owned()));
            pieces.extend(terminal);
        }
        Some(ModelFault::InvalidUtf8) => {
            pieces = pieces.into_iter().map(garble).collect();
            pieces.extend(terminal);
        }
        Some(ModelFault::StallBeforeFirstToken(pause)) => {
            pieces.insert(0, Piece::Pause(*pause));
            pieces.extend(terminal);
        }
        Some(ModelFault::StallMidStream(pause)) => {
            pieces.push(Piece::Pause(*pause));
            pieces.extend(terminal);
        }
        _ => pieces.extend(terminal),
    }
    pieces
}

fn spoil_whole(body: Vec<u8>, fault: Option<&ModelFault>, error: &Value) -> Vec<Piece> {
    let body = Bytes::from(body);
    let half = || body.slice(..body.len() / 2);
    match fault {
        Some(ModelFault::ErrorAfter200) => vec![Piece::Data(Bytes::from(error.to_string()))],
        Some(ModelFault::NoTerminalEvent | ModelFault::InvalidJson) => vec![Piece::Data(half())],
        Some(ModelFault::CutMidStream) => vec![Piece::Data(half()), Piece::Cut],
        Some(ModelFault::InvalidUtf8) => vec![garble(Piece::Data(body))],
        Some(ModelFault::StallBeforeFirstToken(pause)) => vec![Piece::Pause(*pause), Piece::Data(body)],
        Some(ModelFault::StallMidStream(pause)) => {
            vec![Piece::Data(half()), Piece::Pause(*pause), Piece::Data(body.slice(body.len() / 2..))]
        }
        _ => vec![Piece::Data(body)],
    }
}

/// Bytes that are no UTF-8 in the middle of the text.
fn garble(piece: Piece) -> Piece {
    let Piece::Data(bytes) = piece else { return piece };
    let mut bytes = bytes.to_vec();
    if let Some(at) = bytes.windows(4).position(|w| w == b"Half") {
        bytes[at..at + 2].copy_from_slice(b"\xff\xfe");
    }
    Piece::Data(bytes.into())
}

fn join(pieces: &[Piece]) -> Bytes {
    let data = |piece: &Piece| if let Piece::Data(bytes) = piece { bytes.clone() } else { Bytes::new() };
    match pieces {
        [one] => data(one),
        many => many.iter().map(data).collect::<Vec<_>>().concat().into(),
    }
}

fn shatter(pieces: Vec<Piece>, size: usize) -> Vec<Piece> {
    let cut = |piece| match piece {
        Piece::Data(bytes) => {
            (0..bytes.len()).step_by(size).map(|at| Piece::Data(bytes.slice(at..bytes.len().min(at + size)))).collect()
        }
        other => vec![other],
    };
    pieces.into_iter().flat_map(cut).collect()
}
