//! Circuit breakers, one per model: five failures in 30 s open it for 30 s; then one call may try.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use frontdesk_kernel::Timestamp;

const FAILURES: usize = 5;
const WINDOW: Duration = Duration::from_secs(30);
const OPEN_FOR: Duration = Duration::from_secs(30);
const PROBE_PATIENCE: Duration = Duration::from_secs(120);

#[derive(Default)]
pub struct Breakers(Mutex<HashMap<String, Breaker>>);

#[derive(Default)]
struct Breaker {
    failures: Vec<Timestamp>,
    open_until: Option<Timestamp>,
    probing: Option<Timestamp>,
}

impl Breakers {
    /// May this model be called now? A yes after an open breaker is the one probe.
    pub fn allows(&self, model: &str, now: Timestamp) -> bool {
        let mut breakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(breaker) = breakers.get_mut(model) else { return true };
        match breaker.open_until {
            None => true,
            Some(until) if now < until => false,
            // A probe whose end nobody told (its turn was stopped) does not count for ever.
            Some(_) if breaker.probing.is_some_and(|since| now.since(since) < PROBE_PATIENCE) => false,
            Some(_) => {
                breaker.probing = Some(now);
                true
            }
        }
    }

    pub fn succeeded(&self, model: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(model);
    }

    pub fn failed(&self, model: &str, now: Timestamp) {
        let mut breakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let breaker = breakers.entry(model.to_owned()).or_default();
        breaker.failures.retain(|at| now.since(*at) < WINDOW);
        breaker.failures.push(now);
        if breaker.probing.is_some() || breaker.failures.len() >= FAILURES {
            *breaker = Breaker { failures: Vec::new(), open_until: Some(now.plus(OPEN_FOR)), probing: None };
        }
    }

    /// Models that are not called at the moment.
    pub fn open(&self, now: Timestamp) -> Vec<String> {
        let breakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open: Vec<_> =
            breakers.iter().filter(|(_, b)| b.open_until.is_some_and(|until| now < until)).map(|(m, _)| m.clone()).collect();
        open.sort();
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_open_it_and_one_probe_decides() {
        let breakers = Breakers::default();
        let at = |s: i64| Timestamp(s * 1000);
        for s in 0..5 {
            assert!(breakers.allows("m", at(s)));
            breakers.failed("m", at(s));
        }
        assert!(!breakers.allows("m", at(5)));
        assert!(breakers.allows("other", at(5)));
        assert!(breakers.allows("m", at(35)), "the probe");
        assert!(!breakers.allows("m", at(35)), "only one probe");
        breakers.failed("m", at(36));
        assert!(!breakers.allows("m", at(40)));
        assert!(breakers.allows("m", at(70)));
        breakers.succeeded("m");
        assert!(breakers.allows("m", at(70)) && breakers.open(at(70)).is_empty());
    }

    #[test]
    fn a_probe_that_never_ended_gives_way_to_another() {
        let breakers = Breakers::default();
        (0..5).for_each(|s| breakers.failed("m", Timestamp(s * 1000)));
        assert!(breakers.allows("m", Timestamp(40_000)) && !breakers.allows("m", Timestamp(100_000)));
        assert!(breakers.allows("m", Timestamp(160_001)));
    }

    #[test]
    fn old_failures_are_forgotten() {
        let breakers = Breakers::default();
        for s in [0, 10, 20, 31, 41, 51] {
            breakers.failed("m", Timestamp(s * 1000));
            assert!(breakers.allows("m", Timestamp(s * 1000)));
        }
    }
}
