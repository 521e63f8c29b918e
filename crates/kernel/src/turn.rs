//! The turn as a fold: from the journal of what happened to the next thing to do. Facts in, command out; no code positions are stored,
//! so a new binary resumes an old turn.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    ids::ApprovalId,
    ports::model::{Finish, ToolCall, Usage},
    tool::ToolResult,
};

/// The dialect of a step that no model decided: calls that were approved.
pub const POLICY: &str = "policy";

/// A fact of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// A model answered.
    Model {
        dialect: String,
        model: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<ToolCall>,
        #[serde(default)]
        usage: Usage,
        finish: Finish,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        raw: Option<Value>,
    },
    /// The calls of the model step before were carried out or refused.
    Tools { results: Vec<ToolResult> },
    /// The answer was not acceptable; the model is told why and asked again.
    Correction { text: String },
    /// Something happened that the model is to know; nothing of its own was wrong.
    Note {
        text: String,
        /// Requests about which the customer is asked again when the turn ends.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        asks: Vec<ApprovalId>,
    },
    /// Newer messages (places of the lane) joined before the answer was given.
    More { from_seq: i64, to_seq: i64 },
    /// The turn ended with this text to the contact (empty = nothing to say).
    Finished {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gave_up: Option<GiveUp>,
    },
}

/// Why a turn ended without the model's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GiveUp {
    TooManySteps,
    TooManyCalls,
    Repeating,
    Budget,
    /// There is not enough credit, or a ceiling is reached.
    Credit,
    Deadline,
    ModelUnavailable,
    BadAnswers,
    UnbackedClaim,
    Crashing,
}

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Model calls in a turn.
    pub model_calls: u32,
    /// Tool calls in a turn.
    pub tool_calls: u32,
    /// The same tool with the same arguments.
    pub same_call: u32,
    /// Times the model is asked to correct itself.
    pub corrections: u32,
    /// Model tokens, input + output; 0 = no limit.
    pub tokens: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { model_calls: 12, tool_calls: 8, same_call: 2, corrections: 2, tokens: 0 }
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Command<'j> {
    CallModel,
    RunTools(&'j [ToolCall]),
    /// The model's last word; receipts are still to be checked.
    Answer(&'j str),
    GiveUp(GiveUp),
    Done,
}

impl Step {
    /// The calls that were approved earlier and are carried out in this turn.
    pub fn approved(calls: Vec<ToolCall>) -> Step {
        Step::Model {
            dialect: POLICY.to_owned(),
            model: POLICY.to_owned(),
            text: None,
            calls,
            usage: Usage::default(),
            finish: Finish::ToolCalls,
            raw: None,
        }
    }

    /// No model decided it.
    pub fn is_policy(&self) -> bool {
        matches!(self, Step::Model { dialect, .. } if dialect == POLICY)
    }
}

/// Used so far, for limits and the trace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub model_calls: u32,
    pub tool_calls: u32,
    pub corrections: u32,
    pub usage: Usage,
}

pub fn spent(journal: &[Step]) -> Spent {
    let mut s = Spent::default();
    for step in journal {
        match step {
            // What people said yes to is not the model's spending.
            policy if policy.is_policy() => {}
            Step::Model { calls, usage, .. } => {
                s.model_calls += 1;
                s.tool_calls += calls.len() as u32;
                s.usage.input += usage.input;
                s.usage.cached += usage.cached;
                s.usage.output += usage.output;
                if let Some(cost) = usage.cost_micros {
                    *s.usage.cost_micros.get_or_insert(0) += cost;
                }
            }
            Step::Correction { .. } => s.corrections += 1,
            Step::Tools { .. } | Step::Note { .. } | Step::More { .. } | Step::Finished { .. } => {}
        }
    }
    s
}

