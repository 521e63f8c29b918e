//! The messaging vendor: it takes messages, tells what became of them, and delivers webhooks until they are acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use frontdesk_kernel::{Clock, Timestamp, ports::http::Response};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tower_service::Service as _;

use super::{
    brain::REF,
    business::APP_SECRET,
    node::Life,
    wire::answered,
    world::{World, spawn},
};
use crate::{fakes, marks::all_marked};

/// A message that was taken.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) account: String,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) effect: String,
    pub(super) attempt: u32,
    pub(super) vendor_id: String,
    pub(super) at: Timestamp,
    /// It was told later that it failed.
    pub(super) failed: bool,
}

/// Something to be delivered, and the messages in it.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    pub(super) body: Value,
    pub(super) ids: Vec<String>,
}

#[derive(Default)]
pub(super) struct Meta(Mutex<State>);

#[derive(Default)]
struct State {
    sent: Vec<Sent>,
    /// Sends whose request a node has decided to write, and the attempt.
    decided: BTreeMap<String, u32>,
    /// News that are not told before the faults end.
    held: Vec<Webhook>,
    /// To be delivered in one piece.
    bag: Vec<Webhook>,
    acknowledged: BTreeSet<String>,
    /// Webhooks that are not acknowledged.
    open: usize,
}

fn echo_of(body: &Value) -> &str {
    body["biz_opaque_callback_data"].as_str().unwrap_or_default()
}

/// The effect and the attempt that it names.
fn named(echo: &str) -> (&str, u32) {
    let mut parts = echo.split('.').skip(1);
    (parts.next().unwrap_or_default(), parts.next().and_then(|n| n.parse().ok()).unwrap_or_default())
}

impl Meta {
    /// A node is about to write a request. What follows may take as long as it likes; but who decides after another attempt was begun
    /// believes in a lease that it does not have.
    pub(super) fn decided(&self, world: &World, life: &Life, body: &Value) {
        let (effect, attempt) = named(echo_of(body));
        if effect.is_empty() {
            return;
        }
        let latest = self.state().decided.insert(effect.to_owned(), attempt).unwrap_or_default();
        if attempt <= latest {
            world.wrong(format!("{life} begins attempt {attempt} of {effect} after attempt {latest}"));
        }
    }

