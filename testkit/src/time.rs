//! Time, ids and randomness that a test owns.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use frontdesk_kernel::{Clock, Ids, Timestamp, random::Random};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Stands still until told otherwise.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// 2026-11-21T15:00:00Z, a Saturday.
    pub const START: Timestamp = Timestamp(1_795_273_200_000);

    pub fn new() -> Arc<FakeClock> {
        Arc::new(FakeClock(AtomicI64::new(Self::START.0)))
    }
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }
    pub fn advance(&self, by: Duration) {
        self.set(self.now().plus(by));
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Version 7 ids whose random part counts 1, 2, 3 …: the same story always gets the same ids.
#[derive(Debug)]
pub struct SeqIds(AtomicU64);

impl SeqIds {
    pub fn new() -> Arc<SeqIds> {
        SeqIds::after(0)
    }
    /// Continues a sequence, for a second process on the same data.
    pub fn after(last: u64) -> Arc<SeqIds> {
        Arc::new(SeqIds(AtomicU64::new(last)))
    }
}

impl Ids for SeqIds {
    fn uuid(&self, now: Timestamp) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        let millis = (now.0.max(0) as u128) & 0xffff_ffff_ffff;
        Uuid::from_u128(millis << 80 | 0x7 << 76 | 0b10 << 62 | u128::from(count & (u64::MAX >> 2)))
    }
}

/// Never the same twice, and the same in every run: the hashes of 1, 2, 3 …
#[derive(Debug, Default)]
pub struct CountingRandom(AtomicU64);

impl Random for CountingRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            chunk.copy_from_slice(&Sha256::digest(count.to_be_bytes())[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::ids::TurnId;

    use super::*;

    #[test]
    fn the_clock_starts_on_a_known_day_and_moves_only_when_told() {
        let clock = FakeClock::new();
        assert_eq!(clock.now().to_string(), "2026-11-21T15:00:00.000Z");
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clock.now().to_string(), "2026-11-21T15:00:01.500Z");
        clock.set(Timestamp(0));
        assert_eq!(clock.now(), Timestamp(0));
    }

    #[test]
    fn ids_are_version_7_sort_by_time_then_count_and_repeat_in_the_next_run() {
        let (a, b) = (SeqIds::new(), SeqIds::new());
        let (early, late) = (FakeClock::START, FakeClock::START.plus(Duration::from_secs(1)));
        let story = |ids: &SeqIds| [ids.uuid(early), ids.uuid(early), ids.uuid(late)];
        let first = story(&a);
        assert_eq!(first, story(&b));
        assert!(first.is_sorted());
        for id in first {
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        }
        let millis = first[0].as_u128() >> 80;
        assert_eq!(millis, early.0 as u128);
        assert_ne!(TurnId::new(&*SeqIds::after(3), late), TurnId::new(&*SeqIds::after(4), late));
    }
}
