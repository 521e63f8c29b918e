//! What holds for every turn, also for one that is only tried in the playground: limits, budget, receipts, the lines we say ourselves.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope,
    language::Line,
    ports::model::{Content, Finish, Turn},
    receipts::{self, Evidence},
    tool::{ReceiptKind, ToolResult},
    turn::{GiveUp, Limits, Step},
};
use frontdesk_store::{Result, turns, work};

use super::gather::OURS;
use crate::{Desk, decisions::waits_for, directory::View, models::Answered, tools};

pub(crate) fn limits(desk: &Desk, view: &View) -> Limits {
    let limits = desk.settings.limits;
    Limits { tokens: view.tenant.settings.turn_token_budget.unwrap_or(limits.tokens), ..limits }
}

pub(crate) fn timeout(desk: &Desk, view: &View) -> Duration {
    view.tenant.settings.turn_timeout_s.map_or(desk.settings.turn_timeout, Duration::from_secs)
}

/// The business has used up its model tokens of the last 24 hours.
pub(crate) async fn over_daily_budget(desk: &Desk, scope: &Scope, view: &View) -> Result<bool> {
    let budget = view.tenant.settings.daily_token_budget.unwrap_or(desk.settings.daily_token_budget);
    if budget == 0 {
        return Ok(false);
    }
    let (s, since) = (scope.clone(), desk.now().minus(Duration::from_secs(24 * 3600)));
    let used = desk.db.read(scope, work!(tx => turns::tokens_since(tx, &s, since).await)).await?;
    Ok(used >= budget as i64)
}

/// After these the team knows, although nobody has taken over.
const TELL_THE_TEAM: [&str; 2] = ["notify_team", "create_task"];

/// Whether an answer may go out.
pub(crate) enum Verdict {
    Fine,
    /// It was cut off, or claims what nothing proves; the model is told so, once.
    AskAgain(String),
    /// So is the next one.
    Again(GiveUp),
}

/// What the model is told about an answer that did not come to its end.
const SHORTER: &str =
    "[system] Your last answer was not sent: it was too long and was cut off before its end. Answer again, much shorter.";

/// Holds an answer against the receipts of its turn. Half an answer is none.
pub(crate) fn verdict(journal: &[Step], text: &str) -> Verdict {
    let cut_off = journal.iter().filter(|step| is_cut_off(step)).count();
    if journal.last().is_some_and(is_cut_off) {
        return if cut_off > 1 { Verdict::Again(GiveUp::BadAnswers) } else { Verdict::AskAgain(SHORTER.to_owned()) };
    }
    let listed = results(journal).any(|r| r.ok && r.name == tools::MY_APPOINTMENTS);
    let told = results(journal).any(|r| {
        let is_asked = waits_for(r).is_some_and(|(_, of_customer)| !of_customer);
        is_asked || (r.ok && TELL_THE_TEAM.contains(&r.name.as_str()))
    });
    let counted = results(journal).any(|r| r.ok && tools::reports::is_one(&r.name));
    let evidence = Evidence { receipts: &proven(journal), listed_appointments: listed, told_team: told, listed_figures: counted };
    let unbacked = receipts::unbacked(text, &evidence);
    if unbacked.is_empty() {
        return Verdict::Fine;
    }
    metrics::counter!("frontdesk_claims_refused_total").increment(1);
    // Who was told to be shorter was told of no claim.
    let asked_before = journal.iter().filter(|s| matches!(s, Step::Correction { .. })).count() > cut_off;
    if asked_before { Verdict::Again(GiveUp::UnbackedClaim) } else { Verdict::AskAgain(correction(&unbacked)) }
}

fn is_cut_off(step: &Step) -> bool {
    matches!(step, Step::Model { text: Some(text), calls, finish: Finish::Length, .. } if calls.is_empty() && !text.trim().is_empty())
}

/// What the tools of a turn have proven.
pub(crate) fn proven(journal: &[Step]) -> Vec<ReceiptKind> {
    results(journal).filter(|r| r.ok).filter_map(|r| r.receipt).collect()
}

fn results(journal: &[Step]) -> impl Iterator<Item = &ToolResult> {
    journal.iter().flat_map(|s| if let Step::Tools { results } = s { results.as_slice() } else { &[] })
}

/// What the model is told about a claim that nothing proves.
fn correction(unbacked: &[ReceiptKind]) -> String {
    format!(
        "[system] Your last answer was not sent: it says that something was done ({unbacked:?}) and no tool result of this turn proves it. \
         Call the tool that does it, or answer without that claim."
    )
}

/// What the contact is told when a turn ends without the model's answer.
pub(crate) fn line_for(why: GiveUp) -> Line {
    match why {
        GiveUp::TooManySteps | GiveUp::TooManyCalls | GiveUp::Repeating | GiveUp::Budget | GiveUp::Credit | GiveUp::Deadline => {
            Line::OutOfSteps
        }
        GiveUp::ModelUnavailable | GiveUp::BadAnswers | GiveUp::Crashing => Line::Trouble,
        GiveUp::UnbackedClaim => Line::BeingConfirmed,
    }
}

/// This turn itself handed the conversation over; its last words still go out.
pub(crate) fn handed_over(journal: &[Step]) -> bool {
    proven(journal).contains(&ReceiptKind::HandedOver)
}

/// A model's answer as a fact.
pub(crate) fn as_step(answered: Answered) -> Step {
    let completion = answered.completion;
    Step::Model {
        dialect: answered.dialect.to_owned(),
        model: completion.model,
        text: completion.text,
        calls: completion.calls,
        usage: completion.usage,
        finish: completion.finish,
        raw: completion.raw,
    }
}

/// A fact as a model sees it afterwards.
pub(crate) fn as_turns(step: &Step) -> Vec<Turn> {
    match step {
        Step::Model { text, calls, raw, dialect, .. } => vec![Turn::Model {
            text: text.clone(),
            calls: calls.clone(),
            raw: raw.clone().map(Arc::new),
            raw_dialect: Some(dialect.clone()),
        }],
        Step::Tools { results } => results
            .iter()
            .map(|r| Turn::Tool { call: r.call.clone(), name: r.name.clone(), result: r.content.clone(), failed: !r.ok })
            .collect(),
        Step::Correction { text } => vec![Turn::User(vec![Content::Text(text.clone())])],
        Step::Note { text, .. } => vec![Turn::User(vec![Content::Text(format!("{OURS} {text}"))])],
        Step::More { .. } | Step::Finished { .. } => Vec::new(),
    }
}
