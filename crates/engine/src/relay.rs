//! Live views across nodes. Each node tells what changed to the others at most twice a second, in one row, while there are others; each
//! node asks for what the others told, once for all who watch here, and only while somebody does. On SQLite nothing of this runs.

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use frontdesk_kernel::{
    ids::{NodeId, TenantId},
    scope::Server,
};
use frontdesk_store::{
    Result,
    relay::{self, Batch},
    work,
};
use tokio::sync::{
    Mutex,
    broadcast::{Receiver, error::TryRecvError},
};

use crate::{Desk, events::Event};

pub(crate) const BEAT: Duration = Duration::from_millis(500);
/// Hints of one batch. Who is told so much in half a second reads everything anew.
const MOST: usize = 1000;
/// Rows that old are asked for again, so that one which committed late is not missed.
const OVERLAP_SECONDS: u32 = 10;
const REMEMBERED: usize = 1000;

#[derive(Default)]
pub struct Relay {
    /// Other nodes live, as of the last heartbeat.
    others: AtomicBool,
    state: Mutex<State>,
}

/// Between two beats.
#[derive(Default)]
struct State {
    /// What happens here, while there are others.
    own: Option<Receiver<(TenantId, Event)>>,
    n: i64,
    heard: HashSet<(NodeId, i64)>,
    order: VecDeque<(NodeId, i64)>,
}

impl Relay {
    /// Whether there is anybody to tell, and to hear from.
    pub(crate) fn there_are_others(&self, others: bool) {
        self.others.store(others, Ordering::Relaxed);
    }
}

/// One beat.
pub async fn step(desk: &Arc<Desk>) -> Result<()> {
    let mut state = desk.relay.state.lock().await;
    if !desk.relay.others.load(Ordering::Relaxed) {
        state.own = None;
        return Ok(());
    }
    tell(desk, &mut state).await?;
    if desk.events.watchers() > 1 {
        hear(desk, &mut state).await?;
    }
    Ok(())
}

async fn tell(desk: &Arc<Desk>, state: &mut State) -> Result<()> {
    let Some(own) = &mut state.own else {
        // Numbers of an earlier life of this node are not used again.
        state.n = state.n.max(desk.now().0);
        state.own = Some(desk.events.subscribe());
        return Ok(());
    };
    let mut hints: Vec<(TenantId, Event)> = Vec::new();
    loop {
        match own.try_recv() {
            Ok((tenant, event)) if !event.relayed && hints.len() < MOST => {
                if !hints.iter().rev().take(16).any(|(t, e)| *t == tenant && *e == event) {
                    hints.push((tenant, event));
                }
            }
            Ok(_) | Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        }
    }
    if hints.is_empty() {
        return Ok(());
    }
    state.n += 1;
    let Ok(hints) = serde_json::to_string(&hints) else { return Ok(()) };
    let (batch, now) = (Batch { node: desk.node.clone(), n: state.n, hints }, desk.now());
    desk.db.write(&Server, work!(tx => relay::tell(tx, &Server, &batch, now).await)).await
}

async fn hear(desk: &Arc<Desk>, state: &mut State) -> Result<()> {
    let (node, now) = (desk.node.clone(), desk.now());
    let batches = desk.db.read(&Server, work!(tx => relay::heard(tx, &Server, &node, OVERLAP_SECONDS, now).await)).await?;
    for batch in batches {
        let key = (batch.node, batch.n);
        if !state.heard.insert(key.clone()) {
            continue;
        }
        state.order.push_back(key);
        while state.order.len() > REMEMBERED {
            if let Some(old) = state.order.pop_front() {
                state.heard.remove(&old);
            }
        }
        let hints: Vec<(TenantId, Event)> = serde_json::from_str(&batch.hints).unwrap_or_default();
        for (tenant, event) in hints {
            desk.events.tell(&tenant, Event { relayed: true, ..event });
        }
    }
    Ok(())
}