pub fn next<'j>(journal: &'j [Step], limits: &Limits) -> Command<'j> {
    let used = spent(journal);
    let may_call_model = || {
        if limits.tokens > 0 && used.usage.input + used.usage.output >= limits.tokens {
            return Command::GiveUp(GiveUp::Budget);
        }
        if used.model_calls >= limits.model_calls {
            return Command::GiveUp(GiveUp::TooManySteps);
        }
        Command::CallModel
    };
    match journal.last() {
        None => may_call_model(),
        Some(Step::Finished { .. }) => Command::Done,
        Some(Step::Tools { .. } | Step::Note { .. } | Step::More { .. }) => may_call_model(),
        Some(Step::Correction { .. }) if used.corrections > limits.corrections => Command::GiveUp(GiveUp::BadAnswers),
        Some(Step::Correction { .. }) => may_call_model(),
        Some(policy @ Step::Model { calls, .. }) if policy.is_policy() => Command::RunTools(calls),
        Some(Step::Model { calls, text, .. }) if calls.is_empty() => Command::Answer(text.as_deref().unwrap_or_default()),
        Some(Step::Model { .. }) if used.tool_calls > limits.tool_calls => Command::GiveUp(GiveUp::TooManyCalls),
        Some(Step::Model { calls, .. }) if calls.iter().any(|c| times_called(journal, c) > limits.same_call) => {
            Command::GiveUp(GiveUp::Repeating)
        }
        Some(Step::Model { calls, .. }) => Command::RunTools(calls),
    }
}

