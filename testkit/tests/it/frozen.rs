//! A node that stood still for longer than its lease and wakes up: others have decided meanwhile what becomes of its work.

use std::time::Duration;

use frontdesk_engine::{outbox, turns, workers};
use frontdesk_kernel::effect::State;
use frontdesk_testkit::{
    desk::{BURST, TestDesk},
    fakes::ModelFault,
    story,
};
use serde_json::json;

use crate::{
    http_tools::{ordering, tool},
    people::{ANA, SECOND},
};

async fn heartbeat(desk: &TestDesk) {
    workers::heartbeat(&desk.engine, "test").await.unwrap();
}

/// A reply is put on record as being sent, and the node stands still for so long before it writes the request; then its heart beats first.
async fn begin_and_stand_still(desk: &TestDesk, time: Duration) {
    turns::claim::step(&desk.engine).await.unwrap();
    desk.quiet().await;
    heartbeat(desk).await;
    desk.stand_still_after(1);
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
    let effect = shop.effects(ANA).await.remove(0);
    assert_eq!((effect.state, effect.attempts), (State::Pending, 0), "it certainly did not leave");
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

story!(a_call_that_was_begun_before_the_lease_was_lost_is_not_made_either, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, ordering).await;
    heartbeat(desk).await;
    desk.openai.faults().push(ModelFault::StallBeforeFirstToken(SECOND));
    desk.openai.call("order", json!({"number": "1"}));
    shop.say(ANA, "pide uno").await;
    desk.advance(BURST);
    assert_eq!(turns::claim::step(&desk.engine).await.unwrap(), 1);
    desk.until("the model is asked", || desk.openai.asked().len() == 1).await;
    // What the model wants, and that it begins.
    desk.stand_still_after(2);
    desk.stands_still().await;
    desk.advance(60 * SECOND);
    heartbeat(desk).await;
    desk.go_on();
    desk.quiet().await;
    assert!(desk.service.seen().is_empty(), "whoever took over may have told a person to look");
    desk.advance(5 * SECOND);
    heartbeat(desk).await;
    desk.settle().await;
    assert!(desk.service.seen().is_empty());
    assert_eq!(shop.tasks().await, ["unknown_call"]);
});
