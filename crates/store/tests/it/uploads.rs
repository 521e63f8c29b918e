//! Files that wait to be sent.

use frontdesk_kernel::{contact::AddressKind, ports::channel::Address, scope::Server};
use frontdesk_store::{contacts, media, media::File, uploads};

use crate::harness::*;

db_test!(an_upload_is_its_visitors_until_a_message_takes_it, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let mine = keep(upload(a, "web/v/me"));
    change!(db, &a.scope, tx => uploads::insert(tx, &a.scope, mine));
    let found = look!(db, &a.scope, tx => uploads::of_visitor(tx, &a.scope, &a.channel, "web/v/me", &mine.media));
    assert_eq!(found.as_ref(), Some(mine));
    let others = look!(db, &a.scope, tx => uploads::of_visitor(tx, &a.scope, &a.channel, "web/v/you", &mine.media));
    assert_eq!(others, None);
    let elsewhere = look!(db, &a.scope, tx => uploads::of_visitor(tx, &a.scope, &b.channel, "web/v/me", &mine.media));
    assert_eq!(elsewhere, None, "another channel");
    assert!(!change!(db, &b.scope, tx => uploads::take(tx, &b.scope, &mine.media)), "another tenant");
    assert!(change!(db, &a.scope, tx => uploads::take(tx, &a.scope, &mine.media)));
    assert!(!change!(db, &a.scope, tx => uploads::take(tx, &a.scope, &mine.media)), "a second message");
});

db_test!(what_is_never_sent_is_forgotten_with_its_bytes, |db| async {
    let a = shop(&db, "a").await;
    for (minutes, taken) in [(1, false), (2, true), (9, false)] {
        let upload = keep(uploads::Upload { created_at: at(minutes), ..upload(a, "web/v/me") });
        let bytes = keep(File { id: upload.media.clone(), ..file() });
        change!(db, &a.scope, tx => media::insert(tx, &a.scope, bytes));
        change!(db, &a.scope, tx => uploads::insert(tx, &a.scope, upload));
        if taken {
            change!(db, &a.scope, tx => uploads::take(tx, &a.scope, &upload.media));
        }
    }
    assert_eq!(change!(db, &Server, tx => uploads::forget_before(tx, &Server, at(5))), 1);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM media").await, 2);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM upload").await, 1);
});

db_test!(erasing_a_contact_erases_what_they_uploaded_and_did_not_send, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let contact = keep(a.contact_in(&db, conversation).await);
    let address = keep(Address { kind: AddressKind::Visitor, value: "web/v/me".into() });
    change!(db, &a.scope, tx => contacts::add_address(tx, &a.scope, contact, address, at(1)));
    for visitor in ["web/v/me", "web/v/you"] {
        let upload = keep(upload(a, visitor));
        let bytes = keep(File { id: upload.media.clone(), ..file() });
        change!(db, &a.scope, tx => media::insert(tx, &a.scope, bytes));
        change!(db, &a.scope, tx => uploads::insert(tx, &a.scope, upload));
    }
    assert!(change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, contact)));
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM media").await, 1);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM upload WHERE visitor = 'web/v/you'").await, 1);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM upload").await, 1);
});
