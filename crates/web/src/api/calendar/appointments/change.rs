//! Moving, cancelling, marking and annotating an appointment.

use axum::extract::State;
use frontdesk_engine::bookings::{self, Book, News, Wanted};
use frontdesk_kernel::{
    booking::{Appointment, AppointmentStatus},
    ids::{AppointmentId, LocationId, ServiceId, StaffId},
};
use frontdesk_store::{Result as Stored, Tx, appointments, audit, calendar, work};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    super::checks,
    AppointmentDetail, changed,
    make::{Force, elsewhere, instant, length},
    refuse, reread, visible,
};
use crate::{
    Web,
    kit::{Body, Caller, Found, Patch, Path, Problem, Time},
};

/// What is absent stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedAppointment {
    #[serde(default)]
    starts_at: Patch<Time>,
    #[serde(default)]
    minutes: Patch<u32>,
    /// `null`: anybody who gives the service and is free.
    #[serde(default)]
    staff: Patch<StaffId>,
    #[serde(default)]
    service: Patch<ServiceId>,
    #[serde(default)]
    location: Patch<LocationId>,
    #[serde(default)]
    title: Patch<String>,
    #[serde(default)]
    notes: Patch<String>,
    #[schema(value_type = Option<String>, example = "cancelled")]
    #[serde(default)]
    status: Patch<AppointmentStatus>,
    /// Why it is cancelled.
    #[serde(default)]
    reason: Patch<String>,
    #[serde(default)]
    force: Option<Force>,
    /// Tell the customer in the thread they used last.
    #[serde(default)]
    notify: bool,
}

impl ChangedAppointment {
    fn moves(&self) -> bool {
        !(self.starts_at.is_keep()
            && self.minutes.is_keep()
            && self.staff.is_keep()
            && self.service.is_keep()
            && self.location.is_keep())
    }
}

/// Moves, cancels, marks or annotates an appointment. A time that is taken is refused with `taken`.
#[utoipa::path(patch, path = "/appointments/{id}", tag = "appointments", request_body = ChangedAppointment,
               params(("id" = AppointmentId, Path)), responses((status = 200, body = AppointmentDetail)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<AppointmentId>,
    Body(change): Body<ChangedAppointment>,
) -> Result<Found<AppointmentDetail>, Problem> {
    caller.require("booking:write")?;
    let now = web.desk.now();
    let lines = web.desk.directory.lines(&web.desk).await?;
    let (s, c, w) = (caller.scope.clone(), caller.clone(), web.clone());
    let (detail, told) = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let book = Book::open(tx, &s, now).await?;
                let Some(entry) = visible(tx, &book, &c, &id).await? else {
                    return Ok(Err(Problem::not_found("appointment")));
                };
                let was = entry.appointment;
                if let Err(problem) = c.if_match(was.updated_at) {
                    return Ok(Err(problem));
                }
                let is = match changed_one(tx, &book, &c, &was, &change).await? {
                    Ok(is) => is,
                    Err(problem) => return Ok(Err(problem)),
                };
                let news = match (was.status, is.status) {
                    (AppointmentStatus::Confirmed, AppointmentStatus::Cancelled) => Some(News::Cancelled),
                    (AppointmentStatus::Confirmed, AppointmentStatus::Confirmed) if is.starts_at != was.starts_at || is.staff != was.staff => {
                        Some(News::Moved)
                    }
                    (_, AppointmentStatus::Confirmed) if was.status != is.status => Some(News::Booked),
                    _ => None,
                };
                let told = match news.filter(|_| change.notify) {
                    Some(news) => match bookings::announce(tx, &w.desk, &lines, &book, &is, news).await? {
                        Ok(message) => Some(message.conversation),
                        Err(why) => return Ok(Err(refuse::mute(why))),
                    },
                    None => None,
                };
                if is != was {
                    let is = Appointment { updated_at: checks::after(was.updated_at, now), ..is };
                    appointments::change(tx, &s, &is, Some(&was)).await?;
                    audit::write(tx, &s, &c.entry(&w, "appointment.update", id.as_str(), differences(&was, &is))).await?;
                }
                Ok(Ok((reread(tx, &book, &id).await?, told)))
            }),
        )
        .await??;
    changed(&web, &caller, &detail, told.as_ref());
    let at = detail.appointment.updated_at.0;
    Ok(Found::tagged(detail, at))
}

