//! `frontdesk agent`: who answers, with which prompt, models and tools.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use frontdesk_engine::admin::{
    Action,
    agent::{self, Change},
};

use super::{
    input::{self, consent, something},
    output::{Column, Output, text},
    place::{Common, Place},
};
use crate::config::Overrides;

const EXAMPLES: &str = "Examples:
  frontdesk agent create --name Aurora --prompt prompt.txt --model openai/gpt-4o-mini --model gemini/gemini-2.5-flash
  frontdesk agent update Aurora --tools get_available_slots,schedule_appointment --note 'no cancelling by itself'
  frontdesk agent update Aurora --model ollama/qwen3 --base-url http://localhost:11434/v1";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Agent {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// All agents of the business
    List,
    /// The published version of one
    Get {
        /// Id or name
        agent: String,
    },
    /// A new agent
    Create {
        #[arg(long)]
        name: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// Publishes a new version with what is given
    Update {
        /// Id or name
        agent: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Removes an agent with all its versions
    Delete {
        /// Id or name
        agent: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(clap::Args)]
struct Fields {
    /// Its own words, a template; an empty file = the built-in prompt
    #[arg(long, value_name = "FILE")]
    prompt: Option<PathBuf>,
    /// Repeat for a chain that is tried in order
    #[arg(long = "model", value_name = "VENDOR/MODEL")]
    models: Vec<String>,
    /// Use the server's own chain of models again
    #[arg(long, conflicts_with_all = ["models", "base_url"])]
    default_models: bool,
    /// Where these models are served, when not at the vendor's
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Comma-separated names; all = every tool
    #[arg(long, value_delimiter = ',', value_name = "TOOLS")]
    tools: Vec<String>,
    /// 0 to 2
    #[arg(long)]
    temperature: Option<f32>,
    /// Longest answer, in the model's tokens
    #[arg(long, value_name = "TOKENS")]
    max_output_tokens: Option<u32>,
    /// Answers where no other agent is named
    #[arg(long)]
    default: bool,
    /// Why, for the list of versions
    #[arg(long)]
    note: Option<String>,
}

const COLUMNS: [Column; 6] = [
    ("ID", |r| text(&r["id"])),
    ("NAME", |r| text(&r["name"])),
    ("DEFAULT", |r| text(&r["default"])),
    ("VERSION", |r| text(&r["version"])),
    ("MODELS", |r| if text(&r["models"]).is_empty() { "the server's".to_owned() } else { text(&r["models"]) }),
    ("TOOLS", |r| if r["tools"].is_null() { "all".to_owned() } else { text(&r["tools"]) }),
];

pub(crate) async fn run(command: Agent, overrides: Overrides) -> Result<()> {
    let out = Output::new(command.common.json);
    let ask = |action| async { Place::open(&command.common, overrides).await?.ask(Action::Agent(action)).await };
    match command.verb {
        Verb::List => {
            let answer = ask(agent::Action::List).await?;
            out.list(&answer, "agents", &COLUMNS, "There is no agent yet: frontdesk agent create --name NAME --default");
        }
        Verb::Get { agent } => out.details(&ask(agent::Action::Get { agent }).await?),
        Verb::Create { name, fields } => {
            let answer = ask(agent::Action::Create(Change { name: Some(name), ..fields.change()? })).await?;
            out.told(&answer, [format!("Created {} ({}).", text(&answer["name"]), text(&answer["id"]))]);
        }
        Verb::Update { agent, name, fields } => {
            let change = something(Change { name, ..fields.change()? })?;
            let answer = ask(agent::Action::Update { agent, change }).await?;
            out.told(
                &answer,
                [format!("{} ({}) is at version {}.", text(&answer["name"]), text(&answer["id"]), text(&answer["version"]))],
            );
        }
        Verb::Delete { agent, yes } => {
            consent(yes, &format!("Deleting the agent {agent} with all its versions"))?;
            let answer = ask(agent::Action::Delete { agent }).await?;
            out.told(&answer, [format!("Deleted {} ({}).", text(&answer["name"]), text(&answer["deleted"]))]);
        }
    }
    Ok(())
}

impl Fields {
    fn change(self) -> Result<Change> {
        let given =
            |list: Vec<String>| Some(list.into_iter().map(|t| t.trim().to_owned()).collect::<Vec<_>>()).filter(|l| !l.is_empty());
        Ok(Change {
            default: self.default,
            note: self.note,
            prompt: self.prompt.as_deref().map(input::text).transpose()?,
            models: if self.default_models { Some(Vec::new()) } else { given(self.models) },
            base_url: self.base_url,
            tools: given(self.tools),
            temperature: self.temperature,
            max_output_tokens: self.max_output_tokens,
            ..Change::default()
        })
    }
}
