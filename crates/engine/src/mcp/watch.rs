//! Servers are asked anew by themselves: what changed or went is off, and people are told, before an agent calls it.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{Scope, Timestamp, scope::Server};
use frontdesk_store::{Result, mcp::due, work};
use futures_util::future::join_all;

use super::keep;
use crate::{Desk, outbox::spread};

const EVERY: Duration = Duration::from_secs(6 * 3600);
/// One that could not be asked is not asked again by itself before this.
const AFTER_FAILURE: Duration = Duration::from_secs(3600);
const AT_ONCE: u32 = 4;

/// After an answer. A little earlier or later each time, so that servers are not asked in step.
pub(super) fn after_answer(desk: &Desk) -> Timestamp {
    desk.now().plus(EVERY.mul_f64(0.9 + 0.2 * spread(desk)))
}

pub(super) fn after_failure(desk: &Desk) -> Timestamp {
    desk.now().plus(AFTER_FAILURE)
}

/// Asks every server whose time has come, whichever node comes first. Returns how many were asked.
pub async fn ask_due(desk: &Arc<Desk>) -> Result<usize> {
    let mut asked = 0;
    while !desk.stop.is_cancelled() {
        let now = desk.now();
        if desk.db.read(&Server, work!(tx => due::next(tx, &Server).await)).await?.is_none_or(|at| at > now) {
            break;
        }
        // Who dies with it leaves it to be asked later, as if it had failed.
        let again = after_failure(desk);
        let taken = desk.db.write(&Server, work!(tx => due::claim(tx, &Server, now, again, AT_ONCE).await)).await?;
        if taken.is_empty() {
            break;
        }
        asked += taken.len();
        let asking = taken.into_iter().map(|(tenant, id)| async move {
            if let Err(e) = keep::refresh(desk, &Scope::of(tenant), &id).await {
                tracing::error!(server = %id, error = %e, "what a server offers could not be kept");
            }
        });
        join_all(asking).await;
    }
    Ok(asked)
}
