//! Meta's part: it accepts a message and tells what became of it, three times.

use std::{sync::Arc, sync::PoisonError, time::Instant};

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Desk;
use crate::customers::Meta;

/// What follows an accepted message.
pub(super) enum Accepted {
    /// Who tells, from now on.
    From(Meta),
    Message {
        to: String,
        id: String,
        echo: Option<String>,
    },
}

pub(super) async fn send(
    State(desk): State<Arc<Desk>>,
    Path((_, _)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Json<Value> {
    // A read mark is accepted and is no message.
    if body["status"] == "read" {
        return Json(json!({ "success": true }));
    }
    let to = body["to"].as_str().unwrap_or_default().trim_start_matches('+').to_owned();
    let echo = body["biz_opaque_callback_data"].as_str().map(str::to_owned);
    let waiting = desk.expected.lock().unwrap_or_else(PoisonError::into_inner).remove(&to);
    if let Some(waiting) = waiting {
        // Who does not wait any more does not count it.
        let _ = waiting.send(Instant::now());
    }
    let mut number = 0;
    desk.sent.send_modify(|n| {
        *n += 1;
        number = *n;
    });
    let id = format!("wamid.bench.out.{number}");
    // The receiver lives as long as the desk.
    let _ = desk.news.send(Accepted::Message { to: to.clone(), id: id.clone(), echo });
    Json(json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": to, "wa_id": to }],
        "messages": [{ "id": id }],
    }))
}

/// Sent, delivered and read, one webhook each, in this order.
pub(super) async fn tell(mut accepted: mpsc::UnboundedReceiver<Accepted>, desk: &Arc<Desk>) {
    let mut meta: Option<Meta> = None;
    while let Some(next) = accepted.recv().await {
        match next {
            Accepted::From(new) => meta = Some(new),
            Accepted::Message { to, id, echo } => {
                let Some(meta) = &meta else { continue };
                meta.statuses(&to, &id, echo.as_deref(), desk.told.clone());
            }
        }
    }
}
