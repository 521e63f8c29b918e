//! The example call of a tool: made on purpose, once, and remembered, so that people see whether the service answered the last time.

use frontdesk_kernel::{
    Scope,
    http_tool::{HttpTool, Probe},
    tenant::Tenant,
};
use frontdesk_store::{Result, http_tools, http_tools::ToolSecret, work};
use serde_json::Value;

use super::{answer::cut, trial};
use crate::Desk;

/// Of what came back.
const LONGEST: usize = 400;

/// `None`: the tool has no example.
pub async fn run(desk: &Desk, tenant: &Tenant, secrets: Vec<ToolSecret>, tool: &HttpTool) -> Result<Option<Probe>> {
    let Some(example) = tool.spec.example.clone() else { return Ok(None) };
    let tried = trial::run(desk, tenant, secrets, tool.clone(), &example).await;
    let told = tried.problem.as_ref().map_or(tried.told.as_str(), |problem| problem.detail.as_str());
    let probe = Probe {
        at: desk.now(),
        succeeded: tried.succeeded,
        told: cut(told, LONGEST),
        millis: tried.millis,
        version: tool.version,
    };
    let scope = Scope::of(tenant.id.clone());
    let (s, id, kept) = (scope.clone(), tool.id.clone(), probe.clone());
    desk.db.write(&scope, work!(tx => http_tools::probed(tx, &s, &id, &kept).await)).await?;
    Ok(Some(probe))
}

/// The arguments of a probe as they are kept: an object, or none at all.
pub fn example(given: Option<Value>) -> Option<Value> {
    given.filter(|value| !value.is_null())
}
