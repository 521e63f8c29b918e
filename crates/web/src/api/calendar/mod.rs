//! The calendar: appointments, free times, services, staff, opening hours and branches.

mod appointments;
mod availability;
mod checks;
mod hours;
mod locations;
mod services;
mod staff;

use utoipa_axum::router::OpenApiRouter;

use crate::Web;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .merge(appointments::routes())
        .merge(availability::routes())
        .merge(services::routes())
        .merge(staff::routes())
        .merge(hours::routes())
        .merge(locations::routes())
}
