//! What signing in needs to remember: invitations, resets, failures, steps, factors, passkeys, identities, mail.

use frontdesk_kernel::scope::Server;
use frontdesk_store::{
    challenges, challenges::Challenge, factors, identities, invitations, invitations::Invitation, mails, mails::Mail, passkeys,
    passkeys::Passkey, people, resets, throttle, throttle::Record,
};

use crate::harness::*;

pub(crate) fn invitation(shop: &Shop, name: &str, ms: i64) -> Invitation {
    Invitation {
        id: id(name),
        tenant: shop.scope.tenant().clone(),
        email: format!("{name}@example.org"),
        role: "staff".into(),
        locations: vec![id("here")],
        hash: format!("hash-of-{name}"),
        invited_by: "Ana".into(),
        created_at: at(ms),
        expires_at: at(ms + 1000),
        outcome: None,
        ended_at: None,
    }
}

/// A row in every table that signing in needs.
pub(crate) async fn way_in(db: &frontdesk_store::Db, person: &'static frontdesk_kernel::ids::UserId, name: &'static str) {
    change!(db, &Server, tx => resets::insert(tx, &Server, person, name, at(0), at(100)));
    change!(db, &Server, tx => throttle::count(tx, &Server, name, at(0), at(1)));
    let asked = keep(Challenge {
        hash: name.to_owned(),
        kind: "factor".into(),
        person: Some(person.clone()),
        detail: "{}".into(),
        tries: 0,
        expires_at: at(100),
    });
    change!(db, &Server, tx => challenges::insert(tx, &Server, asked));
    change!(db, &Server, tx => factors::set_totp(tx, &Server, person, "sealed", 10, at(0)));
    change!(db, &Server, tx => factors::set_recovery(tx, &Server, person, keep(["one".to_owned()])));
    let key = keep(Passkey { person: person.clone(), ..passkey(name, name) });
    assert!(change!(db, &Server, tx => passkeys::insert(tx, &Server, key)));
    assert!(change!(db, &Server, tx => identities::link(tx, &Server, "https://id.example", name, person, at(0))));
    change!(db, &Server, tx => mails::insert(tx, &Server, keep(mail(name, 0))));
}

db_test!(an_invitation_is_accepted_once_and_only_in_its_time, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (ana, bob) = (keep(invitation(a, "ana", 0)), keep(invitation(a, "bob", 1)));
    for i in [ana, bob] {
        change!(db, &a.scope, tx => invitations::insert(tx, &a.scope, i));
    }
    let page = look!(db, &a.scope, tx => invitations::list(tx, &a.scope, None, 1));
    assert_eq!(page, std::slice::from_ref(bob));
    let rest = look!(db, &a.scope, tx => invitations::list(tx, &a.scope, Some((bob.created_at, bob.id.clone())), 9));
    assert_eq!(rest, std::slice::from_ref(ana));
    assert!(look!(db, &b.scope, tx => invitations::list(tx, &b.scope, None, 9)).is_empty());
    assert_eq!(look!(db, &b.scope, tx => invitations::get(tx, &b.scope, &ana.id)), None, "another tenant's");
    for (now, open) in [(999, true), (1000, false)] {
        let found = look!(db, &Server, tx => invitations::open_by_hash(tx, &Server, &ana.hash, at(now)));
        assert_eq!(found.as_ref(), open.then_some(ana), "at {now}");
        let found = look!(db, &Server, tx => invitations::open_for(tx, &Server, &ana.email, at(now)));
        assert_eq!(found.len(), usize::from(open));
    }
    assert!(!change!(db, &b.scope, tx => invitations::end(tx, &b.scope, &ana.id, "revoked", at(2))), "another tenant's");
    assert!(change!(db, &a.scope, tx => invitations::end(tx, &a.scope, &ana.id, "accepted", at(2))));
    assert!(!change!(db, &a.scope, tx => invitations::end(tx, &a.scope, &ana.id, "accepted", at(3))));
    assert_eq!(look!(db, &Server, tx => invitations::open_by_hash(tx, &Server, &ana.hash, at(4))), None);
    assert!(!change!(db, &a.scope, tx => invitations::renew(tx, &a.scope, &ana.id, "new", at(9000))), "it was answered");
    let ended = look!(db, &a.scope, tx => invitations::get(tx, &a.scope, &ana.id)).unwrap();
    assert_eq!((ended.outcome.as_deref(), ended.ended_at), (Some("accepted"), Some(at(2))));
});

