//! What every channel and every model must do, whatever its vendor; what is asked depends on the abilities that it states.

mod channel;
mod model;

use async_trait::async_trait;
use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    ports::http::{Http, HttpError, Request, Response, Streaming},
};

pub use channel::ChannelSubject;
pub use model::ModelSubject;

/// For connectors without a vendor: nothing may leave.
pub struct NoNetwork;

#[async_trait]
impl Http for NoNetwork {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        panic!("a connector without a vendor called {}", request.url)
    }
    async fn stream(&self, request: Request) -> Result<Streaming, HttpError> {
        panic!("a connector without a vendor called {}", request.url)
    }
}

/// The error says what happened, may be tried as stated, and hides every secret.
fn assert_fails<T: std::fmt::Debug>(
    what: &str,
    outcome: Result<T, ConnectorError>,
    kinds: &[ErrorKind],
    retry: Retry,
    secrets: &[&str],
) {
    let error = outcome.expect_err(what);
    assert!(kinds.contains(&error.kind), "{what}: {error:?}");
    assert_eq!(error.retry, retry, "{what}: {error:?}");
    let shown = format!("{error} {error:?}");
    assert!(secrets.iter().all(|s| !shown.contains(s)), "{what} tells a secret: {shown}");
    assert!(error.detail.chars().count() <= 400 && !error.detail.contains('\n'), "{what}: {error:?}");
}
