//! A place before the database where a simulation decides when a unit of work runs, whether it does, and what its caller hears of it.

use std::{future::Future, pin::Pin};

use crate::{Error, Result};

/// What a unit of work asks of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// Work that answers elsewhere: a gate sees that it is done, not what it came to.
pub type Passage<'w, T> = Pin<Box<dyn Future<Output = T> + Send + 'w>>;

/// Stands before a database. A production server has none.
pub trait Gate: Send + Sync + 'static {
    /// Runs `work`, now or later, or drops it; the caller hears an error instead of what it came to, although it may be committed.
    fn pass<'w>(&'w self, access: Access, work: Passage<'w, ()>) -> Passage<'w, Result<()>>;
}

pub(crate) async fn through(gate: &dyn Gate, access: Access, run: impl Future<Output = Result<()>> + Send) -> Result<()> {
    let mut outcome = None;
    gate.pass(access, Box::pin(async { outcome = Some(run.await) })).await?;
    outcome.unwrap_or_else(|| Err(Error::Unavailable("the gate let nothing through".into())))
}
