//! Stands between a desk and its database and can keep an answer back: what was asked is done, and who asked stands still.

use std::sync::atomic::{AtomicUsize, Ordering};

use frontdesk_store::{
    Result,
    gate::{Access, Gate, Passage},
};
use tokio::sync::Semaphore;

pub(super) struct Doorkeeper {
    /// Of so many writes the answer to the last one; 0: of none.
    writes: AtomicUsize,
    /// Of reads likewise.
    reads: AtomicUsize,
    /// One permit for each answer that may go on.
    may_go: Semaphore,
    kept: Semaphore,
}

impl Default for Doorkeeper {
    fn default() -> Self {
        Doorkeeper { writes: AtomicUsize::new(0), reads: AtomicUsize::new(0), may_go: Semaphore::new(0), kept: Semaphore::new(0) }
    }
}

impl Doorkeeper {
    /// Of the next so many of these the answer to the last one is kept back.
    pub(super) fn keep(&self, what: Access, nth: usize) {
        self.left(what).store(nth, Ordering::Relaxed);
    }

    fn left(&self, what: Access) -> &AtomicUsize {
        match what {
            Access::Write => &self.writes,
            Access::Read => &self.reads,
        }
    }

    /// Until one is kept back.
    pub(super) async fn keeps(&self) {
        self.kept.acquire().await.expect("it is never closed").forget();
    }

    pub(super) fn let_go(&self) {
        self.may_go.add_permits(1);
    }
}

impl Gate for Doorkeeper {
    fn pass<'w>(&'w self, access: Access, work: Passage<'w, ()>) -> Passage<'w, Result<()>> {
        Box::pin(async move {
            work.await;
            let left = |n: usize| n.checked_sub(1);
            if self.left(access).fetch_update(Ordering::Relaxed, Ordering::Relaxed, left) == Ok(1) {
                self.kept.add_permits(1);
                self.may_go.acquire().await.expect("it is never closed").forget();
            }
            Ok(())
        })
    }
}
