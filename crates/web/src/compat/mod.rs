//! Routes of the predecessor systems, for clients that were written for them.

pub(crate) mod basic;
mod forms;
mod prompts;
pub(crate) mod tokens;
mod tools;

use axum::Router;

use crate::Web;

/// Every route, one line per resource.
pub(crate) fn routes() -> Router<Web> {
    Router::new().merge(prompts::routes()).merge(tools::routes())
}
