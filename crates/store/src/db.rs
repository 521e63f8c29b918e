//! One SQL text, two engines: what the rest of the store knows about databases.
//!
//! A unit of work is a function of `&mut Tx`. On SQLite it runs on the one writer thread, inside a savepoint unless it is the first of
//! its group, and is answered after the group's COMMIT; on PostgreSQL it is a transaction of its own. It awaits nothing but `Tx`: no transaction spans I/O.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use frontdesk_kernel::{Scope, scope::Server};
use tokio::sync::Semaphore;

use crate::{
    engine::{Options, Session, postgres, sqlite},
    gate::{self, Access, Gate},
    unit::{Unit, is_put_down, put_down, taken},
    witness,
};

pub type Result<T, E = Error> = std::result::Result<T, E>;
pub type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;

/// What went wrong in the database, and may the caller try again?
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, is full or busy: nothing was committed (or it is not known); try again later.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A uniqueness or check rule refused the row.
    #[error("refused by a rule of the database: {0}")]
    Conflict(String),
    /// A stored value cannot be read.
    #[error("unreadable value in column {column}: {problem}")]
    Unreadable { column: String, problem: String },
    /// A long read did not end in its time: ask for less.
    #[error("it took too long")]
    TooLong,
    /// The lane belongs to somebody else now: give up silently.
    #[error("the lease was lost")]
    LeaseLost,
    /// The statement or its use is wrong: a bug.
    #[error("database: {0}")]
    Broken(String),
    /// A rule of ours, in words for the caller; the unit of work is rolled back.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    pub fn may_retry(&self) -> bool {
        matches!(self, Error::Unavailable(_))
    }
}

/// A database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(crate) engine: Engine,
    /// How many long reads may run at once.
    long_reads: Arc<Semaphore>,
    /// Only in simulations.
    gate: Option<Arc<dyn Gate>>,
}

#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// Whose rows a unit of work may touch; on PostgreSQL row-level security holds it to that.
pub trait Reach {
    fn tenant(&self) -> &str;
}
impl Reach for Scope {
    fn tenant(&self) -> &str {
        Scope::tenant(self).as_str()
    }
}
impl Reach for Server {
    fn tenant(&self) -> &str {
        "*"
    }
}

/// A running unit of work.
pub struct Tx {
    pub(crate) inner: Inner,
    statements: u64,
}

pub(crate) enum Inner {
    Sqlite(rusqlite::Connection),
    Postgres(Session),
}

impl Tx {
    pub(crate) fn new(inner: Inner) -> Tx {
        Tx { inner, statements: 0 }
    }

    /// So many statements were made here so far; of SQLite's connections, in the units of work before too. What something costs is the
    /// difference.
    pub fn statements(&self) -> u64 {
        self.statements
    }

    pub(crate) fn count(&mut self) {
        self.statements += 1;
    }
}

impl Db {
    pub async fn open(options: &Options) -> Result<Db> {
        let (engine, at_once) = if options.url.starts_with("sqlite:") {
            (Engine::Sqlite(Arc::new(sqlite::Sqlite::open(options)?)), 1)
        } else {
            (Engine::Postgres(Arc::new(postgres::Postgres::open(options).await?)), (options.pool_size / 4).max(1))
        };
        Ok(Db { engine, long_reads: Arc::new(Semaphore::new(at_once)), gate: None })
    }

