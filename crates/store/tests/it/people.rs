//! People who sign in, their tenants, and API keys.

use frontdesk_kernel::scope::Server;
use frontdesk_store::{people, people::Person};

use crate::harness::*;

db_test!(a_person_is_read_back_as_written_and_their_e_mail_is_theirs, |db| async {
    let (ana, bob) = (keep(person("ana")), keep(Person { created_at: at(1), ..person("bob") }));
    let same = keep(Person { email: ana.email.clone(), ..person("other") });
    for (person, taken) in [(ana, false), (bob, false), (same, true)] {
        assert_eq!(change!(db, &Server, tx => people::insert(tx, &Server, person)), !taken, "{}", person.name);
    }
    assert_eq!(look!(db, &Server, tx => people::list(tx, &Server)), [ana.clone(), bob.clone()]);
    assert_eq!(look!(db, &Server, tx => people::by_email(tx, &Server, "ana@example.org")).as_ref(), Some(ana));
    assert_eq!(look!(db, &Server, tx => people::by_email(tx, &Server, "nobody@example.org")), None);

    let changed =
        keep(Person { name: "Ána".into(), password_hash: "$new".into(), operator: true, active: false, ..ana.clone() });
    assert!(change!(db, &Server, tx => people::update(tx, &Server, changed)));
    assert_eq!(look!(db, &Server, tx => people::by_email(tx, &Server, "ana@example.org")).as_ref(), Some(changed));
});

db_test!(a_person_may_work_for_several_tenants_and_leaves_them_all_when_deleted, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let ana = keep(person("ana"));
    change!(db, &Server, tx => people::insert(tx, &Server, ana));
    for (shop, role) in [(a, "viewer"), (b, "staff"), (a, "owner")] {
        change!(db, &shop.scope, tx => people::set_role(tx, &shop.scope, &ana.id, role, at(0)));
    }
    let expected = [(a.scope.tenant().clone(), "owner".to_owned()), (b.scope.tenant().clone(), "staff".to_owned())];
    assert_eq!(look!(db, &Server, tx => people::memberships(tx, &Server, &ana.id)), expected);

    assert!(change!(db, &b.scope, tx => people::remove_role(tx, &b.scope, &ana.id)));
    assert!(!change!(db, &b.scope, tx => people::remove_role(tx, &b.scope, &ana.id)));
    assert_eq!(look!(db, &Server, tx => people::memberships(tx, &Server, &ana.id)), expected[..1]);
    assert!(change!(db, &Server, tx => people::delete(tx, &Server, &ana.id)));
    assert!(!change!(db, &Server, tx => people::delete(tx, &Server, &ana.id)));
    assert!(!change!(db, &Server, tx => people::update(tx, &Server, ana)));
    assert!(look!(db, &Server, tx => people::memberships(tx, &Server, &ana.id)).is_empty());
});

db_test!(the_owners_of_a_tenant_are_those_who_can_sign_in, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for (name, active, role, shop) in
        [("ana", true, "owner", a), ("bob", false, "owner", a), ("cleo", true, "admin", a), ("dora", true, "owner", b)]
    {
        let person = keep(Person { active, ..person(name) });
        change!(db, &Server, tx => people::insert(tx, &Server, person));
        change!(db, &shop.scope, tx => people::set_role(tx, &shop.scope, &person.id, role, at(0)));
    }
    assert_eq!(look!(db, &Server, tx => people::owners(tx, &Server, a.scope.tenant())), [id("ana")]);
});

db_test!(a_key_opens_until_it_expires_or_is_revoked, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (lasting, expiring) = (keep(people::Key { expires_at: None, ..key(a, "lasting") }), keep(key(a, "expiring")));
    for key in [lasting, expiring] {
        change!(db, &a.scope, tx => people::insert_key(tx, &a.scope, key));
    }
    assert_eq!(look!(db, &a.scope, tx => people::keys(tx, &a.scope)), [expiring.clone(), lasting.clone()]);
    assert!(look!(db, &b.scope, tx => people::keys(tx, &b.scope)).is_empty());
    for (key, now, opens) in [(expiring, 999, true), (expiring, 1000, false), (lasting, 999_999, true)] {
        let found = look!(db, &Server, tx => people::key_by_hash(tx, &Server, &key.hash, at(now)));
        assert_eq!(found.as_ref(), opens.then_some(key), "{} at {now}", key.name);
    }
    assert_eq!(look!(db, &Server, tx => people::key_by_hash(tx, &Server, "hash-of-nothing", at(0))), None);

    assert!(!change!(db, &b.scope, tx => people::revoke_key(tx, &b.scope, &lasting.id, at(5))), "another tenant's key");
    assert!(change!(db, &a.scope, tx => people::revoke_key(tx, &a.scope, &lasting.id, at(5))));
    assert!(!change!(db, &a.scope, tx => people::revoke_key(tx, &a.scope, &lasting.id, at(6))));
    assert_eq!(look!(db, &Server, tx => people::key_by_hash(tx, &Server, &lasting.hash, at(5))), None);
    assert_eq!(look!(db, &a.scope, tx => people::keys(tx, &a.scope))[1].revoked_at, Some(at(5)));
});

