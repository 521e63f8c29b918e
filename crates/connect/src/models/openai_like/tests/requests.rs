//! What is sent, against the vendor's own specification.

use super::*;

#[tokio::test]
async fn requests_fit_the_vendors_own_contract() {
    const OPERATION: &str = "POST /chat/completions";
    let body = sent("openai", history()).await;
    let mut no_messages = body.clone();
    no_messages["messages"] = json!([]);
    let mut misspelt = body.clone();
    misspelt["temprature"] = json!(1);
    let mut object_arguments = body.clone();
    object_arguments["messages"][2]["tool_calls"][0]["function"]["arguments"] = json!({});
    assert_accepted("openai", OPERATION, &body, &[no_messages.clone(), misspelt.clone(), object_arguments]);

    let body = sent("openrouter", history()).await;
    no_messages["messages"] = json!([]);
    assert_accepted("openrouter", OPERATION, &body, &[no_messages, misspelt]);
}

#[tokio::test]
async fn the_history_is_told_in_the_vendors_words() {
    let body = sent("openai", history()).await;
    assert_eq!(body["model"], "some-model");
    assert_eq!(body["stream"], true);
    assert_eq!(body["stream_options"], json!({ "include_usage": true }));
    assert_eq!(body["max_completion_tokens"], 800);
    assert_eq!(body["temperature"].to_string(), "0.2");
    assert_eq!(body["tools"][0]["function"]["name"], "find_slots");
    let messages = body["messages"].as_array().unwrap();
    let roles: Vec<_> = messages.iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "tool", "tool", "assistant", "user", "assistant", "user"]);
    assert_eq!(messages[1]["content"], "a \"quoted\" day, señor");
    assert_eq!(messages[2]["content"], Value::Null);
    let arguments: Vec<_> =
        messages[2]["tool_calls"].as_array().unwrap().iter().map(|c| c["function"]["arguments"].as_str().unwrap()).collect();
    assert_eq!(arguments, [r#"{"day":"2026-12-01"}"#, r#"{"day":"2026-12-02"}"#, "{}"]);
    assert_eq!(messages[4], json!({ "role": "tool", "tool_call_id": "call_2", "content": "closed" }));
    assert_eq!(messages[6], json!({ "role": "assistant", "content": "At nine?" }));
    assert_eq!(
        messages[7]["content"][1],
        json!({ "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw==" } })
    );
    assert_eq!((&messages[8]["content"], &messages[9]["content"]), (&json!(""), &json!("")));
}

#[tokio::test]
async fn each_vendor_gets_what_it_takes() {
    let body = sent("mistral", history()).await;
    assert!(body.get("stream_options").is_none() && body.get("max_completion_tokens").is_none());
    assert_eq!(body["max_tokens"], 800);
    let asked = body["messages"][2]["tool_calls"][0]["id"].as_str().unwrap();
    assert!(asked.len() == 9 && asked.bytes().all(|b| b.is_ascii_alphanumeric()), "{asked}");
    assert_eq!(body["messages"][3]["tool_call_id"], asked);
    assert_ne!(body["messages"][4]["tool_call_id"], asked);

    let body = sent("deepseek", history()).await;
    assert_eq!(body["messages"][7]["content"][1]["type"], "text");
    assert_eq!(sent("somebody-new", history()).await["max_tokens"], 800);
}

#[tokio::test]
async fn the_account_is_named_in_headers_and_limits_are_handed_on() {
    let fake = Fake::answering([stream(&[text("ok"), finish("stop")])]);
    let account = Endpoint {
        base_url: "https://vendor.example/v1/".to_owned(),
        organization: Some("org-1".to_owned()),
        project: Some("proj-1".to_owned()),
        ..endpoint("openai")
    };
    let mut asked = request(vec![user("hi")]);
    asked.limits = CallLimits {
        first_token: Duration::from_secs(30),
        gap: Duration::from_secs(7),
        total: Duration::from_secs(60),
        max_answer_bytes: 1000,
    };
    OpenAiLike.complete(&fake, &account, &asked, &mut NoSink).await.unwrap();
    let seen = &fake.seen()[0];
    assert_eq!((seen.method, seen.url.as_str()), (Method::Post, "https://vendor.example/v1/chat/completions"));
    assert!(matches!(&seen.auth, Auth::Bearer(key) if key.reveal() == "sk-test-key"));
    assert!(seen.headers.contains(&("openai-organization", "org-1".to_owned())));
    assert!(seen.headers.contains(&("openai-project", "proj-1".to_owned())));
    assert_eq!((seen.timeout, seen.gap, seen.max_bytes), (Duration::from_secs(60), Duration::from_secs(30), 16_000));
}

#[tokio::test]
async fn a_key_is_needed_where_the_vendor_needs_one() {
    for key in [None, Some(Secret::new(""))] {
        let fake = Fake::default();
        let nobody = Endpoint { key: key.clone(), ..endpoint("openai") };
        let error = OpenAiLike.complete(&fake, &nobody, &request(vec![user("hi")]), &mut NoSink).await.unwrap_err();
        assert_eq!((error.kind, error.retry), (ErrorKind::Unauthorized, Retry::Never));
        assert!(fake.seen().is_empty());

        let fake = Fake::answering([stream(&[text("ok"), finish("stop")])]);
        let local = Endpoint { key, ..endpoint("ollama") };
        OpenAiLike.complete(&fake, &local, &request(vec![user("hi")]), &mut NoSink).await.unwrap();
        assert!(matches!(fake.seen()[0].auth, Auth::None));
    }
}
