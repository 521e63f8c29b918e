//! `frontdesk backup`: one consistent file of everything, while the server runs.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result, bail};
use flate2::{Compression, write::GzEncoder};
use frontdesk_kernel::Clock;
use frontdesk_store::backup;
use indicatif::ProgressBar;

use super::running;
use crate::{
    app::{self, Refuse},
    clock::SystemClock,
    config::{Config, Overrides},
    terminal::{self, say},
};

const EXAMPLES: &str = "Examples:
  frontdesk backup monday.jsonl.gz      compressed, because of its name
  frontdesk restore monday.jsonl.gz     into an empty database, here or elsewhere";

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Backup {
    /// Where to write it: a new file
    file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    /// Folder for database and keys
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) async fn run(args: Backup, overrides: Overrides) -> Result<()> {
    let config = crate::read(Overrides { data_dir: args.data_dir, ..overrides })?;
    if args.file.exists() && !args.force {
        bail!("{} is there already: name a new file, or say --force", args.file.display());
    }
    if config.database.file().is_some_and(|database| !database.exists()) {
        bail!("there is no database {} yet: nothing to back up", config.database.shown());
    }
    let mut part = args.file.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let bar = terminal::progress("rows", 0);
    let written = write(&config, &part, args.file.extension().is_some_and(|e| e == "gz"), &bar).await;
    bar.finish_and_clear();
    let rows = match written {
        Ok(rows) => rows,
        Err(e) => {
            // Half a backup is of no use to anyone.
            let _ = std::fs::remove_file(&part);
            return Err(e);
        }
    };
    std::fs::rename(&part, &args.file).with_context(|| format!("cannot name the backup {}", args.file.display()))?;
    let folder = args.file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(|| format!("cannot sync {}", folder.display()))?;
    say(&format!("{}: {rows} rows. It holds customers' data: keep it where nobody else reads.", args.file.display()));
    say(&match &config.security.encryption_key {
        Some(_) => {
            "Secrets in it stay sealed: to use them again, keep the SECRET_KEY (or ENCRYPTION_KEY), too, in another place."
                .to_owned()
        }
        None => format!(
            "Secrets in it stay sealed: to use them again, keep {} too, in another place.",
            config.data_dir.join("secret.key").display()
        ),
    });
    Ok(())
}

/// From the database, or from the server that has it open.
async fn write(config: &Config, part: &Path, gzip: bool, bar: &ProgressBar) -> Result<u64> {
    let out = Out::create(part, gzip)?;
    let rows = match app::open_db(config).await {
        Ok(db) => {
            let watched = bar.clone();
            let rows = backup::write(&db, out.clone(), SystemClock.now(), move |rows| watched.set_position(rows)).await;
            db.close().await;
            rows?
        }
        Err(locked) if locked.is::<Refuse>() => {
            let client = running::beside(config).await?.ok_or(locked)?;
            receive(client.stream("/api/v1/backup").await?, out.clone(), bar).await?
        }
        Err(e) => return Err(e),
    };
    out.finish().with_context(|| format!("cannot write {}", part.display()))?;
    Ok(rows)
}

async fn receive(mut answer: frontdesk_kernel::ports::http::Streaming, mut out: Out, bar: &ProgressBar) -> Result<u64> {
    if answer.status != 200 {
        bail!("the server refused the backup with status {}", answer.status);
    }
    let (mut lines, mut last) = (0u64, Vec::new());
    while let Some(chunk) = answer.body.next().await {
        let chunk = chunk.context("the backup broke off; try again")?;
        out.write_all(&chunk)?;
        lines += chunk.iter().filter(|b| **b == b'\n').count() as u64;
        last.extend_from_slice(&chunk);
        last.drain(..last.len().saturating_sub(LAST_LINE));
        bar.set_position(lines);
    }
    // The last line counts the rows: without it the server stopped half-way.
    let end = String::from_utf8_lossy(&last)
        .trim_end()
        .rsplit('\n')
        .next()
        .and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let rows = end.and_then(|end| end["end"].as_u64()).filter(|rows| rows + 2 == lines);
    rows.context("the backup broke off; try again")
}

/// Longer than the line that ends a backup.
const LAST_LINE: usize = 512;

/// A file that only its owner reads, compressed or not. Clones write to the same file.
#[derive(Clone)]
struct Out(Arc<Mutex<Way>>);

enum Way {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
}

impl Out {
    fn create(path: &Path, gzip: bool) -> Result<Out> {
        use std::os::unix::fs::OpenOptionsExt;
        let file = std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path);
        let file = BufWriter::new(file.with_context(|| format!("cannot write {}", path.display()))?);
        let way = if gzip { Way::Gzip(GzEncoder::new(file, Compression::default())) } else { Way::Plain(file) };
        Ok(Out(Arc::new(Mutex::new(way))))
    }

    /// Everything is on the disk.
    fn finish(&self) -> io::Result<()> {
        let mut way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *way {
            Way::Plain(file) => file,
            Way::Gzip(gzip) => {
                gzip.try_finish()?;
                gzip.get_mut()
            }
        };
        file.flush()?;
        file.get_ref().sync_all()
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Way::Plain(file) => file.write(bytes),
            Way::Gzip(gzip) => gzip.write(bytes),
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Way::Plain(file) => file.flush(),
            Way::Gzip(gzip) => gzip.flush(),
        }
    }
}
