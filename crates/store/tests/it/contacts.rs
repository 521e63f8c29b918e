//! Customers and their addresses.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    contact::{AddressKind, Contact},
    ids::{ContactId, MailId, OfContact},
    ports::channel::Address,
    scope::Server,
};
use frontdesk_store::{
    Error, contacts,
    inbound::{self, Received},
    mails, media, tenants, work,
};

use crate::harness::*;

fn contact(name: &str, t: i64) -> Contact {
    Contact::stranger(id(name), at(t))
}

fn email(value: &str) -> Address {
    Address { kind: AddressKind::Email, value: value.to_owned() }
}

// Asked as the server itself, where no row security helps: the statement alone keeps the two apart.
db_test!(the_same_id_in_another_business_is_another_contact, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let of = |name: &str| keep(Contact { name: Some(name.to_owned()), ..contact("maria", 0) });
    let (of_a, of_b) = (of("of a"), of("of b"));
    change!(db, &a.scope, tx => contacts::insert(tx, &a.scope, of_a));
    change!(db, &b.scope, tx => contacts::insert(tx, &b.scope, of_b));
    for (shop, theirs) in [(a, of_a), (b, of_b)] {
        assert_eq!(look!(db, &Server, tx => contacts::get(tx, &shop.scope, &theirs.id)).as_ref(), Some(theirs));
        assert_eq!(change!(db, &Server, tx => contacts::lock(tx, &shop.scope, &theirs.id)).as_ref(), Some(theirs));
    }
});

db_test!(a_contact_is_read_back_as_written, |db| async {
    let a = shop(&db, "a").await;
    let written = keep(contact("maria", 0));
    change!(db, &a.scope, tx => contacts::insert(tx, &a.scope, written));
    assert_eq!(look!(db, &a.scope, tx => contacts::get(tx, &a.scope, &written.id)).as_ref(), Some(written));
    let changed = keep(Contact {
        name: Some("María \"Mari\" Ñ".into()),
        facts: BTreeMap::from([("birthday".to_owned(), "7 de mayo".to_owned())]),
        language: Some("es".into()),
        note: Some("pays late".into()),
        updated_at: at(9),
        ..written.clone()
    });
    assert!(change!(db, &a.scope, tx => contacts::update(tx, &a.scope, changed)));
    assert_eq!(look!(db, &a.scope, tx => contacts::get(tx, &a.scope, &written.id)).as_ref(), Some(changed));
    let nobody = keep(contact("nobody", 0));
    assert!(!change!(db, &a.scope, tx => contacts::update(tx, &a.scope, nobody)));
    assert_eq!(change!(db, &a.scope, tx => contacts::lock(tx, &a.scope, &written.id)).as_ref(), Some(changed));
    assert_eq!(change!(db, &a.scope, tx => contacts::lock(tx, &a.scope, &nobody.id)), None);
});

db_test!(tags_are_set_as_a_whole_and_counted, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for (name, tags) in [("maria", vec!["vip", "new", "vip"]), ("jose", vec!["vip"])] {
        let (contact, tags): (&ContactId, &Vec<String>) = (keep(id(name)), keep(tags.into_iter().map(String::from).collect()));
        change!(db, &a.scope, tx => contacts::set_tags(tx, &a.scope, contact, tags));
    }
    let maria: &ContactId = keep(id("maria"));
    assert_eq!(look!(db, &a.scope, tx => contacts::tags(tx, &a.scope, maria)), ["new", "vip"]);
    assert_eq!(look!(db, &a.scope, tx => contacts::all_tags(tx, &a.scope, 10)), [("new".to_owned(), 1), ("vip".to_owned(), 2)]);
    assert!(look!(db, &b.scope, tx => contacts::tags(tx, &b.scope, maria)).is_empty());
    change!(db, &a.scope, tx => contacts::set_tags(tx, &a.scope, maria, &[]));
    assert!(look!(db, &a.scope, tx => contacts::tags(tx, &a.scope, maria)).is_empty());
});

