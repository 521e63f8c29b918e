//! How many requests one key, person or address may make: a steady rate with room for a burst.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use frontdesk_kernel::Timestamp;

/// A burst is so many seconds' worth.
const BURST_SECONDS: i64 = 5;
/// Forgotten callers are swept out when there are more than this.
const MANY: usize = 10_000;

/// For each caller the time at which all that it asked for would be paid off (generic cell rate algorithm).
#[derive(Default)]
pub struct Rates(Mutex<HashMap<String, i64>>);

impl Rates {
    /// Counts one request; how long to wait when it is one too many. `per_second` 0 = no limit.
    pub(crate) fn take(&self, who: &str, per_second: u32, now: Timestamp) -> Result<(), Duration> {
        if per_second == 0 {
            return Ok(());
        }
        // Microseconds, so that high rates stay exact.
        let (now, each) = (now.0.saturating_mul(1000), 1_000_000 / i64::from(per_second));
        let room = BURST_SECONDS * 1_000_000;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MANY {
            known.retain(|_, paid| *paid > now);
        }
        let paid = known.entry(who.to_owned()).or_insert(now);
        let next = (*paid).max(now) + each;
        if next - now > room {
            return Err(Duration::from_micros((next - now - room) as u64));
        }
        *paid = next;
        Ok(())
    }

    /// What was taken does not count after all.
    pub(crate) fn give_back(&self, who: &str, per_second: u32) {
        if per_second == 0 {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(paid) = known.get_mut(who) {
            *paid -= 1_000_000 / i64::from(per_second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_then_the_steady_rate_and_others_are_not_held_up() {
        let (rates, start) = (Rates::default(), Timestamp(1_000_000));
        let taken = (0..20).filter(|_| rates.take("a", 2, start).is_ok()).count();
        assert_eq!(taken, 10);
        let wait = rates.take("a", 2, start).unwrap_err();
        assert!(wait <= Duration::from_millis(500) && !wait.is_zero(), "{wait:?}");
        assert!(rates.take("b", 2, start).is_ok());
        assert!(rates.take("a", 2, start.plus(Duration::from_millis(500))).is_ok());
        assert!(rates.take("a", 2, start.plus(Duration::from_millis(500))).is_err());
        assert!((0..1000).all(|_| rates.take("a", 0, start).is_ok()), "no limit");
    }

    #[test]
    fn what_is_given_back_does_not_count_and_makes_no_more_room_than_there_was() {
        let (rates, start) = (Rates::default(), Timestamp(1_000_000));
        for _ in 0..100 {
            rates.take("a", 2, start).unwrap();
            rates.give_back("a", 2);
        }
        rates.give_back("nobody", 2);
        rates.give_back("a", 0);
        assert_eq!((0..20).filter(|_| rates.take("a", 2, start).is_ok()).count(), 10);
    }
}
