//! Drives a turn: folds the journal, asks the model, runs tools, until there is an answer or a reason to stop.

use std::sync::Arc;

use frontdesk_kernel::{
    Timestamp,
    agent::ModelChoice,
    language::Line as FixedLine,
    ports::model::{Content, Finish, ModelRequest, NoSink},
    tool::ReceiptKind,
    turn::{self, Command, GiveUp, Step},
};
use frontdesk_store::{Result, lanes, lanes::Claim, turns, work};

use super::{
    approved, changes,
    finish::{self, Ending, Finished},
    gather::{self, Gathered},
    listen, outside,
    own_words::{answer_unreadable, give_up, no_credit, say_outcome},
    rules::{self, Verdict},
};
use crate::{
    Desk, crash,
    decisions::{Judged, judge, waits_for},
    models,
    news::News,
    prompt::PromptContext,
    tokens::{self, calls, tools as charges},
    tools::{self, ToolContext},
    tracer,
};

/// Steps that are decided but not yet journaled, with what they cost.
#[derive(Default)]
pub(super) struct Unsaved(pub(super) Vec<Entry>);

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) step: Step,
    pub(super) millis: i64,
    pub(super) vendor: &'static str,
    /// What the call holds of the credit.
    pub(super) hold: Option<String>,
}

/// What stays the same while the turn runs.
pub(super) struct Running {
    pub(super) deadline: Timestamp,
    pub(super) started: Timestamp,
    pub(super) prompt: Arc<str>,
    pub(super) chain: Vec<ModelChoice>,
    pub(super) images: Vec<(usize, Content)>,
}

/// Most of its time a turn waits for a model: what it does before and after is boxed, so that nothing is kept for it meanwhile.
pub(super) async fn turn(desk: &Arc<Desk>, claim: &Claim) -> Result<()> {
    let mut claim = claim.clone();
    let Some(mut g) = Box::pin(gather::gather(desk, &claim)).await? else {
        return Box::pin(finish::suppress(desk, &claim, "nobody is there to answer")).await;
    };
    let quiet = silence(desk, &g);
    if let Some(why) = quiet.filter(|_| !g.must_act(&claim.turn)) {
        return Box::pin(finish::suppress(desk, &claim, why)).await;
    }
    if let Some(first) = g.incoming.first() {
        tracer::started(&claim.turn, &claim.tenant, &g.conversation.address.value, &first.id);
    }
    if g.needs_no_answer() {
        return Box::pin(finish::suppress(desk, &claim, "needs no answer")).await;
    }
    if g.unreadable() {
        return Box::pin(answer_unreadable(desk, &mut claim, &mut g)).await;
    }
    let mut running = Box::pin(begin(desk, &mut g, &claim)).await?;
    loop {
        if let Some(step) = g.approved(&claim.turn) {
            g.journal.push(step.clone());
            Box::pin(run_tools(desk, &claim, &mut g, &running, Unsaved(vec![Entry { step, millis: 0, vendor: "", hold: None }])))
                .await?;
            continue;
        }
        if let Some(why) = quiet.filter(|_| !g.is_acting() && !g.begun) {
            return Box::pin(finish::suppress(desk, &claim, why)).await;
        }
        if Box::pin(approved::consent(desk, &claim, &mut g, &running)).await? {
            continue;
        }
        if let Some(line) = g.outcome() {
            return Box::pin(say_outcome(desk, &claim, &g, &running, line)).await;
        }
        let limits = rules::limits(desk, &g.view);
        match turn::next(&g.journal, &limits) {
            Command::Done => return Box::pin(finish::already_done(desk, &claim)).await,
            Command::GiveUp(why) => return Box::pin(give_up(desk, &mut claim, &g, &running, Unsaved::default(), why)).await,
            Command::RunTools(_) => Box::pin(run_tools(desk, &claim, &mut g, &running, Unsaved::default())).await?,
            Command::Answer(text) => {
                let text = text.to_owned();
                if Box::pin(answer(desk, &mut claim, &mut g, &mut running, Unsaved::default(), text)).await? {
                    return Ok(());
                }
            }
            Command::CallModel => {
                if call_model(desk, &mut claim, &mut g, &mut running, &limits).await? {
                    return Ok(());
                }
            }
        }
    }
}

