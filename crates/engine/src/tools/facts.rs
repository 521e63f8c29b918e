//! `business_info`: services and prices, hours, team, place, payment, promotions, as the business wrote them.

use async_trait::async_trait;
use frontdesk_kernel::{action::About, tool::ToolSpec};
use frontdesk_store::{Result, Tx};
use serde_json::{Value, json};

use super::{Told, Tool, ToolContext, tool_spec};
use crate::prompt::{PromptContext, sections};

pub(super) struct Facts;

#[async_trait]
impl Tool for Facts {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "business_info",
            "Facts about the business, as it wrote them itself.",
            { "topic": {"type": "string", "enum": ["services", "hours", "location", "payment", "staff", "promotions", "all"]} },
            ["topic"]
        )
    }

    fn about(&self) -> About {
        About::reads("business:read", "Look at facts of the business", "Ver datos del negocio")
    }

    async fn run(&self, _: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        let topic = arguments["topic"].as_str().unwrap_or("all");
        let prompt = PromptContext {
            tenant: &context.view.tenant,
            services: &context.view.services,
            staff: &context.view.staff,
            contact: &context.contact,
            contact_address: "",
            now: context.now,
            agent_name: "",
            channel: "",
        };
        let known = sections::write(&prompt, &mut Vec::new());
        let said = match topic {
            "services" => known.services,
            "hours" => known.hours,
            "location" => known.location,
            "payment" => known.payment,
            "staff" => known.staff,
            "promotions" => known.promotions,
            _ => known.joined(),
        };
        if said.trim().is_empty() {
            return Ok(Told::fact(
                context.say("No hay información sobre eso.", "There is no information about that."),
                json!({ "topic": topic }),
            ));
        }
        Ok(Told::fact(said, json!({ "topic": topic })))
    }
}
