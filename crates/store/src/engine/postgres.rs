//! PostgreSQL ≥ 15: a pool, one transaction per unit of work, row-level security by tenant.

use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use futures_util::future;
use tokio_postgres::{
    config::SslMode,
    error::SqlState,
    types::{ToSql, Type},
};

use super::Options;
use crate::{
    db::{Error, Inner, Kind, Param, Result, Tx},
    unit::Unit,
};

const OLDEST: u32 = 150_000;

pub(crate) struct Postgres {
    pool: Pool,
    prepared: bool,
}

/// A connection in a transaction. Dropped without an end, it is closed and never goes back to the pool.
pub(crate) struct Session {
    client: Option<Object>,
    /// Sent together with the first statement, in one round trip.
    begin: Option<String>,
    /// A statement was refused: PostgreSQL answers COMMIT with a silent rollback from then on.
    failed: bool,
    prepared: bool,
}

impl Postgres {
    pub(crate) async fn open(options: &Options) -> Result<Postgres> {
        let mut config: tokio_postgres::Config =
            options.url.parse().map_err(|e| Error::Refused(format!("DATABASE_URL is not a PostgreSQL URL: {e}")))?;
        config.application_name("frontdesk").connect_timeout(Duration::from_secs(5));
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = if config.get_ssl_mode() == SslMode::Disable {
            Manager::from_config(config, tokio_postgres::NoTls, manager)
        } else {
            Manager::from_config(config, tokio_postgres_rustls::MakeRustlsConnect::new(tls()), manager)
        };
        let limits = "SET statement_timeout = '15s'; SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '5s'";
        let pool = Pool::builder(manager)
            .max_size(options.pool_size.max(2))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(10)))
            .post_create(Hook::async_fn(move |client, _| {
                Box::pin(async move { client.batch_execute(limits).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|e| Error::Broken(e.to_string()))?;
        let postgres = Postgres { pool, prepared: options.prepared_statements };
        postgres.require_version().await?;
        Ok(postgres)
    }

    async fn require_version(&self) -> Result<()> {
        let client = self.pool.get().await.map_err(unavailable)?;
        let row = client.query_one("SHOW server_version_num", &[]).await.map_err(broken)?;
        let number: u32 = row.get::<_, String>(0).parse().unwrap_or(0);
        if number < OLDEST {
            return Err(Error::Refused(format!("PostgreSQL {} is too old; frontdesk needs 15 or newer", number / 10_000)));
        }
        Ok(())
    }

    pub(crate) async fn version(&self) -> Result<String> {
        let client = self.pool.get().await.map_err(unavailable)?;
        let row = client.query_one("SHOW server_version", &[]).await.map_err(broken)?;
        Ok(format!("PostgreSQL {}", row.get::<_, String>(0)))
    }

    pub(crate) async fn write(&self, tenant: &str, unit: Unit) -> Result<()> {
        self.run(begin(tenant, "BEGIN")?, unit).await
    }

    pub(crate) async fn read(&self, tenant: &str, unit: Unit) -> Result<()> {
        self.run(begin(tenant, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?, unit).await
    }

    /// The server ends it by itself after `limit`, however long statements may take otherwise.
    pub(crate) async fn read_long(&self, tenant: &str, limit: Duration, unit: Unit) -> Result<()> {
        let begin = begin(tenant, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let begin = format!("{begin}; SET LOCAL statement_timeout = {}", limit.as_millis().max(1));
        let began = Instant::now();
        match self.run(begin, unit).await {
            Err(Error::Unavailable(_)) if began.elapsed() >= limit => Err(Error::TooLong),
            result => result,
        }
    }

    async fn run(&self, begin: String, unit: Unit) -> Result<()> {
        let client = self.pool.get().await.map_err(unavailable)?;
        let mut tx = Tx {
            inner: Inner::Postgres(Session { client: Some(client), begin: Some(begin), failed: false, prepared: self.prepared }),
        };
        let mut result = unit(&mut tx).await;
        let Inner::Postgres(session) = &mut tx.inner else { return result };
        if result.is_ok() && session.failed {
            result = Err(Error::Broken("a unit of work went on after a refused statement: nothing of it was kept".into()));
        }
        session.end(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        result
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

/// The tenant goes into the text of `SET LOCAL`, which takes no parameters: ids hold letters, digits, `-` and `_` only.
fn begin(tenant: &str, begin: &str) -> Result<String> {
    let safe = tenant == "*" || tenant.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if !safe {
        return Err(Error::Broken("a tenant id with foreign characters".into()));
    }
    Ok(format!("{begin}; SET LOCAL frontdesk.tenant = '{tenant}'"))
}

impl Session {
    pub(crate) async fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        // Taken before anything is sent: a session dropped half-way must not look untouched.
        let begin = self.begin.take();
        let client = self.client.as_ref().ok_or_else(|| Error::Broken("the transaction has ended".into()))?;
        let (begun, result) =
            future::join(begin_with(client, begin.as_deref()), execute(client, self.prepared, sql, params)).await;
        begun.and(result).map_err(broken).inspect_err(|_| self.failed = true)
    }

    pub(crate) async fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<tokio_postgres::Row>> {
        // Taken before anything is sent: a session dropped half-way must not look untouched.
        let begin = self.begin.take();
        let client = self.client.as_ref().ok_or_else(|| Error::Broken("the transaction has ended".into()))?;
        let (begun, result) = future::join(begin_with(client, begin.as_deref()), query(client, self.prepared, sql, params)).await;
        begun.and(result).map_err(broken).inspect_err(|_| self.failed = true)
    }

    async fn end(&mut self, how: &str) -> Result<()> {
        if self.begin.is_some() {
            return Ok(());
        }
        let Some(client) = self.client.take() else { return Ok(()) };
        match client.batch_execute(how).await {
            Ok(()) => Ok(()),
            Err(e) => {
                // Whether a COMMIT went through is not known; the connection is not trusted any more.
                drop(Object::take(client));
                Err(broken(e))
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && self.begin.is_none()
        {
            drop(Object::take(client));
        }
    }
}

async fn begin_with(client: &Object, begin: Option<&str>) -> Result<(), tokio_postgres::Error> {
    match begin {
        Some(begin) => client.batch_execute(begin).await,
        None => Ok(()),
    }
}

async fn execute(client: &Object, prepared: bool, sql: &str, params: &[Param<'_>]) -> Result<u64, tokio_postgres::Error> {
    if prepared {
        let types: Vec<Type> = params.iter().map(|p| type_of(p.kind())).collect();
        let values: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        let statement = client.prepare_typed_cached(sql, &types).await?;
        return client.execute(&statement, &values).await;
    }
    let typed: Vec<_> = params.iter().map(|p| (p as &(dyn ToSql + Sync), type_of(p.kind()))).collect();
    client.execute_typed(sql, &typed).await
}

async fn query(
    client: &Object,
    prepared: bool,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
    if prepared {
        let types: Vec<Type> = params.iter().map(|p| type_of(p.kind())).collect();
        let values: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        let statement = client.prepare_typed_cached(sql, &types).await?;
        return client.query(&statement, &values).await;
    }
    let typed: Vec<_> = params.iter().map(|p| (p as &(dyn ToSql + Sync), type_of(p.kind()))).collect();
    client.query_typed(sql, &typed).await
}

fn tls() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Text => Type::TEXT,
        Kind::Int => Type::INT8,
        Kind::Bool => Type::BOOL,
        Kind::Bytes => Type::BYTEA,
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Param::Text(Cow::Borrowed(text)) => text.to_sql(ty, out),
            Param::Text(Cow::Owned(text)) => text.to_sql(ty, out),
            Param::Int(n) => n.to_sql(ty, out),
            Param::Bool(b) => b.to_sql(ty, out),
            Param::Bytes(bytes) => bytes.as_ref().to_sql(ty, out),
            Param::Null(_) => Ok(tokio_postgres::types::IsNull::Yes),
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    tokio_postgres::types::to_sql_checked!();
}

fn unavailable(e: PoolError) -> Error {
    Error::Unavailable(format!("cannot reach PostgreSQL: {e}"))
}

fn broken(e: tokio_postgres::Error) -> Error {
    let Some(db) = e.as_db_error() else { return Error::Unavailable(format!("connection to PostgreSQL: {e}")) };
    let text = format!("{} ({})", db.message(), db.code().code());
    match db.code() {
        code if code.code().starts_with("23") => Error::Conflict(text),
        &SqlState::T_R_SERIALIZATION_FAILURE
        | &SqlState::T_R_DEADLOCK_DETECTED
        | &SqlState::LOCK_NOT_AVAILABLE
        | &SqlState::QUERY_CANCELED
        | &SqlState::READ_ONLY_SQL_TRANSACTION => Error::Unavailable(text),
        code if ["53", "57", "58", "08"].iter().any(|class| code.code().starts_with(class)) => Error::Unavailable(text),
        _ => Error::Broken(text),
    }
}
