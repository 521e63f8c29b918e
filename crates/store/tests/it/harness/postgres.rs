//! Fresh PostgreSQL databases, copied from a template that is migrated once per state of the schema.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher},
};

use frontdesk_kernel::Timestamp;
use frontdesk_store::{Db, Options, migrate};
use tokio_postgres::{Client, NoTls};

use super::home::in_a_thread;

const VARIABLE: &str = "FRONTDESK_TEST_POSTGRES";

/// Creates a database and returns its URL; `None` without a server.
pub(super) fn create(template: Option<&str>) -> Option<String> {
    let server = server()?;
    // Random, so that processes on several machines can share a server.
    let name = format!("t_{:016x}", RandomState::new().hash_one(0));
    let statement = format!("CREATE DATABASE {name} TEMPLATE {}", template.unwrap_or("template0"));
    let url = with_database(&server, &name);
    in_a_thread(async move { execute(&connect(&server).await, &statement).await });
    Some(url)
}

/// Best effort: a database that stays behind disturbs nobody.
pub(super) fn remove(url: &str) {
    let Some(server) = server() else { return };
    let Some((_, name)) = url.split('?').next().unwrap_or(url).rsplit_once('/') else { return };
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    in_a_thread(async move { drop(connect(&server).await.batch_execute(&statement).await) });
}

/// The name of the migrated database that the others are copies of. Made under a lock by the first process that needs it.
pub(super) fn template() -> Option<String> {
    let server = server()?;
    let mut hash = DefaultHasher::new();
    (migrate::sources().collect::<String>(), include_str!("../../../src/migrate.rs")).hash(&mut hash);
    let name = format!("frontdesk_template_{:016x}", hash.finish());
    Some(in_a_thread(async move {
        let client = connect(&server).await;
        execute(&client, "SELECT pg_advisory_lock(4201967)").await;
        let known = client.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.unwrap();
        if known.is_empty() {
            make_template(&client, &server, &name).await;
        }
        name
    }))
}

/// Renamed when it is complete, so that a killed process leaves no half-made template.
async fn make_template(client: &Client, server: &str, name: &str) {
    let draft = format!("{name}_draft");
    execute(client, &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
    execute(client, &format!("CREATE DATABASE {draft} TEMPLATE template0")).await;
    let options = Options { url: with_database(server, &draft), pool_size: 2, prepared_statements: true };
    let db = Db::open(&options).await.unwrap();
    migrate::run(&db, Timestamp(0)).await.unwrap();
    db.close().await;
    execute(client, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{draft}'")).await;
    execute(client, &format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where a server is")]
fn server() -> Option<String> {
    let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        assert_ne!(
            std::env::var("CI").as_deref(),
            Ok("true"),
            "{VARIABLE} is not set: in CI the store is tested on PostgreSQL too"
        );
        skipped();
    }
    url
}

#[expect(clippy::print_stderr, reason = "a test that is skipped must be heard")]
fn skipped() {
    eprintln!(
        "SKIPPED: {VARIABLE} is not set (postgres://role@host:port/database, a role with CREATEDB): not tested on PostgreSQL"
    );
}

fn with_database(server: &str, name: &str) -> String {
    let (address, settings) = server.split_once('?').unwrap_or((server, "sslmode=disable"));
    let (host, _) = address.rsplit_once('/').expect("a URL with a database");
    format!("{host}/{name}?{settings}")
}

async fn connect(server: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap_or_else(|e| panic!("{VARIABLE}: {e}"));
    #[expect(clippy::disallowed_methods, reason = "the driver's own task; it ends with the client")]
    tokio::spawn(connection);
    client
}

async fn execute(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
}
