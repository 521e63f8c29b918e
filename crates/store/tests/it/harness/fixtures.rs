//! A small town: shops with a channel, people who write to them, nodes that work.

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use frontdesk_kernel::{
    Id, Scope, Timestamp,
    contact::AddressKind,
    effect::{Class, State},
    ids::*,
    message::{Author, Delivery, Direction, Message, Part},
    ports::channel::{Address, Inbound},
    profile::Profile,
    scope::Server,
    tenant::{Tenant, TenantSettings},
};
use frontdesk_store::{
    Db, channels,
    channels::Channel,
    conversations,
    conversations::Conversation,
    effects,
    effects::Effect,
    inbound,
    inbound::{Arrival, Received, Rules},
    lanes,
    lanes::Claim,
    messages, nodes, tenants, work,
};
use tokio::task::JoinSet;

use super::begin;

const NOON: i64 = 1_800_000_000_000;

/// So many milliseconds after noon.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp(NOON + ms)
}

/// Kept until the process ends, so that units of work capture it by copy.
pub(crate) fn keep<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

pub(crate) fn id<K: Kind>(tail: impl Display) -> Id<K> {
    Id::parse(&format!("{}_{tail}", K::PREFIX)).unwrap()
}

/// Ids that nobody has yet.
pub(crate) fn fresh<K: Kind>() -> Id<K> {
    static LAST: AtomicU64 = AtomicU64::new(0);
    id(format!("fresh{:08}", LAST.fetch_add(1, Ordering::Relaxed)))
}

pub(crate) fn scope(name: &str) -> Scope {
    Scope::of(id(name))
}

pub(crate) fn tenant(name: &str) -> Tenant {
    Tenant {
        id: id(name),
        name: format!("The {name}"),
        business_type: "salon".into(),
        time_zone: "America/Bogota".into(),
        language: "es-CO".into(),
        currency: "COP".into(),
        profile: Profile { city: Some("Cali".into()), ..Profile::default() },
        settings: TenantSettings { history_limit: Some(12), ..TenantSettings::default() },
        active: true,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// A tenant with one channel.
pub(crate) struct Shop {
    pub(crate) scope: Scope,
    pub(crate) channel: ChannelId,
    pub(crate) account: String,
}

pub(crate) async fn shop(db: &Db, name: &str) -> &'static Shop {
    let shop = keep(Shop { scope: scope(name), channel: id(name), account: format!("account-{name}") });
    let (tenant, channel) = (keep(tenant(name)), keep(shop.channel()));
    change!(db, &shop.scope, tx => tenants::insert(tx, &shop.scope, tenant));
    assert!(change!(db, &shop.scope, tx => channels::insert(tx, &shop.scope, channel)));
    shop
}

impl Shop {
    pub(crate) fn channel(&self) -> Channel {
        Channel {
            id: self.channel.clone(),
            tenant: self.scope.tenant().clone(),
            kind: "whatsapp".into(),
            account: self.account.clone(),
            name: "Front door".into(),
            settings: serde_json::Map::new(),
            secrets: BTreeMap::from([("token".to_owned(), "v1.sealed".to_owned())]),
            agent: None,
            location: None,
            mock: false,
            active: true,
            paused_reason: None,
            last_error: None,
            last_error_at: None,
            last_echo_at: None,
            verified_at: None,
            webhook_at: None,
            webhook_problem: None,
            webhook_problem_at: None,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    /// A text from a phone number; `vendor_id` is what it is deduplicated by.
    pub(crate) fn text(&self, from: &str, vendor_id: impl Display, text: &str, now: Timestamp) -> Arrival {
        Arrival {
            channel: self.channel.clone(),
            account: self.account.clone(),
            inbound: Inbound {
                vendor_id: vendor_id.to_string(),
                addresses: vec![phone(from)],
                profile_name: None,
                parts: vec![Part::Text { text: text.to_owned() }],
                quotes: None,
                referral: None,
                sent_at: None,
                forwarded: false,
            },
            now,
            new_contact: fresh(),
            new_conversation: fresh(),
            message: fresh(),
            task: fresh(),
            session: None,
            rules: Rules {
                burst_wait: Duration::from_millis(1500),
                burst_max: Duration::from_secs(8),
                answers: true,
                per_hour: 60,
                own_echo: false,
            },
        }
    }

    pub(crate) async fn receive(&self, db: &Db, arrival: &Arrival) -> Received {
        let (scope, arrival) = (self.scope.clone(), arrival.clone());
        db.write(&self.scope, work!(tx => inbound::receive(tx, &scope, &arrival).await)).await.unwrap()
    }

    /// A person writes for the first time (or again); the conversation it is in.
    pub(crate) async fn hears(&self, db: &Db, from: &str, now: Timestamp) -> &'static ConversationId {
        match self.receive(db, &self.text(from, fresh::<OfMessage>(), "hola", now)).await {
            Received::New { conversation, .. } | Received::Muted { conversation, .. } => keep(conversation),
            Received::Duplicate => panic!("a fresh message was a duplicate"),
        }
    }

    pub(crate) fn answer(&self, conversation: &ConversationId, class: Class, now: Timestamp) -> (Message, Effect) {
        let message = Message {
            id: fresh(),
            conversation: conversation.clone(),
            direction: Direction::Out,
            author: Author::Bot,
            parts: vec![Part::Text { text: "buenas".into() }],
            vendor_id: None,
            quotes: None,
            delivery: Some(Delivery::Queued),
            failure: None,
            turn: None,
            at: now,
        };
        let effect = Effect {
            id: fresh(),
            class,
            state: State::Pending,
            conversation: conversation.clone(),
            channel: self.channel.clone(),
            message: message.id.clone(),
            turn: None,
            is_reply: true,
            attempts: 0,
            resends: 0,
            unknown_since: None,
            vendor_id: None,
            problem: None,
            hold: None,
            created_at: now,
        };
        (message, effect)
    }

    /// Plans a reply.
    pub(crate) async fn replies(&self, db: &Db, conversation: &ConversationId, class: Class, now: Timestamp) -> &'static Effect {
        let (message, effect) = self.answer(conversation, class, now);
        let (scope, planned) = (self.scope.clone(), effect.clone());
        db.write(
            &self.scope,
            work!(tx => {
                messages::insert(tx, &scope, &message).await?;
                effects::plan(tx, &scope, &planned, now).await
            }),
        )
        .await
        .unwrap();
        keep(effect)
    }

    /// Plans a reply and begins to send it.
    pub(crate) async fn sends(
        &self,
        db: &Db,
        conversation: &ConversationId,
        class: Class,
        node: &'static NodeId,
        now: Timestamp,
    ) -> &'static Effect {
        let effect = self.replies(db, conversation, class, now).await;
        let scope = keep(self.scope.clone());
        assert_eq!(change!(db, scope, tx => begin(tx, scope, &effect.id, node, now)), Some(1));
        effect
    }

    pub(crate) async fn contact_in(&self, db: &Db, conversation: &ConversationId) -> ContactId {
        self.conversation(db, conversation).await.contact
    }

    pub(crate) async fn conversation(&self, db: &Db, conversation: &ConversationId) -> Conversation {
        let (scope, id) = (self.scope.clone(), conversation.clone());
        db.read(&self.scope, work!(tx => conversations::get(tx, &scope, &id).await)).await.unwrap().unwrap()
    }

    pub(crate) async fn effect(&self, db: &Db, effect: &Effect) -> Effect {
        let (scope, id) = (self.scope.clone(), effect.id.clone());
        db.read(&self.scope, work!(tx => effects::get(tx, &scope, &id).await)).await.unwrap().unwrap()
    }

    pub(crate) async fn message(&self, db: &Db, message: &MessageId) -> Message {
        let (scope, id) = (self.scope.clone(), message.clone());
        db.read(&self.scope, work!(tx => messages::get(tx, &scope, &id).await)).await.unwrap().unwrap()
    }
}

