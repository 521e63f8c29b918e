//! Accepts connections and bounds what each may cost: time to ask, size of a head, streams, their number. What a request's body may
//! cost is bounded where it is read.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderValue, Version, header},
    serve::Listener,
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{net::TcpListener, sync::Semaphore, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_service::Service;

/// What one connection, and all together, may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// From the connection to its first whole head.
    pub(crate) first_head: Duration,
    /// For every later head, and so for how long an idle connection is kept. Longer than the usual reuse of proxies in front of us.
    pub(crate) idle: Duration,
    /// Bytes of a head; a larger one is answered with 431.
    pub(crate) head_bytes: usize,
    /// Of one HTTP/2 connection at a time.
    pub(crate) streams: u32,
    /// Streams that a client opened and reset before we looked; more end the connection.
    pub(crate) resets: usize,
    /// Connections at a time; the next ones wait in the system's queue.
    pub(crate) connections: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            first_head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            head_bytes: 64 << 10,
            streams: 128,
            resets: 20,
            connections: 20_000,
        }
    }
}

/// Of all files that the system lets the process open, one in so many may be a connection: the others are for the database and for our
/// own calls.
const SHARE_OF_FILES: u64 = 2;

impl Bounds {
    /// No more connections than leave the process files for its own work, whoever keeps them open. Raises the limit of open files as far as
    /// the system lets it.
    pub(crate) fn of_this_process() -> Bounds {
        let limit = getrlimit(Resource::Nofile);
        // What a shell gives at first is kept low for programs of long ago.
        let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
        let files = if raised.is_ok() { limit.maximum } else { limit.current };
        let bounds = Bounds::default().within(files);
        if bounds.connections < Bounds::default().connections {
            tracing::info!(
                files,
                connections = bounds.connections,
                "the system limits how many connections are served at a time"
            );
        }
        bounds
    }

    /// `files`: how many may be open; none is no limit.
    fn within(self, files: Option<u64>) -> Bounds {
        let most = files.map_or(usize::MAX, |files| usize::try_from(files / SHARE_OF_FILES).unwrap_or(usize::MAX));
        Bounds { connections: self.connections.min(most).max(1), ..self }
    }

    fn server(&self) -> auto::Builder<TokioExecutor> {
        let mut server = auto::Builder::new(TokioExecutor::new());
        server.http1().timer(TokioTimer::new()).header_read_timeout(self.idle).max_buf_size(self.head_bytes);
        server
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.streams)
            .max_pending_accept_reset_streams(self.resets)
            .max_local_error_reset_streams(self.resets)
            .max_header_list_size(self.head_bytes as u32)
            .keep_alive_interval(self.idle)
            .keep_alive_timeout(self.first_head);
        server
    }
}

/// When no more is served.
#[derive(Debug, Clone, Default)]
pub(crate) struct Closing {
    /// Whoever has a connection is asked to use another place from now on.
    pub(crate) soon: CancellationToken,
    /// No more connections.
    pub(crate) now: CancellationToken,
}

/// Serves until it closes, then lets running requests end.
pub(crate) async fn serve(mut listener: TcpListener, router: Router, bounds: Bounds, tasks: &TaskTracker, closing: Closing) {
    let server = Arc::new(bounds.server());
    let places = Arc::new(Semaphore::new(bounds.connections));
    let open = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = closing.now.cancelled() => break,
            accepted = async {
                let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
                // Errors of a single connection are passed over; without free descriptors it waits a second.
                (place, Listener::accept(&mut listener).await)
            } => accepted,
        };
        let (place, (stream, peer)) = accepted;
        drop(stream.set_nodelay(true));
        let asked = Arc::new(AtomicBool::new(false));
        let service = {
            let (router, asked, soon) = (router.clone(), asked.clone(), closing.soon.clone());
            service_fn(move |request: Request<Incoming>| {
                asked.store(true, Ordering::Relaxed);
                answer(router.clone(), request, peer, soon.clone())
            })
        };
        let (server, watcher) = (server.clone(), open.watcher());
        tasks.spawn(async move {
            let connection = watcher.watch(server.serve_connection(TokioIo::new(stream), service).into_owned());
            tokio::select! {
                ended = connection => if let Err(e) = ended {
                    tracing::debug!(error = %e, "a connection ended early");
                },
                () = never_asked(&asked, bounds.first_head) => tracing::debug!("a connection asked nothing in time"),
            }
            drop(place);
        });
    }
    drop(listener);
    open.shutdown().await;
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    soon: CancellationToken,
) -> Result<axum::response::Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let is_http1 = request.version() <= Version::HTTP_11;
    let mut response = router.call(request).await?;
    // A connection that is kept for later would be closed under the next request.
    if is_http1 && soon.is_cancelled() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// Ends only when the time is over and nothing was asked.
async fn never_asked(asked: &AtomicBool, within: Duration) {
    sleep(within).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests;
