//! A node that stood still for longer than its lease and wakes up: others have decided meanwhile what becomes of its work.

use std::time::Duration;

use frontdesk_engine::{outbox, turns, workers};
use frontdesk_kernel::effect::State;
use frontdesk_testkit::{
    desk::{BURST, TestDesk},
    story,
};

use crate::people::{ANA, SECOND};

async fn heartbeat(desk: &TestDesk) {
    workers::heartbeat(&desk.engine, "test").await.unwrap();
}

/// A reply is put on record as being sent, and the node stands still for so long before it writes the request; then its heart beats first.
async fn begin_and_stand_still(desk: &TestDesk, time: Duration) {
    turns::claim::step(&desk.engine).await.unwrap();
    desk.quiet().await;
    heartbeat(desk).await;
    desk.stand_still_after_a_write();
    let (begun, ()) = tokio::join!(outbox::step(&desk.engine), async {
        desk.stands_still().await;
        desk.advance(time);
        heartbeat(desk).await;
        desk.go_on();
    });
    assert_eq!(begun.unwrap(), 1);
    desk.quiet().await;
}

story!(what_was_begun_before_the_lease_was_lost_does_not_leave_when_it_is_found_again, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.say(ANA, "hola").await;
    desk.advance(BURST);
    begin_and_stand_still(desk, 60 * SECOND).await;
    assert!(shop.replies(ANA).is_empty(), "others may have sent it again");
    assert_eq!(shop.effects(ANA).await[0].state, State::Pending, "it certainly did not leave");
    desk.advance(5 * SECOND);
    heartbeat(desk).await;
    desk.settle().await;
    let effect = shop.effects(ANA).await.remove(0);
    assert_eq!((shop.replies(ANA).len(), effect.state, effect.resends), (1, State::Succeeded, 0));
});

story!(a_heartbeat_in_time_takes_nothing_away, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.say(ANA, "hola").await;
    desk.advance(BURST);
    begin_and_stand_still(desk, 3 * SECOND).await;
    let effect = shop.effects(ANA).await.remove(0);
    assert_eq!((shop.replies(ANA).len(), effect.state, effect.attempts), (1, State::Succeeded, 1));
});
