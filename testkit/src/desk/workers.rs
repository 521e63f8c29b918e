//! The desk's loops, one step at a time.

use std::time::{Duration, Instant};

use frontdesk_engine::{outbox, turns, upkeep};

use super::{BURST, PATIENCE, TestDesk};

impl TestDesk {
    /// Begins everything that is due; nothing is waited for. Returns how much was begun.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn begin(&self) -> usize {
        let desk = &self.engine;
        let fired = upkeep::fire_timers(desk).await.expect("timers fire");
        upkeep::reap(desk).await.expect("the dead are reaped");
        let turns = turns::claim::step(desk).await.expect("turns are claimed");
        let sends = outbox::step(desk).await.expect("sends begin");
        fired + turns + sends
    }

    /// Begins everything that is due and waits until it has ended and Meta's news of it came in.
    pub async fn step(&self) -> usize {
        let begun = self.begin().await;
        self.quiet().await;
        begun
    }

    /// Until nothing is left to do at this moment of the clock.
    ///
    /// # Panics
    /// When it never ends.
    pub async fn settle(&self) {
        self.quiet().await;
        for _ in 0..1000 {
            if self.step().await == 0 {
                return;
            }
        }
        panic!("the desk is still busy after 1000 steps");
    }

    /// Lets a burst end, then does all the work.
    pub async fn answer(&self) {
        self.advance(BURST);
        self.settle().await;
    }

    /// Lets so much time pass, doing what becomes due on the way every so often.
    pub async fn pass(&self, time: Duration, beat: Duration) {
        let end = self.now().plus(time);
        while self.now() < end {
            self.advance(beat.min(end.since(self.now())));
            self.settle().await;
        }
    }

    /// Waits until no task runs and all statuses were told.
    ///
    /// # Panics
    /// When a task does not end.
    pub async fn quiet(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.engine.tasks.is_empty() {
            assert!(Instant::now() < deadline, "a task of the desk does not end");
            tokio::time::sleep(Duration::from_micros(300)).await;
        }
        assert!(self.graph.settled(PATIENCE).await, "the statuses of sent messages were not told in time");
    }

    /// Waits until the loops of a live desk have nothing left to do.
    pub(super) async fn drained(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.undone().await.is_empty() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.graph.settled(PATIENCE).await;
    }
}
