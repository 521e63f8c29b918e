//! `my_appointments`: the contact's own upcoming ones.

use async_trait::async_trait;
use frontdesk_kernel::{action::About, tool::ToolSpec};
use frontdesk_store::{Result, Tx, calendar as book};
use serde_json::{Value, json};

use super::{MY_APPOINTMENTS, Told, Tool, ToolContext, calendar, tool_spec};

pub(super) struct List;

#[async_trait]
impl Tool for List {
    fn spec(&self) -> ToolSpec {
        tool_spec!(MY_APPOINTMENTS, "The customer's own upcoming appointments, with their ids.", {}, [])
    }

    fn about(&self) -> About {
        About::reads("booking:read", "Look at appointments", "Ver citas")
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, _: &Value) -> Result<Told> {
        let mine = book::upcoming_of(tx, &context.scope, &context.contact.id, context.now).await?;
        if mine.is_empty() {
            return Ok(Told::fact(
                context.say("No tienes citas próximas.", "You have no upcoming appointments."),
                json!({ "appointments": [] }),
            ));
        }
        let lines: Vec<_> = mine.iter().map(|a| calendar::line(context, a)).collect();
        let data: Vec<_> = mine.iter().map(|a| calendar::as_data(context, a)["appointment"].clone()).collect();
        Ok(Told::fact(
            context.say("Tus próximas citas:\n", "Your upcoming appointments:\n") + &lines.join("\n"),
            json!({ "appointments": data }),
        ))
    }
}
