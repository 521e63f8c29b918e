//! Speaking as a contact through our own door, for embedders: at once, waiting for the answer, or watching it come about.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::ACCEPT},
    response::{IntoResponse, Response},
};
use frontdesk_engine::inbox::door;
use frontdesk_kernel::{
    contact::AddressKind,
    ids::*,
    message::Part,
    ports::channel::{Address, Inbound},
};
use frontdesk_store::{conversations, inbound::Received, work};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::stream;
use crate::{
    Web,
    api::{answer, conversations::channels_of, wait_for},
    kit::{Body, Caller, Problem, Query},
};

/// Longest text of one message, in characters.
const LONGEST: usize = 65_536;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wait {
    /// Answer when the turn has ended, with its replies.
    #[serde(default)]
    wait: bool,
}

/// What a contact says through our own door.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    text: String,
    /// Makes a repeat harmless.
    #[serde(default)]
    #[schema(nullable = false)]
    id: Option<String>,
    /// Who answers in this conversation from now on: an agent's name or id.
    #[serde(default)]
    #[schema(nullable = false)]
    agent: Option<String>,
}

/// What became of it.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct Answered {
    /// `replied`, `no_reply` (a rule says so, or a person answers here), `pending`, `duplicate`.
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conversation: Option<ConversationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turn: Option<TurnId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turn_state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Said before: `id` is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duplicate: Option<bool>,
    #[serde(default)]
    replies: Vec<serde_json::Value>,
}

/// Speaks as a contact on the `api` channel.
///
/// `id` is a conversation of that channel, or any name of your own: the first message opens it. With `Accept: text/event-stream` the answer
/// is a stream of `step`, `tool` and `reply` events that ends with `done`.
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "messages", params(("id" = String, Path), Wait), request_body = Said,
    responses((status = 200, body = Answered), (status = 202, body = Answered)))]
pub(crate) async fn send(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    Body(said): Body<Said>,
) -> Result<Response, Problem> {
    caller.require("message:write")?;
    if said.text.trim().is_empty() || said.text.chars().count() > LONGEST {
        return Err(Problem::field("text", format!("from 1 to {LONGEST} characters")));
    }
    let lines = web.desk.directory.lines(&web.desk).await?;
    let line = lines.all().find(|l| l.tenant == *caller.scope.tenant() && l.channel.kind == "api").cloned();
    let line = line.ok_or_else(|| {
        Problem::new(
            StatusCode::CONFLICT,
            "no_channel",
            "This business has no `api` channel: `frontdesk channel create --kind api`.",
        )
    })?;
    if channels_of(&web, &caller).await?.is_some_and(|seen| !seen.contains(&line.channel.id)) {
        return Err(Problem::not_found("conversation"));
    }
    let visitor = visitor(&web, &caller, &id).await?;
    let agent = match &said.agent {
        Some(wanted) => Some(agent(&web, &caller, wanted).await?),
        None => None,
    };
    let vendor_id = said.id.unwrap_or_else(|| web.desk.id::<OfMessage>().to_string());
    let inbound = Inbound {
        vendor_id,
        addresses: vec![Address { kind: AddressKind::Visitor, value: visitor }],
        profile_name: None,
        parts: vec![Part::Text { text: said.text }],
        quotes: None,
        referral: None,
        sent_at: None,
        forwarded: false,
    };
    // Watches before it speaks, so that nothing is missed.
    let streams = headers.get(ACCEPT).is_some_and(|v| v.as_bytes().starts_with(b"text/event-stream"));
    let events = streams.then(|| web.desk.events.subscribe());
    let (received, message) = door::submit(&web.desk, &line, inbound, agent).await?;
    let conversation = match received {
        Received::Duplicate => {
            let answered = Answered { status: "duplicate".into(), duplicate: Some(true), ..Answered::default() };
            return Ok(Json(answered).into_response());
        }
        Received::New { conversation, silent: Some(why), .. } => {
            let (conversation, reason) = (Some(conversation), Some(why.to_owned()));
            let answered = Answered { status: "no_reply".into(), conversation, reason, ..Answered::default() };
            return Ok(Json(answered).into_response());
        }
        Received::New { conversation, .. } | Received::Muted { conversation, .. } => conversation,
    };
    if let Some(events) = events {
        return Ok(stream::of(web, caller.scope, conversation, message, events).into_response());
    }
    if !wait.wait {
        let pending = json!({ "status": "pending", "conversation": conversation, "message": message });
        return Ok((StatusCode::ACCEPTED, Json(pending)).into_response());
    }
    let outcome = wait_for(&web, &caller.scope, &message, web.limits.answer_timeout).await?;
    let mut body = answer(&outcome);
    body["conversation"] = json!(conversation);
    body["message"] = json!(message);
    Ok(Json(body).into_response())
}

/// A conversation's own visitor name, or the caller's text as a new one.
async fn visitor(web: &Web, caller: &Caller, id: &str) -> Result<String, Problem> {
    let Ok(id) = ConversationId::parse(id) else {
        let fine = (1..=128).contains(&id.len())
            && !id.starts_with(door::TEAM)
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:@".contains(&b));
        return if fine {
            Ok(id.to_owned())
        } else {
            Err(Problem::field(
                "id",
                "a conversation, or a name of your own: 1 to 128 of A-Z a-z 0-9 - _ . : @, not beginning with `team:`",
            ))
        };
    };
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => conversations::get(tx, &s, &id).await)).await?;
    match found {
        Some(c) if c.address.kind == AddressKind::Visitor && !c.address.value.starts_with(door::TEAM) => Ok(c.address.value),
        _ => Err(Problem::not_found("conversation")),
    }
}

async fn agent(web: &Web, caller: &Caller, wanted: &str) -> Result<AgentId, Problem> {
    let view =
        web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?.ok_or_else(|| Problem::not_found("business"))?;
    let found = view.agents.iter().find(|a| a.name == wanted || a.id.as_str() == wanted);
    let names = || view.agents.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ");
    found.map(|a| a.id.clone()).ok_or_else(|| Problem::field("agent", format!("there is no `{wanted}`; there are: {}", names())))
}
