//! What came for an account that nobody here owns: kept for a person, never answered.

use frontdesk_kernel::{
    Timestamp,
    ports::channel::{Event, EventKind},
    scope::Server,
};
use frontdesk_store::{Result, inbound, work};

use crate::Desk;

pub(super) async fn keep(desk: &Desk, kind: &'static str, events: Vec<Event>, now: Timestamp) -> Result<()> {
    metrics::counter!("frontdesk_stray_total", "channel" => kind).increment(events.len() as u64);
    let rows: Vec<(String, String, String)> = events
        .into_iter()
        .map(|event| {
            let (id, body) = match &event.kind {
                EventKind::Message(m) => (m.vendor_id.clone(), serde_json::to_string(&m.parts).unwrap_or_default()),
                EventKind::Status(s) => (format!("{}:{}", s.vendor_id, s.delivery.as_str()), String::new()),
                EventKind::Notice { id, body, .. } | EventKind::Malformed { id, body, .. } => (id.clone(), body.to_string()),
            };
            tracing::warn!(channel = kind, account = %event.account, "an event for an account that nobody here owns was kept, not answered");
            (event.account, id, body)
        })
        .collect();
    desk.db
        .write(
            &Server,
            work!(tx => {
                for (account, id, body) in &rows {
                    inbound::keep_stray(tx, &Server, kind, account, id, body, now).await?;
                }
                Ok(())
            }),
        )
        .await
}
