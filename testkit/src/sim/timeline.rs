//! Time that passes only when everybody waits: a queue of who wakes next, and how to tell that nobody has anything left to do.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Poll, Waker},
    time::Duration,
};

use frontdesk_kernel::{Clock, Timestamp};
use tokio::sync::oneshot;

use crate::time::FakeClock;

#[derive(Default)]
pub(super) struct Timeline(Mutex<State>);

#[derive(Default)]
struct State {
    /// Milliseconds since the beginning, of which clocks know nothing.
    elapsed: i64,
    /// How far the clocks are off by now.
    shift: i64,
    order: u64,
    /// By time, then by lot, then by who asked first.
    sleepers: BTreeMap<(i64, u64, u64), oneshot::Sender<()>>,
}

impl Timeline {
    /// Sleeps; `lot` decides who of several wakes first at the same moment.
    pub(super) fn sleep(&self, time: Duration, lot: u64) -> impl Future<Output = ()> + Send + use<> {
        let (wake, woken) = oneshot::channel();
        let mut state = self.state();
        let (at, order) = (state.elapsed + time.as_millis() as i64, state.order);
        state.order += 1;
        state.sleepers.insert((at, lot, order), wake);
        drop(state);
        async move { drop(woken.await) }
    }

    /// Wakes who is next and moves the clock to then. `false`: nobody sleeps.
    pub(super) fn wake_next(&self) -> bool {
        loop {
            let mut state = self.state();
            let Some(((at, ..), wake)) = state.sleepers.pop_first() else { return false };
            state.elapsed = state.elapsed.max(at);
            drop(state);
            // Who gave up waiting needs no turn.
            if wake.send(()).is_ok() {
                return true;
            }
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        Duration::from_millis(self.state().elapsed as u64)
    }

    /// The clocks of all machines are set forward or back.
    pub(super) fn shift(&self, millis: i64) {
        self.state().shift += millis;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for Timeline {
    fn now(&self) -> Timestamp {
        let state = self.state();
        Timestamp(FakeClock::START.0 + state.elapsed + state.shift)
    }
}

/// Knows when every task of a runtime waits: the runtime says so before it parks its only thread.
#[derive(Default)]
pub(super) struct Idle {
    waits: Mutex<Option<Waker>>,
    parked: AtomicBool,
}

impl Idle {
    pub(super) fn parks(&self) {
        if let Some(waker) = self.waits.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.parked.store(true, Ordering::Relaxed);
            waker.wake();
        }
    }

    /// Until every other task waits.
    pub(super) async fn settled(&self) {
        poll_fn(|context| {
            if self.parked.swap(false, Ordering::Relaxed) {
                return Poll::Ready(());
            }
            *self.waits.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
