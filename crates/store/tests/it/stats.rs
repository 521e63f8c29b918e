//! Figures of a business, counted from what happened.

use frontdesk_kernel::scope::Server;
use frontdesk_store::{
    channels::{self, Knock},
    people, stats, tasks,
};

use crate::harness::*;

db_test!(figures_count_what_happened_in_the_stretch_and_nothing_of_the_neighbour, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let first = a.hears(&db, "ana", at(0)).await;
    a.hears(&db, "ana", at(10)).await;
    b.hears(&db, "ana", at(10)).await;
    for (name, kind, ms) in [("1", "handoff", 5), ("2", "flood", 5), ("3", "handoff", 20)] {
        change!(db, &a.scope, tx => tasks::open(tx, &a.scope, &id(name), kind, "x", Some(first), None, at(ms)));
    }
    let all = look!(db, &a.scope, tx => stats::between(tx, &a.scope, at(0), at(20)));
    assert_eq!((all.received, all.handoffs, all.bookings, all.turns, all.cost_micros), (2, 1, 0, 0, 0));
    assert_eq!(look!(db, &a.scope, tx => stats::between(tx, &a.scope, at(1), at(10))).received, 0, "the end does not count");
    assert_eq!(look!(db, &b.scope, tx => stats::between(tx, &b.scope, at(0), at(99))).received, 1);
    assert_eq!(look!(db, &a.scope, tx => stats::model_money(tx, &a.scope, at(0), at(99))), (0, 0));
    assert!(look!(db, &a.scope, tx => stats::response_times(tx, &a.scope, at(0), at(99), 10)).is_empty());
});

db_test!(what_a_vendor_was_heard_to_do_is_noted_on_its_channel, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for (knock, ms) in [(Knock::Handshake, 1), (Knock::Webhook, 2), (Knock::Refused("wrong secret"), 3)] {
        let knock = keep(knock);
        change!(db, &a.scope, tx => channels::note(tx, &a.scope, &a.channel, knock, at(ms)));
        change!(db, &b.scope, tx => channels::note(tx, &b.scope, &a.channel, knock, at(99)));
    }
    let c = look!(db, &a.scope, tx => channels::get(tx, &a.scope, &a.channel)).unwrap();
    assert_eq!((c.verified_at, c.webhook_at, c.webhook_problem_at), (Some(at(1)), Some(at(2)), Some(at(3))));
    assert_eq!(c.webhook_problem.as_deref(), Some("wrong secret"));
    assert_eq!(look!(db, &Server, tx => people::members(tx, &Server, a.scope.tenant())), 0);
});
