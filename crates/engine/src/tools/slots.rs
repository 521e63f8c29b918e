//! `get_available_slots`: which times are free on a day.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::About,
    booking::{self, TimeRange},
    tool::ToolSpec,
};
use frontdesk_store::{Result, Tx};
use serde_json::{Value, json};

use super::{Told, Tool, ToolContext, calendar, tool_spec};

pub(super) struct Slots;

const SHOWN: usize = 16;

#[async_trait]
impl Tool for Slots {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "get_available_slots",
            "Free appointment times of one day. Use it before offering or confirming a time.",
            {
                "date": {"type": "string", "description": "YYYY-MM-DD, local; the next open day when left out"},
                "service": {"type": "string", "maxLength": 120, "description": "name of the service, as the customer says it"},
                "staff": {"type": "string", "maxLength": 120, "description": "name of the person wanted, if any"},
                "location": {"type": "string", "maxLength": 120, "description": "name of the branch, if there are several"},
                "time_range": {"type": "string", "enum": ["morning", "afternoon", "evening", "all"]}
            },
            []
        )
    }

    fn about(&self) -> About {
        About::reads("booking:read", "Look for free times", "Buscar horas libres")
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        let (service, staff, date) =
            match (calendar::service(context, arguments), calendar::staff(context, arguments), calendar::date(arguments, "date"))
            {
                (Ok(service), Ok(staff), Ok(date)) => (service, staff, date),
                (Err(e), ..) | (_, Err(e), _) | (.., Err(e)) => return Ok(Told::refused(e)),
            };
        let branch = match calendar::branch(tx, context, arguments, staff).await? {
            Ok(branch) => branch,
            Err(e) => return Ok(Told::refused(e)),
        };
        let range: TimeRange =
            arguments.get("time_range").and_then(|r| serde_json::from_value(r.clone()).ok()).unwrap_or_default();
        let none = Vec::new();
        let empty = match calendar::on(context, branch, &none) {
            Ok(calendar) => calendar,
            Err(e) => return Ok(Told::refused(e)),
        };
        let tomorrow = empty.today().tomorrow().unwrap_or(empty.today());
        let Some(date) = date.or_else(|| booking::next_open_day(&empty, tomorrow)) else {
            return Ok(Told::refused(context.say("No hay días abiertos próximamente.", "There are no open days soon.")));
        };
        let midnight = frontdesk_kernel::Timestamp::from_local(date.at(0, 0, 0, 0), &empty.zone).unwrap_or(context.now);
        let busy = calendar::busy(tx, context, midnight, midnight.plus(std::time::Duration::from_secs(26 * 3600)), None).await?;
        let open = match calendar::on(context, branch, &busy) {
            Ok(calendar) => calendar,
            Err(e) => return Ok(Told::refused(e)),
        };
        let day = booking::say_day(date, context.language());
        Ok(match booking::free_slots(&open, service, staff, date, range, SHOWN) {
            Err(refusal) => Told::refused(refusal.sentence(context.language(), &open.zone)),
            Ok(free) if free.is_empty() => Told::fact(
                context
                    .say(&format!("❌ No hay horarios disponibles el {day}."), &format!("❌ There are no free times on {day}.")),
                json!({ "date": date.to_string(), "slots": [] }),
            ),
            Ok(free) => {
                let local: Vec<_> = free.iter().map(|at| at.in_zone(&open.zone)).collect();
                let times: Vec<_> = local.iter().map(|at| booking::say_time(at.time())).collect();
                let title = context
                    .say(&format!("📅 Horarios disponibles el {day} ({date}):"), &format!("📅 Free times on {day} ({date}):"));
                let slots: Vec<_> = local.iter().map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string()).collect();
                Told::fact(format!("{title}\n\n🕐 {}", times.join(", ")), json!({ "date": date.to_string(), "slots": slots }))
            }
        })
    }
}
