//! What differs between SQLite and PostgreSQL: connections, group commit, claims, row security.

pub(crate) mod postgres;
mod session;
pub(crate) mod sqlite;

pub(crate) use session::Session;

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:path/to.db` or `postgres://…`.
    pub url: String,
    /// Connections to PostgreSQL; readers of SQLite.
    pub pool_size: usize,
    /// Off for PostgreSQL behind a transaction pooler that does not know prepared statements.
    pub prepared_statements: bool,
}
