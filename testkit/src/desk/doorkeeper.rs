//! Stands between a desk and its database and can keep an answer back: what was asked is done, and who asked stands still.

use std::sync::atomic::{AtomicBool, Ordering};

use frontdesk_store::{
    Result,
    gate::{Access, Gate, Passage},
};
use tokio::sync::Semaphore;

pub(super) struct Doorkeeper {
    keeps_next: AtomicBool,
    /// One permit for each answer that may go on.
    may_go: Semaphore,
    kept: Semaphore,
}

impl Default for Doorkeeper {
    fn default() -> Self {
        Doorkeeper { keeps_next: AtomicBool::new(false), may_go: Semaphore::new(0), kept: Semaphore::new(0) }
    }
}

impl Doorkeeper {
    /// The answer to the next write is kept back.
    pub(super) fn keep_next(&self) {
        self.keeps_next.store(true, Ordering::Relaxed);
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
            if access == Access::Write && self.keeps_next.swap(false, Ordering::Relaxed) {
                self.kept.add_permits(1);
                self.may_go.acquire().await.expect("it is never closed").forget();
            }
            Ok(())
        })
    }
}
