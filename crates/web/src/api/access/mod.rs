//! Coming in and being let in: signing in, one's own account, the team, keys, and who changed what.

mod account;
mod audit;
mod cookies;
mod invitations;
mod join;
mod keys;
mod knock;
mod members;
mod numbers;
mod passkeys;
mod reset;
mod session;
mod sessions;
mod setup;
mod sso;
mod text;
mod view;

use axum::http::StatusCode;
use frontdesk_engine::access::Refusal;
use utoipa_axum::router::OpenApiRouter;

use crate::{Web, kit::Problem};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(sessions::routes())
        .merge(account::routes())
        .merge(passkeys::routes())
        .merge(sso::routes())
        .merge(setup::routes())
        .merge(reset::routes())
        .merge(join::routes())
        .merge(members::routes())
        .merge(numbers::routes())
        .merge(invitations::routes())
        .merge(keys::routes())
        .merge(audit::routes())
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::Wrong(why) => Problem::new(StatusCode::UNAUTHORIZED, "wrong_credentials", why),
            Refusal::TooMany(wait) => {
                let seconds = wait.as_millis().div_ceil(1000) as u64;
                Problem::too_many(format!("Too many attempts: wait {seconds} seconds."), seconds)
            }
            Refusal::Busy => Problem::too_many("Too many people sign in right now: try again in a moment.", 1),
            Refusal::Gone(why) => Problem::gone("gone", why),
            Refusal::Field(path, why) => Problem::field(path, why),
            Refusal::Conflict(code, why) => Problem::conflict(code, why),
            Refusal::Forbidden(why) => Problem::forbidden("forbidden", why),
            Refusal::Missing(what) => Problem::not_found(what),
            Refusal::Unavailable(why) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why),
            Refusal::Store(e) => e.into(),
        }
    }
}