db_test!(a_renewed_invitation_has_one_link_that_works, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let ana = keep(invitation(a, "ana", 0));
    change!(db, &a.scope, tx => invitations::insert(tx, &a.scope, ana));
    assert!(!change!(db, &b.scope, tx => invitations::renew(tx, &b.scope, &ana.id, "theirs", at(5000))), "another tenant's");
    assert!(change!(db, &a.scope, tx => invitations::renew(tx, &a.scope, &ana.id, "newer", at(5000))));
    for (hash, opens) in [("hash-of-ana", false), ("newer", true), ("theirs", false)] {
        assert_eq!(look!(db, &Server, tx => invitations::open_by_hash(tx, &Server, hash, at(1))).is_some(), opens, "{hash}");
    }
    assert_eq!(change!(db, &b.scope, tx => invitations::revoke_for(tx, &b.scope, &ana.email, at(2))), 0);
    assert_eq!(change!(db, &a.scope, tx => invitations::revoke_for(tx, &a.scope, &ana.email, at(2))), 1);
    assert!(look!(db, &a.scope, tx => invitations::list(tx, &a.scope, None, 9)).is_empty());
});

db_test!(a_reset_link_works_until_it_is_used_or_too_old, |db| async {
    let ana = keep(id("ana"));
    for hash in ["one", "two"] {
        change!(db, &Server, tx => resets::insert(tx, &Server, ana, hash, at(0), at(100)));
    }
    assert_eq!(look!(db, &Server, tx => resets::count(tx, &Server, ana, at(99))), 2);
    assert_eq!(look!(db, &Server, tx => resets::count(tx, &Server, ana, at(100))), 0);
    for (hash, now, opens) in [("one", 99, true), ("one", 100, false), ("three", 0, false)] {
        let found = look!(db, &Server, tx => resets::person(tx, &Server, hash, at(now)));
        assert_eq!(found.as_ref(), opens.then_some(ana), "{hash} at {now}");
    }
    assert_eq!(change!(db, &Server, tx => resets::forget(tx, &Server, ana)), 2);
    assert_eq!(look!(db, &Server, tx => resets::person(tx, &Server, "two", at(0))), None);
    change!(db, &Server, tx => resets::insert(tx, &Server, ana, "four", at(0), at(100)));
    assert_eq!(change!(db, &Server, tx => resets::forget_expired(tx, &Server, at(100))), 1);
});

db_test!(failures_are_counted_blocked_pardoned_and_forgotten, |db| async {
    let count = async |from, now| change!(db, &Server, tx => throttle::count(tx, &Server, "s", at(from), at(now)));
    assert_eq!(count(0, 1).await.failures, 1);
    assert_eq!(count(0, 2).await.failures, 2);
    change!(db, &Server, tx => throttle::block(tx, &Server, "s", at(50)));
    assert_eq!(count(0, 3).await, Record { failures: 3, blocked_until: at(50) });
    change!(db, &Server, tx => throttle::pardon(tx, &Server, "s"));
    change!(db, &Server, tx => throttle::pardon(tx, &Server, "nobody"));
    assert_eq!(count(0, 4).await.failures, 3);
    assert_eq!(count(5, 60).await.failures, 1, "what was before is forgotten");
    assert!(change!(db, &Server, tx => throttle::clear(tx, &Server, "s")));
    assert!(!change!(db, &Server, tx => throttle::clear(tx, &Server, "s")));
    assert_eq!(count(0, 61).await.failures, 1);
    assert_eq!(change!(db, &Server, tx => throttle::forget_before(tx, &Server, at(61))), 0);
    assert_eq!(change!(db, &Server, tx => throttle::forget_before(tx, &Server, at(62))), 1);
});

db_test!(many_failures_at_once_are_all_counted, |db| async {
    let tries = (0..20).map(|_| {
        let db = db.clone();
        async move { change!(db, &Server, tx => throttle::count(tx, &Server, "s", at(0), at(1))).failures }
    });
    let mut counts = at_once(tries).await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=20).collect::<Vec<_>>());
});

