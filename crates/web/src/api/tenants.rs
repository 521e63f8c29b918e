//! Every business on this server, for whoever runs it.

use axum::extract::State;
use frontdesk_engine::admin::{self, tenant};
use frontdesk_kernel::{Scope, ids::TenantId, scope::Server, tenant::Tenant};
use frontdesk_store::{channels, people, tenants, work};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Operator, Path, Problem, Time},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, update, delete))
}

/// A business as the server's operator sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantView {
    id: TenantId,
    name: String,
    business_type: String,
    time_zone: String,
    language: String,
    currency: String,
    /// The bot answers here.
    active: bool,
    members: i64,
    channels: usize,
    created_at: Time,
    updated_at: Time,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Tenants {
    items: Vec<TenantView>,
}

/// Every business.
#[utoipa::path(get, path = "/tenants", tag = "tenants", responses((status = 200, body = Tenants)))]
pub(crate) async fn list(State(web): State<Web>, _operator: Operator) -> Result<Found<Tenants>, Problem> {
    let all = web.desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
    let mut items = Vec::with_capacity(all.len());
    for tenant in all {
        items.push(view(&web, tenant).await?);
    }
    Ok(Found(Tenants { items }))
}

/// A business to open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTenant {
    name: String,
    business_type: Option<String>,
    /// IANA name; UTC without it.
    time_zone: Option<String>,
    /// BCP 47; English without it.
    language: Option<String>,
    /// ISO 4217; USD without it.
    currency: Option<String>,
}

/// Opens a business with an agent and usual hours.
#[utoipa::path(post, path = "/tenants", tag = "tenants", request_body = NewTenant, responses((status = 201, body = TenantView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    _operator: Operator,
    caller: Result<Caller, Problem>,
    Body(new): Body<NewTenant>,
) -> Result<Created<TenantView>, Problem> {
    let entry = caller.ok().map(|c| c.entry(&web, "tenant.create", "", json!({ "name": new.name })));
    let change = tenant::Change {
        name: Some(new.name),
        business_type: new.business_type,
        time_zone: new.time_zone,
        language: new.language,
        currency: new.currency,
        ..tenant::Change::default()
    };
    let request = admin::Request { tenant: None, action: admin::Action::Tenant(tenant::Action::Create(Box::new(change))) };
    let made = admin::execute_for(&web.desk, request, entry).await?;
    let id = made["id"].as_str().and_then(|id| TenantId::parse(id).ok()).ok_or_else(Problem::internal)?;
    let view = view(&web, find(&web, &id).await?).await?;
    Ok(Created::at(format!("/api/v1/tenants/{id}"), view))
}

/// One business.
#[utoipa::path(get, path = "/tenants/{id}", tag = "tenants", params(("id" = TenantId, Path)), responses((status = 200, body = TenantView)))]
pub(crate) async fn show(
    State(web): State<Web>,
    _operator: Operator,
    Path(id): Path<TenantId>,
) -> Result<Found<TenantView>, Problem> {
    let tenant = find(&web, &id).await?;
    let at = tenant.updated_at;
    Ok(Found::tagged(view(&web, tenant).await?, at))
}

/// What the operator changes; the rest is the business's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantChange {
    name: Option<String>,
    /// `false`: messages are stored and not answered.
    active: Option<bool>,
}

/// Renames a business, or switches its bot off and on.
#[utoipa::path(patch, path = "/tenants/{id}", tag = "tenants", params(("id" = TenantId, Path)), request_body = TenantChange,
    responses((status = 200, body = TenantView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    _operator: Operator,
    caller: Result<Caller, Problem>,
    Path(id): Path<TenantId>,
    Body(change): Body<TenantChange>,
) -> Result<Found<TenantView>, Problem> {
    let before = find(&web, &id).await?;
    if let Ok(caller) = &caller {
        caller.if_match(before.updated_at)?;
    }
    let detail = json!({ "name": change.name, "active": change.active });
    let entry = caller.ok().map(|c| c.entry(&web, "tenant.update", id.as_str(), detail));
    let change = tenant::Change { name: change.name, active: change.active, ..tenant::Change::default() };
    let action = admin::Action::Tenant(tenant::Action::Update(Box::new(change)));
    admin::execute_for(&web.desk, admin::Request { tenant: Some(id.to_string()), action }, entry).await?;
    let tenant = find(&web, &id).await?;
    let at = tenant.updated_at;
    Ok(Found::tagged(view(&web, tenant).await?, at))
}

/// Deletes a business with everything in it. There is no way back but a backup.
#[utoipa::path(delete, path = "/tenants/{id}", tag = "tenants", params(("id" = TenantId, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, _operator: Operator, Path(id): Path<TenantId>) -> Result<Deleted, Problem> {
    let tenant = find(&web, &id).await?;
    let action = admin::Action::Tenant(tenant::Action::Delete);
    admin::execute(&web.desk, admin::Request { tenant: Some(id.to_string()), action }).await?;
    tracing::warn!(tenant = %tenant.id, "a business was deleted by the operator");
    Ok(Deleted)
}

async fn find(web: &Web, id: &TenantId) -> Result<Tenant, Problem> {
    let scope = Scope::of(id.clone());
    let s = scope.clone();
    let found = web.desk.db.read(&scope, work!(tx => tenants::get(tx, &s).await)).await?;
    found.ok_or_else(|| Problem::not_found("tenant"))
}

async fn view(web: &Web, t: Tenant) -> Result<TenantView, Problem> {
    let (scope, id) = (Scope::of(t.id.clone()), t.id.clone());
    let s = scope.clone();
    let connected = web.desk.db.read(&scope, work!(tx => channels::list(tx, &s).await)).await?;
    let members = web.desk.db.read(&Server, work!(tx => people::members(tx, &Server, &id).await)).await?;
    Ok(TenantView {
        id: t.id,
        name: t.name,
        business_type: t.business_type,
        time_zone: t.time_zone,
        language: t.language,
        currency: t.currency,
        active: t.active,
        members,
        channels: connected.len(),
        created_at: t.created_at.into(),
        updated_at: t.updated_at.into(),
    })
}
