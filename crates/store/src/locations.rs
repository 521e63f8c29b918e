//! Branches of a business.

use frontdesk_kernel::{Scope, Timestamp, ids::LocationId, location::Location};

use crate::{
    Result, Tx,
    query::{Row, row},
};

fn location(r: &Row<'_>) -> Result<Location> {
    row!(Location { id, name, address, phone, time_zone, active, created_at, updated_at })(r)
}

/// All, in the owner's order.
pub async fn all(tx: &mut Tx, scope: &Scope) -> Result<Vec<Location>> {
    tx.query(
        "SELECT id, name, address, phone, time_zone, active, created_at, updated_at FROM location WHERE tenant = $1 ORDER BY position, id",
    )
    .bind(scope.tenant())
    .all(location)
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &LocationId) -> Result<Option<Location>> {
    tx.query(
        "SELECT id, name, address, phone, time_zone, active, created_at, updated_at FROM location WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(id)
    .optional(location)
    .await
}

/// At the end of the list.
pub async fn insert(tx: &mut Tx, scope: &Scope, l: &Location) -> Result<()> {
    tx.query(
        "INSERT INTO location (tenant, id, name, address, phone, time_zone, position, active, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, (SELECT COALESCE(MAX(position), -1) + 1 FROM location WHERE tenant = $1), $7, $8, $9)",
    )
    .bind(scope.tenant())
    .bind(&l.id)
    .bind(l.name.as_str())
    .bind(l.address.as_str())
    .bind(l.phone.as_str())
    .bind(l.time_zone.as_deref())
    .bind(l.active)
    .bind(l.created_at)
    .bind(l.updated_at)
    .put()
    .await
}

pub async fn update(tx: &mut Tx, scope: &Scope, l: &Location) -> Result<bool> {
    tx.query(
        "UPDATE location SET name = $3, address = $4, phone = $5, time_zone = $6, active = $7, updated_at = $8
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(&l.id)
    .bind(l.name.as_str())
    .bind(l.address.as_str())
    .bind(l.phone.as_str())
    .bind(l.time_zone.as_deref())
    .bind(l.active)
    .bind(l.updated_at)
    .execute()
    .await
    .map(|n| n > 0)
}

pub async fn set_position(tx: &mut Tx, scope: &Scope, id: &LocationId, position: i64, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE location SET position = $3, updated_at = $4 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(position)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

/// How many staff and channels are at it.
pub async fn users(tx: &mut Tx, scope: &Scope, id: &LocationId) -> Result<(i64, i64)> {
    tx.query(
        "SELECT (SELECT COUNT(*) FROM staff WHERE tenant = $1 AND location = $2) AS staff,
                (SELECT COUNT(*) FROM channel WHERE tenant = $1 AND location = $2) AS channels",
    )
    .bind(scope.tenant())
    .bind(id)
    .one(|row| Ok((row.get("staff")?, row.get("channels")?)))
    .await
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: &LocationId) -> Result<bool> {
    tx.query("DELETE FROM location WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}

/// The branch that a channel answers for.
pub async fn of_channel(tx: &mut Tx, scope: &Scope, channel: &frontdesk_kernel::ids::ChannelId) -> Result<Option<LocationId>> {
    tx.query("SELECT location FROM channel WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(channel)
        .optional(|row| row.get::<Option<LocationId>>("location"))
        .await
        .map(Option::flatten)
}
