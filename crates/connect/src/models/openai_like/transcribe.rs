//! Speech to text at `audio/transcriptions`.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    ports::http::{Body, Http, Method, Part},
};
use serde::{Deserialize, Serialize};

use super::{
    errors, request,
    vendors::{Transcription, Vendor},
};
use crate::models::{
    audio::{TIME, check_size, format_of},
    call::Call,
};

/// OpenAI's limit on an upload.
const MAX_AUDIO: usize = 25_000_000;

#[derive(Serialize)]
struct JsonRequest<'a> {
    model: &'a str,
    input_audio: InputAudio<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
}

#[derive(Serialize)]
struct InputAudio<'a> {
    data: String,
    format: &'a str,
}

#[derive(Deserialize)]
struct Transcript {
    text: String,
}

pub(super) async fn transcribe(
    call: Call<'_>,
    vendor: &Vendor,
    http: &dyn Http,
    audio: Bytes,
    mime: &str,
    language: Option<&str>,
) -> Result<String, ConnectorError> {
    let Some(transcription) = vendor.transcription else {
        let detail = format!("{} has no speech recognition", vendor.name);
        return Err(call.error(ErrorKind::Unsupported, Retry::Never, detail));
    };
    let format = format_of(call, mime)?;
    check_size(call, &audio, MAX_AUDIO)?;
    // `es-CO` is more than the vendors take.
    let language = language.and_then(|tag| tag.split(['-', '_']).next()).filter(|tag| !tag.is_empty());

    let mut out = request::to(call, vendor, Method::Post, "audio/transcriptions")?;
    (out.timeout, out.gap) = (TIME, TIME);
    out.body = match transcription {
        Transcription::Form(model) => {
            let field = |name, text: &str| Part {
                name,
                file_name: None,
                content_type: None,
                bytes: Bytes::copy_from_slice(text.as_bytes()),
            };
            let mut parts = vec![field("model", model)];
            parts.extend(language.map(|tag| field("language", tag)));
            parts.push(Part {
                name: "file",
                file_name: Some(format!("audio.{}", format.extension)),
                content_type: Some(format.mime.to_owned()),
                bytes: audio,
            });
            Body::Multipart(parts)
        }
        Transcription::Json(model) => {
            let input_audio = InputAudio { data: STANDARD.encode(&audio), format: format.extension };
            let body = serde_json::to_vec(&JsonRequest { model, input_audio, language });
            Body::Json(body.map_err(|e| call.error(ErrorKind::Unexpected, Retry::Never, e.to_string()))?.into())
        }
    };
    let answer = http.send(out).await.map_err(|e| call.transport(e))?;
    if !(200..300).contains(&answer.status) {
        return Err(errors::refused(call, answer.status, &answer.headers, &answer.body));
    }
    let inside: Result<serde_json::Value, _> = serde_json::from_slice(&answer.body);
    if let Some(error) = inside.ok().as_ref().and_then(|body| body.get("error")).filter(|error| !error.is_null()) {
        return Err(errors::refused_inside(call, error));
    }
    let transcript: Transcript =
        serde_json::from_slice(&answer.body).map_err(|e| call.unreadable("the answer is no transcript", &e))?;
    Ok(transcript.text.trim().to_owned())
}
