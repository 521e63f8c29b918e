//! Up to where mailboxes were read. What a mail leads to and that it was read commit together.

use frontdesk_kernel::{Timestamp, ports::mailbox::Place, scope::Server};

use crate::{Result, Tx};

/// A node that may look now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// `None`: it was never looked at.
    pub place: Option<Place>,
}

/// Takes the mailbox until then; `None`: another node has it.
pub async fn take(tx: &mut Tx, _: &Server, name: &str, now: Timestamp, until: Timestamp) -> Result<Option<Turn>> {
    tx.query(
        "INSERT INTO mailbox (name, validity, last, looked_at_until) VALUES ($1, 0, 0, $3)
         ON CONFLICT (name) DO UPDATE SET looked_at_until = $3 WHERE mailbox.looked_at_until <= $2
         RETURNING validity, last",
    )
    .bind(name)
    .bind(now)
    .bind(until)
    .optional(|row| {
        let (validity, last) = (row.get::<i64>("validity")?, row.get::<i64>("last")?);
        // Numbers of a mailbox are 32 bits, and none is 0.
        let place = Place { validity: validity as u32, last: last as u32 };
        Ok(Turn { place: (validity != 0).then_some(place) })
    })
    .await
}

/// Everything up to there was read, going on from where one was. `false`: somebody else has gone on.
pub async fn advance(tx: &mut Tx, _: &Server, name: &str, from: Option<Place>, to: Place) -> Result<bool> {
    tx.query("UPDATE mailbox SET validity = $2, last = $3 WHERE name = $1 AND validity = $4 AND (validity <> $2 OR last < $3)")
        .bind(name)
        .bind(i64::from(to.validity))
        .bind(i64::from(to.last))
        .bind(from.map_or(0, |place| i64::from(place.validity)))
        .execute()
        .await
        .map(|n| n > 0)
}

/// The next one may look.
pub async fn give_back(tx: &mut Tx, _: &Server, name: &str, now: Timestamp) -> Result<()> {
    tx.query("UPDATE mailbox SET looked_at_until = $2 WHERE name = $1").bind(name).bind(now).put().await
}
