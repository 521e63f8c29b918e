//! Values that follow from others when they are not set.

use std::path::Path;

use toml::Value;

use super::{problems::shown, settings::Listen, values::Values};

/// A port given by itself replaces the one of `server.listen`.
pub(super) fn join_port(values: &mut Values) {
    let Some((text, place)) = values.port.take() else { return };
    let Ok(port) = text.parse::<u16>() else {
        let what = format!("the port is {}", shown(&text));
        return values.refuse("server.listen", &place, what, "write a number from 0 to 65535".to_owned());
    };
    // An address that cannot be read is reported by its rule.
    if let Ok(listen) = Listen::try_from(values.text("server.listen").to_owned()) {
        values.set("server.listen", Value::from(Listen { port, ..listen }.to_string()), &place);
    }
}

/// After this, what the rest of the program needs is there.
pub(super) fn fill_in(values: &mut Values) {
    if values.text("database.url").is_empty() {
        let file = Path::new(values.text("data_dir")).join("frontdesk.db");
        values.replace("database.url", Value::from(format!("sqlite:{}", file.display())));
    }
    if values.text("models.default").is_empty() {
        let has_key = |vendor: &&'static str| !values.text(&format!("models.{vendor}.api_key")).is_empty();
        let chosen = ["openai", "gemini", "openrouter"].into_iter().find(has_key).unwrap_or("scripted");
        values.replace("models.default", Value::from(chosen));
    }
    let tracer = values.text("tracing.type").to_owned();
    if matches!(tracer.as_str(), "langfuse" | "otlp") {
        values.not_yet_used.push(format!("TRACER_TYPE={tracer}"));
        values.replace("tracing.type", Value::from("console"));
    }
}
