//! What a load balancer knows of its servers: who said that it is ready, and how long ago.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What was heard longer ago is not known any more.
const FRESH: Duration = Duration::from_millis(600);
/// For so long nothing is sent when nobody is known to be ready; then somebody has to be tried.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(crate) struct Balancer {
    /// When each was asked whose answer was that it is ready. `None`: everybody is believed to be ready always.
    ready: Option<Vec<Mutex<Option<Instant>>>>,
}

impl Balancer {
    pub(crate) fn new(servers: usize, looks_every_ms: u64) -> Balancer {
        Balancer { ready: (looks_every_ms > 0).then(|| (0..servers).map(|_| Mutex::default()).collect()) }
    }

    pub(crate) fn heard(&self, place: usize, ready: Option<Instant>) {
        if let Some(servers) = &self.ready {
            *servers[place].lock().unwrap_or_else(PoisonError::into_inner) = ready;
        }
    }

    pub(crate) fn is_ready(&self, place: usize) -> bool {
        let Some(servers) = &self.ready else { return true };
        servers[place].lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|asked| asked.elapsed() < FRESH)
    }

    pub(crate) fn knows_one(&self) -> bool {
        self.ready.as_ref().is_none_or(|servers| (0..servers.len()).any(|place| self.is_ready(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_not_heard_of_lately_is_not_ready() {
        let two = Balancer::new(2, 200);
        assert!(!two.knows_one());
        two.heard(1, Some(Instant::now()));
        assert!(two.is_ready(1) && !two.is_ready(0) && two.knows_one());
        two.heard(1, Instant::now().checked_sub(FRESH));
        assert!(!two.is_ready(1));
        let all = Balancer::new(2, 0);
        assert!(all.is_ready(0) && all.knows_one());
    }
}
