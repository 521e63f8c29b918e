//! `cancel_appointment`: one of the contact's own.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    booking::AppointmentStatus,
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Result, Tx, calendar as book};
use serde_json::Value;

use super::{Meant, Told, Tool, ToolContext, calendar, meant, tool_spec};

pub(super) struct Cancel;

#[async_trait]
impl Tool for Cancel {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "cancel_appointment",
            "Cancels one of the customer's own appointments. Ask before you call it. Only its success means that it was cancelled.",
            {
                "appointment": {"type": "string", "maxLength": 120, "description": "its id, words of its service, or `latest`; may be left out when there is only one"}
            },
            []
        )
    }

    fn about(&self) -> About {
        About::changes(Category::Resource, "booking:write", "Cancel an appointment", "Cancelar una cita")
            .proving(ReceiptKind::Cancelled)
    }

    async fn meant(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Result<Option<Meant>, String>> {
        meant::own_appointment(tx, context, arguments).await
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        if context.alone {
            book::share(tx, &context.scope).await?;
        } else {
            book::lock(tx, &context.scope).await?;
        }
        let mut appointment = match calendar::own_appointment(tx, context, arguments).await? {
            Ok(appointment) => appointment,
            Err(e) => return Ok(Told::refused(e)),
        };
        if !book::set_status(tx, &context.scope, &appointment.id, AppointmentStatus::Cancelled, context.now).await? {
            return Ok(Told::refused(context.say("Esa cita ya no está activa.", "That appointment is not active any more.")));
        }
        appointment.status = AppointmentStatus::Cancelled;
        let when = calendar::when(context, &appointment);
        let content = context.say(
            &format!("✅ Tu cita fue cancelada: {}, {when}.", appointment.title),
            &format!("✅ Your appointment was cancelled: {}, {when}.", appointment.title),
        );
        Ok(Told::done(ReceiptKind::Cancelled, content, calendar::as_data(context, &appointment)))
    }
}
