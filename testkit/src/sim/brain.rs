//! A model that does what the customer's words ask for, names every message that it answers, and sometimes is a fool.

use std::sync::Arc;

use frontdesk_kernel::ports::http::Response;
use serde_json::{Value, json};

use super::{node::Life, wire::answered, world::World};
use crate::marks::all_marked;

/// Begins what is told about a message: `ref:t12`.
pub(super) const REF: &str = "ref:";
/// Words of a customer that ask for something to be done, with the tool that does it.
pub(super) const WISHES: [(&str, &str); 5] = [
    ("book:", "schedule_appointment"),
    ("pay:", "charge"),
    ("order:", "order"),
    ("refund:", "refund"),
    ("person:", "handoff_to_human"),
];
/// The claim that must never go out without its effect.
pub(super) const CLAIM: &str = "está agendada";

/// What is being asked, out of the request's messages.
#[derive(Default)]
struct Asked {
    /// What was said since our last word.
    words: String,
    /// Results of the calls that were just made.
    results: Vec<String>,
    calls: usize,
    corrected: bool,
}

pub(super) fn answer(world: &World, life: &Arc<Life>, request: &Value) -> Response {
    let (dice, climate) = (&world.dice, world.climate());
    let asked = read(request);
    let refs = all_marked(&asked.words, REF);
    let foolish = dice.chance(climate.foolish);
    let (text, calls) = match (foolish, dice.within(0..9)) {
        (true, 0) => (Some(format!("¡Listo! Tu cita quedó agendada, {CLAIM}. {}", named(&refs))), Vec::new()),
        (true, 1) => (None, vec![("no_such_tool".to_owned(), "{}".to_owned())]),
        (true, 2) => (None, vec![("schedule_appointment".to_owned(), r#"{"start": 7, "staff": ["#.to_owned())]),
        (true, 3) => (None, vec![("schedule_appointment".to_owned(), r#"{"start": "mañana", "contact": "x"}"#.to_owned())]),
        (true, 4) => (Some(String::new()), Vec::new()),
        (true, 5) => (None, again(request)),
        (true, 6) => {
            (None, vec![("list_my_appointments".to_owned(), "{}".to_owned()), ("business_info".to_owned(), "{}".to_owned())])
        }
        (true, 7) => (Some(format!("x{}", "y".repeat(dice.within(0..9000) as usize))), Vec::new()),
        _ => plainly(&asked, &refs),
    };
    let said: Vec<&str> = calls.iter().map(|(name, _)| name.as_str()).collect();
    world.note(format_args!(
        "{life} model: {} -> {:?} {said:?}",
        refs.join(" "),
        text.as_deref().map(|t| t.get(..60).unwrap_or(t))
    ));
    let number = dice.throw() % 1_000_000;
    let calls: Vec<Value> = calls
        .iter()
        .enumerate()
        .map(|(i, (name, arguments))| json!({"id": format!("call_{number}_{i}"), "type": "function", "function": {"name": name, "arguments": arguments}}))
        .collect();
    let finish = if calls.is_empty() { "stop" } else { "tool_calls" };
    let mut message = json!({"role": "assistant", "content": text});
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    let usage = json!({"prompt_tokens": dice.within(200..2000), "completion_tokens": dice.within(5..200)});
    answered(
        200,
        &json!({
            "id": format!("chatcmpl-{number}"), "object": "chat.completion", "created": 1, "model": "gpt-sim",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage,
        }),
    )
}

/// What a good model does.
fn plainly(asked: &Asked, refs: &[&str]) -> (Option<String>, Vec<(String, String)>) {
    if asked.results.is_empty() && !asked.corrected && asked.calls == 0 {
        let calls = wishes(&asked.words);
        if !calls.is_empty() {
            return (None, calls);
        }
    }
    let booked = asked.results.iter().any(|r| r.contains(CLAIM));
    let outcome = if booked { format!("Tu cita {CLAIM}.") } else { "Aquí estoy.".to_owned() };
    (Some(format!("{outcome} {}", named(refs))), Vec::new())
}

fn named(refs: &[&str]) -> String {
    refs.iter().map(|r| format!("{REF}{r} ")).collect()
}

/// `ref:t12 book:2026-11-23T10-00`: at most three of them, as calls.
fn wishes(words: &str) -> Vec<(String, String)> {
    let mut calls = Vec::new();
    for piece in words.split(REF).skip(1) {
        let token = piece.split_whitespace().next().unwrap_or_default();
        for (mark, tool) in WISHES {
            let Some(value) = crate::marks::marked(piece, mark) else { continue };
            let arguments = match tool {
                // A mark has no colon in it.
                "schedule_appointment" => {
                    let (day, time) = value.split_at(value.len().min(10));
                    json!({"start": format!("{day}T{}", time.trim_start_matches('T').replace('-', ":")), "service": "Manicure", "notes": format!("for:{token}")})
                }
                "handoff_to_human" => json!({"reason": format!("for:{token}")}),
                _ => json!({"amount": value.parse::<i64>().unwrap_or(1), "what": format!("for:{token}")}),
            };
            calls.push((tool.to_owned(), arguments.to_string()));
        }
    }
    calls.truncate(3);
    calls
}

/// The last calls once more.
fn again(request: &Value) -> Vec<(String, String)> {
    let messages = request["messages"].as_array().into_iter().flatten().rev();
    let last = messages.filter_map(|m| m["tool_calls"].as_array()).next();
    let text = |call: &Value, member: &str| call["function"][member].as_str().unwrap_or_default().to_owned();
    let calls: Vec<_> = last.into_iter().flatten().map(|c| (text(c, "name"), text(c, "arguments"))).collect();
    if calls.is_empty() { vec![("business_info".to_owned(), "{}".to_owned())] } else { calls }
}

/// Backwards from the end to our last word that was said.
fn read(request: &Value) -> Asked {
    let mut asked = Asked::default();
    let mut words = Vec::new();
    let mut excused = false;
    for message in request["messages"].as_array().into_iter().flatten().rev() {
        let text = content(message);
        match message["role"].as_str().unwrap_or_default() {
            "tool" => {
                asked.calls += 1;
                asked.results.push(text);
            }
            "assistant" if message["tool_calls"].is_array() || excused => excused = false,
            "assistant" => break,
            "user" => {
                // What is corrected was never sent: the question before it is still open.
                excused = text.contains("[system] Your last answer was not sent");
                asked.corrected |= excused;
                words.push(text);
            }
            _ => break,
        }
    }
    words.reverse();
    asked.words = words.join("\n");
    asked
}

fn content(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        parts => {
            let texts = parts.as_array().into_iter().flatten().filter_map(|p| p["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
    }
}