db_test!(a_challenge_is_taken_by_one_of_many, |db| async {
    let asked = keep(Challenge {
        hash: "h".into(),
        kind: "factor".into(),
        person: Some(id("ana")),
        detail: "{}".into(),
        tries: 0,
        expires_at: at(100),
    });
    change!(db, &Server, tx => challenges::insert(tx, &Server, asked));
    for (hash, kind, now) in [("x", "factor", 0), ("h", "other", 0), ("h", "factor", 100)] {
        assert_eq!(
            change!(db, &Server, tx => challenges::attempt(tx, &Server, hash, kind, at(now))),
            None,
            "{hash} {kind} {now}"
        );
        assert_eq!(change!(db, &Server, tx => challenges::take(tx, &Server, hash, kind, at(now))), None, "{hash} {kind} {now}");
    }
    for tries in [1, 2] {
        let tried = change!(db, &Server, tx => challenges::attempt(tx, &Server, "h", "factor", at(1)));
        assert_eq!(tried, Some(Challenge { tries, ..asked.clone() }));
    }
    let takers = (0..8).map(|_| {
        let db = db.clone();
        async move { change!(db, &Server, tx => challenges::take(tx, &Server, "h", "factor", at(1))).is_some() }
    });
    assert_eq!(at_once(takers).await.into_iter().filter(|got| *got).count(), 1);

    change!(db, &Server, tx => challenges::insert(tx, &Server, asked));
    assert_eq!(change!(db, &Server, tx => challenges::forget(tx, &Server, keep(id("bob")))), 0);
    assert_eq!(change!(db, &Server, tx => challenges::forget(tx, &Server, keep(id("ana")))), 1);
    change!(db, &Server, tx => challenges::insert(tx, &Server, asked));
    assert_eq!(change!(db, &Server, tx => challenges::forget_expired(tx, &Server, at(100))), 1);
});

db_test!(a_code_of_an_app_is_used_once_and_never_an_earlier_one, |db| async {
    let (ana, bob) = (keep(id("ana")), keep(id("bob")));
    change!(db, &Server, tx => factors::set_totp(tx, &Server, ana, "sealed", 10, at(0)));
    for (person, step, works) in
        [(ana, 10, false), (ana, 9, false), (ana, 11, true), (ana, 11, false), (ana, 12, true), (bob, 99, false)]
    {
        assert_eq!(change!(db, &Server, tx => factors::use_step(tx, &Server, person, step)), works, "{person} {step}");
    }
    assert_eq!(look!(db, &Server, tx => factors::totp(tx, &Server, ana)).as_deref(), Some("sealed"));
    assert_eq!(look!(db, &Server, tx => factors::totp(tx, &Server, bob)), None);

    let codes = keep(["one".to_owned(), "two".to_owned()]);
    change!(db, &Server, tx => factors::set_recovery(tx, &Server, ana, codes));
    for (person, code, works) in [(ana, "one", true), (ana, "one", false), (bob, "two", false), (ana, "three", false)] {
        assert_eq!(change!(db, &Server, tx => factors::use_recovery(tx, &Server, person, code, at(1))), works, "{person} {code}");
    }
    assert_eq!(look!(db, &Server, tx => factors::recovery_left(tx, &Server, ana)), 1);
    assert!(change!(db, &Server, tx => factors::remove_totp(tx, &Server, ana)));
    assert!(!change!(db, &Server, tx => factors::remove_totp(tx, &Server, ana)));
    assert_eq!(look!(db, &Server, tx => factors::recovery_left(tx, &Server, ana)), 0);
});

fn passkey(person: &str, name: &str) -> Passkey {
    Passkey {
        id: id(name),
        person: id(person),
        credential: format!("credential-{name}"),
        name: name.to_owned(),
        public_key: vec![1, 2, 3],
        counter: 0,
        transports: vec!["internal".into()],
        created_at: at(0),
        last_used_at: None,
    }
}

db_test!(a_passkey_is_its_persons_and_its_counter_moves_once, |db| async {
    let (laptop, phone) = (keep(passkey("ana", "laptop")), keep(Passkey { created_at: at(1), ..passkey("ana", "phone") }));
    let same = keep(Passkey { credential: laptop.credential.clone(), ..passkey("bob", "copy") });
    for (key, new) in [(laptop, true), (phone, true), (same, false)] {
        assert_eq!(change!(db, &Server, tx => passkeys::insert(tx, &Server, key)), new, "{}", key.name);
    }
    let (ana, bob) = (keep(id("ana")), keep(id("bob")));
    assert_eq!(look!(db, &Server, tx => passkeys::list(tx, &Server, ana)), [laptop.clone(), phone.clone()]);
    assert_eq!(look!(db, &Server, tx => passkeys::by_credential(tx, &Server, &phone.credential)).as_ref(), Some(phone));
    for (was, counter, moved) in [(0, 0, true), (0, 7, true), (0, 8, false), (7, 9, true)] {
        assert_eq!(change!(db, &Server, tx => passkeys::used(tx, &Server, &phone.id, was, counter, at(5))), moved, "{was}");
    }
    assert!(!change!(db, &Server, tx => passkeys::rename(tx, &Server, bob, &phone.id, "mine")));
    assert!(change!(db, &Server, tx => passkeys::rename(tx, &Server, ana, &phone.id, "Telephone")));
    let renamed = look!(db, &Server, tx => passkeys::list(tx, &Server, ana)).remove(1);
    assert_eq!((renamed.name.as_str(), renamed.counter, renamed.last_used_at), ("Telephone", 9, Some(at(5))));
    assert!(!change!(db, &Server, tx => passkeys::delete(tx, &Server, bob, &phone.id)));
    assert!(change!(db, &Server, tx => passkeys::delete(tx, &Server, ana, &phone.id)));
});

