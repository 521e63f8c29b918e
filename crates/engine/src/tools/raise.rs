//! `request_approval`: the model itself wants a person to look at a call before it is made.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    ports::model::ToolCall,
    tool::ToolSpec,
};
use frontdesk_store::{Result, Tx};
use serde_json::Value;

use super::{Told, Tool, ToolContext, tool_spec};

pub(crate) const REQUEST_APPROVAL: &str = "request_approval";

pub(super) struct RequestApproval;

#[async_trait]
impl Tool for RequestApproval {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            REQUEST_APPROVAL,
            "Puts a call of another tool before a person of the team instead of making it. Use it when a call is unusual or you are not sure.",
            {
                "tool": {"type": "string", "maxLength": 64, "description": "name of the tool"},
                "arguments": {"type": "object", "description": "its arguments"}
            },
            ["tool", "arguments"]
        )
    }

    fn about(&self) -> About {
        About::changes(Category::Coordination, "task:write", "Ask for approval", "Pedir autorización")
    }

    /// The call inside is what is decided about, before this is reached.
    async fn run(&self, _: &mut Tx, _: &ToolContext, _: &Value) -> Result<Told> {
        Ok(Told::refused("There is no such tool to ask about."))
    }
}

/// The call that a request is about.
pub(crate) fn wanted(request: &ToolCall) -> Option<ToolCall> {
    let name = request.arguments["tool"].as_str().filter(|name| *name != REQUEST_APPROVAL)?;
    let arguments = request.arguments.get("arguments").filter(|a| a.is_object())?;
    Some(ToolCall { id: request.id.clone(), name: name.to_owned(), arguments: arguments.clone(), broken: request.broken.clone() })
}
