//! `frontdesk key`: API keys of a business.

use anyhow::Result;
use clap::Subcommand;
use frontdesk_engine::admin::{
    Action,
    key::{self, NewKey},
};
use frontdesk_web::FreshKey;
use serde_json::json;

use super::{
    input::{consent, seconds},
    output::{Column, Output, text, when},
    place::{Common, Place},
};
use crate::{config::Overrides, random::SystemRandom};

const EXAMPLES: &str = "Examples:
  frontdesk key create --name website --scopes message:write,conversation:read --expires 90d
  frontdesk key delete website";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Key {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// All keys of the business, revoked ones too
    List,
    /// One key
    Get {
        /// Id, name or first characters
        key: String,
    },
    /// A new key, shown once
    Create {
        /// Who or what uses it
        #[arg(long)]
        name: String,
        /// What it may do, comma-separated, such as message:write,conversation:read; conversation:* or * allow more
        #[arg(long, value_delimiter = ',', required = true, value_name = "SCOPES")]
        scopes: Vec<String>,
        /// Valid for so long, such as 90d (default: until it is revoked)
        #[arg(long, value_parser = seconds, value_name = "TIME")]
        expires: Option<u64>,
    },
    /// Revokes a key: it stops working at once
    Delete {
        /// Id, name or first characters
        key: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

const COLUMNS: [Column; 7] = [
    ("ID", |r| text(&r["id"])),
    ("NAME", |r| text(&r["name"])),
    ("KEY", |r| format!("{}…", text(&r["prefix"]))),
    ("SCOPES", |r| text(&r["scopes"])),
    ("STATE", |r| text(&r["state"])),
    ("EXPIRES", |r| when(&r["expires_at"])),
    ("LAST USED", |r| when(&r["last_used_at"])),
];

pub(crate) async fn run(command: Key, overrides: Overrides) -> Result<()> {
    let out = Output::new(command.common.json);
    let ask = |action| async { Place::open(&command.common, overrides).await?.ask(Action::Key(action)).await };
    match command.verb {
        Verb::List => {
            let answer = ask(key::Action::List).await?;
            out.list(
                &answer,
                "keys",
                &COLUMNS,
                "There is no key yet: frontdesk key create --name NAME --scopes message:write,conversation:read",
            );
        }
        Verb::Get { key } => out.details(&ask(key::Action::Get { key }).await?),
        Verb::Create { name, scopes, expires } => {
            let made = FreshKey::new(&SystemRandom);
            let scopes = scopes.into_iter().map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
            let new = NewKey { name, scopes, expires_in_s: expires, prefix: made.prefix, hash: made.hash };
            let mut answer = ask(key::Action::Create(new)).await?;
            answer["key"] = json!(made.text);
            out.told(
                &answer,
                [
                    format!(
                        "Created the key {} ({}) for {}.",
                        text(&answer["name"]),
                        text(&answer["id"]),
                        text(&answer["scopes"])
                    ),
                    format!("Key (shown only now): {}", made.text),
                ],
            );
        }
        Verb::Delete { key, yes } => {
            consent(yes, &format!("Revoking the key {key}"))?;
            let answer = ask(key::Action::Delete { key }).await?;
            out.told(&answer, [format!("Revoked {} ({}).", text(&answer["name"]), text(&answer["revoked"]))]);
        }
    }
    Ok(())
}
