//! Browsers that are signed in.

use frontdesk_kernel::scope::Server;
use frontdesk_store::{
    people,
    sessions::{self, Session},
};

use crate::harness::*;

fn session(name: &str, person: &str, expires: i64) -> &'static Session {
    keep(Session {
        id: id(name),
        person: id(person),
        hash: format!("hash-{name}"),
        address: "192.0.2.1".into(),
        device: "Firefox".into(),
        created_at: at(0),
        last_seen_at: at(0),
        expires_at: at(expires),
    })
}

db_test!(a_session_opens_until_it_expires_or_is_ended, |db| async {
    let ana = keep(person("ana"));
    change!(db, &Server, tx => people::insert(tx, &Server, ana));
    for s in [session("1", "ana", 10), session("2", "ana", 20), session("3", "bob", 20)] {
        change!(db, &Server, tx => sessions::insert(tx, &Server, s));
    }
    let found = look!(db, &Server, tx => sessions::by_hash(tx, &Server, "hash-1", at(9)));
    assert_eq!(found.as_ref(), Some(session("1", "ana", 10)));
    assert_eq!(look!(db, &Server, tx => sessions::by_hash(tx, &Server, "hash-1", at(10))), None);
    change!(db, &Server, tx => sessions::seen(tx, &Server, &session("1", "ana", 0).id, "192.0.2.9", at(9), at(30)));
    let mine = look!(db, &Server, tx => sessions::of_person(tx, &Server, &ana.id, at(15)));
    assert_eq!(
        mine.iter().map(|s| (s.id.as_str(), s.address.as_str())).collect::<Vec<_>>(),
        [("ses_1", "192.0.2.9"), ("ses_2", "192.0.2.1")]
    );

    assert!(!change!(db, &Server, tx => sessions::end(tx, &Server, &ana.id, &session("3", "bob", 0).id)), "somebody else's");
    assert_eq!(change!(db, &Server, tx => sessions::end_all(tx, &Server, &ana.id, Some(&session("1", "ana", 0).id))), 1);
    assert!(change!(db, &Server, tx => sessions::end(tx, &Server, &ana.id, &session("1", "ana", 0).id)));
    assert_eq!(change!(db, &Server, tx => sessions::forget_expired(tx, &Server, at(20))), 1);
});

db_test!(a_person_s_places_say_role_and_locations, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let ana = keep(person("ana"));
    change!(db, &Server, tx => people::insert(tx, &Server, ana));
    for (shop, role) in [(a, "viewer"), (b, "owner")] {
        change!(db, &shop.scope, tx => people::set_role(tx, &shop.scope, &ana.id, role, at(0)));
    }
    let north = keep([id("north")]);
    assert!(change!(db, &a.scope, tx => people::set_locations(tx, &a.scope, &ana.id, north)));
    let places = look!(db, &Server, tx => people::places(tx, &Server, &ana.id));
    let told: Vec<_> = places.iter().map(|p| (p.tenant.as_str(), p.role.as_str(), p.locations.len())).collect();
    assert_eq!(told, [("tnt_a", "viewer", 1), ("tnt_b", "owner", 0)]);
    assert_eq!(look!(db, &Server, tx => people::get(tx, &Server, &ana.id)).as_ref(), Some(ana));
});
