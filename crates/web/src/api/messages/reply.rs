//! What a person of the team sends: text, media, buttons, lists, templates, quotes. The bot falls silent at once.

use axum::extract::State;
use frontdesk_engine::outbox::{self, Hand, NoRetry};
use frontdesk_kernel::{
    ids::*,
    message::{Media, Part},
};
use frontdesk_store::{media, messages, work};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::view::{MessageView, beside, one, views};
use crate::{
    Web,
    api::conversations::{channels_of, seen_by},
    kit::{Accepted, Actor, Body, Caller, Path, Problem},
};

const MOST_PARTS: usize = 10;
const LONGEST: usize = 65_536;

/// What is to be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    /// From 1 to 10: `text`, `media` (`stored` is the id of an upload), `buttons`, `list` or `template`.
    parts: Vec<Part>,
    /// The vendor's id of the message that is quoted.
    #[serde(default)]
    #[schema(nullable = false)]
    quotes: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Sent {
    /// As stored, in order; long texts are several.
    messages: Vec<MessageView>,
}

/// Answers as a person of the team. The bot falls silent, as if the conversation had been taken over.
#[utoipa::path(post, path = "/conversations/{id}/replies", tag = "messages", params(("id" = ConversationId, Path)), request_body = Reply,
    responses((status = 202, body = Sent)))]
pub(crate) async fn send(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(reply): Body<Reply>,
) -> Result<Accepted<Sent>, Problem> {
    caller.require("message:send")?;
    if reply.parts.is_empty() || reply.parts.len() > MOST_PARTS {
        return Err(Problem::field("parts", format!("from 1 to {MOST_PARTS}")));
    }
    for (n, part) in reply.parts.iter().enumerate() {
        if let Some(problem) = not_sendable(part) {
            return Err(Problem::field(format!("parts[{n}]"), problem));
        }
    }
    let thread = seen_by(&web, &caller, &id).await?;
    let parts = with_files(&web, &caller, reply.parts).await?;
    let lines = web.desk.directory.lines(&web.desk).await?;
    let line = lines.get(&thread.conversation.channel).ok_or_else(|| Problem::not_found("channel"))?;
    let written_by = Some(caller.actor.id()).filter(|id| !id.is_empty() && caller.actor != Actor::Operator);
    let sent = outbox::send_as_staff(&web.desk, line, Hand { conversation: &id, written_by }, parts, reply.quotes).await?;
    let s = caller.scope.clone();
    let messages = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let mut page = Vec::new();
                for message in sent.iter().rev() {
                    page.extend(messages::look_at(tx, &s, &message.id).await?);
                }
                let beside = beside(tx, &s, &page).await?;
                let mut messages = views(page, beside);
                messages.reverse();
                Ok(messages)
            }),
        )
        .await?;
    Ok(Accepted(Sent { messages }))
}

fn not_sendable(part: &Part) -> Option<String> {
    let fine = match part {
        Part::Text { text } => !text.trim().is_empty() && text.chars().count() <= LONGEST,
        Part::Media(m) => m.stored.is_some() || m.url.is_some(),
        Part::Buttons { buttons, .. } => !buttons.is_empty(),
        Part::List { sections, .. } => sections.iter().any(|s| !s.rows.is_empty()),
        Part::Template { name, .. } => !name.trim().is_empty(),
        _ => {
            let kind = serde_json::to_value(part).ok().and_then(|v| v["type"].as_str().map(str::to_owned)).unwrap_or_default();
            return Some(format!("`{kind}` comes in and cannot be sent; send text, media, buttons, list or template"));
        }
    };
    (!fine).then(|| "it is empty, or too long".to_owned())
}

/// Uploads must be there, and say what they are.
async fn with_files(web: &Web, caller: &Caller, parts: Vec<Part>) -> Result<Vec<Part>, Problem> {
    let mut whole = Vec::with_capacity(parts.len());
    for (n, part) in parts.into_iter().enumerate() {
        let part = match part {
            Part::Media(m) if m.stored.is_some() => {
                let (s, id) = (caller.scope.clone(), m.stored.clone());
                let file = web
                    .desk
                    .db
                    .read(
                        &caller.scope,
                        work!(tx => match &id {
                            Some(id) => media::about(tx, &s, id).await,
                            None => Ok(None),
                        }),
                    )
                    .await?
                    .ok_or_else(|| Problem::field(format!("parts[{n}].stored"), "there is no such file: upload it first"))?;
                Part::Media(Media { mime: Some(file.mime), file_name: m.file_name.clone().or(file.file_name), ..m })
            }
            part => part,
        };
        whole.push(part);
    }
    Ok(whole)
}

/// Sends a message once more that was not delivered.
#[utoipa::path(post, path = "/messages/{id}/retry", tag = "messages", params(("id" = MessageId, Path)),
    responses((status = 202, body = MessageView)))]
pub(crate) async fn retry(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<MessageId>,
) -> Result<Accepted<MessageView>, Problem> {
    caller.require("message:send")?;
    let channels = channels_of(&web, &caller).await?;
    let look = async || {
        let (s, id, channels) = (caller.scope.clone(), id.clone(), channels.clone());
        web.desk.db.read(&caller.scope, work!(tx => one(tx, &s, &id, channels.as_deref()).await)).await
    };
    let message = look().await?.ok_or_else(|| Problem::not_found("message"))?;
    seen_by(&web, &caller, &message.conversation).await.map_err(|why| why.hiding("message"))?;
    let entry = caller.entry(&web, "message.retry", id.as_str(), json!({ "conversation": message.conversation }));
    match outbox::send_again(&web.desk, &caller.scope, &id, entry).await? {
        Ok(()) => {}
        Err(NoRetry::NoSuchMessage) => return Err(Problem::not_found("message")),
        Err(NoRetry::NotFailed) => {
            return Err(Problem::conflict("not_failed", "Only a message that was not delivered can be sent again."));
        }
    }
    look().await?.map(Accepted).ok_or_else(|| Problem::not_found("message"))
}
