//! What a delivery came to, counted.

use crate::news::News;

#[derive(Default)]
pub(super) struct Seen {
    pub(super) messages: u64,
    pub(super) duplicates: u64,
    pub(super) turns: u64,
    pub(super) muted: u64,
    /// Of members, to requests; something is said to each.
    pub(super) answers: u64,
    pub(super) settled: u64,
    pub(super) doubled: u64,
    pub(super) news: News,
}

impl Seen {
    pub(super) fn merge(&mut self, other: Seen) {
        self.messages += other.messages;
        self.duplicates += other.duplicates;
        self.turns += other.turns;
        self.muted += other.muted;
        self.answers += other.answers;
        self.settled += other.settled;
        self.doubled += other.doubled;
        self.news.merge(other.news);
    }

    pub(super) fn count(&self, kind: &'static str) {
        metrics::counter!("frontdesk_messages_received_total", "channel" => kind).increment(self.messages);
        metrics::counter!("frontdesk_messages_duplicate_total", "channel" => kind).increment(self.duplicates);
        metrics::counter!("frontdesk_sends_doubled_total", "channel" => kind).increment(self.doubled);
        if self.doubled > 0 {
            tracing::error!(channel = kind, count = self.doubled, "a message reached its contact twice");
        }
    }
}
