//! What the audit found, as a table.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    rig::{Fakes, Programs},
    shell,
};

pub(super) struct Verdict {
    facts: BTreeMap<String, Value>,
    pub(super) problems: Vec<String>,
}

impl Verdict {
    pub(super) fn of(programs: &Programs, database: &str, plan: &Path, fakes: &Fakes) -> Result<Verdict> {
        let mut audit = programs.command("audit");
        audit.args(["--database", database]).arg("--plan").arg(plan);
        audit.arg("--sent").arg(&fakes.sent).arg("--served").arg(&fakes.served);
        let text = shell::read(&mut audit)?;
        let found: Value = serde_json::from_str(&text).with_context(|| format!("the audit said {text:?}"))?;
        let facts = found["facts"].as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
        let problems = found["problems"].as_array().into_iter().flatten().filter_map(|p| p.as_str().map(str::to_owned)).collect();
        Ok(Verdict { facts, problems })
    }

    /// A run that did not come to its end.
    pub(super) fn failed(why: String) -> Verdict {
        Verdict { facts: BTreeMap::new(), problems: vec![why] }
    }

    /// What several came to. Facts that are no numbers are not added up.
    pub(super) fn sum(all: Vec<Verdict>) -> Verdict {
        let mut sum = Verdict { facts: BTreeMap::new(), problems: Vec::new() };
        let alone = all.len() == 1;
        for verdict in all {
            sum.problems.extend(verdict.problems);
            for (name, value) in verdict.facts {
                match sum.facts.get_mut(&name) {
                    Some(known) => add(known, value),
                    None if alone || !value.is_string() => drop(sum.facts.insert(name, value)),
                    None => {}
                }
            }
        }
        sum
    }

    pub(super) fn fact(&mut self, name: &str, value: impl Into<Value>) {
        self.facts.insert(name.to_owned(), value.into());
    }
    pub(super) fn problem(&mut self, text: String) {
        self.problems.push(text);
    }
    pub(super) fn get(&self, name: &str) -> String {
        self.facts.get(name).map(shown).unwrap_or_default()
    }
    pub(super) fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn table(&self, title: &str) -> String {
        let mut text = format!("{title}: {}\n", if self.is_good() { "every promise kept" } else { "BROKEN" });
        for (name, value) in &self.facts {
            text.push_str(&format!("  {name:<32} {}\n", shown(value)));
        }
        for problem in &self.problems {
            text.push_str(&format!("  ! {problem}\n"));
        }
        text
    }
}

fn add(to: &mut Value, more: Value) {
    match (to, more) {
        (Value::Object(members), Value::Object(more)) => {
            for (name, value) in more {
                add(members.entry(name).or_insert(Value::from(0)), value);
            }
        }
        (to, more) => {
            if let (Some(a), Some(b)) = (to.as_i64(), more.as_i64()) {
                *to = Value::from(a + b);
            }
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) => members.iter().map(|(name, value)| format!("{value} {name}")).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_problem_breaks_the_verdict_and_stands_in_the_table() {
        let facts = BTreeMap::from([("sends by state".to_owned(), json!({"succeeded": 3, "review": 1}))]);
        let mut verdict = Verdict { facts, problems: Vec::new() };
        assert!(verdict.is_good() && verdict.table("SQLite").starts_with("SQLite: every promise kept"));
        verdict.problem("c1-m2 was never answered".to_owned());
        let table = verdict.table("SQLite");
        assert!(!verdict.is_good() && table.contains("BROKEN") && table.contains("! c1-m2 was never answered"), "{table}");
        assert_eq!(verdict.get("sends by state"), "1 review, 3 succeeded");
    }

    #[test]
    fn numbers_of_several_runs_are_added_and_no_problem_is_lost() {
        let run = |kills: i64, states: Value, problem: Option<&str>| {
            let facts = BTreeMap::from([
                ("kills".to_owned(), json!(kills)),
                ("states".to_owned(), states),
                ("used".to_owned(), json!("1 = 1")),
            ]);
            Verdict { facts, problems: problem.map(str::to_owned).into_iter().collect() }
        };
        let runs = vec![
            run(3, json!({"done": 2}), None),
            run(4, json!({"done": 1, "dead": 5}), Some("lost")),
            Verdict::failed("stuck".into()),
        ];
        let sum = Verdict::sum(runs);
        assert_eq!([sum.get("kills"), sum.get("states"), sum.get("used")], ["7", "5 dead, 3 done", ""]);
        assert_eq!(sum.problems, ["lost", "stuck"]);
        assert_eq!(Verdict::sum(vec![run(3, json!({}), None)]).get("used"), "1 = 1");
    }
}
