//! `update_contact`: what the customer told about themselves.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Result, Tx, contacts};
use serde_json::{Value, json};

use super::{Told, Tool, ToolContext, calendar::text, tool_spec};

pub(super) struct UpdateContact;

#[async_trait]
impl Tool for UpdateContact {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "update_contact",
            "Keeps what the customer of this conversation told about themselves.",
            {
                "name": {"type": "string", "minLength": 1, "maxLength": 120},
                "age": {"type": "string", "maxLength": 20, "description": "digits"},
                "email": {"type": "string", "maxLength": 200},
                "notes": {"type": "string", "maxLength": 500}
            },
            []
        )
    }

    fn about(&self) -> About {
        About::changes(Category::Resource, "contact:write", "Keep what the customer told", "Guardar datos del cliente")
            .proving(ReceiptKind::ContactUpdated)
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        let Some(mut contact) = contacts::get(tx, &context.scope, &context.contact.id).await? else {
            return Ok(Told::refused(context.say("Este contacto ya no existe.", "This contact no longer exists.")));
        };
        let mut kept = Vec::new();
        if let Some(name) = text(arguments, "name") {
            contact.name = Some(name.split_whitespace().collect::<Vec<_>>().join(" "));
            kept.push("name");
        }
        if let Some(age) = text(arguments, "age") {
            let digits: String = age.chars().filter(char::is_ascii_digit).take(3).collect();
            if digits.is_empty() {
                return Ok(Told::refused("`age` must hold digits."));
            }
            contact.facts.insert("age".into(), digits);
            kept.push("age");
        }
        if let Some(email) = text(arguments, "email") {
            let plausible = email
                .split_once('@')
                .is_some_and(|(who, at)| !who.is_empty() && at.contains('.') && !email.contains(char::is_whitespace));
            if !plausible {
                return Ok(Told::refused("`email` is not an e-mail address."));
            }
            // Told, not proven: a fact. An address says who somebody is, and anybody can tell anybody's.
            contact.facts.insert("email".into(), email.to_lowercase());
            kept.push("email");
        }
        if let Some(notes) = text(arguments, "notes") {
            contact.facts.insert("notes".into(), notes.to_owned());
            kept.push("notes");
        }
        if kept.is_empty() {
            return Ok(Told::refused("Nothing to keep: give at least one of name, age, email, notes."));
        }
        contact.updated_at = context.now;
        contacts::update(tx, &context.scope, &contact).await?;
        let content = context.say("Datos del cliente guardados.", "The customer's data were saved.");
        Ok(Told::done(ReceiptKind::ContactUpdated, content, json!({ "kept": kept })))
    }
}
