//! Chance that a seed decides: the same seed, the same throws.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use frontdesk_kernel::{Ids, Timestamp, random::Random};
use uuid::Uuid;

/// SplitMix64: small, and every seed is a good one.
pub(super) struct Dice(Mutex<u64>);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(Mutex::new(seed))
    }

    pub(super) fn throw(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `range.start <= n < range.end`
    pub(super) fn within(&self, range: Range<u64>) -> u64 {
        range.start + self.throw() % (range.end - range.start).max(1)
    }

    /// True so many times in a thousand.
    pub(super) fn chance(&self, permille: u32) -> bool {
        self.throw() % 1000 < u64::from(permille)
    }

    pub(super) fn millis(&self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }

    pub(super) fn pick<'t, T>(&self, from: &'t [T]) -> &'t T {
        &from[self.within(0..from.len() as u64) as usize]
    }
}

/// Version 7 ids whose random part the seed decides.
pub(super) struct SeededIds(pub(super) Dice);

impl Ids for SeededIds {
    fn uuid(&self, now: Timestamp) -> Uuid {
        let millis = (now.0.max(0) as u128) & 0xffff_ffff_ffff;
        let (high, low) = (u128::from(self.0.throw() & 0xfff), u128::from(self.0.throw() & (u64::MAX >> 2)));
        Uuid::from_u128(millis << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
    }
}

impl Random for SeededIds {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.0.throw().to_le_bytes()[..chunk.len()]);
        }
    }
}
