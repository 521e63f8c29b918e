//! Runs the small programs that the author of a prompt put into it, away from everything else.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Timestamp;

/// Programs of one prompt. Each starts anew: none sees what another left behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// JavaScript; the value of the last expression is the result.
    pub programs: Vec<String>,
    /// Global names and their values; the programs cannot change them.
    pub globals: Value,
    /// What `new Date()` says. Nothing else tells the time.
    pub now: Timestamp,
}

/// What a program came to: its text, or what is wrong with it.
pub type Outcome = Result<String, ScriptFault>;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ScriptFault {
    /// The program is wrong, takes too long or wants too much; its author has to change it.
    #[error("{problem}")]
    Wrong {
        problem: String,
        /// In the program, from 1.
        line: Option<usize>,
    },
    /// It may work later.
    #[error("programs cannot be run now: {0}")]
    Unavailable(String),
}

#[async_trait]
pub trait Scripts: Send + Sync {
    /// One outcome for each program, in their order.
    async fn run(&self, job: &Job) -> Vec<Outcome>;
}

/// Runs nothing, and says so.
pub struct NoScripts;

#[async_trait]
impl Scripts for NoScripts {
    async fn run(&self, job: &Job) -> Vec<Outcome> {
        let unavailable = || Err(ScriptFault::Unavailable("there is nothing here to run them".into()));
        job.programs.iter().map(|_| unavailable()).collect()
    }
}
