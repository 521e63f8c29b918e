//! Things a person should look at.

use frontdesk_kernel::ids::{ConversationId, TaskId, TurnId};
use frontdesk_store::tasks;

use crate::harness::*;

db_test!(tasks_wait_oldest_first_until_they_are_closed, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (conversation, turn): (&ConversationId, &TurnId) = (keep(id("c")), keep(id("t")));
    for (name, t) in [("late", 9), ("early", 1)] {
        let task: &TaskId = keep(id(name));
        change!(db, &a.scope, tx => tasks::open(tx, &a.scope, task, "handoff", "please call", Some(conversation), Some(turn), at(t)));
    }
    let open = look!(db, &a.scope, tx => tasks::open_tasks(tx, &a.scope, 10));
    let expected = |name: &str, t: i64| tasks::Task {
        id: id(name),
        kind: "handoff".into(),
        title: "please call".into(),
        conversation: Some(conversation.clone()),
        turn: Some(turn.clone()),
        state: "open".into(),
        created_at: at(t),
        done_at: None,
    };
    assert_eq!(open, [expected("early", 1), expected("late", 9)]);
    assert_eq!(look!(db, &a.scope, tx => tasks::open_tasks(tx, &a.scope, 1)), [expected("early", 1)]);

    let early: &TaskId = keep(id("early"));
    assert!(!change!(db, &b.scope, tx => tasks::close(tx, &b.scope, early, at(20))), "another tenant's");
    assert!(change!(db, &a.scope, tx => tasks::close(tx, &a.scope, early, at(20))));
    assert!(!change!(db, &a.scope, tx => tasks::close(tx, &a.scope, early, at(21))));
    assert_eq!(look!(db, &a.scope, tx => tasks::open_tasks(tx, &a.scope, 10)), [expected("late", 9)]);
});
