//! What a fake model says: queued replies first, then its brain.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use super::journal::lock;

/// A tool call of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub name: String,
    pub arguments: Value,
}

/// What the model answers: words, tool calls, or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    pub text: Option<String>,
    pub calls: Vec<Call>,
}

impl Reply {
    pub fn text(text: impl Into<String>) -> Reply {
        Reply { text: Some(text.into()), calls: Vec::new() }
    }
    pub fn call(name: impl Into<String>, arguments: Value) -> Reply {
        Reply::default().and_call(name, arguments)
    }
    /// A further call in parallel.
    pub fn and_call(mut self, name: impl Into<String>, arguments: Value) -> Reply {
        self.calls.push(Call { name: name.into(), arguments });
        self
    }
    pub fn and_text(mut self, text: impl Into<String>) -> Reply {
        self.text = Some(text.into());
        self
    }
}

/// The last entry of a request's conversation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Last {
    User(String),
    /// A tool's result, and what the person had asked for followed by the arguments of the call.
    Tool {
        result: String,
        asked: String,
    },
}

type Brain = Arc<dyn Fn(&Value) -> Reply + Send + Sync>;

#[derive(Default)]
pub(super) struct Script {
    queue: Mutex<VecDeque<Reply>>,
    brain: Mutex<Option<Brain>>,
}

impl Script {
    pub(super) fn push(&self, reply: Reply) {
        lock(&self.queue).push_back(reply);
    }
    pub(super) fn brain(&self, brain: Brain) {
        *lock(&self.brain) = Some(brain);
    }
    pub(super) fn waiting(&self) -> usize {
        lock(&self.queue).len()
    }
    pub(super) fn next(&self, request: &Value, last: impl FnOnce() -> Last) -> Reply {
        if let Some(reply) = lock(&self.queue).pop_front() {
            return reply;
        }
        let brain = lock(&self.brain).clone();
        brain.map_or_else(|| receptionist(last()), |brain| brain(request))
    }
}

/// The built-in brain. `book:<local start>` (and `service:<name>`) books; `task:`, `pay:` and `offer:<token>` call what the business of a
/// crash run has rules about, `ring:`, `till:` and `shop:<token>` what it does at once, with `for:<token>` among the arguments. The result of a
/// tool is reported with the `ref:<token>` of what was asked; where nobody asked just now, the `for:<token>` of the call is told as
/// `out:<token>`. The rest is echoed.
fn receptionist(last: Last) -> Reply {
    let text = match last {
        Last::Tool { result, asked } => {
            let mark = order(&asked, "ref:").map(|token| format!(" ref:{token}"));
            let mark = mark.or_else(|| order(&asked, "for:").map(|token| format!(" out:{token}"))).unwrap_or_default();
            return Reply::text(format!("done: {}{mark}", result.chars().take(60).collect::<String>()));
        }
        Last::User(text) => text,
    };
    for (mark, tool, argument) in [
        ("task:", "create_task", "title"),
        ("pay:", "pay_back", "order"),
        ("offer:", "notify_team", "message"),
        ("ring:", "ring_bell", "door"),
    ] {
        if let Some(token) = order(&text, mark) {
            return Reply::call(tool, json!({ argument: format!("please for:{token}") }));
        }
    }
    if let Some(token) = order(&text, "till:") {
        return Reply::call("payment_link", json!({ "amount_minor": 5_000_000, "description": format!("please for:{token}") }));
    }
    if let Some(token) = order(&text, "shop:") {
        return Reply::call("shop__find_order", json!({ "number": format!("please for:{token}") }));
    }
    let Some(start) = order(&text, "book:") else {
        return match order(&text, "for:") {
            Some(token) if !text.contains("ref:") => Reply::text(format!("echo: out:{token}")),
            _ => Reply::text(format!("echo: {text}")),
        };
    };
    let mut arguments = json!({ "start": start });
    if let Some(service) = order(&text, "service:") {
        arguments["service"] = service.into();
    }
    Reply::call("schedule_appointment", arguments)
}

/// The word that follows a mark.
fn order(text: &str, mark: &str) -> Option<String> {
    let value = text.split_once(mark)?.1.split_whitespace().next()?;
    Some(value.trim_end_matches([',', ';', '"', '}', '»']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_brain_books_reports_and_echoes() {
        let user = |text: &str| receptionist(Last::User(text.to_owned()));
        assert_eq!(user("hola"), Reply::text("echo: hola"));
        assert_eq!(
            user("please book:2026-11-24T10:00:00 thanks"),
            Reply::call("schedule_appointment", json!({"start": "2026-11-24T10:00:00"}))
        );
        assert_eq!(
            user("book:2026-11-24T10:00 service:Corte"),
            Reply::call("schedule_appointment", json!({"start": "2026-11-24T10:00", "service": "Corte"}))
        );
        for (text, tool, argument) in [
            ("ref:a task:a", "create_task", "title"),
            ("pay:a", "pay_back", "order"),
            ("offer:a", "notify_team", "message"),
            ("ref:a ring:a", "ring_bell", "door"),
        ] {
            assert_eq!(user(text), Reply::call(tool, json!({ argument: "please for:a" })));
        }
        assert_eq!(user("ref:a shop:a"), Reply::call("shop__find_order", json!({ "number": "please for:a" })));
        assert_eq!(user("ref:a till:a").calls[0].name, "payment_link");
        assert_eq!(user("Decision: no. They say: «for:a»"), Reply::text("echo: out:a"));
        let told = |asked: &str| receptionist(Last::Tool { result: "é".repeat(80), asked: asked.to_owned() });
        assert_eq!(told("book:x"), Reply::text(format!("done: {}", "é".repeat(60))));
        assert_eq!(told("sí {\"title\":\"please for:a\"}"), Reply::text(format!("done: {} out:a", "é".repeat(60))));
        assert_eq!(told("ref:c1-m2 book:x"), Reply::text(format!("done: {} ref:c1-m2", "é".repeat(60))));
    }

    #[test]
    fn queued_replies_come_before_the_brain() {
        let script = Script::default();
        script.brain(Arc::new(|request| Reply::text(request["x"].to_string())));
        script.push(Reply::text("first"));
        let next = || script.next(&json!({"x": 7}), || Last::User(String::new()));
        assert_eq!([next(), next()], [Reply::text("first"), Reply::text("7")]);
    }
}