/// Why nothing is said here. What people approved is carried out all the same.
fn silence(desk: &Desk, g: &Gathered) -> Option<&'static str> {
    if !g.view.tenant.active || !g.line.channel.active || !desk.settings.autoreply {
        return Some("the bot is switched off here");
    }
    (!g.conversation.mode.bot_answers(desk.now()) && !rules::handed_over(&g.journal)).then_some("a person answers here")
}

async fn begin(desk: &Arc<Desk>, g: &mut Gathered, claim: &Claim) -> Result<Running> {
    let started = desk.now();
    let timeout = rules::timeout(desk, &g.view);
    let chain = models::chain(desk, &g.agent.spec).to_vec();
    show_typing(desk, g);
    let images = listen::to_media(desk, claim, g, &chain, 0).await?;
    let context = PromptContext {
        tenant: &g.view.tenant,
        services: &g.view.services,
        staff: &g.view.staff,
        contact: &g.contact,
        contact_address: &g.conversation.address.value,
        now: started,
        agent_name: &g.agent.name,
        channel: desk.channel(&g.line.channel.kind).map_or("", |c| c.about().key),
    };
    let rendered = desk.prompts.render(desk.scripts.as_ref(), &g.agent.spec.prompt, &context).await;
    for problem in &rendered.problems {
        tracing::warn!(tenant = %claim.tenant, agent = %g.agent.id, problem, "a section of the prompt could not be rendered");
    }
    Ok(Running { deadline: started.plus(timeout), started, prompt: rendered.text.into(), chain, images })
}

/// Best effort: shows the contact that the message was read and is being answered.
fn show_typing(desk: &Arc<Desk>, g: &Gathered) {
    let Some(channel) = desk.channel(&g.line.channel.kind).filter(|c| c.about().read_receipts) else { return };
    let Some(vendor_id) = g.incoming.last().and_then(|m| m.vendor_id.clone()) else { return };
    if !desk.settings.mark_read || desk.settings.mock_mode || g.line.channel.mock {
        return;
    }
    let (d, line) = (desk.clone(), g.line.clone());
    desk.tasks.spawn(async move {
        if let Err(e) = channel.mark_read(d.http.as_ref(), &line.account, &vendor_id, d.settings.typing).await {
            tracing::debug!(error = %e, "the read receipt did not go out");
        }
    });
}

/// One model call and what follows at once from it. `true`: the turn is over.
async fn call_model(
    desk: &Arc<Desk>,
    claim: &mut Claim,
    g: &mut Gathered,
    running: &mut Running,
    limits: &turn::Limits,
) -> Result<bool> {
    if Box::pin(rules::over_daily_budget(desk, &g.scope, &g.view)).await? {
        Box::pin(give_up(desk, claim, g, running, Unsaved::default(), GiveUp::Budget)).await?;
        return Ok(true);
    }
    let request = ModelRequest {
        model: String::new(),
        system: running.prompt.clone(),
        turns: g.turns(claim, &running.images),
        tools: g.view.tools.specs(desk, g.agent.spec.tools.as_deref()),
        temperature: g.agent.spec.temperature,
        max_output_tokens: g.agent.spec.max_output_tokens,
        limits: desk.settings.call_limits,
    };
    let mut permit = None;
    if let Some(books) = tokens::books(desk, &g.view.tenant, desk.now()) {
        let of = calls::Of {
            turn: claim.turn.as_str(),
            n: g.journal.len(),
            contact: Some(&g.contact.id),
            conversation: Some(&claim.conversation),
            channel: Some(&g.line.channel.id),
        };
        match Box::pin(calls::reserve(desk, &g.scope, &books, &running.chain, &request, of)).await? {
            Ok(permitted) => permit = Some(permitted),
            Err(why) => return Box::pin(no_credit(desk, claim, g, running, why)).await.map(|()| true),
        }
    }
    crash::point("call reserved");
    let chain = permit.as_ref().map_or(&running.chain, |p| &p.chain);
    let answered = match models::complete(desk, &g.view, chain, request, running.deadline, &mut NoSink).await {
        Ok(answered) => answered,
        Err(e) => {
            tracer::failed(&format!("{:?}", e.kind));
            tracing::error!(turn = %claim.turn, error = %e, "no model answered");
            let late = running.deadline.since(desk.now()) < std::time::Duration::from_secs(2);
            let why = if late { GiveUp::Deadline } else { GiveUp::ModelUnavailable };
            Box::pin(give_up(desk, claim, g, running, Unsaved::default(), why)).await?;
            return Ok(true);
        }
    };
    crash::point("model answered");
    let refused_empty = answered.completion.finish == Finish::Refused && answered.completion.text.is_none();
    let (millis, vendor) = (answered.millis, answered.vendor);
    let step = rules::as_step(answered);
    g.journal.push(step.clone());
    tracer::model_called(turn::spent(&g.journal).model_calls, matches!(&step, Step::Model { calls, .. } if !calls.is_empty()));
    let unsaved = Unsaved(vec![Entry { step, millis, vendor, hold: permit.map(|p| p.hold) }]);
    match turn::next(&g.journal, limits) {
        Command::Answer(_) if refused_empty => {
            Box::pin(give_up(desk, claim, g, running, unsaved, GiveUp::BadAnswers)).await.map(|()| true)
        }
        Command::Answer(text) => {
            let text = text.to_owned();
            Box::pin(answer(desk, claim, g, running, unsaved, text)).await
        }
        Command::GiveUp(why) => Box::pin(give_up(desk, claim, g, running, unsaved, why)).await.map(|()| true),
        Command::RunTools(_) => Box::pin(run_tools(desk, claim, g, running, unsaved)).await.map(|()| false),
        Command::CallModel | Command::Done => Ok(false),
    }
}

