//! Members' own numbers, what is said there, and the codes that answers name.

use frontdesk_kernel::{
    effect::{Class, State},
    ids::*,
    message::{Delivery, Direction, Part},
    scope::Server,
};
use frontdesk_store::{
    Db,
    approval_codes::{self, Named},
    approvals, contacts, echoes, effects,
    effects::Effect,
    inbound,
    member_messages::{self, MemberMessage},
    member_numbers::{self, MemberNumber},
    people, work,
};

use crate::harness::*;

pub(crate) fn claimed(person: &UserId, number: &str) -> MemberNumber {
    MemberNumber {
        person: person.clone(),
        number: number.to_owned(),
        next: None,
        line: fresh(),
        code: Some("4F7K9M".into()),
        code_until: Some(at(1_800_000)),
        confirmed_at: None,
        channel: None,
        heard_at: None,
        tries: 0,
        tries_from: at(5),
        created_at: at(5),
        updated_at: at(5),
    }
}

pub(crate) fn told(number: &MemberNumber, approval: &ApprovalId) -> MemberMessage {
    MemberMessage {
        id: fresh(),
        line: number.line.clone(),
        person: number.person.clone(),
        direction: Direction::Out,
        part: Part::Text { text: "ok 4F7K? «ñ»".into() },
        approval: Some(approval.clone()),
        args_hash: Some("ab".into()),
        vendor_id: None,
        delivery: Some(Delivery::Queued),
        failure: None,
        at: at(10),
    }
}

fn spelled(number: &str) -> Vec<String> {
    vec![number.to_owned()]
}

async fn hired(db: &Db, shop: &'static Shop, name: &str) -> &'static UserId {
    let person = keep(person(name));
    change!(db, &Server, tx => people::insert(tx, &Server, person));
    change!(db, &shop.scope, tx => people::set_role(tx, &shop.scope, &person.id, "admin", at(0)));
    &person.id
}

async fn of(db: &Db, shop: &'static Shop, person: &'static UserId) -> Option<MemberNumber> {
    look!(db, &shop.scope, tx => member_numbers::get(tx, &shop.scope, person))
}

db_test!(a_number_is_claimed_by_many_and_confirmed_for_one, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (ana, leo) = (hired(&db, a, "ana").await, hired(&db, a, "leo").await);
    let (first, second) = (keep(claimed(ana, "57300")), keep(claimed(leo, "57300")));
    for n in [first, second] {
        change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, n));
    }
    assert_eq!(of(&db, a, ana).await.as_ref(), Some(first));
    assert_eq!(of(&db, b, ana).await, None, "another tenant's");
    let there = change!(db, &a.scope, tx => member_numbers::at(tx, &a.scope, &spelled("57300")));
    assert_eq!(there, [first.clone(), second.clone()]);
    assert!(change!(db, &b.scope, tx => member_numbers::at(tx, &b.scope, &spelled("57300"))).is_empty());
    change!(db, &a.scope, tx => member_numbers::confirm(tx, &a.scope, leo, &spelled("57300"), "57300", &a.channel, at(20)));
    let confirmed = MemberNumber {
        code: None,
        code_until: None,
        confirmed_at: Some(at(20)),
        channel: Some(a.channel.clone()),
        heard_at: Some(at(20)),
        updated_at: at(20),
        ..second.clone()
    };
    assert_eq!(
        look!(db, &a.scope, tx => member_numbers::all(tx, &a.scope)),
        std::slice::from_ref(&confirmed),
        "the other claim is gone"
    );
    assert_eq!(look!(db, &a.scope, tx => member_numbers::of_line(tx, &a.scope, &second.line)), Some(confirmed));
    assert_eq!(look!(db, &b.scope, tx => member_numbers::of_line(tx, &b.scope, &second.line)), None);
    // Claimed once more, it cannot be confirmed for a second one.
    let again = keep(claimed(ana, "57300"));
    change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, again));
    assert!(try_change!(db, &a.scope, tx => member_numbers::confirm(tx, &a.scope, ana, &spelled("57300"), "57300", &a.channel, at(30))).is_err());
    change!(db, &a.scope, tx => member_numbers::count_tries(tx, &a.scope, leo, 3, at(40)));
    change!(db, &a.scope, tx => member_numbers::heard(tx, &a.scope, leo, &a.channel, at(50)));
    let now = of(&db, a, leo).await.unwrap();
    assert_eq!((now.tries, now.tries_from, now.heard_at, now.updated_at), (3, at(40), Some(at(50)), at(20)));
    // The same number in another business is another matter.
    let elsewhere = keep(claimed(ana, "57300"));
    change!(db, &b.scope, tx => member_numbers::claim(tx, &b.scope, elsewhere));
    change!(db, &b.scope, tx => member_numbers::confirm(tx, &b.scope, ana, &spelled("57300"), "57300", &b.channel, at(60)));
});

