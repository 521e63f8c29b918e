//! Calls that leave the house in the middle of a turn: planned in one commit, made without any transaction, recorded in another. What a
//! crash in between means is decided by whether the call may be repeated.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp,
    effect::{Class, State, after_silence},
    http_tool::ToolEffect,
    ids::*,
    ports::model::ToolCall,
    tool::ToolResult,
    turn::Step,
};
use frontdesk_store::{
    Error, Result, Tx, conversations, lanes,
    lanes::Claim,
    tasks,
    tool_calls::{self, Place},
    turns, work,
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    drive::{Running, Unsaved, paid_for},
    finish,
    gather::Gathered,
};
use crate::{
    Desk, crash,
    decisions::{Hearing, Judged, judge},
    http_tools::Carried,
    news::News,
    tokens::{self, tools as charges},
    tools::{self, Leaves, Leaving, ToolContext},
};

/// What the calls of a step came to that are not our own database's, by their position.
pub(super) type Results = BTreeMap<usize, ToolResult>;

/// Left for the turn's own end after the last call.
const RESERVE: Duration = Duration::from_secs(2);

/// A call on its way.
struct Outgoing {
    at: Place,
    call: ToolCall,
    tool: Arc<dyn Leaves>,
    /// It had begun when a process died: nobody knows what became of it.
    lost: bool,
}

impl Outgoing {
    /// Stays the same when the call is made again.
    fn key(&self) -> String {
        format!("{}-{}-{}", self.at.turn, self.at.step, self.at.n)
    }
}

/// Journals what is unsaved together with the intents, then makes the calls. `unsaved` is empty afterwards. Without such calls nothing
/// happens here.
#[expect(clippy::too_many_arguments, reason = "what a turn is made of")]
pub(super) async fn carry_out(
    desk: &Arc<Desk>,
    claim: &Claim,
    g: &Gathered,
    running: &Running,
    context: &ToolContext,
    hearing: &Arc<Hearing>,
    calls: &[ToolCall],
    unsaved: &mut Unsaved,
) -> Result<Results> {
    let mut results = Results::new();
    let step = g.journal.len() as i64;
    let mut outgoing = Vec::new();
    for (n, call) in calls.iter().enumerate() {
        match tools::leaving(context, call, &g.journal) {
            // Whatever is wrong with it is decided where nothing leaves.
            Leaving::Stays | Leaving::Misfit(_) => {}
            Leaving::Refused(result) => drop(results.insert(n, result)),
            Leaving::Goes(tool) => {
                let at = Place { turn: claim.turn.clone(), step, n: n as i64 };
                outgoing.push(Outgoing { at, call: call.clone(), tool, lost: false });
            }
        }
    }
    if outgoing.is_empty() {
        return Ok(results);
    }
    let first = step - unsaved.0.len() as i64;
    let open = intend(desk, claim, g, running, context, hearing, &outgoing, std::mem::take(unsaved), first, &mut results).await?;
    crash::point("intent committed");
    let outgoing = outgoing.into_iter().filter_map(|o| open.get(&o.at.n).map(|lost| Outgoing { lost: *lost, ..o }));
    let outgoing: Vec<Outgoing> = outgoing.collect();
    if outgoing.iter().all(|o| o.tool.effect() == ToolEffect::Reads) {
        let made = join_all(outgoing.iter().map(|o| make(desk, running, context, o))).await;
        for (o, made) in outgoing.iter().zip(made) {
            results.insert(o.at.n as usize, made?.1);
        }
        return Ok(results);
    }
    for o in &outgoing {
        if let Some(refused) = begin(context, claim, o).await? {
            results.insert(o.at.n as usize, refused);
            continue;
        }
        crash::point("call begun");
        let (carried, result) = make(desk, running, context, o).await?;
        end(context, claim, o, &carried, &result).await?;
        crash::point("call ended");
        results.insert(o.at.n as usize, result);
    }
    Ok(results)
}