    /// `POST …/messages`.
    pub(super) fn take(&self, world: &Arc<World>, life: &Arc<Life>, url: &str, body: &Value) -> Response {
        if body["status"] == "read" {
            return answered(200, &json!({"success": true}));
        }
        let account = url.rsplit('/').nth(1).unwrap_or_default().to_owned();
        let echo = echo_of(body);
        let (effect, attempt) = named(echo);
        let text = body.pointer("/text/body").or_else(|| body.pointer("/interactive/body/text"));
        let to: String = body["to"].as_str().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        let (dice, climate) = (&world.dice, world.climate());
        let sent = Sent {
            account: account.clone(),
            to: to.clone(),
            text: text.and_then(Value::as_str).unwrap_or_default().to_owned(),
            effect: effect.to_owned(),
            attempt,
            vendor_id: format!("wamid.out.{}", self.state().sent.len()),
            at: world.time.now(),
            failed: dice.chance(climate.undelivered),
        };
        world.note(format_args!(
            "{life} sent {} {}#{} to {to}: {}",
            sent.vendor_id,
            sent.effect,
            sent.attempt,
            all_marked(&sent.text, REF).join(" ")
        ));
        let answer = json!({"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": to}], "messages": [{"id": sent.vendor_id}]});
        if world.doubles {
            // A vendor that nobody can trust: the customer gets it twice, and nobody is told.
            self.state().sent.push(Sent { vendor_id: format!("{}.again", sent.vendor_id), ..sent.clone() });
        }
        self.tell(world, &sent, echo);
        self.state().sent.push(sent);
        answered(200, &answer)
    }

    fn tell(&self, world: &Arc<World>, sent: &Sent, echo: &str) {
        let (dice, climate) = (&world.dice, world.climate());
        let news: &[&str] = match (sent.failed, dice.chance(500)) {
            (true, _) => &["failed"],
            (false, true) => &["sent", "delivered", "read"],
            (false, false) => &["sent", "delivered"],
        };
        for status in news {
            let body = match *status {
                "failed" => fakes::status_failed(&sent.account, &sent.to, &sent.vendor_id, 131026, Some(echo)),
                status => fakes::status_update(&sent.account, &sent.to, &sent.vendor_id, status, Some(echo)),
            };
            let webhook = Webhook { body, ids: Vec::new() };
            if dice.chance(climate.news_held) {
                self.state().held.push(webhook);
                continue;
            }
            for _ in 0..1 + u32::from(dice.chance(climate.news_repeated)) {
                self.deliver(world, webhook.clone(), dice.millis(30..6000));
            }
        }
    }

    /// Delivers in a while: by itself, or with others.
    pub(super) fn post(&self, world: &Arc<World>, webhook: Webhook) {
        let (dice, climate) = (&world.dice, world.climate());
        if dice.chance(climate.webhook_repeated) {
            self.deliver(world, webhook.clone(), dice.millis(1..20_000));
        }
        if !dice.chance(climate.webhook_batched) {
            self.deliver(world, webhook, dice.millis(1..300));
            return;
        }
        self.state().bag.push(webhook);
        if self.state().bag.len() == 1 {
            let world = world.clone();
            self.state().open += 1;
            spawn(async move {
                world.sleep(world.dice.millis(100..3000)).await;
                let bag = std::mem::take(&mut world.meta.state().bag);
                let ids = bag.iter().flat_map(|w| w.ids.clone()).collect();
                let body = fakes::batch(bag.into_iter().map(|w| w.body));
                world.meta.deliver(&world, Webhook { body, ids }, Duration::ZERO);
                world.meta.state().open -= 1;
            });
        }
    }

    fn deliver(&self, world: &Arc<World>, webhook: Webhook, wait: Duration) {
        self.state().open += 1;
        let world = world.clone();
        spawn(async move {
            world.sleep(wait).await;
            let body = fakes::sent_at(webhook.body, world.time.now().0 / 1000).to_string();
            for tries in 0u64.. {
                let status = knock(&world, &body).await;
                world.note(format_args!("webhook {} -> {status}", webhook.ids.join(" ")));
                if status == 200 {
                    break;
                }
                world.sleep(world.dice.millis(500..1500 + 1000 * tries.min(8))).await;
            }
            let mut state = world.meta.state();
            state.acknowledged.extend(webhook.ids);
            state.open -= 1;
        });
    }

    /// What was held back is told now.
    pub(super) fn release(&self, world: &Arc<World>) {
        let held = std::mem::take(&mut self.state().held);
        for webhook in held {
            self.deliver(world, webhook, world.dice.millis(1..5000));
        }
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }
    pub(super) fn acknowledged(&self) -> BTreeSet<String> {
        self.state().acknowledged.clone()
    }
    /// Webhooks that nobody has acknowledged yet.
    pub(super) fn open(&self) -> usize {
        self.state().open
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One POST to some machine; 0 when no answer comes.
async fn knock(world: &Arc<World>, body: &str) -> u16 {
    world.sleep(world.dice.millis(1..80)).await;
    let Some(node) = world.some_node() else { return 0 };
    let request = Request::post("/webhooks/whatsapp")
        .header("content-type", "application/json")
        .header("x-hub-signature-256", fakes::sign(APP_SECRET, body.as_bytes()))
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let (tell, told) = oneshot::channel();
    let (mut router, life, at) = (node.router.clone(), node.life.clone(), world.clone());
    spawn(async move {
        life.here(&at).await;
        let status = router.call(request).await.map_or(StatusCode::INTERNAL_SERVER_ERROR, |answer| answer.status());
        life.here(&at).await;
        let _ = tell.send(status.as_u16());
    });
    tokio::select! {
        biased;
        status = told => status.unwrap_or_default(),
        () = world.sleep(Duration::from_secs(10)) => 0,
    }
}
