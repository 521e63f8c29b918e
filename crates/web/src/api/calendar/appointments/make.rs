//! A new appointment, for a known contact or a new one.

use std::collections::BTreeMap;

use axum::extract::State;
use frontdesk_engine::{
    bookings::{self, Book, LONGEST_MINUTES, News, Wanted},
    contacts::{fields, phone},
};
use frontdesk_kernel::{
    Timestamp,
    booking::{Appointment, AppointmentStatus},
    contact::{AddressKind, Contact},
    ids::{ContactId, LocationId, ServiceId, StaffId},
    language::Language,
    ports::channel::Address,
};
use frontdesk_store::{Result as Stored, Tx, audit, calendar, contacts, work};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{super::checks, AppointmentDetail, changed, refuse, reread};
use crate::{
    Web,
    kit::{Body, Caller, Created, Problem, Time},
};

/// Give `contact` or `new_contact`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAppointment {
    #[serde(default)]
    contact: Option<ContactId>,
    #[serde(default)]
    new_contact: Option<Guest>,
    #[serde(default)]
    service: Option<ServiceId>,
    /// Absent: anybody who gives the service and is free.
    #[serde(default)]
    staff: Option<StaffId>,
    #[serde(default)]
    location: Option<LocationId>,
    starts_at: Time,
    /// Absent: as long as the service takes.
    #[serde(default)]
    minutes: Option<u32>,
    /// For an appointment without a service.
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    notes: String,
    #[serde(default)]
    force: Option<Force>,
    /// Tell the customer in the thread they used last.
    #[serde(default)]
    notify: bool,
}

/// What a person insists on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Force {
    /// The business is closed then, or the person is off. Nobody is ever booked twice.
    OutsideHours,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guest {
    #[serde(default)]
    name: Option<String>,
    /// With country code. A contact who has it already is the one that is meant.
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

/// Who the appointment is for.
struct Who {
    contact: ContactId,
    /// Not there yet.
    new: Option<(Contact, Vec<Address>)>,
}

/// Books an appointment, checked like one that the bot books. Times that are taken are refused with `taken`.
#[utoipa::path(post, path = "/appointments", tag = "appointments", request_body = NewAppointment, responses((status = 201, body = AppointmentDetail)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewAppointment>,
) -> Result<Created<AppointmentDetail>, Problem> {
    caller.require("booking:write")?;
    let now = web.desk.now();
    instant("starts_at", new.starts_at.0, now)?;
    if let Some(minutes) = new.minutes {
        length(minutes)?;
    }
    let title = new.title.as_deref().map(|title| checks::line("title", title, 120)).transpose()?;
    let notes = checks::text("notes", &new.notes, 2000)?;
    let lines = web.desk.directory.lines(&web.desk).await?;
    let (s, c, w) = (caller.scope.clone(), caller.clone(), web.clone());
    let (made, told) = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let book = Book::open(tx, &s, now).await?;
                let who = match who(tx, &w, &c, &book, &new).await? {
                    Ok(who) => who,
                    Err(problem) => return Ok(Err(problem)),
                };
                let location = match own_location(&c, new.location.clone(), new.staff.as_ref(), &book) {
                    Ok(location) => location,
                    Err(problem) => return Ok(Err(problem)),
                };
                let wanted = Wanted {
                    service: new.service.clone(),
                    staff: new.staff.clone(),
                    location,
                    starts_at: new.starts_at.0,
                    minutes: new.minutes,
                    outside_hours: new.force == Some(Force::OutsideHours),
                };
                let place = match book.place(tx, &wanted, None).await? {
                    Ok(place) if c.sees(place.location.as_ref()) => place,
                    Ok(_) => return Ok(Err(elsewhere())),
                    Err(no) => return Ok(Err(refuse::problem(&book, &c, no))),
                };
                let service = new.service.as_ref().and_then(|id| book.service(id));
                let usual = if book.tenant.speaks() == Language::Spanish { "Cita" } else { "Appointment" };
                let a = Appointment {
                    id: w.desk.id(),
                    contact: who.contact.clone(),
                    service: new.service.clone(),
                    title: title.or_else(|| service.map(|s| s.name.clone())).unwrap_or_else(|| usual.to_owned()),
                    staff: place.staff,
                    starts_at: place.starts_at,
                    ends_at: place.ends_at,
                    blocked_from: place.blocked_from,
                    blocked_to: place.blocked_to,
                    status: AppointmentStatus::Confirmed,
                    notes,
                    location: place.location,
                    reason: None,
                    created_at: now,
                    updated_at: now,
                };
                let told = match new.notify {
                    true => match bookings::announce(tx, &w.desk, &lines, &book, &a, News::Booked).await? {
                        Ok(message) => Some(message.conversation),
                        Err(why) => return Ok(Err(refuse::mute(why))),
                    },
                    false => None,
                };
                if let Some((contact, addresses)) = &who.new {
                    contacts::insert(tx, &s, contact).await?;
                    for address in addresses {
                        contacts::add_address(tx, &s, &contact.id, address, now).await?;
                    }
                    audit::write(tx, &s, &c.entry(&w, "contact.create", contact.id.as_str(), json!({}))).await?;
                }
                calendar::insert(tx, &s, &a, None).await?;
                let detail = json!({ "starts_at": a.starts_at.to_string(), "staff": a.staff, "forced": wanted.outside_hours });
                audit::write(tx, &s, &c.entry(&w, "appointment.create", a.id.as_str(), detail)).await?;
                Ok(Ok((reread(tx, &book, &a.id).await?, told)))
            }),
        )
        .await??;
    changed(&web, &caller, &made, told.as_ref());
    let (id, at) = (made.appointment.id.clone(), made.appointment.updated_at.0);
    Ok(Created::at(format!("/api/v1/appointments/{id}"), made).tagged(at))
}

