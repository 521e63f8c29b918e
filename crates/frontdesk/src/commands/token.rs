//! `frontdesk token`: the credit of a business.

use anyhow::Result;
use clap::Subcommand;
use frontdesk_engine::admin::{Action, token};

use super::{
    output::{Column, Output, text},
    place::{Common, Place},
};
use crate::{config::Overrides, terminal::say};

const EXAMPLES: &str = "Examples:
  frontdesk token balance
  frontdesk token add 1000 --note \"invoice 17\" --once invoice-17
  frontdesk token usage --from 2026-11-01";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Token {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// What is there, and how much of today's and this month's ceilings is used
    Balance,
    /// Puts tokens in; less than nothing takes them out again
    Add {
        #[arg(allow_negative_numbers = true)]
        tokens: i64,
        /// For the ledger; needed when they are taken out
        #[arg(long)]
        note: Option<String>,
        /// A name of your own for this top-up: said again, it changes nothing
        #[arg(long, value_name = "NAME")]
        once: Option<String>,
    },
    /// What they were spent on, by day and action
    Usage {
        /// First day, such as 2026-11-01 (default: 30 days)
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
        /// Last day (default: today)
        #[arg(long, value_name = "DAY")]
        to: Option<String>,
    },
}

const COLUMNS: [Column; 5] = [
    ("DAY", |r| text(&r["day"])),
    ("ACTION", |r| text(&r["action"])),
    ("CHANNEL", |r| text(&r["channel"])),
    ("TIMES", |r| text(&r["times"])),
    ("TOKENS", |r| text(&r["tokens"])),
];

pub(crate) async fn run(command: Token, overrides: Overrides) -> Result<()> {
    let out = Output::new(command.common.json);
    let ask = |action| async { Place::open(&command.common, overrides).await?.ask(Action::Token(action)).await };
    match command.verb {
        Verb::Balance => out.details(&ask(token::Action::Balance).await?),
        Verb::Add { tokens, note, once } => {
            let answer = ask(token::Action::Add { tokens, note, once }).await?;
            let done = match (answer["repeated"].as_bool(), tokens > 0) {
                (Some(true), _) => "It was entered before under this name: nothing changed.".to_owned(),
                (_, true) => format!("Put in {tokens}."),
                (_, false) => format!("Took out {}.", tokens.unsigned_abs()),
            };
            let is = format!("{done} Free to be spent: {}.", text(&answer["available"]));
            let off = "Nothing is counted yet: accounts are switched off for this business.".to_owned();
            out.told(&answer, [is].into_iter().chain((answer["enabled"] == false).then_some(off)));
        }
        Verb::Usage { from, to } => {
            let answer = ask(token::Action::Usage { from, to }).await?;
            out.list(&answer, "items", &COLUMNS, "Nothing was spent in these days.");
            if !command.common.json && answer["tokens"] != 0 {
                say(&format!("From {} to {}: {} tokens.", text(&answer["from"]), text(&answer["to"]), text(&answer["tokens"])));
            }
        }
    }
    Ok(())
}
