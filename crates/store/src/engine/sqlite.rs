//! SQLite: one writer thread with group commit, pooled readers, WAL, synchronous=FULL.

use std::{
    cell::Cell,
    path::Path,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, config::DbConfig, types::ToSqlOutput};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::Options;
use crate::{
    db::{Error, Inner, Result, Tx, Work},
    durable,
    query::{Param, Row},
    unit::Unit,
};

/// Older libraries can corrupt a database at a WAL reset.
pub(crate) const OLDEST_SAFE: i32 = 3_051_003;
const GROUP: usize = 256;
const GROUP_TIME: Duration = Duration::from_millis(5);

pub(crate) struct Sqlite {
    path: String,
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    closed: tokio::sync::Mutex<Option<oneshot::Receiver<()>>>,
    readers: Mutex<Vec<Tx>>,
    max_readers: usize,
    /// Held as long as the database is open, so that a second process is refused.
    _lock: std::fs::File,
}

/// A unit of work, and who waits for its end.
struct Job {
    unit: Unit,
    asker: oneshot::Sender<Result<()>>,
}

fn answer(asker: oneshot::Sender<Result<()>>, told: Result<()>) {
    // Who stopped waiting hears nothing; what they asked for is done all the same.
    let _ = asker.send(told);
}

impl Sqlite {
    pub(crate) fn open(options: &Options) -> Result<Sqlite> {
        if rusqlite::version_number() < OLDEST_SAFE {
            return Err(Error::Broken(format!(
                "SQLite {} can corrupt a database; frontdesk needs 3.51.3 or newer: build with the bundled library",
                rusqlite::version()
            )));
        }
        let path = options.url.trim_start_matches("sqlite:").trim_start_matches("//").to_owned();
        if let Some(parent) = Path::new(&path).parent().filter(|p| !p.as_os_str().is_empty()) {
            // Messages and numbers lie there in clear: the folder is its owner's.
            durable::create_folder(parent)
                .map_err(|e| Error::Unavailable(format!("cannot create the folder {}: {e}", parent.display())))?;
        }
        let lock = lock(&path)?;
        let writer = connect(&path, OWN_PAGES)?;
        let (jobs, queue) = mpsc::channel::<Job>();
        let (done, closed) = oneshot::channel();
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || {
                write_groups(writer, &queue);
                let _ = done.send(());
            })
            .map_err(|e| Error::Unavailable(format!("cannot start the writer thread: {e}")))?;
        Ok(Sqlite {
            path,
            jobs: Mutex::new(Some(jobs)),
            closed: tokio::sync::Mutex::new(Some(closed)),
            readers: Mutex::new(Vec::new()),
            max_readers: options.pool_size.max(1),
            _lock: lock,
        })
    }

    pub(crate) async fn write(&self, unit: Unit) -> Result<()> {
        let (asker, told) = oneshot::channel();
        let job = Job { unit, asker };
        let closed = || Error::Unavailable("the database is closed".into());
        {
            let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.as_ref().ok_or_else(closed)?.send(job).map_err(|_| closed())?;
        }
        told.await.map_err(|_| closed())?
    }

    /// Most reads are microseconds on the page cache: they run on the caller's thread, each on a connection of its own.
    pub(crate) fn read(&self, unit: Unit) -> Result<()> {
        self.read_here(None, unit)
    }

    /// On a thread for that; stopped when nobody waits for it any more. `turn` is kept until then.
    pub(crate) async fn read_apart(self: Arc<Self>, turn: OwnedSemaphorePermit, unit: Unit) -> Result<()> {
        let unwanted = Arc::new(AtomicBool::new(false));
        let _asked = SetOnDrop(unwanted.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            self.read_here(Some(unwanted), unit)
        });
        reading.await.unwrap_or_else(|_| Err(Error::Broken("a unit of work panicked".into())))
    }

    fn read_here(&self, unwanted: Option<Arc<AtomicBool>>, unit: Unit) -> Result<()> {
        let spare = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut tx = match spare {
            Some(tx) => tx,
            None => {
                let connection = connect(&self.path, READ_PAGES)?;
                connection.pragma_update(None, "query_only", true).map_err(broken)?;
                Tx::new(Inner::Sqlite(connection))
            }
        };
        statement(&mut tx, "BEGIN")?;
        let is_stoppable = unwanted.is_some();
        if is_stoppable {
            stop_when(&mut tx, unwanted)?;
        }
        let result = finish_now(unit(&mut tx));
        if is_stoppable {
            stop_when(&mut tx, None)?;
        }
        statement(&mut tx, "COMMIT")?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < self.max_readers {
            readers.push(tx);
        }
        result
    }

    pub(crate) async fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(closed) = self.closed.lock().await.take() {
            let _ = closed.await;
        }
    }
}

struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Statements of this connection end as interrupted once the flag is set.
fn stop_when(tx: &mut Tx, unwanted: Option<Arc<AtomicBool>>) -> Result<()> {
    /// Steps of SQLite's machine between two looks: some tens of microseconds.
    const STEPS: i32 = 10_000;
    let Inner::Sqlite(connection) = &mut tx.inner else { return Ok(()) };
    connection.progress_handler(STEPS, unwanted.map(|flag| move || flag.load(Ordering::Relaxed))).map_err(broken)
}

/// One process per database file: two would each believe that the other's lanes are dead.
fn lock(path: &str) -> Result<std::fs::File> {
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(format!("{path}.lock"))
        .map_err(|e| Error::Unavailable(format!("cannot open {path}.lock: {e}")))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(Error::Refused(format!(
            "another frontdesk process has {path} open; stop it first, or use PostgreSQL to run several"
        ))),
    }
}

/// Kibibytes of pages that the writer keeps.
const OWN_PAGES: u32 = 8000;
/// Of those that only read, each: what they keep counts for nothing as soon as anybody writes, and the system keeps it too.
const READ_PAGES: u32 = 2000;

fn connect(path: &str, pages: u32) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|e| Error::Unavailable(format!("cannot open the database {path}: {e}")))?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.busy_timeout(Duration::from_secs(5)).map_err(broken)?;
    // Otherwise SQLite plans many statements anew for each value that is bound, which costs more than running them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(broken)?;
    let pages = format!("-{pages}");
    let settings = [
        ("journal_mode", "wal"),
        ("synchronous", "full"),
        ("foreign_keys", "on"),
        ("cache_size", pages.as_str()),
        ("temp_store", "memory"),
        // A turn writes the same hot pages again and again: copying them back every 1,000 pages would double the writing.
        ("wal_autocheckpoint", "8000"),
        ("journal_size_limit", "67108864"),
    ];
    for (name, value) in settings {
        connection.pragma_update_and_check(None, name, value, |_| Ok(())).or_else(|e| match e {
            rusqlite::Error::QueryReturnedNoRows => Ok(()),
            e => Err(broken(e)),
        })?;
    }
    Ok(connection)
}

fn write_groups(connection: Connection, queue: &mpsc::Receiver<Job>) {
    let mut tx = Tx::new(Inner::Sqlite(connection));
    while let Ok(first) = queue.recv() {
        if let Err(refused) = statement(&mut tx, "BEGIN IMMEDIATE") {
            answer(first.asker, Err(refused));
            continue;
        }
        let started = Instant::now();
        // The first needs no savepoint: if it fails, nothing is there yet that must stay.
        if let Err(e) = caught(&mut tx, first.unit) {
            let _ = statement(&mut tx, "ROLLBACK");
            answer(first.asker, Err(e));
            continue;
        }
        let mut group = vec![(first.asker, Ok(()))];
        // A full disk or a broken read rolls the whole transaction back by itself: nothing may be added to it then.
        while group.len() < GROUP && started.elapsed() < GROUP_TIME && in_transaction(&tx) {
            match queue.try_recv() {
                Ok(Job { unit, asker }) => group.push((asker, in_savepoint(&mut tx, unit))),
                Err(_) => break,
            }
        }
        let committed = if in_transaction(&tx) {
            statement(&mut tx, "COMMIT").inspect_err(|_| {
                let _ = statement(&mut tx, "ROLLBACK");
            })
        } else {
            Err(Error::Unavailable("the database rolled the transaction back (disk full or a read error)".into()))
        };
        for (asker, done) in group {
            answer(asker, committed.clone().and(done));
        }
    }
}

