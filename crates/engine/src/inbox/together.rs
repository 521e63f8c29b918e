//! What comes for a business at the same time is kept in one transaction, as long as all of it is as usual: messages of customers, and what a
//! vendor tells three times or more of each that we sent.

use std::{
    collections::{HashMap, hash_map::Entry},
    mem,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use frontdesk_kernel::{Scope, Timestamp, ids::TenantId};
use frontdesk_store::{Error, Result, inbound::Moved, work};
use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::{committed, items::Item, seen::Seen};
use crate::{Desk, crash};

/// Items of one transaction, unless one delivery alone holds more.
const MOST: usize = 64;
/// Until who holds a lock that one of them needs holds up the others no longer.
const LOCKED: Duration = Duration::from_millis(300);
/// Until a connection that says nothing is given up.
const SILENT: Duration = Duration::from_secs(5);
/// The same, of one delivery: statements and locks have limits of their own before.
const SILENT_ALONE: Duration = Duration::from_secs(25);

/// Deliveries that wait for those before them, by business. Where there is an entry, somebody keeps them.
#[derive(Default)]
pub struct Together(Mutex<HashMap<TenantId, Vec<Waiting>>>);

struct Waiting {
    /// Of the channel.
    kind: &'static str,
    items: Arc<Vec<Item>>,
    now: Timestamp,
    told: oneshot::Sender<Result<Seen>>,
}

impl Together {
    /// `true`: nobody keeps this business's; whoever asked has to see to it.
    fn join(&self, tenant: &TenantId, waiting: Waiting) -> bool {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(tenant.clone()) {
            Entry::Occupied(mut entry) => {
                entry.get_mut().push(waiting);
                false
            }
            Entry::Vacant(entry) => {
                entry.insert(vec![waiting]);
                true
            }
        }
    }

    /// The first ones that somebody still waits for; none, and the entry is gone. To whoever went away nothing was acknowledged: the vendor
    /// delivers it again.
    fn take(&self, tenant: &TenantId) -> Vec<Waiting> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(waiting) = all.get_mut(tenant) else { return Vec::new() };
        waiting.retain(|w| !w.told.is_closed());
        if waiting.is_empty() {
            all.remove(tenant);
            return Vec::new();
        }
        let mut items = 0;
        let fits = waiting.iter().take_while(|w| {
            items += w.items.len();
            items <= MOST
        });
        let first = fits.count().max(1);
        let rest = waiting.split_off(first);
        mem::replace(waiting, rest)
    }

    fn give_up(&self, tenant: &TenantId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(tenant);
    }
}

/// Stores a delivery of one business and answers after the commit.
pub(super) async fn store(
    desk: &Arc<Desk>,
    kind: &'static str,
    scope: Scope,
    items: Arc<Vec<Item>>,
    now: Timestamp,
) -> Result<Seen> {
    // SQLite's one writer shares commits among all there is.
    if !items.iter().all(Item::is_usual) || desk.db.engine_name() == "sqlite" {
        return store_all(desk, scope, items, now).await;
    }
    let (told, hears) = oneshot::channel();
    if desk.together.join(scope.tenant(), Waiting { kind, items, now, told }) {
        let keeper = Keeper { desk: desk.clone(), scope, through: false };
        // Whoever delivered may hang up: the others still wait.
        desk.tasks.spawn(keep(keeper));
    }
    hears.await.unwrap_or_else(|_| Err(Error::Unavailable("a delivery was not kept".into())))
}

/// Keeps what waits until nothing does. Should it fail before, those who wait hear that they were not kept, and the next one begins anew.
struct Keeper {
    desk: Arc<Desk>,
    scope: Scope,
    through: bool,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if !self.through {
            self.desk.together.give_up(self.scope.tenant());
        }
    }
}

async fn keep(mut keeper: Keeper) {
    let (desk, scope) = (keeper.desk.clone(), keeper.scope.clone());
    loop {
        let waiting = desk.together.take(scope.tenant());
        if waiting.is_empty() {
            keeper.through = true;
            return;
        }
        let all: Vec<_> = waiting.iter().map(|w| (w.items.clone(), w.now)).collect();
        match caught(SILENT, store_together(&desk, &scope, all)).await {
            Ok(seen) => waiting.into_iter().zip(seen).for_each(|(w, seen)| tell(&desk, w.kind, w.told, Ok(seen))),
            // One of them is to blame, or somebody is in its way: the others, and those who come, do not wait for it.
            Err(e) => {
                tracing::debug!(error = %e, deliveries = waiting.len(), "deliveries are kept one by one");
                for w in waiting {
                    desk.tasks.spawn(alone(desk.clone(), scope.clone(), w));
                }
            }
        }
    }
}

/// Whoever delivered may have hung up meanwhile: it is kept all the same, and the vendor's repetition would be no news.
fn tell(desk: &Desk, kind: &'static str, told: oneshot::Sender<Result<Seen>>, stored: Result<Seen>) {
    if let Err(Ok(seen)) = told.send(stored) {
        committed(desk, kind, seen);
    }
}

async fn alone(desk: Arc<Desk>, scope: Scope, w: Waiting) {
    let stored = caught(SILENT_ALONE, store_all(&desk, scope, w.items, w.now)).await;
    tell(&desk, w.kind, w.told, stored);
}

