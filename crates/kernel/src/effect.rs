//! External writes: their classes, states and what a lost answer means.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{ConnectorError, ErrorKind, Retry, Timestamp};

/// What is known when the answer to a write is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// The other side honours our key or shares our transaction: the same call may be repeated.
    A,
    /// No key, but an echo with our token comes back: wait for it.
    B,
    /// Neither: at most one automatic attempt; then a person decides.
    C,
}

impl Class {
    pub fn as_str(self) -> &'static str {
        match self {
            Class::A => "A",
            Class::B => "B",
            Class::C => "C",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "A" => Class::A,
            "B" => Class::B,
            "C" => Class::C,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Pending,
    Sending,
    Succeeded,
    Failed,
    Unknown,
    /// A person must decide.
    Review,
    Canceled,
    Expired,
}

impl State {
    pub const ALL: [State; 8] = [
        State::Pending,
        State::Sending,
        State::Succeeded,
        State::Failed,
        State::Unknown,
        State::Review,
        State::Canceled,
        State::Expired,
    ];
    pub fn as_str(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Sending => "sending",
            State::Succeeded => "succeeded",
            State::Failed => "failed",
            State::Unknown => "unknown",
            State::Review => "review",
            State::Canceled => "canceled",
            State::Expired => "expired",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        State::ALL.into_iter().find(|s| s.as_str() == text)
    }
    pub fn is_final(self) -> bool {
        matches!(self, State::Succeeded | State::Failed | State::Canceled | State::Expired)
    }
}

/// What one attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    /// Certainly not applied; again after this long.
    NotApplied {
        after: Option<Duration>,
    },
    /// Certainly not applied and never will be.
    Refused,
    /// It may have been applied.
    Unknown,
}

impl Outcome {
    pub fn of(error: &ConnectorError) -> Outcome {
        match error.retry {
            Retry::Never => Outcome::Refused,
            Retry::Later => Outcome::NotApplied { after: None },
            Retry::After(d) => Outcome::NotApplied { after: Some(d) },
            Retry::Unknown => Outcome::Unknown,
        }
    }
    pub fn as_str(&self) -> &'static str {
        match self {
            Outcome::Succeeded => "succeeded",
            Outcome::NotApplied { .. } => "not_applied",
            Outcome::Refused => "refused",
            Outcome::Unknown => "unknown",
        }
    }
}

/// The state after an attempt ended. `attempts` counts this one.
pub fn after_attempt(class: Class, outcome: &Outcome, attempts: u32, max_attempts: u32) -> State {
    match outcome {
        Outcome::Succeeded => State::Succeeded,
        Outcome::Refused => State::Failed,
        Outcome::NotApplied { .. } if attempts >= max_attempts => State::Failed,
        Outcome::NotApplied { .. } => State::Pending,
        Outcome::Unknown => after_silence(class),
    }
}

/// The state of an attempt whose answer will not come (timeout, or its process died).
pub fn after_silence(class: Class) -> State {
    match class {
        Class::A => State::Pending,
        Class::B => State::Unknown,
        Class::C => State::Review,
    }
}

/// Back-off before attempt `attempts + 1`: 1 s, 2 s, 4 s … at most 5 minutes, plus up to a quarter of jitter (`spread` in 0..1).
pub fn backoff(attempts: u32, spread: f64) -> Duration {
    let base = Duration::from_secs(1u64 << attempts.saturating_sub(1).min(9)).min(Duration::from_secs(300));
    base + base.mul_f64(0.25 * spread.clamp(0.0, 1.0))
}

/// What is known about an effect of class B whose answer was lost.
#[derive(Debug, Clone, Copy)]
pub struct UnknownFacts {
    pub now: Timestamp,
    pub unknown_since: Timestamp,
    /// How long an echo may take (longest pause of a node plus the load balancer's patience).
    pub window: Duration,
    pub resends: u32,
    /// A conversational reply, as opposed to a template, a payment link or outreach.
    pub is_reply: bool,
    /// A later reply of the conversation already went out: sent now, this one would come in the wrong place.
    pub overtaken: bool,
    /// An echo for this account, stamped later than the attempt, was processed: the status pipeline is alive.
    pub pipeline_alive: bool,
}

/// What to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    Wait,
    /// Once, and only a reply.
    Resend,
    Review,
}

pub fn resolve_unknown(f: &UnknownFacts) -> Resolution {
    let age = f.now.since(f.unknown_since);
    if age < f.window {
        return Resolution::Wait;
    }
    if !f.is_reply || f.resends > 0 || f.overtaken {
        return Resolution::Review;
    }
    if f.pipeline_alive {
        return Resolution::Resend;
    }
    // No sign of life from the vendor: give the pipeline ten windows before a person is asked.
    if age < f.window * 10 { Resolution::Wait } else { Resolution::Review }
}