db_test!(a_subject_of_a_provider_is_one_person, |db| async {
    let (ana, bob) = (keep(id("ana")), keep(id("bob")));
    for (issuer, subject, person, linked) in [("i", "1", ana, true), ("i", "1", bob, false), ("j", "1", bob, true)] {
        assert_eq!(
            change!(db, &Server, tx => identities::link(tx, &Server, issuer, subject, person, at(0))),
            linked,
            "{issuer} {person}"
        );
    }
    let who = async |issuer, subject| change!(db, &Server, tx => identities::person(tx, &Server, issuer, subject, at(1)));
    assert_eq!((who("i", "1").await.as_ref(), who("j", "1").await.as_ref(), who("i", "2").await), (Some(ana), Some(bob), None));
    assert!(look!(db, &Server, tx => identities::is_linked(tx, &Server, "i", ana)));
    assert!(!look!(db, &Server, tx => identities::is_linked(tx, &Server, "j", ana)));
});

db_test!(nothing_that_lets_a_person_in_outlives_them, |db| async {
    let ana = keep(person("ana"));
    change!(db, &Server, tx => people::insert(tx, &Server, ana));
    change!(db, &Server, tx => resets::insert(tx, &Server, &ana.id, "one", at(0), at(100)));
    change!(db, &Server, tx => factors::set_totp(tx, &Server, &ana.id, "sealed", 10, at(0)));
    change!(db, &Server, tx => factors::set_recovery(tx, &Server, &ana.id, keep(["one".to_owned()])));
    change!(db, &Server, tx => passkeys::insert(tx, &Server, keep(passkey("ana", "laptop"))));
    change!(db, &Server, tx => identities::link(tx, &Server, "i", "1", &ana.id, at(0)));
    assert!(change!(db, &Server, tx => people::delete(tx, &Server, &ana.id)));
    for table in ["password_reset", "totp", "recovery_code", "passkey", "identity", "challenge", "session"] {
        assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM {table}")).await, 0, "{table}");
    }
});

fn mail(name: &str, ms: i64) -> Mail {
    Mail {
        id: id(name),
        kind: "reset".into(),
        recipient: format!("{name}@example.org"),
        contents: "v1.sealed".into(),
        attempts: 0,
        created_at: at(ms),
    }
}

db_test!(a_mail_is_taken_by_one_at_a_time_and_given_back_by_the_dead, |db| async {
    let (one, two) = (keep(mail("one", 0)), keep(mail("two", 10)));
    for m in [one, two] {
        change!(db, &Server, tx => mails::insert(tx, &Server, m));
    }
    assert_eq!(look!(db, &Server, tx => mails::next_due(tx, &Server)), Some(at(0)));
    let claim = async |now, until| change!(db, &Server, tx => mails::claim(tx, &Server, at(now), at(until), 10));
    assert_eq!(claim(5, 100).await, [Mail { attempts: 1, ..one.clone() }]);
    assert!(claim(6, 100).await.is_empty(), "somebody has it");
    assert_eq!(claim(10, 100).await, [Mail { attempts: 1, ..two.clone() }]);
    change!(db, &Server, tx => mails::end(tx, &Server, &two.id, None, at(11)));
    assert_eq!(claim(100, 200).await, [Mail { attempts: 2, ..one.clone() }], "who had it is gone");
    change!(db, &Server, tx => mails::retry(tx, &Server, &one.id, "no connection", at(300), at(101)));
    assert!(claim(299, 400).await.is_empty());
    assert_eq!(claim(300, 400).await.len(), 1);
    change!(db, &Server, tx => mails::end(tx, &Server, &one.id, Some("refused"), at(301)));
    assert_eq!(look!(db, &Server, tx => mails::next_due(tx, &Server)), None);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM mail WHERE contents <> ''").await, 0, "what is over is nobody's business");
    assert_eq!(change!(db, &Server, tx => mails::forget_before(tx, &Server, at(301))), 1);
    assert_eq!(change!(db, &Server, tx => mails::forget_before(tx, &Server, at(302))), 1);
});