pub(crate) fn phone(number: &str) -> Address {
    Address { kind: AddressKind::Phone, value: number.to_owned() }
}

/// A node that lives for a day.
pub(crate) async fn node(db: &Db, name: &'static str) -> &'static NodeId {
    let node = keep(id(name));
    change!(db, &Server, tx => nodes::heartbeat(tx, &Server, node, name, "0.1.0", at(0), Duration::from_secs(86_400)));
    node
}

pub(crate) async fn claim(db: &Db, node: &'static NodeId, now: Timestamp, limit: u32) -> Vec<Claim> {
    change!(db, &Server, tx => lanes::claim(tx, &Server, node, now, limit, &fresh::<OfTurn>))
}

/// The one lane that is ready.
pub(crate) async fn claim_one(db: &Db, node: &'static NodeId, now: Timestamp) -> &'static Claim {
    let mut claims = claim(db, node, now, 10).await;
    assert_eq!(claims.len(), 1, "{claims:?}");
    keep(claims.remove(0))
}

/// The number that a statement selects as `n`, over all tenants.
pub(crate) async fn count(db: &Db, sql: &str) -> i64 {
    let sql = sql.to_owned();
    db.read(&Server, work!(tx => tx.query(&sql).one(|row| row.get("n")).await)).await.unwrap()
}

/// A statement of a test's own, over all tenants.
pub(crate) async fn execute(db: &Db, sql: &str) -> u64 {
    let sql = sql.to_owned();
    db.write(&Server, work!(tx => tx.query(&sql).execute().await)).await.unwrap()
}

/// Really at once: each in a task of its own. The results come in the order of their ends.
pub(crate) async fn at_once<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    tasks.into_iter().collect::<JoinSet<T>>().join_all().await
}
