//! `frontdesk replay`: delivers recorded webhooks, signed as the vendor signs them, and shows what came back.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bytes::Bytes;
use frontdesk_kernel::Secret;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::running::{Found, Server};
use crate::{
    client::{Client, encoded},
    config::Overrides,
    terminal::{self, lines_of, say},
};

const EXAMPLES: &str = "Examples:
  frontdesk replay fixtures/*.json
  frontdesk replay --server-url http://127.0.0.1:8000 message.json

Signed with APP_SECRET (environment or .env). A server without one must run in mock mode.";

/// Where a server is when nothing says otherwise.
const USUAL_URL: &str = "http://127.0.0.1:8000";
/// Files from which on a person wants to see how far it is.
const MANY: usize = 5;

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Replay {
    /// Files with one webhook payload each
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Seconds to wait for each reply
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    wait: u64,
    #[command(flatten)]
    server: Server,
}

/// `false`: a delivery was refused, or a message that should have got a reply got none.
pub(crate) async fn run(args: Replay, overrides: Overrides) -> Result<bool> {
    let config = crate::read(overrides)?;
    let found = match args.server.find(&config).await? {
        Some(found) => found,
        None => Found { client: Client::new(USUAL_URL, None)?, operator: false },
    };
    let told = found.operator || args.server.api_key.is_some();
    if !told {
        terminal::warn(&format!(
            "{} is not a server of this machine: payloads are delivered, replies cannot be read",
            found.client.url()
        ));
    }
    let wait = told.then_some(args.wait);
    let bar = terminal::progress("replaying", args.files.len() as u64);
    if args.files.len() <= MANY {
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    let mut well = true;
    for file in &args.files {
        let told = deliver(&found.client, config.whatsapp.app_secret.as_ref(), file, wait).await?;
        well &= told.well;
        bar.suspend(|| told.lines.iter().for_each(|line| say(line)));
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(well)
}

/// What to print, and whether all is as it should be.
struct Told {
    lines: Vec<String>,
    well: bool,
}

async fn deliver(client: &Client, secret: Option<&Secret>, file: &Path, wait: Option<u64>) -> Result<Told> {
    let body = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let payload: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let headers = vec![("x-hub-signature-256", signature(secret, &body))];
    let answer = client.deliver("/webhook", headers, Bytes::from(body)).await?;
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let mut told =
        Told { lines: vec![format!("{}  {} {said}", file.display(), answer.status)], well: (200..300).contains(&answer.status) };
    let messages = messages(&payload);
    if told.well && messages.is_empty() {
        told.lines.push("  no message in it: no reply is expected".to_owned());
    }
    let Some(wait) = wait.filter(|_| told.well) else { return Ok(told) };
    for message in messages {
        let outcome = outcome(client, &message, said["duplicate"] == true, wait).await?;
        told.well &= outcome.well;
        told.lines.extend(outcome.lines);
    }
    Ok(told)
}

/// As Meta signs: over the raw bytes.
fn signature(secret: Option<&Secret>, body: &[u8]) -> String {
    let Some(secret) = secret else { return "sha256=mock_signature".to_owned() };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256={hex}")
}

#[derive(Debug, PartialEq)]
struct Message {
    account: String,
    id: String,
    /// Nobody answers a reaction, a deletion or the vendor's own news.
    wants_reply: bool,
}

fn messages(payload: &Value) -> Vec<Message> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let changes = list(&payload["entry"]).into_iter().flat_map(|entry| list(&entry["changes"]));
    changes
        .flat_map(|change| {
            let account = text(&change["value"]["metadata"]["phone_number_id"]);
            list(&change["value"]["messages"]).into_iter().map(move |m| (account.clone(), m))
        })
        .map(|(account, m)| Message {
            account,
            id: text(&m["id"]),
            wants_reply: !matches!(m["type"].as_str(), Some("reaction" | "revoke" | "system")),
        })
        .collect()
}

async fn outcome(client: &Client, message: &Message, duplicate: bool, wait: u64) -> Result<Told> {
    let path = format!("/api/v1/inbound/{}?account={}&wait={wait}", encoded(&message.id), encoded(&message.account));
    let (status, found) = client.ask(&path).await?;
    let id = lines_of(&message.id).collect::<String>();
    if found["code"] == "unknown_account" {
        return Ok(Told {
            lines: vec![format!("  {id}: nobody here has account {}: kept, not answered", message.account)],
            well: true,
        });
    }
    if status != 200 {
        let why = found["detail"].as_str().unwrap_or("no reason given");
        return Ok(Told { lines: vec![format!("  {id}: the server tells nothing of it: {why}")], well: false });
    }
    Ok(told(&id, &found, message.wants_reply, duplicate, wait))
}

fn told(id: &str, found: &Value, wants_reply: bool, duplicate: bool, wait: u64) -> Told {
    let trace = found["turn"].as_str().map_or(String::new(), |turn| format!("  trace {turn}"));
    if duplicate {
        return Told { lines: vec![format!("  {id}: a duplicate: received before, not answered again{trace}")], well: true };
    }
    let replies = found["replies"].as_array().map(Vec::as_slice).unwrap_or_default();
    if found["status"] != "replied" {
        let why = match found["reason"].as_str() {
            Some(why) => why.to_owned(),
            None if found["status"] == "pending" => format!("none after {wait} s"),
            None => "decided by a rule".to_owned(),
        };
        return Told { lines: vec![format!("  {id}: no reply: {why}{trace}")], well: !wants_reply };
    }
    let mut told = Told { lines: vec![format!("  {id}:{trace}")], well: true };
    for reply in replies {
        told.lines
            .extend(lines_of(reply["text"].as_str().unwrap_or_default()).map(|line| format!("    {line}").trim_end().to_owned()));
        if reply["delivery"] == "failed" {
            told.lines.push(format!("    not sent: {}", reply["failure"].as_str().unwrap_or("see the trace")));
            told.well = false;
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_is_signed_over_its_raw_bytes() {
        let known = "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
        assert_eq!(signature(Some(&Secret::new("key")), b"The quick brown fox jumps over the lazy dog"), known);
        assert_eq!(signature(None, b"x"), "sha256=mock_signature");
    }

    #[test]
    fn every_message_of_a_payload_is_found_and_statuses_are_none() {
        let change = |value: Value| json!({ "entry": [{ "changes": [{ "value": value }] }] });
        let both = change(
            json!({ "metadata": { "phone_number_id": "1" }, "messages": [{ "id": "a", "type": "text" }, { "id": "b", "type": "reaction" }] }),
        );
        let message = |id: &str, wants_reply| Message { account: "1".into(), id: id.into(), wants_reply };
        assert_eq!(messages(&both), [message("a", true), message("b", false)]);
        for none in [change(json!({ "statuses": [{ "id": "a" }] })), json!(null), json!({ "entry": 7 })] {
            assert_eq!(messages(&none), []);
        }
    }

    #[test]
    fn what_came_back_is_told_and_a_missing_reply_is_a_fault() {
        let sent = |delivery: &str| json!({ "status": "replied", "turn": "trn_1", "replies": [{ "text": "a\n\u{1b}b", "delivery": delivery, "failure": "blocked" }] });
        let none = |status: &str, reason: Value| json!({ "status": status, "turn": "trn_1", "reason": reason, "replies": [] });
        for (found, wants, duplicate, said, well) in [
            (sent("sent"), true, false, "  m:  trace trn_1|    a|     b", true),
            (sent("failed"), true, false, "  m:  trace trn_1|    a|     b|    not sent: blocked", false),
            (sent("sent"), true, true, "  m: a duplicate: received before, not answered again  trace trn_1", true),
            (none("pending", Value::Null), true, false, "  m: no reply: none after 9 s  trace trn_1", false),
            (none("no_reply", json!("why")), true, false, "  m: no reply: why  trace trn_1", false),
            (none("no_reply", json!("why")), false, false, "  m: no reply: why  trace trn_1", true),
        ] {
            let told = told("m", &found, wants, duplicate, 9);
            assert_eq!((told.lines.join("|").as_str(), told.well), (said, well));
        }
    }
}
