//! What this node works on. The database may know more: where the answer to a COMMIT was lost, it holds work as ours that nobody here ever
//! got. Such work is given back.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use frontdesk_kernel::{Scope, ids::*, scope::Server};
use frontdesk_store::{Result, effects, lanes, lanes::Claim, work};

use crate::Desk;

/// Lanes by their epoch, and sends by their attempt.
#[derive(Default)]
pub struct InHand {
    /// Held from before a claim until its work is known here: who looks for lost work meanwhile would find it.
    claiming: tokio::sync::Mutex<()>,
    beginning: tokio::sync::Mutex<()>,
    lanes: Mutex<HashSet<(TenantId, ConversationId, i64)>>,
    sends: Mutex<HashSet<(TenantId, EffectId, u32)>>,
}

/// A lane that is worked on until this is dropped.
pub(crate) struct Held {
    desk: Arc<Desk>,
    lane: (TenantId, ConversationId, i64),
}

impl Held {
    pub(crate) fn new(desk: &Arc<Desk>, claim: &Claim) -> Held {
        let lane = (claim.tenant.clone(), claim.conversation.clone(), claim.epoch);
        lock(&desk.in_hand.lanes).insert(lane.clone());
        Held { desk: desk.clone(), lane }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.desk.in_hand.lanes).remove(&self.lane);
    }
}

impl InHand {
    pub(crate) async fn claiming(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.claiming.lock().await
    }
    pub(crate) async fn beginning(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.beginning.lock().await
    }

    /// The I/O of this send may begin from now on.
    pub(crate) fn begun(&self, scope: &Scope, effect: &EffectId, attempt: u32) {
        lock(&self.sends).insert((scope.tenant().clone(), effect.clone(), attempt));
    }
    /// Its outcome is stored. A send whose outcome could not be stored stays: it may have gone out, and is no lost work.
    pub(crate) fn ended(&self, scope: &Scope, effect: &EffectId, attempt: u32) {
        lock(&self.sends).remove(&(scope.tenant().clone(), effect.clone(), attempt));
    }
}

/// Gives back what the database holds as ours and nobody here works on. Returns how many lanes and sends.
pub(crate) async fn give_back(desk: &Arc<Desk>) -> Result<(usize, usize)> {
    Ok((lanes_back(desk).await?, sends_back(desk).await?))
}

async fn lanes_back(desk: &Arc<Desk>) -> Result<usize> {
    let _none_is_claimed = desk.in_hand.claiming().await;
    // First what is known here: what ends meanwhile is no lost work, whatever the database said before.
    let (known, node) = (lock(&desk.in_hand.lanes).clone(), desk.node.clone());
    let owned = desk.db.read(&Server, work!(tx => lanes::owned(tx, &Server, &node).await)).await?;
    let lost: Vec<_> = owned.into_iter().filter(|lane| !known.contains(lane)).collect();
    let (count, node) = (lost.len(), desk.node.clone());
    if count > 0 {
        desk.db
            .write(
                &Server,
                work!(tx => {
                    for (tenant, conversation, epoch) in &lost {
                        lanes::give_back(tx, &Scope::of(tenant.clone()), conversation, &node, *epoch).await?;
                    }
                    Ok(())
                }),
            )
            .await?;
    }
    Ok(count)
}

async fn sends_back(desk: &Arc<Desk>) -> Result<usize> {
    let _none_is_begun = desk.in_hand.beginning().await;
    // First what is known here: one whose answer is lost meanwhile is unknown and not unbegun, and must not go out again at once.
    let (known, node, now) = (lock(&desk.in_hand.sends).clone(), desk.node.clone(), desk.now());
    let owned = desk.db.read(&Server, work!(tx => effects::lost::owned(tx, &Server, &node).await)).await?;
    let is_lost = |(tenant, e): &(TenantId, effects::Effect)| !known.contains(&(tenant.clone(), e.id.clone(), e.attempts));
    let lost: Vec<_> = owned.into_iter().filter(is_lost).collect();
    let count = lost.len();
    if count > 0 {
        desk.db
            .write(
                &Server,
                work!(tx => {
                    for (tenant, effect) in &lost {
                        effects::lost::not_begun(tx, &Scope::of(tenant.clone()), effect, now).await?;
                    }
                    Ok(())
                }),
            )
            .await?;
    }
    Ok(count)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