db_test!(an_address_belongs_to_one_contact_of_a_tenant, |db| async {
    let a = shop(&db, "a").await;
    let b = shop(&db, "b").await;
    let (maria, jose): (&ContactId, &ContactId) = (keep(id("maria")), keep(id("jose")));
    let number = keep(phone("57300"));
    assert!(change!(db, &a.scope, tx => contacts::add_address(tx, &a.scope, maria, number, at(1))));
    assert!(!change!(db, &a.scope, tx => contacts::add_address(tx, &a.scope, jose, number, at(2))));
    assert!(change!(db, &b.scope, tx => contacts::add_address(tx, &b.scope, jose, number, at(2))), "another tenant's customer");
    assert!(!change!(db, &a.scope, tx => contacts::remove_address(tx, &a.scope, jose, number)), "not theirs");
    assert!(change!(db, &a.scope, tx => contacts::remove_address(tx, &a.scope, maria, number)));
    assert!(change!(db, &a.scope, tx => contacts::add_address(tx, &a.scope, maria, number, at(2))));
    let mail = keep(email("m@example.org"));
    assert!(change!(db, &a.scope, tx => contacts::add_address(tx, &a.scope, maria, mail, at(3))));
    assert_eq!(look!(db, &a.scope, tx => contacts::addresses(tx, &a.scope, maria)), [number.clone(), mail.clone()]);
    for (kind, expected) in [(AddressKind::Phone, Some(maria)), (AddressKind::Visitor, None)] {
        assert_eq!(look!(db, &a.scope, tx => contacts::at_address(tx, &a.scope, kind, "57300")).as_ref(), expected);
    }
});

db_test!(a_stranger_who_comes_through_several_doors_at_once_is_one_contact, |db| async {
    let a = shop(&db, "a").await;
    let tries = (0..16).map(|_| {
        let db = db.clone();
        let (addresses, new): (&[Address], &ContactId) =
            (keep([phone("57300"), email("m@example.org")]), keep(fresh::<OfContact>()));
        async move { change!(db, &a.scope, tx => contacts::recognise::by(tx, &a.scope, addresses, new, at(0))) }
    });
    let found = at_once(tries).await;
    assert!(found.iter().all(|contact| *contact == found[0]), "{found:?}");
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM contact").await, 1);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM contact_address").await, 2);
});

db_test!(nobody_is_recognised_without_an_address, |db| async {
    let a = shop(&db, "a").await;
    let new: &ContactId = keep(fresh());
    let refused = try_change!(db, &a.scope, tx => contacts::recognise::by(tx, &a.scope, &[], new, at(0)));
    assert!(matches!(refused, Err(Error::Broken(_))), "{refused:?}");
});

db_test!(erasing_a_contact_removes_all_that_hangs_on_them_and_nothing_of_others, |db| async {
    let a = full_shop(&db, "a").await;
    // The one with everything: text, picture, turn, sends, task, appointment.
    let maria: &ContactId =
        keep(look!(db, &a.scope, tx => contacts::at_address(tx, &a.scope, AddressKind::Phone, "57a")).unwrap());
    let of_maria = &*format!("conversation IN (SELECT id FROM conversation WHERE contact = '{maria}')");
    let before = rows_of(&db, a).await;
    let mut expected = before.clone();
    for (table, theirs) in [
        ("inbound", format!("message IN (SELECT id FROM message WHERE {of_maria})")),
        ("echo", format!("effect IN (SELECT id FROM effect WHERE {of_maria})")),
        ("attempt", format!("effect IN (SELECT id FROM effect WHERE {of_maria})")),
        ("step", format!("turn IN (SELECT id FROM turn WHERE {of_maria})")),
        ("effect", of_maria.to_owned()),
        ("decision", format!("turn IN (SELECT id FROM turn WHERE {of_maria})")),
        ("approval", of_maria.to_owned()),
        ("tool_call", format!("turn IN (SELECT id FROM turn WHERE {of_maria})")),
        ("turn", of_maria.to_owned()),
        ("task", of_maria.to_owned()),
        ("note", of_maria.to_owned()),
        ("refund", format!("payment IN (SELECT id FROM payment WHERE contact = '{maria}')")),
        ("payment_report", format!("payment IN (SELECT id FROM payment WHERE contact = '{maria}')")),
        ("payment", format!("contact = '{maria}'")),
        ("search_due", format!("message IN (SELECT id FROM message WHERE {of_maria})")),
        ("feed_file", of_maria.to_owned()),
        ("feed_entry", of_maria.to_owned()),
        ("feed", of_maria.to_owned()),
        ("message", of_maria.to_owned()),
        ("lane", of_maria.to_owned()),
        ("conversation", format!("contact = '{maria}'")),
        ("appointment", format!("contact = '{maria}'")),
        ("contact_address", format!("contact = '{maria}'")),
        ("contact_tag", format!("contact = '{maria}'")),
        ("contact_word", format!("contact = '{maria}'")),
        ("contact_merge", format!("survivor = '{maria}'")),
        ("contact", format!("id = '{maria}'")),
        ("media", "1 = 1".to_owned()),
        ("token_hold", of_maria.to_owned()),
        ("token_window", of_maria.to_owned()),
        ("token_spent", format!("contact = '{maria}'")),
    ] {
        let rows = count(&db, &format!("SELECT COUNT(*) AS n FROM {table} WHERE {theirs}")).await;
        assert!(rows > 0, "the story must fill {table}, or this test proves nothing");
        *expected.get_mut(table).unwrap() -= rows;
    }
    // What was held for her is free again, and that is a line of the ledger.
    *expected.get_mut("token_entry").unwrap() += 1;

    assert!(change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, maria)));
    assert_eq!(rows_of(&db, a).await, expected);
    assert!(!change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, maria)));
    assert_eq!(rows_of(&db, a).await, expected);
});

