//! `reschedule_appointment`: the contact's own appointment, checked at its new time like a new one.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    booking::{self, Appointment, Calendar, Service, Wish},
    profile::Profile,
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Result, Tx, calendar as book};
use serde_json::Value;

use super::{Meant, Told, Tool, ToolContext, calendar, meant, tool_spec};

pub(super) struct Move;

#[async_trait]
impl Tool for Move {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "reschedule_appointment",
            "Moves one of the customer's own appointments to another time. Only its success means that it was moved.",
            {
                "appointment": {"type": "string", "maxLength": 120, "description": "its id, words of its service, or `latest`; may be left out when there is only one"},
                "new_start": {"type": "string", "description": "local date and time, YYYY-MM-DDTHH:MM"},
                "location": {"type": "string", "maxLength": 120, "description": "name of the branch, if there are several"},
                "staff": {"type": "string", "maxLength": 120, "description": "name of the person wanted, if another one"}
            },
            ["new_start"]
        )
    }

    fn about(&self) -> About {
        About::changes(Category::Resource, "booking:write", "Move an appointment", "Cambiar una cita")
            .proving(ReceiptKind::Rescheduled)
    }

    async fn meant(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Result<Option<Meant>, String>> {
        meant::own_appointment(tx, context, arguments).await
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        book::lock(tx, &context.scope).await?;
        let was = match calendar::own_appointment(tx, context, arguments).await? {
            Ok(appointment) => appointment,
            Err(e) => return Ok(Told::refused(e)),
        };
        let asked = match calendar::staff(context, arguments) {
            Ok(asked) => asked,
            Err(e) => return Ok(Told::refused(e)),
        };
        let stays = context.view.locations.iter().find(|l| Some(&l.id) == was.location.as_ref());
        let branch = match (stays, asked, calendar::text(arguments, "location")) {
            (Some(branch), None, None) => Some(branch),
            _ => match calendar::branch(tx, context, arguments, asked).await? {
                Ok(branch) => branch,
                Err(e) => return Ok(Told::refused(e)),
            },
        };
        let start = match calendar::local_time(context, branch, arguments, "new_start") {
            Ok(start) => start,
            Err(e) => return Ok(Told::refused(e)),
        };
        if start == was.starts_at && asked.is_none() && branch.map(|l| &l.id) == was.location.as_ref() {
            return Ok(moved(context, &was));
        }
        // As it is, whatever its service takes, or whether it is offered, today.
        let (service, profile) = lasting(tx, context, &was).await?;
        let busy = calendar::busy(tx, context, start, start, Some(&was)).await?;
        let open = match calendar::on(context, branch, &busy) {
            Ok(open) => Calendar { profile: &profile, ..open },
            Err(e) => return Ok(Told::refused(e)),
        };
        let same = context.view.staff.iter().find(|s| Some(&s.id) == was.staff.as_ref());
        let wish = Wish { service: service.as_ref(), staff: asked.or(same), start };
        let anybody = Wish { staff: asked, ..wish };
        // With the same person if they can, else with anybody who can.
        let place = match booking::check(&open, wish).or_else(|_| booking::check(&open, anybody)) {
            Ok(place) => place,
            Err(refusal) => return Ok(Told::refused(calendar::refuse(context, &open, &refusal, anybody))),
        };
        let is = Appointment {
            staff: place.staff,
            location: place.location,
            starts_at: place.starts_at,
            ends_at: place.ends_at,
            blocked_from: place.blocked_from,
            blocked_to: place.blocked_to,
            updated_at: context.now,
            ..was
        };
        if !book::reschedule(tx, &context.scope, &is).await? {
            return Ok(Told::refused(context.say("Esa cita ya no está activa.", "That appointment is not active any more.")));
        }
        Ok(moved(context, &is))
    }
}

/// The service of an appointment and the rules of the business, with the length that the appointment has.
async fn lasting(tx: &mut Tx, context: &ToolContext, was: &Appointment) -> Result<(Option<Service>, Profile)> {
    let minutes = u32::try_from(was.ends_at.since(was.starts_at).as_secs() / 60).unwrap_or(u32::MAX).max(1);
    let mut profile = context.view.tenant.profile.clone();
    profile.appointments.default_duration_minutes = minutes;
    let offered = context.view.services.iter().find(|s| Some(&s.id) == was.service.as_ref()).cloned();
    let service = match &was.service {
        Some(id) if offered.is_none() => {
            book::all_services(tx, &context.scope).await?.into_iter().map(|l| l.item).find(|s| s.id == *id)
        }
        _ => offered,
    };
    Ok((service.map(|s| Service { duration_minutes: minutes, active: true, ..s }), profile))
}

fn moved(context: &ToolContext, a: &Appointment) -> Told {
    let (when, with) = (calendar::when(context, a), calendar::with_whom(context, a).map(|w| format!(" {w}")).unwrap_or_default());
    let content = context.say(
        &format!("✅ Tu cita fue reprogramada: {}{with}, {when}.", a.title),
        &format!("✅ Your appointment was moved: {}{with}, {when}.", a.title),
    );
    Told::done(ReceiptKind::Rescheduled, content, calendar::as_data(context, a))
}
