//! The rules against an office that plays the tools.

mod conversations;
mod first_messages;
mod requests;

use frontdesk_kernel::{
    ports::model::{CallLimits, Content, Finish, ModelRequest, ToolCall, Turn},
    tool::ToolSpec,
};
use serde_json::{Value, json};

use super::complete;

const TOOLS: [&str; 10] = [
    "business_info",
    "get_available_slots",
    "schedule_appointment",
    "my_appointments",
    "reschedule_appointment",
    "cancel_appointment",
    "update_contact",
    "handoff_to_human",
    "my_payments",
    "refund_payment",
];
const PRICES: &str = "• Corte de dama: $45,000 COP (45 min)\n• Corte de caballero: $30,000 COP (30 min)\n\
    • Manicure: $25,000 COP (40 min)\n• Tinte completo: $120,000 COP (120 min)";
const STAFF: &str = "• Laura Gómez: color\n• Sofía Mejía: uñas";

/// A Saturday.
fn prompt(language: &str, contact: &str) -> String {
    format!("You answer for a salon.\nNOW: 2026-11-21T10:05 Saturday America/Bogota\nLANGUAGE: {language}\nCONTACT: {contact}\n")
}

fn request(system: &str, turns: Vec<Turn>, tools: &[&str]) -> ModelRequest {
    let spec = |name: &&str| ToolSpec { name: (*name).to_owned(), description: String::new(), parameters: json!({}).into() };
    ModelRequest {
        model: "scripted".to_owned(),
        system: system.into(),
        turns,
        tools: tools.iter().map(spec).collect::<Vec<_>>().into(),
        temperature: None,
        max_output_tokens: None,
        limits: CallLimits::default(),
    }
}

fn user(text: &str) -> Turn {
    Turn::User(vec![Content::Text(text.to_owned())])
}

fn model(text: &str) -> Turn {
    Turn::Model { text: Some(text.to_owned()), calls: Vec::new(), raw: None, raw_dialect: None }
}

fn shown(call: &ToolCall) -> String {
    let arguments = call.arguments.as_object().unwrap();
    let arguments: Vec<String> =
        arguments.iter().map(|(k, v)| format!("{k}={}", v.as_str().map_or_else(|| v.to_string(), str::to_owned))).collect();
    format!("{} {}", call.name, arguments.join(" ")).trim().to_owned()
}

/// A conversation whose tools are played by `office`.
struct Chat<F: FnMut(&ToolCall) -> (String, bool)> {
    system: String,
    history: Vec<Turn>,
    tools: Vec<&'static str>,
    office: F,
}

impl<F: FnMut(&ToolCall) -> (String, bool)> Chat<F> {
    fn new(system: String, office: F) -> Self {
        Chat { system, history: Vec::new(), tools: TOOLS.to_vec(), office }
    }

    /// One turn: the calls it made and the answer. As in the store, only the answer stays in the history.
    fn say(&mut self, text: &str) -> (Vec<String>, String) {
        self.history.push(user(text));
        let mut turns = self.history.clone();
        let mut calls = Vec::new();
        for _ in 0..6 {
            let completion = complete(&request(&self.system, turns.clone(), &self.tools));
            assert!(completion.usage.input > 0 && completion.usage.output > 0);
            if let Some(answer) = completion.text {
                assert_eq!(completion.finish, Finish::Stop);
                self.history.push(model(&answer));
                return (calls, answer);
            }
            assert_eq!(completion.finish, Finish::ToolCalls);
            for call in &completion.calls {
                assert!(self.tools.contains(&call.name.as_str()), "called the missing tool {}", call.name);
                calls.push(shown(call));
            }
            turns.push(Turn::Model { text: None, calls: completion.calls.clone(), raw: None, raw_dialect: None });
            for call in completion.calls {
                let (result, failed) = (self.office)(&call);
                turns.push(Turn::Tool { call: call.id, name: call.name, result, failed });
            }
        }
        panic!("no answer to `{text}` after {calls:?}");
    }
}

/// Everything works.
fn office(call: &ToolCall) -> (String, bool) {
    let argument = |key: &str| call.arguments.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
    let text = match call.name.as_str() {
        "business_info" if call.arguments["topic"] == "services" => PRICES.to_owned(),
        "business_info" if call.arguments["topic"] == "staff" => STAFF.to_owned(),
        "business_info" => format!("[{}]", argument("topic")),
        "get_available_slots" => "📅 lunes 23 de noviembre:\n🕐 9:00 AM, 10:00 AM, 3:00 PM\n\n¿Cuál te gustaría?".to_owned(),
        "schedule_appointment" => format!("✅ {} {}", argument("service"), argument("start")),
        "my_appointments" => "📅 Manicure: viernes 27 de noviembre, 10:00 AM".to_owned(),
        "reschedule_appointment" => format!("✅ → {}", argument("new_start")),
        "cancel_appointment" => "✅ ✗".to_owned(),
        "update_contact" => format!("✅ {}", argument("name")),
        "handoff_to_human" => "🙋".to_owned(),
        "my_payments" => "• Tinte: $90,000 COP – sin pagar [pay_2]\n• Corte: lavado: $45,000.50 COP – pagado [pay_1]".to_owned(),
        "refund_payment" => format!("↩️ {}", argument("payment")),
        other => panic!("unknown tool {other}"),
    };
    (text, false)
}
