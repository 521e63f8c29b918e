//! Notes of the team on a conversation.

use std::collections::HashMap;

use axum::extract::State;
use frontdesk_engine::events::Event;
use frontdesk_kernel::{Timestamp, ids::*};
use frontdesk_store::{
    audit,
    notes::{self, Note},
    people, work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::seen_by;
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Page, Path, Problem, Query, Time},
};

const LONGEST: usize = 10_000;

/// What the team tells itself; the contact never sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoteView {
    id: NoteId,
    conversation: ConversationId,
    text: String,
    /// `usr_…` or `key_…`.
    author: String,
    author_name: Option<String>,
    created_at: Time,
    updated_at: Time,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    /// From 1 to 10 000 characters.
    text: String,
}

impl NewNote {
    fn text(self) -> Result<String, Problem> {
        let n = self.text.trim().chars().count();
        if (1..=LONGEST).contains(&n) {
            Ok(self.text)
        } else {
            Err(Problem::field("text", format!("from 1 to {LONGEST} characters")))
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Notes of a conversation, newest first.
#[utoipa::path(get, path = "/conversations/{id}/notes", tag = "conversations", params(("id" = ConversationId, Path), List),
    responses((status = 200, body = Page<NoteView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Query(q): Query<List>,
) -> Result<Found<Page<NoteView>>, Problem> {
    caller.require("conversation:read")?;
    seen_by(&web, &caller, &id).await?;
    let name = format!("notes {id}");
    let window = web.window::<(Timestamp, NoteId)>(&caller, &name, q.cursor.as_deref(), q.limit)?;
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let found = web.desk.db.read(&caller.scope, work!(tx => notes::list(tx, &s, &id, after.as_ref(), limit + 1).await)).await?;
    let page = web.page(&caller, &name, limit, found, |n| (n.created_at, n.id.clone()));
    Ok(Found(Page { items: shown(&web, &caller, page.items).await?, next: page.next }))
}

/// Adds a note.
#[utoipa::path(post, path = "/conversations/{id}/notes", tag = "conversations", params(("id" = ConversationId, Path)), request_body = NewNote,
    responses((status = 201, body = NoteView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(new): Body<NewNote>,
) -> Result<Created<NoteView>, Problem> {
    caller.require("conversation:write")?;
    seen_by(&web, &caller, &id).await?;
    let now = web.desk.now();
    let note = Note {
        id: web.desk.id(),
        conversation: id.clone(),
        text: new.text()?,
        written_by: caller.actor.id().to_owned(),
        created_at: now,
        updated_at: now,
    };
    let (s, stored, entry) =
        (caller.scope.clone(), note.clone(), caller.entry(&web, "note.create", note.id.as_str(), json!({ "conversation": id })));
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                notes::insert(tx, &s, &stored).await?;
                audit::write(tx, &s, &entry).await
            }),
        )
        .await?;
    tell(&web, &caller, &note);
    let location = format!("/api/v1/conversations/{id}/notes/{}", note.id);
    let view = shown(&web, &caller, vec![note]).await?.pop().ok_or_else(Problem::internal)?;
    Ok(Created::at(location, view))
}

/// Changes a note.
#[utoipa::path(patch, path = "/conversations/{id}/notes/{note}", tag = "conversations", params(("id" = ConversationId, Path), ("note" = NoteId, Path)),
    request_body = NewNote, responses((status = 200, body = NoteView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path((id, note)): Path<(ConversationId, NoteId)>,
    Body(new): Body<NewNote>,
) -> Result<Found<NoteView>, Problem> {
    caller.require("conversation:write")?;
    let before = theirs(&web, &caller, &id, &note).await?;
    let (text, now) = (new.text()?, web.desk.now());
    let note = Note { text, updated_at: now, ..before };
    let (s, stored, entry) =
        (caller.scope.clone(), note.clone(), caller.entry(&web, "note.update", note.id.as_str(), json!({ "conversation": id })));
    let changed = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                audit::write(tx, &s, &entry).await?;
                notes::update(tx, &s, &stored.id, &stored.text, now).await
            }),
        )
        .await?;
    if !changed {
        return Err(Problem::not_found("note"));
    }
    tell(&web, &caller, &note);
    shown(&web, &caller, vec![note]).await?.pop().map(Found).ok_or_else(Problem::internal)
}

/// Removes a note.
#[utoipa::path(delete, path = "/conversations/{id}/notes/{note}", tag = "conversations", params(("id" = ConversationId, Path), ("note" = NoteId, Path)),
    responses((status = 204)))]
pub(crate) async fn delete(
    State(web): State<Web>,
    caller: Caller,
    Path((id, note)): Path<(ConversationId, NoteId)>,
) -> Result<Deleted, Problem> {
    caller.require("conversation:write")?;
    let before = theirs(&web, &caller, &id, &note).await?;
    let (s, entry) = (caller.scope.clone(), caller.entry(&web, "note.delete", note.as_str(), json!({ "conversation": id })));
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                notes::delete(tx, &s, &note).await?;
                audit::write(tx, &s, &entry).await
            }),
        )
        .await?;
    tell(&web, &caller, &before);
    Ok(Deleted)
}

/// A note of this conversation. Whoever may write one may change any: they are the team's.
async fn theirs(web: &Web, caller: &Caller, conversation: &ConversationId, id: &NoteId) -> Result<Note, Problem> {
    seen_by(web, caller, conversation).await?;
    let (s, id) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => notes::get(tx, &s, &id).await)).await?;
    found.filter(|n| n.conversation == *conversation).ok_or_else(|| Problem::not_found("note"))
}

fn tell(web: &Web, caller: &Caller, note: &Note) {
    web.desk.events.tell(caller.scope.tenant(), Event::new("note.changed", note.id.as_str()).within(&note.conversation));
}

async fn shown(web: &Web, caller: &Caller, notes: Vec<Note>) -> Result<Vec<NoteView>, Problem> {
    let wanted: Vec<String> = notes.iter().map(|n| n.written_by.clone()).collect();
    let s = caller.scope.clone();
    let names: HashMap<String, String> =
        web.desk.db.read(&caller.scope, work!(tx => people::names(tx, &s, &wanted).await)).await?.into_iter().collect();
    let view = |n: Note| NoteView {
        author_name: names.get(&n.written_by).cloned(),
        id: n.id,
        conversation: n.conversation,
        text: n.text,
        author: n.written_by,
        created_at: n.created_at.into(),
        updated_at: n.updated_at.into(),
    };
    Ok(notes.into_iter().map(view).collect())
}
