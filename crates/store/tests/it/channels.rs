//! Connected accounts.

use std::collections::BTreeMap;

use frontdesk_kernel::scope::Server;
use frontdesk_store::{Error, channels, channels::Channel};
use serde_json::json;

use crate::harness::*;

db_test!(a_channel_is_read_back_as_written, |db| async {
    let a = shop(&db, "a").await;
    let changed = keep(Channel {
        name: "Puerta \"2\"".into(),
        settings: json!({ "greeting": "¡hola!", "n": 3 }).as_object().unwrap().clone(),
        secrets: BTreeMap::from([("app_secret".to_owned(), "v1.x".to_owned())]),
        agent: Some(id("night")),
        mock: true,
        active: false,
        paused_reason: Some("tired".into()),
        updated_at: at(9),
        ..a.channel()
    });
    assert_eq!(look!(db, &a.scope, tx => channels::get(tx, &a.scope, &a.channel)), Some(a.channel()));
    assert!(change!(db, &a.scope, tx => channels::update(tx, &a.scope, changed)));
    assert_eq!(look!(db, &a.scope, tx => channels::get(tx, &a.scope, &a.channel)).as_ref(), Some(changed));
    assert_eq!(look!(db, &a.scope, tx => channels::list(tx, &a.scope)), vec![changed.clone()]);
});

db_test!(an_account_belongs_to_one_channel_of_one_tenant, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let same = keep(Channel { id: id("thief"), account: a.account.clone(), ..b.channel() });
    assert!(!change!(db, &b.scope, tx => channels::insert(tx, &b.scope, same)));
    assert_eq!(look!(db, &b.scope, tx => channels::list(tx, &b.scope)), [b.channel()]);
    assert_eq!(look!(db, &Server, tx => channels::all(tx, &Server)), [a.channel(), b.channel()]);

    // Given up by its owner, it is free.
    assert!(!change!(db, &b.scope, tx => channels::delete(tx, &b.scope, &a.channel)), "another tenant's");
    assert!(change!(db, &a.scope, tx => channels::delete(tx, &a.scope, &a.channel)));
    assert!(change!(db, &b.scope, tx => channels::insert(tx, &b.scope, same)));
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM route WHERE of_tenant = 'tnt_b'").await, 2);
});

db_test!(a_channel_whose_row_is_refused_leaves_no_route_behind, |db| async {
    let a = shop(&db, "a").await;
    let same_id = keep(Channel { account: "another".into(), ..a.channel() });
    let refused = try_change!(db, &a.scope, tx => channels::insert(tx, &a.scope, same_id));
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM route").await, 1);
});

db_test!(a_fault_shows_and_stops_the_account_only_when_it_must, |db| async {
    let a = shop(&db, "a").await;
    for (fault, stop, paused) in
        [("HTTP 500", false, None), ("token expired", true, Some("token expired")), ("HTTP 502", false, Some("token expired"))]
    {
        change!(db, &a.scope, tx => channels::report_fault(tx, &a.scope, &a.channel, fault, stop, at(7)));
        let now = look!(db, &a.scope, tx => channels::get(tx, &a.scope, &a.channel)).unwrap();
        assert_eq!(
            (now.last_error.as_deref(), now.last_error_at, now.paused_reason.as_deref()),
            (Some(fault), Some(at(7)), paused)
        );
    }
});
