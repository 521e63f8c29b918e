//! The ordered thread with one contact on one channel.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", content = "until", rename_all = "snake_case")]
pub enum Mode {
    Bot,
    Human,
    Paused(Timestamp),
    Closed,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Bot => "bot",
            Mode::Human => "human",
            Mode::Paused(_) => "paused",
            Mode::Closed => "closed",
        }
    }
    /// A new message finds the bot on duty. A closed conversation opens again with it.
    pub fn bot_answers(self, now: Timestamp) -> bool {
        match self {
            Mode::Bot | Mode::Closed => true,
            Mode::Human => false,
            Mode::Paused(until) => until <= now,
        }
    }
}
