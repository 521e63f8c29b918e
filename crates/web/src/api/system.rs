//! How the server is doing, for whoever runs it.

use axum::extract::State;
use frontdesk_engine::{
    checkup::{self, Depth, Level},
    upkeep,
};
use frontdesk_kernel::scope::Server;
use frontdesk_store::{nodes, tenants, work};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Found, Operator, Problem, Time},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show))
}

/// A process that does work.
#[derive(Serialize, ToSchema)]
pub(crate) struct Node {
    name: String,
    version: String,
}

/// Something that was looked at.
#[derive(Serialize, ToSchema)]
pub(crate) struct Look {
    check: String,
    /// `ok`, `warning` or `problem`.
    level: &'static str,
    says: String,
    todo: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct System {
    version: &'static str,
    /// `sqlite` or `postgres`.
    engine: &'static str,
    /// The library or server behind it.
    database: String,
    now: Time,
    /// Nothing is answered or sent.
    paused: bool,
    tenants: usize,
    /// Conversations with messages that wait for a turn.
    waiting_conversations: i64,
    /// Seconds that the longest waiting message has waited.
    oldest_waiting_s: f64,
    sends_pending: i64,
    oldest_send_s: f64,
    sends_unknown: i64,
    /// Sends that a person must decide.
    sends_in_review: i64,
    /// Messages for accounts that nobody owns.
    strays: i64,
    turns_running: usize,
    /// Open live views.
    watchers: usize,
    /// Models that are left alone for a while after failing.
    models_paused: Vec<String>,
    nodes: Vec<Node>,
    /// Database, channels and models, from what is known without asking vendors.
    checks: Vec<Look>,
}

/// Database, queues, channels, models and versions.
#[utoipa::path(get, path = "/system", tag = "system", responses((status = 200, body = System)))]
pub(crate) async fn show(State(web): State<Web>, _operator: Operator) -> Result<Found<System>, Problem> {
    let desk = &web.desk;
    let (now, b) = (desk.now(), upkeep::backlog(desk).await?);
    let age = |at: Option<frontdesk_kernel::Timestamp>| at.map_or(0.0, |at| now.since(at).as_secs_f64());
    let all = desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
    let depth = Depth { network: false, whole_file: false };
    let (mut findings, complete) = checkup::database(&desk.db, depth).await;
    if complete {
        findings.extend(checkup::connections(desk, depth).await?);
    }
    let checks = findings.into_iter().map(|f| Look {
        check: f.check,
        level: match f.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Problem => "problem",
        },
        says: f.says,
        todo: f.todo,
    });
    let alive = desk.db.read(&Server, work!(tx => nodes::alive(tx, &Server, now).await)).await?;
    let nodes = alive.into_iter().map(|(_, name, version)| Node { name, version });
    Ok(Found(System {
        version: web.version,
        engine: desk.db.engine_name(),
        database: desk.db.engine_version().await.unwrap_or_else(|e| e.to_string()),
        now: now.into(),
        paused: desk.is_paused(),
        tenants: all.len(),
        waiting_conversations: b.lanes,
        oldest_waiting_s: age(b.oldest_inbound),
        sends_pending: b.pending,
        oldest_send_s: age(b.oldest_pending),
        sends_unknown: b.unknown,
        sends_in_review: b.review,
        strays: b.strays,
        turns_running: desk.running.load(std::sync::atomic::Ordering::Relaxed),
        watchers: desk.events.watchers(),
        models_paused: desk.breakers.open(now),
        nodes: nodes.collect(),
        checks: checks.collect(),
    }))
}