/// One commit: the model's decision and the calls it leads to. Calls of an earlier run that have an outcome, or can have none any more,
/// get their result here; the positions of the others are returned, with whether they had begun.
#[expect(clippy::too_many_arguments, reason = "what a turn is made of")]
async fn intend(
    desk: &Arc<Desk>,
    claim: &Claim,
    g: &Gathered,
    running: &Running,
    context: &ToolContext,
    hearing: &Arc<Hearing>,
    outgoing: &[Outgoing],
    unsaved: Unsaved,
    first: i64,
    results: &mut Results,
) -> Result<BTreeMap<i64, bool>> {
    let (s, c, now) = (g.scope.clone(), claim.clone(), desk.now());
    let (agent, version, prompt) = (g.agent.id.clone(), g.agent.version, running.prompt.clone());
    let (context, hearing) = (context.clone(), hearing.clone());
    type Plan = (Place, ToolCall, ToolId, Class, ToolEffect, TaskId);
    let books = tokens::books(desk, &g.view.tenant, now);
    let plans: Vec<Plan> = outgoing
        .iter()
        .map(|o| {
            let tool = &o.tool;
            (o.at.clone(), o.call.clone(), tool.id(), tool.class(), tool.effect(), desk.id())
        })
        .collect();
    let (open, settled, credit) = desk
        .db
        .write(
            &g.scope,
            work!(tx => {
                lanes::fence(tx, &s, &c).await?;
                if first == 0 {
                    turns::describe(tx, &s, &c.turn, &agent, version, &prompt).await?;
                }
                let n = finish::save(tx, &s, &c, first, &unsaved, now).await?;
                // A human always wins: what they do not want is not begun.
                let person = conversations::current_mode(tx, &s, &c.conversation).await?.is_some_and(|m| !m.bot_answers(now));
                let before = tool_calls::of_step(tx, &s, &c.turn, n).await?;
                let (mut open, mut settled, mut credit) = (BTreeMap::new(), Vec::new(), News::default());
                for (at, call, tool, class, effect, task) in &plans {
                    if let Judged::Told(result) = judge(tx, &context, &hearing, at.n as usize, call).await? {
                        settled.push((at.n, result));
                        continue;
                    }
                    tool_calls::plan(tx, &s, at, tool, &call.name, *class).await?;
                    let known = before.iter().find(|k| k.place == *at);
                    let begun = known.is_some_and(|k| k.state == State::Sending);
                    match known.map_or((State::Pending, None), |k| (k.state, k.result.clone())) {
                        (_, Some(result)) => settled.push((at.n, result)),
                        (State::Sending, None) if after_silence(*class) == State::Review => {
                            let result = tools::unknown(call, tool);
                            tool_calls::end(tx, &s, at, State::Review, &result, now).await?;
                            ask_a_person(tx, &s, &c, task, &call.name, now).await?;
                            settled.push((at.n, result));
                        }
                        // What a person said yes to is what they want. What had begun may be done: under the same key it is certain.
                        _ if person && *effect == ToolEffect::Writes && !hearing.approved && !begun => {
                            let result = tools::not_begun(call);
                            tool_calls::end(tx, &s, at, State::Canceled, &result, now).await?;
                            settled.push((at.n, result));
                        }
                        _ => {
                            let paid = paid_for(&context, at.step, at.n as usize, &call.name);
                            match charges::reserve(tx, &s, books.as_ref(), &paid, now, &mut credit).await? {
                                Ok(()) => drop(open.insert(at.n, begun)),
                                Err(why) => {
                                    let result = charges::refused(&call.id, &call.name, why);
                                    tool_calls::end(tx, &s, at, State::Canceled, &result, now).await?;
                                    settled.push((at.n, result));
                                }
                            }
                        }
                    }
                }
                crash::point("intent before commit");
                Ok((open, settled, credit))
            }),
        )
        .await?;
    credit.tell(&desk.events);
    results.extend(settled.into_iter().map(|(n, result)| (n as usize, result)));
    Ok(open)
}

