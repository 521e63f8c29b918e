//! `frontdesk user`: people who sign in.

use anyhow::Result;
use clap::Subcommand;
use frontdesk_engine::{
    access::password,
    admin::{
        Action,
        user::{self, Change, NewUser},
    },
};
use serde_json::{Value, json};

use super::{
    input::{self, Usage, consent, something},
    output::{Column, Output, text},
    place::{Common, Place},
};
use crate::{config::Overrides, random};

const EXAMPLES: &str = "Examples:
  frontdesk user create --email ana@salon.example --name Ana --role owner
  frontdesk user update ana@salon.example --reset-password
  frontdesk user update ana@salon.example --tenant 'Salón Aurora' --role staff";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct User {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Everyone, or the people of one business (--tenant)
    List,
    /// One person with their roles
    Get {
        /// Id or e-mail
        user: String,
    },
    /// A new person with a role in the business; the password is made and shown once
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// owner, admin, staff or viewer
        #[arg(long)]
        role: String,
        /// May do everything on this installation
        #[arg(long)]
        operator: bool,
        /// Read the password from a line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Changes what is given
    Update {
        /// Id or e-mail
        user: String,
        #[arg(long)]
        name: Option<String>,
        /// In the business: owner, admin, staff, viewer, or none to take them out
        #[arg(long)]
        role: Option<String>,
        /// Whether they may sign in
        #[arg(long, value_name = "true|false")]
        active: Option<bool>,
        /// May do everything on this installation
        #[arg(long, value_name = "true|false")]
        operator: Option<bool>,
        /// Make a new password and show it once
        #[arg(long, conflicts_with = "password_stdin")]
        reset_password: bool,
        /// Read the new password from a line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Removes the person from every business
    Delete {
        /// Id or e-mail
        user: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

const COLUMNS: [Column; 6] = [
    ("ID", |r| text(&r["id"])),
    ("E-MAIL", |r| text(&r["email"])),
    ("NAME", |r| text(&r["name"])),
    ("ROLES", |r| roles(&r["roles"])),
    ("OPERATOR", |r| text(&r["operator"])),
    ("ACTIVE", |r| text(&r["active"])),
];

fn roles(all: &Value) -> String {
    let role =
        |r: &Value| format!("{} of {}", text(&r["role"]), text(if r["name"].is_null() { &r["tenant"] } else { &r["name"] }));
    all.as_array().map(|all| all.iter().map(role).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

pub(crate) async fn run(command: User, overrides: Overrides) -> Result<()> {
    let out = Output::new(command.common.json);
    let place = || Place::open(&command.common, overrides);
    let ask = |action| async { place().await?.ask(Action::User(action)).await };
    match command.verb {
        Verb::List => {
            let answer = ask(user::Action::List).await?;
            out.list(
                &answer,
                "users",
                &COLUMNS,
                "Nobody signs in yet: frontdesk user create --email EMAIL --name NAME --role owner",
            );
        }
        Verb::Get { user } => out.details(&ask(user::Action::Get { user }).await?),
        Verb::Create { email, name, role, operator, password_stdin } => {
            let (password_hash, made) = password(password_stdin)?;
            let answer =
                ask(user::Action::Create(NewUser { email, name, role, operator, password_hash, one_time: made.is_some() }))
                    .await?;
            let line = format!("Created {} ({}), {}.", text(&answer["email"]), text(&answer["id"]), roles(&answer["roles"]));
            show(out, answer, line, made);
        }
        Verb::Update { user, name, role, active, operator, reset_password, password_stdin } => {
            let (hash, made) = if reset_password || password_stdin {
                let (hash, made) = password(password_stdin)?;
                (Some(hash), made)
            } else {
                (None, None)
            };
            let change = something(Change { name, role, password_hash: hash, one_time: made.is_some(), active, operator })?;
            let answer = ask(user::Action::Update { user, change }).await?;
            let line = format!("Changed {} ({}).", text(&answer["email"]), text(&answer["id"]));
            show(out, answer, line, made);
        }
        Verb::Delete { user, yes } => {
            consent(yes, &format!("Deleting {user}"))?;
            let answer = ask(user::Action::Delete { user }).await?;
            out.told(&answer, [format!("Deleted {} ({}).", text(&answer["email"]), text(&answer["deleted"]))]);
        }
    }
    Ok(())
}

/// The hash of the given password, or of a new one, which is returned too.
fn password(from_stdin: bool) -> Result<(String, Option<String>)> {
    if !from_stdin {
        let made = random::text(16);
        return Ok((password::hash(&made, random::bytes()), Some(made)));
    }
    let given = input::line_of_stdin()?;
    password::check(&given, &[]).map_err(|why| Usage(format!("the password cannot be used: {why}")))?;
    Ok((password::hash(&given, random::bytes()), None))
}

fn show(out: Output, mut answer: Value, line: String, made: Option<String>) {
    let mut lines = vec![line];
    if let Some(made) = made {
        lines.push(format!("Password (shown only now): {made}"));
        answer["password"] = json!(made);
    }
    out.told(&answer, lines);
}
