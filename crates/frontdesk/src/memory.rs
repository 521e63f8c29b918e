//! Memory that only the start needed goes back to the system.

use std::{hint::black_box, time::Duration};

use tokio_util::sync::CancellationToken;

/// Larger than what the allocator keeps for the next who asks.
const LARGE: usize = 4 << 20;
/// The allocator waits for a second before it gives back what is free.
const PAUSE: Duration = Duration::from_secs(2);

/// A start needs half as much again as what stays. The allocator gives that back when somebody frees something large: in a process that
/// has nothing to do yet, nobody does.
pub(crate) async fn give_back(stop: CancellationToken) {
    if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        drop(black_box(Vec::<u8>::with_capacity(LARGE)));
    }
}
