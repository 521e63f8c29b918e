//! What waits for somebody's decision: listed, looked at whole, decided once.

mod decide;
mod reach;
mod view;

use axum::extract::State;
use frontdesk_kernel::{
    Timestamp,
    approval::{Kind, State as ApprovalState},
    ids::*,
};
use frontdesk_store::{
    approvals::{self as stored, Filter, Listed},
    people, work,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::view::ApprovalView;
use super::conversations::{channels_of, located};
use crate::{
    Web,
    kit::{Caller, Found, Page, Path, Problem, Query},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(counts))
        .routes(routes!(reach::list))
        .routes(routes!(show))
        .routes(routes!(decide::approve))
        .routes(routes!(decide::reject))
        .routes(routes!(decide::edit))
        .routes(routes!(decide::answer))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    state: Option<ApprovalState>,
    kind: Option<Kind>,
    conversation: Option<ConversationId>,
}

/// What waits, or waited, for a decision; newest first
#[utoipa::path(get, path = "/approvals", tag = "approvals", params(List), responses((status = 200, body = Page<ApprovalView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<ApprovalView>>, Problem> {
    caller.require("approval:read")?;
    let window = web.window::<(Timestamp, ApprovalId)>(&caller, "approvals", q.cursor.as_deref(), q.limit)?;
    let channels = channels_of(&web, &caller).await?;
    let filter = Filter { state: q.state, kind: q.kind, conversation: q.conversation, channels };
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let found =
        web.desk.db.read(&caller.scope, work!(tx => stored::list(tx, &s, &filter, after.as_ref(), limit + 1).await)).await?;
    let names = names(&web, &caller, &found).await?;
    let view = business(&web, &caller).await?;
    let page = web.page(&caller, "approvals", limit, found, |l| (l.approval.created_at, l.approval.id.clone()));
    Ok(Found(page.map(|listed| ApprovalView::of(&web, &view, &caller, listed, &names))))
}

/// How much waits for a decision
#[derive(Serialize, ToSchema)]
#[schema(as = ApprovalCounts)]
pub(crate) struct Counts {
    /// For somebody of the team.
    team: i64,
    /// For customers.
    customers: i64,
}

/// How much waits for a decision
#[utoipa::path(get, path = "/approvals/counts", tag = "approvals", operation_id = "counts", responses((status = 200, body = Counts)))]
pub(crate) async fn counts(State(web): State<Web>, caller: Caller) -> Result<Found<Counts>, Problem> {
    caller.require("approval:read")?;
    let (s, channels) = (caller.scope.clone(), channels_of(&web, &caller).await?);
    let (team, customers) =
        web.desk.db.read(&caller.scope, work!(tx => stored::pending(tx, &s, channels.as_deref()).await)).await?;
    Ok(Found(Counts { team, customers }))
}

/// One request whole: the exact arguments, where each came from, and what became of it
#[utoipa::path(get, path = "/approvals/{id}", tag = "approvals", params(("id" = ApprovalId, Path)),
    responses((status = 200, body = ApprovalView)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ApprovalId>,
) -> Result<Found<ApprovalView>, Problem> {
    caller.require("approval:read")?;
    let listed = one(&web, &caller, &id).await?;
    shown(&web, &caller, listed).await
}

/// One that the caller may see.
async fn one(web: &Web, caller: &Caller, id: &ApprovalId) -> Result<Listed, Problem> {
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => stored::get(tx, &s, &wanted).await)).await?;
    let approval = found.ok_or_else(|| Problem::not_found("approval"))?;
    let thread = located(web, caller, &approval.conversation).await.map_err(|why| why.hiding("approval"))?;
    let (contact, channel) = (thread.conversation.contact, thread.conversation.channel);
    Ok(Listed { approval, contact, contact_name: thread.contact_name, channel })
}

async fn shown(web: &Web, caller: &Caller, listed: Listed) -> Result<Found<ApprovalView>, Problem> {
    let names = names(web, caller, std::slice::from_ref(&listed)).await?;
    let view = business(web, caller).await?;
    let at = listed.approval.updated_at;
    Ok(Found::tagged(ApprovalView::of(web, &view, caller, listed, &names), at))
}

async fn business(web: &Web, caller: &Caller) -> Result<std::sync::Arc<frontdesk_engine::directory::View>, Problem> {
    let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
    view.ok_or_else(|| Problem::not_found("tenant"))
}

/// Names of whoever asked, changed and decided.
async fn names(web: &Web, caller: &Caller, listed: &[Listed]) -> Result<Vec<(String, String)>, Problem> {
    let mut ids: Vec<String> = Vec::new();
    for a in listed.iter().map(|l| &l.approval) {
        ids.extend([&a.requested_by, &a.decided_by].into_iter().chain(&a.edited_by).filter(|id| !id.is_empty()).cloned());
    }
    let s = caller.scope.clone();
    Ok(web.desk.db.read(&caller.scope, work!(tx => people::names(tx, &s, &ids).await)).await?)
}
