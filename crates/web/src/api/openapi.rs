//! The API's description, and two ways to read it.

use axum::{
    extract::State,
    http::{HeaderMap, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use crate::{Web, console, describe};

pub(crate) async fn show() -> Response {
    ([(CONTENT_TYPE, "application/json")], describe::openapi_json()).into_response()
}

pub(crate) async fn swagger(State(web): State<Web>, headers: HeaderMap) -> Response {
    console::page(&web, "docs/swagger.html", &headers)
}

pub(crate) async fn redoc(State(web): State<Web>, headers: HeaderMap) -> Response {
    console::page(&web, "docs/redoc.html", &headers)
}
