//! The built-in calendar: services, staff, appointments. Check and insert happen in one transaction.

use frontdesk_kernel::{
    Scope, Timestamp,
    booking::{Absence, Appointment, AppointmentStatus, Service, Staff},
    ids::*,
    money::Money,
    profile::Hours,
};

use crate::{
    Asked, Result, Tx,
    query::{Row, row},
    values::Json,
};

fn service(row: &Row<'_>) -> Result<Service> {
    Ok(Service {
        id: row.get("id")?,
        name: row.get("name")?,
        duration_minutes: row.get("duration_minutes")?,
        buffer_before_minutes: row.get("buffer_before_minutes")?,
        buffer_after_minutes: row.get("buffer_after_minutes")?,
        price: row.get::<Option<Json<Money>>>("price")?.map(|p| p.0),
        description: row.get("description")?,
        active: row.get("active")?,
    })
}

fn staff_member(row: &Row<'_>) -> Result<Staff> {
    Ok(Staff {
        id: row.get("id")?,
        name: row.get("name")?,
        specialties: row.get::<Json<Vec<String>>>("specialties")?.0,
        services: row.get::<Json<Vec<ServiceId>>>("services")?.0,
        hours: row.get::<Option<Json<Hours>>>("hours")?.map(|h| h.0),
        away: row.get::<Option<Json<Vec<Absence>>>>("away")?.map(|a| a.0).unwrap_or_default(),
        location: row.get("location")?,
        active: row.get("active")?,
    })
}

/// An entry of a list, with what it is sorted and compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    pub item: T,
    pub position: i64,
    pub updated_at: Timestamp,
}

fn listed<T>(row: &Row<'_>, item: fn(&Row<'_>) -> Result<T>) -> Result<Listed<T>> {
    Ok(Listed {
        item: item(row)?,
        position: row.get("position")?,
        updated_at: row.get::<Option<Timestamp>>("updated_at")?.unwrap_or_default(),
    })
}

const SERVICE: &str = "id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, price, description, active";
const STAFF: &str = "id, name, specialties, services, hours, away, location, active";

pub(crate) fn appointment(r: &Row<'_>) -> Result<Appointment> {
    row!(Appointment {
        id,
        contact,
        service,
        title,
        staff,
        starts_at,
        ends_at,
        blocked_from,
        blocked_to,
        status,
        notes,
        location,
        reason,
        created_at,
        updated_at
    })(r)
}

/// Active services in the owner's order.
pub async fn services(tx: &mut Tx, scope: &Scope) -> Result<Vec<Service>> {
    tx.query(&format!("SELECT {SERVICE} FROM service WHERE tenant = $1 AND active ORDER BY position, id"))
        .bind(scope.tenant())
        .all(service)
        .await
}

/// Active staff in the owner's order.
pub async fn staff(tx: &mut Tx, scope: &Scope) -> Result<Vec<Staff>> {
    tx.query(&format!("SELECT {STAFF} FROM staff WHERE tenant = $1 AND active ORDER BY position, id"))
        .bind(scope.tenant())
        .all(staff_member)
        .await
}

/// Services in the owner's order, the withdrawn ones too.
pub async fn all_services(tx: &mut Tx, scope: &Scope) -> Result<Vec<Listed<Service>>> {
    tx.query(&format!("SELECT {SERVICE}, position, updated_at FROM service WHERE tenant = $1 ORDER BY position, id"))
        .bind(scope.tenant())
        .all(|row| listed(row, service))
        .await
}

/// Staff in the owner's order, those who left too.
pub async fn all_staff(tx: &mut Tx, scope: &Scope) -> Result<Vec<Listed<Staff>>> {
    tx.query(&format!("SELECT {STAFF}, position, updated_at FROM staff WHERE tenant = $1 ORDER BY position, id"))
        .bind(scope.tenant())
        .all(|row| listed(row, staff_member))
        .await
}

