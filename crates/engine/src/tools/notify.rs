//! `notify_team`: the team is to know something now; the conversation stays with the agent.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    ids::TaskId,
    tool::ToolSpec,
};
use frontdesk_store::{Result, Tx, tasks};
use serde_json::{Value, json};

use super::{Told, Tool, ToolContext, calendar::text, tool_spec};

pub(super) struct NotifyTeam;

#[async_trait]
impl Tool for NotifyTeam {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "notify_team",
            "Tells the team something they should know now, such as that a customer is late. The conversation stays with you.",
            { "message": {"type": "string", "minLength": 3, "maxLength": 300, "description": "for the team, one sentence"} },
            ["message"]
        )
    }

    fn about(&self) -> About {
        About::changes(Category::Coordination, "task:write", "Tell the team something", "Avisar al equipo").for_good()
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        let task: TaskId = context.id();
        let message = text(arguments, "message").unwrap_or_default();
        let (conversation, turn) = (Some(&context.conversation.id), Some(&context.turn));
        tasks::open(tx, &context.scope, &task, "notice", message, conversation, turn, context.now).await?;
        Ok(Told::fact(context.say("Avisé al equipo.", "I told the team."), json!({ "task": task })))
    }
}
