//! The turns of a business: all ended, each message in one of them, each model step billed once.

use std::collections::BTreeMap;

use frontdesk_kernel::{approval::Kind, turn::Step};
use serde_json::json;

use crate::{Asked, Book, Report};

/// Every turn ended, no message is in two turns or in none, every model step was billed once.
pub(crate) fn look(asked: &[Asked], book: &Book, report: &mut Report) {
    let (mut states, mut covered, mut used, mut model_steps, mut again) = (BTreeMap::<String, usize>::new(), 0, 0, 0, 0);
    for (turn, journal, effects) in &book.turns {
        *states.entry(turn.state.clone()).or_default() += 1;
        covered += turn.to_seq - turn.from_seq + 1;
        again += usize::from(turn.attempts > 1);
        if turn.state != "done" {
            report.problem(format!(
                "{} is {} after {} runs: {:?} {:?}",
                turn.id, turn.state, turn.attempts, turn.outcome, turn.problem
            ));
        }
        let questions = book.approvals.iter().filter(|a| a.turn == turn.id && a.kind == Kind::Suggestion).count();
        if effects.len() != 1 + questions {
            report.problem(format!("{} planned {} answers and has {questions} questions", turn.id, effects.len()));
        }
        for step in journal {
            if let Step::Model { usage, .. } = step {
                model_steps += 1;
                used += (usage.input + usage.output) as i64;
            }
        }
    }
    let decisions = book.approvals.iter().filter(|a| a.kind.is_for_staff() && a.decided_at.is_some()).count();
    for (turn, journal, _) in &book.others {
        if turn.state != "done" {
            report.problem(format!("{} is {}: {:?} {:?}", turn.id, turn.state, turn.outcome, turn.problem));
        }
        used += journal
            .iter()
            .map(|s| if let Step::Model { usage, .. } = s { (usage.input + usage.output) as i64 } else { 0 })
            .sum::<i64>();
    }
    if covered != (asked.len() + decisions) as i64 {
        report.problem(format!("the turns hold {covered} messages, {} were acknowledged and {decisions} decided", asked.len()));
    }
    if used != book.billed {
        report.problem(format!("the journal used {used} tokens, {} were billed", book.billed));
    }
    if book.lanes > 0 {
        report.problem(format!("{} lanes are unfinished", book.lanes));
    }
    report.fact("turns by state", json!(states));
    report.fact("turns that ran again", again);
    report.fact("model steps", model_steps);
    report.fact("tokens used = billed", format!("{used} = {}", book.billed));
}
