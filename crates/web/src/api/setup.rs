//! What a new business has still to do, from what is there.

use axum::extract::State;
use frontdesk_engine::models;
use frontdesk_kernel::scope::Server;
use frontdesk_store::{channels, people, work};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::business::view_of;
use crate::{
    Web,
    kit::{Caller, Found, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show))
}

/// A step of setting up, by a stable name.
#[derive(Serialize, ToSchema)]
pub(crate) struct Step {
    /// `model`, `whatsapp`, `webchat`, `hours`, `services`, `staff`, `prompt` or `team`.
    step: &'static str,
    done: bool,
    /// The desk works without it.
    optional: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Setup {
    steps: Vec<Step>,
}

/// The checklist of setting up.
#[utoipa::path(get, path = "/setup", tag = "setup", responses((status = 200, body = Setup)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Found<Setup>, Problem> {
    caller.require("business:read")?;
    let view = view_of(&web, &caller).await?;
    let (s, id) = (caller.scope.clone(), caller.scope.tenant().clone());
    let connected = web.desk.db.read(&caller.scope, work!(tx => channels::list(tx, &s).await)).await?;
    let team = web.desk.db.read(&Server, work!(tx => people::members(tx, &Server, &id).await)).await?;
    let has_kind = |kind: &str| connected.iter().any(|c| c.kind == kind && c.active && !c.mock);
    let has_ai = view.agent([None, None]).is_some_and(|a| {
        models::chain(&web.desk, &a.spec).iter().any(|choice| {
            models::endpoint(&web.desk, &view.model_keys, choice).is_ok_and(|(vendor, _)| vendor.model.about().is_ai)
        })
    });
    let own_prompt = view.agents.iter().any(|a| !a.spec.prompt.trim().is_empty());
    let step = |step, done, optional| Step { step, done, optional };
    let steps = vec![
        step("model", has_ai, false),
        step("whatsapp", has_kind("whatsapp"), false),
        step("hours", !view.tenant.profile.hours.0.is_empty(), false),
        step("services", !view.services.is_empty(), false),
        step("staff", !view.staff.is_empty(), true),
        step("webchat", has_kind("webchat"), true),
        step("prompt", own_prompt, true),
        step("team", team > 1, true),
    ];
    Ok(Found(Setup { steps }))
}
