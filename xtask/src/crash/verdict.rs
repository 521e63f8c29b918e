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
}
