//! A till without an account: money given back is written down and nothing moves. For the demo; nobody can connect it.

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Secret, Timestamp,
    money::Money,
    payment::RefundState,
    ports::{
        channel::{Forged, RawRequest},
        http::Http,
        payments::{About, Account, Demand, GiveBack, GivenBack, Link, MOCK, News, Notice, Payments, Subject, Unreadable},
    },
};

static ABOUT: About = About {
    key: MOCK,
    name: "Mock (no money moves)",
    base_url: "https://localhost",
    version: "1",
    remembers: Duration::from_secs(23 * 3600),
};

pub struct Mock;

#[async_trait]
impl Payments for Mock {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn fits(&self, _: &Money) -> Result<(), String> {
        Ok(())
    }

    async fn open(&self, _: &dyn Http, _: &Account, _: &Demand<'_>) -> Result<Link, ConnectorError> {
        Err(cannot("open", "nothing can be paid here: connect a payment vendor"))
    }

    /// The same refund, asked for again, has the same id.
    async fn give_back(&self, _: &dyn Http, _: &Account, back: &GiveBack<'_>) -> Result<GivenBack, ConnectorError> {
        tracing::info!(target: "mock", refund = back.refund, "[MOCK MODE] refund recorded, no money moved");
        Ok(GivenBack { id: format!("mock_{}", back.refund), state: RefundState::Succeeded })
    }

    async fn look_up(&self, _: &dyn Http, _: &Account, _: &str) -> Result<(Subject, News), ConnectorError> {
        Err(cannot("look_up", "there are no links here"))
    }

    async fn check(&self, _: &dyn Http, _: &Account) -> Result<(), ConnectorError> {
        Ok(())
    }

    /// Nobody reports anything.
    fn verify(&self, _: &RawRequest, _: &[Secret], _: Timestamp) -> Result<(), Forged> {
        Err(Forged)
    }

    fn read(&self, _: &[u8]) -> Result<Notice, Unreadable> {
        Err(Unreadable("nothing is reported here".into()))
    }
}

fn cannot(operation: &'static str, why: &str) -> ConnectorError {
    ConnectorError::new(MOCK, operation, ErrorKind::Unsupported, Retry::Never, why)
}
