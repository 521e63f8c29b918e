//! Versions of agents and their drafts.

use frontdesk_store::{agents, people, versions, versions::Draft};

use crate::harness::*;

db_test!(versions_are_kept_with_note_and_author, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (front, ana, key) = (keep(agent("front")), keep(person("ana")), keep(key(a, "robot")));
    assert!(change!(db, &frontdesk_kernel::scope::Server, tx => people::insert(tx, &frontdesk_kernel::scope::Server, ana)));
    change!(db, &a.scope, tx => people::insert_key(tx, &a.scope, key));
    change!(db, &a.scope, tx => agents::insert(tx, &a.scope, front, at(0)));
    for (n, author) in [(2, ana.id.as_str()), (3, key.id.as_str()), (4, "usr_gone")] {
        change!(db, &a.scope, tx => agents::publish(tx, &a.scope, &front.id, &front.spec, "again", at(n)));
        change!(db, &a.scope, tx => versions::sign(tx, &a.scope, &front.id, n, author));
    }
    let all = look!(db, &a.scope, tx => versions::list(tx, &a.scope, &front.id, None, 9));
    assert_eq!(
        all.iter().map(|v| (v.version, v.note.as_str(), v.author_name.as_deref(), v.created_at)).collect::<Vec<_>>(),
        [
            (4, "again", None, at(4)),
            (3, "again", Some("robot"), at(3)),
            (2, "again", Some("ana"), at(2)),
            (1, "first version", None, at(0))
        ]
    );
    let page = look!(db, &a.scope, tx => versions::list(tx, &a.scope, &front.id, Some(4), 1));
    assert_eq!(page, all[1..2]);
    assert_eq!(look!(db, &a.scope, tx => versions::get(tx, &a.scope, &front.id, 2)).as_ref(), Some(&all[2]));
    assert_eq!(look!(db, &a.scope, tx => versions::get(tx, &a.scope, &front.id, 5)), None);
    assert_eq!(look!(db, &b.scope, tx => versions::get(tx, &b.scope, &front.id, 2)), None);
    assert_eq!(look!(db, &b.scope, tx => versions::list(tx, &b.scope, &front.id, None, 9)), []);
});

db_test!(a_draft_is_kept_only_over_the_one_that_its_writer_saw, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let front = keep(agent("front"));
    change!(db, &a.scope, tx => agents::insert(tx, &a.scope, front, at(0)));
    let (one, two): (&Draft, &Draft) = (keep(draft("one")), keep(Draft { updated_at: at(2), ..draft("two") }));
    assert_eq!(look!(db, &a.scope, tx => versions::draft(tx, &a.scope, &front.id)), None);
    assert!(change!(db, &a.scope, tx => versions::save_draft(tx, &a.scope, &front.id, one, None)));
    assert!(!change!(db, &a.scope, tx => versions::save_draft(tx, &a.scope, &front.id, two, None)), "there is one now");
    assert!(!change!(db, &a.scope, tx => versions::save_draft(tx, &a.scope, &front.id, two, Some(at(9)))));
    assert!(change!(db, &a.scope, tx => versions::save_draft(tx, &a.scope, &front.id, two, Some(one.updated_at))));
    assert_eq!(look!(db, &a.scope, tx => versions::draft(tx, &a.scope, &front.id)).as_ref(), Some(two));
    assert_eq!(look!(db, &b.scope, tx => versions::draft(tx, &b.scope, &front.id)), None);

    let times = look!(db, &a.scope, tx => versions::times(tx, &a.scope, Some(&front.id)));
    assert_eq!(times.iter().map(|t| (t.drafted_at, t.published_at)).collect::<Vec<_>>(), [(Some(at(2)), at(0))]);
    assert!(look!(db, &b.scope, tx => versions::times(tx, &b.scope, None)).is_empty());

    assert!(!change!(db, &b.scope, tx => versions::drop_draft(tx, &b.scope, &front.id)));
    assert!(change!(db, &a.scope, tx => versions::drop_draft(tx, &a.scope, &front.id)));
    assert_eq!(look!(db, &a.scope, tx => versions::times(tx, &a.scope, None))[0].drafted_at, None);

    assert!(change!(db, &a.scope, tx => versions::save_draft(tx, &a.scope, &front.id, one, None)));
    assert!(change!(db, &a.scope, tx => agents::delete(tx, &a.scope, &front.id)));
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM agent_draft").await, 0, "with the agent goes its draft");
});
