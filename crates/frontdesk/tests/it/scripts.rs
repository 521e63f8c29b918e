//! Programs in prompts, run by the real server in its own process for them.

use serde_json::{Value, json};

use crate::program::Installation;

fn key(on: &Installation) -> String {
    let made = on.json(&["key", "create", "--data-dir", "data", "--tenant", "tnt_demo", "--name", "tests", "--scopes", "*"]);
    made["key"].as_str().unwrap().to_owned()
}

fn preview(on: &Installation, key: &str, prompt: &str) -> Value {
    let (status, body) = on.post("/api/v1/agents/preview", key, &json!({ "prompt": prompt }).to_string());
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn a_program_puts_its_value_into_the_prompt_and_a_wrong_one_is_said_with_its_line() {
    let on = Installation::demo(&[]);
    let key = key(&on);
    let made = preview(
        &on,
        &key,
        "You are {{ js: agent_name.toUpperCase() }}.\n{{ js: services.length > 0 ? 'open' : '{{ business.name }}' }}",
    );
    assert_eq!((&made["problems"], made["own"].as_str()), (&json!([]), Some("You are SOFÍA.\nopen")));

    let broken = preview(&on, &key, "Hello.\n{{ js:\n  nothing.here }}");
    assert_eq!((broken["own"].as_str(), &broken["problems"][0]["line"]), (Some("Hello."), &json!(3)), "{broken}");

    // The engine does not notice that this one never ends: its process is killed, and the next one has another.
    let endless = preview(&on, &key, "Hello {{ js: new Array(2 ** 32 - 1).join('') }}");
    assert_eq!(endless["problems"].as_array().map(Vec::len), Some(1), "{endless}");
    assert_eq!(preview(&on, &key, "{{ js: 6 * 7 }}")["own"], json!("42"));

    let agent = json!({ "name": "Night", "spec": { "prompt": "Hi {{ js: contact. }}" } });
    let (status, body) = on.post("/api/v1/agents", &key, &agent.to_string());
    assert!(status == 422 && body.contains("spec.prompt") && body.contains("line 1"), "{status} {body}");
}
