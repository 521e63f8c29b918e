//! `frontdesk restore`: fills an empty database from a backup; it starts paused.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::bufread::MultiGzDecoder;
use frontdesk_kernel::Clock;
use frontdesk_store::{Db, backup, migrate};

use super::running;
use crate::{
    app::{self, Refuse},
    clock::SystemClock,
    config::Overrides,
    terminal::{self, say},
};

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  frontdesk restore monday.jsonl.gz --data-dir new")]
pub(crate) struct Restore {
    /// A file that `frontdesk backup` wrote
    file: PathBuf,
    /// Folder for database and keys
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) async fn run(args: Restore, overrides: Overrides) -> Result<()> {
    let there = args.data_dir.as_ref().map(|folder| format!(" --data-dir {}", folder.display())).unwrap_or_default();
    let config = crate::read(Overrides { data_dir: args.data_dir, ..overrides })?;
    if let Some(server) = running::beside(&config).await? {
        return Err(Refuse(format!(
            "a server runs on this installation ({}): stop it first, or restore into another one",
            server.url()
        ))
        .into());
    }
    let input = open(&args.file)?;
    let db = app::open_db(&config).await?;
    let rows = fill(&db, input).await;
    db.close().await;
    say(&format!("{} rows are restored into {}.", rows?, config.database.shown()));
    let key = config.data_dir.join("secret.key");
    if config.security.encryption_key.is_some() {
        say("Secrets open only if SECRET_KEY (or ENCRYPTION_KEY) is the one of the installation that was backed up.");
    } else if key.exists() {
        say(&format!("Secrets open only if {} is the one of the installation that was backed up.", key.display()));
    } else {
        say(&format!(
            "Secrets are sealed: put the secret.key of the installation that was backed up at {} before you start.",
            key.display()
        ));
    }
    say(&format!(
        "It starts paused: messages are received, nothing is answered or sent. Look at it, then run `frontdesk resume{there}`."
    ));
    Ok(())
}

async fn fill(db: &Db, input: Box<dyn BufRead + Send>) -> Result<u64> {
    let now = SystemClock.now();
    migrate::run(db, now).await?;
    let bar = terminal::progress("rows", 0);
    let watched = bar.clone();
    let rows = backup::restore(db, input, now, move |rows| watched.set_position(rows)).await;
    bar.finish_and_clear();
    Ok(rows?)
}

/// Compressed or not: its first bytes say it.
fn open(path: &Path) -> Result<Box<dyn BufRead + Send>> {
    let unreadable = || format!("cannot read {}", path.display());
    let mut file = BufReader::new(File::open(path).with_context(unreadable)?);
    let gzip = file.fill_buf().with_context(unreadable)?.starts_with(&[0x1f, 0x8b]);
    Ok(if gzip { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) })
}
