//! A world: two businesses, their customers, two machines on one database, the vendors, and everything that goes wrong between them.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use frontdesk_engine::upkeep;
use frontdesk_kernel::{Clock, Timestamp};
use frontdesk_store::Db;
use frontdesk_web::Metrics;

use super::{
    Options, Outcome, audit, business,
    business::Shop,
    climate::Climate,
    customers::{self, Said},
    dice::{Dice, SeededIds},
    fate,
    meta::Meta,
    node::{Node, metrics},
    service::Service,
    staff,
    timeline::{Idle, Timeline},
    trace::Trace,
};

/// Faults end after this long.
const TROUBLE: std::ops::Range<u64> = 25_000..60_000;
/// Then everything must be settled within this time.
const PATIENCE: Duration = Duration::from_secs(600);
/// So often it is looked whether it is.
const LOOK: Duration = Duration::from_secs(5);

pub(super) struct World {
    pub(super) time: Arc<Timeline>,
    pub(super) dice: Dice,
    pub(super) ids: Arc<SeededIds>,
    pub(super) trace: Trace,
    pub(super) meta: Meta,
    pub(super) service: Service,
    /// Past the gates: for whoever looks on.
    pub(super) db: Db,
    pub(super) shops: Vec<Shop>,
    pub(super) metrics: Metrics,
    /// A wrong world, to see that it is noticed: the vendor sends everything twice; the service forgets its keys.
    pub(super) doubles: bool,
    pub(super) forgets_keys: bool,
    state: Mutex<State>,
    over: AtomicBool,
    /// Customers who are not finished.
    busy: AtomicI64,
    number: AtomicUsize,
}

struct State {
    climate: Climate,
    /// Machines that take requests.
    nodes: Vec<Arc<Node>>,
    db_out: Duration,
    cut_off: Duration,
    model_out: Duration,
    said: Vec<Said>,
    /// Conversations in which a person was.
    taken_over: BTreeSet<String>,
    wrong: Vec<String>,
}

impl World {
    pub(super) fn now(&self) -> Timestamp {
        self.time.now()
    }

    pub(super) fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<> {
        self.time.sleep(time, self.dice.throw())
    }

    pub(super) fn note(&self, what: fmt::Arguments<'_>) {
        self.trace.note(self.time.elapsed(), what);
    }

