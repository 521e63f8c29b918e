//! What a person of the team sends: text, media, buttons, lists, templates, quotes. The bot falls silent at once.

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use frontdesk_engine::outbox;
use frontdesk_kernel::{ids::ConversationId, message::Part};
use frontdesk_store::{conversations, work};
use serde::Deserialize;
use serde_json::json;

use super::shown;
use crate::{
    Web,
    kit::{Caller, Problem, limits},
};

const MOST_PARTS: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    parts: Vec<Part>,
    /// The vendor's id of the message that is quoted.
    #[serde(default)]
    quotes: Option<String>,
}

pub(crate) async fn send(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require("message:send")?;
    let id = ConversationId::parse(&id).map_err(|_| Problem::not_found("conversation"))?;
    let body = limits::read(&headers, body, &web.limits).await.map_err(Problem::from)?;
    let reply: Reply = serde_json::from_slice(&body).map_err(|e| Problem::invalid(e.to_string()))?;
    if reply.parts.is_empty() || reply.parts.len() > MOST_PARTS {
        return Err(Problem::invalid(format!("parts: from 1 to {MOST_PARTS}")));
    }
    if let Some(part) = reply.parts.iter().find(|p| !can_be_sent(p)) {
        let kind = serde_json::to_value(part).ok().and_then(|v| v["type"].as_str().map(str::to_owned)).unwrap_or_default();
        return Err(Problem::invalid(format!(
            "parts: `{kind}` comes in and cannot be sent; send text, media, buttons, list or template"
        )));
    }
    let (s, c) = (caller.scope.clone(), id.clone());
    let conversation = web.desk.db.read(&caller.scope, work!(tx => conversations::get(tx, &s, &c).await)).await?;
    let conversation = conversation.ok_or_else(|| Problem::not_found("conversation"))?;
    let lines = web.desk.directory.lines(&web.desk).await?;
    let line = lines.get(&conversation.channel).ok_or_else(|| Problem::not_found("channel"))?;
    let sent = outbox::send_as_staff(&web.desk, line, &id, reply.parts, reply.quotes).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "messages": sent.iter().map(shown).collect::<Vec<_>>() }))).into_response())
}

fn can_be_sent(part: &Part) -> bool {
    match part {
        Part::Text { text } => !text.trim().is_empty(),
        Part::Media(m) => m.stored.is_some() || m.url.is_some(),
        Part::Buttons { buttons, .. } => !buttons.is_empty(),
        Part::List { sections, .. } => !sections.is_empty(),
        Part::Template { .. } => true,
        _ => false,
    }
}
