//! `frontdesk chat`: talk to an agent in the terminal.

use std::io::BufRead;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::running::Server;
use crate::{
    client::{Client, encoded},
    config::Overrides,
    random,
    terminal::{self, lines_of, say},
};

const EXAMPLES: &str = "Examples:
  frontdesk chat
  frontdesk chat --tenant tnt_demo --conversation ana
  printf 'hola\\nquiero una cita\\n' | frontdesk chat

A line that ends in \\ goes on in the next one. /exit or Ctrl-D ends.";

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Chat {
    /// The business, by id or exact name (default: the only one)
    #[arg(long, value_name = "BUSINESS")]
    tenant: Option<String>,
    /// Who answers, by name or id (default: the business's default agent)
    #[arg(long)]
    agent: Option<String>,
    /// Go on with this conversation (default: a new one)
    #[arg(long, value_name = "NAME")]
    conversation: Option<String>,
    #[command(flatten)]
    server: Server,
}

/// `false`: something that was said got no answer.
pub(crate) async fn run(args: Chat, overrides: Overrides) -> Result<bool> {
    let config = crate::read(overrides)?;
    let found = args.server.ask(&config).await?;
    let client = if found.operator {
        let tenant = found.client.business(args.tenant.as_deref()).await?;
        found.client.about(&tenant)
    } else {
        found.client
    };
    let business = client.get("/api/v1/business").await?;
    let agent = agent(&business, args.agent.as_deref())?;
    let name = args.conversation.unwrap_or_else(|| format!("terminal-{}", random::text(8)));
    let person = terminal::is_interactive();
    if person {
        say(&format!("{} · {}", shown(&business["name"]), shown(&agent["name"])));
        say(if agent["is_ai"] == true { "An AI answers." } else { "Rules answer (the scripted model), not an AI." });
        say(&format!("Conversation: {name}. Ctrl-D ends.\n"));
    }
    if business["paused"] == true {
        terminal::warn("this installation is paused: nothing is answered until `frontdesk resume`");
    }
    let talk =
        Talk { client, path: format!("/api/v1/conversations/{}/messages?wait=true", encoded(&name)), agent: args.agent, person };
    let mut all_answered = true;
    while let Some(text) = next_message(person)? {
        match text.trim() {
            "" => {}
            "/exit" | "/quit" => break,
            text => all_answered &= talk.say(text).await?,
        }
    }
    Ok(all_answered || person)
}

/// The agent that will answer.
fn agent<'b>(business: &'b Value, wanted: Option<&str>) -> Result<&'b Value> {
    let agents = business["agents"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = agents.iter().find(|a| match wanted {
        Some(wanted) => a["name"] == wanted || a["id"] == wanted,
        None => a["default"] == true,
    });
    let Some(found) = found else {
        let names: Vec<String> = agents.iter().map(|a| shown(&a["name"])).collect();
        bail!("there is no agent `{}`; there are: {}", wanted.unwrap_or("default"), names.join(", "));
    };
    Ok(found)
}

fn shown(value: &Value) -> String {
    lines_of(value.as_str().unwrap_or_default()).collect::<Vec<_>>().join(" ")
}

/// Lines until one does not end in a backslash; `None` at the end.
fn next_message(person: bool) -> Result<Option<String>> {
    let mut text = String::new();
    loop {
        if person {
            terminal::prompt(if text.is_empty() { "> " } else { "… " });
        }
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line)? == 0 {
            return Ok(Some(text).filter(|text| !text.is_empty()));
        }
        match line.trim_end_matches(['\r', '\n']).strip_suffix('\\') {
            Some(more) => text.extend([more, "\n"]),
            None => {
                text.push_str(line.trim_end_matches(['\r', '\n']));
                return Ok(Some(text));
            }
        }
    }
}

struct Talk {
    client: Client,
    path: String,
    agent: Option<String>,
    person: bool,
}

impl Talk {
    async fn say(&self, text: &str) -> Result<bool> {
        let waiting = self.person.then(terminal::waiting);
        let answer = self.client.post(&self.path, &json!({ "text": text, "agent": self.agent })).await;
        if let Some(waiting) = waiting {
            waiting.finish_and_clear();
        }
        let answer = answer?;
        let replies = answer["replies"].as_array().map(Vec::as_slice).unwrap_or_default();
        for reply in replies {
            lines_of(reply["text"].as_str().unwrap_or_default()).for_each(|line| say(&line));
            say("");
        }
        if replies.is_empty() {
            let why = answer["reason"].as_str().filter(|why| !why.is_empty()).unwrap_or("it takes too long");
            terminal::warn(&format!("no answer: {why}"));
        }
        Ok(!replies.is_empty())
    }
}
