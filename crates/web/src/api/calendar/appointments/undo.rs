//! Taking back a person's last change of an appointment.

use axum::extract::State;
use frontdesk_engine::bookings::{Book, Wanted};
use frontdesk_kernel::{
    booking::{Appointment, AppointmentStatus},
    ids::AppointmentId,
};
use frontdesk_store::{appointments, audit, calendar, work};
use serde_json::json;

use super::{super::checks, AppointmentDetail, changed, make::elsewhere, refuse, reread, visible};
use crate::{
    Web,
    kit::{Caller, Found, Path, Problem},
};

/// Puts an appointment back as it was before a person's last change, if that time is still free.
#[utoipa::path(post, path = "/appointments/{id}/undo", tag = "appointments", params(("id" = AppointmentId, Path)), responses((status = 200, body = AppointmentDetail)))]
pub(crate) async fn undo(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<AppointmentId>,
) -> Result<Found<AppointmentDetail>, Problem> {
    caller.require("booking:write")?;
    let now = web.desk.now();
    let (s, c, w) = (caller.scope.clone(), caller.clone(), web.clone());
    let detail = web
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
                let is = entry.appointment;
                if let Err(problem) = c.if_match(is.updated_at) {
                    return Ok(Err(problem));
                }
                let Some(was) = appointments::before(tx, &s, &id).await? else {
                    let detail = "There is no change to take back: the customer changed it since, or nobody did.";
                    return Ok(Err(Problem::conflict("nothing_to_undo", detail)));
                };
                if !c.sees(book.place_of(&was)) {
                    return Ok(Err(elsewhere()));
                }
                if was.status == AppointmentStatus::Confirmed {
                    let wanted = Wanted {
                        service: was.service.clone().filter(|id| book.service(id).is_some()),
                        staff: was.staff.clone(),
                        location: was.location.clone().filter(|id| book.location(id).is_some()),
                        starts_at: was.starts_at,
                        minutes: u32::try_from((was.ends_at.0 - was.starts_at.0) / 60_000).ok(),
                        outside_hours: true,
                    };
                    if let Err(no) = book.place(tx, &wanted, Some(&id)).await? {
                        return Ok(Err(refuse::problem(&book, &c, no)));
                    }
                }
                let back = Appointment { updated_at: checks::after(is.updated_at, now), ..was };
                appointments::change(tx, &s, &back, None).await?;
                let detail = json!({ "starts_at": [is.starts_at.to_string(), back.starts_at.to_string()] });
                audit::write(tx, &s, &c.entry(&w, "appointment.undo", id.as_str(), detail)).await?;
                Ok(Ok(reread(tx, &book, &id).await?))
            }),
        )
        .await??;
    changed(&web, &caller, &detail, None);
    let at = detail.appointment.updated_at.0;
    Ok(Found::tagged(detail, at))
}
