//! Tokens are put in, or taken out again.

use axum::{extract::State, http::HeaderMap};
use frontdesk_engine::tokens::keep;
use frontdesk_kernel::ledger::MOST_TOKENS;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::balance::{self, Balance};
use crate::{
    Web,
    api::business::view_of,
    kit::{Body, Caller, Created, Problem},
};

const LONGEST_NOTE: usize = 500;

/// Tokens to put in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopUp {
    /// Less than nothing takes them out again, with a note that says why.
    #[schema(minimum = -1_000_000_000, maximum = 1_000_000_000)]
    pub(crate) tokens: i64,
    #[serde(default)]
    pub(crate) note: Option<String>,
}

/// Puts tokens in. With an `Idempotency-Key`, once for ever.
#[utoipa::path(post, path = "/tokens/top-ups", tag = "tokens", request_body = TopUp, responses((status = 201, body = Balance)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    headers: HeaderMap,
    Body(top_up): Body<TopUp>,
) -> Result<Created<Balance>, Problem> {
    let balance = carry_out(&web, &caller, &headers, top_up).await?;
    Ok(Created::at("/api/v1/tokens/balance", balance))
}

pub(crate) async fn carry_out(web: &Web, caller: &Caller, headers: &HeaderMap, top_up: TopUp) -> Result<Balance, Problem> {
    caller.require("tokens:write")?;
    let TopUp { tokens, note } = top_up;
    if tokens > 0 {
        not_where_it_is_sold(web, caller)?;
    }
    if tokens == 0 || !(-MOST_TOKENS..=MOST_TOKENS).contains(&tokens) {
        return Err(Problem::field("tokens", format!("a whole number from 1 to {MOST_TOKENS}, or as many less than nothing")));
    }
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return Err(Problem::field("note", format!("at most {LONGEST_NOTE} characters")));
    }
    if tokens < 0 && note.is_none() {
        return Err(Problem::field("note", "say why they are taken out"));
    }
    let named = headers.get("idempotency-key").and_then(|v| v.to_str().ok());
    let once = match named {
        Some(key) => format!("{} {}/{key}", caller.actor.kind(), caller.actor.id()),
        None => web.desk.id::<frontdesk_kernel::ids::OfAudit>().to_string(),
    };
    let entry = caller.entry(web, "tokens.top_up", "", json!({ "tokens": tokens, "note": note }));
    let by = caller.actor.id().to_owned();
    keep::top_up(&web.desk, &caller.scope, keep::TopUp { tokens, note, by, once }, Some(entry)).await?;
    let view = view_of(web, caller).await?;
    balance::of(web, &caller.scope, &view.tenant).await
}

/// Where credit is sold, only whoever runs the server gives it away.
pub(super) fn not_where_it_is_sold(web: &Web, caller: &Caller) -> Result<(), Problem> {
    if web.desk.settings.credit_sale.is_none() || caller.operator {
        return Ok(());
    }
    let detail = "Credit is sold on this server: buy it with POST /tokens/checkout. What things cost, and whether accounts are kept, is for \
                  whoever runs the server to say.";
    Err(Problem::forbidden("sold_here", detail))
}
