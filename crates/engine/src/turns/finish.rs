//! T6: the last step, the reply's effects and the end of the turn commit together; the lane is free.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{self, Approval, State},
    conversation::Mode,
    ids::*,
    language::{Language, Line as FixedLine},
    message::{Author, Button, Message, Part},
    turn::{GiveUp, Step, spent},
};
use frontdesk_store::{
    Error, Result, Tx, approvals, conversations, effects, lanes, lanes::Claim, messages, tasks, tokens::holds, turns, work,
};

use super::{
    drive::{Running, Unsaved},
    gather::Gathered,
    rules::{handed_over, line_for},
};
use crate::{
    Desk, crash,
    news::News,
    outbox,
    tokens::{self, Books, sends},
    tracer,
};

/// How a turn ends.
pub(super) struct Ending {
    pub(super) text: String,
    pub(super) gave_up: Option<GiveUp>,
    pub(super) author: Author,
    /// Newer messages may join instead.
    pub(super) may_absorb: bool,
    /// What a person is asked to do.
    pub(super) task: Option<String>,
}

pub(super) enum Finished {
    /// `more_waits`: newer messages are next in the lane.
    Done { more_waits: bool },
    /// Messages up to here arrived meanwhile and belong to this turn now.
    MoreCame { to_seq: i64 },
}

pub(super) async fn finish(
    desk: &Arc<Desk>,
    claim: &Claim,
    g: &Gathered,
    running: &Running,
    unsaved: Unsaved,
    ending: Ending,
) -> Result<Finished> {
    let now = desk.now();
    let parts = if ending.text.is_empty() { Vec::new() } else { outbox::text_parts(desk, &g.line, &ending.text) };
    let mut drafts = Vec::with_capacity(parts.len());
    for (i, part) in parts.into_iter().enumerate() {
        // Pieces of one answer keep their order in the thread.
        let at = Timestamp(now.0 + i as i64);
        drafts.push(outbox::draft(desk, &g.line, &claim.conversation, ending.author, part, Some(&claim.turn), at));
    }
    // What the customer is asked to confirm is worded here and not by the model: a yes is to exactly this.
    let mut asked = Vec::new();
    for request in g.to_ask().into_iter().filter(|_| ending.gave_up.is_none()) {
        let at = Timestamp(now.0 + (drafts.len() + asked.len()) as i64);
        for part in question(desk, g, &request) {
            let draft = outbox::draft(desk, &g.line, &claim.conversation, Author::System, part, Some(&claim.turn), at);
            asked.push((request.id.clone(), draft));
        }
    }
    let own_handoff = handed_over(&g.journal);
    let answered = g.incoming.last().and_then(|m| m.vendor_id.clone());
    let credit = Credit::of(desk, claim, g, ending.author, now);
    let (s, c, n) = (g.scope.clone(), claim.clone(), (g.journal.len() - unsaved.0.len()) as i64);
    let (agent, version, prompt) = (g.agent.id.clone(), g.agent.version, running.prompt.clone());
    let (mut task, task_id, mut gave_up, mut text, may_absorb) =
        (ending.task, desk.id::<OfTask>(), ending.gave_up, ending.text, ending.may_absorb);
    let (finished, said, told, gave_up, news) = desk
        .db
        .write(
            &g.scope,
            work!(tx => {
                let fence = lanes::ask_fence_and_mode(tx, &s, &c)?;
                let (head, mode) = lanes::passed(tx, fence).await?;
                if n == 0 {
                    turns::describe(tx, &s, &c.turn, &agent, version, &prompt).await?;
                }
                bill(tx, &s, &c, n, &unsaved, now).await?;
                let mut news = News::default();
                if credit.is_some() {
                    holds::release_calls(tx, &s, c.turn.as_str(), now).await?;
                    news.other(s.tenant(), tokens::changed());
                }
                let taken_over = !own_handoff && !mode.bot_answers(now);
                if taken_over {
                    // A human always wins: what was about to be said stays in the trace.
                    journal(tx, &s, &c, n, &unsaved, None, now).await?;
                    let more_waits = end(tx, &s, &c, head, "suppressed", gave_up, now).await?;
                    return Ok((Finished::Done { more_waits }, Vec::new(), None, gave_up, news));
                }
                if may_absorb && head > c.to_seq {
                    let more = Step::More { from_seq: c.to_seq + 1, to_seq: head };
                    journal(tx, &s, &c, n, &unsaved, Some(&more), now).await?;
                    turns::extend(tx, &s, &c, head).await?;
                    return Ok((Finished::MoreCame { to_seq: head }, Vec::new(), None, gave_up, news));
                }
                if let Some(Credit { books, replies: Some((cost, line)), contact }) = credit
                    && let Err(why) = sends::reserve(tx, &s, &books, cost, &contact, drafts.iter_mut().map(|(_, e)| e), now, &mut news).await?
                {
                    // Never silent: our own line goes out instead, and costs nothing.
                    (drafts, text, gave_up) = (line.drafts, line.text, Some(GiveUp::Credit));
                    asked.clear();
                    task = Some(format!("the bot's answer was not sent ({why}): please take over"));
                }
                journal(tx, &s, &c, n, &unsaved, Some(&Step::Finished { text, gave_up }), now).await?;
                for (i, (message, effect)) in drafts.iter().enumerate() {
                    // With newer messages waiting, the quote says which one this answers.
                    let quotes = answered.clone().filter(|_| i == 0 && head > c.to_seq);
                    messages::insert(tx, &s, &Message { quotes, ..message.clone() }).await?;
                    effects::plan(tx, &s, effect, now).await?;
                }
                for (request, (message, effect)) in &asked {
                    if approvals::get(tx, &s, request).await?.is_some_and(|a| a.state == State::Pending) {
                        messages::insert(tx, &s, message).await?;
                        effects::plan(tx, &s, effect, now).await?;
                    }
                }
                touch(tx, &s, &c, now).await?;
                if let Some(title) = &task {
                    tasks::open(tx, &s, &task_id, "handoff", title, Some(&c.conversation), Some(&c.turn), now).await?;
                }
                let state = if gave_up.is_some() || own_handoff { "handed_off" } else { "done" };
                let more_waits = end(tx, &s, &c, head, state, gave_up, now).await?;
                crash::point("T6 before commit");
                let said: Vec<MessageId> =
                    drafts.iter().chain(asked.iter().map(|(_, draft)| draft)).map(|(m, _)| m.id.clone()).collect();
                Ok((Finished::Done { more_waits }, said, task.map(|_| task_id), gave_up, news))
            }),
        )
        .await?;
    crash::point("T6 committed");
    news.tell(&desk.events);
    if let Finished::Done { more_waits } = finished {
        ended(desk, claim, &said, told.as_ref());
        report(desk, claim, g, running, gave_up);
        if more_waits {
            desk.wake.lanes.notify_one();
        }
    }
    Ok(finished)
}