/// T3: the decision, what it cost, and our own actions commit together. Calls that leave the house are made before, between two commits
/// of their own.
async fn run_tools(desk: &Arc<Desk>, claim: &Claim, g: &mut Gathered, running: &Running, mut unsaved: Unsaved) -> Result<()> {
    let Some(Step::Model { calls, .. }) = g.journal.last() else { return Ok(()) };
    let calls = calls.clone();
    let hearing = Arc::new(g.hearing(!unsaved.0.is_empty()));
    let context = ToolContext {
        desk: desk.clone(),
        scope: g.scope.clone(),
        view: g.view.clone(),
        lines: g.lines.clone(),
        conversation: g.conversation.clone(),
        contact: g.contact.clone(),
        turn: claim.turn.clone(),
        now: desk.now(),
        allowed: g.agent.spec.tools.clone(),
        approved: hearing.approved,
        alone: calls.len() == 1,
        ids: desk.ids.clone(),
    };
    let made = outside::carry_out(desk, claim, g, running, &context, &hearing, &calls, &mut unsaved).await?;
    let (s, c, n, now) = (g.scope.clone(), claim.clone(), first_unsaved(g, &unsaved), desk.now());
    let (agent, version, prompt) = (g.agent.id.clone(), g.agent.version, running.prompt.clone());
    let books = tokens::books(desk, &g.view.tenant, now);
    let is_its_own = hearing.approved || rules::handed_over(&g.journal);
    let (results, credit) = desk
        .db
        .write(
            &g.scope,
            work!(tx => {
                let fence = lanes::ask_fence_and_mode(tx, &s, &c)?;
                let (_, mode) = lanes::passed(tx, fence).await?;
                // A human always wins: what they do not want is not done.
                let taken_over = !is_its_own && !mode.bot_answers(now);
                if n == 0 {
                    turns::describe(tx, &s, &c.turn, &agent, version, &prompt).await?;
                }
                finish::bill(tx, &s, &c, n, &unsaved, now).await?;
                let (first, n) = (n, n + unsaved.0.len() as i64);
                let mut results = Vec::with_capacity(calls.len());
                let mut credit = News::default();
                for (i, call) in calls.iter().enumerate() {
                    let paid = paid_for(&context, n, i, &call.name);
                    let result = match made.get(&i) {
                        Some(result) => result.clone(),
                        None if taken_over && context.desk.toolbox.changes_something(&call.name) => tools::not_begun(call),
                        None => match judge(tx, &context, &hearing, i, call).await? {
                            Judged::Run => match charges::reserve(tx, &s, books.as_ref(), &paid, now, &mut credit).await? {
                                Ok(()) => tools::call(tx, &context, call).await?,
                                Err(why) => charges::refused(&call.id, &call.name, why),
                            },
                            Judged::Told(result) => result,
                        },
                    };
                    charges::settle(tx, &s, books.as_ref(), &paid, &result, now).await?;
                    if hearing.approved {
                        crate::approvals::carried_out(tx, &context, &result).await?;
                    }
                    results.push(result);
                }
                let step = Step::Tools { results };
                finish::journal(tx, &s, &c, first, &unsaved, Some(&step), now).await?;
                if !made.is_empty() {
                    outside::settle(tx, &s, &c, n).await?;
                }
                crash::point("T3 before commit");
                Ok((step, credit))
            }),
        )
        .await?;
    crash::point("T3 committed");
    credit.tell(&desk.events);
    if let Step::Tools { results } = &results {
        for r in results {
            tracer::tool_answered(&r.name, r.ok, None);
        }
        if results.iter().any(|r| r.receipt == Some(ReceiptKind::Sent)) {
            desk.wake.mail.notify_one();
            desk.wake.outbox.notify_one();
        }
        changes::of(claim, &g.contact.id, results).tell(&desk.events);
        if g.is_acting() || results.iter().any(|r| waits_for(r).is_some()) {
            crash::point("approval committed");
            desk.wake.mail.notify_one();
            desk.wake.timers.notify_one();
            approved::look(desk, g, &claim.conversation).await?;
        }
        if results.iter().any(|r| r.receipt == Some(ReceiptKind::HandedOver)) {
            desk.wake.timers.notify_one();
        }
        for changed in results.iter().filter_map(|r| r.data["appointment"]["id"].as_str().filter(|_| r.receipt.is_some())) {
            desk.events.tell(g.scope.tenant(), crate::events::Event::new("appointment.changed", changed));
        }
    }
    g.journal.push(results);
    g.begun = false;
    Ok(())
}

