//! A database for one story: a file in a temporary folder, or a copy of a migrated template on the test server; gone at the end.

use std::{
    collections::hash_map::RandomState,
    env,
    future::Future,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher},
    io::{self, Write as _},
};

use frontdesk_kernel::Timestamp;
use frontdesk_store::{Db, Options, migrate};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use crate::fakes::LossyLine;

const VARIABLE: &str = "FRONTDESK_TEST_POSTGRES";

/// Which database a story runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub(super) struct Database {
    pub(super) db: Db,
    /// Between the desk and PostgreSQL, where a story asked for one.
    pub(super) line: Option<LossyLine>,
    url: String,
    folder: Option<TempDir>,
}

impl Database {
    /// `None`, said loudly, when there is no PostgreSQL to test on.
    ///
    /// # Panics
    /// When the database cannot be made, or when a server is missing although `CI=true`.
    pub(super) async fn create(engine: Engine, lossy: bool) -> Option<Database> {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let url = format!("sqlite:{}", folder.path().join("frontdesk.db").display());
                let db = open(&url, 4).await;
                migrate::run(&db, Timestamp(0)).await.expect("the migrations fit an empty database");
                Some(Database { db, line: None, url, folder: Some(folder) })
            }
            Engine::Postgres => {
                let server = server()?;
                let (client, template) = (connect(&server).await, template(&server).await);
                // Random, so that processes on several machines can share a server.
                let name = format!("t_{:016x}", RandomState::new().hash_one(0));
                execute(&client, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                let url = with_database(&server, &name);
                let (line, through) = if lossy { through_a_line(&url).await } else { (None, url.clone()) };
                Some(Database { db: open(&through, 4).await, line, url, folder: None })
            }
        }
    }

    pub(super) async fn remove(self) {
        self.db.close().await;
        if self.folder.is_some() {
            return;
        }
        // Best effort: a database that stays behind disturbs nobody.
        let (Some(server), Some(name)) = (server(), name_in(&self.url)) else { return };
        let _ = connect(&server).await.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    }
}

async fn through_a_line(url: &str) -> (Option<LossyLine>, String) {
    let parsed = url::Url::parse(url).expect("a URL of PostgreSQL");
    let server = format!("{}:{}", parsed.host_str().unwrap_or("127.0.0.1"), parsed.port().unwrap_or(5432));
    let line = LossyLine::to(&server).await.expect("a free local port");
    let mut through = parsed;
    through.set_host(Some("127.0.0.1")).expect("an address");
    through.set_port(Some(line.address().port())).expect("a port");
    (Some(line), through.to_string())
}

async fn open(url: &str, pool_size: usize) -> Db {
    let options = Options { url: url.to_owned(), pool_size: pool_size as _, prepared_statements: true };
    Db::open(&options).await.unwrap_or_else(|e| panic!("the test database does not open: {e}"))
}

/// The name of the migrated database that the others are copies of. Made under a lock by the first process that needs it.
async fn template(server: &str) -> String {
    let mut hash = DefaultHasher::new();
    let schema: String = migrate::sources().collect();
    (schema, include_str!("../../../crates/store/src/migrate.rs")).hash(&mut hash);
    let name = format!("frontdesk_template_{:016x}", hash.finish());
    let client = connect(server).await;
    execute(&client, "SELECT pg_advisory_lock(4201967)").await;
    let known = client.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.expect("a list of databases");
    if known.is_empty() {
        make_template(&client, server, &name).await;
    }
    name
}

/// Renamed when it is complete, so that a killed process leaves no half-made template.
async fn make_template(client: &Client, server: &str, name: &str) {
    let draft = format!("{name}_draft");
    execute(client, &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
    execute(client, &format!("CREATE DATABASE {draft} TEMPLATE template0")).await;
    let db = open(&with_database(server, &draft), 2).await;
    migrate::run(&db, Timestamp(0)).await.expect("the migrations fit an empty database");
    db.close().await;
    execute(client, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{draft}'")).await;
    execute(client, &format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
}

fn server() -> Option<String> {
    let url = variable(VARIABLE).filter(|url| !url.is_empty());
    if url.is_none() {
        assert_ne!(variable("CI").as_deref(), Some("true"), "{VARIABLE} is not set: in CI every story runs on PostgreSQL too");
        // Not eprintln: that would be captured, and a skipped engine must be heard.
        let _ =
            writeln!(io::stderr(), "SKIPPED: {VARIABLE} is not set (postgres://role@host:port/database, a role with CREATEDB)");
    }
    url
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where a server is")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn with_database(server: &str, name: &str) -> String {
    let (address, settings) = server.split_once('?').unwrap_or((server, "sslmode=disable"));
    let (host, _) = address.rsplit_once('/').expect("a URL with a database");
    format!("{host}/{name}?{settings}")
}

fn name_in(url: &str) -> Option<&str> {
    Some(url.split('?').next()?.rsplit_once('/')?.1)
}

async fn connect(server: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap_or_else(|e| panic!("{VARIABLE}: {e}"));
    spawn(async move { drop(connection.await) });
    client
}

#[expect(clippy::disallowed_methods, reason = "the driver's own task; it ends with the client")]
fn spawn(connection: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(connection);
}

async fn execute(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
}
