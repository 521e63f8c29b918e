//! Contacts: found, written, merged, erased, exported and imported.

mod erase;
mod export;
mod import_problems;
mod imports;
mod list;
mod merge;
mod show;
mod views;
mod write;

use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) use self::{export::ExportFormat, list::Sort};
use crate::Web;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list::list, write::create))
        .routes(routes!(list::tags))
        .routes(routes!(list::duplicates))
        .routes(routes!(export::export))
        .routes(routes!(imports::list, imports::upload))
        .routes(routes!(imports::show, imports::cancel))
        .routes(routes!(imports::check))
        .routes(routes!(imports::run))
        .routes(routes!(import_problems::problems))
        .routes(routes!(import_problems::problems_file))
        .routes(routes!(show::show, write::update, erase::erase))
        .routes(routes!(show::duplicates))
        .routes(routes!(write::add_address))
        .routes(routes!(write::remove_address))
        .routes(routes!(merge::preview))
        .routes(routes!(merge::merge))
        .routes(routes!(merge::part))
}

/// A field that the engine refuses, as the API says it.
fn refused(w: frontdesk_engine::contacts::Wrong) -> crate::kit::Problem {
    crate::kit::Problem::field(w.path, w.problem)
}