db_test!(what_arrives_while_its_sender_is_erased_goes_with_them, |db| async {
    let a = shop(&db, "a").await;
    let contact = keep(a.contact_in(&db, a.hears(&db, "57300", at(0)).await).await);
    let arrival = keep(a.text("57300", "late", "soy Ana, de la calle 5", at(100)));
    let ((told, is_told), waits) = (tokio::sync::oneshot::channel(), db.engine_name() == "postgres");
    let arriving = db.write(
        &a.scope,
        work!(tx => {
            let received = inbound::receive(tx, &a.scope, arrival).await?;
            told.send(()).unwrap();
            // Whoever erases gets as far as they can.
            let behind_us = "SELECT COUNT(*) AS n FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))";
            for _ in 0..5_000 {
                if !waits || tx.query(behind_us).one(|row| row.get::<i64>("n")).await? > 0 {
                    break;
                }
            }
            Ok(received)
        }),
    );
    let erasing = async {
        is_told.await.unwrap();
        change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, contact))
    };
    let (arrived, erased) = tokio::join!(arriving, erasing);
    assert!(matches!(arrived.unwrap(), Received::New { .. }) && erased);
    for table in ["message", "search_due", "inbound", "lane", "conversation", "contact_address", "contact"] {
        assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM {table}")).await, 0, "{table}");
    }
});

db_test!(a_file_that_we_sent_survives_the_erasure_of_one_who_got_it, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let contact = keep(a.contact_in(&db, conversation).await);
    let brochure = keep(file());
    change!(db, &a.scope, tx => media::insert(tx, &a.scope, brochure));
    let sent = keep({
        let (mut message, _) = a.answer(conversation, frontdesk_kernel::effect::Class::B, at(1000));
        message.parts = vec![picture(&brochure.id)];
        message
    });
    change!(db, &a.scope, tx => frontdesk_store::messages::insert(tx, &a.scope, sent));
    change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, contact));
    assert_eq!(look!(db, &a.scope, tx => media::get(tx, &a.scope, &brochure.id)).as_ref(), Some(brochure));
});

db_test!(mail_of_a_business_goes_with_whom_it_was_for_and_with_the_business, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let told = BTreeMap::from([("email".to_owned(), "Told@example.org".to_owned())]);
    let (maria, address) = (keep(Contact { facts: told, ..contact("maria", 0) }), keep(email("m@example.org")));
    change!(db, &a.scope, tx => contacts::insert(tx, &a.scope, maria));
    assert!(change!(db, &a.scope, tx => contacts::add_address(tx, &a.scope, &maria.id, address, at(0))));
    let mail = |name: &str, to: &str| {
        let (kind, recipient, contents) = ("business".to_owned(), format!("{to}@example.org"), "v1.sealed".to_owned());
        keep(mails::Mail { id: id(name), kind, recipient, contents, attempts: 0, created_at: at(0) })
    };
    let (sent, waits, others) = (mail("sent", "m"), mail("waits", "told"), mail("others", "eva"));
    let (theirs, ours) = (mail("theirs", "m"), mail("ours", "m"));
    for (shop, written) in [(a, sent), (a, waits), (a, others), (b, theirs)] {
        change!(db, &shop.scope, tx => mails::insert_of(tx, &shop.scope, written));
    }
    change!(db, &Server, tx => mails::insert(tx, &Server, ours));
    change!(db, &Server, tx => mails::end(tx, &Server, &sent.id, None, at(1)));
    let kept = async || {
        let rows =
            db.read(&Server, work!(tx => tx.query("SELECT id FROM mail ORDER BY id").all(|row| row.get::<MailId>("id")).await));
        rows.await.unwrap()
    };
    assert!(change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, &maria.id)));
    assert_eq!(kept().await, [others.id.clone(), ours.id.clone(), theirs.id.clone()]);
    assert!(change!(db, &b.scope, tx => tenants::delete(tx, &b.scope, at(2))));
    assert_eq!(kept().await, [others.id.clone(), ours.id.clone()]);
});
