//! `ask_colleague`: a question for the team; the answer comes back into the conversation.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    tool::ToolSpec,
};
use frontdesk_store::{Result, Tx};
use serde_json::Value;

use super::{Told, Tool, ToolContext, calendar::text, tool_spec};
use crate::approvals;

pub(super) struct AskColleague;

#[async_trait]
impl Tool for AskColleague {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "ask_colleague",
            "Asks the team something that you need to know to help the customer. The answer comes later; tell the customer that you are asking.",
            { "question": {"type": "string", "minLength": 5, "maxLength": 500, "description": "for the team, with what they need to know to answer"} },
            ["question"]
        )
    }

    fn about(&self) -> About {
        About::changes(Category::Coordination, "task:write", "Ask the team", "Preguntar al equipo")
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        let question = text(arguments, "question").unwrap_or_default();
        let asked = approvals::ask_question(tx, context, "ask_colleague", arguments, question).await?;
        let content = context.say(
            "Le pregunté al equipo; te cuento por aquí en cuanto me respondan.",
            "I asked the team; I will tell you here as soon as they answer.",
        );
        Ok(Told::fact(content, asked))
    }
}