/// The account itself is broken (token expired, locked, unpaid): stop sending and tell a person.
pub fn stops_account(error: &ConnectorError) -> bool {
    matches!(error.kind, ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::Quota)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_answer_means_repeat_for_a_wait_for_b_and_a_person_for_c() {
        assert_eq!(after_attempt(Class::A, &Outcome::Unknown, 1, 5), State::Pending);
        assert_eq!(after_attempt(Class::B, &Outcome::Unknown, 1, 5), State::Unknown);
        assert_eq!(after_attempt(Class::C, &Outcome::Unknown, 1, 5), State::Review);
        assert_eq!(after_attempt(Class::C, &Outcome::NotApplied { after: None }, 1, 5), State::Pending);
        assert_eq!(after_attempt(Class::C, &Outcome::NotApplied { after: None }, 5, 5), State::Failed);
    }

    #[test]
    fn an_unknown_reply_is_resent_once_and_only_when_the_echo_pipeline_is_alive() {
        let facts = UnknownFacts {
            now: Timestamp(60_000),
            unknown_since: Timestamp(0),
            window: Duration::from_secs(60),
            resends: 0,
            is_reply: true,
            overtaken: false,
            pipeline_alive: true,
        };
        let cases = [
            (facts, Resolution::Resend),
            (UnknownFacts { now: Timestamp(59_999), ..facts }, Resolution::Wait),
            (UnknownFacts { resends: 1, ..facts }, Resolution::Review),
            (UnknownFacts { is_reply: false, ..facts }, Resolution::Review),
            (UnknownFacts { overtaken: true, ..facts }, Resolution::Review),
            (UnknownFacts { pipeline_alive: false, ..facts }, Resolution::Wait),
            (UnknownFacts { pipeline_alive: false, now: Timestamp(600_000), ..facts }, Resolution::Review),
        ];
        for (facts, expected) in cases {
            assert_eq!(resolve_unknown(&facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn what_is_stored_of_an_effect_is_read_as_it_was() {
        for (class, name) in [(Class::A, "A"), (Class::B, "B"), (Class::C, "C")] {
            assert_eq!((class.as_str(), Class::parse(name)), (name, Some(class)));
        }
        assert_eq!(Class::parse("D"), None);
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(State::parse("lost"), None);
    }

    #[test]
    fn nothing_follows_what_succeeded_failed_was_withdrawn_or_came_too_late() {
        use State::*;
        let last: Vec<_> = State::ALL.into_iter().filter(|state| state.is_final()).collect();
        assert_eq!(last, [Succeeded, Failed, Canceled, Expired]);
    }

    #[test]
    fn an_error_says_by_itself_whether_the_write_may_have_happened() {
        let error = |retry| ConnectorError::new("acme", "send", ErrorKind::Unexpected, retry, "");
        let wait = Duration::from_secs(9);
        for (retry, outcome, name) in [
            (Retry::Never, Outcome::Refused, "refused"),
            (Retry::Later, Outcome::NotApplied { after: None }, "not_applied"),
            (Retry::After(wait), Outcome::NotApplied { after: Some(wait) }, "not_applied"),
            (Retry::Unknown, Outcome::Unknown, "unknown"),
        ] {
            assert_eq!(Outcome::of(&error(retry)), outcome);
            assert_eq!(outcome.as_str(), name);
        }
        assert_eq!(Outcome::Succeeded.as_str(), "succeeded");
    }

    #[test]
    fn each_attempt_waits_twice_as_long_as_the_one_before_and_at_most_five_minutes() {
        let seconds = |attempts, spread| backoff(attempts, spread).as_secs_f64();
        for (attempts, waits) in [(0, 1.0), (1, 1.0), (2, 2.0), (3, 4.0), (9, 256.0), (10, 300.0), (u32::MAX, 300.0)] {
            assert_eq!(seconds(attempts, 0.0), waits, "{attempts}");
        }
        assert_eq!((seconds(3, 0.5), seconds(3, 1.0), seconds(3, 7.0), seconds(3, -1.0)), (4.5, 5.0, 5.0, 4.0));
    }

    #[test]
    fn an_account_is_stopped_by_what_only_a_person_can_mend() {
        use ErrorKind::*;
        let stops = |kind| stops_account(&ConnectorError::new("acme", "send", kind, Retry::Never, ""));
        assert!([Unauthorized, Forbidden, Quota].into_iter().all(stops));
        assert!(![NotFound, Rejected, RateLimited, WindowClosed, Unavailable, Timeout, Malformed].into_iter().any(stops));
    }
}
