//! How long this node may believe that what it began is still its own.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use frontdesk_kernel::Timestamp;

use crate::Desk;

/// A node that is silent for this long is dead.
pub const NODE_LEASE: Duration = Duration::from_secs(15);

/// Until when this node may believe that it is alive. Times are taken by the monotonic clock and by the wall clock, so that a suspended
/// machine notices too.
#[derive(Default)]
pub struct NodeLease(Mutex<Lease>);

#[derive(Default)]
struct Lease {
    /// Tests step by hand without a heartbeat.
    renewed: Option<(Instant, Timestamp)>,
    term: Term,
}

/// A time in which the lease was never interrupted. What was begun in an earlier one may be others' by now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Term(u64);

impl NodeLease {
    /// The database has just confirmed what it was asked at this time.
    pub(crate) fn renewed(&self, desk: &Desk, asked: Instant, now: Timestamp) {
        let mut lease = self.lock();
        if lease.age(desk).is_some_and(|age| age >= NODE_LEASE) {
            lease.term.0 += 1;
        }
        lease.renewed = Some((asked, now));
    }

    pub(crate) fn term(&self) -> Term {
        self.lock().term
    }

    /// May I/O of this length begin now?
    pub(crate) fn covers(&self, desk: &Desk, io: Duration) -> bool {
        self.lock().covers(desk, io)
    }

    /// May I/O of this length begin that was put on record in this term?
    pub(crate) fn still_covers(&self, desk: &Desk, term: Term, io: Duration) -> bool {
        let lease = self.lock();
        lease.term == term && lease.covers(desk, io)
    }

    fn lock(&self) -> MutexGuard<'_, Lease> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    fn covers(&self, desk: &Desk, io: Duration) -> bool {
        self.age(desk).is_none_or(|age| age + io + Duration::from_secs(1) < NODE_LEASE)
    }

    fn age(&self, desk: &Desk) -> Option<Duration> {
        self.renewed.map(|(asked, now)| asked.elapsed().max(desk.now().since(now)))
    }
}
