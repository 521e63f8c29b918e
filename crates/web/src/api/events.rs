//! What changes, live: server-sent events for the console and whoever else watches.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        Sse,
        sse::{self, KeepAlive},
    },
};
use frontdesk_engine::events::Event;
use frontdesk_kernel::ids::{SessionId, TenantId};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Caller, Problem, Query, SignedIn},
};

/// Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(25);
/// The kind that tells a browser's stream that its session has ended.
pub(crate) const SESSION_ENDED: &str = "session.ended";

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
/// slowly: read everything anew.
#[utoipa::path(get, path = "/events", tag = "events", params(Watch),
    responses((status = 200, description = "A stream of events", content_type = "text/event-stream", body = String)))]
pub(crate) async fn watch(
    State(web): State<Web>,
    caller: Caller,
    session: Result<SignedIn, Problem>,
    Query(_watch): Query<Watch>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Problem> {
    caller.require("event:read")?;
    metrics::gauge!("frontdesk_event_streams").set(web.desk.events.watchers() as f64 + 1.0);
    let watcher = Watcher {
        tenant: caller.scope.tenant().clone(),
        session: session.ok().map(|s| s.session),
        events: web.desk.events.subscribe(),
        stop: web.desk.stop.clone(),
    };
    let hints = stream::unfold(watcher, |mut watcher| async { watcher.next().await.map(|event| (Ok(event), watcher)) });
    // The first event says that the line stands: what changed before it has to be read.
    let hello = stream::once(async { Ok(sse::Event::default().event("ready").data("{}")) });
    let all = futures_util::StreamExt::chain(hello, hints);
    Ok(Sse::new(all).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

struct Watcher {
    tenant: TenantId,
    /// Whose end ends the stream.
    session: Option<SessionId>,
    events: Receiver<(TenantId, Event)>,
    stop: CancellationToken,
}

impl Watcher {
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            let got = tokio::select! {
                () = self.stop.cancelled() => return None,
                got = self.events.recv() => got,
            };
            match got {
                Ok((_, event)) if event.kind == SESSION_ENDED => {
                    if self.session.as_ref().is_some_and(|s| s.as_str() == event.subject) {
                        return None;
                    }
                }
                Ok((tenant, event)) if tenant == self.tenant => return sse::Event::default().json_data(&event).ok(),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(sse::Event::default().event("missed").data("{}")),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