fn in_transaction(tx: &Tx) -> bool {
    matches!(&tx.inner, Inner::Sqlite(connection) if !connection.is_autocommit())
}

fn in_savepoint(tx: &mut Tx, unit: Unit) -> Result<()> {
    statement(tx, "SAVEPOINT job")?;
    let result = caught(tx, unit);
    if result.is_err() {
        statement(tx, "ROLLBACK TO job")?;
    }
    statement(tx, "RELEASE job")?;
    result
}

/// A panic ends the unit of work and nothing else.
fn caught(tx: &mut Tx, unit: Unit) -> Result<()> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| finish_now(unit(tx))))
        .unwrap_or_else(|_| Err(Error::Broken("a unit of work panicked".into())))
}

/// On SQLite a unit of work never waits: its future is ready at the first poll.
fn finish_now(work: Work<'_, ()>) -> Result<()> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Error::Broken("a unit of work awaited something that is not the database".into())),
    }
}

fn statement(tx: &mut Tx, sql: &str) -> Result<()> {
    match &mut tx.inner {
        Inner::Sqlite(connection) => execute(connection, sql, &[]).map(drop),
        Inner::Postgres(_) => Err(Error::Broken("not a SQLite transaction".into())),
    }
}

pub(crate) fn execute(connection: &Connection, sql: &str, params: &[Param<'_>]) -> Result<u64> {
    let mut statement = connection.prepare_cached(sql).map_err(broken)?;
    bind(&mut statement, params)?;
    if statement.column_count() > 0 {
        // RETURNING without a reader: step through it.
        let mut rows = statement.raw_query();
        while rows.next().map_err(broken)?.is_some() {}
        drop(rows);
        return Ok(connection.changes());
    }
    statement.raw_execute().map(|n| n as u64).map_err(broken)
}

pub(crate) fn query<T>(
    connection: &Connection,
    sql: &str,
    params: &[Param<'_>],
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(broken)?;
    bind(&mut statement, params)?;
    let mut rows = statement.raw_query();
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(broken)? {
        out.push(read(&Row::Sqlite(Cursor { row, next: Cell::new(0) }))?);
    }
    Ok(out)
}

/// A row, and where the reader is in it: columns are asked for in the order of the statement, so that the next is nearly always the one.
pub struct Cursor<'r> {
    row: &'r rusqlite::Row<'r>,
    next: Cell<usize>,
}

impl Cursor<'_> {
    pub(crate) fn get<T: rusqlite::types::FromSql>(&self, column: &str) -> rusqlite::Result<T> {
        let (statement, next) = (self.row.as_ref(), self.next.get());
        let index =
            (next..statement.column_count()).chain(0..next).find(|i| statement.column_name(*i).is_ok_and(|name| name == column));
        let index = index.ok_or_else(|| rusqlite::Error::InvalidColumnName(column.to_owned()))?;
        self.next.set(index + 1);
        self.row.get(index)
    }
}

/// To SQLite `$3` is a name, numbered by its first appearance: each is bound to the parameter that it says.
fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[Param<'_>]) -> Result<()> {
    for i in 1..=statement.parameter_count() {
        let number = statement.parameter_name(i).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let param = number.and_then(|number| params.get(number.checked_sub(1)?));
        let param =
            param.ok_or_else(|| Error::Broken(format!("a statement with {} values asks for another one", params.len())))?;
        statement.raw_bind_parameter(i, param).map_err(broken)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        use rusqlite::types::{Value, ValueRef};
        Ok(match self {
            Param::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Param::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Param::Int(n) => ToSqlOutput::Owned(Value::Integer(*n)),
            Param::Bool(b) => ToSqlOutput::Owned(Value::Integer(i64::from(*b))),
            Param::Null(_) => ToSqlOutput::Owned(Value::Null),
        })
    }
}

fn broken(e: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::*;
    match e.sqlite_error_code() {
        Some(OperationInterrupted) => Error::TooLong,
        Some(ConstraintViolation) => Error::Conflict(e.to_string()),
        Some(DatabaseBusy | DatabaseLocked | DiskFull | CannotOpen | SystemIoFailure | ReadOnly) => {
            Error::Unavailable(e.to_string())
        }
        _ => Error::Broken(e.to_string()),
    }
}