/// The attempt is on record before the I/O. What the model reads when the call does not leave after all.
async fn begin(context: &ToolContext, claim: &Claim, o: &Outgoing) -> Result<Option<ToolResult>> {
    let desk = &context.desk;
    let term = desk.lease.term();
    if !desk.lease.covers(desk, Duration::ZERO) {
        return Err(Error::Unavailable("this node's lease is not renewed: a call that cannot be repeated does not begin".into()));
    }
    let (s, c, at, now) = (context.scope.clone(), claim.clone(), o.at.clone(), desk.now());
    let (context, tool, call, key) = (context.clone(), o.tool.clone(), o.call.clone(), o.key());
    let refused = desk
        .db
        .write(
            &context.scope.clone(),
            work!(tx => {
                lanes::fence(tx, &s, &c).await?;
                let refusal = tool.begin(tx, &context, &call, &key).await?.err();
                let Some(why) = refusal else {
                    tool_calls::begin(tx, &s, &at, now).await?;
                    crash::point("call begin before commit");
                    return Ok(None);
                };
                let result = tools::refused(&call, why, json!({ "outcome": State::Canceled.as_str() }));
                tool_calls::end(tx, &s, &at, State::Canceled, &result, now).await?;
                Ok(Some(result))
            }),
        )
        .await?;
    // Whoever took the lane meanwhile has said already that nobody knows whether it was made.
    if refused.is_none() && !desk.lease.still_covers(desk, term, Duration::ZERO) {
        return Err(Error::Unavailable("this node's lease was interrupted: what was begun before does not leave".into()));
    }
    Ok(refused)
}

/// The outcome, at once: a crash later in the step does not make it unknown.
async fn end(context: &ToolContext, claim: &Claim, o: &Outgoing, carried: &Carried, result: &ToolResult) -> Result<()> {
    let desk = &context.desk;
    let (s, c, at, result, now) = (context.scope.clone(), claim.clone(), o.at.clone(), result.clone(), desk.now());
    let (context, tool, key, carried) = (context.clone(), o.tool.clone(), o.key(), carried.clone());
    let task: TaskId = desk.id();
    desk.db
        .write(
            &context.scope.clone(),
            work!(tx => {
                lanes::fence(tx, &s, &c).await?;
                tool.end(tx, &context, &key, &carried).await?;
                tool_calls::end(tx, &s, &at, carried.state, &result, now).await?;
                if carried.state == State::Review {
                    ask_a_person(tx, &s, &c, &task, &result.name, now).await?;
                }
                crash::point("call end before commit");
                Ok(())
            }),
        )
        .await
}

async fn ask_a_person(tx: &mut Tx, scope: &Scope, claim: &Claim, task: &TaskId, name: &str, now: Timestamp) -> Result<()> {
    let title = format!("check whether `{name}` was carried out: its answer was lost");
    tasks::open(tx, scope, task, "unknown_call", &title, Some(&claim.conversation), Some(&claim.turn), now).await
}

async fn make(desk: &Arc<Desk>, running: &Running, context: &ToolContext, o: &Outgoing) -> Result<(Carried, ToolResult)> {
    let began = desk.now();
    let time_left = || running.deadline.since(desk.now()).saturating_sub(RESERVE);
    let mut carried = o.tool.carry_out(context, &o.call, &o.key(), &time_left).await?;
    if o.lost && o.tool.effect() == ToolEffect::Writes && !o.tool.answers_for_the_first() {
        carried = carried.after_a_lost_one();
    }
    let millis = desk.now().since(began).as_millis() as i64;
    let state = carried.state;
    let outcome = if state == State::Review { "unknown" } else { state.as_str() };
    let mut data = json!({
        "tool": o.tool.id(), "outcome": outcome, "status": carried.status, "attempts": carried.attempts, "millis": millis,
    });
    if let (Some(data), Value::Object(facts)) = (data.as_object_mut(), carried.facts.clone()) {
        data.extend(facts);
    }
    let result = ToolResult {
        call: o.call.id.clone(),
        name: o.call.name.clone(),
        ok: state == State::Succeeded,
        content: carried.content.clone(),
        data,
        receipt: o.tool.proves().filter(|_| state == State::Succeeded && carried.proven),
    };
    tools::counted(context, &o.call.name, result.ok);
    Ok((carried, result))
}

/// The step that holds the results is being journaled: they are not kept twice.
pub(super) async fn settle(tx: &mut Tx, scope: &Scope, claim: &Claim, n: i64) -> Result<()> {
    tool_calls::settle(tx, scope, &claim.turn, n).await
}

/// A call of this tool in this turn whose outcome nobody knows: it is not made again.
pub(crate) fn is_unknown(journal: &[Step], name: &str) -> bool {
    let results = journal.iter().flat_map(|s| if let Step::Tools { results } = s { results.as_slice() } else { &[] });
    results.into_iter().any(|r| r.name == name && r.data["outcome"] == "unknown")
}
