//! The one place that asks the operating system for randomness, and the ids made from it.

use std::cell::RefCell;

use frontdesk_kernel::{Ids, Timestamp, random::Random};
use uuid::Uuid;

/// Fills from the operating system. Without randomness there are no keys and no ids: the process cannot go on.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives randomness");
}

pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    fill(&mut out);
    out
}

/// A secret a person or program can copy: letters and digits.
pub(crate) fn text(length: usize) -> String {
    frontdesk_kernel::random::text(&SystemRandom, length)
}

/// The operating system's randomness, for whoever is given it.
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        fill(bytes);
    }
}

/// UUIDv7 from the caller's clock and buffered randomness.
pub(crate) struct RandomIds;

impl Ids for RandomIds {
    fn uuid(&self, now: Timestamp) -> Uuid {
        thread_local! {
            static POOL: RefCell<([u8; 1000], usize)> = const { RefCell::new(([0; 1000], 1000)) };
        }
        let random = POOL.with_borrow_mut(|(pool, used)| {
            if *used + 10 > pool.len() {
                fill(pool);
                *used = 0;
            }
            let mut ten = [0; 10];
            ten.copy_from_slice(&pool[*used..*used + 10]);
            *used += 10;
            ten
        });
        uuid::Builder::from_unix_timestamp_millis(now.0.max(0) as u64, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_never_repeat() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            assert!(seen.insert(RandomIds.uuid(Timestamp(1_000))));
        }
        assert!(RandomIds.uuid(Timestamp(2_000)) > RandomIds.uuid(Timestamp(1_000)));
        assert_eq!(text(43).len(), 43);
    }
}
