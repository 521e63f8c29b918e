//! When the business is open, its holidays, and the rules of its appointments.

use axum::extract::State;
use frontdesk_engine::events::Event;
use frontdesk_kernel::{
    profile::{AppointmentRules, Holiday, Hours},
    tenant::Tenant,
};
use frontdesk_store::{audit, calendar, tenants, work};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::checks::{self, NewHours, NewSpan};
use crate::{
    Web,
    kit::{Body, Caller, Found, Problem, Time},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show, replace))
}

/// When the business is open.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpeningHours)]
pub(crate) struct HoursView {
    /// IANA zone of the business; its hours are local.
    time_zone: String,
    hours: Hours,
    holidays: Vec<Holiday>,
    appointments: AppointmentRules,
    updated_at: Time,
}

impl From<Tenant> for HoursView {
    fn from(t: Tenant) -> Self {
        HoursView {
            time_zone: t.time_zone,
            hours: t.profile.hours,
            holidays: t.profile.holidays,
            appointments: t.profile.appointments,
            updated_at: t.updated_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOpeningHours {
    hours: NewHours,
    #[serde(default)]
    holidays: Vec<NewHoliday>,
    /// Absent: as they are.
    #[serde(default)]
    appointments: Option<NewRules>,
}

/// A day that differs: closed, or open at other hours.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHoliday {
    #[schema(value_type = String, format = Date)]
    date: Date,
    #[serde(default)]
    name: String,
    /// Empty: closed.
    #[serde(default)]
    hours: Vec<NewSpan>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAppointmentRules)]
pub(crate) struct NewRules {
    /// Appointments at the same time at one location, or in a business without locations.
    max_concurrent: u32,
    /// Customers book no sooner than this from now.
    min_advance_hours: u32,
    /// For an appointment without a service.
    default_duration_minutes: u32,
    /// Free times are offered on this grid.
    slot_minutes: u32,
    /// Customers book no later than this from now.
    max_advance_days: u32,
}

/// Opening hours, holidays and appointment rules.
#[utoipa::path(get, path = "/hours", tag = "hours", responses((status = 200, body = HoursView)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Found<HoursView>, Problem> {
    caller.require("business:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => tenants::get(tx, &s).await)).await?;
    let tenant = found.ok_or_else(|| Problem::not_found("business"))?;
    let at = tenant.updated_at;
    Ok(Found::tagged(tenant.into(), at))
}

/// Replaces opening hours and holidays.
#[utoipa::path(put, path = "/hours", tag = "hours", request_body = NewOpeningHours, responses((status = 200, body = HoursView)))]
pub(crate) async fn replace(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewOpeningHours>,
) -> Result<Found<HoursView>, Problem> {
    caller.require("business:write")?;
    let hours = new.hours.checked("hours")?;
    let holidays = new
        .holidays
        .into_iter()
        .enumerate()
        .map(|(i, h)| {
            let name = checks::text(&format!("holidays[{i}].name"), &h.name, 120)?;
            Ok(Holiday { date: h.date, name, hours: checks::day_spans(&format!("holidays[{i}].hours"), h.hours)? })
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    let holidays = checks::holidays(holidays)?;
    let rules = new.appointments.map(|r| AppointmentRules {
        max_concurrent: r.max_concurrent,
        min_advance_hours: r.min_advance_hours,
        default_duration_minutes: r.default_duration_minutes,
        slot_minutes: r.slot_minutes,
        max_advance_days: r.max_advance_days,
    });
    if let Some(rules) = &rules {
        checks::rules(rules)?;
    }
    let s = caller.scope.clone();
    let (c, w) = (caller.clone(), web.clone());
    let is = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let Some(mut tenant) = tenants::get(tx, &s).await? else { return Ok(Err(Problem::not_found("business"))) };
                if let Err(problem) = c.if_match(tenant.updated_at) {
                    return Ok(Err(problem));
                }
                let was = tenant.updated_at;
                tenant.profile.hours = hours;
                tenant.profile.holidays = holidays;
                if let Some(rules) = rules {
                    tenant.profile.appointments = rules;
                }
                tenant.updated_at = checks::after(was, w.desk.now());
                if !tenants::update_profile(tx, &s, &tenant, was).await? {
                    let detail = "Somebody changed the business in the meantime: read it again, then repeat your change.";
                    return Ok(Err(Problem::conflict("changed", detail)));
                }
                audit::write(tx, &s, &c.entry(&w, "hours.update", s.tenant().as_str(), json!({}))).await?;
                Ok(Ok(tenant))
            }),
        )
        .await??;
    web.desk.directory.invalidate();
    web.desk.events.tell(caller.scope.tenant(), Event::new("hours.changed", caller.scope.tenant().as_str()));
    let at = is.updated_at;
    Ok(Found::tagged(is.into(), at))
}
