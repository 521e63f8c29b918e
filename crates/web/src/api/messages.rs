//! Messages of a conversation: read them, or say something and wait for the answer.

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use frontdesk_engine::inbox;
use frontdesk_kernel::{
    Timestamp,
    contact::AddressKind,
    ids::{AgentId, ConversationId, OfMessage},
    message::Part,
    ports::channel::{Address, Inbound},
};
use frontdesk_store::{conversations, inbound::Received, messages, work};
use serde::Deserialize;
use serde_json::json;

use super::{answer, shown, wait_for};
use crate::{
    Web,
    kit::{Caller, Problem, limits},
};

/// Longest text of one message, in characters.
const LONGEST: usize = 65_536;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    before: Option<i64>,
    limit: Option<u32>,
}

pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
    Query(page): Query<Page>,
) -> Result<Response, Problem> {
    caller.require("conversation:read")?;
    let id = ConversationId::parse(&id).map_err(|_| Problem::not_found("conversation"))?;
    let limit = page.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::invalid("limit: from 1 to 200"));
    }
    let (s, before) = (caller.scope.clone(), page.before.map_or(Timestamp::NEVER, Timestamp));
    let found = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                if conversations::get(tx, &s, &id).await?.is_none() {
                    return Ok(None);
                }
                messages::thread(tx, &s, &id, before, limit).await.map(Some)
            }),
        )
        .await?;
    let found = found.ok_or_else(|| Problem::not_found("conversation"))?;
    let next = (found.len() == limit as usize).then(|| found.first().map(|m| m.at.0)).flatten();
    Ok(Json(json!({ "messages": found.iter().map(shown).collect::<Vec<_>>(), "before": next })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    #[serde(default)]
    wait: bool,
}

/// What a customer says through our own door. `id` makes a repeat harmless.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
    #[serde(default)]
    id: Option<String>,
    /// Who answers in this conversation from now on: an agent's name or id.
    #[serde(default)]
    agent: Option<String>,
}

/// `{id}` is a conversation of the `api` channel, or any name of the caller's own: the first message opens it.
pub(crate) async fn send(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require("message:write")?;
    let body = limits::read(&headers, body, &web.limits).await.map_err(Problem::from)?;
    let said: Said = serde_json::from_slice(&body).map_err(|e| Problem::invalid(e.to_string()))?;
    if said.text.trim().is_empty() || said.text.chars().count() > LONGEST {
        return Err(Problem::invalid(format!("text: from 1 to {LONGEST} characters")));
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
        parts: vec![Part::Text { text: said.text.replace('\0', "") }],
        quotes: None,
        referral: None,
        sent_at: None,
        forwarded: false,
    };
    let (received, message) = inbox::submit(&web.desk, &line, inbound, agent).await?;
    let conversation = match received {
        Received::Duplicate => return Ok(Json(json!({ "status": "duplicate", "duplicate": true })).into_response()),
        Received::New { conversation, ready_at: None, why, .. } => {
            return Ok(
                Json(json!({ "status": "no_reply", "conversation": conversation, "reason": why, "replies": [] })).into_response()
            );
        }
        Received::New { conversation, .. } | Received::Muted { conversation, .. } => conversation,
    };
    if !wait.wait {
        return Ok((
            StatusCode::ACCEPTED,
            Json(json!({ "status": "pending", "conversation": conversation, "message": message })),
        )
            .into_response());
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
        let fine = (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:@".contains(&b));
        return if fine {
            Ok(id.to_owned())
        } else {
            Err(Problem::invalid("the conversation's name: 1 to 128 of A-Z a-z 0-9 - _ . : @"))
        };
    };
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => conversations::get(tx, &s, &id).await)).await?;
    match found {
        Some(c) if c.address.kind == AddressKind::Visitor => Ok(c.address.value),
        _ => Err(Problem::not_found("conversation")),
    }
}

async fn agent(web: &Web, caller: &Caller, wanted: &str) -> Result<AgentId, Problem> {
    let view =
        web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?.ok_or_else(|| Problem::not_found("business"))?;
    let found = view.agents.iter().find(|a| a.name == wanted || a.id.as_str() == wanted);
    let names = || view.agents.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ");
    found.map(|a| a.id.clone()).ok_or_else(|| Problem::invalid(format!("agent: there is no `{wanted}`; there are: {}", names())))
}
