//! `frontdesk resume`: a restored installation goes to work.

use anyhow::Result;
use frontdesk_kernel::scope::Server as Everyone;
use frontdesk_store::{meta, work};
use serde_json::json;

use super::running::Server;
use crate::{
    app::{self, Refuse},
    config::Overrides,
    terminal::say,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Resume {
    #[command(flatten)]
    server: Server,
}

pub(crate) async fn run(args: Resume, overrides: Overrides) -> Result<()> {
    let config = crate::read(Overrides { data_dir: args.server.data_dir.clone(), ..overrides })?;
    let was_paused = match app::open_db(&config).await {
        Ok(db) => {
            let removed = db.write(&Everyone, work!(tx => meta::remove(tx, &Everyone, meta::PAUSED).await)).await?;
            db.close().await;
            removed
        }
        Err(locked) if locked.is::<Refuse>() => {
            let answer = args.server.client(&config, None)?.post("/api/v1/resume", &json!({})).await?;
            answer["was_paused"] == true
        }
        Err(e) => return Err(e),
    };
    say(if was_paused { "Resumed: messages are answered and sent." } else { "It was not paused." });
    Ok(())
}
