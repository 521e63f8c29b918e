//! A machine that runs the product: the real engine and the real routes. It dies, freezes, wakes up, leaves in good order, comes back.

use std::{
    collections::BTreeMap,
    fmt,
    future::pending,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use axum::Router;
use frontdesk_connect::{channels, mcp, models, payments};
use frontdesk_engine::{
    Desk, Settings, access,
    desk::{Parts, Pause, Vendor},
    settings::{ModelServer, VendorApi},
    workers,
};
use frontdesk_kernel::{
    Id, Secret,
    ids::{NodeId, OfNode},
    ports::scripts::NoScripts,
    scope::Server,
};
use frontdesk_store::{Result, nodes, vault::Vault, work};
use frontdesk_web::{Limits, Metrics, Web};

use super::{gate::Door, wire::Wire, world::World};

/// Where the vendors are.
pub(super) const GRAPH: &str = "https://graph.example";
pub(super) const MODEL: &str = "https://model.example/v1";
pub(super) const SERVICE: &str = "https://service.example";

#[derive(Clone, Copy, PartialEq)]
enum State {
    Alive,
    /// Until then, since the beginning.
    Frozen(Duration),
    Dead,
}

/// One process of a machine.
pub(super) struct Life {
    name: String,
    state: Mutex<State>,
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Life {
    /// Returns when the process runs; never, when it is dead.
    pub(super) async fn here(&self, world: &World) {
        loop {
            let now = world.time.elapsed();
            match self.state() {
                State::Alive => return,
                State::Dead => pending().await,
                State::Frozen(until) if until <= now => self.set(State::Alive),
                State::Frozen(until) => world.sleep(until - now).await,
            }
        }
    }

    pub(super) fn is_away(&self, world: &World) -> bool {
        match self.state() {
            State::Alive => false,
            State::Frozen(until) => until > world.time.elapsed(),
            State::Dead => true,
        }
    }

    pub(super) fn is_dead(&self) -> bool {
        self.state() == State::Dead
    }

    pub(super) fn die(&self) {
        self.set(State::Dead);
    }

    pub(super) fn freeze(&self, until: Duration) {
        if !self.is_dead() {
            self.set(State::Frozen(until));
        }
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

pub(super) struct Node {
    pub(super) machine: String,
    pub(super) life: Arc<Life>,
    pub(super) desk: Arc<Desk>,
    pub(super) router: Router,
}

/// Time passes for a process while it runs.
struct Waiting(Arc<World>, Arc<Life>);

#[async_trait]
impl Pause for Waiting {
    async fn pause(&self, d: Duration) {
        self.0.sleep(d).await;
        self.1.here(&self.0).await;
    }
}

impl Node {
    pub(super) fn new(world: &Arc<World>, machine: &str, number: usize) -> Node {
        let life = Arc::new(Life { name: format!("{machine}{number}"), state: Mutex::new(State::Alive) });
        let node: NodeId = Id::<OfNode>::new(&*world.ids, world.now());
        let door = Door { world: world.clone(), life: life.clone() };
        let desk = Desk::new(Parts {
            db: world.db.behind(Arc::new(door)),
            clock: world.time.clone(),
            ids: world.ids.clone(),
            pause: Arc::new(Waiting(world.clone(), life.clone())),
            http: Arc::new(Wire { world: world.clone(), life: life.clone() }),
            scripts: Arc::new(NoScripts),
            channels: channels::ALL,
            payments: payments::ALL,
            mcp: &mcp::Client,
            vendors: vendors(),
            vault: vault(),
            signing_key: Secret::new("a signing key for simulations"),
            node,
            settings: settings(),
            access: access::Parts {
                random: world.ids.clone(),
                mailer: None,
                mailbox: None,
                provider: None,
                public_url: Some("https://desk.example".to_owned()),
            },
        });
        let web = Web {
            desk: desk.clone(),
            metrics: world.metrics.clone(),
            limits: Limits { requests_per_second: 0, ..Limits::default() },
            version: "0",
            operator_key: None,
            public_origin: None,
            security_contact: None,
            trusted_proxies: Arc::from([IpAddr::from(Ipv4Addr::LOCALHOST)]),
            basic: None,
            rates: Arc::default(),
            console: &[],
        };
        Node { machine: machine.to_owned(), life, desk, router: frontdesk_web::hooks_router(web) }
    }

    /// As `workers::start` does on PostgreSQL: a process takes over from the one that had its name, and leaves other names alone.
    pub(super) async fn start(&self, predecessor: Option<NodeId>) -> Result<()> {
        if let Some(dead) = predecessor {
            self.desk.db.write(&Server, work!(tx => nodes::leave(tx, &Server, &dead).await)).await?;
        }
        workers::heartbeat(&self.desk, &self.machine).await?;
        workers::begin(&self.desk, &self.machine).await
    }
}

pub(super) fn vault() -> Vault {
    Vault::new(&Secret::new("a key for simulations"))
}

/// Installed once for all worlds of a process.
pub(super) fn metrics() -> Metrics {
    static METRICS: std::sync::OnceLock<Metrics> = std::sync::OnceLock::new();
    METRICS.get_or_init(Metrics::install).clone()
}

fn settings() -> Settings {
    let server = ModelServer { base_url: Some(MODEL.to_owned()), key: Some(Secret::new("sk-sim")), ..ModelServer::default() };
    Settings {
        unknown_window: Duration::from_secs(30),
        vendors: BTreeMap::from([("whatsapp", VendorApi { base_url: GRAPH.to_owned(), version: "v23.0".to_owned() })]),
        model_servers: BTreeMap::from([("openai".to_owned(), server)]),
        ..Settings::default()
    }
}

fn vendors() -> Vec<Vendor> {
    let known = models::vendors().filter_map(|v| {
        Some(Vendor { key: v.key, model: models::find(v.dialect)?, base_url: v.default_base_url, needs_key: v.needs_key })
    });
    known.collect()
}
