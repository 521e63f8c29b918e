//! `frontdesk tenant`: the businesses of this installation.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Result, anyhow};
use clap::Subcommand;
use frontdesk_engine::admin::{
    Action, Secrets,
    tenant::{self, Change},
};

use super::{
    input::{self, consent, something},
    output::{Column, Output, text, when},
    place::{Common, Place},
};
use crate::config::Overrides;

const EXAMPLES: &str = "Examples:
  frontdesk tenant create --name 'Salón Aurora' --time-zone America/Bogota --language es-CO --currency COP
  frontdesk tenant update 'Salón Aurora' --profile profile.toml --services services.toml --staff services.toml
  frontdesk tenant update --set history_limit=20 --model-key openai=@key.txt";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Tenant {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// All businesses
    List,
    /// Everything about one: profile, services, staff, agents, channels
    Get {
        /// Id or exact name (default: the only one)
        business: Option<String>,
    },
    /// A new business with an agent and an `api` channel
    Create {
        /// What customers call it
        #[arg(long)]
        name: String,
        /// Name of its first agent
        #[arg(long, value_name = "NAME")]
        agent_name: Option<String>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Changes what is given
    Update {
        /// Id or exact name (default: the only one)
        business: Option<String>,
        #[arg(long)]
        name: Option<String>,
        /// Whether it is served
        #[arg(long, value_name = "true|false")]
        active: Option<bool>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Removes it with all its conversations, contacts and appointments
    Delete {
        /// Id or exact name
        business: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(clap::Args)]
struct Fields {
    /// salon, barberia, clinic, restaurant …
    #[arg(long, value_name = "TYPE")]
    business_type: Option<String>,
    /// IANA name, such as America/Bogota
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Language tag, such as es-CO
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// ISO 4217 code, such as COP
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// TOML or JSON: address, hours, holidays, payment methods, promotions, appointment rules; its members replace the old ones
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// TOML or JSON with `services`: replaces the list; who has the same name stays the same
    #[arg(long, value_name = "FILE")]
    services: Option<PathBuf>,
    /// TOML or JSON with `staff`: replaces the list
    #[arg(long, value_name = "FILE")]
    staff: Option<PathBuf>,
    /// Its own limit: burst_wait_ms, burst_max_ms, history_limit, turn_timeout_s, turn_token_budget, daily_token_budget,
    /// contact_messages_per_hour, approval_minutes, escalation_minutes; empty = the server's
    #[arg(long = "set", value_name = "NAME=NUMBER", value_parser = setting)]
    settings: Vec<(String, Option<u64>)>,
    /// What its agent may do where it acts for nobody: viewer, staff or admin; empty = staff
    #[arg(long, value_name = "ROLE")]
    agent_role: Option<String>,
    /// Its own API key of a model vendor, from a file or (-) a line of standard input; empty removes it
    #[arg(long = "model-key", value_name = "VENDOR=@FILE", value_parser = input::pair)]
    model_keys: Vec<(String, Option<String>)>,
}

const COLUMNS: [Column; 6] = [
    ("ID", |r| text(&r["id"])),
    ("NAME", |r| text(&r["name"])),
    ("TIME ZONE", |r| text(&r["time_zone"])),
    ("LANGUAGE", |r| text(&r["language"])),
    ("ACTIVE", |r| text(&r["active"])),
    ("CREATED", |r| when(&r["created_at"])),
];

pub(crate) async fn run(command: Tenant, overrides: Overrides) -> Result<()> {
    let out = Output::new(command.common.json);
    let open = |business: Option<String>| async {
        Ok::<_, anyhow::Error>(Place::open(&command.common, overrides).await?.about(business))
    };
    match command.verb {
        Verb::List => {
            let answer = open(None).await?.ask(Action::Tenant(tenant::Action::List)).await?;
            out.list(&answer, "tenants", &COLUMNS, "There is no business yet: frontdesk tenant create --name NAME");
        }
        Verb::Get { business } => out.details(&open(business).await?.ask(Action::Tenant(tenant::Action::Get)).await?),
        Verb::Create { name, agent_name, fields } => {
            let change = Change { name: Some(name), agent_name, ..fields.change()? };
            let answer = open(None).await?.ask(Action::Tenant(tenant::Action::Create(Box::new(change)))).await?;
            let id = text(&answer["id"]);
            out.told(
                &answer,
                [
                    format!("Created {} ({id}).", text(&answer["name"])),
                    format!("Next: frontdesk channel create --tenant {id} --kind whatsapp --account PHONE_NUMBER_ID …"),
                ],
            );
        }
        Verb::Update { business, name, active, fields } => {
            let change = something(Change { name, active, ..fields.change()? })?;
            let answer = open(business).await?.ask(Action::Tenant(tenant::Action::Update(Box::new(change)))).await?;
            out.told(&answer, [format!("Changed {} ({}).", text(&answer["name"]), text(&answer["id"]))]);
        }
        Verb::Delete { business, yes } => {
            consent(yes, &format!("Deleting the business {business} with all its data"))?;
            let answer = open(Some(business)).await?.ask(Action::Tenant(tenant::Action::Delete)).await?;
            out.told(&answer, [format!("Deleted {} ({}).", text(&answer["name"]), text(&answer["deleted"]))]);
        }
    }
    Ok(())
}

impl Fields {
    fn change(self) -> Result<Change> {
        let mut model_keys = BTreeMap::new();
        for (vendor, from) in self.model_keys {
            model_keys.insert(vendor, from.as_deref().map(input::secret).transpose()?);
        }
        let profile: Option<serde_json::Value> =
            self.profile.as_deref().map(|path| input::section(path, "profile")).transpose()?;
        let profile = match profile {
            Some(serde_json::Value::Object(members)) => Some(members),
            Some(_) => return Err(anyhow!("a profile is a table of members: address, hours …")),
            None => None,
        };
        Ok(Change {
            business_type: self.business_type,
            time_zone: self.time_zone,
            language: self.language,
            currency: self.currency,
            profile,
            services: self.services.as_deref().map(|path| input::section(path, "services")).transpose()?,
            staff: self.staff.as_deref().map(|path| input::section(path, "staff")).transpose()?,
            settings: self.settings.into_iter().collect(),
            agent_role: self.agent_role,
            model_keys: Secrets(model_keys),
            ..Change::default()
        })
    }
}

fn setting(given: &str) -> Result<(String, Option<u64>), String> {
    let (name, value) = input::pair(given)?;
    let value = value.map(|v| v.parse().map_err(|_| format!("`{v}` is not a number"))).transpose()?;
    Ok((name, value))
}