    /// So many units of work wrote here since this was true last. SQLite does not count them.
    pub fn has_written(&self, many: u64) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => false,
            Engine::Postgres(engine) => engine.has_written(many),
        }
    }

    /// The same database; whatever is asked of it this way passes the gate.
    #[must_use]
    pub fn behind(&self, gate: Arc<dyn Gate>) -> Db {
        Db { gate: Some(gate), ..self.clone() }
    }

    /// Runs a unit of work and answers after its commit is durable.
    pub async fn write<T, F>(&self, reach: &impl Reach, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        let (unit, outcome) = put_down(work);
        let ran = self.run(Access::Write, reach.tenant(), unit).await;
        if is_put_down(&outcome) {
            witness::committing();
        }
        ran?;
        taken(&outcome)
    }

    /// Runs a unit of work that only reads, on one consistent snapshot.
    pub async fn read<T, F>(&self, reach: &impl Reach, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        let (unit, outcome) = put_down(work);
        self.run(Access::Read, reach.tenant(), unit).await?;
        taken(&outcome)
    }

    /// A `read` that may take seconds: it holds no thread that others are answered by, few run at once, and after `limit`, waiting
    /// included, it ends as `TooLong`.
    pub async fn read_long<T, F>(&self, reach: &impl Reach, limit: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        let (unit, outcome) = put_down(work);
        self.read_long_unit(reach.tenant(), limit, unit).await?;
        taken(&outcome)
    }

    async fn run(&self, access: Access, tenant: &str, unit: Unit) -> Result<()> {
        let run = async move {
            match (&self.engine, access) {
                (Engine::Sqlite(engine), Access::Read) => engine.read(unit),
                (Engine::Sqlite(engine), Access::Write) => engine.write(unit).await,
                (Engine::Postgres(engine), Access::Read) => engine.read(tenant, unit).await,
                (Engine::Postgres(engine), Access::Write) => engine.write(tenant, unit).await,
            }
        };
        match &self.gate {
            None => run.await,
            Some(gate) => gate::through(gate.as_ref(), access, run).await,
        }
    }

    async fn read_long_unit(&self, tenant: &str, limit: Duration, unit: Unit) -> Result<()> {
        let asked = Instant::now();
        let in_turn = async {
            let turn = self.long_reads.clone().acquire_owned().await.map_err(|_| Error::Unavailable("closed".into()))?;
            match &self.engine {
                Engine::Sqlite(engine) => engine.clone().read_apart(turn, unit).await,
                Engine::Postgres(engine) => engine.read_long(tenant, limit.saturating_sub(asked.elapsed()), unit).await,
            }
        };
        // On PostgreSQL the server says so itself, and its connection stays whole.
        let patience = if matches!(self.engine, Engine::Sqlite(_)) { limit } else { limit + Duration::from_secs(2) };
        tokio::time::timeout(patience, in_turn).await.unwrap_or(Err(Error::TooLong))
    }

    /// Runs a unit of work as `write` does, tells what it came to, and leaves nothing behind.
    pub async fn rehearse<T, F>(&self, reach: &impl Reach, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        let (told, heard) = std::sync::mpsc::sync_channel(1);
        let undone: Result<()> = self
            .write(
                reach,
                crate::work!(tx => {
                    let outcome = work(tx).await?;
                    tx.settle().await?;
                    // The receiver outlives the call; if the caller is gone, nobody wants the outcome.
                    let _ = told.try_send(outcome);
                    Err(Error::Refused("a rehearsal ends here".into()))
                }),
            )
            .await;
        match (heard.try_recv(), undone) {
            (Ok(outcome), _) => Ok(outcome),
            (Err(_), Err(e)) => Err(e),
            (Err(_), Ok(())) => Err(Error::Broken("a rehearsal was committed".into())),
        }
    }

    /// `sqlite` or `postgres`.
    pub fn engine_name(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// The library or server behind it, for `doctor`.
    pub async fn engine_version(&self) -> Result<String> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(format!("SQLite {}", rusqlite::version())),
            Engine::Postgres(engine) => engine.version().await,
        }
    }

    /// Lets everything queued commit, then closes.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(engine) => engine.close(),
        }
    }
}

/// Whether PostgreSQL lets this role past row-level security (superuser, BYPASSRLS).
pub async fn skips_row_security(db: &Db) -> Result<bool> {
    db.read(
        &Server,
        crate::work!(tx => {
            match tx.inner {
                Inner::Sqlite(_) => Ok(false),
                Inner::Postgres(_) => tx
                    .query("SELECT (rolsuper OR rolbypassrls) AS skips FROM pg_roles WHERE rolname = current_user")
                    .one(|row| row.get("skips"))
                    .await,
            }
        }),
    )
    .await
}

/// `work!(tx => { … })`: a unit of work for `Db::write` and `Db::read`.
#[macro_export]
macro_rules! work {
    ($tx:ident => $body:expr) => {
        move |$tx: &mut $crate::Tx| -> $crate::db::Work<'_, _> { Box::pin(async move { $body }) }
    };
}
