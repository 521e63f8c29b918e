//! What just changed, for whoever watches: the console's live views. Hints, not facts: a watcher reads anew what it shows.

use std::borrow::Cow;

use frontdesk_kernel::ids::{ConversationId, TenantId};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::{self, Receiver, Sender};

/// Hints that may wait for a slow watcher; one who falls further behind is told that it missed some.
const WAITING: usize = 1024;

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// `noun.verb`, such as `conversation.changed`.
    pub kind: Cow<'static, str>,
    /// Id of what changed.
    pub subject: String,
    /// Where it happened, when in a conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// It happened at another node.
    #[serde(skip)]
    pub relayed: bool,
}

impl Event {
    pub fn new(kind: impl Into<Cow<'static, str>>, subject: impl Into<String>) -> Event {
        Event { kind: kind.into(), subject: subject.into(), conversation: None, relayed: false }
    }

    #[must_use]
    pub fn within(self, conversation: &ConversationId) -> Event {
        Event { conversation: Some(conversation.clone()), ..self }
    }
}

/// Where events pass through this process. Nothing is kept and nobody is waited for.
pub struct Events(Sender<(TenantId, Event)>);

impl Default for Events {
    fn default() -> Self {
        Events(broadcast::channel(WAITING).0)
    }
}

impl Events {
    /// Call it after the commit.
    pub fn tell(&self, tenant: &TenantId, event: Event) {
        // Nobody watches: nobody misses it.
        if self.0.receiver_count() > 0 {
            let _ = self.0.send((tenant.clone(), event));
        }
    }

    /// Everything from now on, of every tenant: the watcher picks its own.
    pub fn subscribe(&self) -> Receiver<(TenantId, Event)> {
        self.0.subscribe()
    }

    pub fn watchers(&self) -> usize {
        self.0.receiver_count()
    }
}
