//! What models answer, in order and out of it.

use super::*;

#[tokio::test]
async fn a_streamed_answer_is_said_while_it_is_written() {
    let usage = json!({ "choices": [], "usage": { "prompt_tokens": 120, "completion_tokens": 9, "cost": 0.0012345,
        "prompt_tokens_details": { "cached_tokens": 64 } } });
    let first =
        json!({ "model": "m-1", "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "", "refusal": null } }] });
    let other = json!({ "choices": [{ "index": 1, "delta": { "content": "NO" } }] });
    let data = [
        first.to_string(),
        text("¡Hola, "),
        other.to_string(),
        text("señor 🗓️!"),
        finish("stop"),
        usage.to_string(),
        "[DONE]".into(),
    ];
    let (completion, said) = ask("openrouter", stream(&data)).await.unwrap();
    assert_eq!(said, "¡Hola, señor 🗓️!");
    assert_eq!(
        completion,
        Completion {
            text: Some(said),
            calls: vec![],
            usage: Usage { input: 120, cached: 64, output: 9, cost_micros: Some(1235) },
            finish: Finish::Stop,
            model: "m-1".to_owned(),
            raw: None,
        }
    );
}

#[tokio::test]
async fn an_answer_in_one_piece_is_taken_too() {
    let body = json!({ "id": "x", "object": "chat.completion", "model": "m-2", "choices": [{ "index": 0, "finish_reason": "tool_calls",
        "message": { "role": "assistant", "content": [{ "type": "thinking", "thinking": [] }, { "type": "text", "text": "One moment." }],
            "tool_calls": [{ "id": "a1", "type": "function", "function": { "name": "find_slots", "arguments": { "day": "x" } } }] } }],
        "usage": { "prompt_tokens": 3.0, "completion_tokens": -1, "prompt_cache_hit_tokens": 2, "prompt_tokens_details": null } });
    let (completion, said) = ask("ollama", Reply::json(200, &body)).await.unwrap();
    assert_eq!((said.as_str(), completion.text.as_deref()), ("One moment.", Some("One moment.")));
    assert_eq!(completion.finish, Finish::ToolCalls);
    assert_eq!(completion.calls[0].arguments, json!({ "day": "x" }));
    assert_eq!(completion.usage, Usage { input: 3, cached: 2, output: 0, cost_micros: None });
}

#[tokio::test]
async fn tool_calls_are_put_together_whatever_the_server_does_with_ids_and_pieces() {
    let piece = |index: Value, id: Value, name: Value, arguments: Value| json!({ "index": index, "id": id, "type": "function", "function": { "name": name, "arguments": arguments } });
    let (x, y) = (r#"{"day":"x"}"#, r#"{"day":"y"}"#);
    let null = Value::Null;
    type Expected = &'static [(&'static str, &'static str, &'static str)];
    let cases: Vec<(&str, Vec<Value>, Expected)> = vec![
        (
            "two calls, their pieces mixed",
            vec![
                json!([piece(json!(0), json!("a"), json!("f"), json!(""))]),
                json!([piece(json!(1), json!("b"), json!("g"), json!("{\"day\""))]),
                json!([piece(json!(0), null.clone(), null.clone(), json!("{\"day\":"))]),
                json!([
                    piece(json!(1), null.clone(), null.clone(), json!(":\"y\"}")),
                    piece(json!(0), null.clone(), null.clone(), json!("\"x\"}"))
                ]),
            ],
            &[("a", "f", "x"), ("b", "g", "y")],
        ),
        (
            "the id comes late",
            vec![
                json!([{ "index": 0, "function": { "name": "f" } }]),
                json!([{ "index": 0, "id": "late", "function": { "arguments": x } }]),
            ],
            &[("late", "f", "x")],
        ),
        (
            "no ids at all",
            vec![json!([
                piece(json!(0), null.clone(), json!("f"), json!(x)),
                piece(json!(1), null.clone(), json!("g"), json!(y))
            ])],
            &[("call_0", "f", "x"), ("call_1", "g", "y")],
        ),
        (
            "no indexes",
            vec![json!([
                piece(null.clone(), json!("a"), json!("f"), json!(x)),
                piece(null.clone(), json!("b"), json!("g"), json!(y))
            ])],
            &[("a", "f", "x"), ("b", "g", "y")],
        ),
        (
            "neither ids nor indexes",
            vec![
                json!([piece(null.clone(), null.clone(), json!("f"), json!(x))]),
                json!([piece(null.clone(), json!(""), json!("f"), json!(y))]),
            ],
            &[("call_0", "f", "x"), ("call_1", "f", "y")],
        ),
        (
            "every call numbered 0",
            vec![
                json!([piece(json!(0), json!("a"), json!("f"), json!(x))]),
                json!([piece(json!(0), json!("b"), json!("g"), json!(y))]),
            ],
            &[("a", "f", "x"), ("b", "g", "y")],
        ),
        (
            "equal ids",
            vec![json!([piece(json!(0), json!("a"), json!("f"), json!(x)), piece(json!(1), json!("a"), json!("f"), json!(y))])],
            &[("a", "f", "x"), ("a_2", "f", "y")],
        ),
        (
            "id and name repeated with each piece",
            vec![
                json!([piece(json!(0), json!("a"), json!("f"), json!("{\"day\":"))]),
                json!([piece(json!(0), json!("a"), json!("f"), json!("\"x\"}"))]),
            ],
            &[("a", "f", "x")],
        ),
        (
            "arguments as an object",
            vec![json!([piece(json!(0), json!("a"), json!("f"), json!({ "day": "x" }))])],
            &[("a", "f", "x")],
        ),
    ];
    for (name, pieces, expected) in cases {
        let mut data: Vec<String> = pieces.into_iter().map(calls).collect();
        data.push(finish("stop"));
        let (completion, _) = ask("vllm", stream(&data)).await.unwrap();
        let got: Vec<_> = completion
            .calls
            .iter()
            .map(|c| {
                assert_eq!(c.broken, None, "{name}");
                (c.id.as_str(), c.name.as_str(), c.arguments["day"].as_str().unwrap())
            })
            .collect();
        assert_eq!(got, expected, "{name}");
        assert_eq!(completion.finish, Finish::ToolCalls, "{name}");
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_trusted_is_marked_and_does_not_run() {
    let call = |arguments: Value, name: &str| {
        calls(json!([{ "index": 0, "id": "a", "function": { "name": name, "arguments": arguments } }]))
    };
    for (arguments, name, reason, why) in [
        (json!(r#"{"day":"#), "f", "tool_calls", "not valid JSON"),
        (json!(r#"{"day":1}{"day":2}"#), "f", "tool_calls", "not valid JSON"),
        (json!(r#"{"day":NaN}"#), "f", "tool_calls", "not valid JSON"),
        (json!("[]"), "f", "tool_calls", "not a JSON object"),
        (json!(7), "f", "tool_calls", "not a JSON object"),
        (json!("{}"), "", "tool_calls", "names no tool"),
        (json!("{}"), "f", "length", "cut off"),
        (json!(format!("{{\"a\":\"{}\"}}", "x".repeat(70_000))), "f", "tool_calls", "longer"),
    ] {
        let (completion, _) = ask("openai", stream(&[call(arguments, name), finish(reason)])).await.unwrap();
        let [only] = &completion.calls[..] else { panic!("{completion:?}") };
        assert!(only.broken.as_ref().is_some_and(|broken| broken.contains(why)), "{only:?}");
        assert_eq!(only.arguments, Value::Null);
        assert_eq!(completion.finish == Finish::Length, reason == "length");
    }
    let (completion, _) = ask("openai", stream(&[call(json!(""), "f"), finish("tool_calls")])).await.unwrap();
    assert_eq!((&completion.calls[0].arguments, &completion.calls[0].broken), (&json!({}), &None));
}

#[tokio::test]
async fn an_answer_counts_only_with_its_terminal_event() {
    let half = || text("Your appointment is on");
    let done = || "[DONE]".to_owned();
    let ends_well: Vec<(&str, Reply)> = vec![
        ("both", stream(&[half(), finish("stop"), done()])),
        ("a finish reason, then the end", stream(&[half(), finish("stop")])),
        ("[DONE] alone", stream(&[half(), done()])),
        ("a finish reason, then a broken connection", stream(&[half(), finish("stop")]).then(HttpError::Broken("reset".into()))),
        ("what comes after [DONE] is not waited for", stream(&[half(), done()]).then_hangs()),
    ];
    for (name, reply) in ends_well {
        let (completion, _) = ask("openai", reply).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(completion.text.as_deref(), Some("Your appointment is on"), "{name}");
    }

    let open_call = calls(json!([{ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{}" } }]));
    let broken: Vec<(&str, Reply, ErrorKind)> = vec![
        ("half an answer", stream(&[half()]), ErrorKind::Malformed),
        ("a call without an end", stream(&[open_call]), ErrorKind::Malformed),
        ("nothing", Reply::new(200, "text/event-stream", ""), ErrorKind::Malformed),
        ("only [DONE]", stream(&[done()]), ErrorKind::Malformed),
        ("only comments", Reply::new(200, "text/event-stream", ": OPENROUTER PROCESSING\n\n"), ErrorKind::Malformed),
        ("a proxy's page", Reply::new(200, "text/html", "<html>\n\nhello</html>"), ErrorKind::Malformed),
        (
            "a text for a number",
            stream(&[json!({ "usage": { "prompt_tokens": "my appointment" } }).to_string()]),
            ErrorKind::Malformed,
        ),
        ("broken JSON", stream(&[half(), "{\"choices\":[".into(), done()]), ErrorKind::Malformed),
        (
            "wrong types",
            stream(&[json!({ "choices": [{ "delta": { "content": 7 } }] }).to_string(), done()]),
            ErrorKind::Malformed,
        ),
        ("JSON that is no completion", Reply::json(200, &json!({ "ok": true })), ErrorKind::Malformed),
        ("half of a whole completion", Reply::new(200, "application/json", "{\"choices\":["), ErrorKind::Malformed),
        ("broken off", stream(&[half()]).then(HttpError::Broken("reset".into())), ErrorKind::Unavailable),
        ("fallen silent", stream(&[half()]).then(HttpError::Timeout("gap".into())), ErrorKind::Timeout),
        ("larger than the wire limit", stream(&[half()]).then(HttpError::TooLarge(9)), ErrorKind::TooLarge),
        ("larger than the answer limit", stream(&[text(&"x".repeat(3 << 20)), finish("stop"), done()]), ErrorKind::TooLarge),
        ("an event without an end", Reply::new(200, "text/event-stream", "x".repeat(2 << 20)), ErrorKind::TooLarge),
        ("finish reason error", stream(&[half(), finish("error"), done()]), ErrorKind::Unavailable),
        ("200 calls", stream(&[calls((0..200).map(|i| json!({ "index": i })).collect()), finish("stop")]), ErrorKind::Malformed),
    ];
    for (name, reply, kind) in broken {
        let error = ask("openai", reply).await.map(|(c, _)| c).expect_err(name);
        assert_eq!((error.kind, error.retry), (kind, Retry::Later), "{name}: {error}");
        assert!(!error.to_string().contains("appointment"), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_stream_that_only_keeps_alive_is_silent() {
    let fake = Fake::answering([Reply::new(200, "text/event-stream", ": still thinking\n\n").then_hangs()]);
    let mut asked = request(vec![user("hi")]);
    asked.limits.first_token = Duration::from_millis(30);
    let error = OpenAiLike.complete(&fake, &endpoint("openrouter"), &asked, &mut NoSink).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::Timeout, Retry::Later));
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    let refusal = json!({ "choices": [{ "index": 0, "delta": { "refusal": "I can't help with that." } }] }).to_string();
    let (completion, _) = ask("openai", stream(&[refusal, finish("stop")])).await.unwrap();
    assert_eq!((completion.finish, completion.text.as_deref()), (Finish::Refused, Some("I can't help with that.")));

    let call = calls(json!([{ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{}" } }]));
    let (completion, _) = ask("openai", stream(&[text("Well"), call, finish("content_filter")])).await.unwrap();
    assert_eq!((completion.finish, completion.text.as_deref(), completion.calls.len()), (Finish::Refused, Some("Well"), 0));

    let (completion, _) = ask("openai", stream(&[text("Half a"), finish("length")])).await.unwrap();
    assert_eq!(completion.finish, Finish::Length);
    let (completion, _) = ask("openai", stream(&[finish("stop")])).await.unwrap();
    assert_eq!((completion.finish, completion.text), (Finish::Stop, None));
}

#[tokio::test]
async fn an_answer_that_ended_early_in_a_vendors_own_words_is_no_whole_one() {
    let call = calls(json!([{ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{}" } }]));
    let (completion, _) = ask("mistral", stream(&[text("Half a"), call, finish("model_length")])).await.unwrap();
    assert_eq!((completion.finish, completion.text.as_deref()), (Finish::Length, Some("Half a")));
    assert!(completion.calls[0].broken.as_ref().is_some_and(|why| why.contains("cut off")), "{completion:?}");

    for reason in ["abort", "repetition"] {
        let reply = stream(&[text("Half a"), finish(reason), "[DONE]".into()]);
        let error = ask("vllm", reply).await.map(|(c, _)| c).unwrap_err();
        assert_eq!((error.kind, error.retry, error.code.as_deref()), (ErrorKind::Unavailable, Retry::Later, Some(reason)));
    }
}
