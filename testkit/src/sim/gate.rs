//! The database as a node sees it: slow, refusing, silent after a commit; or the node dies, or freezes, between two statements.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use frontdesk_store::{
    Error, Result,
    gate::{Access, Gate, Passage},
};

use super::{node::Life, world::World};

pub(super) struct Door {
    pub(super) world: Arc<World>,
    pub(super) life: Arc<Life>,
}

impl Gate for Door {
    fn pass<'w>(&'w self, access: Access, work: Passage<'w, ()>) -> Passage<'w, Result<()>> {
        Box::pin(async move {
            let (world, life) = (&self.world, &self.life);
            life.here(world).await;
            let (climate, dice) = (world.climate(), &world.dice);
            let writes = access == Access::Write;
            if dice.chance(climate.slow) {
                world.sleep(dice.millis(1..40)).await;
            }
            if dice.chance(climate.stalled) {
                world.sleep(dice.millis(500..9000)).await;
            }
            if life.is_away(world) {
                // It was on its way to the database when its node died, or stood still.
                if writes && dice.chance(500) {
                    run_here(work);
                    world.note(format_args!("{life} write arrives after all"));
                    life.here(world).await;
                    return Ok(());
                }
                life.here(world).await;
            }
            let refused = if writes { climate.refused } else { climate.refused / 4 };
            if world.db_is_out() || dice.chance(refused) {
                world.note(format_args!("{life} {access:?} refused"));
                return Err(Error::Unavailable("simulated: nothing was done".into()));
            }
            run_here(work);
            if dice.chance(climate.slow / 2) {
                world.sleep(dice.millis(1..40)).await;
            }
            life.here(world).await;
            if writes && dice.chance(climate.ambiguous) {
                world.note(format_args!("{life} {access:?} committed, answer lost"));
                return Err(Error::Unavailable("simulated: the answer of the commit was lost".into()));
            }
            Ok(())
        })
    }
}

/// Runs it to its end on this thread, although another one does the writing: nothing else happens meanwhile, so that the order of
/// everything stays the seed's.
pub(super) fn run_here<T>(work: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    // A task's budget of cooperation is not renewed in here.
    let mut work = std::pin::pin!(tokio::task::unconstrained(work));
    loop {
        match Pin::as_mut(&mut work).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => return outcome,
            Poll::Pending => thread::park(),
        }
    }
}
