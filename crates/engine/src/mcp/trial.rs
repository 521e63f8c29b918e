//! A server's tool tried by a person: what it answers, and what a model would read. Also before anybody approved it.

use std::sync::Arc;

use frontdesk_kernel::{Scope, effect::Outcome, mcp::McpTool};
use frontdesk_store::{Result, mcp::Kept};
use serde_json::Value;

use super::{Remote, Server, call, keep, usable};
use crate::Desk;

#[derive(Debug)]
pub struct Trial {
    /// What a model would read.
    pub told: String,
    pub succeeded: bool,
    pub millis: i64,
}

/// One call with these arguments, whatever it does over there. It goes out as the tool is offered now.
pub async fn run(desk: &Arc<Desk>, scope: &Scope, kept: Kept, tool: McpTool, arguments: &Value) -> Result<Trial> {
    let refused = |told: String| Ok(Trial { told, succeeded: false, millis: 0 });
    let definition = tool.offered.clone();
    let usable = match usable(&definition) {
        Ok(usable) => usable,
        Err(problem) => return refused(format!("The tool cannot be used: {problem}.")),
    };
    let problems: Vec<String> =
        usable.validator.iter_errors(arguments).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
    if !problems.is_empty() {
        return refused(problems.join("; "));
    }
    let server = Arc::new(Server::open(desk, scope, kept));
    let remote = Remote { server, hash: keep::hash(&definition), definition, tool };
    let began = desk.now();
    let (came, shown) = call::once(desk, scope, &remote, arguments, desk.settings.server_patience).await?;
    let millis = desk.now().since(began).as_millis() as i64;
    let (outcome, told) = came.told(&|text| remote.server.scrub(text, &shown));
    Ok(Trial { told, succeeded: outcome == Outcome::Succeeded, millis })
}
