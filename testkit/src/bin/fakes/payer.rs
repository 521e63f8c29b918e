//! Somebody pays every link at once, and the vendor reports it until it is acknowledged.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use frontdesk_kernel::Clock as _;
use frontdesk_testkit::fakes::{FakeStripe, STRIPE_SECRET};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use crate::WallClock;

const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// One JSON line for each link and for each refund that the vendor makes is appended to the log.
pub(crate) async fn pay(stripe: Arc<FakeStripe>, webhook: String, log: Option<PathBuf>) {
    let (mut links, mut refunds) = (0, 0);
    let reports = TaskTracker::new();
    loop {
        for link in stripe.sessions().split_off(links) {
            links += 1;
            note(log.as_ref(), &json!({ "link": link.id, "reference": link.reference }))
                .expect("the log of payments can be written");
            if let Some(paid) = stripe.pay_this(&link.id) {
                let event = stripe.session_event("checkout.session.completed", &paid);
                reports.spawn(report(webhook.clone(), event));
            }
        }
        for refund in stripe.refunds().split_off(refunds) {
            refunds += 1;
            note(log.as_ref(), &json!({ "refund": refund.id, "intent": refund.intent }))
                .expect("the log of payments can be written");
        }
        sleep(LOOKS_EVERY).await;
    }
}

fn note(log: Option<&PathBuf>, line: &Value) -> io::Result<()> {
    let Some(path) = log else { return Ok(()) };
    OpenOptions::new().create(true).append(true).open(path)?.write_all(format!("{line}\n").as_bytes())
}

/// Until it is acknowledged, and then once more, as vendors do.
async fn report(webhook: String, event: Value) {
    #[expect(clippy::disallowed_methods, reason = "a vendor is its own client")]
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().expect("a plain client");
    let body = event.to_string();
    let mut told = 0;
    while told < 2 {
        let signature = FakeStripe::sign(body.as_bytes(), &[STRIPE_SECRET], WallClock.now().0 / 1000);
        let request = client.post(&webhook).header("stripe-signature", signature).header("content-type", "application/json");
        told += usize::from(request.body(body.clone()).send().await.is_ok_and(|answer| answer.status().is_success()));
        sleep(Duration::from_millis(100)).await;
    }
}