db_test!(a_number_stays_until_the_next_is_proven_and_none_counts_for_ever, |db| async {
    let a = shop(&db, "a").await;
    let (ana, leo) = (hired(&db, a, "ana").await, hired(&db, a, "leo").await);
    let number = keep(claimed(ana, "57300"));
    change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, number));
    change!(db, &a.scope, tx => member_numbers::confirm(tx, &a.scope, ana, &spelled("57300"), "57300", &a.channel, at(20)));
    let next = keep(claimed(ana, "5255"));
    change!(db, &a.scope, tx => member_numbers::claim_next(tx, &a.scope, ana, Some(next), at(30)));
    let now = of(&db, a, ana).await.unwrap();
    assert_eq!((now.number.as_str(), now.to_prove(), now.counts(at(40))), ("57300", "5255", true));
    let both = keep(vec!["52155".to_owned(), "5255".to_owned()]);
    assert_eq!(change!(db, &a.scope, tx => member_numbers::at(tx, &a.scope, both)), std::slice::from_ref(&now));
    assert_eq!(look!(db, &a.scope, tx => member_numbers::whose(tx, &a.scope, both)), None, "not proven yet");
    // Somebody else who claims it, too, loses that; the spelling that came is kept.
    let other = keep(claimed(leo, "52155"));
    change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, other));
    change!(db, &a.scope, tx => member_numbers::confirm(tx, &a.scope, ana, both, "52155", &a.channel, at(50)));
    let now = of(&db, a, ana).await.unwrap();
    assert_eq!((now.number.as_str(), &now.next, &now.code), ("52155", &None, &None));
    assert_eq!(of(&db, a, leo).await, None);
    assert_eq!(look!(db, &a.scope, tx => member_numbers::whose(tx, &a.scope, both)).as_ref(), Some(ana));
    let (old, older) = (at(50 + 182 * 86_400_000), at(50 + 183 * 86_400_000));
    assert!(now.counts(old) && !now.counts(older));
    change!(db, &a.scope, tx => member_numbers::heard(tx, &a.scope, ana, &a.channel, old));
    assert!(of(&db, a, ana).await.unwrap().counts(older));
    // In doubt: only what was to come is left to prove.
    change!(db, &a.scope, tx => member_numbers::claim_next(tx, &a.scope, ana, Some(next), at(60)));
    for code in [Some("4F7K9M"), None] {
        change!(db, &a.scope, tx => member_numbers::doubt(tx, &a.scope, ana, at(70)));
        let now = of(&db, a, ana).await.unwrap();
        assert_eq!((now.number.as_str(), now.code.as_deref(), now.counts(at(80)), &now.next), ("5255", code, false, &None));
    }
});

db_test!(whoever_had_a_number_that_is_proven_for_another_one_loses_all_of_it, |db| async {
    let a = shop(&db, "a").await;
    let (ana, leo) = (hired(&db, a, "ana").await, hired(&db, a, "leo").await);
    let (number, other) = (keep(claimed(ana, "57300")), keep(claimed(leo, "57300")));
    change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, number));
    change!(db, &a.scope, tx => member_numbers::confirm(tx, &a.scope, ana, &spelled("57300"), "57300", &a.channel, at(20)));
    let message = keep(told(number, &id("1")));
    let effect = keep(send(a, message));
    change!(db, &a.scope, tx => member_messages::insert(tx, &a.scope, message));
    change!(db, &a.scope, tx => effects::plan(tx, &a.scope, effect, at(30)));
    change!(db, &a.scope, tx => member_numbers::doubt(tx, &a.scope, ana, at(40)));
    change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, other));
    change!(db, &a.scope, tx => member_numbers::confirm(tx, &a.scope, leo, &spelled("57300"), "57300", &a.channel, at(50)));
    assert_eq!(of(&db, a, ana).await, None);
    for table in ["member_message", "effect"] {
        assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM {table}")).await, 0, "{table}");
    }
});

