//! Appointments: found by range, made, moved, cancelled, marked, and put back.

mod change;
mod make;
mod refuse;
mod undo;

use axum::extract::State;
use frontdesk_engine::{bookings::Book, events::Event};
use frontdesk_kernel::{
    Timestamp,
    booking::AppointmentStatus,
    ids::{AppointmentId, ContactId, ConversationId, LocationId, ServiceId, StaffId},
    ports::channel::Address,
};
use frontdesk_store::{
    Result as Stored, Tx,
    appointments::{self, Entry, Filter},
    contacts, conversations, work,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Caller, Found, Page, Path, Problem, Query, Time},
};

/// A range that is asked for.
const LONGEST_RANGE_MS: i64 = 62 * 24 * 3600 * 1000;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, make::create)).routes(routes!(show, change::update)).routes(routes!(undo::undo))
}

/// An appointment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Appointment)]
pub(crate) struct AppointmentView {
    id: AppointmentId,
    contact: ContactId,
    contact_name: Option<String>,
    service: Option<ServiceId>,
    /// As booked, in words.
    title: String,
    staff: Option<StaffId>,
    /// Where it is: its own branch, else that of its person.
    location: Option<LocationId>,
    starts_at: Time,
    ends_at: Time,
    /// With what is kept free before and after.
    blocked_from: Time,
    blocked_to: Time,
    #[schema(value_type = String, example = "confirmed")]
    status: AppointmentStatus,
    notes: String,
    /// Why it was cancelled.
    reason: Option<String>,
    /// `bot` or `team`.
    made_by: &'static str,
    /// The last change by a person can be taken back.
    undoable: bool,
    created_at: Time,
    updated_at: Time,
}

/// An appointment with the ways to its customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppointmentDetail {
    #[serde(flatten)]
    appointment: AppointmentView,
    phone: Option<String>,
    email: Option<String>,
    /// The thread that they used last.
    conversation: Option<ConversationId>,
}

impl From<Entry> for AppointmentView {
    fn from(e: Entry) -> Self {
        let a = e.appointment;
        AppointmentView {
            id: a.id,
            contact: a.contact,
            contact_name: e.contact_name,
            service: a.service,
            title: a.title,
            staff: a.staff,
            location: a.location,
            starts_at: a.starts_at.into(),
            ends_at: a.ends_at.into(),
            blocked_from: a.blocked_from.into(),
            blocked_to: a.blocked_to.into(),
            status: a.status,
            notes: a.notes,
            reason: a.reason,
            made_by: if e.by_bot { "bot" } else { "team" },
            undoable: e.undoable,
            created_at: a.created_at.into(),
            updated_at: a.updated_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Appointments that touch `[from, to)`.
    #[param(value_type = String, format = DateTime)]
    from: Time,
    /// At most 62 days after `from`.
    #[param(value_type = String, format = DateTime)]
    to: Time,
    staff: Option<StaffId>,
    service: Option<ServiceId>,
    location: Option<LocationId>,
    contact: Option<ContactId>,
    /// `confirmed`, `cancelled`, `no_show` or `completed`.
    #[param(value_type = Option<String>)]
    status: Option<AppointmentStatus>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// Appointments of a span of time, in the order of their starts.
#[utoipa::path(get, path = "/appointments", tag = "appointments", params(Asked), responses((status = 200, body = Page<AppointmentView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Found<Page<AppointmentView>>, Problem> {
    caller.require("booking:read")?;
    let (from, to) = (asked.from.0, asked.to.0);
    if to <= from {
        return Err(Problem::field("to", "is not after `from`"));
    }
    if to.0 - from.0 > LONGEST_RANGE_MS {
        return Err(Problem::field("to", "at most 62 days after `from`"));
    }
    let window = web.window::<(Timestamp, AppointmentId)>(&caller, "appointments", asked.cursor.as_deref(), asked.limit)?;
    let filter = Filter {
        from,
        to,
        staff: asked.staff,
        service: asked.service,
        location: asked.location,
        contact: asked.contact,
        status: asked.status,
        seen_at: caller.locations().map(<[_]>::to_vec),
    };
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let found = web
        .desk
        .db
        .read(&caller.scope, work!(tx => appointments::list(tx, &s, &filter, after.as_ref(), limit + 1).await))
        .await?;
    let key = |e: &Entry| (e.appointment.starts_at, e.appointment.id.clone());
    Ok(Found(web.page(&caller, "appointments", limit, found, key).map(AppointmentView::from)))
}

/// One appointment.
#[utoipa::path(get, path = "/appointments/{id}", tag = "appointments", params(("id" = AppointmentId, Path)), responses((status = 200, body = AppointmentDetail)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<AppointmentId>,
) -> Result<Found<AppointmentDetail>, Problem> {
    caller.require("booking:read")?;
    let (s, now, c) = (caller.scope.clone(), web.desk.now(), caller.clone());
    let found = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let book = Book::open(tx, &s, now).await?;
                match visible(tx, &book, &c, &id).await? {
                    Some(entry) => detail(tx, &book, entry).await.map(Some),
                    None => Ok(None),
                }
            }),
        )
        .await?;
    let detail = found.ok_or_else(|| Problem::not_found("appointment"))?;
    let at = detail.appointment.updated_at.0;
    Ok(Found::tagged(detail, at))
}

/// An appointment at a branch that the caller may see; others are not there.
async fn visible(tx: &mut Tx, book: &Book, caller: &Caller, id: &AppointmentId) -> Stored<Option<Entry>> {
    let found = appointments::get(tx, &book.scope, id).await?;
    Ok(found.filter(|e| caller.sees(book.place_of(&e.appointment))))
}

async fn detail(tx: &mut Tx, book: &Book, entry: Entry) -> Stored<AppointmentDetail> {
    use frontdesk_kernel::contact::AddressKind;
    let contact = entry.appointment.contact.clone();
    let addresses = contacts::addresses(tx, &book.scope, &contact).await?;
    let of = |kind| addresses.iter().find(|a: &&Address| a.kind == kind).map(|a| a.value.clone());
    let threads = conversations::all_of_contact(tx, &book.scope, &contact).await?;
    let location = book.place_of(&entry.appointment).cloned();
    Ok(AppointmentDetail {
        appointment: AppointmentView { location, ..entry.into() },
        phone: of(AddressKind::Phone),
        email: of(AddressKind::Email),
        conversation: threads.into_iter().next().map(|c| c.id),
    })
}

/// As it is stored now.
async fn reread(tx: &mut Tx, book: &Book, id: &AppointmentId) -> Stored<AppointmentDetail> {
    let entry = appointments::get(tx, &book.scope, id).await?;
    let gone = || frontdesk_store::Error::Broken("an appointment vanished while it was held".into());
    detail(tx, book, entry.ok_or_else(gone)?).await
}

/// After the commit: everybody who looks at the calendar sees it, and what was planned leaves.
fn changed(web: &Web, caller: &Caller, detail: &AppointmentDetail, told: Option<&ConversationId>) {
    web.desk.events.tell(caller.scope.tenant(), Event::new("appointment.changed", detail.appointment.id.as_str()));
    if let Some(conversation) = told {
        web.desk.wake.outbox.notify_one();
        let event = Event::new("message.sent", conversation.as_str()).within(conversation);
        web.desk.events.tell(caller.scope.tenant(), event);
    }
}
