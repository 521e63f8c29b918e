//! Messages of a conversation, newest first.

use axum::extract::State;
use frontdesk_kernel::{Timestamp, ids::*};
use frontdesk_store::{messages, work};
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::{MessageView, beside, one, views};
use crate::{
    Web,
    api::conversations::{channels_of, seen_by},
    kit::{Caller, Found, Page, Path, Problem, Query},
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Messages of a conversation, newest first.
#[utoipa::path(get, path = "/conversations/{id}/messages", tag = "messages", params(("id" = ConversationId, Path), List),
    responses((status = 200, body = Page<MessageView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Query(q): Query<List>,
) -> Result<Found<Page<MessageView>>, Problem> {
    caller.require("conversation:read")?;
    seen_by(&web, &caller, &id).await?;
    let name = format!("messages {id}");
    let window = web.window::<(Timestamp, MessageId)>(&caller, &name, q.cursor.as_deref(), q.limit)?;
    let (s, before, limit) = (caller.scope.clone(), window.after, window.limit);
    let (found, beside) = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let found = messages::page(tx, &s, &id, before.as_ref(), limit + 1).await?;
                let beside = beside(tx, &s, &found).await?;
                Ok((found, beside))
            }),
        )
        .await?;
    let page = web.page(&caller, &name, limit, found, |m| (m.message.at, m.message.id.clone()));
    Ok(Found(Page { items: views(page.items, beside), next: page.next }))
}

/// One message.
#[utoipa::path(get, path = "/messages/{id}", tag = "messages", params(("id" = MessageId, Path)), responses((status = 200, body = MessageView)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<MessageId>,
) -> Result<Found<MessageView>, Problem> {
    caller.require("conversation:read")?;
    let channels = channels_of(&web, &caller).await?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => one(tx, &s, &id, channels.as_deref()).await)).await?;
    let message = found.ok_or_else(|| Problem::not_found("message"))?;
    seen_by(&web, &caller, &message.conversation).await.map_err(|why| why.hiding("message"))?;
    Ok(Found(message))
}
