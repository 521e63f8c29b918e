//! The system's clock and the real way to wait.

use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use frontdesk_engine::desk::Pause;
use frontdesk_kernel::{Clock, Timestamp};

pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(since.as_millis() as i64)
    }
}

pub(crate) struct Sleep;

#[async_trait]
impl Pause for Sleep {
    async fn pause(&self, d: Duration) {
        tokio::time::sleep(d).await;
    }
}
