//! frontdesk: one binary that answers a business's customers.

mod app;
mod clock;
mod commands;
mod config;
mod demo;
mod local;
mod logs;
mod password;
mod random;
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
}

fn main() -> ExitCode {
    // TLS has one provider in this process.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return terminal::fail(&format!("cannot start: {e}"), ExitCode::FAILURE),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(e) => explain(&e),
    }
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
    }
    Ok(ExitCode::SUCCESS)
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
    if let Some(frontdesk_store::Error::Refused(why)) = e.downcast_ref() {
        return terminal::fail(why, ExitCode::from(ConfigError::EXIT_CODE));
    }
    terminal::fail(&format!("{e:#}"), ExitCode::FAILURE)
}
