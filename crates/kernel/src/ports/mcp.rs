//! How a server that offers tools is spoken to: greeted, asked for its tools, asked to run one.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::Value;

use super::http::Http;
use crate::{
    Secret,
    effect::Outcome,
    mcp::{Definition, Greeting},
};

/// Whom to speak to.
#[derive(Debug, Clone)]
pub struct Target {
    pub url: String,
    /// Headers that prove who we are.
    pub headers: Vec<(String, Secret)>,
    /// For everything that is said, from the greeting on.
    pub patience: Duration,
    /// The protocol it spoke the last time; `None`: it is found out.
    pub protocol: Option<String>,
}

/// The tools of a server, as far as they were read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    pub tools: Vec<Definition>,
    /// It has more than were read.
    pub more: bool,
}

/// A piece of what a tool answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// Something that is not shown to a model: its kind, its media type or name, its size.
    Described(String),
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The tool says that it failed.
    pub failed: bool,
    pub pieces: Vec<Piece>,
    pub structured: Option<Value>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("this address may not be called: {0}")]
    Blocked(String),
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    #[error("no answer in time")]
    Timeout,
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the connection broke")]
    Broken,
    /// Our credentials are missing or not good any more (401).
    #[error("it refused our credentials")]
    Unauthorized,
    /// It knows who we are, and does not let us (403). Other credentials of the same kind change nothing.
    #[error("it does not let us: the access that it was given is not enough")]
    Forbidden,
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("it does not speak the protocol: {0}")]
    Protocol(String),
    /// It refused in the protocol's own way.
    #[error("it refused: {message} ({code})")]
    Refused { code: i64, message: String },
    /// It wants something of us that an agent cannot give.
    #[error("the tool asks for more input, which is not supported")]
    WantsInput,
}

/// A fault, and whether the call may have been carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Failed {
    pub fault: Fault,
    pub outcome: Outcome,
}

#[async_trait]
pub trait Mcp: Send + Sync {
    /// Greets the server.
    async fn open(&self, http: Arc<dyn Http>, target: Target) -> Result<Box<dyn Session>, Failed>;
}

/// A conversation with a server.
#[async_trait]
pub trait Session: Send + Sync {
    fn greeting(&self) -> Greeting;
    /// At most `most` tools.
    async fn tools(&self, most: usize) -> Result<Listing, Failed>;
    async fn call(&self, tool: &str, arguments: &Value) -> Result<Answer, Failed>;
    /// Says goodbye; whatever goes wrong does not matter any more.
    async fn close(self: Box<Self>);
}
