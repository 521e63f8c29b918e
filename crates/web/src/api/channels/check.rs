//! Does it work? Asks the vendor, without sending anything.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use frontdesk_engine::{
    checkup::{self, Finding, Level},
    directory,
};
use frontdesk_kernel::{Secret, ids::ChannelId, ports::channel::Account};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::find;
use crate::{
    Web,
    kit::{Body, Caller, Found, Path, Problem},
};

/// What the vendor said.
#[derive(Serialize, ToSchema)]
pub(crate) struct Checked {
    works: bool,
    /// In words.
    says: String,
    /// What a person should do about it.
    todo: Option<String>,
}

impl From<Finding> for Checked {
    fn from(f: Finding) -> Checked {
        Checked { works: f.level == Level::Ok, says: f.says, todo: f.todo }
    }
}

/// Asks the vendor of a connected channel whether its credentials work.
#[utoipa::path(post, path = "/channels/{id}/check", tag = "channels", params(("id" = ChannelId, Path)), responses((status = 200, body = Checked)))]
pub(crate) async fn connected(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ChannelId>,
) -> Result<Found<Checked>, Problem> {
    caller.require("channel:write")?;
    let channel = find(&web, &caller, &id).await?;
    let line = Arc::new(directory::open_line(&web.desk, channel));
    Ok(Found(checkup::one_channel(&web.desk, line).await.into()))
}

/// Credentials that are not stored yet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    kind: String,
    account: String,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
}

/// Asks the vendor whether these credentials would work. Nothing is stored.
#[utoipa::path(post, path = "/channels/check", tag = "channels", request_body = Draft, responses((status = 200, body = Checked)))]
pub(crate) async fn draft(State(web): State<Web>, caller: Caller, Body(draft): Body<Draft>) -> Result<Found<Checked>, Problem> {
    caller.require("channel:write")?;
    let Some(connector) = web.desk.channel(&draft.kind) else { return Err(Problem::field("kind", "there is no such channel")) };
    let api = web.desk.settings.vendors.get(draft.kind.as_str());
    let account = Account {
        account: draft.account,
        settings: draft.settings.into_iter().map(|(k, v)| (k, v.into())).collect(),
        secrets: draft.secrets.into_iter().map(|(k, v)| (k, Secret::new(v))).collect(),
        base_url: api.map(|a| a.base_url.clone()).unwrap_or_default(),
        version: api.map(|a| a.version.clone()).unwrap_or_default(),
    };
    let finding = checkup::credentials(&web.desk, connector, &account).await;
    Ok(Found(finding.into()))
}
