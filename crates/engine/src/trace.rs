//! A turn told whole: what came in, what the model saw, said and called, what was sent and how far it came.

use frontdesk_kernel::{
    Scope,
    ids::{MessageId, TurnId},
    message::{Direction, Message, plain_text},
    scope::Server,
    turn::{Step, spent},
};
use frontdesk_store::{Db, Result, Tx, agents, decisions, effects, messages, tenants, turns, turns::Turn, work};
use serde_json::{Value, json};

/// `id` is a turn's, a message's, or a vendor's id of a message. A message without a turn is told with `id: null`.
pub async fn tell(db: &Db, scope: &Scope, id: &str) -> Result<Option<Value>> {
    let (s, id) = (scope.clone(), id.to_owned());
    db.read(
        scope,
        work!(tx => {
            if let Ok(id) = TurnId::parse(&id) {
                return match turns::get(tx, &s, &id).await? {
                    Some(turn) => whole(tx, &s, turn).await.map(Some),
                    None => Ok(None),
                };
            }
            let message = match MessageId::parse(&id) {
                Ok(id) => messages::get(tx, &s, &id).await?,
                Err(_) => messages::by_vendor_id(tx, &s, &id).await?,
            };
            let Some(message) = message else { return Ok(None) };
            match turn_of(tx, &s, &message).await? {
                Some(turn) => whole(tx, &s, turn).await.map(Some),
                None => without_turn(tx, &s, &message).await.map(Some),
            }
        }),
    )
    .await
}

/// In whichever business it is: for the operator only.
pub async fn tell_anywhere(db: &Db, id: &str) -> Result<Option<Value>> {
    for tenant in db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await? {
        if let Some(told) = tell(db, &Scope::of(tenant.id), id).await? {
            return Ok(Some(told));
        }
    }
    Ok(None)
}

async fn turn_of(tx: &mut Tx, scope: &Scope, message: &Message) -> Result<Option<Turn>> {
    match (message.direction, &message.turn) {
        (Direction::In, _) => turns::of_message(tx, scope, &message.id).await,
        (Direction::Out, Some(turn)) => turns::get(tx, scope, turn).await,
        (Direction::Out, None) => Ok(None),
    }
}

async fn whole(tx: &mut Tx, scope: &Scope, turn: Turn) -> Result<Value> {
    let incoming = messages::of_lane(tx, scope, &turn.conversation, turn.from_seq, turn.to_seq).await?;
    let journal = turns::journal(tx, scope, &turn.id).await?;
    let agent = match &turn.agent {
        Some(id) => agents::get(tx, scope, id).await?.map(|a| a.name),
        None => None,
    };
    let mut sends = Vec::new();
    for effect in effects::of_turn(tx, scope, &turn.id).await? {
        sends.push(send(tx, scope, &effect).await?);
    }
    let decisions: Vec<Value> = decisions::of_turn(tx, scope, &turn.id)
        .await?
        .iter()
        .map(|d| {
            json!({
                "step": d.place.step, "n": d.place.n, "action": d.action, "level": d.level, "rule": d.rule,
                "outcome": d.outcome.as_str(), "facts": d.facts, "approval": d.approval, "at": d.at.to_string(),
            })
        })
        .collect();
    let steps: Vec<Step> = journal.iter().map(|j| j.step.clone()).collect();
    let used = spent(&steps);
    let steps: Vec<Value> =
        journal.iter().map(|j| json!({ "step": j.step, "millis": j.millis, "at": j.at.to_string() })).collect();
    Ok(json!({
        "id": turn.id, "tenant": scope.tenant(), "conversation": turn.conversation, "state": turn.state, "attempts": turn.attempts,
        "outcome": turn.outcome, "problem": turn.problem, "agent": turn.agent, "agent_name": agent, "agent_version": turn.agent_version,
        "prompt": turn.prompt, "started_at": turn.started_at.to_string(), "ended_at": turn.ended_at.map(|at| at.to_string()),
        "millis": turn.ended_at.map(|at| at.since(turn.started_at).as_millis() as u64),
        "incoming": incoming.iter().map(shown).collect::<Vec<_>>(), "steps": steps, "decisions": decisions, "sends": sends,
        "used": { "model_calls": used.model_calls, "tool_calls": used.tool_calls, "corrections": used.corrections, "tokens": used.usage },
    }))
}

async fn send(tx: &mut Tx, scope: &Scope, effect: &effects::Effect) -> Result<Value> {
    let message = messages::get(tx, scope, &effect.message).await?;
    let tries: Vec<Value> = effects::attempts(tx, scope, &effect.id)
        .await?
        .iter()
        .map(|a| {
            json!({
                "n": a.n, "started_at": a.started_at.to_string(), "millis": a.ended_at.map(|at| at.since(a.started_at).as_millis() as u64),
                "outcome": a.outcome, "detail": a.detail,
            })
        })
        .collect();
    Ok(json!({
        "id": effect.id, "state": effect.state, "attempts": effect.attempts, "vendor_id": effect.vendor_id, "problem": effect.problem,
        "message": effect.message, "text": message.as_ref().map(|m| plain_text(&m.parts)), "delivery": message.and_then(|m| m.delivery),
        "tries": tries,
    }))
}

async fn without_turn(tx: &mut Tx, scope: &Scope, message: &Message) -> Result<Value> {
    let mut sends = Vec::new();
    if let Some(effect) = effects::of_message(tx, scope, &message.id).await? {
        sends.push(send(tx, scope, &effect).await?);
    }
    let came_in = message.direction == Direction::In;
    let state = match came_in {
        true if turns::none_follows(tx, scope, &message.id).await? => "no_turn_follows",
        true => "waiting",
        false => "sent_without_a_turn",
    };
    Ok(json!({
        "id": null, "tenant": scope.tenant(), "conversation": message.conversation, "state": state,
        "incoming": if came_in { vec![shown(message)] } else { Vec::new() }, "steps": [], "sends": sends,
    }))
}

fn shown(m: &Message) -> Value {
    json!({ "id": m.id, "vendor_id": m.vendor_id, "author": m.author, "text": plain_text(&m.parts), "parts": m.parts, "at": m.at.to_string() })
}