/// The place of a call in the accounts.
pub(super) fn paid_for<'a>(context: &'a ToolContext, step: i64, place: usize, tool: &'a str) -> charges::Call<'a> {
    let cost = context.desk.toolbox.about(tool).and_then(|about| about.cost);
    charges::Call {
        turn: &context.turn,
        step,
        place,
        tool,
        cost,
        contact: &context.contact.id,
        conversation: &context.conversation.id,
    }
}

fn first_unsaved(g: &Gathered, unsaved: &Unsaved) -> i64 {
    (g.journal.len() - unsaved.0.len()) as i64
}

/// Checks that the answer is whole and backed by receipts, and ends the turn with it. `false`: the model is asked again, or newer messages
/// joined.
async fn answer(
    desk: &Arc<Desk>,
    claim: &mut Claim,
    g: &mut Gathered,
    running: &mut Running,
    mut unsaved: Unsaved,
    text: String,
) -> Result<bool> {
    let correction = match rules::verdict(&g.journal, &text) {
        Verdict::Fine => None,
        Verdict::AskAgain(text) => Some(Step::Correction { text }),
        Verdict::Again(why) => {
            give_up(desk, claim, g, running, unsaved, why).await?;
            return Ok(true);
        }
    };
    if let Some(correction) = correction {
        unsaved.0.push(Entry { step: correction.clone(), millis: 0, vendor: "", hold: None });
        g.journal.push(correction);
        finish::journal_only(desk, claim, g, running, unsaved).await?;
        return Ok(false);
    }
    let asks = !g.to_ask().is_empty();
    let text = if text.trim().is_empty() && !asks {
        FixedLine::Empty.text(g.contact.speaks(g.view.tenant.speaks())).to_owned()
    } else {
        text
    };
    let may_absorb = claim.merge
        && rules::proven(&g.journal).is_empty()
        && g.journal.iter().filter(|s| matches!(s, Step::More { .. })).count() < 2;
    let text = tools::with_links(&g.journal, text);
    let ending = Ending { text, gave_up: None, author: frontdesk_kernel::message::Author::Bot, may_absorb, task: None };
    match finish::finish(desk, claim, g, running, unsaved, ending).await? {
        Finished::Done { .. } => Ok(true),
        Finished::MoreCame { to_seq } => {
            g.journal.push(Step::More { from_seq: claim.to_seq + 1, to_seq });
            claim.to_seq = to_seq;
            let newer = gather::newer(desk, claim, g.incoming.len()).await?;
            let joined_at = g.incoming.len();
            g.incoming.extend(newer);
            approved::look(desk, g, &claim.conversation).await?;
            let images = listen::to_media(desk, claim, g, &running.chain, joined_at).await?;
            running.images.extend(images);
            Ok(false)
        }
    }
}
