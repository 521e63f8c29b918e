//! Statements, their parameters and their rows, whatever engine is behind them.

use std::{borrow::Cow, time::Duration};

use crate::{
    db::{Error, Inner, Result, Tx},
    engine::sqlite,
};

/// A parameter.
#[derive(Debug, Clone)]
pub enum Param<'q> {
    Text(Cow<'q, str>),
    Int(i64),
    Bool(bool),
    Bytes(Cow<'q, [u8]>),
    Null(Kind),
}

/// What a null would have been: PostgreSQL wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Int,
    Bool,
    Bytes,
}

impl Param<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Param::Text(_) => Kind::Text,
            Param::Int(_) => Kind::Int,
            Param::Bool(_) => Kind::Bool,
            Param::Bytes(_) => Kind::Bytes,
            Param::Null(kind) => *kind,
        }
    }

    /// Roughly, in bytes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Param::Text(text) => text.len(),
            Param::Bytes(bytes) => bytes.len(),
            Param::Int(_) | Param::Bool(_) | Param::Null(_) => 8,
        }
    }

    pub(crate) fn into_owned(self) -> Param<'static> {
        match self {
            Param::Text(text) => Param::Text(Cow::Owned(text.into_owned())),
            Param::Int(n) => Param::Int(n),
            Param::Bool(b) => Param::Bool(b),
            Param::Bytes(bytes) => Param::Bytes(Cow::Owned(bytes.into_owned())),
            Param::Null(kind) => Param::Null(kind),
        }
    }
}

/// A value that can be a parameter.
pub trait Bind<'q> {
    const KIND: Kind;
    fn param(self) -> Param<'q>;
}

/// A value that can be read from a column.
pub trait Column: Sized {
    fn read(row: &Row<'_>, column: &str) -> Result<Self>;
}

/// A row under the cursor.
pub enum Row<'r> {
    Sqlite(sqlite::Cursor<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    pub fn get<T: Column>(&self, column: &str) -> Result<T> {
        T::read(self, column)
    }
}

impl Tx {
    pub fn query<'t, 'q>(&'t mut self, sql: &'q str) -> Query<'t, 'q> {
        self.count();
        Query { tx: self, sql, params: Vec::with_capacity(8) }
    }

    /// Waits for what was put.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(session) => session.flush().await,
        }
    }

    /// From here on, whoever waits so long for a lock of somebody else gives up this unit of work, and may try again. SQLite has one writer.
    pub async fn wait_at_most(&mut self, limit: Duration) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(_) => self.query(&format!("SET LOCAL lock_timeout = {}", limit.as_millis().max(1))).put().await,
        }
    }

    /// For the few statements that differ between the engines; only `store/engine` and its neighbours use it.
    pub(crate) fn query_each<'t, 'q>(&'t mut self, sqlite: &'q str, postgres: &'q str) -> Query<'t, 'q> {
        let sql = match self.inner {
            Inner::Sqlite(_) => sqlite,
            Inner::Postgres(_) => postgres,
        };
        self.query(sql)
    }
}

/// A statement with its parameters.
pub struct Query<'t, 'q> {
    tx: &'t mut Tx,
    sql: &'q str,
    params: Vec<Param<'q>>,
}

impl<'q> Query<'_, 'q> {
    pub fn bind(mut self, value: impl Bind<'q>) -> Self {
        self.params.push(value.param());
        self
    }

    /// A parameter that only PostgreSQL's form of a statement has.
    pub(crate) fn maybe_bind(self, value: impl Bind<'q>) -> Self {
        if matches!(self.tx.inner, Inner::Sqlite(_)) { self } else { self.bind(value) }
    }

    pub(crate) fn bind_param(mut self, param: Param<'q>) -> Self {
        self.params.push(param);
        self
    }

    /// Rows changed.
    pub async fn execute(self) -> Result<u64> {
        match &mut self.tx.inner {
            Inner::Sqlite(connection) => sqlite::execute(connection, self.sql, &self.params),
            Inner::Postgres(session) => session.execute(self.sql, &self.params).await,
        }
    }

    /// Carries it out; nobody asks how many rows it changed. On PostgreSQL it leaves with the next statement that somebody waits for, or
    /// with COMMIT, in one round trip: what is wrong with it is said there.
    pub async fn put(self) -> Result<()> {
        match &mut self.tx.inner {
            Inner::Sqlite(connection) => sqlite::execute(connection, self.sql, &self.params).map(drop),
            Inner::Postgres(session) => session.put(self.sql, self.params).await,
        }
    }

    /// Asks now and reads later, so that several questions are one round trip on PostgreSQL.
    pub fn ask<T: Send>(self, read: fn(&Row<'_>) -> Result<T>) -> Result<Asked<T>> {
        Ok(match &mut self.tx.inner {
            Inner::Sqlite(connection) => Asked::Heard(sqlite::query(connection, self.sql, &self.params, read)?),
            Inner::Postgres(session) => Asked::Waits(session.ask(self.sql, self.params), read),
        })
    }

    pub async fn all<T: Send>(self, read: fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        self.all_with(read).await
    }

    pub(crate) async fn all_with<T: Send>(self, read: impl Fn(&Row<'_>) -> Result<T> + Send) -> Result<Vec<T>> {
        match &mut self.tx.inner {
            Inner::Sqlite(connection) => sqlite::query(connection, self.sql, &self.params, read),
            Inner::Postgres(session) => {
                let rows = session.query(self.sql, &self.params).await?;
                rows.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
        }
    }

    pub async fn optional<T: Send>(self, read: fn(&Row<'_>) -> Result<T>) -> Result<Option<T>> {
        Ok(self.all(read).await?.into_iter().next())
    }

    pub async fn one<T: Send>(self, read: fn(&Row<'_>) -> Result<T>) -> Result<T> {
        let sql = self.sql;
        self.optional(read).await?.ok_or_else(|| Error::Broken(format!("no row from: {sql}")))
    }
}

/// What was asked of the database in this unit of work.
#[must_use = "a question that nobody reads the answer to"]
pub enum Asked<T> {
    Heard(Vec<T>),
    Waits(usize, fn(&Row<'_>) -> Result<T>),
}

impl<T: Send> Asked<T> {
    pub async fn all(self, tx: &mut Tx) -> Result<Vec<T>> {
        match (self, &mut tx.inner) {
            (Asked::Heard(rows), _) => Ok(rows),
            (Asked::Waits(number, read), Inner::Postgres(session)) => {
                session.answer(number).await?.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
            (Asked::Waits(..), Inner::Sqlite(_)) => Err(Error::Broken("an answer of another unit of work".into())),
        }
    }

    pub async fn optional(self, tx: &mut Tx) -> Result<Option<T>> {
        Ok(self.all(tx).await?.into_iter().next())
    }
}

/// `row!(Service { id, name })`: reads a struct whose fields are columns of the same name.
macro_rules! row {
    ($type:ident { $($field:ident),* $(,)? }) => {
        |row: &$crate::query::Row<'_>| -> $crate::Result<$type> {
            Ok($type { $($field: row.get(stringify!($field))?),* })
        }
    };
}
pub(crate) use row;
