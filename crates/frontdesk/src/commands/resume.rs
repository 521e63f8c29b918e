//! `frontdesk resume`: a restored installation goes to work.

use std::path::PathBuf;

use anyhow::{Result, bail};
use frontdesk_kernel::scope::Server;
use frontdesk_store::{meta, work};
use serde_json::json;

use super::running;
use crate::{
    app::{self, Refuse},
    config::{Config, Overrides},
    terminal::say,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Resume {
    /// Folder for database and keys
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) async fn run(args: Resume, overrides: Overrides) -> Result<()> {
    let config = crate::read(Overrides { data_dir: args.data_dir, ..overrides })?;
    let was_paused = end_pause(&config).await?;
    say(if was_paused { "Resumed: messages are answered and sent." } else { "It was not paused." });
    Ok(())
}

/// In the database (a running server notices), or through the server that has it open.
async fn end_pause(config: &Config) -> Result<bool> {
    if config.database.file().is_some_and(|database| !database.exists()) {
        bail!("there is no database {}", config.database.shown());
    }
    match app::open_db(config).await {
        Ok(db) => {
            let removed = db.write(&Server, work!(tx => meta::remove(tx, &Server, meta::PAUSED).await)).await;
            db.close().await;
            Ok(removed?)
        }
        Err(locked) if locked.is::<Refuse>() => {
            let server = running::beside(config).await?.ok_or(locked)?;
            Ok(server.post("/api/v1/resume", &json!({})).await?["was_paused"] == true)
        }
        Err(e) => Err(e),
    }
}