/// The appointment as it will be; nothing is written.
async fn changed_one(
    tx: &mut Tx,
    book: &Book,
    caller: &Caller,
    was: &Appointment,
    change: &ChangedAppointment,
) -> Stored<Result<Appointment, Problem>> {
    let is = match words(was, change).and_then(|is| with_status(is, book, change)) {
        Ok(is) => is,
        Err(problem) => return Ok(Err(problem)),
    };
    let revived = is.status == AppointmentStatus::Confirmed && was.status != AppointmentStatus::Confirmed;
    if !change.moves() && !revived {
        return Ok(Ok(is));
    }
    if is.status != AppointmentStatus::Confirmed {
        return Ok(Err(Problem::conflict("not_confirmed", "Only a confirmed appointment can be moved.")));
    }
    let wanted = match wanted(book, was, change, revived) {
        Ok(wanted) => wanted,
        Err(problem) => return Ok(Err(problem)),
    };
    if !caller.sees(wanted.location.as_ref()) {
        return Ok(Err(elsewhere()));
    }
    let place = match book.place(tx, &wanted, Some(&was.id)).await? {
        Ok(place) if caller.sees(place.location.as_ref()) => place,
        Ok(_) => return Ok(Err(elsewhere())),
        Err(no) => return Ok(Err(refuse::problem(book, caller, no))),
    };
    let renamed = wanted.service.as_ref().filter(|id| Some(*id) != was.service.as_ref()).and_then(|id| book.service(id));
    Ok(Ok(Appointment {
        title: match renamed {
            Some(service) if change.title.is_keep() => service.name.clone(),
            _ => is.title.clone(),
        },
        service: if change.service.is_keep() { was.service.clone() } else { wanted.service },
        staff: place.staff,
        location: place.location,
        starts_at: place.starts_at,
        ends_at: place.ends_at,
        blocked_from: place.blocked_from,
        blocked_to: place.blocked_to,
        ..is
    }))
}

/// Title, notes and reason.
fn words(was: &Appointment, change: &ChangedAppointment) -> Result<Appointment, Problem> {
    let title = checks::kept("title", change.title.clone())?.map(|t| checks::line("title", &t, 120)).transpose()?;
    let notes = match &change.notes {
        Patch::Keep => was.notes.clone(),
        Patch::Clear => String::new(),
        Patch::Set(notes) => checks::text("notes", notes, 2000)?,
    };
    let reason = match &change.reason {
        Patch::Keep => was.reason.clone(),
        Patch::Clear => None,
        Patch::Set(reason) => Some(checks::text("reason", reason, 500)?).filter(|r| !r.is_empty()),
    };
    Ok(Appointment { title: title.unwrap_or_else(|| was.title.clone()), notes, reason, ..was.clone() })
}

fn with_status(is: Appointment, book: &Book, change: &ChangedAppointment) -> Result<Appointment, Problem> {
    let Some(status) = checks::kept("status", change.status.clone())? else { return Ok(is) };
    let has_begun = is.starts_at <= book.now;
    if matches!(status, AppointmentStatus::NoShow | AppointmentStatus::Completed) && !has_begun {
        return Err(Problem::field("status", "the appointment has not begun yet"));
    }
    let reason = is.reason.clone().filter(|_| status == AppointmentStatus::Cancelled);
    Ok(Appointment { status, reason, ..is })
}

/// What is kept is as it was; a service or person that is gone does not bind any more.
fn wanted(book: &Book, was: &Appointment, change: &ChangedAppointment, revived: bool) -> Result<Wanted, Problem> {
    let starts_at = checks::kept("starts_at", change.starts_at.clone())?.map_or(was.starts_at, |t| t.0);
    instant("starts_at", starts_at, book.now)?;
    let lasted = u32::try_from((was.ends_at.0 - was.starts_at.0) / 60_000).unwrap_or(1).max(1);
    let minutes = match checks::kept("minutes", change.minutes.clone())? {
        Some(minutes) => {
            length(minutes)?;
            Some(minutes)
        }
        // Another service takes its own time.
        None if change.service.is_keep() => Some(lasted),
        None => None,
    };
    let kept_service = was.service.clone().filter(|id| book.service(id).is_some());
    let kept_staff = was.staff.clone().filter(|id| book.person(id).is_some_and(|s| s.active));
    let kept_location = was.location.clone().filter(|id| book.location(id).is_some());
    let staff = change.staff.clone().over(kept_staff);
    let location = match (&change.location, &change.staff) {
        // With another person it is where they work.
        (Patch::Keep, Patch::Set(id)) => book.person(id).and_then(|s| s.location.clone()).or(kept_location),
        (patch, _) => patch.clone().over(kept_location),
    };
    Ok(Wanted {
        service: change.service.clone().over(kept_service),
        staff,
        location,
        starts_at,
        minutes,
        outside_hours: change.force == Some(Force::OutsideHours) || revived,
    })
}

/// Which members changed, with times; no words of the customer.
fn differences(was: &Appointment, is: &Appointment) -> serde_json::Value {
    let mut out = serde_json::Map::new();
    if was.starts_at != is.starts_at || was.ends_at != is.ends_at {
        out.insert("starts_at".into(), json!([was.starts_at.to_string(), is.starts_at.to_string()]));
    }
    if was.staff != is.staff {
        out.insert("staff".into(), json!([was.staff, is.staff]));
    }
    if was.service != is.service {
        out.insert("service".into(), json!([was.service, is.service]));
    }
    if was.status != is.status {
        out.insert("status".into(), json!([was.status, is.status]));
    }
    if was.notes != is.notes || was.title != is.title {
        out.insert("words".into(), json!(true));
    }
    out.into()
}
