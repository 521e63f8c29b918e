//! Memory that was needed once goes back to the system.

use std::{hint::black_box, time::Duration};

use tokio_util::sync::CancellationToken;

/// Larger than what the allocator keeps for the next who asks.
const LARGE: usize = 4 << 20;
/// The first is over soon after the start, which needs half as much again as what stays.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(60)];

/// The allocator gives back what has been free for a second, but only when somebody frees something large: in a process that has
/// nothing to do, nobody does.
pub(crate) async fn give_back(stop: CancellationToken) {
    let [mut pause, then] = PAUSES;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        drop(black_box(Vec::<u8>::with_capacity(LARGE)));
        pause = then;
    }
}
