//! `frontdesk replay`: delivers recorded webhooks, signed as the vendor signs them, and shows what came back.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::running::Server;
use crate::{
    client::Client,
    config::{Config, Overrides},
    terminal::{self, say},
};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  frontdesk replay fixtures/*.json\n  APP_SECRET=… frontdesk replay --server-url http://127.0.0.1:8000 message.json")]
pub(crate) struct Replay {
    /// Files with one webhook payload each
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Seconds to wait for each reply
    #[arg(long, default_value_t = 60)]
    wait: u64,
    #[command(flatten)]
    server: Server,
}

/// `false`: a message that should have got a reply got none.
pub(crate) async fn run(args: Replay, overrides: Overrides) -> Result<bool> {
    let config = crate::read(overrides)?;
    let knows_server = args.server.api_key.is_some() || args.server.find(&config)?.is_some();
    let server = Server {
        server_url: args.server.server_url.clone().or_else(|| (!knows_server).then(|| "http://127.0.0.1:8000".to_owned())),
        ..args.server
    };
    let client = server.client(&config, None)?;
    if !knows_server {
        terminal::warn("without a key to this server the replies cannot be read: the files are only delivered");
    }
    let bar = terminal::progress("replaying", if args.files.len() > 5 { args.files.len() as u64 } else { 0 });
    let mut all_answered = true;
    for file in &args.files {
        let lines = one(&client, &config, file, knows_server, args.wait).await?;
        all_answered &= lines.answered;
        bar.suspend(|| lines.text.iter().for_each(|line| say(line)));
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(all_answered)
}

struct Told {
    text: Vec<String>,
    answered: bool,
}

async fn one(client: &Client, config: &Config, file: &Path, knows_server: bool, wait: u64) -> Result<Told> {
    let body = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let payload: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let headers = vec![("x-hub-signature-256", signature(config, &body))];
    let answer = client.deliver("/webhook", headers, Bytes::from(body)).await?;
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let mut text = vec![format!("{}: {} {}", file.display(), answer.status, compact(&said))];
    let mut answered = (200..300).contains(&answer.status);
    if answered && knows_server {
        for (account, id) in messages(&payload) {
            let (line, got) = outcome(client, &account, &id, said["duplicate"] == true, wait).await;
            text.extend(line);
            answered &= got;
        }
    }
    Ok(Told { text, answered })
}

/// As Meta signs: over the raw bytes. Without a secret the server must run in mock mode, which asks for none.
fn signature(config: &Config, body: &[u8]) -> String {
    let Some(secret) = &config.whatsapp.app_secret else { return "sha256=mock_signature".to_owned() };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256={hex}")
}

/// `(account, message id)` of every message of a payload.
fn messages(payload: &Value) -> Vec<(String, String)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for change in list(&payload["entry"]).iter().flat_map(|entry| list(&entry["changes"])) {
        let value = &change["value"];
        let account = value["metadata"]["phone_number_id"].as_str().unwrap_or_default();
        for message in list(&value["messages"]) {
            found.push((account.to_owned(), message["id"].as_str().unwrap_or_default().to_owned()));
        }
    }
    found
}

/// What to print of one message, and whether it is as it should be.
async fn outcome(client: &Client, account: &str, id: &str, duplicate: bool, wait: u64) -> (Vec<String>, bool) {
    let path = format!("/api/v1/inbound/{id}?account={account}&wait={wait}");
    let found = match client.get(&path).await {
        Ok(found) => found,
        // Nobody here owns the account: kept, and rightly not answered.
        Err(e) => return (vec![format!("  {id}: not answered: {e:#}")], e.to_string().contains("account")),
    };
    let trace = found["turn"].as_str().unwrap_or("-");
    let mut lines: Vec<String> = found["replies"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|reply| format!("  {id} → {}", reply["text"].as_str().unwrap_or_default().replace('\n', "\n    ")))
        .collect();
    let repeated = if duplicate { "  (delivered before: not answered again)" } else { "" };
    match found["status"].as_str() {
        Some("replied") => lines.push(format!("  trace {trace}{repeated}")),
        Some("no_reply") => lines.push(format!("  {id}: no reply: {}  trace {trace}", found["reason"].as_str().unwrap_or("by a rule"))),
        _ => lines.push(format!("  {id}: no reply after {wait} s  trace {trace}")),
    }
    (lines, found["status"] == "replied" || found["status"] == "no_reply")
}

fn compact(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}
