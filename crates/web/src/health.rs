//! Liveness and readiness.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontdesk_kernel::scope::Server;
use frontdesk_store::{meta, migrate, work};
use serde_json::json;

use crate::Web;

/// The process answers. Nothing else is asked, so that a slow database does not get it restarted.
pub(crate) async fn live(State(web): State<Web>) -> Json<serde_json::Value> {
    Json(json!({ "status": "ok", "service": "whatsapp-bot", "version": web.version }))
}

/// The database answers, its schema is ours, and no stop is under way.
pub(crate) async fn ready(State(web): State<Web>) -> Response {
    let stopping = web.desk.stop.is_cancelled();
    let schema = migrate::applied(&web.desk.db).await;
    let paused = web.desk.db.read(&Server, work!(tx => meta::get(tx, &Server, meta::PAUSED).await)).await.ok().flatten();
    let (ready, database) = match schema {
        Ok(true) => (!stopping, "ok".to_owned()),
        Ok(false) => (false, "migrations are missing: run `frontdesk migrate`".to_owned()),
        Err(e) => (false, e.to_string()),
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "status": if ready { "ready" } else { "not_ready" },
        "database": database,
        "stopping": stopping,
        "paused": paused,
    });
    (status, Json(body)).into_response()
}
