//! Whether anything that runs here was written: what failed afterwards is not undone by that.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

tokio::task_local! {
    static WROTE: Arc<AtomicBool>;
}

/// Runs `work`, and tells whether a unit of work in it was committed, or may have been: of a COMMIT whose answer was lost nobody knows.
/// What it gives to other tasks is not seen.
pub async fn wrote<F: Future>(work: F) -> (F::Output, bool) {
    let wrote = Arc::new(AtomicBool::new(false));
    let output = WROTE.scope(wrote.clone(), work).await;
    (output, wrote.load(Ordering::Relaxed))
}

/// COMMIT was asked for.
pub(crate) fn committing() {
    // Nobody listens outside of `wrote`.
    let _ = WROTE.try_with(|wrote| wrote.store(true, Ordering::Relaxed));
}
