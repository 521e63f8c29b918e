//! What happened with a contact, in short.

use frontdesk_kernel::ids::ContactId;
use frontdesk_store::{calendar, contact_history, contacts};

use crate::harness::*;

db_test!(threads_and_visits_of_a_contact_come_latest_first, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let conversation = a.hears(&db, "57300", at(0)).await;
    let contact = keep(a.contact_in(&db, conversation).await);
    for t in [1, 3, 2] {
        let booked = keep(appointment(contact, at(t * 86_400_000)));
        change!(db, &a.scope, tx => calendar::insert(tx, &a.scope, booked, None));
    }
    let threads = look!(db, &a.scope, tx => contact_history::threads(tx, &a.scope, contact, 5));
    assert_eq!(
        threads.iter().map(|t| (&t.id, t.address.as_str(), t.channel_kind.as_str())).collect::<Vec<_>>(),
        [(conversation, "57300", "whatsapp")]
    );
    let visits = look!(db, &a.scope, tx => contact_history::visits(tx, &a.scope, contact, 2));
    assert_eq!(visits.iter().map(|v| v.starts_at).collect::<Vec<_>>(), [at(3 * 86_400_000), at(2 * 86_400_000)]);
    assert!(look!(db, &b.scope, tx => contact_history::threads(tx, &b.scope, contact, 5)).is_empty());
    assert!(look!(db, &b.scope, tx => contact_history::visits(tx, &b.scope, contact, 5)).is_empty());
});

db_test!(addresses_and_tags_of_several_contacts_come_at_once, |db| async {
    let a = shop(&db, "a").await;
    let mut ids: Vec<ContactId> = Vec::new();
    for n in 1..4 {
        let contact = keep(a.contact_in(&db, a.hears(&db, &format!("5730{n}"), at(n)).await).await);
        let tags = keep([format!("t{n}")]);
        change!(db, &a.scope, tx => contacts::set_tags(tx, &a.scope, contact, tags));
        ids.push(contact.clone());
    }
    let two = keep(ids[..2].to_vec());
    let addresses = look!(db, &a.scope, tx => contacts::addresses_of(tx, &a.scope, two));
    assert_eq!(addresses, [(two[0].clone(), phone("57301")), (two[1].clone(), phone("57302"))]);
    let tags = look!(db, &a.scope, tx => contacts::tags_of(tx, &a.scope, two));
    assert_eq!(tags, [(two[0].clone(), "t1".to_owned()), (two[1].clone(), "t2".to_owned())]);
    assert!(look!(db, &a.scope, tx => contacts::addresses_of(tx, &a.scope, &[])).is_empty());
});
