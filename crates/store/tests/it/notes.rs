//! Notes of the team.

use frontdesk_store::{contacts, notes, notes::Note};

use crate::harness::*;

db_test!(notes_are_listed_newest_first_changed_and_removed_by_their_owner_only, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let conversation = a.hears(&db, "57300", at(0)).await;
    let (first, second) = (keep(note(conversation, "uno")), keep(Note { created_at: at(1), ..note(conversation, "dos") }));
    for note in [first, second] {
        change!(db, &a.scope, tx => notes::insert(tx, &a.scope, note));
    }
    assert_eq!(look!(db, &a.scope, tx => notes::list(tx, &a.scope, conversation, None, 10)), [second.clone(), first.clone()]);
    let before = keep((second.created_at, second.id.clone()));
    assert_eq!(look!(db, &a.scope, tx => notes::list(tx, &a.scope, conversation, Some(before), 10)), std::slice::from_ref(first));
    assert_eq!(look!(db, &b.scope, tx => notes::list(tx, &b.scope, conversation, None, 10)), []);
    assert_eq!(look!(db, &b.scope, tx => notes::get(tx, &b.scope, &first.id)), None);
    assert!(!change!(db, &b.scope, tx => notes::update(tx, &b.scope, &first.id, "x", at(5))));
    assert!(!change!(db, &b.scope, tx => notes::delete(tx, &b.scope, &first.id)));

    assert!(change!(db, &a.scope, tx => notes::update(tx, &a.scope, &first.id, "tres", at(5))));
    let changed = look!(db, &a.scope, tx => notes::get(tx, &a.scope, &first.id)).unwrap();
    assert_eq!((changed.text.as_str(), changed.updated_at), ("tres", at(5)));
    assert!(change!(db, &a.scope, tx => notes::delete(tx, &a.scope, &first.id)));
    let contact = keep(a.contact_in(&db, conversation).await);
    assert!(change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, contact)));
    assert_eq!(look!(db, &a.scope, tx => notes::get(tx, &a.scope, &second.id)), None, "erased with the contact");
});
