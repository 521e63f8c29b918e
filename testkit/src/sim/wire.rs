//! The network as a node sees it: requests that do not leave, vendors that refuse, answers that are lost, late or nonsense.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_kernel::ports::http::{Body, Chunks, Http, HttpError, Request, Response, Streaming};
use serde_json::{Value, json};

use super::{
    brain,
    node::{GRAPH, Life, MODEL, SERVICE},
    world::World,
};

pub(super) struct Wire {
    pub(super) world: Arc<World>,
    pub(super) life: Arc<Life>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Whom {
    Graph,
    Model,
    Service,
}

#[async_trait]
impl Http for Wire {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let whom = whom(&request.url)?;
        let body = match &request.body {
            Body::Json(bytes) | Body::Encoded(bytes) => serde_json::from_slice(bytes).unwrap_or_default(),
            _ => Value::Null,
        };
        if whom == Whom::Graph {
            self.world.meta.decided(&self.world, &self.life, &body);
        }
        let answer = self.carry(request, whom, &body).await;
        self.life.here(&self.world).await;
        answer
    }

    async fn stream(&self, request: Request) -> Result<Streaming, HttpError> {
        let Response { status, headers, body } = self.send(request).await?;
        Ok(Streaming { status, headers, body: Box::new(Once(Some(body))) })
    }
}

impl Wire {
    async fn carry(&self, request: Request, whom: Whom, body: &Value) -> Result<Response, HttpError> {
        let (world, dice, climate) = (&self.world, &self.world.dice, self.world.climate());
        if dice.chance(climate.late_write) {
            // Decided, and not yet written when the process is stopped.
            world.sleep(dice.millis(100..40_000)).await;
        }
        self.life.here(world).await;
        if dice.chance(climate.not_sent) || world.is_cut_off(whom == Whom::Model) {
            world.sleep(dice.millis(1..3000)).await;
            world.note(format_args!("{} -> {whom:?}: not sent", self.life));
            return Err(HttpError::NotSent("simulated".into()));
        }
        let usual = if whom == Whom::Model { 200..5000 } else { 20..700 };
        world.sleep(dice.millis(usual)).await;
        // From here on it is at the vendor's, whatever becomes of the node.
        if let Some(refusal) = self.refusal() {
            world.sleep(dice.millis(1..300)).await;
            world.note(format_args!("{} -> {whom:?}: {}", self.life, refusal.status));
            return Ok(refusal);
        }
        let answer = match whom {
            Whom::Graph => world.meta.take(world, &self.life, &request.url, body),
            Whom::Model => brain::answer(world, &self.life, body),
            Whom::Service => world.service.take(world, &self.life, &request, body),
        };
        if dice.chance(climate.answer_lost) {
            return self.lose(whom, answer, request.timeout).await;
        }
        world.sleep(dice.millis(5..400)).await;
        Ok(answer)
    }

    /// The vendor does nothing and says so.
    fn refusal(&self) -> Option<Response> {
        let (dice, climate) = (&self.world.dice, self.world.climate());
        if dice.chance(climate.throttled) {
            let code = *dice.pick(&[4, 80007, 130429, 131056]);
            let error = json!({"error": {"code": code, "message": "slow down", "type": "tokens"}});
            let headers = vec![("retry-after".to_owned(), dice.within(1..6).to_string())];
            return Some(Response { status: 429, headers, body: error.to_string().into() });
        }
        // To a send this may mean anything; this one was not carried out.
        dice.chance(climate.broken_down).then(|| {
            let (status, code) = *dice.pick(&[(500, 131000), (503, 131016), (502, 2)]);
            answered(status, &json!({"error": {"code": code, "message": "simulated"}}))
        })
    }

    /// It was done, and whoever asked does not learn it.
    async fn lose(&self, whom: Whom, answer: Response, timeout: Duration) -> Result<Response, HttpError> {
        let (world, dice) = (&self.world, &self.world.dice);
        let way = dice.within(0..6);
        world.note(format_args!("{} -> {whom:?}: answer lost, way {way}", self.life));
        match way {
            0 => {
                world.sleep(timeout.min(Duration::from_secs(20))).await;
                Err(HttpError::Timeout("simulated".into()))
            }
            1 => {
                world.sleep(dice.millis(5..3000)).await;
                Err(HttpError::Broken("simulated".into()))
            }
            2 => {
                world.sleep(dice.millis(5..3000)).await;
                Ok(answered(502, &json!("bad gateway")))
            }
            3 => Ok(answered(500, &json!({"error": {"code": 131000, "message": "something went wrong"}}))),
            4 => {
                let half = answer.body.slice(..answer.body.len() / 2);
                Ok(Response { body: half, ..answer })
            }
            _ => {
                // Late, but it comes.
                world.sleep(dice.millis(3000..9500)).await;
                Ok(answer)
            }
        }
    }
}

pub(super) fn answered(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_string().into() }
}

fn whom(url: &str) -> Result<Whom, HttpError> {
    [(GRAPH, Whom::Graph), (MODEL, Whom::Model), (SERVICE, Whom::Service)]
        .into_iter()
        .find(|(base, _)| url.starts_with(base))
        .map(|(_, whom)| whom)
        .ok_or_else(|| HttpError::NoName(url.to_owned()))
}

/// A body in one piece.
struct Once(Option<Bytes>);

#[async_trait]
impl Chunks for Once {
    async fn next(&mut self) -> Option<Result<Bytes, HttpError>> {
        self.0.take().map(Ok)
    }
}
