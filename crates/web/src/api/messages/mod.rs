//! Messages of a conversation: read them, answer as a person of the team, or speak as the contact and wait for the answer.

mod list;
mod reply;
mod send;
pub(crate) mod stream;
pub(crate) mod view;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Web;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list::list, send::send))
        .routes(routes!(reply::send))
        .routes(routes!(list::show))
        .routes(routes!(reply::retry))
}
