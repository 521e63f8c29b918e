//! Everything a piece of work needs: the database, the clock, the ways out, the connectors, the settings.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_kernel::{
    Clock, Id, Ids, Secret, Timestamp,
    ids::{Kind, NodeId},
    ports::{channel::Channel, http::Http, mcp::Mcp, model::Model, payments::Payments, scripts::Scripts},
};
use frontdesk_store::{Db, vault::Vault};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    access::{self, Access},
    breaker::Breakers,
    directory::Directory,
    echo::EchoKey,
    events::Events,
    grants::Grants,
    in_hand::InHand,
    inbox::Together,
    knocks::Knocks,
    prompt::Prompts,
    relay::Relay,
    settings::Settings,
    signer::Signer,
    tools::Toolbox,
};

/// Waiting, so that tests own it.
#[async_trait]
pub trait Pause: Send + Sync + 'static {
    async fn pause(&self, d: Duration);
}

/// A model vendor as the registry knows it.
#[derive(Clone, Copy)]
pub struct Vendor {
    pub key: &'static str,
    pub model: &'static dyn Model,
    pub base_url: &'static str,
    pub needs_key: bool,
}

/// What the binary (or a test) puts together.
pub struct Parts {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub pause: Arc<dyn Pause>,
    pub http: Arc<dyn Http>,
    pub scripts: Arc<dyn Scripts>,
    pub channels: &'static [&'static dyn Channel],
    pub vendors: Vec<Vendor>,
    pub payments: &'static [&'static dyn Payments],
    /// Speaks to servers that offer tools.
    pub mcp: &'static dyn Mcp,
    pub vault: Vault,
    /// Signs what comes back to us through vendors.
    pub signing_key: Secret,
    pub node: NodeId,
    pub settings: Settings,
    pub access: access::Parts,
}

pub struct Desk {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub pause: Arc<dyn Pause>,
    pub http: Arc<dyn Http>,
    pub scripts: Arc<dyn Scripts>,
    pub channels: &'static [&'static dyn Channel],
    pub vendors: Vec<Vendor>,
    pub payments: &'static [&'static dyn Payments],
    /// Speaks to servers that offer tools.
    pub mcp: &'static dyn Mcp,
    pub vault: Vault,
    pub node: NodeId,
    pub settings: Settings,
    pub access: Access,
    pub grants: Grants,
    pub directory: Directory,
    pub breakers: Breakers,
    pub prompts: Prompts,
    pub toolbox: Toolbox,
    pub echo: EchoKey,
    pub signer: Signer,
    pub events: Events,
    pub knocks: Knocks,
    pub together: Together,
    pub relay: Relay,
    pub wake: Wake,
    /// Every task that works; `stop` asks them to end.
    pub tasks: TaskTracker,
    pub stop: CancellationToken,
    pub lease: crate::lease::NodeLease,
    /// Restored and not yet released by an operator.
    pub paused: std::sync::atomic::AtomicBool,
    /// Turns that run now.
    pub running: std::sync::atomic::AtomicUsize,
    pub in_hand: InHand,
}

/// Signals inside the process: something became ready.
#[derive(Default)]
pub struct Wake {
    pub lanes: Notify,
    pub outbox: Notify,
    pub timers: Notify,
    pub mail: Notify,
    /// A turn ended (for callers that wait for an answer).
    pub finished: Notify,
}

impl Desk {
    pub fn new(parts: Parts) -> Arc<Desk> {
        let (echo, signer) = (EchoKey::new(&parts.signing_key), Signer::new(&parts.signing_key));
        Arc::new(Desk {
            db: parts.db,
            clock: parts.clock,
            ids: parts.ids,
            pause: parts.pause,
            http: parts.http,
            scripts: parts.scripts,
            channels: parts.channels,
            vendors: parts.vendors,
            payments: parts.payments,
            mcp: parts.mcp,
            vault: parts.vault,
            node: parts.node,
            settings: parts.settings,
            access: Access::new(parts.access),
            grants: Grants::default(),
            directory: Directory::default(),
            breakers: Breakers::default(),
            prompts: Prompts::default(),
            toolbox: Toolbox::default(),
            echo,
            signer,
            events: Events::default(),
            knocks: Knocks::default(),
            together: Together::default(),
            relay: Relay::default(),
            wake: Wake::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            lease: crate::lease::NodeLease::default(),
            paused: std::sync::atomic::AtomicBool::new(false),
            running: std::sync::atomic::AtomicUsize::new(0),
            in_hand: InHand::default(),
        })
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn is_paused(&self) -> bool {
        self.paused.load(std::sync::atomic::Ordering::Relaxed)
    }

    pub fn id<K: Kind>(&self) -> Id<K> {
        Id::new(self.ids.as_ref(), self.clock.now())
    }

    pub fn channel(&self, kind: &str) -> Option<&'static dyn Channel> {
        self.channels.iter().copied().find(|c| c.about().key == kind)
    }

    /// Who takes payments and is called so.
    pub fn payment_vendor(&self, key: &str) -> Option<&'static dyn Payments> {
        self.payments.iter().copied().find(|v| v.about().key == key)
    }

    pub fn vendor(&self, key: &str) -> Option<&Vendor> {
        self.vendors.iter().find(|v| v.key == key)
    }
}
