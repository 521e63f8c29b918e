//! `frontdesk backup`: one consistent file of everything, while the server runs.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use frontdesk_kernel::Clock;
use frontdesk_store::backup;

use super::running::Server;
use crate::{
    app::{self, Refuse},
    clock::SystemClock,
    config::{Config, Overrides},
    terminal::{self, say},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Backup {
    /// Where to write it; must not exist
    file: PathBuf,
    #[command(flatten)]
    server: Server,
}

pub(crate) async fn run(args: Backup, overrides: Overrides) -> Result<()> {
    let config = crate::read(Overrides { data_dir: args.server.data_dir.clone(), ..overrides })?;
    if args.file.exists() {
        bail!("{} is there already: name a new file", args.file.display());
    }
    let part = args.file.with_extension("part");
    let bar = terminal::progress("writing", 0);
    let written = match app::open_db(&config).await {
        Ok(db) => {
            let out = BufWriter::new(private(&part)?);
            let watched = bar.clone();
            let rows = backup::write(&db, out, SystemClock.now(), move |rows| watched.set_position(rows)).await?;
            db.close().await;
            format!("{rows} rows")
        }
        Err(locked) if locked.is::<Refuse>() => through_server(&args.server, &config, &part, &bar).await?,
        Err(e) => return Err(e),
    };
    bar.finish_and_clear();
    File::open(&part)?.sync_all()?;
    std::fs::rename(&part, &args.file).with_context(|| format!("cannot name the backup {}", args.file.display()))?;
    say(&format!("{}: {written}", args.file.display()));
    if config.security.encryption_key.is_none() {
        say(&format!("Secrets in it stay sealed: keep {} with it, in another place.", config.data_dir.join("secret.key").display()));
    }
    Ok(())
}

/// The server has the database open: it writes the backup and we keep it.
async fn through_server(server: &Server, config: &Config, part: &Path, bar: &indicatif::ProgressBar) -> Result<String> {
    let client = server.client(config, None)?;
    let mut answer = client.stream("/api/v1/backup").await?;
    if answer.status != 200 {
        bail!("the server at {} answered {}", client.url(), answer.status);
    }
    let mut out = BufWriter::new(private(part)?);
    let (mut bytes, mut tail) = (0u64, Vec::new());
    while let Some(chunk) = answer.body.next().await {
        let chunk = chunk.context("the backup broke off; try again")?;
        out.write_all(&chunk)?;
        bytes += chunk.len() as u64;
        bar.set_position(bytes);
        tail.extend_from_slice(&chunk);
        let keep = tail.len().saturating_sub(64);
        tail.drain(..keep);
    }
    out.flush()?;
    // The last line counts the rows: without it the server stopped half-way.
    if !String::from_utf8_lossy(&tail).contains("{\"end\":") {
        bail!("the backup broke off; try again");
    }
    Ok(format!("{bytes} bytes"))
}

fn private(path: &Path) -> Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let file = std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path);
    file.with_context(|| format!("cannot write {}", path.display()))
}
