//! Appointments as people run them: found by range, changed, and put back as they were.

use frontdesk_kernel::{
    Scope, Timestamp,
    booking::{Appointment, AppointmentStatus},
    ids::*,
};

use crate::{
    Result, Tx,
    calendar::{APPOINTMENT, appointment},
    query::Row,
    values::Json,
};

/// An appointment with what a list of them shows besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub appointment: Appointment,
    pub contact_name: Option<String>,
    /// The bot booked it in a conversation.
    pub by_bot: bool,
    /// A person's last change can be taken back.
    pub undoable: bool,
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    Ok(Entry {
        appointment: appointment(row)?,
        contact_name: row.get("contact_name")?,
        by_bot: row.get("by_bot")?,
        undoable: row.get("undoable")?,
    })
}

const ENTRY: &str = "turn IS NOT NULL AS by_bot, previous IS NOT NULL AS undoable,
    (SELECT c.name FROM contact c WHERE c.tenant = appointment.tenant AND c.id = appointment.contact) AS contact_name";

/// Which appointments of a range are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub from: Timestamp,
    /// Appointments that touch `[from, to)`.
    pub to: Timestamp,
    pub staff: Option<StaffId>,
    pub service: Option<ServiceId>,
    pub location: Option<LocationId>,
    pub contact: Option<ContactId>,
    pub status: Option<AppointmentStatus>,
    /// Only those at these branches, or at none.
    pub seen_at: Option<Vec<LocationId>>,
}

/// Longest appointment that may reach into a range from before it.
const REACH_MS: i64 = 2 * 24 * 3600 * 1000;

/// In the order of their starts, after the given one.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    after: Option<&(Timestamp, AppointmentId)>,
    limit: u32,
) -> Result<Vec<Entry>> {
    let at =
        "COALESCE(location, (SELECT s.location FROM staff s WHERE s.tenant = appointment.tenant AND s.id = appointment.staff))";
    let mut sql = format!(
        "SELECT {APPOINTMENT}, {ENTRY} FROM appointment
          WHERE tenant = $1 AND starts_at >= $2 AND starts_at < $3 AND ends_at > $4
            AND (starts_at > $5 OR (starts_at = $5 AND id > $6))"
    );
    let mut params: Vec<&str> = Vec::new();
    for (column, value) in [
        ("staff", filter.staff.as_ref().map(StaffId::as_str)),
        ("service", filter.service.as_ref().map(ServiceId::as_str)),
        ("contact", filter.contact.as_ref().map(ContactId::as_str)),
        ("status", filter.status.map(AppointmentStatus::as_str)),
        (at, filter.location.as_ref().map(LocationId::as_str)),
    ] {
        if let Some(value) = value {
            params.push(value);
            sql.push_str(&format!(" AND {column} = ${}", params.len() + 6));
        }
    }
    if let Some(seen) = &filter.seen_at {
        let mut among = String::new();
        for location in seen {
            params.push(location.as_str());
            among.push_str(&format!(" OR {at} = ${}", params.len() + 6));
        }
        sql.push_str(&format!(" AND ({at} IS NULL{among})"));
    }
    sql.push_str(&format!(" ORDER BY starts_at, id LIMIT ${}", params.len() + 7));
    let (start, id) = after.map_or((Timestamp(i64::MIN), ""), |(start, id)| (*start, id.as_str()));
    let mut query = tx
        .query(&sql)
        .bind(scope.tenant())
        .bind(Timestamp(filter.from.0.saturating_sub(REACH_MS)))
        .bind(filter.to)
        .bind(filter.from)
        .bind(start)
        .bind(id);
    for param in params {
        query = query.bind(param);
    }
    query.bind(limit).all(entry).await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &AppointmentId) -> Result<Option<Entry>> {
    tx.query(&format!("SELECT {APPOINTMENT}, {ENTRY} FROM appointment WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(entry)
        .await
}

/// What it was before a person's last change; `None` when there is nothing to put back.
pub async fn before(tx: &mut Tx, scope: &Scope, id: &AppointmentId) -> Result<Option<Appointment>> {
    tx.query("SELECT previous FROM appointment WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .optional(|row| row.get::<Option<Json<Appointment>>>("previous"))
        .await
        .map(|found| found.flatten().map(|p| p.0))
}

/// Writes an appointment as it is now; `previous` is what undoing brings back. Whose it is stays as it is: that is changed by those who
/// bring contacts together, and an older state knows nothing of it.
pub async fn change(tx: &mut Tx, scope: &Scope, a: &Appointment, previous: Option<&Appointment>) -> Result<bool> {
    tx.query(
        "UPDATE appointment SET service = $3, title = $4, staff = $5, starts_at = $6, ends_at = $7, blocked_from = $8,
                blocked_to = $9, status = $10, notes = $11, location = $12, reason = $13, previous = $14, updated_at = $15
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(&a.id)
    .bind(a.service.as_ref())
    .bind(a.title.as_str())
    .bind(a.staff.as_ref())
    .bind(a.starts_at)
    .bind(a.ends_at)
    .bind(a.blocked_from)
    .bind(a.blocked_to)
    .bind(a.status)
    .bind(a.notes.as_str())
    .bind(a.location.as_ref())
    .bind(a.reason.as_deref())
    .bind(previous.map(Json))
    .bind(a.updated_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// What an upcoming appointment may depend on.
#[derive(Debug, Clone, Copy)]
pub enum Needed<'a> {
    Service(&'a ServiceId),
    Staff(&'a StaffId),
    Location(&'a LocationId),
}

/// How many confirmed appointments that have not ended need it.
pub async fn upcoming(tx: &mut Tx, scope: &Scope, needed: Needed<'_>, now: Timestamp) -> Result<i64> {
    let (column, id) = match needed {
        Needed::Service(id) => ("service", id.as_str()),
        Needed::Staff(id) => ("staff", id.as_str()),
        Needed::Location(id) => ("location", id.as_str()),
    };
    tx.query(&format!(
        "SELECT COUNT(*) AS n FROM appointment WHERE tenant = $1 AND status = 'confirmed' AND ends_at > $2 AND {column} = $3"
    ))
    .bind(scope.tenant())
    .bind(now)
    .bind(id)
    .one(|row| row.get("n"))
    .await
}
