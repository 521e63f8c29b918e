//! `schedule_appointment`: checks and inserts in the turn's transaction; the same request twice is one appointment.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    booking::{self, Appointment, AppointmentStatus, Wish},
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Result, Tx, calendar as book, contacts};
use serde_json::Value;

use super::{Told, Tool, ToolContext, calendar, tool_spec};

pub(super) struct Book;

#[async_trait]
impl Tool for Book {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "schedule_appointment",
            "Books an appointment for the customer of this conversation. Only its success means that there is an appointment.",
            {
                "start": {"type": "string", "description": "local date and time, YYYY-MM-DDTHH:MM"},
                "service": {"type": "string", "maxLength": 120, "description": "name of the service"},
                "staff": {"type": "string", "maxLength": 120, "description": "name of the person wanted, if any"},
                "location": {"type": "string", "maxLength": 120, "description": "name of the branch, if there are several"},
                "customer_name": {"type": "string", "maxLength": 120, "description": "the customer's name, if they told it"},
                "notes": {"type": "string", "maxLength": 500, "description": "what the team should know"}
            },
            ["start"]
        )
    }

    fn about(&self) -> About {
        About::changes(Category::Resource, "booking:write", "Book an appointment", "Agendar una cita")
            .proving(ReceiptKind::Booked)
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        let (service, staff) = match (calendar::service(context, arguments), calendar::staff(context, arguments)) {
            (Ok(service), Ok(staff)) => (service, staff),
            (Err(e), _) | (_, Err(e)) => return Ok(Told::refused(e)),
        };
        let branch = match calendar::branch(tx, context, arguments, staff).await? {
            Ok(branch) => branch,
            Err(e) => return Ok(Told::refused(e)),
        };
        let wish = match calendar::local_time(context, branch, arguments, "start") {
            Ok(start) => Wish { service, staff, start },
            Err(e) => return Ok(Told::refused(e)),
        };
        if wish.service.is_none() && !context.view.services.is_empty() {
            let names: Vec<_> = context.view.services.iter().map(|s| s.name.as_str()).collect();
            return Ok(Told::refused(context.say("¿Para qué servicio? ", "For which service? ") + &names.join(", ")));
        }
        if context.alone {
            let (from, to) = booking::blocked(&context.view.tenant.profile, wish);
            book::lock_time(tx, &context.scope, from, to).await?;
        } else {
            book::lock(tx, &context.scope).await?;
        }
        let mine = book::ask_upcoming_of(tx, &context.scope, &context.contact.id, context.now)?;
        let taken = calendar::ask_taken(tx, context, wish.start, wish.start)?;
        let mine = mine.all(tx).await?;
        if let Some(existing) = mine.iter().find(|a| booking::is_duplicate(a, &context.contact.id, wish)) {
            return Ok(booked(context, existing));
        }
        let busy = calendar::without_own(taken.all(tx).await?, None);
        let open = match calendar::on(context, branch, &busy) {
            Ok(open) => open,
            Err(e) => return Ok(Told::refused(e)),
        };
        let place = match booking::check(&open, wish) {
            Ok(place) => place,
            Err(refusal) => return Ok(Told::refused(calendar::refuse(context, &open, &refusal, wish))),
        };
        let appointment = Appointment {
            id: context.id(),
            contact: context.contact.id.clone(),
            service: wish.service.map(|s| s.id.clone()),
            title: wish.service.map_or_else(|| context.say("Cita", "Appointment"), |s| s.name.clone()),
            staff: place.staff,
            starts_at: place.starts_at,
            ends_at: place.ends_at,
            blocked_from: place.blocked_from,
            blocked_to: place.blocked_to,
            status: AppointmentStatus::Confirmed,
            notes: calendar::text(arguments, "notes").unwrap_or_default().to_owned(),
            location: place.location,
            reason: None,
            created_at: context.now,
            updated_at: context.now,
        };
        book::insert(tx, &context.scope, &appointment, Some(&context.turn)).await?;
        remember_name(tx, context, arguments).await?;
        Ok(booked(context, &appointment))
    }
}

fn booked(context: &ToolContext, a: &Appointment) -> Told {
    let (when, with) = (calendar::when(context, a), calendar::with_whom(context, a).map(|w| format!(" {w}")).unwrap_or_default());
    let content = context.say(
        &format!("✅ Tu cita está agendada: {}{with}, {when}.", a.title),
        &format!("✅ Your appointment is booked: {}{with}, {when}.", a.title),
    );
    Told::done(ReceiptKind::Booked, content, calendar::as_data(context, a))
}

/// A name given with the booking is kept when we had none.
async fn remember_name(tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<()> {
    let Some(name) = calendar::text(arguments, "customer_name") else { return Ok(()) };
    let Some(mut contact) = contacts::get(tx, &context.scope, &context.contact.id).await? else { return Ok(()) };
    if contact.name.is_none() {
        contact.name = Some(name.to_owned());
        contact.updated_at = context.now;
        contacts::update(tx, &context.scope, &contact).await?;
    }
    Ok(())
}
