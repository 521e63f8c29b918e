//! An open business: what its customers do, and what it knows afterwards.

use std::future::Future;

use frontdesk_engine::access::password;
use frontdesk_kernel::{
    Id, Scope, Timestamp,
    booking::Appointment,
    contact::AddressKind,
    conversation::Mode,
    ids::*,
    message::{Direction, Message, plain_text},
    scope::Server,
    tenant::Tenant,
    turn::Step,
};
use frontdesk_store::{
    calendar, channels,
    channels::Channel,
    contacts, conversations,
    conversations::Conversation,
    effects,
    effects::Effect,
    lanes, media, messages, people,
    people::{Key, Person},
    tasks,
    tasks::Task,
    tenants, turns,
    turns::Turn,
    work,
};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{Answer, PASSWORD, TestDesk};
use crate::fakes::{Sent, inbound_text};

pub struct Shop<'d> {
    pub desk: &'d TestDesk,
    pub scope: Scope,
    pub channel: ChannelId,
    /// Meta's phone number id.
    pub account: String,
    pub app_secret: String,
}

/// Reads with the shop's scope: `look!(self, tx, scope => …)`.
macro_rules! look {
    ($shop:expr, $tx:ident, $scope:ident => $call:expr) => {{
        let $scope = $shop.scope.clone();
        let read = $shop.desk.engine.db.read(&$shop.scope, work!($tx => $call.await)).await;
        read.unwrap_or_else(|e| panic!("the database cannot be read: {e}"))
    }};
}

macro_rules! change {
    ($shop:expr, $tx:ident, $scope:ident => $call:expr) => {{
        let $scope = $shop.scope.clone();
        let written = $shop.desk.engine.db.write(&$shop.scope, work!($tx => $call.await)).await;
        $shop.desk.engine.directory.invalidate();
        written.unwrap_or_else(|e| panic!("the database cannot be written: {e}"))
    }};
}

/// What customers and Meta do.
impl Shop<'_> {
    /// A message id that Meta has not used yet.
    pub fn wamid(&self) -> String {
        format!("wamid.in.{}", self.desk.number())
    }

    /// Meta delivers a webhook.
    pub async fn deliver(&self, webhook: Value) -> Answer {
        self.desk.deliver(webhook, &self.app_secret).await
    }

    /// A customer writes; it is received, nothing more. The message's id.
    ///
    /// # Panics
    /// When it is not received.
    pub async fn say(&self, from: &str, text: &str) -> String {
        let id = self.wamid();
        let answer = self.deliver(inbound_text(&self.account, from, &id, text)).await;
        assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("ok")), "{}", answer.text);
        id
    }

    /// A customer writes and is answered: the new replies, one below the other.
    pub async fn talk(&self, from: &str, text: &str) -> String {
        let before = self.replies(from).len();
        self.say(from, text).await;
        self.desk.answer().await;
        self.replies(from).split_off(before).join("\n")
    }

    /// What reached this customer, in order.
    pub fn sent(&self, to: &str) -> Vec<Sent> {
        let mut sent = self.desk.graph.sent();
        sent.retain(|s| s.account == self.account && s.to.trim_start_matches('+') == to);
        sent
    }

    pub fn replies(&self, to: &str) -> Vec<String> {
        self.sent(to).into_iter().map(|s| s.text.unwrap_or_default()).collect()
    }
}

/// What people of the business do.
impl Shop<'_> {
    pub async fn set_mode(&self, from: &str, mode: Mode) {
        let id = self.conversation(from).await.id;
        change!(self, tx, s => conversations::set_mode(tx, &s, &id, mode, "a person said so"));
    }

    pub async fn change_tenant(&self, change: impl FnOnce(&mut Tenant)) {
        let mut tenant = look!(self, tx, s => tenants::get(tx, &s)).expect("the business is there");
        change(&mut tenant);
        assert!(change!(self, tx, s => tenants::update(tx, &s, &tenant)));
    }

    pub async fn change_channel(&self, change: impl FnOnce(&mut Channel)) {
        let mut channel = self.channel().await;
        change(&mut channel);
        assert!(change!(self, tx, s => channels::update(tx, &s, &channel)));
    }

    /// Somebody who works here and signs in with `name@luna.example` and `PASSWORD`.
    pub async fn hire(&self, name: &str, role: &str) -> UserId {
        let person = Person {
            id: self.desk.engine.id(),
            email: format!("{name}@luna.example"),
            name: name.to_owned(),
            password_hash: password::hash(PASSWORD, [1; 16]),
            operator: false,
            active: true,
            language: None,
            must_change_password: false,
            created_at: self.desk.now(),
        };
        let (id, role, now) = (person.id.clone(), role.to_owned(), self.desk.now());
        let s = self.scope.clone();
        let hired = self.desk.engine.db.write(
            &Server,
            work!(tx => {
                people::insert(tx, &Server, &person).await?;
                people::set_role(tx, &s, &person.id, &role, now).await
            }),
        );
        hired.await.expect("they are hired");
        id
    }

    /// A file as a vendor brings it.
    pub async fn store_file(&self, mime: &str, bytes: &[u8]) -> MediaId {
        let file = media::File {
            id: self.desk.engine.id(),
            sha256: "00".repeat(32),
            mime: mime.to_owned(),
            file_name: None,
            bytes: bytes.to_vec(),
            created_at: self.desk.now(),
        };
        let id = file.id.clone();
        change!(self, tx, s => media::insert(tx, &s, &file));
        id
    }

    /// An API key with these scopes.
    pub async fn key(&self, scopes: &[&str]) -> String {
        let text = format!("fd_{:0>43}", self.desk.number());
        let key = Key {
            id: self.desk.engine.id(),
            tenant: self.scope.tenant().clone(),
            name: "a key".into(),
            prefix: text[..8].to_owned(),
            hash: frontdesk_web::hash_key(&text),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            created_at: self.desk.now(),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        change!(self, tx, s => people::insert_key(tx, &s, &key));
        text
    }
}

