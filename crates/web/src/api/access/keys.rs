//! API keys of a business.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontdesk_engine::events::Event;
use frontdesk_kernel::{
    Timestamp,
    ids::KeyId,
    member::{PERMISSIONS, scopes_allow},
};
use frontdesk_store::{audit, people, people::Key, work};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    members::{self, List},
    text,
};
use crate::{
    FreshKey, Web,
    kit::{Body, Caller, Deleted, Found, Page, Path, Problem, Query, ShownOnce, Time},
};

const LONGEST_DAYS: u32 = 3650;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeyState {
    Valid,
    Expired,
    Revoked,
}

#[derive(Serialize, ToSchema)]
struct KeyView {
    id: KeyId,
    name: String,
    /// The first characters, to recognise it by.
    prefix: String,
    scopes: Vec<String>,
    state: KeyState,
    created_at: Time,
    expires_at: Option<Time>,
    revoked_at: Option<Time>,
    /// To the minute.
    last_used_at: Option<Time>,
}

fn view(k: Key, now: Timestamp) -> KeyView {
    let state = match (k.revoked_at, k.expires_at) {
        (Some(_), _) => KeyState::Revoked,
        (None, Some(at)) if at <= now => KeyState::Expired,
        _ => KeyState::Valid,
    };
    KeyView {
        id: k.id,
        name: k.name,
        prefix: k.prefix,
        scopes: k.scopes,
        state,
        created_at: k.created_at.into(),
        expires_at: k.expires_at.map(Time::from),
        revoked_at: k.revoked_at.map(Time::from),
        last_used_at: k.last_used_at.map(Time::from),
    }
}

/// API keys, newest first, revoked ones too.
#[utoipa::path(get, path = "/keys", tag = "keys", params(List), responses((status = 200, body = Page<KeyView>, description = "A page.")))]
async fn list(State(web): State<Web>, caller: Caller, Query(q): Query<List>) -> Result<Found<Page<KeyView>>, Problem> {
    caller.require("key:read")?;
    let window = web.window::<(Timestamp, KeyId)>(&caller, "keys", q.cursor.as_deref(), q.limit)?;
    let (s, after, limit, now) = (caller.scope.clone(), window.after, window.limit, web.desk.now());
    let found = web.desk.db.read(&caller.scope, work!(tx => people::key_page(tx, &s, after, limit + 1).await)).await?;
    let page = web.page(&caller, "keys", limit, found, |k: &Key| (k.created_at, k.id.clone()));
    Ok(Found(page.map(|k| view(k, now))))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewKey {
    /// Who or what uses it.
    name: String,
    /// `noun:verb`; `noun:*` and `*` allow more. Never more than its maker is allowed.
    scopes: Vec<String>,
    /// Absent = until it is revoked.
    #[schema(minimum = 1, maximum = 3650)]
    expires_in_days: Option<u32>,
}

/// A key with its text.
#[derive(Serialize, ToSchema)]
struct MadeKey {
    #[serde(flatten)]
    view: KeyView,
    /// Shown only now: `Authorization: Bearer fd_…`.
    key: String,
}

/// Make a key. Its text is shown only in this answer.
#[utoipa::path(post, path = "/keys", tag = "keys", request_body = NewKey, responses((status = 201, body = MadeKey, description = "Made.")))]
async fn create(State(web): State<Web>, caller: Caller, Body(new): Body<NewKey>) -> Result<Response, Problem> {
    caller.require("key:write")?;
    let name = text::line("name", &new.name, 120)?;
    check(&new.scopes)?;
    members::giver(&caller).may_make_key(&new.scopes)?;
    let now = web.desk.now();
    let expires_at = match new.expires_in_days {
        Some(days) if !(1..=LONGEST_DAYS).contains(&days) => {
            return Err(Problem::field("expires_in_days", format!("from 1 to {LONGEST_DAYS}")));
        }
        days => days.map(|d| now.plus(Duration::from_secs(u64::from(d) * 86_400))),
    };
    let fresh = FreshKey::new(web.desk.access.random.as_ref());
    let key = Key {
        id: web.desk.id(),
        tenant: caller.scope.tenant().clone(),
        name,
        prefix: fresh.prefix,
        hash: fresh.hash,
        scopes: new.scopes,
        created_at: now,
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    let entry = caller.entry(&web, "key.create", key.id.as_str(), json!({ "name": key.name, "scopes": key.scopes }));
    let (s, k) = (caller.scope.clone(), key.clone());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                people::insert_key(tx, &s, &k).await?;
                audit::write(tx, &s, &entry).await
            }),
        )
        .await?;
    web.desk.events.tell(caller.scope.tenant(), Event::new("key.changed", key.id.as_str()));
    let mut response = (StatusCode::CREATED, Json(MadeKey { view: view(key, now), key: fresh.text })).into_response();
    response.extensions_mut().insert(ShownOnce);
    Ok(response)
}

/// Every scope allows something, and nothing that does not exist.
fn check(scopes: &[String]) -> Result<(), Problem> {
    if scopes.is_empty() || scopes.len() > PERMISSIONS.len() {
        return Err(Problem::field("scopes", "choose what the key may do"));
    }
    for (i, scope) in scopes.iter().enumerate() {
        if !PERMISSIONS.iter().any(|p| scopes_allow(std::slice::from_ref(scope), p.name)) {
            return Err(Problem::field(format!("scopes[{i}]"), "there is no such permission"));
        }
    }
    Ok(())
}

/// Revoke a key: it stops working at once.
#[utoipa::path(delete, path = "/keys/{id}", tag = "keys", params(("id" = KeyId, Path)), responses((status = 204, description = "Revoked.")))]
async fn revoke(State(web): State<Web>, caller: Caller, Path(id): Path<KeyId>) -> Result<Deleted, Problem> {
    caller.require("key:write")?;
    let (s, k, now) = (caller.scope.clone(), id.clone(), web.desk.now());
    let entry = caller.entry(&web, "key.delete", id.as_str(), json!({}));
    let revoked = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let revoked = people::revoke_key(tx, &s, &k, now).await?;
                if revoked {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(revoked)
            }),
        )
        .await?;
    if !revoked {
        return Err(Problem::not_found("key"));
    }
    web.desk.events.tell(caller.scope.tenant(), Event::new("key.changed", id.as_str()));
    Ok(Deleted)
}
