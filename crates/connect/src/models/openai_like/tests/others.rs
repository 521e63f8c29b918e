//! Transcription, checks and vendors.

use super::*;

#[tokio::test]
async fn speech_is_sent_as_a_file_that_the_vendor_knows() {
    let fake = Fake::answering([Reply::json(200, &json!({ "text": " Quiero una cita. \n" }))]);
    let audio = Bytes::from_static(b"OggS");
    let got = OpenAiLike.transcribe(&fake, &endpoint("openai"), audio, "audio/ogg; codecs=opus", Some("es-CO")).await.unwrap();
    assert_eq!(got, "Quiero una cita.");
    let seen = fake.seen();
    assert_eq!(seen[0].url, "https://vendor.example/v1/audio/transcriptions");
    let Body::Multipart(parts) = &seen[0].body else { panic!("not a form") };
    let shown: Vec<_> = parts.iter().map(|p| (p.name, p.file_name.as_deref(), &p.bytes[..])).collect();
    let expected: [(&str, Option<&str>, &[u8]); 3] =
        [("model", None, b"gpt-4o-mini-transcribe"), ("language", None, b"es"), ("file", Some("audio.ogg"), b"OggS")];
    assert_eq!(shown, expected);
    assert_eq!(parts[2].content_type.as_deref(), Some("audio/ogg"));
}

#[tokio::test]
async fn openrouter_takes_speech_as_json() {
    let fake = Fake::answering([Reply::json(200, &json!({ "text": "hola", "usage": { "cost": 0.1 } }))]);
    let audio = Bytes::from_static(b"OggS");
    assert_eq!(OpenAiLike.transcribe(&fake, &endpoint("openrouter"), audio, "audio/ogg", Some("es")).await.unwrap(), "hola");
    let body = fake.json(0);
    assert_eq!(body["input_audio"], json!({ "data": "T2dnUw==", "format": "ogg" }));
    assert_accepted("openrouter", "POST /audio/transcriptions", &body, &[json!({ "model": "m" })]);
}

#[tokio::test]
async fn speech_that_cannot_be_taken_is_refused_before_it_is_sent() {
    let small = Bytes::from_static(b"x");
    for (vendor, audio, mime, kind) in [
        ("deepseek", small.clone(), "audio/ogg", ErrorKind::Unsupported),
        ("openai", small.clone(), "audio/amr", ErrorKind::Unsupported),
        ("openai", small, "", ErrorKind::Unsupported),
        ("openai", Bytes::from(vec![0; 25_000_001]), "audio/ogg", ErrorKind::TooLarge),
    ] {
        let fake = Fake::default();
        let error = OpenAiLike.transcribe(&fake, &endpoint(vendor), audio, mime, None).await.unwrap_err();
        assert_eq!((error.kind, error.retry, error.operation), (kind, Retry::Never, "transcribe"));
        assert!(fake.seen().is_empty());
    }
    for (reply, kind) in [
        (Reply::json(200, &json!({ "words": [] })), ErrorKind::Malformed),
        (Reply::json(200, &json!({ "error": { "code": 502, "message": "m" } })), ErrorKind::Unavailable),
        (Reply::json(400, &json!({ "error": { "message": "Invalid file format." } })), ErrorKind::Rejected),
    ] {
        let fake = Fake::answering([reply]);
        let audio = Bytes::from_static(b"x");
        assert_eq!(OpenAiLike.transcribe(&fake, &endpoint("groq"), audio, "audio/ogg", None).await.unwrap_err().kind, kind);
    }
}

#[tokio::test]
async fn a_check_asks_for_the_model_and_spends_nothing() {
    let ok = || Reply::json(200, &json!({}));
    let list = || Reply::json(200, &json!({ "object": "list", "data": [{ "id": "llama3:latest" }, { "id": "a/b" }] }));
    let bare = || Reply::json(200, &json!([{ "id": "a/b" }]));
    type Case = (&'static str, &'static str, Vec<Reply>, &'static [&'static str], Option<ErrorKind>);
    let cases: Vec<Case> = vec![
        ("openai", "gpt-4o-mini", vec![ok()], &["models/gpt-4o-mini"], None),
        ("openai", "odd name?", vec![ok()], &["models/odd%20name%3F"], None),
        ("openai", "gone", vec![Reply::json(404, &json!({}))], &["models/gone"], Some(ErrorKind::NotFound)),
        ("openai", "m", vec![Reply::json(401, &json!({}))], &["models/m"], Some(ErrorKind::Unauthorized)),
        ("openrouter", "a/b", vec![ok(), ok()], &["key", "models/a/b/endpoints"], None),
        ("openrouter", "a/b", vec![Reply::json(401, &json!({}))], &["key"], Some(ErrorKind::Unauthorized)),
        ("ollama", "llama3", vec![list()], &["models"], None),
        ("groq", "a/b", vec![list()], &["models"], None),
        ("together", "a/b", vec![bare()], &["models"], None),
        ("vllm", "other", vec![list()], &["models"], Some(ErrorKind::NotFound)),
        ("custom", "m", vec![Reply::json(200, &json!({ "hello": 1 }))], &["models"], Some(ErrorKind::Malformed)),
        ("custom", "m", vec![Reply::new(200, "text/html", "<html>")], &["models"], Some(ErrorKind::Malformed)),
    ];
    for (vendor, model, replies, paths, expected) in cases {
        let fake = Fake::answering(replies);
        let got = OpenAiLike.check(&fake, &endpoint(vendor), model).await;
        match expected {
            None => assert!(got.as_ref().is_ok_and(|line| line.contains(model)), "{vendor} {model}: {got:?}"),
            Some(kind) => assert_eq!(got.unwrap_err().kind, kind, "{vendor} {model}"),
        }
        let seen = fake.seen();
        let asked: Vec<_> = seen.iter().map(|r| r.url.strip_prefix("https://vendor.example/v1/").unwrap()).collect();
        assert_eq!(asked, paths, "{vendor} {model}");
        assert!(seen.iter().all(|r| r.method == Method::Get));
    }
}
