//! Single sign-on: to the identity provider and back.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use frontdesk_engine::access::{Refusal, sso};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{cookies, knock::Knock};
use crate::{
    Web,
    kit::{Problem, Query, authenticate},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(back))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wish {
    /// A path of ours to go to afterwards; anything else is the front page.
    next: Option<String>,
}

/// Go to the identity provider.
#[utoipa::path(get, path = "/session/sso", tag = "session", security(()), params(Wish),
    responses((status = 303, description = "To the provider, or back to the sign-in page with `problem`.")))]
async fn begin(State(web): State<Web>, Query(wish): Query<Wish>) -> Response {
    match sso::begin(&web.desk, wish.next.as_deref()).await {
        Ok((url, state)) => cookies::with_state(&web, to(&url), &state),
        Err(refused) => failed(&refused),
    }
}

/// What a provider may say; other parameters are its own business.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Answer {
    code: Option<String>,
    state: Option<String>,
    /// Instead of a code.
    error: Option<String>,
}

/// Back from the identity provider.
#[utoipa::path(get, path = "/session/sso/callback", tag = "session", security(()), params(Answer),
    responses((status = 303, description = "Signed in, or back to the sign-in page with `problem`.")))]
async fn back(State(web): State<Web>, Knock(visitor): Knock, headers: HeaderMap, Query(answer): Query<Answer>) -> Response {
    // Only the browser that began may end it: nobody is signed in to an account of somebody else's choice.
    let mine = authenticate::cookie(&headers, cookies::state(&web)).map(str::to_owned);
    let response = match (answer.code, answer.state) {
        (Some(code), Some(state)) if mine.as_deref() == Some(&state) && code.len() <= 4096 => {
            match sso::finish(&web.desk, &state, &code, &visitor).await {
                Ok((opened, next)) => cookies::signed_in(&web, to(&next), &opened),
                Err(refused) => failed(&refused),
            }
        }
        (None, _) if answer.error.is_some() => failed(&Refusal::Forbidden("the provider refused".into())),
        _ => failed(&Refusal::Gone("not begun here")),
    };
    cookies::with_state(&web, response, "")
}

fn failed(refusal: &Refusal) -> Response {
    let problem = match refusal {
        Refusal::Gone(_) => "gone",
        Refusal::Unavailable(_) | Refusal::Store(_) => "unavailable",
        _ => "refused",
    };
    tracing::info!(problem, "a single sign-on did not end well");
    to(&format!("/sign-in?problem={problem}"))
}

fn to(place: &str) -> Response {
    match HeaderValue::from_str(place) {
        Ok(place) => (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response(),
        Err(_) => Problem::internal().into_response(),
    }
}