fn times_called(journal: &[Step], call: &ToolCall) -> u32 {
    journal
        .iter()
        .flat_map(|s| match s {
            Step::Model { calls, .. } if !s.is_policy() => calls.as_slice(),
            _ => &[],
        })
        .filter(|c| c.name == call.name && c.arguments == call.arguments)
        .count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(text: Option<&str>, calls: &[(&str, i64)]) -> Step {
        Step::Model {
            dialect: "scripted".into(),
            model: "m".into(),
            text: text.map(str::to_owned),
            calls: calls
                .iter()
                .enumerate()
                .map(|(i, (name, arg))| ToolCall {
                    id: format!("c{i}"),
                    name: (*name).to_owned(),
                    arguments: serde_json::json!({ "x": arg }),
                    broken: None,
                })
                .collect(),
            usage: Usage { input: 100, output: 10, ..Usage::default() },
            finish: Finish::Stop,
            raw: None,
        }
    }
    fn tools() -> Step {
        Step::Tools { results: Vec::new() }
    }
    fn correction() -> Step {
        Step::Correction { text: "again".into() }
    }

    #[test]
    fn the_journal_says_what_comes_next() {
        let limits = Limits::default();
        assert_eq!(next(&[], &limits), Command::CallModel);
        assert!(matches!(next(&[model(None, &[("a", 1)])], &limits), Command::RunTools(c) if c.len() == 1));
        assert_eq!(next(&[model(None, &[("a", 1)]), tools()], &limits), Command::CallModel);
        assert_eq!(next(&[model(Some("hi"), &[])], &limits), Command::Answer("hi"));
        assert_eq!(next(&[model(Some("hi"), &[]), Step::Finished { text: "hi".into(), gave_up: None }], &limits), Command::Done);
    }

    #[test]
    fn what_was_approved_is_carried_out_whatever_the_model_has_used_up() {
        let limits = Limits { model_calls: 1, tool_calls: 1, ..Limits::default() };
        let Step::Model { calls, .. } = model(None, &[("a", 1)]) else { unreachable!() };
        let used_up = [model(None, &[("a", 1)]), tools(), Step::approved(calls)];
        assert!(matches!(next(&used_up, &limits), Command::RunTools(c) if c.len() == 1));
        assert_eq!((spent(&used_up).model_calls, spent(&used_up).tool_calls), (1, 1));
        assert_eq!(next(&[Step::Note { text: "declined".into(), asks: Vec::new() }], &limits), Command::CallModel);
        let nothing = Limits { tool_calls: 0, same_call: 0, ..limits };
        assert!(matches!(next(&used_up, &nothing), Command::RunTools(c) if c.len() == 1));
        assert_eq!(next(&[Step::approved(Vec::new())], &nothing), Command::RunTools(&[]));
        // And it does not count among what the model repeats.
        let once = Limits { same_call: 1, ..Limits::default() };
        let asked_for_again = [used_up[2].clone(), tools(), model(None, &[("a", 1)])];
        assert!(matches!(next(&asked_for_again, &once), Command::RunTools(c) if c.len() == 1));
    }

    #[test]
    fn a_turn_may_use_all_that_it_is_allowed() {
        let calls = |n: i64| (0..n).map(|i| ("a", i)).collect::<Vec<_>>();
        assert!(matches!(next(&[model(None, &calls(8))], &Limits::default()), Command::RunTools(c) if c.len() == 8));
        let twice = [model(None, &[("a", 1)]), tools(), model(None, &[("a", 1)])];
        assert!(matches!(next(&twice, &Limits::default()), Command::RunTools(_)));
        let alike = [model(None, &[("a", 1)]), tools(), model(None, &[("a", 2)]), tools(), model(None, &[("a", 3), ("b", 3)])];
        assert!(matches!(next(&alike, &Limits::default()), Command::RunTools(_)));
        let corrected = [model(Some("x"), &[]), correction(), model(Some("x"), &[]), correction()];
        assert_eq!(next(&corrected, &Limits::default()), Command::CallModel);
        let just_enough = Limits { tokens: 111, ..Limits::default() };
        assert_eq!(next(&[model(None, &[("a", 1)]), tools()], &just_enough), Command::CallModel);
    }

    #[test]
    fn what_a_turn_spent_is_the_sum_of_what_its_model_was_asked() {
        let mut journal = vec![model(None, &[("a", 1), ("b", 2)]), tools(), correction(), model(None, &[("a", 1)])];
        for (step, cost) in [(0, Some(7)), (3, Some(5))] {
            if let Step::Model { usage, .. } = &mut journal[step] {
                *usage = Usage { input: 100, cached: 30, output: 10, cost_micros: cost };
            }
        }
        journal.push(Step::approved(Vec::new()));
        let usage = Usage { input: 200, cached: 60, output: 20, cost_micros: Some(12) };
        assert_eq!(spent(&journal), Spent { model_calls: 2, tool_calls: 3, corrections: 1, usage });
        assert_eq!(spent(&[model(None, &[])]).usage.cost_micros, None, "nobody said what it cost");
    }

    #[test]
    fn every_loop_ends() {
        let limits = Limits { model_calls: 3, ..Limits::default() };
        let looping = [model(None, &[("a", 1)]), tools(), model(None, &[("a", 2)]), tools(), model(None, &[("a", 3)]), tools()];
        assert_eq!(next(&looping, &limits), Command::GiveUp(GiveUp::TooManySteps));
        let same = [model(None, &[("a", 1)]), tools(), model(None, &[("a", 1)]), tools(), model(None, &[("a", 1)])];
        assert_eq!(next(&same, &limits), Command::GiveUp(GiveUp::Repeating));
        let many: Vec<_> = (0..9).map(|i| ("a", i)).collect();
        assert_eq!(next(&[model(None, &many)], &limits), Command::GiveUp(GiveUp::TooManyCalls));
        let dear = Limits { tokens: 110, ..limits };
        assert_eq!(next(&[model(None, &[("a", 1)]), tools()], &dear), Command::GiveUp(GiveUp::Budget));
        let wrong =
            [model(Some("x"), &[]), correction(), model(Some("x"), &[]), correction(), model(Some("x"), &[]), correction()];
        assert_eq!(next(&wrong, &Limits::default()), Command::GiveUp(GiveUp::BadAnswers));
    }
}
