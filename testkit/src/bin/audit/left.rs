//! Sends that were repeated once and are of unknown fate again: the product may do no more, a person was asked to look.

use std::collections::HashSet;

use frontdesk_kernel::{effect::State, ids::TurnId, turn::Step};
use frontdesk_testkit::marks::all_marked;

use crate::{Book, Report};

/// The kind of the task that asks a person.
pub(crate) const UNKNOWN: &str = "unknown_send";
/// Of so many sends one may be left to a person: it takes two mishaps of the same send. Of few sends, so many may be.
const ONE_OF: usize = 100;
const OF_FEW: usize = 3;

#[derive(Default)]
pub(crate) struct Left {
    pub(crate) turns: HashSet<TurnId>,
    /// What these turns said or asked was about.
    pub(crate) tokens: HashSet<String>,
    /// Of the business's credit, by name: held until the person has decided.
    pub(crate) holds: HashSet<String>,
}

pub(crate) fn to_a_person(book: &Book, report: &mut Report) -> Left {
    let (mut left, mut sends, mut all) = (Left::default(), 0, 0);
    for (turn, journal, effects) in &book.turns {
        all += effects.len();
        for effect in effects.iter().filter(|effect| effect.state == State::Review) {
            sends += 1;
            let tasks = book.tasks.iter().filter(|t| t.kind == UNKNOWN && t.turn.as_ref() == Some(&turn.id)).count();
            if effect.resends != 1 || tasks == 0 {
                report
                    .problem(format!("{} waits for a person after {} resends and with {tasks} tasks", effect.id, effect.resends));
                continue;
            }
            left.holds.extend(effect.hold.clone());
            left.turns.insert(turn.id.clone());
            left.tokens.extend(tokens(journal));
        }
    }
    if sends > (all / ONE_OF).max(OF_FEW) {
        report.problem(format!("{sends} of {all} sends were left to a person"));
    }
    report.fact("sends left to a person", sends);
    left
}

/// Of the turn's last words and of what it called for.
fn tokens(journal: &[Step]) -> Vec<String> {
    let mut found = Vec::new();
    for step in journal {
        let text = match step {
            Step::Finished { text, .. } => text.clone(),
            Step::Model { calls, .. } => calls.iter().map(|call| call.arguments.to_string()).collect(),
            _ => continue,
        };
        found.extend(["ref:", "out:", "for:"].iter().flat_map(|mark| all_marked(&text, mark)).map(str::to_owned));
    }
    found
}
