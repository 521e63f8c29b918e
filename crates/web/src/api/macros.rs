//! Saved replies, shared by everybody of a business.

use axum::extract::State;
use frontdesk_engine::events::Event;
use frontdesk_kernel::{ids::*, scope::Server};
use frontdesk_store::{
    Error, audit,
    macros::{self, Macro},
    people, work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::conversations::seen_by;
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Page, Path, Problem, Query, Time},
};

const LONGEST_NAME: usize = 80;
const LONGEST_TEXT: usize = 4096;
/// What a text may hold between `{{` and `}}`. Names, not a language.
const PLACES: &[&str] = &["contact.name", "contact.first_name", "business.name", "staff.name"];

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, update, delete)).routes(routes!(fill))
}

/// A saved reply.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MacroView {
    id: MacroId,
    name: String,
    /// May hold `{{contact.name}}`, `{{contact.first_name}}`, `{{business.name}}`, `{{staff.name}}`.
    text: String,
    created_at: Time,
    updated_at: Time,
}

impl From<Macro> for MacroView {
    fn from(m: Macro) -> MacroView {
        MacroView { id: m.id, name: m.name, text: m.text, created_at: m.created_at.into(), updated_at: m.updated_at.into() }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMacro {
    name: String,
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MacroChange)]
pub(crate) struct Change {
    #[serde(default)]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(default)]
    #[schema(nullable = false)]
    text: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Saved replies, by name.
#[utoipa::path(get, path = "/macros", tag = "macros", params(List), responses((status = 200, body = Page<MacroView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<MacroView>>, Problem> {
    caller.require("macro:read")?;
    let window = web.window::<String>(&caller, "macros", q.cursor.as_deref(), q.limit)?;
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let found = web.desk.db.read(&caller.scope, work!(tx => macros::list(tx, &s, after.as_deref(), limit + 1).await)).await?;
    Ok(Found(web.page(&caller, "macros", limit, found, |m| m.name.clone()).map(MacroView::from)))
}

/// Adds a saved reply.
#[utoipa::path(post, path = "/macros", tag = "macros", request_body = NewMacro, responses((status = 201, body = MacroView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewMacro>,
) -> Result<Created<MacroView>, Problem> {
    caller.require("macro:write")?;
    let now = web.desk.now();
    let saved = Macro { id: web.desk.id(), name: name(&new.name)?, text: text(new.text)?, created_at: now, updated_at: now };
    let entry = caller.entry(&web, "macro.create", saved.id.as_str(), json!({ "name": saved.name }));
    let (s, m) = (caller.scope.clone(), saved.clone());
    let stored = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                macros::insert(tx, &s, &m).await?;
                audit::write(tx, &s, &entry).await
            }),
        )
        .await;
    taken(stored)?;
    tell(&web, &caller, &saved.id);
    Ok(Created::at(format!("/api/v1/macros/{}", saved.id), saved.clone().into()).tagged(saved.updated_at))
}

/// One saved reply.
#[utoipa::path(get, path = "/macros/{id}", tag = "macros", params(("id" = MacroId, Path)), responses((status = 200, body = MacroView)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<MacroId>) -> Result<Found<MacroView>, Problem> {
    caller.require("macro:read")?;
    let saved = get(&web, &caller, &id).await?;
    let at = saved.updated_at;
    Ok(Found::tagged(saved.into(), at))
}

/// Changes a saved reply.
#[utoipa::path(patch, path = "/macros/{id}", tag = "macros", params(("id" = MacroId, Path)), request_body = Change,
    responses((status = 200, body = MacroView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<MacroId>,
    Body(change): Body<Change>,
) -> Result<Found<MacroView>, Problem> {
    caller.require("macro:write")?;
    let before = get(&web, &caller, &id).await?;
    caller.if_match(before.updated_at)?;
    let saved = Macro {
        name: change.name.as_deref().map_or(Ok(before.name), name)?,
        text: change.text.map_or(Ok(before.text), text)?,
        updated_at: web.desk.now(),
        ..before
    };
    let entry = caller.entry(&web, "macro.update", id.as_str(), json!({ "name": saved.name }));
    let (s, m) = (caller.scope.clone(), saved.clone());
    let stored = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                macros::update(tx, &s, &m).await?;
                audit::write(tx, &s, &entry).await
            }),
        )
        .await;
    taken(stored)?;
    tell(&web, &caller, &id);
    let at = saved.updated_at;
    Ok(Found::tagged(saved.into(), at))
}

