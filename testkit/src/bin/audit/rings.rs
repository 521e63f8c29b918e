//! What cannot be done again and leaves no trace to look for: it was done once, or nobody knows and a person was asked to look.

use std::collections::HashSet;

use frontdesk_kernel::{ids::TurnId, turn::Step};
use frontdesk_testkit::marks::marked;

use crate::{Asked, Book, Report, waits::Served};

/// The kind of the task that asks a person.
pub(crate) const UNKNOWN: &str = "unknown_call";
const TOOL: &str = "ring_bell";

/// The turns whose call a person has to check.
pub(crate) fn look(asked: &[Asked], served: &[Served], book: &Book, report: &mut Report) -> HashSet<TurnId> {
    let rung =
        |token: &str| served.iter().filter(|s| s.key.is_none() && marked(&s.body.to_string(), "for:") == Some(token)).count();
    let (mut once, mut doubled, mut checked) = (0, 0, HashSet::new());
    for a in asked.iter().filter(|a| a.rings) {
        let mut problem = |text: String| report.problem(format!("{} (rings): {text}", a.token));
        let times = rung(&a.token);
        once += usize::from(times == 1);
        if times > 1 {
            doubled += 1;
            problem(format!("carried out {times} times"));
        }
        let outcomes: Vec<_> =
            book.turns.iter().flat_map(|(turn, journal, _)| outcomes(turn.id.clone(), journal, &a.token)).collect();
        match &outcomes[..] {
            [(_, known)] if known == "succeeded" && times == 1 => {}
            [(turn, known)] if known == "unknown" => {
                let tasks = book.tasks.iter().filter(|t| t.kind == UNKNOWN && t.turn.as_ref() == Some(turn)).count();
                if tasks != 1 {
                    problem(format!("nobody knows whether it was carried out, and {tasks} tasks ask a person to look"));
                }
                checked.insert(turn.clone());
            }
            other => problem(format!("carried out {times} times, and the journals say {other:?}")),
        }
    }
    report.fact("class C, carried out once", once);
    report.fact("class C, doubled", doubled);
    report.fact("class C, left to a person", checked.len());
    checked
}

/// What became of the calls for this token.
fn outcomes(turn: TurnId, journal: &[Step], token: &str) -> Vec<(TurnId, String)> {
    let calls = journal.iter().flat_map(|s| if let Step::Model { calls, .. } = s { calls.as_slice() } else { &[] });
    let ours: HashSet<&str> = calls
        .filter(|call| call.name == TOOL && marked(&call.arguments.to_string(), "for:") == Some(token))
        .map(|call| call.id.as_str())
        .collect();
    let results = journal.iter().flat_map(|s| if let Step::Tools { results } = s { results.as_slice() } else { &[] });
    let known = |outcome: &serde_json::Value| outcome.as_str().unwrap_or_default().to_owned();
    results.filter(|r| ours.contains(r.call.as_str())).map(|r| (turn.clone(), known(&r.data["outcome"]))).collect()
}
