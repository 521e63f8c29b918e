//! frontdesk: one binary that answers a business's customers.

mod app;
mod client;
mod clock;
mod commands;
mod config;
mod connections;
mod console;
mod demo;
mod local;
mod logs;
mod memory;
mod owner;
mod random;
mod sale;
mod scripts;
mod seed;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    app::{App, Refuse},
    config::{Config, ConfigError, Overrides},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Answers a business's customers on WhatsApp: books, hands over to people, never loses a message.
#[derive(Parser)]
#[command(name = "frontdesk", version, after_help = EXAMPLES)]
struct Cli {
    /// Configuration file (default: ./frontdesk.toml, then the one in the data folder)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "Examples:
  frontdesk demo                        a demo salon, no account or key needed
  frontdesk chat                        talk to it from a second terminal
  frontdesk replay fixtures/*.json      deliver recorded WhatsApp messages to it
  frontdesk serve                       serve what .env or frontdesk.toml describe
  frontdesk doctor                      what is missing, and how to fix it";

#[derive(Subcommand)]
enum Command {
    /// Serve webhooks, API and workers (the default)
    Serve(commands::serve::Serve),
    /// Serve a demo salon with the scripted model
    Demo(commands::demo::Demo),
    /// Deliver recorded webhooks, signed, and show the replies
    Replay(commands::replay::Replay),
    /// Talk to an agent in the terminal
    Chat(commands::chat::Chat),
    /// Say what is missing and how to fix it
    Doctor(commands::doctor::Doctor),
    /// Bring the database up to this version
    Migrate(commands::migrate::Migrate),
    /// Write everything into one file, while running
    Backup(commands::backup::Backup),
    /// Fill an empty database from a backup
    Restore(commands::restore::Restore),
    /// End the pause after a restore
    Resume(commands::resume::Resume),
    /// Tell a turn, step by step
    Trace(commands::trace::Trace),
    /// Measure what the product costs and how fast it is on this machine
    Bench(commands::bench::Bench),
    /// Print the description of the API (OpenAPI 3.1)
    #[command(name = "openapi")]
    OpenApi(commands::openapi::OpenApi),
    /// Businesses: list, get, create, update, delete
    Tenant(commands::tenant::Tenant),
    /// People who sign in
    User(commands::user::User),
    /// API keys
    Key(commands::key::Key),
    /// Connected accounts (WhatsApp …)
    Channel(commands::channel::Channel),
    /// Who answers: prompt, models, tools
    Agent(commands::agent::Agent),
    /// Customers
    Contact(commands::contact::Contact),
    /// Business credit: balance, add, usage
    Token(commands::token::Token),
    /// Run the programs of prompts; started by the server, for itself
    #[command(name = scripts::COMMAND, hide = true)]
    RunPrograms,
}

fn main() -> ExitCode {
    // TLS has one provider in this process.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    #[cfg(debug_assertions)]
    if !plan_crash() {
        return ExitCode::SUCCESS;
    }
    let cli = Cli::parse();
    if let Some(Command::RunPrograms) = cli.command {
        return scripts::worker::run();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return terminal::fail(&format!("cannot start: {e}"), ExitCode::FAILURE),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(e) => explain(&e),
    }
}

/// The crash harness says where to die (`name:hit`), or asks for the names (`list`). `false`: that was all it wanted.
#[cfg(debug_assertions)]
fn plan_crash() -> bool {
    #[expect(clippy::disallowed_methods, reason = "no setting: never in a release")]
    let plan = std::env::var("FRONTDESK_CRASH").unwrap_or_default();
    if plan == "list" {
        terminal::say(&frontdesk_engine::crash::ALL.join("\n"));
        return false;
    }
    frontdesk_engine::crash::plan(&plan);
    true
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let overrides = Overrides { config: cli.config, ..Overrides::default() };
    match cli.command.unwrap_or(Command::Serve(commands::serve::Serve::default())) {
        Command::Serve(serve) => {
            let no_migrate = serve.no_migrate;
            let config = read(serve.overrides(overrides))?;
            logs::start(&config.log);
            commands::serve::run(App::open(config, !no_migrate).await?).await?;
        }
        Command::Demo(demo) => commands::demo::run(demo, overrides).await?,
        Command::Replay(replay) => return Ok(verdict(commands::replay::run(replay, overrides).await?)),
        Command::Chat(chat) => return Ok(verdict(commands::chat::run(chat, overrides).await?)),
        Command::Doctor(doctor) => return Ok(verdict(commands::doctor::run(doctor, overrides).await?)),
        Command::Migrate(migrate) => commands::migrate::run(migrate, overrides).await?,
        Command::Backup(backup) => commands::backup::run(backup, overrides).await?,
        Command::Restore(restore) => commands::restore::run(restore, overrides).await?,
        Command::Resume(resume) => commands::resume::run(resume, overrides).await?,
        Command::Trace(trace) => commands::trace::run(trace, overrides).await?,
        Command::Bench(bench) => commands::bench::run(bench).await?,
        Command::OpenApi(openapi) => commands::openapi::run(openapi),
        Command::Tenant(tenant) => Box::pin(commands::tenant::run(tenant, overrides)).await?,
        Command::User(user) => Box::pin(commands::user::run(user, overrides)).await?,
        Command::Key(key) => commands::key::run(key, overrides).await?,
        Command::Channel(channel) => Box::pin(commands::channel::run(channel, overrides)).await?,
        Command::Agent(agent) => Box::pin(commands::agent::run(agent, overrides)).await?,
        Command::Contact(contact) => Box::pin(commands::contact::run(contact, overrides)).await?,
        Command::Token(token) => commands::token::run(token, overrides).await?,
        Command::RunPrograms => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// 0 when all was well, 1 when the command ran and found otherwise.
fn verdict(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The configuration; its warnings go to the terminal, once.
fn read(overrides: Overrides) -> anyhow::Result<Config> {
    let (config, warnings) = Config::read(overrides)?;
    for warning in warnings {
        terminal::warn(&warning.to_string());
    }
    Ok(config)
}

/// One line that says what is wrong. Configuration: 78, so that a supervisor does not start it again and again.
fn explain(e: &anyhow::Error) -> ExitCode {
    if e.is::<ConfigError>() || e.is::<Refuse>() {
        return terminal::fail(&e.to_string(), ExitCode::from(ConfigError::EXIT_CODE));
    }
    if let Some(usage) = e.downcast_ref::<commands::input::Usage>() {
        return terminal::fail(&usage.to_string(), ExitCode::from(commands::input::Usage::EXIT_CODE));
    }
    if let Some(frontdesk_store::Error::Refused(why)) = e.downcast_ref() {
        return terminal::fail(why, ExitCode::from(ConfigError::EXIT_CODE));
    }
    terminal::fail(&format!("{e:#}"), ExitCode::FAILURE)
}
