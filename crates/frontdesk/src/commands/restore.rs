//! `frontdesk restore`: fills an empty database from a backup; it starts paused.

use std::{fs::File, io::BufReader, path::PathBuf};

use anyhow::{Context, Result};
use frontdesk_kernel::Clock;
use frontdesk_store::{backup, migrate};

use crate::{
    app,
    clock::SystemClock,
    config::Overrides,
    terminal::{self, say},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Restore {
    /// A file that `frontdesk backup` wrote
    file: PathBuf,
    /// Folder for database and keys
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) async fn run(args: Restore, overrides: Overrides) -> Result<()> {
    let config = crate::read(Overrides { data_dir: args.data_dir, ..overrides })?;
    let input = BufReader::new(File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?);
    let db = app::open_db(&config).await?;
    let now = SystemClock.now();
    migrate::run(&db, now).await?;
    let bar = terminal::progress("restoring", 0);
    let watched = bar.clone();
    let rows = backup::restore(&db, input, now, move |rows| watched.set_position(rows)).await?;
    bar.finish_and_clear();
    db.close().await;
    say(&format!("{rows} rows restored into {}.", config.database.shown()));
    if config.security.encryption_key.is_none() {
        say(&format!("Put the old secret.key into {} before you start.", config.data_dir.display()));
    }
    say("It starts paused: messages are received, nothing is answered or sent. Look at it, then `frontdesk resume`.");
    Ok(())
}
