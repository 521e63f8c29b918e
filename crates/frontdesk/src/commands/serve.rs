//! `frontdesk serve`: webhooks, API and workers, until it is told to stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::Router;
use frontdesk_engine::{Desk, access, workers};
use frontdesk_web::{Limits, Metrics, Web, hash_key};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, VERSION},
    config::{Overrides, Role},
    connections::{self, Bounds, Closing},
    console,
    local::Local,
    memory, random, seed, terminal,
};

#[derive(clap::Args, Debug, Default)]
pub(crate) struct Serve {
    /// Which part of the work this process does: all, web or worker
    #[arg(long)]
    pub(crate) role: Option<String>,
    /// Port to listen on
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Address to listen on, host:port
    #[arg(long)]
    pub(crate) listen: Option<String>,
    /// Folder for database and keys
    #[arg(long)]
    pub(crate) data_dir: Option<std::path::PathBuf>,
    /// Do not run database migrations at start
    #[arg(long)]
    pub(crate) no_migrate: bool,
}

impl Serve {
    pub(crate) fn overrides(self, rest: Overrides) -> Overrides {
        Overrides { role: self.role, port: self.port, listen: self.listen, data_dir: self.data_dir, ..rest }
    }
}

pub(crate) async fn run(app: App) -> Result<()> {
    seed::default_tenant(&app).await?;
    for name in &app.config.not_yet_used {
        tracing::warn!(name, "this setting has no effect yet");
    }
    let listen = app.config.server.listen.to_string();
    let listener = TcpListener::bind(&listen)
        .await
        .with_context(|| format!("cannot listen on {listen}: choose another with LISTEN=host:port or --port"))?;
    start(app, listener, Router::new(), |_| {}).await
}

/// Serves until a signal, with further `pages`; `ready` is told the address once requests are answered.
pub(crate) async fn start(app: App, listener: TcpListener, pages: Router, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let desk = app.desk()?;
    let key = format!("fd_local_{}", random::text(40));
    let web = Web {
        desk: desk.clone(),
        metrics: Metrics::install(),
        limits: Limits {
            body_bytes: app.config.server.max_body_bytes,
            body_timeout: Duration::from_secs(app.config.server.body_timeout_s),
            requests_per_second: app.config.server.requests_per_second,
            ..Limits::default()
        },
        version: VERSION,
        operator_key: Some(hash_key(&key).into()),
        public_origin: app.config.server.public_base_url.as_deref().map(origin_of),
        trusted_proxies: app.config.server.trusted_proxies.clone().into(),
        security_contact: app.config.server.security_contact.as_deref().map(Into::into),
        rates: Arc::default(),
        basic: app.basic_login().map(Arc::new),
        console: console::FILES,
    };
    let role = app.config.server.role;
    let address = listener.local_addr()?;
    let name = node_name(&address, role);
    if role != Role::Web {
        workers::start(&desk, &name).await?;
    }
    let url = format!(
        "http://{}",
        if address.ip().is_unspecified() { SocketAddr::new([127, 0, 0, 1].into(), address.port()) } else { address }
    );
    desk.access.reached_at(&url);
    Local { url, key }.write(&app.config.data_dir)?;
    // Once, for whoever sits at the terminal; never in the log.
    if role != Role::Worker
        && let Some(link) = access::setup::begin(&desk).await?
    {
        terminal::note(&format!("Nobody signs in here yet. Open this link to become the owner (it works once): {link}"));
    }
    // Before anybody is told that we are ready: whoever stops us at once is heard, too.
    let closing = Closing { soon: desk.stop.clone(), now: CancellationToken::new() };
    stop_on_signal(&desk, closing.now.clone(), Duration::from_millis(app.config.server.shutdown_grace_ms))?;
    tracing::info!(%address, role = ?role, database = app.db.engine_name(), version = VERSION, "frontdesk is ready");
    ready(address);

    let router = if role == Role::Worker { frontdesk_web::health_router(web) } else { frontdesk_web::router(web).merge(pages) };
    desk.tasks.spawn(memory::give_back(desk.stop.clone()));
    tokio::select! {
        () = connections::serve(listener, router, Bounds::of_this_process(), &desk.tasks, closing) => {}
        () = workers::keep_lease_after_stop(&desk, &name), if role != Role::Web => {}
    }
    let clean = workers::drain(&desk, &name).await;
    Local::remove(&app.config.data_dir);
    tracing::info!(clean, "frontdesk has stopped");
    Ok(())
}

/// Scheme and host of an address, as browsers name the place a page comes from.
fn origin_of(url: &str) -> Arc<str> {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find('/').map_or(url.len(), |at| after_scheme + at);
    url[..end].into()
}

/// The same machine, address and role under the same name: a restart takes over from its predecessor at once.
fn node_name(address: &SocketAddr, role: Role) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}/{address}/{role:?}", host.trim())
}

/// SIGTERM or Ctrl-C: not ready any more, no new claims; requests and turns end. Whoever is in a hurry may kill: nothing is lost by it.
fn stop_on_signal(desk: &Arc<Desk>, close: CancellationToken, grace: Duration) -> std::io::Result<()> {
    let desk = desk.clone();
    let tracker = desk.tasks.clone();
    // From here on they do not kill the process.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tracker.spawn(async move {
        let grace = tokio::select! {
            _ = terminate.recv() => grace,
            _ = interrupt.recv() => Duration::ZERO,
            () = desk.stop.cancelled() => Duration::ZERO,
        };
        tracing::info!("stopping: finishing what runs");
        desk.stop.cancel();
        // Whoever sends requests here has to notice that we are not ready any more.
        tokio::time::sleep(grace).await;
        close.cancel();
    });
    Ok(())
}