/// A panic refuses what met it, and nothing else; who waits too long lets go of the connection.
async fn caught<T>(limit: Duration, storing: impl Future<Output = Result<T>>) -> Result<T> {
    let storing = tokio::time::timeout(limit, storing);
    let storing = async { storing.await.unwrap_or_else(|_| Err(Error::Unavailable("the database says nothing".into()))) };
    AssertUnwindSafe(storing).catch_unwind().await.unwrap_or_else(|_| {
        metrics::counter!("frontdesk_panics_total", "task" => "deliveries").increment(1);
        Err(Error::Broken("keeping a delivery panicked".into()))
    })
}

/// One transaction. Asked in one order by all nodes; messages are kept as they came, since each takes the next place of its lane.
async fn store_together(desk: &Desk, scope: &Scope, all: Vec<(Arc<Vec<Item>>, Timestamp)>) -> Result<Vec<Seen>> {
    let s = scope.clone();
    desk.db
        .write(
            scope,
            work!(tx => {
                let mut items: Vec<(usize, &Item)> = Vec::with_capacity(all.len());
                for (of, (delivered, _)) in all.iter().enumerate() {
                    items.extend(delivered.iter().map(|item| (of, item)));
                }
                let mut order: Vec<usize> = (0..items.len()).collect();
                order.sort_by_key(|n| items[*n].1.place());
                tx.wait_at_most(LOCKED).await?;
                let mut ready = Vec::with_capacity(items.len());
                for n in order {
                    let (of, item) = items[n];
                    ready.push((item.is_message().then_some(n), of, item.ask(tx, &s).await?));
                }
                // Statuses stay in their order, after the messages.
                ready.sort_by_key(|(came, ..)| came.unwrap_or(usize::MAX));
                let mut moved = Moved::default();
                let mut seen: Vec<Seen> = all.iter().map(|_| Seen::default()).collect();
                for (_, of, item) in ready {
                    item.keep(tx, &s, &mut moved, all[of].1, &mut seen[of]).await?;
                }
                crash::point("T1 before commit");
                Ok(seen)
            }),
        )
        .await
}

/// One delivery in one transaction, one item after another. Two deliveries that meet in the other order may deadlock on PostgreSQL: the
/// loser tries again.
async fn store_all(desk: &Desk, scope: Scope, items: Arc<Vec<Item>>, now: Timestamp) -> Result<Seen> {
    for tries in 1.. {
        let (s, items) = (scope.clone(), items.clone());
        let stored = desk
            .db
            .write(
                &scope,
                work!(tx => {
                    let mut seen = Seen::default();
                    for item in items.iter() {
                        let ready = item.ask(tx, &s).await?;
                        ready.keep(tx, &s, &mut Moved::default(), now, &mut seen).await?;
                    }
                    crash::point("T1 before commit");
                    Ok(seen)
                }),
            )
            .await;
        match stored {
            Err(e) if e.may_retry() && tries < 3 => desk.pause.pause(Duration::from_millis(20 * tries)).await,
            stored => return stored,
        }
    }
    Ok(Seen::default())
}

#[cfg(test)]
mod tests {
    use super::{super::items::Parked, *};

    type Told = oneshot::Receiver<Result<Seen>>;

    fn delivery(statuses: usize) -> (Waiting, Told) {
        let (told, hears) = oneshot::channel();
        let parked =
            || Item::Parked(Parked { account: String::new(), id: String::new(), kind: String::new(), body: String::new() });
        (Waiting { kind: "whatsapp", items: Arc::new((0..statuses).map(|_| parked()).collect()), now: Timestamp(0), told }, hears)
    }

    #[test]
    fn the_first_who_comes_keeps_for_all_until_nobody_waits() {
        let (together, tenant) = (Together::default(), TenantId::parse("tnt_a").unwrap());
        let mut hears = Vec::new();
        for n in 0..70 {
            let (waiting, told) = delivery(1);
            hears.push(told);
            assert_eq!(together.join(&tenant, waiting), n == 0, "{n}");
        }
        assert_eq!([(); 3].map(|()| together.take(&tenant).len()), [MOST, 70 - MOST, 0]);
        assert!(together.join(&tenant, delivery(1).0), "nobody keeps them any more");
    }

    #[test]
    fn a_delivery_that_is_more_than_fits_goes_alone_and_whole() {
        let (together, tenant) = (Together::default(), TenantId::parse("tnt_a").unwrap());
        let (all, _hears): (Vec<Waiting>, Vec<Told>) = [3, 200, 60, 5].into_iter().map(delivery).unzip();
        assert_eq!(all.into_iter().map(|waiting| together.join(&tenant, waiting)).filter(|first| *first).count(), 1);
        assert_eq!([(); 5].map(|()| together.take(&tenant).iter().map(|w| w.items.len()).sum::<usize>()), [3, 200, 60, 5, 0]);
    }

    #[test]
    fn who_went_away_is_not_kept_for_and_who_is_given_up_hears_so() {
        let (together, tenant) = (Together::default(), TenantId::parse("tnt_a").unwrap());
        let ((gone, went), (here, mut hears)) = (delivery(1), delivery(2));
        drop(went);
        assert!(together.join(&tenant, gone) && !together.join(&tenant, here));
        let taken = together.take(&tenant);
        assert_eq!(taken.iter().map(|w| w.items.len()).collect::<Vec<_>>(), [2]);
        assert!(!taken.into_iter().any(|waiting| together.join(&tenant, waiting)), "somebody still keeps them");
        together.give_up(&tenant);
        assert!(hears.try_recv().is_err());
        assert!(together.join(&tenant, delivery(1).0), "the next one begins anew");
    }
}
