//! What is new, as it happens (server-sent events). The numbers are the truth: a hint wakes the stream, which reads what comes after the
//! last number that this browser has.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{self, KeepAlive},
    },
};
use frontdesk_engine::{Desk, events::Event};
use frontdesk_kernel::{
    Scope,
    ids::{ConversationId, TenantId},
};
use frontdesk_store::{feed, work};
use futures_util::stream;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{
    guest::Guest,
    pace::{STREAMS, Ticket},
    shown::shown,
};
use crate::{
    Web,
    kit::{Problem, Query},
};

const PAGE: u32 = 100;
const HEARTBEAT: Duration = Duration::from_secs(20);
/// After this the browser comes again, and is asked again who it is.
const LONGEST: Duration = Duration::from_secs(3600);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    /// The last number that the browser has.
    after: Option<i64>,
}

pub(super) async fn open(
    State(web): State<Web>,
    guest: Guest,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    guest.pace(&web, STREAMS, None)?;
    let again = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let after = again.or(from.after).unwrap_or(0);
    if after < 0 {
        return Err(Problem::field("after", "is not a number of a message"));
    }
    let nothing = || Problem::conflict("nothing_yet", "There is no conversation yet: say something first.");
    let conversation = guest.conversation.clone().ok_or_else(nothing)?;
    let watch = Watch {
        ticket: guest.paces.stream(&guest.visitor.address)?,
        // Before the first read, so that nothing falls between the two.
        hints: web.desk.events.subscribe(),
        desk: web.desk.clone(),
        scope: guest.scope,
        conversation,
        after,
        behind: true,
        ready: VecDeque::from([sse::Event::default().comment("open").retry(Duration::from_secs(3))]),
        until: tokio::time::Instant::now() + LONGEST,
    };
    let events = stream::unfold(watch, |mut watch| async move { Some((Ok::<_, Infallible>(watch.next().await?), watch)) });
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // A proxy that collects answers would hold the stream back.
    let unbuffered = [
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((unbuffered, events).into_response())
}

struct Watch {
    desk: Arc<Desk>,
    scope: Scope,
    conversation: ConversationId,
    hints: Receiver<(TenantId, Event)>,
    after: i64,
    /// There may be more to read.
    behind: bool,
    ready: VecDeque<sse::Event>,
    until: tokio::time::Instant,
    #[expect(dead_code, reason = "counts this stream until it is dropped")]
    ticket: Ticket,
}

impl Watch {
    /// `None` ends the stream; the browser comes again with its last number.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.behind {
                self.read().await?;
                continue;
            }
            let stop = self.desk.stop.clone();
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.until) => return None,
                hint = self.hints.recv() => match hint {
                    Ok((tenant, event)) if tenant == *self.scope.tenant() && event.conversation.as_ref() == Some(&self.conversation) => {
                        self.hear(&event.kind);
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => self.behind = true,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    fn hear(&mut self, kind: &str) {
        match kind {
            "feed.grew" => self.behind = true,
            "turn.started" | "turn.ended" => {
                let data = json!({ "on": kind == "turn.started" }).to_string();
                self.ready.push_back(sse::Event::default().event("typing").data(data));
            }
            _ => {}
        }
    }

    async fn read(&mut self) -> Option<()> {
        let (s, c, after) = (self.scope.clone(), self.conversation.clone(), self.after);
        let found = self.desk.db.read(&self.scope, work!(tx => feed::after(tx, &s, &c, after, PAGE).await)).await;
        let found = found.inspect_err(|e| tracing::warn!(error = %e, "a visitor's stream could not be read")).ok()?;
        self.behind = found.len() == PAGE as usize;
        for entry in &found {
            let event = sse::Event::default().event("message").id(entry.seq.to_string()).data(shown(entry).to_string());
            self.ready.push_back(event);
            self.after = entry.seq;
        }
        Some(())
    }
}