db_test!(the_team_of_a_tenant_comes_in_pages_with_where_each_works, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (ana, bob) = (keep(person("ana")), keep(person("bob")));
    for (n, person) in [ana, bob].into_iter().enumerate() {
        change!(db, &Server, tx => people::insert(tx, &Server, person));
        change!(db, &a.scope, tx => people::set_role(tx, &a.scope, &person.id, "staff", at(n as i64)));
    }
    let here = keep([id("here")]);
    assert!(change!(db, &a.scope, tx => people::set_locations(tx, &a.scope, &bob.id, here)));
    let first = look!(db, &Server, tx => people::team(tx, &a.scope, None, 1)).remove(0);
    assert_eq!((first.person.clone(), first.email.as_str(), first.joined_at), (ana.id.clone(), "ana@example.org", at(0)));
    let rest = look!(db, &Server, tx => people::team(tx, &a.scope, Some((first.joined_at, first.person.clone())), 9));
    assert_eq!(rest.iter().map(|m| (&m.person, &m.locations[..])).collect::<Vec<_>>(), [(&bob.id, &here[..])]);
    assert_eq!(look!(db, &Server, tx => people::member_of(tx, &a.scope, &bob.id)).as_ref(), Some(&rest[0]));
    assert_eq!(look!(db, &Server, tx => people::member_of(tx, &b.scope, &bob.id)), None);
    assert!(look!(db, &Server, tx => people::team(tx, &b.scope, None, 9)).is_empty());
    change!(db, &a.scope, tx => people::lock_members(tx, &a.scope));
    execute(
        &db,
        "INSERT INTO location (tenant, id, name, address, phone, position, active, created_at, updated_at)
                  VALUES ('tnt_a', 'loc_here', 'Here', '', '', 0, TRUE, 0, 0)",
    )
    .await;
    assert_eq!(look!(db, &a.scope, tx => people::location_ids(tx, &a.scope)), here[..]);
    assert!(look!(db, &b.scope, tx => people::location_ids(tx, &b.scope)).is_empty());
});

db_test!(keys_come_in_pages_and_say_when_they_were_used, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (old, new) = (keep(key(a, "old")), keep(people::Key { created_at: at(1), ..key(a, "new") }));
    for key in [old, new] {
        change!(db, &a.scope, tx => people::insert_key(tx, &a.scope, key));
    }
    change!(db, &b.scope, tx => people::key_used(tx, &b.scope, &old.id, at(9)));
    assert_eq!(look!(db, &a.scope, tx => people::key_page(tx, &a.scope, None, 1)), std::slice::from_ref(new));
    change!(db, &a.scope, tx => people::key_used(tx, &a.scope, &old.id, at(7)));
    let rest = look!(db, &a.scope, tx => people::key_page(tx, &a.scope, Some((new.created_at, new.id.clone())), 9));
    assert_eq!(rest, [people::Key { last_used_at: Some(at(7)), ..old.clone() }]);
});

db_test!(whoever_wrote_something_has_a_name, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (ana, key) = (keep(person("ana")), keep(key(a, "till")));
    change!(db, &Server, tx => people::insert(tx, &Server, ana));
    change!(db, &a.scope, tx => people::insert_key(tx, &a.scope, key));
    let ids: &[String] = keep([ana.id.to_string(), key.id.to_string(), ana.id.to_string(), String::new()]);
    let named = |id: &str, name: &str| (id.to_owned(), name.to_owned());
    let names = look!(db, &a.scope, tx => people::names(tx, &a.scope, ids));
    assert_eq!(names, [named(ana.id.as_str(), "ana"), named(key.id.as_str(), "till")]);
    assert_eq!(look!(db, &b.scope, tx => people::names(tx, &b.scope, ids)), [named(ana.id.as_str(), "ana")]);
});
