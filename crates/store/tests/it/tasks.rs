//! Things a person should look at.

use frontdesk_kernel::{
    booking::Appointment,
    ids::{ConversationId, LocationId, TaskId, TurnId},
};
use frontdesk_store::{calendar, tasks};

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
        detail: None,
        conversation: Some(conversation.clone()),
        contact: None,
        appointment: None,
        turn: Some(turn.clone()),
        state: "open".into(),
        assignee: None,
        due_at: None,
        created_by: String::new(),
        created_at: at(t),
        updated_at: at(t),
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

db_test!(what_was_said_once_is_not_said_again_until_somebody_has_looked, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (task, thread): (&TaskId, &ConversationId) = (keep(id("line")), keep(id("c")));
    for (title, t, opened) in [("first", 1, true), ("second", 2, false)] {
        let said = change!(db, &a.scope, tx => tasks::open_once(tx, &a.scope, task, "send_failed", title, None, None, at(t)));
        assert_eq!(said, opened, "{title}");
    }
    assert_eq!(look!(db, &a.scope, tx => tasks::get(tx, &a.scope, task)).unwrap().title, "first");
    assert!(change!(db, &b.scope, tx => tasks::open_once(tx, &b.scope, task, "send_failed", "theirs", None, None, at(1))));
    assert!(change!(db, &a.scope, tx => tasks::close(tx, &a.scope, task, at(3))));
    assert!(change!(db, &a.scope, tx => tasks::open_once(tx, &a.scope, task, "send_failed", "third", Some(thread), None, at(4))));
    let open = look!(db, &a.scope, tx => tasks::open_tasks(tx, &a.scope, 10));
    assert_eq!(open.len(), 1);
    let t = &open[0];
    assert_eq!((t.title.as_str(), t.conversation.as_ref(), t.created_at, t.done_at), ("third", Some(thread), at(4), None));
});

fn written(name: &str, t: i64) -> tasks::Task {
    tasks::Task {
        id: id(name),
        kind: "todo".into(),
        title: "Call the supplier".into(),
        detail: Some("about the colour".into()),
        conversation: Some(id("c")),
        contact: Some(id("maria")),
        appointment: Some(id("a")),
        turn: None,
        state: "open".into(),
        assignee: Some(id("ana")),
        due_at: Some(at(t + 100)),
        created_by: "usr_ana".into(),
        created_at: at(t),
        updated_at: at(t),
        done_at: None,
    }
}

db_test!(a_task_is_kept_as_written_changed_and_done_and_undone, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let task = keep(written("t", 0));
    change!(db, &a.scope, tx => tasks::insert(tx, &a.scope, task));
    assert_eq!(look!(db, &a.scope, tx => tasks::get(tx, &a.scope, &task.id)).as_ref(), Some(task));
    assert_eq!(look!(db, &b.scope, tx => tasks::get(tx, &b.scope, &task.id)), None);
    let done = keep(tasks::Task {
        title: "Call them".into(),
        detail: None,
        assignee: None,
        due_at: None,
        state: "done".into(),
        done_at: Some(at(5)),
        updated_at: at(5),
        ..task.clone()
    });
    assert!(!change!(db, &b.scope, tx => tasks::update(tx, &b.scope, done)), "another tenant's");
    assert!(change!(db, &a.scope, tx => tasks::update(tx, &a.scope, done)));
    assert_eq!(change!(db, &a.scope, tx => tasks::lock(tx, &a.scope, &task.id)).as_ref(), Some(done));
    assert!(change!(db, &a.scope, tx => tasks::update(tx, &a.scope, task)));
    assert_eq!(look!(db, &a.scope, tx => tasks::get(tx, &a.scope, &task.id)).as_ref(), Some(task));
});

db_test!(tasks_are_filtered_and_come_in_pages, |db| async {
    let a = shop(&db, "a").await;
    for (name, t) in [("t1", 0), ("t2", 0), ("t3", 50)] {
        let task = keep(written(name, t));
        change!(db, &a.scope, tx => tasks::insert(tx, &a.scope, task));
    }
    change!(db, &a.scope, tx => tasks::open(tx, &a.scope, keep(id("t4")), "handoff", "call", None, None, at(60)));
    change!(db, &a.scope, tx => tasks::close(tx, &a.scope, keep(id("t2")), at(70)));
    let (ana, maria, c) = (id::<frontdesk_kernel::ids::OfUser>("ana"), id("maria"), id("c"));
    let of = tasks::Filter::default;
    for (filter, expected) in [
        (of(), vec!["tsk_t4", "tsk_t3", "tsk_t2", "tsk_t1"]),
        (tasks::Filter { state: Some("open".into()), ..of() }, vec!["tsk_t4", "tsk_t3", "tsk_t1"]),
        (tasks::Filter { kind: Some("handoff".into()), ..of() }, vec!["tsk_t4"]),
        (tasks::Filter { assignee: Some(Some(ana)), state: Some("open".into()), ..of() }, vec!["tsk_t3", "tsk_t1"]),
        (tasks::Filter { assignee: Some(None), ..of() }, vec!["tsk_t4"]),
        (tasks::Filter { due_before: Some(at(101)), ..of() }, vec!["tsk_t2", "tsk_t1"]),
        (tasks::Filter { contact: Some(maria), conversation: Some(c), ..of() }, vec!["tsk_t3", "tsk_t2", "tsk_t1"]),
    ] {
        let filter = keep(filter);
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let from = keep(after.take());
            let page = look!(db, &a.scope, tx => tasks::list(tx, &a.scope, filter, from.as_ref(), 2));
            let Some(last) = page.last() else { break };
            after = Some((last.created_at, last.id.clone()));
            seen.extend(page.iter().map(|t| t.id.to_string()));
        }
        assert_eq!(seen, expected, "{filter:?}");
    }
});

