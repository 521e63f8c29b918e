//! PostgreSQL ≥ 15: a pool, one transaction per unit of work, row-level security by tenant.

use std::{
    borrow::Cow,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use tokio_postgres::{
    config::SslMode,
    error::SqlState,
    types::{ToSql, Type},
};

use super::{Options, session::Session};
use crate::{
    db::{Error, Inner, Result, Tx},
    query::{Kind, Param},
    unit::Unit,
};

const OLDEST: u32 = 150_000;

pub(crate) struct Postgres {
    pool: Pool,
    prepared: bool,
    /// Units of work that wrote, since somebody asked last.
    written: AtomicU64,
}

/// How a transaction ends when its unit of work went well.
enum Ending {
    Commit,
    /// It only read: there is nothing to wait for.
    Leave,
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
        let postgres = Postgres { pool, prepared: options.prepared_statements, written: AtomicU64::new(0) };
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
        self.run(begin(tenant, "BEGIN")?, unit, Ending::Commit).await?;
        self.written.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn has_written(&self, many: u64) -> bool {
        self.written.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |written| (written >= many).then_some(0)).is_ok()
    }

    pub(crate) async fn read(&self, tenant: &str, unit: Unit) -> Result<()> {
        self.run(begin(tenant, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?, unit, Ending::Leave).await
    }

    /// The server ends it by itself after `limit`, however long statements may take otherwise.
    pub(crate) async fn read_long(&self, tenant: &str, limit: Duration, unit: Unit) -> Result<()> {
        let begin = begin(tenant, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let begin = format!("{begin}; SET LOCAL statement_timeout = {}", limit.as_millis().max(1));
        let began = Instant::now();
        match self.run(begin, unit, Ending::Leave).await {
            Err(Error::Unavailable(_)) if began.elapsed() >= limit => Err(Error::TooLong),
            result => result,
        }
    }

    async fn run(&self, begin: String, unit: Unit, ending: Ending) -> Result<()> {
        let client = self.pool.get().await.map_err(unavailable)?;
        let mut tx = Tx::new(Inner::Postgres(Session::new(client, begin, self.prepared)));
        let mut result = unit(&mut tx).await;
        let Inner::Postgres(session) = &mut tx.inner else { return result };
        if result.is_ok() && session.failed() {
            result = Err(Error::Broken("a unit of work went on after a refused statement: nothing of it was kept".into()));
        }
        match result {
            Ok(()) => match ending {
                Ending::Commit => session.commit().await,
                Ending::Leave => session.leave().await,
            },
            Err(e) => session.rollback().await.and(Err(e)),
        }
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

fn tls() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

pub(super) fn type_of(kind: Kind) -> Type {
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

pub(super) fn broken(e: tokio_postgres::Error) -> Error {
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
