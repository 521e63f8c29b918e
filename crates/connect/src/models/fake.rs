//! A vendor for tests: answers with prepared pieces and keeps what it was asked.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_kernel::{
    Secret,
    ports::{
        http::{Body, Chunks, Http, HttpError, Request, Response, Streaming},
        model::{CallLimits, Content, Endpoint, ModelRequest, Sink, Turn},
    },
    tool::ToolSpec,
};
use serde_json::{Value, json};

pub(crate) type Piece = Result<Bytes, HttpError>;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) pieces: Vec<Piece>,
    /// After the last piece the connection stays open and silent.
    pub(crate) hangs: bool,
}

impl Answer {
    pub(crate) fn new(status: u16, mime: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), mime.to_owned())];
        Answer { status, headers, pieces: vec![Ok(Bytes::from(body.into()))], hangs: false }
    }
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }
    /// Each data of an event; the pieces are cut at every 7 bytes, through events and letters.
    pub(crate) fn events(data: &[&str]) -> Self {
        let text: String = data.iter().map(|data| format!("data: {data}\n\n")).collect();
        let pieces = text.as_bytes().chunks(7).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        Answer { pieces, ..Self::new(200, "text/event-stream", "") }
    }
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
    pub(crate) fn then(mut self, error: HttpError) -> Self {
        self.pieces.push(Err(error));
        self
    }
    pub(crate) fn then_hangs(mut self) -> Self {
        self.hangs = true;
        self
    }
}

#[derive(Default)]
pub(crate) struct Fake {
    answers: Mutex<VecDeque<Result<Answer, HttpError>>>,
    seen: Mutex<Vec<Request>>,
}

impl Fake {
    pub(crate) fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        Fake { answers: Mutex::new(answers.into_iter().map(Ok).collect()), ..Fake::default() }
    }
    pub(crate) fn failing(error: HttpError) -> Self {
        Fake { answers: Mutex::new(VecDeque::from([Err(error)])), ..Fake::default() }
    }
    pub(crate) fn seen(&self) -> MutexGuard<'_, Vec<Request>> {
        self.seen.lock().expect("nobody panicked")
    }
    pub(crate) fn json(&self, index: usize) -> Value {
        let Body::Json(bytes) = &self.seen()[index].body else { panic!("not JSON") };
        serde_json::from_slice(bytes).expect("JSON")
    }
    fn answer(&self, request: Request) -> Result<Answer, HttpError> {
        self.seen.lock().expect("nobody panicked").push(request);
        self.answers.lock().expect("nobody panicked").pop_front().expect("a call that nobody expected")
    }
}

#[async_trait]
impl Http for Fake {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let answer = self.answer(request)?;
        let mut body = Vec::new();
        for piece in answer.pieces {
            body.extend_from_slice(&piece?);
        }
        Ok(Response { status: answer.status, headers: answer.headers, body: body.into() })
    }
    async fn stream(&self, request: Request) -> Result<Streaming, HttpError> {
        let Answer { status, headers, pieces, hangs } = self.answer(request)?;
        Ok(Streaming { status, headers, body: Box::new(Pieces { pieces: pieces.into(), hangs }) })
    }
}

struct Pieces {
    pieces: VecDeque<Piece>,
    hangs: bool,
}

#[async_trait]
impl Chunks for Pieces {
    async fn next(&mut self) -> Option<Piece> {
        match self.pieces.pop_front() {
            None if self.hangs => std::future::pending().await,
            next => next,
        }
    }
}

/// Keeps what was said while it was written.
#[derive(Default)]
pub(crate) struct Said(pub(crate) String);
impl Sink for Said {
    fn text(&mut self, delta: &str) {
        self.0.push_str(delta);
    }
}

pub(crate) fn endpoint(vendor: &'static str) -> Endpoint {
    Endpoint {
        vendor,
        base_url: "https://vendor.example/v1".to_owned(),
        key: Some(Secret::new("sk-test-key")),
        organization: None,
        project: None,
    }
}

pub(crate) fn request(turns: Vec<Turn>) -> ModelRequest {
    let parameters = json!({
        "type": "object",
        "properties": { "day": { "type": "string" } },
        "required": ["day"],
        "additionalProperties": false
    });
    ModelRequest {
        model: "some-model".to_owned(),
        system: "You answer for a clinic.".into(),
        turns,
        tools: [ToolSpec {
            name: "find_slots".to_owned(),
            description: "Free times of a day.".to_owned(),
            parameters: parameters.into(),
        }]
        .into(),
        temperature: Some(0.2),
        max_output_tokens: Some(800),
        limits: CallLimits::default(),
    }
}

pub(crate) fn user(text: &str) -> Turn {
    Turn::User(vec![Content::Text(text.to_owned())])
}
