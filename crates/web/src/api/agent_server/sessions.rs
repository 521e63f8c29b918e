//! Sessions of a member with the agent, and what was said in them.

use axum::extract::State;
use frontdesk_kernel::{
    Timestamp,
    ids::*,
    message::{Author, plain_text},
};
use frontdesk_store::{
    conversations::{self, Conversation},
    messages as stored, work,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{person_of, same_business};
use crate::{
    Web,
    api::conversations::{channels_of, seen_by, sessions_of},
    kit::{Caller, Found, Page, Path, Problem, Query, Time},
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// A conversation in which the agent acts for a member.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentSession {
    session_id: ConversationId,
    /// Who answers: `bot`, `human`, `paused` or `closed`.
    state: &'static str,
    user_id: Option<UserId>,
    created_at: Time,
    last_message_at: Time,
}

impl AgentSession {
    fn of(c: &Conversation, user_id: Option<UserId>) -> AgentSession {
        AgentSession {
            session_id: c.id.clone(),
            state: c.mode.as_str(),
            user_id,
            created_at: c.created_at.into(),
            last_message_at: c.last_message_at.into(),
        }
    }
}

/// Something that was said.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentMessage {
    id: MessageId,
    /// `user`; `assistant`; `staff` for a colleague who answered; `system` for a fixed line of ours.
    role: &'static str,
    content: String,
    created_at: Time,
    /// The turn that said it.
    trace_id: Option<TurnId>,
}

/// A member's sessions, the latest first.
#[utoipa::path(get, path = "/agent/conversations/{tenant}/users/{user}", tag = "agent server",
    params(("tenant" = TenantId, Path), ("user" = String, Path, description = "Id or e-mail address of a member."), List),
    responses((status = 200, body = Page<AgentSession>)))]
pub(crate) async fn of_person(
    State(web): State<Web>,
    caller: Caller,
    Path((tenant, user)): Path<(String, String)>,
    Query(q): Query<List>,
) -> Result<Found<Page<AgentSession>>, Problem> {
    same_business(&caller, &tenant)?;
    caller.require("conversation:read")?;
    let person = person_of(&web, &caller, &user).await?;
    if !sessions_of(&caller).hold(Some(&person)) {
        return Err(Problem::not_found("member"));
    }
    let name = format!("sessions {person}");
    let window = web.window::<(Timestamp, ConversationId)>(&caller, &name, q.cursor.as_deref(), q.limit)?;
    let (s, who, after, limit) = (caller.scope.clone(), person.clone(), window.after, window.limit);
    let found = web
        .desk
        .db
        .read(&caller.scope, work!(tx => conversations::sessions_of(tx, &s, &who, after.as_ref(), limit + 1).await))
        .await?;
    let mut page = web.page(&caller, &name, limit, found, |c| (c.last_message_at, c.id.clone()));
    if let Some(channels) = channels_of(&web, &caller).await? {
        page.items.retain(|c| channels.contains(&c.channel));
    }
    Ok(Found(page.map(|c| AgentSession::of(&c, Some(person.clone())))))
}

/// One session.
#[utoipa::path(get, path = "/agent/conversations/{tenant}/sessions/{session}", tag = "agent server",
    params(("tenant" = TenantId, Path), ("session" = ConversationId, Path)), responses((status = 200, body = AgentSession)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path((tenant, session)): Path<(String, String)>,
) -> Result<Found<AgentSession>, Problem> {
    same_business(&caller, &tenant)?;
    caller.require("conversation:read")?;
    let (conversation, person) = session_of(&web, &caller, &session).await?;
    Ok(Found(AgentSession::of(&conversation, Some(person))))
}

/// What was said in a session, the newest first.
#[utoipa::path(get, path = "/agent/conversations/{tenant}/sessions/{session}/messages", tag = "agent server",
    params(("tenant" = TenantId, Path), ("session" = ConversationId, Path), List), responses((status = 200, body = Page<AgentMessage>)))]
pub(crate) async fn messages(
    State(web): State<Web>,
    caller: Caller,
    Path((tenant, session)): Path<(String, String)>,
    Query(q): Query<List>,
) -> Result<Found<Page<AgentMessage>>, Problem> {
    same_business(&caller, &tenant)?;
    caller.require("conversation:read")?;
    let (conversation, _) = session_of(&web, &caller, &session).await?;
    let name = format!("session {}", conversation.id);
    let window = web.window::<(Timestamp, MessageId)>(&caller, &name, q.cursor.as_deref(), q.limit)?;
    let (s, before, limit) = (caller.scope.clone(), window.after, window.limit);
    let found = web
        .desk
        .db
        .read(&caller.scope, work!(tx => stored::page(tx, &s, &conversation.id, before.as_ref(), limit + 1).await))
        .await?;
    let page = web.page(&caller, &name, limit, found, |m| (m.message.at, m.message.id.clone()));
    Ok(Found(page.map(|m| AgentMessage {
        role: match m.message.author {
            Author::Contact => "user",
            Author::Bot => "assistant",
            Author::System => "system",
            _ => "staff",
        },
        content: plain_text(&m.message.parts),
        created_at: m.message.at.into(),
        trace_id: m.message.turn,
        id: m.message.id,
    })))
}

/// A conversation in which the agent acts for somebody; what is none is not there.
pub(super) async fn session_of(web: &Web, caller: &Caller, session: &str) -> Result<(Conversation, UserId), Problem> {
    let missing = || Problem::not_found("session");
    let id = ConversationId::parse(session).map_err(|_| missing())?;
    let thread = seen_by(web, caller, &id).await.map_err(|why| why.hiding("session"))?;
    let person = thread.conversation.acts_for.clone().ok_or_else(missing)?;
    Ok((thread.conversation, person))
}
