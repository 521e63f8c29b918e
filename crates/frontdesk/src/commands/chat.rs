//! `frontdesk chat`: talk to an agent in the terminal.

use std::io::{BufRead, Write};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::running::Server;
use crate::{
    client::Client,
    config::{Config, Overrides},
    random,
    terminal::{self, say},
};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  frontdesk chat\n  frontdesk chat --tenant tnt_demo --conversation ana\n  printf 'hola\\n' | frontdesk chat")]
pub(crate) struct Chat {
    /// The business, by id
    #[arg(long)]
    tenant: Option<String>,
    /// The agent, by name or id
    #[arg(long)]
    agent: Option<String>,
    /// Go on with this conversation (default: a new one)
    #[arg(long, value_name = "NAME")]
    conversation: Option<String>,
    #[command(flatten)]
    server: Server,
}

pub(crate) async fn run(args: Chat, overrides: Overrides) -> Result<bool> {
    let config: Config = crate::read(overrides)?;
    let client = args.server.client(&config, args.tenant.clone())?;
    let about = client.get("/api/v1/business").await?;
    let name = args.conversation.unwrap_or_else(|| format!("terminal-{}", random::text(8)));
    let person = terminal::is_interactive();
    if person {
        say(&format!("{} – {}. Ctrl-D ends.", about["name"].as_str().unwrap_or("the business"), who(&about)));
    }
    let path = format!("/api/v1/conversations/{name}/messages?wait=true");
    let mut all_answered = true;
    loop {
        let Some(line) = next_line(person)? else { break };
        match line.trim() {
            "" => continue,
            "/exit" | "/quit" => break,
            text => all_answered &= talk(&client, &path, text, args.agent.as_deref(), person).await?,
        }
    }
    Ok(all_answered)
}

/// Says whether an AI or rules answer.
fn who(about: &Value) -> &'static str {
    if about["is_ai"] == true { "an AI answers" } else { "answered by rules (the scripted model), not by an AI" }
}

fn next_line(person: bool) -> Result<Option<String>> {
    if person {
        terminal::prompt("> ");
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line)?;
    Ok((read > 0).then_some(line))
}

async fn talk(client: &Client, path: &str, text: &str, agent: Option<&str>, person: bool) -> Result<bool> {
    let waiting = person.then(|| terminal::progress("…", 0));
    let mut body = json!({ "text": text });
    if let Some(agent) = agent {
        body["agent"] = json!(agent);
    }
    let answer = client.post(path, &body).await;
    if let Some(waiting) = waiting {
        waiting.finish_and_clear();
    }
    let answer = answer?;
    let replies = answer["replies"].as_array().map(Vec::as_slice).unwrap_or_default();
    for reply in replies {
        say(reply["text"].as_str().unwrap_or_default());
        say("");
    }
    if replies.is_empty() {
        terminal::warn(&format!("no answer: {}", answer["reason"].as_str().or(answer["status"].as_str()).unwrap_or("it took too long")));
    }
    std::io::stdout().flush()?;
    if answer["status"] == "duplicate" {
        bail!("the server knew this message already");
    }
    Ok(!replies.is_empty())
}
