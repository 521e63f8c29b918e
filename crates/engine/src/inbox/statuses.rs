//! News of what was sent. A vendor tells three times or more of each message: what comes at the same time for a business is kept in one
//! transaction, as long as all of it is as usual.

use std::{
    collections::{HashMap, hash_map::Entry},
    mem,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{EffectId, TaskId, TenantId},
    message::Delivery,
    ports::channel::StatusUpdate,
};
use frontdesk_store::{
    Error, Result, Tx,
    echoes::{self, Heard, Usual},
    effects, tasks, work,
};
use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::{Item, committed, seen::Seen, store_all};
use crate::{Desk, crash, directory::Line, outbox};

/// Statuses of one transaction, unless one delivery alone holds more.
const MOST: usize = 64;
/// Before what could not be kept together is tried once more.
const AGAIN: Duration = Duration::from_millis(20);

/// What the vendor says of something that we sent, with everything its transaction needs.
pub(super) struct Status {
    line: Arc<Line>,
    status: Box<StatusUpdate>,
    /// As its token says.
    effect: Option<EffectId>,
    /// No other sign of life of this line was seen just now.
    alive: bool,
    forged: bool,
    task: TaskId,
}

impl Status {
    pub(super) fn of(desk: &Desk, line: &Arc<Line>, status: Box<StatusUpdate>, now: Timestamp) -> Status {
        let token = status.echo.as_deref().filter(|echo| echo.starts_with("v1."));
        let effect = token.and_then(|echo| desk.echo.read(echo)).map(|(effect, _)| effect);
        let forged = token.is_some() && effect.is_none();
        let alive = desk.knocks.is_sign_of_life(&line.channel.id, now);
        Status { line: line.clone(), status, effect, alive, forged, task: desk.id() }
    }

    /// Of the kind that comes three times with each message.
    fn is_usual(&self) -> bool {
        self.status.delivery != Delivery::Failed && self.effect.is_some()
    }

    /// Asked first, so that several are one round trip.
    pub(super) fn ask(&self, tx: &mut Tx, scope: &Scope) -> Result<Option<Usual>> {
        self.effect.as_ref().map(|effect| echoes::ask_usual(tx, scope, &self.status, effect)).transpose()
    }

    pub(super) async fn hear(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        asked: Option<Usual>,
        now: Timestamp,
        seen: &mut Seen,
    ) -> Result<()> {
        if self.forged {
            metrics::counter!("frontdesk_echo_forged_total").increment(1);
            return Ok(());
        }
        let alive = self.alive.then_some(&self.line.channel.id);
        let (heard, about) = echoes::hear_about(tx, scope, alive, &self.status, self.effect.as_ref(), asked, now).await?;
        if let Some(about) = &about {
            seen.news.delivery(scope.tenant(), &about.conversation, &about.message);
        }
        match heard {
            Heard::Settled => seen.settled += 1,
            Heard::Doubled => seen.doubled += 1,
            Heard::Repeated | Heard::Stranger | Heard::Shown => {}
        }
        // Accepted first and failed later is how most deliveries fail: nobody would know.
        if self.status.delivery == Delivery::Failed && matches!(heard, Heard::Settled | Heard::Shown) {
            let about = match &about {
                Some(about) => effects::get(tx, scope, &about.effect).await?,
                None => None,
            };
            self.tell_of_failure(tx, scope, about.as_ref(), now, seen).await?;
        }
        Ok(())
    }

    async fn tell_of_failure(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        about: Option<&effects::Effect>,
        now: Timestamp,
        seen: &mut Seen,
    ) -> Result<()> {
        let why = self.status.reason.as_deref().unwrap_or("the vendor gave no reason");
        if let Some(sent) = about
            && outbox::thread_of(tx, scope, sent).await?.is_none()
        {
            if let Some((task, thread)) = outbox::not_reached(tx, scope, sent, why, now).await? {
                seen.news.task(scope.tenant(), &task, Some(&thread));
            }
            return Ok(());
        }
        let title = format!("a message was not delivered: {why}");
        let thread = about.map(|sent| &sent.conversation);
        let turn = about.and_then(|sent| sent.turn.as_ref());
        tasks::open(tx, scope, &self.task, "send_failed", &title, thread, turn, now).await?;
        seen.news.task(scope.tenant(), &self.task, thread);
        Ok(())
    }
}

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
        let mut statuses = 0;
        let fits = waiting.iter().take_while(|w| {
            statuses += w.items.len();
            statuses <= MOST
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
    let usual = items.iter().all(|item| matches!(item, Item::Status(status) if status.is_usual()));
    if !usual || desk.db.engine_name() == "sqlite" {
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
        let mut stored = caught(store_together(&desk, &scope, all.clone())).await;
        if stored.as_ref().is_err_and(Error::may_retry) {
            desk.pause.pause(AGAIN).await;
            stored = caught(store_together(&desk, &scope, all)).await;
        }
        match stored {
            Ok(seen) => waiting.into_iter().zip(seen).for_each(|(w, seen)| tell(&desk, w.kind, w.told, Ok(seen))),
            // The database does not answer: it would not answer each of them either.
            Err(e) if e.may_retry() => waiting.into_iter().for_each(|w| tell(&desk, w.kind, w.told, Err(e.clone()))),
            Err(e) => {
                tracing::debug!(error = %e, deliveries = waiting.len(), "deliveries are kept one by one");
                for w in waiting {
                    let stored = caught(store_all(&desk, scope.clone(), w.items, w.now)).await;
                    tell(&desk, w.kind, w.told, stored);
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

/// A panic refuses what met it, and nothing else.
async fn caught<T>(storing: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(storing).catch_unwind().await.unwrap_or_else(|_| {
        metrics::counter!("frontdesk_panics_total", "task" => "statuses").increment(1);
        Err(Error::Broken("keeping a status panicked".into()))
    })
}

/// One transaction, in the order of what they are about: nodes that keep news of the same messages rarely wait for each other. Whoever
/// loses on PostgreSQL tries again.
async fn store_together(desk: &Desk, scope: &Scope, all: Vec<(Arc<Vec<Item>>, Timestamp)>) -> Result<Vec<Seen>> {
    let s = scope.clone();
    desk.db
        .write(
            scope,
            work!(tx => {
                let mut statuses: Vec<(usize, &Status)> = Vec::with_capacity(all.len());
                for (of, (items, _)) in all.iter().enumerate() {
                    statuses.extend(items.iter().filter_map(|item| if let Item::Status(status) = item { Some((of, status)) } else { None }));
                }
                statuses.sort_by(|(_, a), (_, b)| a.effect.cmp(&b.effect));
                let mut asked = Vec::with_capacity(statuses.len());
                for (_, status) in &statuses {
                    asked.push(status.ask(tx, &s)?);
                }
                let mut seen: Vec<Seen> = all.iter().map(|_| Seen::default()).collect();
                for ((of, status), asked) in statuses.into_iter().zip(asked) {
                    status.hear(tx, &s, asked, all[of].1, &mut seen[of]).await?;
                }
                crash::point("T8 before commit");
                Ok(seen)
            }),
        )
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told = oneshot::Receiver<Result<Seen>>;

    fn delivery(statuses: usize) -> (Waiting, Told) {
        let (told, hears) = oneshot::channel();
        let parked = || Item::Parked { account: String::new(), id: String::new(), kind: String::new(), body: String::new() };
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
