//! `frontdesk channel`: the connected accounts of a business.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use clap::Subcommand;
use frontdesk_connect::channels;
use frontdesk_engine::admin::{
    Action, Secrets,
    channel::{self, Change},
};

use super::{
    input::{self, Usage, consent, something},
    output::{Column, Output, text, when},
    place::{Common, Place},
};
use crate::config::Overrides;

const EXAMPLES: &str = "Examples:
  frontdesk channel create --kind whatsapp --account PHONE_NUMBER_ID --name Front \\
      --secret access_token=@token.txt --secret app_secret=@app.txt --secret verify_token=@verify.txt
  frontdesk channel create --kind whatsapp --account 123456789 --mock
  frontdesk channel update Front --secret access_token=- --resume";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Channel {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// All channels with their state
    List,
    /// One channel; secrets are shown as `set`
    Get {
        /// Id, account or name
        channel: String,
    },
    /// Connects an account
    Create {
        /// whatsapp, webchat or api
        #[arg(long)]
        kind: String,
        /// The vendor's id of the account (WhatsApp: the phone number ID)
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// Outgoing messages are recorded instead of sent; no credentials needed
        #[arg(long)]
        mock: bool,
        #[command(flatten)]
        fields: Fields,
    },
    /// Changes what is given
    Update {
        /// Id, account or name
        channel: String,
        /// Outgoing messages are recorded instead of sent
        #[arg(long, value_name = "true|false")]
        mock: Option<bool>,
        /// Whether it is used
        #[arg(long, value_name = "true|false")]
        active: Option<bool>,
        /// What stopped it is mended: send again
        #[arg(long)]
        resume: bool,
        #[command(flatten)]
        fields: Fields,
    },
    /// Disconnects it; conversations stay
    Delete {
        /// Id, account or name
        channel: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(clap::Args)]
struct Fields {
    /// How it is called in lists
    #[arg(long)]
    name: Option<String>,
    /// Who answers here, by id or name; empty = the default agent
    #[arg(long)]
    agent: Option<String>,
    /// The branch that it answers for, by id or name; empty = every one
    #[arg(long)]
    location: Option<String>,
    /// A credential, from a file or (-) a line of standard input; empty removes it
    #[arg(long = "secret", value_name = "NAME=@FILE", value_parser = input::pair)]
    secrets: Vec<(String, Option<String>)>,
    /// Short for --secret access_token=-
    #[arg(long)]
    access_token_stdin: bool,
    /// A setting that is not secret; empty removes it
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = input::pair)]
    settings: Vec<(String, Option<String>)>,
}

const COLUMNS: [Column; 7] = [
    ("ID", |r| text(&r["id"])),
    ("KIND", |r| text(&r["kind"])),
    ("ACCOUNT", |r| text(&r["account"])),
    ("NAME", |r| text(&r["name"])),
    ("STATE", |r| match (r["paused_reason"].as_str(), r["mock"] == true) {
        (Some(_), _) => format!("{}: {}", text(&r["state"]), text(&r["paused_reason"])),
        (None, true) => format!("{} (mock)", text(&r["state"])),
        (None, false) => text(&r["state"]),
    }),
    ("LAST SIGN OF LIFE", |r| when(&r["last_sign_of_life"])),
    ("LAST ERROR", |r| format!("{} {}", when(&r["last_error_at"]), text(&r["last_error"])).trim().to_owned()),
];

pub(crate) async fn run(command: Channel, overrides: Overrides) -> Result<()> {
    let out = Output::new(command.common.json);
    let ask = |action| async { Place::open(&command.common, overrides).await?.ask(Action::Channel(action)).await };
    match command.verb {
        Verb::List => {
            let answer = ask(channel::Action::List).await?;
            out.list(
                &answer,
                "channels",
                &COLUMNS,
                "There is no channel yet: frontdesk channel create --kind whatsapp --account PHONE_NUMBER_ID …",
            );
        }
        Verb::Get { channel } => out.details(&ask(channel::Action::Get { channel }).await?),
        Verb::Create { kind, account, mock, fields } => {
            not_a_phone_number(&kind, account.as_deref())?;
            fields.are_in_their_places(&kind)?;
            let change = Change { mock: Some(mock), ..fields.change()? };
            let answer = ask(channel::Action::Create { kind, account, change }).await?;
            let (kind, account) = (text(&answer["kind"]), text(&answer["account"]));
            let connected = format!("Connected {kind} {account} as {} ({}).", text(&answer["name"]), text(&answer["id"]));
            let secrets = answer["new_secrets"].as_object().into_iter().flatten();
            let secrets =
                secrets.map(|(key, secret)| format!("{key}: {} (shown this once; keep it on your server)", text(secret)));
            out.told(&answer, std::iter::once(connected).chain(secrets));
        }
        Verb::Update { channel, mock, active, resume, fields } => {
            let change = something(Change { mock, active, resume, ..fields.change()? })?;
            let answer = ask(channel::Action::Update { channel, change }).await?;
            out.told(
                &answer,
                [format!("Changed {} ({}): {}.", text(&answer["name"]), text(&answer["id"]), text(&answer["state"]))],
            );
        }
        Verb::Delete { channel, yes } => {
            consent(yes, &format!("Disconnecting the channel {channel} with its credentials"))?;
            let answer = ask(channel::Action::Delete { channel }).await?;
            out.told(&answer, [format!("Disconnected {} ({}).", text(&answer["name"]), text(&answer["deleted"]))]);
        }
    }
    Ok(())
}

/// The usual mistake: nothing would ever arrive for such an account.
fn not_a_phone_number(kind: &str, account: Option<&str>) -> Result<()> {
    match account {
        Some(account) if kind == "whatsapp" && !account.bytes().all(|b| b.is_ascii_digit()) => Err(Usage(format!(
            "--account {account}: write the phone number ID (digits only; Meta app → WhatsApp → API setup), not the phone number"
        ))
        .into()),
        _ => Ok(()),
    }
}

impl Fields {
    /// The server says only that it is a secret, or a setting: which option that is, is known here.
    fn are_in_their_places(&self, kind: &str) -> Result<()> {
        let about = channels::find(kind).map(|channel| channel.about());
        let is_secret = |name: &str| about.and_then(|about| Some(about.settings.iter().find(|s| s.key == name)?.secret));
        if let Some((name, _)) = self.settings.iter().find(|(name, _)| is_secret(name) == Some(true)) {
            bail!("{name}: it is secret: give it with --secret {name}=@FILE");
        }
        if let Some((name, _)) = self.secrets.iter().find(|(name, _)| is_secret(name) == Some(false)) {
            bail!("{name}: it is not secret: give it with --set {name}=VALUE");
        }
        Ok(())
    }

    fn change(self) -> Result<Change> {
        let mut secrets = BTreeMap::new();
        let token = self.access_token_stdin.then(|| ("access_token".to_owned(), Some("-".to_owned())));
        for (name, from) in self.secrets.into_iter().chain(token) {
            let secret = from.as_deref().map(input::secret).transpose()?;
            secrets.insert(name, secret);
        }
        Ok(Change {
            name: self.name,
            agent: self.agent,
            location: self.location,
            settings: self.settings.into_iter().collect(),
            secrets: Secrets(secrets),
            ..Change::default()
        })
    }
}