    pub(super) fn climate(&self) -> Climate {
        self.state().climate
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    pub(super) fn busy(&self, more: i64) {
        self.busy.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn next_number(&self) -> usize {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// Where the next request goes; it may be a machine that has just frozen.
    pub(super) fn some_node(&self) -> Option<Arc<Node>> {
        let state = self.state();
        if state.nodes.is_empty() { None } else { Some(self.dice.pick(&state.nodes).clone()) }
    }

    pub(super) fn join(&self, node: Arc<Node>) {
        self.state().nodes.push(node);
    }

    /// Takes no requests any more. `false`: it did not before.
    pub(super) fn retire(&self, node: &Arc<Node>) -> bool {
        let mut state = self.state();
        let before = state.nodes.len();
        state.nodes.retain(|n| !Arc::ptr_eq(n, node));
        state.nodes.len() < before
    }

    pub(super) fn bury(&self, node: &Arc<Node>) {
        self.retire(node);
    }

    pub(super) fn lose_db(&self, time: Duration) {
        self.note(format_args!("the database is out for {time:?}"));
        self.state().db_out = self.time.elapsed() + time;
    }

    pub(super) fn db_is_out(&self) -> bool {
        self.state().db_out > self.time.elapsed()
    }

    pub(super) fn cut_off(&self, model: bool, time: Duration) {
        self.note(format_args!("the way to {} is cut for {time:?}", if model { "the model" } else { "everybody" }));
        let until = self.time.elapsed() + time;
        let mut state = self.state();
        if model { state.model_out = until } else { state.cut_off = until }
    }

    pub(super) fn is_cut_off(&self, model: bool) -> bool {
        let (state, now) = (self.state(), self.time.elapsed());
        state.cut_off > now || (model && state.model_out > now)
    }

    pub(super) fn heard(&self, said: Said) {
        self.state().said.push(said);
    }
    pub(super) fn said(&self) -> Vec<Said> {
        self.state().said.clone()
    }
    pub(super) fn taken_over(&self, conversation: &str) {
        self.state().taken_over.insert(conversation.to_owned());
    }
    pub(super) fn was_taken_over(&self, conversation: &str) -> bool {
        self.state().taken_over.contains(conversation)
    }

    pub(super) fn wrong(&self, what: String) {
        self.note(format_args!("WRONG: {what}"));
        self.state().wrong.push(what);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The faults end, but for machines that are frozen: they wake when they wake. What was held back is told.
    fn calm_down(self: &Arc<World>) {
        self.over.store(true, Ordering::Relaxed);
        self.note(format_args!("the faults end"));
        let mut state = self.state();
        state.climate = Climate::CALM;
        (state.db_out, state.cut_off, state.model_out) = Default::default();
        drop(state);
        self.meta.release(self);
    }

    /// What is not finished, in words; empty: everything is.
    async fn unfinished(&self) -> String {
        let Some(node) = self.some_node() else { return "no machine runs".to_owned() };
        let b = match upkeep::backlog_of(&self.db).await {
            Ok(b) => b,
            Err(e) => return format!("{}: {e}", node.life),
        };
        let counts = [
            ("customers", self.busy.load(Ordering::Relaxed)),
            ("webhooks not acknowledged", self.meta.open() as i64),
            ("lanes", b.lanes),
            ("sends pending", b.pending),
            ("sends running", b.sending),
            ("sends unknown", b.unknown),
        ];
        counts.iter().filter(|(_, n)| *n != 0).map(|(what, n)| format!("{n} {what}, ")).collect()
    }
}

/// Runs a world to its end.
pub(super) fn run(seed: u64, options: Options) -> Outcome {
    let idle = Arc::new(Idle::default());
    let parks = idle.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .on_thread_park(move || parks.parks())
        .build()
        .expect("a runtime");
    let folder = folder();
    let outcome = runtime.block_on(Box::pin(live(seed, options, &idle, folder.path())));
    drop(runtime);
    outcome
}

/// In memory where the machine has such a folder: what a disk does is another test's.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

async fn live(seed: u64, options: Options, idle: &Idle, folder: &std::path::Path) -> Outcome {
    let (db, shops) = Box::pin(business::open(folder)).await;
    let dice = Dice::new(seed);
    let climate = Climate::of(&dice);
    let trouble = dice.millis(TROUBLE);
    let world = Arc::new(World {
        time: Arc::default(),
        ids: Arc::new(SeededIds(Dice::new(dice.throw()))),
        dice,
        trace: Trace::new(options.shown),
        meta: Meta::default(),
        service: Service::default(),
        db,
        shops,
        metrics: metrics(),
        doubles: options.doubles,
        forgets_keys: options.forgets_keys,
        state: Mutex::new(State {
            climate,
            nodes: Vec::new(),
            db_out: Duration::ZERO,
            cut_off: Duration::ZERO,
            model_out: Duration::ZERO,
            said: Vec::new(),
            taken_over: BTreeSet::new(),
            wrong: Vec::new(),
        }),
        over: AtomicBool::new(false),
        busy: AtomicI64::new(0),
        number: AtomicUsize::new(1),
    });
    world.note(format_args!("seed {seed}, trouble for {trouble:?}: {climate:?}"));
    fate::start(&world, "a", None);
    fate::start(&world, "b", None);
    customers::arrive(&world);
    staff::come_to_work(&world);
    fate::strike(&world);
    let mut steps = 0u64;
    idle.settled().await;
    while world.time.elapsed() < trouble && world.time.wake_next() {
        idle.settled().await;
        steps += 1;
    }
    world.calm_down();
    let (calm_since, mut look_at) = (world.time.elapsed(), world.time.elapsed() + LOOK);
    let mut unfinished = "the end".to_owned();
    while !unfinished.is_empty() && world.time.wake_next() {
        idle.settled().await;
        steps += 1;
        let now = world.time.elapsed();
        if now >= look_at {
            look_at = now + LOOK;
            unfinished = world.unfinished().await;
            if !unfinished.is_empty() && now > calm_since + PATIENCE {
                world.wrong(format!("not settled after {PATIENCE:?}: {unfinished}"));
                break;
            }
        }
    }
    audit::look(&world).await;
    world.note(format_args!("the end"));
    let wrong = std::mem::take(&mut world.state().wrong);
    let simulated = world.time.elapsed();
    world.db.close().await;
    Outcome {
        hash: world.trace.hash(),
        steps,
        simulated,
        settled_after: simulated.saturating_sub(calm_since),
        messages: world.state().said.len(),
        sent: world.meta.sent().len(),
        wrong,
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever lives in a world ends with its runtime")]
pub(super) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}
