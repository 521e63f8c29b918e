//! The demo salon's own small website, with the web chat on it as a business would put it there.

use axum::{Router, http::header, response::IntoResponse, routing::get};

/// Nothing from elsewhere, nothing inline: the chat works under such a policy.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/demo-site", get(|| page("text/html; charset=utf-8", include_str!("site/index.html"))))
        .route("/demo-site/style.css", get(|| page("text/css; charset=utf-8", include_str!("site/style.css"))))
        .route("/demo-site/page.js", get(|| page("text/javascript; charset=utf-8", include_str!("site/page.js"))))
}

#[expect(clippy::unused_async, reason = "a handler")]
async fn page(mime: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text)
}