db_test!(two_pieces_of_news_at_once_do_not_take_each_other_back, |db| async {
    let a = shop(&db, "a").await;
    let ana = hired(&db, a, "ana").await;
    let number = keep(claimed(ana, "57300"));
    change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, number));
    let message = keep(told(number, &id("1")));
    let effect = keep(send(a, message));
    change!(db, &a.scope, tx => member_messages::insert(tx, &a.scope, message));
    change!(db, &a.scope, tx => effects::plan(tx, &a.scope, effect, at(30)));
    let (read, sent) = (keep(status("wamid.1", Delivery::Read)), keep(status("wamid.1", Delivery::Sent)));
    // The channel was heard of just now: nobody waits for that.
    let other = keep(status("wamid.0", Delivery::Sent));
    change!(db, &a.scope, tx => echoes::hear(tx, &a.scope, &a.channel, other, None, at(40)));
    let ((told, is_told), waits) = (tokio::sync::oneshot::channel(), db.engine_name() == "postgres");
    let first = db.write(
        &a.scope,
        work!(tx => {
            echoes::hear(tx, &a.scope, &a.channel, read, Some(&effect.id), at(40)).await?;
            told.send(()).unwrap();
            // The other one gets as far as it can.
            for _ in 0..5_000 {
                if !waits || tx.query("SELECT COUNT(*) AS n FROM pg_locks WHERE NOT granted").one(|row| row.get::<i64>("n")).await? > 0 {
                    break;
                }
            }
            Ok(())
        }),
    );
    let second = async {
        is_told.await.unwrap();
        change!(db, &a.scope, tx => echoes::hear(tx, &a.scope, &a.channel, sent, Some(&effect.id), at(40)))
    };
    let (first, _) = tokio::join!(first, second);
    first.unwrap();
    assert_eq!(
        look!(db, &a.scope, tx => member_messages::get(tx, &a.scope, &message.id)).unwrap().delivery,
        Some(Delivery::Read)
    );
});

db_test!(what_was_delivered_is_found_by_its_key_when_a_member_leaves, |db| async {
    if db.engine_name() == "postgres" {
        return;
    }
    let asked = "EXPLAIN QUERY PLAN UPDATE inbound SET message = NULL WHERE tenant = 'a' AND account = 'x' AND kind = 'answer' AND vendor_id IN (
                 SELECT vendor_id FROM member_message WHERE tenant = 'a' AND person = 'p' AND direction = 'in' AND vendor_id IS NOT NULL)";
    let plan =
        db.read(&Server, work!(tx => tx.query(asked).all(|row| row.get::<String>("detail")).await)).await.unwrap().join("; ");
    assert!(plan.contains("inbound USING") && plan.contains("vendor_id=?") && !plan.contains("SCAN"), "{plan}");
});

db_test!(a_member_who_goes_takes_their_number_and_what_was_said_there_along, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    for leaves in ["forgotten", "changed", "removed", "deleted"] {
        let ana = hired(&db, a, leaves).await;
        let number = keep(claimed(ana, leaves));
        change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, number));
        let (message, now) = (keep(told(number, &id("1"))), at(10));
        let answer = keep(MemberMessage {
            direction: Direction::In,
            delivery: None,
            vendor_id: Some(format!("in.{leaves}")),
            ..told(number, &id("1"))
        });
        for new in [true, false] {
            assert_eq!(change!(db, &a.scope, tx => member_messages::receive(tx, &a.scope, &a.account, answer)), new);
        }
        let effect = keep(send(a, message));
        change!(db, &a.scope, tx => member_messages::insert(tx, &a.scope, message));
        change!(db, &a.scope, tx => effects::plan(tx, &a.scope, effect, now));
        change!(db, &a.scope, tx => begin(tx, &a.scope, &effect.id, node, now));
        let ended = keep(effects::Ended { vendor_id: Some("wamid.1"), ..ended() });
        change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 1, ended, now));
        let sent = look!(db, &a.scope, tx => member_messages::get(tx, &a.scope, &message.id)).unwrap();
        assert_eq!((sent.delivery, sent.vendor_id.as_deref()), (Some(Delivery::Sent), Some("wamid.1")));
        let read = keep(status(keep(format!("wamid.{leaves}")), Delivery::Read));
        change!(db, &a.scope, tx => echoes::hear(tx, &a.scope, &a.channel, read, Some(&effect.id), now));
        let said = look!(db, &a.scope, tx => member_messages::of_person(tx, &a.scope, ana));
        assert!(
            said.len() == 2 && said.contains(answer) && said.contains(&MemberMessage { delivery: Some(Delivery::Read), ..sent })
        );
        match leaves {
            "forgotten" => assert!(change!(db, &a.scope, tx => member_numbers::remove(tx, &a.scope, ana))),
            "changed" => {
                let other = keep(claimed(ana, "other"));
                change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, other));
                assert!(change!(db, &a.scope, tx => member_numbers::remove(tx, &a.scope, ana)));
            }
            "removed" => assert!(change!(db, &a.scope, tx => people::remove_role(tx, &a.scope, ana))),
            _ => assert!(change!(db, &Server, tx => people::delete(tx, &Server, ana))),
        }
        for table in ["member_number", "member_message", "effect", "attempt", "echo"] {
            assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM {table}")).await, 0, "{leaves}: {table}");
        }
        // What the vendor delivers again is still known.
        assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM inbound WHERE message IS NOT NULL").await, 0, "{leaves}");
        let account = &a.account;
        assert!(look!(db, &a.scope, tx => inbound::is_known(tx, &a.scope, account, keep(format!("in.{leaves}")))));
        assert!(!change!(db, &a.scope, tx => member_numbers::remove(tx, &a.scope, ana)));
    }
});

