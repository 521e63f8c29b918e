//! Named crash points: places where a process may die, in builds for development only.

/// Dies here when the plan says so. In a release this is nothing at all.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn point(_name: &'static str) {}

#[cfg(debug_assertions)]
pub use armed::{ALL, plan, point};

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };

    /// Every named point, for the sweep.
    pub const ALL: &[&str] = &[
        "T1 before commit",
        "T1 committed",
        "T2 before commit",
        "T2 committed",
        "call reserved",
        "model answered",
        "T3 before commit",
        "T3 committed",
        "T4 before commit",
        "T4 committed",
        "vendor answered",
        "T5 before commit",
        "T5 committed",
        "T6 before commit",
        "T6 committed",
        "T8 before commit",
        "T8 committed",
        "T9 before commit",
        "T9 committed",
        "T10 before commit",
        "T10 committed",
        "approval before commit",
        "approval committed",
        "decision before commit",
        "decision committed",
        "approval taken up",
        "approval carried out",
        "intent before commit",
        "intent committed",
        "call begin before commit",
        "call begun",
        "tool answered",
        "server of tools answered",
        "call end before commit",
        "call ended",
        "payment link answered",
        "payment report before commit",
        "payment report committed",
        "refund held",
        "refund answered",
        "refund before commit",
        "refund committed",
        "visit before commit",
        "visit committed",
        "handover before commit",
        "handover committed",
        "top-up before commit",
        "top-up committed",
        "import before commit",
        "import committed",
    ];

    struct Plan {
        name: String,
        /// Dies at this hit of the point (1 = the first).
        hit: u64,
    }

    static PLAN: OnceLock<Plan> = OnceLock::new();
    static HITS: AtomicU64 = AtomicU64::new(0);

    /// `name:hit`, once, at start.
    pub fn plan(text: &str) {
        if let Some((name, hit)) = text.rsplit_once(':') {
            let _ = PLAN.set(Plan { name: name.to_owned(), hit: hit.parse().unwrap_or(1) });
        }
    }

    /// Aborts the process: no destructor runs, no buffer is flushed.
    pub fn point(name: &'static str) {
        if let Some(plan) = PLAN.get()
            && plan.name == name
            && HITS.fetch_add(1, Ordering::SeqCst) + 1 == plan.hit
        {
            std::process::abort();
        }
    }
}
