//! `frontdesk trace`: a turn, told in the terminal.

use anyhow::Result;
use serde_json::Value;

use super::{output::text, running::Server};
use crate::{config::Overrides, terminal::say};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  frontdesk trace trn_0198…\n  frontdesk trace wamid.HBg… --prompt")]
pub(crate) struct Trace {
    /// A turn, a message of ours, or the vendor's id of a message
    id: String,
    /// The business, by id
    #[arg(long)]
    tenant: Option<String>,
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
    let config = crate::read(overrides)?;
    let client = args.server.client(&config, args.tenant)?;
    let turn = client.get(&format!("/api/v1/turns/{}", args.id)).await?;
    if args.json {
        say(&format!("{turn:#}"));
        return Ok(());
    }
    say(&format!("{}  {}  run {}  {}", text(&turn["id"]), text(&turn["state"]), text(&turn["attempts"]), text(&turn["started_at"])));
    for (label, member) in [("outcome", "outcome"), ("problem", "problem")] {
        if !turn[member].is_null() {
            say(&format!("  {label}: {}", text(&turn[member])));
        }
    }
    if args.prompt {
        say("\n  prompt:");
        indent(turn["prompt"].as_str().unwrap_or("-"), 4);
    }
    for message in turn["incoming"].as_array().into_iter().flatten() {
        say(&format!("\n  ← {}", text(&message["at"])));
        indent(message["text"].as_str().unwrap_or_default(), 4);
    }
    for entry in turn["steps"].as_array().into_iter().flatten() {
        step(&entry["step"], entry["millis"].as_i64().unwrap_or(0));
    }
    for send in turn["sends"].as_array().into_iter().flatten() {
        say(&format!("\n  → send {}  attempts {}  {}", text(&send["state"]), text(&send["attempts"]), text(&send["vendor_id"])));
        if !send["problem"].is_null() {
            say(&format!("    {}", text(&send["problem"])));
        }
    }
    Ok(())
}

fn step(step: &Value, millis: i64) {
    match step["kind"].as_str() {
        Some("model") => {
            let usage = &step["usage"];
            let cost = usage["cost_micros"].as_i64().map(|c| format!("  ${:.6}", c as f64 / 1e6)).unwrap_or_default();
            say(&format!(
                "\n  model {}  {millis} ms  {} in ({} cached), {} out{cost}",
                text(&step["model"]), usage["input"], usage["cached"], usage["output"]
            ));
            if let Some(said) = step["text"].as_str() {
                indent(said, 4);
            }
            for call in step["calls"].as_array().into_iter().flatten() {
                say(&format!("    calls {} {}", text(&call["name"]), call["arguments"]));
            }
        }
        Some("tools") => {
            for result in step["results"].as_array().into_iter().flatten() {
                say(&format!("\n  tool {}  {}", text(&result["name"]), if result["ok"] == true { "ok" } else { "refused" }));
                indent(result["content"].as_str().unwrap_or_default(), 4);
            }
        }
        Some("correction") => {
            say("\n  the answer was not sent; the model was told:");
            indent(step["text"].as_str().unwrap_or_default(), 4);
        }
        Some("more") => say("\n  newer messages joined this turn"),
        Some("finished") => {
            say(&format!("\n  answer{}", step["gave_up"].as_str().map(|why| format!(" (gave up: {why})")).unwrap_or_default()));
            indent(step["text"].as_str().unwrap_or_default(), 4);
        }
        _ => say(&format!("\n  {step}")),
    }
}

fn indent(said: &str, by: usize) {
    for line in said.lines() {
        say(&format!("{:by$}{line}", ""));
    }
}