/// What the business knows.
impl Shop<'_> {
    pub async fn channel(&self) -> Channel {
        let id = self.channel.clone();
        look!(self, tx, s => channels::get(tx, &s, &id)).expect("the channel is there")
    }

    pub async fn contact(&self, from: &str) -> Option<ContactId> {
        let from = from.to_owned();
        look!(self, tx, s => contacts::at_address(tx, &s, AddressKind::Phone, &from))
    }

    pub async fn conversation(&self, from: &str) -> Conversation {
        let contact = self.contact(from).await.unwrap_or_else(|| panic!("{from} never wrote"));
        let channel = self.channel.clone();
        look!(self, tx, s => conversations::of_contact(tx, &s, &channel, &contact)).expect("a contact has a conversation")
    }

    /// All messages with this customer, oldest first.
    pub async fn thread(&self, from: &str) -> Vec<Message> {
        let id = self.conversation(from).await.id;
        look!(self, tx, s => messages::thread(tx, &s, &id, Timestamp::NEVER, 200))
    }

    /// The stored messages to this customer.
    pub async fn outgoing(&self, to: &str) -> Vec<Message> {
        let mut thread = self.thread(to).await;
        thread.retain(|m| m.direction == Direction::Out);
        thread
    }

    /// What this customer wrote, as it is stored.
    pub async fn incoming(&self, from: &str) -> Vec<String> {
        let thread = self.thread(from).await;
        thread.iter().filter(|m| m.direction == Direction::In).map(|m| plain_text(&m.parts)).collect()
    }

    pub async fn effects(&self, to: &str) -> Vec<Effect> {
        let mut found = Vec::new();
        for message in self.outgoing(to).await {
            found.extend(look!(self, tx, s => effects::of_message(tx, &s, &message.id)));
        }
        found
    }

    /// Kinds of the open tasks, oldest first.
    pub async fn tasks(&self) -> Vec<String> {
        self.open_tasks().await.into_iter().map(|t| t.kind).collect()
    }

    pub async fn open_tasks(&self) -> Vec<Task> {
        look!(self, tx, s => tasks::open_tasks(tx, &s, 100))
    }

    /// Oldest first.
    pub async fn turns(&self) -> Vec<Turn> {
        let mut turns = look!(self, tx, s => turns::recent(tx, &s, Timestamp::NEVER, 200));
        turns.reverse();
        turns
    }

    pub async fn journal(&self, turn: &Id<OfTurn>) -> Vec<Step> {
        let turn = turn.clone();
        look!(self, tx, s => turns::journal(tx, &s, &turn)).into_iter().map(|j| j.step).collect()
    }

    /// Every appointment, also cancelled ones, by time.
    pub async fn appointments(&self) -> Vec<Appointment> {
        look!(self, tx, s => calendar::between(tx, &s, Timestamp(0), Timestamp(i64::MAX / 2)))
    }

    /// Does `work` while a transaction of somebody else holds the conversation's lane; for PostgreSQL, where others go on meanwhile.
    pub async fn while_held<T>(&self, from: &str, work: impl Future<Output = T>) -> T {
        let (s, thread) = (self.scope.clone(), self.conversation(from).await.id);
        let ((told, is_held), (release, released)) = (oneshot::channel(), oneshot::channel::<()>());
        let holding = self.desk.engine.db.write(
            &self.scope,
            work!(tx => {
                lanes::lock(tx, &s, &thread).await?;
                // The lock leaves with the next question.
                tx.query("SELECT COUNT(*) AS n FROM lane").one(|row| row.get::<i64>("n")).await?;
                told.send(()).expect("who works waits for it");
                released.await.expect("who works says when it is done");
                Ok(())
            }),
        );
        let working = async {
            is_held.await.expect("the lane is held");
            let done = work.await;
            release.send(()).expect("the lane is held until then");
            done
        };
        let (held, done) = tokio::join!(holding, working);
        held.expect("holding a lane changes nothing");
        done
    }

    pub async fn doubled(&self) -> usize {
        look!(self, tx, s => frontdesk_store::echoes::doubled(tx, &s)).len()
    }
}

/// Appointments in few words: title, local start, status.
pub fn appointments_of(appointments: &[Appointment]) -> Vec<(String, String, &'static str)> {
    let zone = jiff::tz::TimeZone::get("America/Bogota").expect("a bundled time zone");
    let local = |at: Timestamp| at.in_zone(&zone).strftime("%Y-%m-%dT%H:%M").to_string();
    appointments.iter().map(|a| (a.title.clone(), local(a.starts_at), a.status.as_str())).collect()
}
