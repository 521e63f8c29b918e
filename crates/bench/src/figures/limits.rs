//! What the disk and the database can do at most, so that nobody takes their limits for ours.

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use frontdesk_kernel::scope::Server;
use frontdesk_store::{Db, work, yardstick};
use tokio::task::JoinSet;

const LONG: Duration = Duration::from_secs(1);

/// Milliseconds that the disk needs until 4 KiB are safe, one after the other.
pub(super) fn sync_ms(folder: &Path) -> Result<f64> {
    let path = folder.join("sync");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let (began, mut count, page) = (Instant::now(), 0_u32, [7; 4096]);
    while began.elapsed() < LONG {
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    let took = began.elapsed();
    std::fs::remove_file(path)?;
    Ok(took.as_secs_f64() * 1000.0 / f64::from(count.max(1)))
}

/// Commits of one row in a second, sixteen at the same time.
pub(super) async fn commits(url: &str) -> Result<f64> {
    const AT_ONCE: usize = 16;
    let db = Db::open(&frontdesk_store::Options { url: url.to_owned(), pool_size: AT_ONCE, prepared_statements: true }).await?;
    db.write(&Server, work!(tx => yardstick::create(tx, &Server).await)).await?;
    let (began, mut tasks) = (Instant::now(), JoinSet::new());
    for n in 0..AT_ONCE {
        let db = db.clone();
        tasks.spawn(async move {
            let mut count = 0;
            while began.elapsed() < LONG {
                let id = format!("limit.{n}.{count}");
                db.write(&Server, work!(tx => yardstick::insert(tx, &Server, &id, "a row").await)).await?;
                count += 1;
            }
            anyhow::Ok(count)
        });
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done??;
    }
    let rate = f64::from(count) / began.elapsed().as_secs_f64();
    db.close().await;
    Ok(rate)
}
