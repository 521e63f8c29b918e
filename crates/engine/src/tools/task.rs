//! `create_task`: something for the team to do later.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    tool::ToolSpec,
};
use frontdesk_store::{Result, Tx, tasks};
use serde_json::{Value, json};

use super::{Told, Tool, ToolContext, calendar::text, tool_spec};

pub(super) struct CreateTask;

#[async_trait]
impl Tool for CreateTask {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "create_task",
            "Writes down something that a person of the team is to do later. It does not do it, and nobody is called at once.",
            {
                "title": {"type": "string", "minLength": 3, "maxLength": 200, "description": "for the team, one sentence"},
                "detail": {"type": "string", "maxLength": 1000}
            },
            ["title"]
        )
    }

    fn about(&self) -> About {
        About::changes(Category::Coordination, "task:write", "Write a task for the team", "Crear una tarea para el equipo")
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        let task = tasks::Task {
            id: context.id(),
            kind: "todo".into(),
            title: text(arguments, "title").unwrap_or_default().to_owned(),
            detail: text(arguments, "detail").map(str::to_owned),
            conversation: Some(context.conversation.id.clone()),
            contact: Some(context.contact.id.clone()),
            appointment: None,
            turn: Some(context.turn.clone()),
            state: "open".into(),
            assignee: None,
            due_at: None,
            created_by: String::new(),
            created_at: context.now,
            updated_at: context.now,
            done_at: None,
        };
        tasks::insert(tx, &context.scope, &task).await?;
        let content = context.say("Anoté una tarea para el equipo.", "I wrote a task for the team.");
        Ok(Told::fact(content, json!({ "task": task.id })))
    }
}
