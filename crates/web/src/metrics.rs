//! Prometheus metrics.

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use frontdesk_engine::upkeep;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::Web;

/// The recorder of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder for the whole process; a second call (tests) gets one of its own that nothing writes to.
    pub fn install() -> Metrics {
        let seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &seconds)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        let _ = metrics::set_global_recorder(recorder);
        Metrics(handle)
    }
}

pub(crate) async fn show(State(web): State<Web>) -> Response {
    if let Ok(b) = upkeep::backlog(&web.desk).await {
        let now = web.desk.now();
        let age = |at: Option<frontdesk_kernel::Timestamp>| at.map_or(0.0, |at| now.since(at).as_secs_f64());
        metrics::gauge!("frontdesk_lanes_unfinished").set(b.lanes as f64);
        metrics::gauge!("frontdesk_oldest_unfinished_inbound_seconds").set(age(b.oldest_inbound));
        metrics::gauge!("frontdesk_effects", "state" => "pending").set(b.pending as f64);
        metrics::gauge!("frontdesk_effects", "state" => "sending").set(b.sending as f64);
        metrics::gauge!("frontdesk_effects", "state" => "unknown").set(b.unknown as f64);
        metrics::gauge!("frontdesk_effects", "state" => "review").set(b.review as f64);
        metrics::gauge!("frontdesk_outbox_oldest_seconds").set(age(b.oldest_pending));
        metrics::gauge!("frontdesk_strays").set(b.strays as f64);
        metrics::gauge!("frontdesk_tasks_running").set(web.desk.tasks.len() as f64);
    }
    web.metrics.0.run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], web.metrics.0.render()).into_response()
}
