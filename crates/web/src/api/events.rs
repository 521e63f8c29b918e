//! What changes, live: server-sent events for the console and whoever else watches.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{
        Sse,
        sse::{self, KeepAlive},
    },
};
use frontdesk_engine::{Desk, events::Event};
use frontdesk_kernel::{Timestamp, ids::TenantId};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Caller, Problem, Query},
};

/// Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(25);
/// After this whoever watches comes again, and is asked again who they are: a session, a key or somebody's place here may have ended.
const LONGEST: Duration = Duration::from_secs(300);

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(watch))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Watch {
    /// The business, where headers cannot be sent. Same as `x-tenant-id`.
    #[expect(dead_code, reason = "read by the layer that chooses the business")]
    tenant: Option<TenantId>,
}

/// Changes in the business, as they happen.
///
/// Each event's data is JSON: `kind` (`conversation.changed`, `message.changed`, `appointment.changed` …), `subject` (an id) and
/// sometimes `conversation`. They are hints: read anew what you show. `missed` says that some were left out because you read too
/// slowly: read everything anew. `again` is the last event of a stream, which ends after five minutes: connect anew, and read anew what
/// you show.
#[utoipa::path(get, path = "/events", tag = "events", params(Watch),
    responses((status = 200, description = "A stream of events", content_type = "text/event-stream", body = String)))]
pub(crate) async fn watch(
    State(web): State<Web>,
    caller: Caller,
    Query(_watch): Query<Watch>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Problem> {
    caller.require("event:read")?;
    metrics::gauge!("frontdesk_event_streams").set(web.desk.events.watchers() as f64 + 1.0);
    let watcher = Watcher {
        tenant: caller.scope.tenant().clone(),
        events: web.desk.events.subscribe(),
        until: web.desk.now().plus(LONGEST),
        ends: tokio::time::Instant::now() + LONGEST,
        over: false,
        desk: web.desk.clone(),
    };
    let hints = stream::unfold(watcher, |mut watcher| async { watcher.next().await.map(|event| (Ok(event), watcher)) });
    // The first event says that the line stands: what changed before it has to be read.
    let hello = stream::once(async { Ok(sse::Event::default().event("ready").data("{}")) });
    let all = futures_util::StreamExt::chain(hello, hints);
    Ok(Sse::new(all).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

struct Watcher {
    desk: Arc<Desk>,
    tenant: TenantId,
    events: Receiver<(TenantId, Event)>,
    /// By the desk's clock: nothing is told after it.
    until: Timestamp,
    /// By the machine's: also when nothing happens.
    ends: tokio::time::Instant,
    over: bool,
}

impl Watcher {
    async fn next(&mut self) -> Option<sse::Event> {
        if self.over {
            return None;
        }
        loop {
            let got = tokio::select! {
                () = self.desk.stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.ends) => return Some(self.last()),
                got = self.events.recv() => got,
            };
            if self.desk.now() >= self.until {
                return Some(self.last());
            }
            match got {
                Ok((tenant, event)) if tenant == self.tenant => return sse::Event::default().json_data(&event).ok(),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(sse::Event::default().event("missed").data("{}")),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn last(&mut self) -> sse::Event {
        self.over = true;
        sse::Event::default().event("again").data("{}")
    }
}
