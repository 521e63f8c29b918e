//! Named crash points: places where a process may die, compiled in only under the feature `crash-points`.

/// Dies here when the plan says so. Without the feature this is nothing at all.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub fn point(_name: &'static str) {}

#[cfg(feature = "crash-points")]
pub use armed::{ALL, plan, point};

#[cfg(feature = "crash-points")]
mod armed {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };

    /// Every named point, for the sweep. Those of calls that leave the house (`intent …`, `call …`, `tool answered`) and of decisions
    /// (`approval committed`, `decision …`) are not among them: the sweep's business has no such tool and asks nobody. These deaths are
    /// stories (`testkit/tests/it/http_tools.rs`, `approvals.rs`), and a plan may name the points.
    pub const ALL: &[&str] = &[
        "T1 before commit",
        "T1 committed",
        "T2 before commit",
        "T2 committed",
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
        "T9 before commit",
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
