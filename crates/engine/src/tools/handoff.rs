//! `handoff_to_human`: a person takes over; the bot is back on duty later by a visible rule.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    conversation::Mode,
    language::Line,
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Result, Tx, conversations, tasks, timers};
use serde_json::{Value, json};

use super::{Told, Tool, ToolContext, calendar::text, tool_spec};

pub(super) struct Handoff;

#[async_trait]
impl Tool for Handoff {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "handoff_to_human",
            "Hands the conversation to a person of the team. Use it when the customer asks for a person or you cannot help.",
            { "reason": {"type": "string", "maxLength": 300, "description": "for the team, one sentence"} },
            ["reason"]
        )
    }

    fn about(&self) -> About {
        About::changes(Category::Coordination, "conversation:write", "Hand over to a person", "Pasar a una persona")
            .proving(ReceiptKind::HandedOver)
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        let reason = text(arguments, "reason").unwrap_or("the customer asked for a person");
        let (id, until) = (&context.conversation.id, context.now.plus(context.desk.settings.human_for));
        conversations::set_mode(tx, &context.scope, id, Mode::Human, reason).await?;
        tasks::open(tx, &context.scope, &context.id(), "handoff", reason, Some(id), Some(&context.turn), context.now).await?;
        timers::arm(tx, &context.scope, &format!("resume/{id}"), "resume_bot", id.as_str(), until).await?;
        Ok(Told::done(
            ReceiptKind::HandedOver,
            Line::HandedOver.text(context.language()).to_owned(),
            json!({ "until": until.to_string() }),
        ))
    }
}