/// Removes a saved reply.
#[utoipa::path(delete, path = "/macros/{id}", tag = "macros", params(("id" = MacroId, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, caller: Caller, Path(id): Path<MacroId>) -> Result<Deleted, Problem> {
    caller.require("macro:write")?;
    let before = get(&web, &caller, &id).await?;
    caller.if_match(before.updated_at)?;
    let entry = caller.entry(&web, "macro.delete", id.as_str(), json!({ "name": before.name }));
    let (s, m) = (caller.scope.clone(), id.clone());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                macros::delete(tx, &s, &m).await?;
                audit::write(tx, &s, &entry).await
            }),
        )
        .await?;
    tell(&web, &caller, &id);
    Ok(Deleted)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct For {
    /// The conversation it is for.
    conversation: ConversationId,
}

/// A saved reply, ready to be sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Filled {
    text: String,
    /// Places for which nothing is known; they are left empty.
    missing: Vec<String>,
}

/// The text with its places filled for a conversation.
#[utoipa::path(get, path = "/macros/{id}/text", tag = "macros", params(("id" = MacroId, Path), For), responses((status = 200, body = Filled)))]
pub(crate) async fn fill(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<MacroId>,
    Query(q): Query<For>,
) -> Result<Found<Filled>, Problem> {
    caller.require("macro:read")?;
    caller.require("conversation:read")?;
    let saved = get(&web, &caller, &id).await?;
    let thread = seen_by(&web, &caller, &q.conversation).await?;
    let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
    let staff = match caller.person().cloned() {
        Some(person) => web.desk.db.read(&Server, work!(tx => people::get(tx, &Server, &person).await)).await?.map(|p| p.name),
        None => None,
    };
    let name = thread.contact_name;
    let first = name.as_deref().and_then(|n| n.split_whitespace().next()).map(str::to_owned);
    let value = |place: &str| match place {
        "contact.name" => name.clone(),
        "contact.first_name" => first.clone(),
        "business.name" => view.as_ref().map(|v| v.tenant.name.clone()),
        "staff.name" => staff.clone(),
        _ => None,
    };
    Ok(Found(filled(&saved.text, value)))
}

fn filled(text: &str, value: impl Fn(&str) -> Option<String>) -> Filled {
    let mut out = Filled { text: String::with_capacity(text.len()), missing: Vec::new() };
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.text.push_str(text),
            Piece::Place(place) => match value(place) {
                Some(value) => out.text.push_str(&value),
                None if out.missing.iter().any(|m| m == place) => {}
                None => out.missing.push(place.to_owned()),
            },
        }
    }
    out
}

enum Piece<'t> {
    Text(&'t str),
    Place(&'t str),
}

/// What is filled in is never looked through again.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((place, after)) = after.split_once("}}") else { break };
        pieces.extend([Piece::Text(before), Piece::Place(place.trim())]);
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

async fn get(web: &Web, caller: &Caller, id: &MacroId) -> Result<Macro, Problem> {
    let (s, id) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => macros::get(tx, &s, &id).await)).await?;
    found.ok_or_else(|| Problem::not_found("macro"))
}

fn name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let fine = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fine { Ok(name.to_owned()) } else { Err(Problem::field("name", format!("one line of 1 to {LONGEST_NAME} characters"))) }
}

fn text(text: String) -> Result<String, Problem> {
    if text.trim().is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(Problem::field("text", format!("from 1 to {LONGEST_TEXT} characters")));
    }
    for piece in pieces(&text) {
        if let Piece::Place(place) = piece
            && !PLACES.contains(&place)
        {
            return Err(Problem::field("text", format!("there is no `{{{{{place}}}}}`; there are: {}", PLACES.join(", "))));
        }
    }
    Ok(text)
}

fn taken(stored: Result<(), Error>) -> Result<(), Problem> {
    match stored {
        Err(Error::Conflict(_)) => Err(Problem::conflict("name_taken", "Another saved reply has this name.")),
        other => Ok(other?),
    }
}

fn tell(web: &Web, caller: &Caller, id: &MacroId) {
    web.desk.events.tell(caller.scope.tenant(), Event::new("macro.changed", id.as_str()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_once_and_unknown_ones_are_refused() {
        let value = |place: &str| (place == "contact.name").then(|| "{{staff.name}}".to_owned());
        let out = filled("Hola {{ contact.name }} de {{staff.name}} {{", value);
        assert_eq!((out.text.as_str(), out.missing), ("Hola {{staff.name}} de  {{", vec!["staff.name".to_owned()]));
        assert!(text("Hola {{contact.name}}".into()).is_ok() && text("Hola {{ constructor }}".into()).is_err());
    }
}
