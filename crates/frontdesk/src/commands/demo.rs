//! `frontdesk demo`: a salon that anyone can talk to, with no account, key or service.

use std::net::Ipv4Addr;

use anyhow::{Context, Result};
use tokio::net::TcpListener;

use crate::{app::App, commands::serve, config::Overrides, demo, local, logs, terminal::say};

#[derive(clap::Args, Debug)]
pub(crate) struct Demo {
    /// Port to listen on
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Keep the data in this folder (default: a new one each time)
    #[arg(long, value_name = "DIR")]
    data_dir: Option<std::path::PathBuf>,
}

pub(crate) async fn run(args: Demo, overrides: Overrides) -> Result<()> {
    // The port is held before anything is removed: the data of another demo that runs on it are its own.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port))
        .await
        .with_context(|| format!("cannot listen on port {}, perhaps another demo does: choose another with --port", args.port))?;
    let address = listener.local_addr()?;
    let (folder, is_thrown_away) = match args.data_dir {
        Some(folder) => (folder, false),
        None => (local::demo_folder(address.port()), true),
    };
    let overrides = Overrides {
        database_url: Some(format!("sqlite:{}", folder.join("frontdesk.db").display())),
        data_dir: Some(folder.clone()),
        listen: Some(address.to_string()),
        mock_mode: Some(true),
        model: Some("scripted".into()),
        ..overrides
    };
    let config = crate::read(overrides)?;
    if is_thrown_away {
        // Yesterday's demo is gone.
        let _ = std::fs::remove_dir_all(&folder);
    }
    logs::start(&config.log);
    let app = App::open(config, true).await?;
    let opened = demo::open(&app).await?;
    serve::start(app, listener, demo::site::routes(), move |address| {
        say(&format!("\n  {} is open at http://{address}", opened.name));
        say("  It answers by rules (the scripted model), not with an AI. Data: ");
        say(&format!("    {}\n", folder.display()));
        if let Some(password) = &opened.one_time_password {
            say(&format!("  Sign in as {} with the one-time password {password}", opened.owner));
        }
        say(&format!("  Its website, with the web chat: http://{address}/demo-site\n"));
        say("  In a second terminal:");
        say("    frontdesk chat                      talk to it");
        say("    frontdesk replay fixtures/*.json    deliver recorded WhatsApp messages\n");
        say("  Next: connect a model and WhatsApp in a .env file, then `frontdesk serve` (see README.md).  Stop: Ctrl-C\n");
    })
    .await
}
