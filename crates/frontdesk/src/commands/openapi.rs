//! `frontdesk openapi`: the description of the API (OpenAPI 3.1), for generators of clients.

use crate::terminal::say;

#[derive(clap::Args, Debug)]
pub(crate) struct OpenApi {}

pub(crate) fn run(_: OpenApi) {
    say(&frontdesk_web::openapi_json());
}
