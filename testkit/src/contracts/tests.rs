use serde_json::json;

use super::*;

/// A case's body in the encoding of its content type.
fn encode(kind: &str, body: &Value) -> (String, Vec<u8>) {
    let mut pairs = Vec::new();
    flatten("", body, &mut pairs);
    match kind {
        "application/x-www-form-urlencoded" => {
            let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            (kind.to_owned(), text.into_bytes())
        }
        "multipart/form-data" => {
            let part = |(name, value): &(String, String)| {
                let file = if value == "<file>" { "; filename=\"a.ogg\"" } else { "" };
                format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
            };
            let text: String = pairs.iter().map(part).collect();
            (format!("{kind}; boundary=X"), format!("{text}--X--\r\n").into_bytes())
        }
        _ => (kind.to_owned(), body.to_string().into_bytes()),
    }
}

fn flatten(prefix: &str, value: &Value, out: &mut Vec<(String, String)>) {
    let name = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}[{key}]") };
    match value {
        Value::Object(object) => object.iter().for_each(|(key, v)| flatten(&name(key), v, out)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| flatten(&name(&i.to_string()), v, out)),
        Value::String(text) => out.push((prefix.to_owned(), text.clone())),
        other => out.push((prefix.to_owned(), other.to_string())),
    }
}

fn path_of(case: &Value) -> (String, String) {
    let (method, template) = case["op"].as_str().unwrap().split_once(' ').unwrap();
    let fill = |path: String, (name, value): (&String, &Value)| path.replace(&format!("{{{name}}}"), value.as_str().unwrap());
    (method.to_owned(), members(&case["path"]).fold(template.to_owned(), fill))
}

