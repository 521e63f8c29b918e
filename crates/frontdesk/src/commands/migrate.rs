//! `frontdesk migrate`: brings the database's schema up to this binary.

use anyhow::Result;
use frontdesk_kernel::Clock;
use frontdesk_store::{Db, migrate};

use crate::{app, clock::SystemClock, config::Overrides, terminal::say};

#[derive(clap::Args, Debug)]
pub(crate) struct Migrate {
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Say what was applied and when
    #[arg(long, conflicts_with = "dry_run")]
    status: bool,
    /// Folder for database and keys
    #[arg(long, value_name = "DIR")]
    data_dir: Option<std::path::PathBuf>,
}

pub(crate) async fn run(args: Migrate, overrides: Overrides) -> Result<()> {
    let config = crate::read(Overrides { data_dir: args.data_dir, ..overrides })?;
    if (args.dry_run || args.status) && config.database.file().is_some_and(|database| !database.exists()) {
        say(&format!("There is no database {} yet: it would be made, with every migration.", config.database.shown()));
        return Ok(());
    }
    let db = app::open_db(&config).await?;
    let told = tell(&db, args.dry_run, args.status).await;
    db.close().await;
    told?.iter().for_each(|line| say(line));
    Ok(())
}

async fn tell(db: &Db, dry_run: bool, status: bool) -> Result<Vec<String>> {
    let known = migrate::status(db).await?;
    if status {
        let applied = |m: &migrate::Applied| m.applied_at.map_or("not applied".to_owned(), |at| format!("applied {at}"));
        return Ok(known.iter().map(|m| format!("{:>4}  {:<24} {}", m.version, m.name, applied(m))).collect());
    }
    let missing: Vec<_> = known.iter().filter(|m| m.applied_at.is_none()).collect();
    if missing.is_empty() {
        return Ok(vec!["The database is up to date.".to_owned()]);
    }
    if dry_run {
        return Ok(missing.iter().map(|m| format!("would apply {} {}", m.version, m.name)).collect());
    }
    let done = migrate::run(db, SystemClock.now()).await?;
    Ok(done.iter().map(|m| format!("applied {} {}", m.version, m.name)).collect())
}
