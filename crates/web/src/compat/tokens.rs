//! `/tokens/…`: the agent server's routes for business credit, onto the same ledger. The business of the path must be the one that the key
//! (and `x-tenant-id`, when it is sent) is for.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    Web,
    api::{
        agent_server::same_business,
        business::view_of,
        tokens::{
            balance::{self, Balance},
            settings::costs_of,
            top_up::{self, TopUp},
            usage,
        },
    },
    kit::{Body, Caller, Path, Problem, Query},
};

pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/tokens/balance/{tenant}", get(show))
        .route("/tokens/usage/{tenant}", get(used))
        .route("/tokens/add/{tenant}", post(add))
        .route("/tokens/costs", get(costs))
}

async fn show(State(web): State<Web>, caller: Caller, Path(tenant): Path<String>) -> Result<Json<Value>, Problem> {
    same_business(&caller, &tenant)?;
    caller.require("tokens:read")?;
    let balance = balance::of(&web, &caller.scope, &view_of(&web, &caller).await?.tenant).await?;
    Ok(Json(shown(&tenant, &balance)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    from: Option<Date>,
    to: Option<Date>,
}

async fn used(
    State(web): State<Web>,
    caller: Caller,
    Path(tenant): Path<String>,
    Query(q): Query<Span>,
) -> Result<Json<Value>, Problem> {
    same_business(&caller, &tenant)?;
    caller.require("tokens:read")?;
    let usage = usage::of(&web, &caller.scope, &view_of(&web, &caller).await?.tenant, q.from, q.to).await?;
    let items = usage.items.iter().map(|i| json!({ "date": i.day, "action": i.action, "tokens": i.tokens, "count": i.times }));
    Ok(Json(json!({ "tenantId": tenant, "total": usage.tokens, "usage": items.collect::<Vec<_>>() })))
}

/// The predecessor did not say what its body holds: the usual names are taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    #[serde(alias = "amount")]
    tokens: i64,
    #[serde(default, alias = "description", alias = "reason")]
    note: Option<String>,
}

async fn add(
    State(web): State<Web>,
    caller: Caller,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    Body(add): Body<Add>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    same_business(&caller, &tenant)?;
    if !headers.contains_key("idempotency-key") {
        let detail = "Send an `Idempotency-Key`: a top-up that is repeated by accident is entered once.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_required", detail));
    }
    let balance = top_up::carry_out(&web, &caller, &headers, TopUp { tokens: add.tokens, note: add.note }).await?;
    Ok((StatusCode::CREATED, Json(shown(&tenant, &balance))))
}

async fn costs(State(web): State<Web>, caller: Caller) -> Result<Json<Value>, Problem> {
    caller.require("tokens:read")?;
    let view = view_of(&web, &caller).await?;
    let costs: Map<String, Value> =
        costs_of(&view.tenant.settings.tokens).into_iter().map(|c| (c.key, c.tokens.into())).collect();
    Ok(Json(json!({ "costs": costs })))
}

fn shown(tenant: &str, b: &Balance) -> Value {
    json!({ "tenantId": tenant, "balance": b.balance, "reserved": b.reserved, "available": b.available, "enabled": b.enabled })
}
