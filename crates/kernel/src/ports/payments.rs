//! What a payment vendor must teach us: a link that can be paid, giving money back, and reading what it reports.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    channel::{Forged, RawRequest},
    http::Http,
};
use crate::{ConnectorError, Secret, Timestamp, money::Money, payment::RefundState};

/// An account at the vendor's, with its credentials opened.
#[derive(Debug, Clone)]
pub struct Account {
    pub key: Secret,
    pub base_url: String,
    /// Of the vendor's API.
    pub version: String,
}

/// A payment to be asked for.
#[derive(Debug, Clone)]
pub struct Demand<'d> {
    /// Names the call: the vendor carries it out once, however often it is made.
    pub key: &'d str,
    /// Our name for the payment; comes back in everything that the vendor reports of it.
    pub payment: &'d str,
    pub amount: &'d Money,
    /// What is paid for; the payer reads it.
    pub description: &'d str,
    /// Where the payer's browser goes afterwards.
    pub return_url: &'d str,
}

/// Where a payment is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The vendor's id.
    pub id: String,
    pub url: String,
}

/// Money to be given back.
#[derive(Debug, Clone)]
pub struct GiveBack<'g> {
    /// As `Demand::key`.
    pub key: &'g str,
    /// Our names for the refund and its payment.
    pub refund: &'g str,
    pub payment: &'g str,
    /// The vendor's id of the payment that was made.
    pub vendor_payment: &'g str,
    pub amount: &'g Money,
}

/// What the vendor made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenBack {
    /// The vendor's id.
    pub id: String,
    pub state: RefundState,
}

/// Which payment is spoken of, by all names that were given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Ours, as we gave it.
    pub payment: Option<String>,
    pub vendor_link: Option<String>,
    pub vendor_payment: Option<String>,
}

/// Something that became of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum News {
    Paid {
        amount: Money,
    },
    /// The payer is done; the money comes later or not at all.
    Awaited,
    Failed,
    Expired,
    /// So much was given back of it in all.
    GivenBack {
        amount: Money,
    },
    Refund {
        /// The vendor's id.
        id: String,
        /// Our name for it; `None`: it was made at the vendor's.
        refund: Option<String>,
        amount: Money,
        state: RefundState,
    },
    /// Nothing that changes a payment.
    Other,
}

/// What the vendor reports, once or more often, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The vendor's id of the report: the same report, sent again, has the same.
    pub id: String,
    /// The vendor's word for it.
    pub kind: String,
    pub at: Timestamp,
    /// It speaks of this account at the vendor's, not of the one whose secret signed it.
    pub of_account: Option<String>,
    pub subject: Subject,
    pub what: News,
}

/// Not what the vendor sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of the till that only pretends, of the demo.
pub const MOCK: &str = "mock";

/// What a vendor is.
#[derive(Debug)]
pub struct About {
    /// Stored in the database, part of routes.
    pub key: &'static str,
    pub name: &'static str,
    pub base_url: &'static str,
    /// Of its API, as this connector speaks it.
    pub version: &'static str,
    /// How long the vendor remembers the name of a call.
    pub remembers: std::time::Duration,
}

#[async_trait]
pub trait Payments: Send + Sync {
    fn about(&self) -> &'static About;
    /// Whether the vendor can take exactly this amount; else why not, in words.
    fn fits(&self, amount: &Money) -> Result<(), String>;
    async fn open(&self, http: &dyn Http, account: &Account, demand: &Demand<'_>) -> Result<Link, ConnectorError>;
    async fn give_back(&self, http: &dyn Http, account: &Account, back: &GiveBack<'_>) -> Result<GivenBack, ConnectorError>;
    /// What became of a link, by the vendor's id of it.
    async fn look_up(&self, http: &dyn Http, account: &Account, link: &str) -> Result<(Subject, News), ConnectorError>;
    /// Do the credentials work?
    async fn check(&self, http: &dyn Http, account: &Account) -> Result<(), ConnectorError>;
    /// Whether the vendor signed these very bytes, lately, with one of these secrets. Several are good while one is being replaced.
    fn verify(&self, raw: &RawRequest, secrets: &[Secret], now: Timestamp) -> Result<(), Forged>;
    fn read(&self, body: &[u8]) -> Result<Notice, Unreadable>;
}