pub async fn put_service(tx: &mut Tx, scope: &Scope, s: &Service, position: i64, now: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO service (tenant, id, name, position, duration_minutes, buffer_before_minutes, buffer_after_minutes, price, description,
                              active, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, position = excluded.position,
             duration_minutes = excluded.duration_minutes, buffer_before_minutes = excluded.buffer_before_minutes,
             buffer_after_minutes = excluded.buffer_after_minutes, price = excluded.price, description = excluded.description,
             active = excluded.active, updated_at = excluded.updated_at",
    )
    .bind(scope.tenant()).bind(&s.id).bind(s.name.as_str()).bind(position).bind(s.duration_minutes).bind(s.buffer_before_minutes)
    .bind(s.buffer_after_minutes).bind(s.price.as_ref().map(Json)).bind(s.description.as_str()).bind(s.active).bind(now)
    .put()
    .await
}

pub async fn put_staff(tx: &mut Tx, scope: &Scope, s: &Staff, position: i64, now: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO staff (tenant, id, name, position, specialties, services, hours, away, location, active, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, position = excluded.position, specialties = excluded.specialties,
             services = excluded.services, hours = excluded.hours, away = excluded.away, location = excluded.location,
             active = excluded.active, updated_at = excluded.updated_at",
    )
    .bind(scope.tenant()).bind(&s.id).bind(s.name.as_str()).bind(position).bind(Json(&s.specialties)).bind(Json(&s.services))
    .bind(s.hours.as_ref().map(Json)).bind(Json(&s.away)).bind(s.location.as_ref()).bind(s.active).bind(now)
    .put()
    .await
}

