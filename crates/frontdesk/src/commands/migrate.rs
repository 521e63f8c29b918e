//! `frontdesk migrate`: brings the database's schema up to this binary.

use anyhow::Result;
use frontdesk_kernel::Clock;
use frontdesk_store::migrate;

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
    let db = app::open_db(&config).await?;
    let known = migrate::status(&db).await?;
    let missing: Vec<_> = known.iter().filter(|m| m.applied_at.is_none()).collect();
    if args.status {
        for m in &known {
            say(&format!("{:>4}  {:<24} {}", m.version, m.name, m.applied_at.map_or("not applied".to_owned(), |at| format!("applied {at}"))));
        }
    } else if missing.is_empty() {
        say("The database is up to date.");
    } else if args.dry_run {
        for m in &missing {
            say(&format!("would apply {} {}", m.version, m.name));
        }
    } else {
        for m in migrate::run(&db, SystemClock.now()).await? {
            say(&format!("applied {} {}", m.version, m.name));
        }
    }
    db.close().await;
    Ok(())
}
