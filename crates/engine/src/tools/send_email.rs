//! `send_email`: a mail in the name of the business, written in the transaction that journals the call.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category, Level},
    contact::AddressKind,
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Result, Tx, contacts};
use serde_json::{Value, json};

use super::{Told, Tool, ToolContext, calendar::text, tool_spec};
use crate::{access, admin::check};

pub(super) struct SendEmail;

#[async_trait]
impl Tool for SendEmail {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "send_email",
            "Sends an e-mail in the name of the business: to the person you talk with, or to another address.",
            {
                "to": {"type": "string", "maxLength": 254, "description": "address; without it, the one on record of the person you talk with"},
                "subject": {"type": "string", "minLength": 1, "maxLength": 150},
                "body": {"type": "string", "minLength": 1, "maxLength": 10000, "description": "plain text, with greeting, without signature"}
            },
            ["subject", "body"]
        )
    }

    fn about(&self) -> About {
        let about = About::changes(Category::Communication, "message:send", "Send an e-mail", "Enviar un correo");
        About {
            level: Level::Approval,
            cost: Some("email"),
            recipient: Some("/to".into()),
            ..about.proving(ReceiptKind::Sent).for_good()
        }
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        if context.desk.access.mailer.is_none() {
            return Ok(Told::refused(context.say(
                "Este servidor no envía correos todavía (falta SMTP_URL); no se envió nada.",
                "This server sends no e-mail yet (SMTP_URL is not set); nothing was sent.",
            )));
        }
        let to = match text(arguments, "to") {
            Some(to) => match check::email(to) {
                Ok(to) => to,
                Err(_) => {
                    return Ok(Told::refused(context.say(
                        "Esa no es una dirección de correo; no se envió nada.",
                        "That is not an e-mail address; nothing was sent.",
                    )));
                }
            },
            None => {
                let theirs = contacts::addresses(tx, &context.scope, &context.contact.id).await?;
                match theirs.into_iter().find(|a| a.kind == AddressKind::Email) {
                    Some(address) => address.value,
                    None => return Ok(Told::refused(no_address(tx, context).await?)),
                }
            }
        };
        let (subject, body) = (text(arguments, "subject").unwrap_or_default(), text(arguments, "body").unwrap_or_default());
        access::write_for_business(tx, &context.desk, &context.view.tenant, &to, subject, body).await?;
        let told = context.say(&format!("El correo sale ahora para {to}."), &format!("The e-mail is on its way to {to}."));
        Ok(Told::done(ReceiptKind::Sent, told, json!({ "email": { "to": to } })))
    }
}

/// What was only told may be anybody's: it is named in `to`, where rules take it for somebody else's and whoever says yes reads it.
async fn no_address(tx: &mut Tx, context: &ToolContext) -> Result<String> {
    let contact = contacts::get(tx, &context.scope, &context.contact.id).await?;
    Ok(match contact.as_ref().and_then(|c| c.facts.get("email")) {
        Some(told) => context.say(
            &format!("Esta persona dijo que su correo es {told}, y nadie lo ha comprobado: si es para ahí, ponlo en `to`."),
            &format!("This person told the address {told}, and nobody has checked it: if it goes there, name it in `to`."),
        ),
        None => context.say(
            "No sé el correo de esta persona: pregúntaselo.",
            "I do not know the e-mail address of this person: ask for it.",
        ),
    })
}