#[test]
fn every_collected_case_gets_the_right_verdict() {
    let Some(contracts) = Contracts::load() else { return };
    let cases = contracts.read("validate/rust-check/cases.json");
    let cases = cases.as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let vendor = contracts.vendor(case["vendor"].as_str().unwrap());
        let (method, path) = path_of(case);
        let (kind, body) = encode(case["ct"].as_str().unwrap(), &case["body"]);
        let mut query = Vec::new();
        flatten("", &case["query"], &mut query);
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&query).finish();
        let verdict = vendor.check_request(&method, &path, &query, Some(&kind), &body);
        if verdict.is_ok() != case["ok"].as_bool().unwrap() {
            wrong.push(format!("{} {}: {verdict:?}", case["vendor"], case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(cases.len() >= 70 && cases.iter().any(|c| c["ok"] == false), "{} cases", cases.len());
}

#[test]
fn every_operation_of_the_fakes_refuses_a_wrong_request() {
    let Some(contracts) = Contracts::load() else { return };
    let json = Some("application/json");
    type Wrong<'a> = (&'a str, &'a str, &'a str, &'a str, Option<&'a str>, &'a [u8]);
    let wrong: &[Wrong<'_>] = &[
        (
            "whatsapp",
            "POST",
            "/v23.0/1/messages",
            "",
            json,
            br#"{"messaging_product":"whatsapp","to":"1","type":"text","text":{"boddy":"x"}}"#,
        ),
        (
            "whatsapp",
            "POST",
            "/v23.0/1/messages",
            "",
            json,
            br#"{"messaging_product":"whatsapp","status":"seen","message_id":"x"}"#,
        ),
        ("whatsapp", "POST", "/v23.0/1/messages", "", json, b"{"),
        ("whatsapp", "POST", "/v23.0/1/messages", "", json, b""),
        (
            "whatsapp",
            "POST",
            "/v23.0/1/messages",
            "draft=1",
            json,
            br#"{"messaging_product":"whatsapp","to":"1","type":"text","text":{"body":"x"}}"#,
        ),
        ("whatsapp", "POST", "/v23.0/1/messages", "", Some("text/plain"), b"hi"),
        ("whatsapp", "POST", "/v23.0/1/media", "", Some("image/png"), b"png"),
        ("whatsapp", "GET", "/v23.0/1", "feilds=id", None, b""),
        ("whatsapp", "POST", "/v23.0/1/mesages", "", json, b"{}"),
        (
            "openai",
            "POST",
            "/v1/chat/completions",
            "",
            json,
            br#"{"model":"m","messages":[{"role":"user","content":"x"}],"temprature":1}"#,
        ),
        ("openai", "POST", "/v1/chat/completions", "", json, br#"{"messages":[]}"#),
        ("openai", "POST", "/v1/audio/transcriptions", "", Some("multipart/form-data; boundary=X"), b"--X--"),
        ("openai", "GET", "/v1/models", "limit=1", None, b""),
        ("gemini", "POST", "/v1beta/models/g:generateContent", "", json, br#"{"contents":"x"}"#),
        ("gemini", "POST", "/v1beta/models/g:streamGenerateContent", "alt=sse", json, br#"{"contents":[],"temperature":1}"#),
        ("gemini", "POST", "/v1beta/models/g:generate", "", json, br#"{"contents":[]}"#),
        ("gemini", "GET", "/v1beta/models/g", "page=1", None, b""),
    ];
    for (vendor, method, path, query, kind, body) in wrong {
        let verdict = contracts.vendor(vendor).check_request(method, path, query, *kind, body);
        assert!(verdict.is_err(), "{vendor} {method} {path} {} was accepted", String::from_utf8_lossy(body));
    }
}

#[test]
fn a_wrong_reply_and_a_wrong_webhook_are_refused() {
    let Some(contracts) = Contracts::load() else { return };
    let openai = contracts.vendor("openai");
    let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []});
    assert_eq!(openai.check_event("POST", "/v1/chat/completions", &chunk), Ok(()));
    assert!(openai.check_response("POST", "/v1/chat/completions", 200, &chunk).is_err());
    assert!(openai.check_response("POST", "/v1/chat/completions", 202, &chunk).is_err());
    assert_eq!(openai.check_response("POST", "/v1/chat/completions", 503, &json!("anything")), Ok(()));
    let whatsapp = contracts.vendor("whatsapp");
    assert!(whatsapp.check_webhook(&json!({"object": "x"})).is_err());
    assert!(whatsapp.check_response("POST", "/v23.0/1/messages", 200, &json!(["x"])).is_err());
    assert!(whatsapp.check_response("POST", "/v23.0/1/media", 200, &json!({"id": 7})).is_err());
    assert!(contracts.vendor("stripe").check_webhook(&json!({})).is_err());
}

#[test]
fn meta_s_own_examples_are_accepted_in_both_directions() {
    let Some(contracts) = Contracts::load() else { return };
    let whatsapp = contracts.vendor("whatsapp");
    let examples = |folder: &str| -> Vec<(String, Value)> {
        let folder = format!("examples/whatsapp/{folder}");
        let names = fs::read_dir(contracts.root().join(&folder)).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        names.map(|n| (n.clone(), contracts.read(&format!("{folder}/{n}")))).collect()
    };
    let webhooks = examples("webhook-official");
    assert!(webhooks.len() >= 16);
    for (name, body) in webhooks {
        assert_eq!(whatsapp.check_webhook(&body), Ok(()), "{name}");
    }
    let replies = examples("send-response-official");
    assert!(replies.len() >= 8);
    for (name, body) in replies {
        assert_eq!(whatsapp.check_response("POST", "/v23.0/1/messages", 200, &body), Ok(()), "{name}");
    }
}

#[test]
fn a_refusal_names_the_member() {
    let Some(contracts) = Contracts::load() else { return };
    let body = br#"{"messaging_product":"whatsapp","to":"1","type":"text","text":{"boddy":"x"}}"#;
    let refusal =
        contracts.vendor("whatsapp").check_request("POST", "/v23.0/1/messages", "", Some("application/json"), body).unwrap_err();
    assert!(refusal.contains("/text") && refusal.contains("boddy"), "{refusal}");
}

#[test]
fn a_template_means_what_its_path_regex_says() {
    let Some(contracts) = Contracts::load() else { return };
    for vendor in ["whatsapp", "openai", "gemini", "stripe", "twilio"] {
        let bundle = contracts.read(&format!("bundles/{vendor}.json"));
        for (name, data) in members(&bundle["operations"]) {
            let operation = Operation::new(name, data);
            let regex = data["path_regex"].as_str().unwrap().trim_start_matches('^').trim_end_matches('$').replace('\\', "");
            let filled = regex.replace("([^/]+?)", "value");
            let found = operation.matches(&filled).unwrap_or_else(|| panic!("{name} does not match {filled}"));
            let names: Vec<_> = data["path_params"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
            assert!(found.values().all(|v| v == "value") && names.iter().all(|n| found.contains_key(*n)), "{name}: {found:?}");
            assert!(operation.matches(&format!("{filled}/more")).is_none() && operation.matches("/").is_none(), "{name}");
        }
    }
}

#[test]
fn absent_data_are_said_loudly_and_fail_in_ci() {
    let empty = tempfile::tempdir().unwrap();
    let line = open(empty.path().to_owned()).err().unwrap();
    assert!(line.contains("SKIPPED"), "{line}");
    assert!(std::panic::catch_unwind(|| skip(&line, true)).is_err());
}
