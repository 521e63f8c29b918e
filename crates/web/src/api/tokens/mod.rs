//! Business credit: what is there, what it was spent on, what things cost, what may be spent.

pub(crate) mod balance;
pub(crate) mod checkout;
pub(crate) mod csv;
pub(crate) mod ledger;
pub(crate) mod settings;
pub(crate) mod top_up;
pub(crate) mod usage;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Web;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(balance::show))
        .routes(routes!(ledger::list))
        .routes(routes!(csv::export))
        .routes(routes!(usage::show))
        .routes(routes!(settings::costs))
        .routes(routes!(settings::show, settings::update))
        .routes(routes!(top_up::create))
        .routes(routes!(checkout::show, checkout::create))
}
