//! Google's Gemini in its own dialect: signatures of thoughts survive only there.

mod answer;
mod errors;
mod request;
#[cfg(test)]
mod tests;
mod transcribe;
mod wire;

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_kernel::{
    ConnectorError,
    ports::{
        http::{Http, Method},
        model::{Completion, Endpoint, Model, ModelAbout, ModelRequest, Sink},
    },
};

use self::answer::Answer;
use super::{
    call::Call,
    stream::{self, Ended, WIRE_FACTOR},
};

pub struct Gemini;

pub(super) const DIALECT: &str = "gemini";
pub(super) const DEFAULT_BASE_URL: &str = "https://generativelanguage.googleapis.com";

static ABOUT: ModelAbout = ModelAbout { key: DIALECT, name: "Google Gemini", is_ai: true, images: true, transcription: true };

#[async_trait]
impl Model for Gemini {
    fn about(&self) -> &'static ModelAbout {
        &ABOUT
    }

    async fn complete(
        &self,
        http: &dyn Http,
        endpoint: &Endpoint,
        request: &ModelRequest,
        sink: &mut dyn Sink,
    ) -> Result<Completion, ConnectorError> {
        let call = Call { endpoint, operation: "complete" };
        let prepared = request::generate(call, request)?;
        let mut reply = http.stream(prepared).await.map_err(|e| call.transport(e))?;
        if !(200..300).contains(&reply.status) {
            let body = stream::explanation(&mut *reply.body).await;
            return Err(errors::refused(call, reply.status, &reply.headers, &body));
        }
        let max_bytes = request.limits.max_answer_bytes;
        let mut answer = Answer::new(call, max_bytes);
        let ended = if stream::is_json(&reply.headers) {
            let body = stream::whole(call, &mut *reply.body, max_bytes.saturating_mul(WIRE_FACTOR)).await?;
            answer.whole(&body, sink)?;
            Ended::Orderly
        } else {
            stream::events(call, &mut *reply.body, &request.limits, &mut |event| answer.event(event, sink)).await?
        };
        answer.complete(ended, &request.model)
    }

    async fn transcribe(
        &self,
        http: &dyn Http,
        endpoint: &Endpoint,
        audio: Bytes,
        mime: &str,
        language: Option<&str>,
    ) -> Result<String, ConnectorError> {
        transcribe::transcribe(Call { endpoint, operation: "transcribe" }, http, audio, mime, language).await
    }

    async fn check(&self, http: &dyn Http, endpoint: &Endpoint, model: &str) -> Result<String, ConnectorError> {
        let call = Call { endpoint, operation: "check" };
        let out = request::to(call, Method::Get, &request::name_of(model))?;
        let answer = http.send(out).await.map_err(|e| call.transport(e))?;
        match answer.status {
            200..300 => Ok(format!("Gemini: the model `{model}` is ready")),
            status => Err(errors::refused(call, status, &answer.headers, &answer.body)),
        }
    }
}
