//! `frontdesk trace`: a turn, told in the terminal.

use anyhow::{Result, bail};
use frontdesk_engine::trace;
use serde_json::Value;

use super::{
    output::text,
    running::{Found, Server},
};
use crate::{
    app::{self, Refuse},
    client::{Client, encoded},
    config::{Config, Overrides},
    local::{self, Local},
    terminal::{lines_of, say},
};

const EXAMPLES: &str = "Examples:
  frontdesk trace trn_0198…
  frontdesk trace wamid.HBg… --prompt";

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Trace {
    /// A turn, a message of ours, or the vendor's id of a message
    id: String,
    /// Show the prompt too
    #[arg(long)]
    prompt: bool,
    /// One JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

pub(crate) async fn run(args: Trace, overrides: Overrides) -> Result<()> {
    let config = crate::read(Overrides { data_dir: args.server.data_dir.clone(), ..overrides })?;
    let Some(turn) = find(&args.server, &config, &args.id).await? else {
        bail!("there is no turn or message `{}` here", lines_of(&args.id).collect::<String>());
    };
    if args.json {
        say(&format!("{turn:#}"));
    } else {
        tell(&turn, args.prompt).iter().for_each(|line| say(line));
    }
    Ok(())
}

/// On the named server; else on those of this machine, then in the database that none of them has open.
async fn find(server: &Server, config: &Config, id: &str) -> Result<Option<Value>> {
    if server.server_url.is_some() || server.api_key.is_some() {
        let Found { client, .. } = server.ask(config).await?;
        return ask(&client, id).await;
    }
    let folders = match &server.data_dir {
        Some(folder) => vec![folder.clone()],
        None => local::folders(&config.data_dir)?,
    };
    for local in Local::named(&folders, None) {
        let client = Client::of(&local)?;
        if client.is_operated().await
            && let Some(told) = ask(&client, id).await?
        {
            return Ok(Some(told));
        }
    }
    if config.database.file().is_some_and(|database| !database.exists()) {
        return Ok(None);
    }
    match app::open_db(config).await {
        Ok(db) => {
            let told = trace::tell_anywhere(&db, id).await;
            db.close().await;
            Ok(told?)
        }
        // Its server was asked.
        Err(locked) if locked.is::<Refuse>() => Ok(None),
        Err(e) => Err(e),
    }
}

async fn ask(client: &Client, id: &str) -> Result<Option<Value>> {
    match client.ask(&format!("/api/v1/turns/{}?anywhere=true", encoded(id))).await? {
        (200, told) => Ok(Some(told)),
        (404, _) => Ok(None),
        (status, problem) => bail!("{} answered {status}: {}", client.url(), text(&problem["detail"])),
    }
}

fn tell(turn: &Value, prompt: bool) -> Vec<String> {
    let mut out = Vec::new();
    match turn["id"].as_str() {
        Some(id) => {
            let took = turn["millis"].as_u64().map_or("running".to_owned(), |ms| format!("{ms} ms"));
            out.push(format!("{id}  {}  {took}  {}", text(&turn["state"]), text(&turn["started_at"])));
            let version = turn["agent_version"].as_i64().map_or(String::new(), |v| format!(" v{v}"));
            out.push(format!(
                "  business {}, conversation {}, agent {}{version}",
                text(&turn["tenant"]),
                text(&turn["conversation"]),
                text(&turn["agent_name"])
            ));
            if turn["attempts"].as_i64() > Some(1) {
                out.push(format!("  taken up {} times", turn["attempts"]));
            }
        }
        None => out.push(format!(
            "no turn: {}  (business {}, conversation {})",
            text(&turn["state"]).replace('_', " "),
            text(&turn["tenant"]),
            text(&turn["conversation"])
        )),
    }
    for member in ["outcome", "problem"] {
        if !turn[member].is_null() {
            out.push(format!("  {member}: {}", text(&turn[member])));
        }
    }
    for message in list(&turn["incoming"]) {
        out.push(format!("\n← {}  {}  {}", text(&message["at"]), text(&message["id"]), text(&message["vendor_id"])));
        indent(&message["text"], &mut out);
    }
    if prompt {
        out.push("\nprompt".to_owned());
        indent(&turn["prompt"], &mut out);
    }
    for (n, entry) in list(&turn["steps"]).enumerate() {
        step(&entry["step"], entry["millis"].as_i64().unwrap_or(0), &mut out);
        list(&turn["decisions"]).filter(|d| d["step"] == n).for_each(|d| decision(d, &mut out));
    }
    list(&turn["sends"]).for_each(|sent| send(sent, &mut out));
    if let Some(tokens) = turn["used"]["tokens"].as_object() {
        let used = &turn["used"];
        out.push(format!(
            "\nin all: {} model calls, {} tool calls, {} corrections, {} tokens in ({} cached), {} out{}",
            used["model_calls"],
            used["tool_calls"],
            used["corrections"],
            tokens["input"],
            tokens["cached"],
            tokens["output"],
            cost(&used["tokens"]),
        ));
    }
    out
}

fn step(step: &Value, millis: i64, out: &mut Vec<String>) {
    match step["kind"].as_str() {
        Some("model") => {
            let usage = &step["usage"];
            out.push(format!(
                "\nmodel {}  {millis} ms  {} tokens in ({} cached), {} out{}",
                text(&step["model"]),
                usage["input"],
                usage["cached"],
                usage["output"],
                cost(usage),
            ));
            indent(&step["text"], out);
            for call in list(&step["calls"]) {
                let broken = call["broken"].as_str().map_or(String::new(), |why| format!("  (unusable: {})", text(&why.into())));
                out.push(format!("    calls {} {}{broken}", text(&call["name"]), call["arguments"]));
            }
        }
        Some("tools") => {
            for result in list(&step["results"]) {
                let proves = result["receipt"].as_str().map_or(String::new(), |what| format!("  proves: {what}"));
                out.push(format!(
                    "\ntool {}  {}{proves}  {millis} ms",
                    text(&result["name"]),
                    if result["ok"] == true { "ok" } else { "refused" }
                ));
                indent(&result["content"], out);
            }
        }
        Some("correction") => {
            out.push("\nthe answer was not sent; the model was told".to_owned());
            indent(&step["text"], out);
        }
        Some("note") => {
            out.push("\nthe model was told".to_owned());
            indent(&step["text"], out);
        }
        Some("more") => out.push("\nnewer messages joined this turn".to_owned()),
        Some("finished") => {
            out.push(format!(
                "\nanswer{}",
                step["gave_up"].as_str().map(|why| format!("  (gave up: {why})")).unwrap_or_default()
            ));
            indent(&step["text"], out);
        }
        _ => out.push(format!("\n{step}")),
    }
}

/// Where the agent did not simply go on, or a rule of the business said that it may.
fn decision(d: &Value, out: &mut Vec<String>) {
    if d["outcome"] == "run" && d["rule"] == "default" {
        return;
    }
    let asked = d["approval"].as_str().map_or(String::new(), |id| format!("  {}", text(&id.into())));
    out.push(format!(
        "    {}: {} ({}, by {}){asked}",
        text(&d["action"]),
        text(&d["outcome"]),
        text(&d["level"]),
        text(&d["rule"])
    ));
}

fn send(sent: &Value, out: &mut Vec<String>) {
    let delivery = sent["delivery"].as_str().map_or(String::new(), |delivery| format!(", message {delivery}"));
    out.push(format!("\n→ {}{delivery}  {}  {}", text(&sent["state"]), text(&sent["message"]), text(&sent["vendor_id"])));
    indent(&sent["text"], out);
    for tried in list(&sent["tries"]) {
        let took = tried["millis"].as_u64().map_or(String::new(), |ms| format!("  {ms} ms"));
        let outcome = tried["outcome"].as_str().unwrap_or("under way");
        out.push(
            format!("    try {}  {}{took}  {outcome}  {}", tried["n"], text(&tried["started_at"]), text(&tried["detail"]))
                .trim_end()
                .to_owned(),
        );
    }
    if !sent["problem"].is_null() {
        out.push(format!("    problem: {}", text(&sent["problem"])));
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn cost(usage: &Value) -> String {
    usage["cost_micros"].as_i64().map(|c| format!(", ${:.6}", c as f64 / 1e6)).unwrap_or_default()
}

fn indent(said: &Value, out: &mut Vec<String>) {
    out.extend(lines_of(said.as_str().unwrap_or_default()).map(|line| format!("    {line}").trim_end().to_owned()));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_turn_is_told_in_order_and_cannot_steer_the_terminal() {
        let turn = json!({
            "id": "trn_1", "state": "done", "millis": 1200, "started_at": "2026-11-21T10:00:00.000Z", "tenant": "tnt_1", "conversation": "cnv_1",
            "agent_name": "Sofía", "agent_version": 3, "attempts": 2, "outcome": null, "problem": "slow", "prompt": "Eres Sofía.",
            "incoming": [{ "at": "t", "id": "msg_1", "vendor_id": "wamid.1", "text": "hola\u{1b}[2J" }],
            "steps": [
                { "millis": 900, "step": { "kind": "model", "model": "m", "usage": { "input": 10, "cached": 0, "output": 2, "cost_micros": 1500 },
                    "calls": [{ "name": "book", "arguments": { "x": 1 } }] } },
                { "millis": 5, "step": { "kind": "tools", "results": [{ "name": "book", "ok": true, "content": "✅", "receipt": "booked" }] } },
                { "millis": 0, "step": { "kind": "correction", "text": "again" } },
                { "millis": 0, "step": { "kind": "finished", "text": "Listo.", "gave_up": null } }],
            "decisions": [
                { "step": 1, "n": 0, "action": "refund", "level": "approval", "rule": "rul_1", "outcome": "waiting", "approval": "apv_1" },
                { "step": 1, "n": 1, "action": "book", "level": "automatic", "rule": "default", "outcome": "run", "approval": null }],
            "sends": [{ "state": "succeeded", "message": "msg_2", "vendor_id": "wamid.2", "text": "Listo.", "delivery": "sent", "problem": null,
                "tries": [{ "n": 1, "started_at": "t", "millis": 3, "outcome": "succeeded", "detail": null }] }],
            "used": { "model_calls": 1, "tool_calls": 1, "corrections": 1, "tokens": { "input": 10, "cached": 0, "output": 2, "cost_micros": 1500 } },
        });
        let told = tell(&turn, false).join("\n");
        let mut rest = told.as_str();
        for part in [
            "trn_1  done  1200 ms",
            "agent Sofía v3",
            "taken up 2 times",
            "problem: slow",
            "← t  msg_1  wamid.1",
            "hola [2J",
            "model m  900 ms",
            "$0.001500",
            "calls book {\"x\":1}",
            "tool book  ok  proves: booked  5 ms",
            "✅",
            "refund: waiting (approval, by rul_1)  apv_1",
            "the model was told",
            "again",
            "answer",
            "Listo.",
            "→ succeeded, message sent  msg_2  wamid.2",
            "try 1  t  3 ms  succeeded",
            "in all: 1 model calls",
        ] {
            let at = rest.find(part).unwrap_or_else(|| panic!("no {part:?} in {rest}"));
            rest = &rest[at + part.len()..];
        }
        assert!(!told.contains("Eres") && !told.contains('\u{1b}'));
        assert!(tell(&turn, true).join("\n").contains("    Eres Sofía."));
        let alone = json!({ "id": null, "state": "no_turn_follows", "incoming": [{ "text": "👍" }], "steps": [], "sends": [] });
        assert!(tell(&alone, false)[0].starts_with("no turn: no turn follows"));
    }
}
