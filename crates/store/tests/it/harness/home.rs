//! A place for a database: a file in a temporary folder, or a fresh database on the test server; gone when dropped.

use std::future::Future;

use frontdesk_kernel::Timestamp;
use frontdesk_store::{Db, Options, migrate};
use tempfile::TempDir;

use super::postgres;

pub(crate) struct Home {
    pub(crate) url: String,
    folder: Option<TempDir>,
}

impl Home {
    /// A folder for a file that is not there yet.
    pub(crate) fn bare_sqlite() -> Option<Home> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("frontdesk.db").display());
        Some(Home { url, folder: Some(folder) })
    }

    /// An empty database without a schema; `None` when there is no server to test on.
    pub(crate) fn bare_postgres() -> Option<Home> {
        postgres::create(None).map(|url| Home { url, folder: None })
    }

    pub(crate) fn sqlite() -> Option<Home> {
        let home = Home::bare_sqlite()?;
        let options = home.options();
        in_a_thread(async move {
            let db = Db::open(&options).await.unwrap();
            migrate::run(&db, Timestamp(0)).await.unwrap();
            db.close().await;
        });
        Some(home)
    }

    pub(crate) fn postgres() -> Option<Home> {
        postgres::create(Some(&postgres::template()?)).map(|url| Home { url, folder: None })
    }

    pub(crate) fn options(&self) -> Options {
        Options { url: self.url.clone(), pool_size: 8, prepared_statements: true }
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(&self.options()).await.unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.folder.is_none() {
            postgres::remove(&self.url);
        }
    }
}

/// Tells a story with the database of a home. Without a home the test was skipped, loudly.
pub(crate) fn at_home<F: Future<Output = ()>>(home: Option<Home>, story: impl FnOnce(Db) -> F) {
    let Some(home) = home else { return };
    run(async {
        let db = home.open().await;
        story(db.clone()).await;
        db.close().await;
    });
}

pub(crate) fn run<T>(story: impl Future<Output = T>) -> T {
    runtime().block_on(story)
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

/// Homes are made and dropped inside and outside of runtimes: that work has a thread of its own.
pub(super) fn in_a_thread<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    std::thread::spawn(|| run(work)).join().expect("a database for the test")
}
