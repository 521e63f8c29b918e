//! Channels: connected accounts, whether they work, and how to connect one.

mod check;
mod connect;
mod templates;
mod view;

use axum::extract::State;
use frontdesk_kernel::ids::ChannelId;
use frontdesk_store::{channels as stored, work};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::view::{ChannelView, Kind};
use crate::{
    Web,
    kit::{Caller, Found, Path, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, connect::create))
        .routes(routes!(kinds))
        .routes(routes!(check::draft))
        .routes(routes!(show, connect::update, connect::delete))
        .routes(routes!(check::connected))
        .routes(routes!(templates::list))
}

/// Every channel of the business: there are few, so they come at once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Channels {
    items: Vec<ChannelView>,
}

/// Channels, in the order in which they were connected.
#[utoipa::path(get, path = "/channels", tag = "channels", responses((status = 200, body = Channels)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<Channels>, Problem> {
    caller.require("channel:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => stored::list(tx, &s).await)).await?;
    Ok(Found(Channels { items: found.into_iter().map(|c| ChannelView::of(&web, c)).collect() }))
}

/// What can be connected.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kinds {
    items: Vec<Kind>,
}

/// Kinds of channels, with what each asks for.
#[utoipa::path(get, path = "/channels/kinds", tag = "channels", responses((status = 200, body = Kinds)))]
pub(crate) async fn kinds(State(web): State<Web>, caller: Caller) -> Result<Found<Kinds>, Problem> {
    caller.require("channel:read")?;
    Ok(Found(Kinds { items: web.desk.channels.iter().map(|c| Kind::of(c.about())).collect() }))
}

/// One channel.
#[utoipa::path(get, path = "/channels/{id}", tag = "channels", params(("id" = ChannelId, Path)), responses((status = 200, body = ChannelView)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ChannelId>,
) -> Result<Found<ChannelView>, Problem> {
    caller.require("channel:read")?;
    let channel = find(&web, &caller, &id).await?;
    let at = channel.updated_at;
    Ok(Found::tagged(ChannelView::of(&web, channel), at))
}

async fn find(web: &Web, caller: &Caller, id: &ChannelId) -> Result<stored::Channel, Problem> {
    let (s, id) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => stored::get(tx, &s, &id).await)).await?;
    found.ok_or_else(|| Problem::not_found("channel"))
}