/// The question with two buttons, where the channel has them.
fn question(desk: &Desk, g: &Gathered, request: &Approval) -> Vec<Part> {
    let (yes, no, hint) = match g.contact.speaks(g.view.tenant.speaks()) {
        Language::Spanish => ("Sí", "No", "Responde «sí» o «no»."),
        Language::English => ("Yes", "No", "Answer “yes” or “no”."),
    };
    let text = request.question.clone();
    let about = desk.channel(&g.line.channel.kind).map(|c| c.about());
    if about.is_some_and(|a| a.limits.buttons >= 2 && text.chars().count() <= a.limits.text.min(1000)) {
        let button = |yes, title: &str| Button { id: approval::button(&request.id, yes), title: title.to_owned() };
        return outbox::parts_for(desk, &g.line, Part::Buttons { text, buttons: vec![button(true, yes), button(false, no)] });
    }
    outbox::text_parts(desk, &g.line, &format!("{text} {hint}"))
}

/// What a turn's end asks of the accounts.
struct Credit {
    books: Books,
    contact: ContactId,
    /// The key of what its messages cost, and what is said where they cannot be paid for.
    replies: Option<(&'static str, Canned)>,
}

struct Canned {
    text: String,
    drafts: Vec<(Message, effects::Effect)>,
}

impl Credit {
    /// `None` where no accounts are kept. Our own fixed lines cost nothing.
    fn of(desk: &Desk, claim: &Claim, g: &Gathered, author: Author, now: Timestamp) -> Option<Credit> {
        let books = tokens::books(desk, &g.view.tenant, now)?;
        let cost = sends::cost_of(desk, &g.line).filter(|_| author != Author::System);
        let replies = cost.map(|cost| {
            let text = line_for(GiveUp::Credit).text(g.contact.speaks(g.view.tenant.speaks())).to_owned();
            let parts = outbox::text_parts(desk, &g.line, &text).into_iter();
            let drafts =
                parts.map(|part| outbox::draft(desk, &g.line, &claim.conversation, Author::System, part, Some(&claim.turn), now));
            (cost, Canned { drafts: drafts.collect(), text })
        });
        Some(Credit { books, contact: g.contact.id.clone(), replies })
    }
}

/// For those who watch. A turn that was suppressed said nothing after all: whoever looks for its messages finds none.
fn ended(desk: &Desk, claim: &Claim, said: &[MessageId], task: Option<&TaskId>) {
    let mut news = News::default();
    for message in said {
        news.message(&claim.tenant, &claim.conversation, message);
    }
    if let Some(task) = task {
        news.task(&claim.tenant, task, Some(&claim.conversation));
    }
    news.turn("turn.finished", &claim.tenant, &claim.conversation, &claim.turn);
    news.tell(&desk.events);
}

fn report(desk: &Desk, claim: &Claim, g: &Gathered, running: &Running, gave_up: Option<GiveUp>) {
    let used = spent(&g.journal);
    let millis = desk.now().since(running.started).as_secs_f64() * 1000.0;
    let error = gave_up.map(|why| format!("{why:?}"));
    tracer::ended(&claim.turn, gave_up.is_none(), millis, used.tool_calls, u32::from(gave_up.is_some()), error.as_deref());
    metrics::counter!("frontdesk_turns_total").increment(1);
    metrics::counter!("frontdesk_model_tokens_total", "kind" => "input").increment(used.usage.input);
    metrics::counter!("frontdesk_model_tokens_total", "kind" => "output").increment(used.usage.output);
}

/// Journals decided steps, the first at `n`, and bills the model's. Returns the place after them.
pub(super) async fn save(tx: &mut Tx, scope: &Scope, claim: &Claim, n: i64, unsaved: &Unsaved, now: Timestamp) -> Result<i64> {
    bill(tx, scope, claim, n, unsaved, now).await?;
    journal(tx, scope, claim, n, unsaved, None, now).await?;
    Ok(n + unsaved.0.len() as i64)
}

/// What decided steps cost; they are journaled in the same transaction.
pub(super) async fn bill(tx: &mut Tx, scope: &Scope, claim: &Claim, n: i64, unsaved: &Unsaved, now: Timestamp) -> Result<()> {
    for (entry, n) in unsaved.0.iter().zip(n..) {
        if let Step::Model { model, usage, .. } = &entry.step
            && !entry.step.is_policy()
        {
            turns::bill(tx, scope, &claim.turn, n, entry.vendor, model, usage, now).await?;
            if let Some(hold) = &entry.hold {
                holds::commit(tx, scope, hold, usage.cost_micros, now).await?;
            }
        }
    }
    Ok(())
}

/// Decided steps, and what follows from them at once.
pub(super) async fn journal(
    tx: &mut Tx,
    scope: &Scope,
    claim: &Claim,
    n: i64,
    unsaved: &Unsaved,
    last: Option<&Step>,
    now: Timestamp,
) -> Result<()> {
    let decided = unsaved.0.iter().map(|entry| (&entry.step, entry.millis));
    let all: Vec<_> = decided.chain(last.map(|step| (step, 0))).collect();
    turns::append_all(tx, scope, &claim.turn, n, &all, now).await
}

/// Journals without an answer: the model is asked again.
pub(super) async fn journal_only(desk: &Desk, claim: &Claim, g: &Gathered, running: &Running, unsaved: Unsaved) -> Result<()> {
    let (s, c, n, now) = (g.scope.clone(), claim.clone(), (g.journal.len() - unsaved.0.len()) as i64, desk.now());
    let (agent, version, prompt) = (g.agent.id.clone(), g.agent.version, running.prompt.clone());
    desk.db
        .write(
            &g.scope,
            work!(tx => {
                lanes::fence(tx, &s, &c).await?;
                if n == 0 {
                    turns::describe(tx, &s, &c.turn, &agent, version, &prompt).await?;
                }
                save(tx, &s, &c, n, &unsaved, now).await.map(drop)
            }),
        )
        .await
}

/// `head` is the fence's. `true`: newer messages wait.
async fn end(
    tx: &mut Tx,
    scope: &Scope,
    claim: &Claim,
    head: i64,
    state: &str,
    gave_up: Option<GiveUp>,
    now: Timestamp,
) -> Result<bool> {
    turns::end(tx, scope, &claim.turn, state, gave_up, now).await?;
    lanes::leave(tx, scope, claim, head).await
}

async fn touch(tx: &mut Tx, scope: &Scope, claim: &Claim, now: Timestamp) -> Result<()> {
    conversations::touch(tx, scope, &claim.conversation, now).await
}

/// Ends a turn by a named rule, without a word.
pub(super) async fn suppress(desk: &Desk, claim: &Claim, why: &'static str) -> Result<()> {
    let scope = Scope::of(claim.tenant.clone());
    let (s, c, now) = (scope.clone(), claim.clone(), desk.now());
    desk.db
        .write(
            &scope,
            work!(tx => {
                let head = lanes::fence(tx, &s, &c).await?;
                turns::stumble(tx, &s, &c.turn, why).await?;
                end(tx, &s, &c, head, "suppressed", None, now).await
            }),
        )
        .await?;
    desk.wake.lanes.notify_one();
    ended(desk, claim, &[], None);
    tracing::info!(turn = %claim.turn, why, "a turn ended without an answer");
    Ok(())
}

/// The journal says that everything was done; only the lane was still held.
pub(super) async fn already_done(desk: &Desk, claim: &Claim) -> Result<()> {
    let scope = Scope::of(claim.tenant.clone());
    let (s, c) = (scope.clone(), claim.clone());
    desk.db.write(&scope, work!(tx => lanes::finish(tx, &s, &c).await)).await?;
    desk.wake.lanes.notify_one();
    Ok(())
}

/// A turn that crashed too often: apology, task, dead letter.
pub(super) async fn bury(desk: &Arc<Desk>, claim: &Claim) -> Result<()> {
    let scope = Scope::of(claim.tenant.clone());
    let (s, id) = (scope.clone(), claim.conversation.clone());
    let conversation = desk.db.read(&scope, work!(tx => conversations::get(tx, &s, &id).await)).await?;
    let lines = desk.directory.lines(desk).await?;
    let line = conversation.as_ref().and_then(|c| lines.get(&c.channel)).cloned();
    let language = desk.directory.tenant(desk, &claim.tenant).await?.map(|v| v.tenant.speaks()).unwrap_or_default();
    let now = desk.now();
    let bot_on_duty = conversation.is_some_and(|c| c.mode.bot_answers(now) && c.mode != Mode::Human);
    let draft = line.filter(|_| bot_on_duty).and_then(|line| {
        let part = outbox::text_parts(desk, &line, FixedLine::Trouble.text(language)).into_iter().next()?;
        Some(outbox::draft(desk, &line, &claim.conversation, Author::System, part, Some(&claim.turn), now))
    });
    let (s, c, task) = (scope.clone(), claim.clone(), desk.id::<OfTask>());
    let (said, opened): (Vec<MessageId>, _) = (draft.iter().map(|(m, _)| m.id.clone()).collect(), task.clone());
    let buried = desk
        .db
        .write(
            &scope,
            work!(tx => {
                let head = lanes::fence(tx, &s, &c).await?;
                if let Some((message, effect)) = &draft {
                    messages::insert(tx, &s, message).await?;
                    effects::plan(tx, &s, effect, now).await?;
                }
                // What was to be carried out in this turn was not, or nobody knows.
                approvals::give_up(tx, &s, &c, now).await?;
                let title = "a message could not be answered: the turn failed again and again";
                tasks::open(tx, &s, &task, "dead_turn", title, Some(&c.conversation), Some(&c.turn), now).await?;
                end(tx, &s, &c, head, "dead", Some(GiveUp::Crashing), now).await
            }),
        )
        .await;
    match buried {
        Err(Error::LeaseLost) => Ok(()),
        other => {
            desk.wake.lanes.notify_one();
            ended(desk, claim, &said, Some(&opened));
            other.map(drop)
        }
    }
}
