//! What happened with a contact: threads, appointments, in short.

use frontdesk_kernel::{Scope, Timestamp, booking::AppointmentStatus, contact::AddressKind, conversation::Mode, ids::*};

use crate::{Result, Tx, conversations, query::row};

/// A thread as a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    pub id: ConversationId,
    pub channel: ChannelId,
    pub channel_kind: String,
    pub channel_name: String,
    pub location: Option<LocationId>,
    pub address_kind: AddressKind,
    pub address: String,
    pub mode: Mode,
    pub last_message_at: Timestamp,
}

/// An appointment as a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub id: AppointmentId,
    pub title: String,
    pub location: Option<LocationId>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub status: AppointmentStatus,
}

/// Latest first.
pub async fn threads(tx: &mut Tx, scope: &Scope, contact: &ContactId, limit: u32) -> Result<Vec<Thread>> {
    tx.query(
        "SELECT c.id, c.channel, h.kind AS channel_kind, h.name AS channel_name, h.location, c.address_kind, c.address, c.mode,
                c.paused_until, c.last_message_at
           FROM conversation c JOIN channel h ON h.tenant = c.tenant AND h.id = c.channel
          WHERE c.tenant = $1 AND c.contact = $2 ORDER BY c.last_message_at DESC, c.id DESC LIMIT $3",
    )
    .bind(scope.tenant())
    .bind(contact)
    .bind(limit)
    .all(|row| {
        Ok(Thread {
            id: row.get("id")?,
            channel: row.get("channel")?,
            channel_kind: row.get("channel_kind")?,
            channel_name: row.get("channel_name")?,
            location: row.get("location")?,
            address_kind: row.get("address_kind")?,
            address: row.get("address")?,
            mode: conversations::mode(row)?,
            last_message_at: row.get("last_message_at")?,
        })
    })
    .await
}

/// Latest first; what was canceled too.
pub async fn visits(tx: &mut Tx, scope: &Scope, contact: &ContactId, limit: u32) -> Result<Vec<Visit>> {
    tx.query(
        "SELECT id, title, location, starts_at, ends_at, status FROM appointment
          WHERE tenant = $1 AND contact = $2 ORDER BY starts_at DESC, id DESC LIMIT $3",
    )
    .bind(scope.tenant())
    .bind(contact)
    .bind(limit)
    .all(row!(Visit { id, title, location, starts_at, ends_at, status }))
    .await
}
