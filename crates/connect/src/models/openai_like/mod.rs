//! Chat completions: OpenAI and everyone who speaks its dialect.

mod answer;
mod check;
mod errors;
mod request;
#[cfg(test)]
mod tests;
mod transcribe;
pub mod vendors;
mod wire;

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_kernel::{
    ConnectorError,
    ports::{
        http::Http,
        model::{Completion, Endpoint, Model, ModelAbout, ModelRequest, Sink},
    },
};

use self::{
    answer::Answer,
    vendors::{CUSTOM, Vendor},
};
use super::{
    call::Call,
    stream::{self, Ended, WIRE_FACTOR},
};

pub struct OpenAiLike;

static ABOUT: ModelAbout =
    ModelAbout { key: "openai_like", name: "Chat completions", is_ai: true, images: true, transcription: true };

#[async_trait]
impl Model for OpenAiLike {
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
        let prepared = request::chat(call, row(endpoint), request)?;
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
        let call = Call { endpoint, operation: "transcribe" };
        transcribe::transcribe(call, row(endpoint), http, audio, mime, language).await
    }

    async fn check(&self, http: &dyn Http, endpoint: &Endpoint, model: &str) -> Result<String, ConnectorError> {
        check::check(Call { endpoint, operation: "check" }, row(endpoint), http, model).await
    }
}

fn row(endpoint: &Endpoint) -> &'static Vendor {
    vendors::vendor(endpoint.vendor).unwrap_or(&CUSTOM)
}
