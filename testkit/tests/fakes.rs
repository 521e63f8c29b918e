//! The fakes as a process: ready line, log that survives, violations told at the end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may end there")]

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

struct Fakes {
    child: Child,
    ready: Value,
}

impl Fakes {
    fn start(arguments: &[&str]) -> Fakes {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fakes"))
            .args(["--graph-port", "0", "--openai-port", "0", "--gemini-port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Fakes { ready: serde_json::from_str(&line).unwrap(), child }
    }
    fn url(&self, of: &str) -> &str {
        self.ready[of].as_str().unwrap()
    }
}

impl Drop for Fakes {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn post(url: &str, body: &Value) -> Option<(u16, Value)> {
    #[expect(clippy::disallowed_methods, reason = "a test is its own client")]
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(url).bearer_auth("t").header("x-goog-api-key", "k").json(body).send().await.ok()?;
    Some((answer.status().as_u16(), answer.json().await.ok()?))
}

fn message(echo: usize) -> Value {
    let text = json!({"body": "hola"});
    json!({"messaging_product": "whatsapp", "to": "573", "type": "text", "text": text, "biz_opaque_callback_data": echo.to_string()})
}

#[tokio::test]
async fn accepted_messages_are_in_the_log_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("sent.jsonl");
    for echo in 1..3 {
        let fakes = Fakes::start(&["--log", log.to_str().unwrap(), "--no-validate"]);
        let (status, _) = post(&format!("{}/v23.0/1/messages", fakes.url("graph")), &message(echo)).await.unwrap();
        assert_eq!(status, 200);
    }
    let lines: Vec<Value> = fs::read_to_string(&log).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.iter().map(|l| &l["echo"]).collect::<Vec<_>>(), ["1", "2"]);
    assert_ne!(lines[0]["vendor_id"], lines[1]["vendor_id"]);
}

#[tokio::test]
async fn both_models_answer_and_a_storm_strikes_about_its_share() {
    let fakes = Fakes::start(&["--fault-rate", "0.3", "--seed", "5"]);
    let openai = json!({"model": "m", "messages": [{"role": "user", "content": "hola"}]});
    let gemini = json!({"contents": [{"role": "user", "parts": [{"text": "hola"}]}]});
    let calls = [
        (format!("{}/chat/completions", fakes.url("openai")), openai, "/choices/0/message/content", "echo: hola"),
        (format!("{}/models/g:generateContent", fakes.url("gemini")), gemini, "/candidates/0/content/parts/0/text", "echo: hola"),
        (format!("{}/v23.0/1/messages", fakes.url("graph")), message(1), "/contacts/0/wa_id", "573"),
    ];
    for (url, body, pointer, expected) in calls {
        let mut good = 0;
        for _ in 0..60 {
            let answer = post(&url, &body).await;
            good += usize::from(answer.is_some_and(|(_, b)| b.pointer(pointer).is_some_and(|v| v == expected)));
        }
        assert!((25..58).contains(&good), "{url}: {good} of 60 good");
    }
}