fn send(shop: &Shop, message: &MemberMessage) -> Effect {
    Effect {
        id: fresh(),
        class: Class::B,
        state: State::Pending,
        conversation: message.line.clone(),
        channel: shop.channel.clone(),
        message: message.id.clone(),
        turn: None,
        is_reply: false,
        attempts: 0,
        resends: 0,
        unknown_since: None,
        vendor_id: None,
        problem: None,
        hold: None,
        created_at: at(10),
    }
}

db_test!(a_code_names_one_version_of_one_request, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let named = |n: &str, hash: &str| keep(Named { approval: id(n), args_hash: hash.into() });
    let (first, edited) = (named("1", "aa"), named("1", "bb"));
    assert!(change!(db, &a.scope, tx => approval_codes::give(tx, &a.scope, "4F7K", first, at(0))));
    assert!(!change!(db, &a.scope, tx => approval_codes::give(tx, &a.scope, "4F7K", edited, at(1))), "it is taken");
    assert!(change!(db, &a.scope, tx => approval_codes::give(tx, &a.scope, "9A3C", edited, at(1))));
    assert!(change!(db, &b.scope, tx => approval_codes::give(tx, &b.scope, "4F7K", edited, at(1))), "of another tenant");
    assert_eq!(look!(db, &a.scope, tx => approval_codes::find(tx, &a.scope, "4F7K")).as_ref(), Some(first));
    assert_eq!(look!(db, &b.scope, tx => approval_codes::find(tx, &b.scope, "9A3C")), None);
    let (one, hash) = (keep(first.approval.clone()), keep("bb".to_owned()));
    assert_eq!(look!(db, &a.scope, tx => approval_codes::of(tx, &a.scope, one, hash)).as_deref(), Some("9A3C"));
    assert_eq!(look!(db, &a.scope, tx => approval_codes::of(tx, &a.scope, one, "cc")), None);
    assert_eq!(change!(db, &Server, tx => approval_codes::forget_before(tx, &Server, at(1))), 1);
    assert_eq!(look!(db, &a.scope, tx => approval_codes::find(tx, &a.scope, "4F7K")), None);
});

db_test!(a_customer_who_goes_takes_what_members_read_about_them_along, |db| async {
    let a = shop(&db, "a").await;
    let ana = hired(&db, a, "ana").await;
    let number = keep(claimed(ana, "57300"));
    change!(db, &a.scope, tx => member_numbers::claim(tx, &a.scope, number));
    let conversation = a.hears(&db, "57300", at(7)).await;
    let asked = keep(crate::approvals::asked(&fresh(), conversation, keep(fresh())));
    change!(db, &a.scope, tx => approvals::insert(tx, &a.scope, asked));
    let (message, named) =
        (keep(told(number, &asked.id)), keep(Named { approval: asked.id.clone(), args_hash: asked.args_hash.clone() }));
    change!(db, &a.scope, tx => member_messages::insert(tx, &a.scope, message));
    assert!(change!(db, &a.scope, tx => approval_codes::give(tx, &a.scope, "4F7K", named, at(0))));
    for before in [0, 1] {
        assert_eq!(change!(db, &a.scope, tx => approvals::escalate(tx, &a.scope, &asked.id)), Some(before));
    }
    let contact = keep(a.contact_in(&db, conversation).await);
    assert!(change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, contact)));
    for (table, left) in [("member_message", 0), ("approval_code", 0), ("approval", 0), ("member_number", 1)] {
        assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM {table}")).await, left, "{table}");
    }
    assert_eq!(change!(db, &a.scope, tx => approvals::escalate(tx, &a.scope, &asked.id)), None);
});
