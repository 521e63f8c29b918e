//! The contract of a model.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use frontdesk_kernel::{
    ConnectorError,
    ErrorKind::{
        ContextOverflow, Malformed, NotFound, Quota, RateLimited, Timeout, TooLarge, Unauthorized, Unavailable, Unsupported,
    },
    Retry::{After, Later, Never},
    ports::{
        http::Http,
        model::{CallLimits, Completion, Content, Endpoint, Finish, Model, ModelRequest, Sink, Turn},
    },
    tool::ToolSpec,
};
use serde_json::json;

use super::assert_fails;
use crate::fakes::{FakeModel, ModelFault, Reply};

/// A model with everything that is needed to try it.
pub struct ModelSubject<'a> {
    pub model: &'static dyn Model,
    pub http: &'a dyn Http,
    pub endpoint: Endpoint,
    pub name: &'a str,
    /// The vendor. `None`: there is none, and nothing may leave.
    pub vendor: Option<&'a FakeModel>,
}

impl ModelSubject<'_> {
    /// # Panics
    /// When the model breaks its contract.
    pub async fn assert_keeps_its_contract(&self) {
        let about = self.model.about();
        assert!(!about.key.is_empty() && !about.name.is_empty());
        assert!(self.vendor.is_some() || !about.is_ai, "what needs no vendor is no AI");
        assert!(!format!("{:?}", self.endpoint).contains(self.secret()));
        self.answers_in_words().await;
        self.shows_images_only_where_it_can().await;
        self.listens_only_where_it_can().await;
        if let Some(vendor) = self.vendor {
            self.calls_tools_and_goes_on(vendor).await;
            self.tells_faults_apart(vendor).await;
            self.executes_nothing_that_is_broken(vendor).await;
            self.declines_without_failing(vendor).await;
            assert!(vendor.violations().is_empty(), "{:#?}", vendor.violations());
        }
        let line = self.model.check(self.http, &self.endpoint, self.name).await.expect("key and model work");
        assert!(!line.contains(self.secret()), "{line}");
    }

    async fn answers_in_words(&self) {
        let said = "¡Hola! ñandú 👩🏽‍🚀 — ¿qué tal?";
        for bytes in [0, 1, 7] {
            self.vendor.into_iter().for_each(|v| {
                v.fragment(bytes);
                v.say(said);
            });
            let mut heard = Heard(String::new());
            let answer = self.model.complete(self.http, &self.endpoint, &self.request(user("hola")), &mut heard).await;
            let answer = answer.expect("an answer");
            let text = answer.text.expect("words");
            assert!(self.vendor.is_none() || text == said, "in pieces of {bytes}: {text}");
            assert!(heard.0.is_empty() || heard.0 == text, "{} was streamed", heard.0);
            assert_eq!((answer.finish, answer.calls.len()), (Finish::Stop, 0));
            assert!(answer.usage.input > 0 && answer.usage.output > 0 && !answer.model.is_empty());
        }
        self.vendor.into_iter().for_each(|v| v.fragment(0));
    }

    async fn calls_tools_and_goes_on(&self, vendor: &FakeModel) {
        let arguments = [json!({"start": "2026-11-23T10:00"}), json!({"start": "mañana", "deep": {"a": [1, null]}})];
        vendor.reply(Reply::call("book", arguments[0].clone()).and_call("book", arguments[1].clone()));
        let answer = self.complete(user("dos citas")).await.expect("two calls");
        assert_eq!((answer.finish, answer.calls.len()), (Finish::ToolCalls, 2), "{answer:?}");
        for (call, arguments) in answer.calls.iter().zip(&arguments) {
            assert_eq!((call.name.as_str(), &call.arguments, &call.broken), ("book", arguments, &None));
        }
        assert_ne!(answer.calls[0].id, answer.calls[1].id);
        let mut turns = user("dos citas");
        turns.push(said_by(self.model, &answer));
        turns.extend(answer.calls.iter().map(|call| Turn::Tool {
            call: call.id.clone(),
            name: call.name.clone(),
            result: "✅ hecho".to_owned(),
            failed: false,
        }));
        vendor.say("listo");
        assert_eq!(self.complete(turns).await.expect("the vendor takes its own turn back").text.as_deref(), Some("listo"));
    }

    async fn tells_faults_apart(&self, vendor: &FakeModel) {
        let (seven, long) = (Duration::from_secs(7), Duration::from_millis(400));
        for (fault, kinds, retry) in [
            (ModelFault::Status(401), &[Unauthorized][..], Never),
            (ModelFault::Status(404), &[NotFound], Never),
            (ModelFault::RateLimited { retry_after: Some(seven) }, &[RateLimited], After(seven)),
            (ModelFault::RateLimited { retry_after: None }, &[RateLimited], Later),
            (ModelFault::Quota, &[Quota], Never),
            (ModelFault::ContextOverflow, &[ContextOverflow], Never),
            (ModelFault::Status(500), &[Unavailable], Later),
            (ModelFault::Status(503), &[Unavailable], Later),
            (ModelFault::Reset, &[Unavailable], Later),
            (ModelFault::AnswerLost, &[Unavailable], Later),
            (ModelFault::ErrorAfter200, &[Unavailable], Later),
            (ModelFault::NoTerminalEvent, &[Malformed, Unavailable], Later),
            (ModelFault::CutMidStream, &[Unavailable], Later),
            (ModelFault::InvalidJson, &[Malformed], Later),
            (ModelFault::StallBeforeFirstToken(long), &[Timeout], Later),
            (ModelFault::StallMidStream(long), &[Timeout], Later),
            (ModelFault::HugeAnswer(200_000), &[TooLarge], Later),
        ] {
            vendor.faults().push(fault.clone());
            let mut request = self.request(user("hola"));
            if matches!(fault, ModelFault::StallBeforeFirstToken(_) | ModelFault::StallMidStream(_)) {
                vendor.say("demasiado tarde");
                (request.limits.first_token, request.limits.gap) = (long / 2, long / 2);
            }
            let outcome = self.model.complete(self.http, &self.endpoint, &request, &mut Heard(String::new())).await;
            assert_fails(&format!("{fault:?}"), outcome, kinds, retry, &[self.secret()]);
        }
    }

    async fn executes_nothing_that_is_broken(&self, vendor: &FakeModel) {
        for fault in [ModelFault::PartialToolJson, ModelFault::NotANumber, ModelFault::LengthCut] {
            vendor.faults().push(fault.clone());
            if fault == ModelFault::LengthCut {
                vendor.call("book", json!({"start": "2026-11-23T10:00"}));
            }
            if let Ok(answer) = self.complete(user("una cita")).await {
                assert!(answer.calls.iter().all(|c| c.broken.is_some()), "{fault:?}: {answer:?}");
            }
        }
        for fault in [ModelFault::DuplicateCallIds, ModelFault::UnknownTool, ModelFault::WrongTypes] {
            vendor.faults().push(fault.clone());
            let answer = self.complete(user("una cita")).await.expect("what the model asks for is the engine's to judge");
            assert!(!answer.calls.is_empty(), "{fault:?}: {answer:?}");
        }
    }

    async fn declines_without_failing(&self, vendor: &FakeModel) {
        for fault in [ModelFault::Refusal, ModelFault::ContentFilter] {
            vendor.faults().push(fault.clone());
            let answer = self.complete(user("algo malo")).await.expect("a refusal is an answer");
            assert_eq!((answer.finish, answer.calls.len()), (Finish::Refused, 0), "{fault:?}: {answer:?}");
        }
        vendor.faults().push(ModelFault::NoTokens);
        if let Ok(answer) = self.complete(user("hola")).await {
            assert!(answer.text.is_none_or(|t| t.is_empty()) && answer.calls.is_empty());
        }
    }

    async fn shows_images_only_where_it_can(&self) {
        let image = Content::Image { mime: "image/png".to_owned(), bytes: Bytes::from_static(b"\x89PNG") };
        self.vendor.into_iter().for_each(|v| v.say("bonita"));
        let turns = vec![Turn::User(vec![Content::Text("mira".to_owned()), image])];
        assert!(self.complete(turns).await.expect("an image harms nobody").text.is_some());
        let shown = self.vendor.and_then(|v| v.asked().pop()).is_some_and(|asked| asked.to_string().contains("iVBORw"));
        assert_eq!(shown, self.vendor.is_some() && self.model.about().images);
    }

    async fn listens_only_where_it_can(&self) {
        let about = self.model.about();
        let listen = || self.model.transcribe(self.http, &self.endpoint, Bytes::from_static(b"OggS"), "audio/ogg", Some("es"));
        let Some(vendor) = self.vendor.filter(|_| about.transcription) else {
            return assert_fails("listening without ears", listen().await, &[Unsupported], Never, &[self.secret()]);
        };
        vendor.hear("quiero una cita");
        vendor.say("quiero una cita");
        assert_eq!(listen().await.expect("a transcript").trim(), "quiero una cita");
        for waiting in 0..vendor.waiting() {
            self.complete(user("lo que queda")).await.unwrap_or_else(|e| panic!("reply {waiting}: {e}"));
        }
    }

    async fn complete(&self, turns: Vec<Turn>) -> Result<Completion, ConnectorError> {
        self.model.complete(self.http, &self.endpoint, &self.request(turns), &mut Heard(String::new())).await
    }

    fn request(&self, turns: Vec<Turn>) -> ModelRequest {
        let parameters = json!({"type": "object", "properties": {"start": {"type": "string"}}, "required": ["start"]});
        let book = ToolSpec { name: "book".to_owned(), description: "Books.".to_owned(), parameters: parameters.into() };
        ModelRequest {
            model: self.name.to_owned(),
            system: "Be brief.".into(),
            turns,
            tools: Arc::new([book]),
            temperature: Some(0.5),
            max_output_tokens: Some(500),
            limits: CallLimits { max_answer_bytes: 64 << 10, ..CallLimits::default() },
        }
    }

    fn secret(&self) -> &str {
        self.endpoint.key.as_ref().map_or("no key at all", |key| key.reveal())
    }
}

struct Heard(String);

impl Sink for Heard {
    fn text(&mut self, delta: &str) {
        self.0.push_str(delta);
    }
}

fn user(text: &str) -> Vec<Turn> {
    vec![Turn::User(vec![Content::Text(text.to_owned())])]
}

fn said_by(model: &dyn Model, answer: &Completion) -> Turn {
    Turn::Model {
        text: answer.text.clone(),
        calls: answer.calls.clone(),
        raw: answer.raw.clone().map(Arc::new),
        raw_dialect: Some(model.about().key.to_owned()),
    }
}