async fn who(tx: &mut Tx, web: &Web, caller: &Caller, book: &Book, new: &NewAppointment) -> Stored<Result<Who, Problem>> {
    let s = &book.scope;
    let given = match (&new.contact, &new.new_contact) {
        (Some(id), None) => {
            return Ok(match contacts::get(tx, s, id).await? {
                Some(contact) => Ok(Who { contact: contact.id, new: None }),
                None => Err(Problem::field("contact", "there is no such contact")),
            });
        }
        (None, Some(given)) => given,
        _ => return Ok(Err(Problem::field("contact", "give `contact` or `new_contact`"))),
    };
    let (name, addresses) = match read(given, phone::region(&book.tenant)) {
        Ok(read) => read,
        Err(problem) => return Ok(Err(problem)),
    };
    for address in &addresses {
        let spellings = match address.kind {
            AddressKind::Phone => phone::variants(&address.value),
            _ => vec![address.value.clone()],
        };
        for value in spellings {
            if let Some(known) = contacts::at_address(tx, s, address.kind, &value).await? {
                return Ok(Ok(Who { contact: known, new: None }));
            }
        }
    }
    if let Err(problem) = caller.require("contact:write") {
        return Ok(Err(problem));
    }
    let contact = Contact {
        id: web.desk.id(),
        name,
        facts: BTreeMap::new(),
        language: None,
        note: None,
        created_at: book.now,
        updated_at: book.now,
    };
    Ok(Ok(Who { contact: contact.id.clone(), new: Some((contact, addresses)) }))
}

fn read(given: &Guest, region: Option<phone::Region>) -> Result<(Option<String>, Vec<Address>), Problem> {
    let name = given.name.as_deref().map(|n| checks::line("new_contact.name", n, 120)).transpose()?;
    let mut addresses = Vec::new();
    for (kind, path, value) in [
        (AddressKind::Phone, "new_contact.phone", given.phone.as_deref()),
        (AddressKind::Email, "new_contact.email", given.email.as_deref()),
    ] {
        let Some(value) = value else { continue };
        addresses.push(fields::address(path, kind, value, region).map_err(|w| Problem::field(w.path, w.problem))?);
    }
    if name.is_none() && addresses.is_empty() {
        return Err(Problem::field("new_contact", "give a name, a phone number or an e-mail address"));
    }
    Ok((name, addresses))
}

/// The branch of somebody who is limited to some: theirs, if they have one; they say which, if they have several.
fn own_location(
    caller: &Caller,
    wanted: Option<LocationId>,
    staff: Option<&StaffId>,
    book: &Book,
) -> Result<Option<LocationId>, Problem> {
    if wanted.is_some() && !caller.sees(wanted.as_ref()) {
        return Err(elsewhere());
    }
    let of_staff = || staff.and_then(|id| book.person(id)?.location.clone());
    match (wanted, caller.locations()) {
        (None, Some([only])) => Ok(Some(only.clone())),
        (None, Some(_)) if of_staff().is_none() => Err(Problem::field("location", "say at which of your locations")),
        (wanted, _) => Ok(wanted),
    }
}

pub(super) fn elsewhere() -> Problem {
    Problem::forbidden("other_location", "That is at a location that is not yours.")
}

/// Within ten years of now, or a slip of the finger.
pub(super) fn instant(path: &str, at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    const TEN_YEARS_MS: u64 = 10 * 366 * 24 * 3600 * 1000;
    if at.0.abs_diff(now.0) <= TEN_YEARS_MS { Ok(()) } else { Err(Problem::field(path, "is more than ten years from now")) }
}

pub(super) fn length(minutes: u32) -> Result<(), Problem> {
    if (1..=LONGEST_MINUTES).contains(&minutes) {
        Ok(())
    } else {
        Err(Problem::field("minutes", format!("from 1 to {LONGEST_MINUTES}")))
    }
}
