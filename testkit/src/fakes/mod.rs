//! Vendors on a local port: real HTTP, every request checked against the vendor's published contract, faults on demand.

mod authenticator;
mod consent;
mod faults;
mod gemini;
mod graph;
mod identity;
mod imap;
mod inbound;
mod journal;
mod lossy_line;
mod mcp;
mod model;
mod openai;
mod script;
mod server;
mod service;
mod smtp;
mod stripe;
#[cfg(test)]
mod testing;

pub use authenticator::Authenticator;
pub use consent::{Asked, CONSENT_CLIENT, FakeConsent};
pub use faults::Faults;
pub use gemini::FakeGemini;
pub use graph::{FakeGraph, GraphFault, GraphOptions, News, ReadMark, Route, Sent, Statuses, StoredMedia, Webhook};
pub use identity::FakeIdentityProvider;
pub(crate) use identity::{CLIENT_ID, CLIENT_SECRET};
pub use imap::{FakeImap, MailboxFault};
pub use inbound::*;
pub use journal::{Options, Recorded};
pub use lossy_line::LossyLine;
pub use mcp::{FakeMcp, MCP_CLIENT, McpAct, Speaks};
pub use model::{FakeModel, ModelFault};
pub use openai::FakeOpenAi;
pub use script::{Call, Reply};
pub use service::{Act, FakeService};
pub use smtp::{FakeSmtp, MailFault, Received};
pub use stripe::{FakeStripe, GivenBack, STRIPE_KEY, STRIPE_SECRET, Session, StripeFault};