db_test!(a_task_points_to_what_is_there_and_belongs_to_people_of_the_business, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let conversation = a.hears(&db, "57300", at(0)).await;
    let bare = tasks::Task { conversation: None, contact: None, appointment: None, ..written("t", 0) };
    let right = keep(tasks::Task { conversation: Some(conversation.clone()), ..bare.clone() });
    let wrong = keep(tasks::Task { contact: Some(id("nobody")), ..right.clone() });
    assert_eq!(look!(db, &a.scope, tx => tasks::links_hold(tx, &a.scope, right)), None);
    assert_eq!(look!(db, &a.scope, tx => tasks::links_hold(tx, &a.scope, wrong)), Some("contact"));
    assert_eq!(look!(db, &b.scope, tx => tasks::links_hold(tx, &b.scope, right)), Some("conversation"), "another tenant's");

    let ana = keep(person("ana"));
    change!(db, &frontdesk_kernel::scope::Server, tx => frontdesk_store::people::insert(tx, &frontdesk_kernel::scope::Server, ana));
    change!(db, &a.scope, tx => frontdesk_store::people::set_role(tx, &a.scope, &ana.id, "staff", at(0)));
    assert_eq!(look!(db, &a.scope, tx => tasks::assignees(tx, &a.scope)), [(ana.id.clone(), "ana".to_owned())]);
    assert_eq!(look!(db, &b.scope, tx => tasks::assignees(tx, &b.scope)), []);

    change!(db, &a.scope, tx => tasks::insert(tx, &a.scope, right));
    change!(db, &a.scope, tx => tasks::open(tx, &a.scope, keep(id("t2")), "handoff", "call", None, None, at(0)));
    let counts = |t| {
        let db = db.clone();
        async move { look!(db, &a.scope, tx => tasks::open_counts(tx, &a.scope, Some(&ana.id), None, at(t))) }
    };
    assert_eq!(counts(0).await, (2, 0, 1));
    assert_eq!(counts(101).await, (2, 1, 1));
});

db_test!(who_works_at_some_locations_sees_what_is_there_or_nowhere_and_what_is_theirs, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let thread = a.hears(&db, "57300", at(0)).await;
    let contact = keep(a.contact_in(&db, thread).await);
    let (north, south): (LocationId, LocationId) = (id("north"), id("south"));
    let booked = keep(Appointment { location: Some(north.clone()), ..appointment(contact, at(86_400_000)) });
    change!(db, &a.scope, tx => calendar::insert(tx, &a.scope, booked, None));
    let bare = |name| tasks::Task { conversation: None, contact: None, appointment: None, assignee: None, ..written(name, 0) };
    let said = tasks::Task { conversation: Some(thread.clone()), ..bare("said") };
    for task in [
        tasks::Task { id: id("given"), assignee: Some(id("ana")), ..said.clone() },
        said,
        tasks::Task { appointment: Some(booked.id.clone()), ..bare("booked") },
        bare("nowhere"),
    ] {
        let task = keep(task);
        change!(db, &a.scope, tx => tasks::insert(tx, &a.scope, task));
    }
    for (channels, locations, expected) in [
        (vec![id("x"), a.channel.clone()], vec![south.clone(), north.clone()], vec!["said", "nowhere", "given", "booked"]),
        (vec![a.channel.clone()], vec![south], vec!["said", "nowhere", "given"]),
        (vec![id("x")], vec![north], vec!["nowhere", "given", "booked"]),
        (vec![], vec![], vec!["nowhere", "given"]),
    ] {
        let seen = keep(tasks::Seen { channels, locations, person: Some(id("ana")) });
        let filter = keep(tasks::Filter { seen: Some(seen.clone()), ..tasks::Filter::default() });
        let listed = look!(db, &a.scope, tx => tasks::list(tx, &a.scope, filter, None, 9));
        assert_eq!(listed.iter().map(|t| t.id.as_str()["tsk_".len()..].to_owned()).collect::<Vec<_>>(), expected);
        for name in ["said", "nowhere", "given", "booked"] {
            let task: &TaskId = keep(id(name));
            let there = look!(db, &a.scope, tx => tasks::is_seen(tx, &a.scope, task, seen));
            assert_eq!(there, expected.contains(&name), "{name}");
            assert!(!look!(db, &b.scope, tx => tasks::is_seen(tx, &b.scope, task, seen)), "another tenant's");
        }
        let (open, _, mine) =
            look!(db, &a.scope, tx => tasks::open_counts(tx, &a.scope, seen.person.as_ref(), Some(seen), at(0)));
        assert_eq!((open as usize, mine), (expected.len(), 1));
    }
});