pub async fn delete_service(tx: &mut Tx, scope: &Scope, id: &ServiceId) -> Result<bool> {
    tx.query("DELETE FROM service WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}

pub async fn delete_staff(tx: &mut Tx, scope: &Scope, id: &StaffId) -> Result<bool> {
    tx.query("DELETE FROM staff WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}

/// Whoever changes the calendar of a business waits for others who do until they are through (on SQLite nobody else writes anyway).
pub async fn lock(tx: &mut Tx, scope: &Scope) -> Result<()> {
    tx.query_each(
        "SELECT 1 AS one",
        "SELECT 1::bigint AS one FROM (SELECT pg_advisory_xact_lock(hashtextextended('calendar:' || $1, 0))) AS held",
    )
    .maybe_bind(scope.tenant())
    .put()
    .await
}

/// As `lock`, for a change that takes no time away from anybody else: several may be made at once.
pub async fn share(tx: &mut Tx, scope: &Scope) -> Result<()> {
    tx.query_each(
        "SELECT 1 AS one",
        "SELECT 1::bigint AS one FROM (SELECT pg_advisory_xact_lock_shared(hashtextextended('calendar:' || $1, 0))) AS held",
    )
    .maybe_bind(scope.tenant())
    .put()
    .await
}

/// As `lock`, for a change that takes nothing but this time: only those wait who want time of the same days (UTC). Once in a unit of work:
/// two who take days in another order would wait for each other.
pub async fn lock_time(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<()> {
    // The business's is shared; then the days, in their order.
    tx.query_each(
        "SELECT 1 AS one",
        "SELECT 1::bigint AS one
           FROM (SELECT pg_advisory_xact_lock_shared(hashtextextended('calendar:' || $1, 0)),
                        pg_advisory_xact_lock(hashtextextended('calendar:' || $1 || ':' || day, 0))
                   FROM generate_series($2::bigint, $3::bigint) AS day) AS held",
    )
    .maybe_bind(scope.tenant())
    .maybe_bind(from.0.div_euclid(DAY_MS))
    .maybe_bind(to.0.div_euclid(DAY_MS))
    .put()
    .await
}

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Confirmed appointments that block any of this time.
pub async fn blocking(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Appointment>> {
    ask_blocking(tx, scope, from, to)?.all(tx).await
}

/// As `blocking`, to be read later.
pub fn ask_blocking(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Asked<Appointment>> {
    tx.query(&format!(
        "SELECT {APPOINTMENT} FROM appointment
          WHERE tenant = $1 AND status = 'confirmed' AND blocked_from < $3 AND blocked_to > $2 ORDER BY blocked_from, id"
    ))
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .ask(appointment)
}

pub(crate) const APPOINTMENT: &str =
    "id, contact, service, title, staff, starts_at, ends_at, blocked_from, blocked_to, status, notes,
                                      location, reason, created_at, updated_at";

/// A contact's confirmed appointments that have not ended, soonest first.
pub async fn upcoming_of(tx: &mut Tx, scope: &Scope, contact: &ContactId, now: Timestamp) -> Result<Vec<Appointment>> {
    ask_upcoming_of(tx, scope, contact, now)?.all(tx).await
}

/// As `upcoming_of`, to be read later.
pub fn ask_upcoming_of(tx: &mut Tx, scope: &Scope, contact: &ContactId, now: Timestamp) -> Result<Asked<Appointment>> {
    tx.query(&format!(
        "SELECT {APPOINTMENT} FROM appointment
          WHERE tenant = $1 AND contact = $2 AND status = 'confirmed' AND ends_at > $3 ORDER BY starts_at, id LIMIT 50"
    ))
    .bind(scope.tenant())
    .bind(contact)
    .bind(now)
    .ask(appointment)
}

/// A contact's own appointment; somebody else's is not found.
pub async fn own(tx: &mut Tx, scope: &Scope, contact: &ContactId, id: &AppointmentId) -> Result<Option<Appointment>> {
    tx.query(&format!("SELECT {APPOINTMENT} FROM appointment WHERE tenant = $1 AND contact = $2 AND id = $3"))
        .bind(scope.tenant())
        .bind(contact)
        .bind(id)
        .optional(appointment)
        .await
}

/// All of a span of time, for people and tests.
pub async fn between(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Appointment>> {
    tx.query(&format!(
        "SELECT {APPOINTMENT} FROM appointment WHERE tenant = $1 AND starts_at >= $2 AND starts_at < $3 ORDER BY starts_at, id"
    ))
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(appointment)
    .await
}

pub async fn insert(tx: &mut Tx, scope: &Scope, a: &Appointment, turn: Option<&TurnId>) -> Result<()> {
    tx.query(
        "INSERT INTO appointment (tenant, id, contact, service, title, staff, starts_at, ends_at, blocked_from, blocked_to, status, notes,
                                  location, reason, turn, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(scope.tenant()).bind(&a.id).bind(&a.contact).bind(a.service.as_ref()).bind(a.title.as_str()).bind(a.staff.as_ref())
    .bind(a.starts_at).bind(a.ends_at).bind(a.blocked_from).bind(a.blocked_to).bind(a.status).bind(a.notes.as_str())
    .bind(a.location.as_ref()).bind(a.reason.as_deref()).bind(turn).bind(a.created_at).bind(a.updated_at)
    .put()
    .await
}

/// Moves a confirmed appointment.
pub async fn reschedule(tx: &mut Tx, scope: &Scope, a: &Appointment) -> Result<bool> {
    tx.query(
        "UPDATE appointment SET staff = $3, starts_at = $4, ends_at = $5, blocked_from = $6, blocked_to = $7, updated_at = $8,
                location = $9, previous = NULL
          WHERE tenant = $1 AND id = $2 AND status = 'confirmed'",
    )
    .bind(scope.tenant())
    .bind(&a.id)
    .bind(a.staff.as_ref())
    .bind(a.starts_at)
    .bind(a.ends_at)
    .bind(a.blocked_from)
    .bind(a.blocked_to)
    .bind(a.updated_at)
    .bind(a.location.as_ref())
    .execute()
    .await
    .map(|n| n > 0)
}

pub async fn set_status(
    tx: &mut Tx,
    scope: &Scope,
    id: &AppointmentId,
    status: AppointmentStatus,
    now: Timestamp,
) -> Result<bool> {
    tx.query(
        "UPDATE appointment SET status = $3, updated_at = $4, previous = NULL WHERE tenant = $1 AND id = $2 AND status = 'confirmed'",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(status)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}
