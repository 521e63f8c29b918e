//! `frontdesk contact`: customers, what is known of them, who answers them.

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use frontdesk_engine::admin::{
    Action,
    contact::{self, Change, NewAddress},
};
use frontdesk_kernel::contact::AddressKind;
use serde_json::Value;

use super::{
    input::{self, consent, something},
    output::{Column, Output, text, when},
    place::{Common, Place},
};
use crate::{config::Overrides, terminal::say};

const EXAMPLES: &str = "Examples:
  frontdesk contact get '+57 300 123 4567'
  frontdesk contact create --phone '+57 300 123 4567' --name 'María López' --fact birthday='14 de marzo'
  frontdesk contact update 573001234567 --state human      take the conversation over
  frontdesk contact update 573001234567 --state bot        give it back";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Contact {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Contacts of the business, newest first
    List {
        /// How many, 1 to 500
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Go on where the last page ended
        #[arg(long, value_name = "CURSOR")]
        before: Option<String>,
    },
    /// One contact with addresses, upcoming appointments and conversations
    Get {
        /// Id, phone number or other address
        contact: String,
    },
    /// A new contact
    Create {
        /// With country code
        #[arg(long, required_unless_present = "email")]
        phone: Option<String>,
        #[arg(long)]
        email: Option<String>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Changes what is given
    Update {
        /// Id, phone number or other address
        contact: String,
        /// Who answers: bot gives the conversations back, human takes them over
        #[arg(long)]
        state: Option<State>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Erases the person: messages, files, appointments, everything
    Delete {
        /// Id, phone number or other address
        contact: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(clap::Args)]
struct Fields {
    /// What they are called; empty = unknown
    #[arg(long)]
    name: Option<String>,
    /// Something to know; an empty value forgets it
    #[arg(long = "fact", value_name = "NAME=VALUE", value_parser = input::pair)]
    facts: Vec<(String, Option<String>)>,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    Bot,
    Human,
}

const COLUMNS: [Column; 5] = [
    ("ID", |r| text(&r["id"])),
    ("NAME", |r| text(&r["name"])),
    ("ADDRESSES", |r| addresses(&r["addresses"])),
    ("FACTS", |r| text(&r["facts"])),
    ("SINCE", |r| when(&r["created_at"])),
];

fn addresses(all: &Value) -> String {
    all.as_array().map(|all| all.iter().map(|a| text(&a["value"])).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

pub(crate) async fn run(command: Contact, overrides: Overrides) -> Result<()> {
    let json = command.common.json;
    let out = Output::new(json);
    let ask = |action| async { Place::open(&command.common, overrides).await?.ask(Action::Contact(action)).await };
    match command.verb {
        Verb::List { limit, before } => {
            let answer = ask(contact::Action::List { before, limit }).await?;
            out.list(
                &answer,
                "contacts",
                &COLUMNS,
                "There is no contact here: whoever writes becomes one, or frontdesk contact create --phone NUMBER",
            );
            if let (Some(before), false) = (answer["before"].as_str(), json) {
                say(&format!("More: --before {before}"));
            }
        }
        Verb::Get { contact } => out.details(&ask(contact::Action::Get { contact }).await?),
        Verb::Create { phone, email, fields } => {
            let phone = phone.map(|value| NewAddress { kind: AddressKind::Phone, value });
            let email = email.map(|value| NewAddress { kind: AddressKind::Email, value });
            let addresses = phone.into_iter().chain(email).collect();
            let answer = ask(contact::Action::Create { addresses, change: fields.change() }).await?;
            out.told(&answer, [format!("Created {} ({}).", called(&answer), text(&answer["id"]))]);
        }
        Verb::Update { contact, state, fields } => {
            let state = state.map(|state| match state {
                State::Bot => contact::State::Bot,
                State::Human => contact::State::Human,
            });
            let change = something(Change { state, ..fields.change() })?;
            let answer = ask(contact::Action::Update { contact, change }).await?;
            out.told(&answer, [format!("Changed {} ({}).", called(&answer), text(&answer["id"]))]);
        }
        Verb::Delete { contact, yes } => {
            consent(yes, &format!("Erasing {contact} with all messages and appointments"))?;
            let answer = ask(contact::Action::Delete { contact }).await?;
            out.told(&answer, [format!("Erased {}.", text(&answer["deleted"]))]);
        }
    }
    Ok(())
}

fn called(answer: &Value) -> String {
    if answer["name"].is_null() { addresses(&answer["addresses"]) } else { text(&answer["name"]) }
}

impl Fields {
    fn change(self) -> Change {
        Change { name: self.name, facts: self.facts.into_iter().collect(), state: None }
    }
}
