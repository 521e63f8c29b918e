//! The web chat's public door: what the widget on a business's site asks, as anybody, from anywhere that the business allows.

mod door;
mod files;
mod guest;
mod messages;
mod pace;
mod session;
mod shown;
pub(crate) mod sniff;
mod stream;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{Web, console, kit::Problem};

pub(crate) fn routes(web: &Web) -> Router<Web> {
    let chat = Router::new()
        .route("/", get(session::about))
        .route("/session", post(session::enter))
        .route("/messages", get(messages::list).post(messages::say))
        .route("/seen", post(messages::seen))
        .route("/stream", get(stream::open))
        .route("/files", post(files::upload))
        .route("/files/{id}", get(files::show))
        .route_layer(middleware::from_fn_with_state(web.clone(), door::layer));
    Router::new()
        .nest("/webchat/{account}", chat)
        .layer(Extension(Arc::new(pace::Paces::default())))
        .route("/widget.js", get(widget))
}

/// The widget's only file; any site may load it.
async fn widget(State(web): State<Web>, headers: HeaderMap) -> Response {
    let Some(mut response) = console::asset(&web, "widget.js", &headers) else {
        let detail = "This program was built without its console and its widget: install Node.js 20.19, or 22.12 and newer, and build again.";
        return Problem::new(StatusCode::NOT_FOUND, "not_built", detail).into_response();
    };
    let any = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    response
        .headers_mut()
        .insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    response
}
