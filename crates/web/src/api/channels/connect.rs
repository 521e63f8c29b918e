//! Connecting, changing and disconnecting a channel.

use std::collections::BTreeMap;

use axum::{Extension, extract::State};
use frontdesk_engine::{
    admin::{self, Secrets, channel},
    events::Event,
};
use frontdesk_kernel::{Secret, ids::ChannelId};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{find, view::ChannelView};
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Path, Problem, ShownOnce},
};

/// A channel to connect.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChannel {
    /// One of `GET /channels/kinds`.
    kind: String,
    /// The vendor's own id of the account; needed where the kind has settings.
    account: Option<String>,
    name: Option<String>,
    /// By key, as the kind lists them.
    #[serde(default)]
    settings: BTreeMap<String, String>,
    /// Sealed and never shown again.
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    /// Id of the agent that answers; the default one without it.
    agent: Option<String>,
    /// Id or name of the branch that it answers for; every one without it.
    location: Option<String>,
    /// Messages are recorded instead of sent.
    #[serde(default)]
    mock: bool,
}

/// Connects a channel.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = NewChannel, responses((status = 201, body = ChannelView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewChannel>,
) -> Result<(Option<Extension<ShownOnce>>, Created<ChannelView>), Problem> {
    caller.require("channel:write")?;
    let change = channel::Change {
        name: new.name,
        agent: new.agent,
        location: new.location,
        mock: Some(new.mock),
        settings: new.settings.into_iter().map(|(k, v)| (k, Some(v))).collect(),
        secrets: Secrets(new.secrets.into_iter().map(|(k, v)| (k, Some(Secret::new(v)))).collect()),
        ..channel::Change::default()
    };
    let detail = json!({ "kind": new.kind, "account": new.account });
    let action = channel::Action::Create { kind: new.kind, account: new.account, change };
    let made = carry_out(&web, &caller, action, "channel.create", detail).await?;
    let id = made["id"].as_str().and_then(|id| ChannelId::parse(id).ok()).ok_or_else(Problem::internal)?;
    let new_secrets: Option<BTreeMap<String, String>> = serde_json::from_value(made["new_secrets"].clone()).ok().flatten();
    let once = new_secrets.is_some().then_some(Extension(ShownOnce));
    let mut view = ChannelView::of(&web, find(&web, &caller, &id).await?);
    view.new_secrets = new_secrets;
    Ok((once, Created::at(format!("/api/v1/channels/{id}"), view)))
}

/// What is absent stays; a setting or secret that is `null` is removed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelChange {
    name: Option<String>,
    /// Empty = the business's default agent.
    agent: Option<String>,
    /// Id or name of the branch that it answers for; empty = every one.
    location: Option<String>,
    active: Option<bool>,
    mock: Option<bool>,
    #[serde(default)]
    settings: BTreeMap<String, Option<String>>,
    #[serde(default)]
    secrets: BTreeMap<String, Option<String>>,
    /// What stopped it is mended.
    #[serde(default)]
    resume: bool,
}

/// Changes a channel.
#[utoipa::path(patch, path = "/channels/{id}", tag = "channels", params(("id" = ChannelId, Path)), request_body = ChannelChange,
    responses((status = 200, body = ChannelView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ChannelId>,
    Body(change): Body<ChannelChange>,
) -> Result<Found<ChannelView>, Problem> {
    caller.require("channel:write")?;
    caller.if_match(find(&web, &caller, &id).await?.updated_at)?;
    let detail = json!({
        "name": change.name, "agent": change.agent, "location": change.location, "active": change.active, "mock": change.mock, "resume": change.resume,
        "settings": change.settings.keys().collect::<Vec<_>>(), "secrets": change.secrets.keys().collect::<Vec<_>>(),
    });
    let change = channel::Change {
        name: change.name,
        agent: change.agent,
        location: change.location,
        active: change.active,
        mock: change.mock,
        settings: change.settings,
        secrets: Secrets(change.secrets.into_iter().map(|(k, v)| (k, v.map(Secret::new))).collect()),
        resume: change.resume,
    };
    carry_out(&web, &caller, channel::Action::Update { channel: id.to_string(), change }, "channel.update", detail).await?;
    let channel = find(&web, &caller, &id).await?;
    let at = channel.updated_at;
    Ok(Found::tagged(ChannelView::of(&web, channel), at))
}

/// Disconnects a channel. Its conversations stay; nothing more is received or sent.
#[utoipa::path(delete, path = "/channels/{id}", tag = "channels", params(("id" = ChannelId, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, caller: Caller, Path(id): Path<ChannelId>) -> Result<Deleted, Problem> {
    caller.require("channel:write")?;
    let channel = find(&web, &caller, &id).await?;
    caller.if_match(channel.updated_at)?;
    let detail = json!({ "kind": channel.kind, "account": channel.account, "name": channel.name });
    carry_out(&web, &caller, channel::Action::Delete { channel: id.to_string() }, "channel.delete", detail).await?;
    Ok(Deleted)
}

async fn carry_out(web: &Web, caller: &Caller, action: channel::Action, what: &str, detail: Value) -> Result<Value, Problem> {
    let entry = caller.entry(web, what, "", detail);
    let request = admin::Request { tenant: Some(caller.scope.tenant().to_string()), action: admin::Action::Channel(action) };
    let done = admin::execute_for(&web.desk, request, Some(entry)).await?;
    let subject = done["id"].as_str().or(done["deleted"].as_str()).unwrap_or_default();
    web.desk.events.tell(caller.scope.tenant(), Event::new("channel.changed", subject));
    Ok(done)
}
