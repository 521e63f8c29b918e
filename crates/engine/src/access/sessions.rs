//! Ending one's own sessions.

use frontdesk_kernel::{ids::*, scope::Server};
use frontdesk_store::{sessions, work};
use serde_json::json;

use super::{Answer, Refusal, trail::Trail};
use crate::Desk;

pub async fn end(desk: &Desk, person: &UserId, session: &SessionId) -> Answer<()> {
    let (p, s, trail) = (person.clone(), session.clone(), Trail::of(desk, person));
    let known = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let known = sessions::end(tx, &Server, &p, &s).await?;
                if known {
                    trail.write(tx, "session.delete", s.as_str(), json!({})).await?;
                }
                Ok(known)
            }),
        )
        .await?;
    if known { Ok(()) } else { Err(Refusal::Missing("session")) }
}

/// All but one.
pub async fn end_others(desk: &Desk, person: &UserId, keep: &SessionId) -> Answer<()> {
    let (p, s, trail) = (person.clone(), keep.clone(), Trail::of(desk, person));
    desk.db
        .write(
            &Server,
            work!(tx => {
                let ended = sessions::end_all(tx, &Server, &p, Some(&s)).await?;
                if ended > 0 {
                    trail.write(tx, "session.delete", p.as_str(), json!({ "ended": ended })).await?;
                }
                Ok(())
            }),
        )
        .await?;
    Ok(())
}
