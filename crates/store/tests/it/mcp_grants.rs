//! Access that people consented to: kept for its server, renewed by one, dropped once.

use frontdesk_kernel::{
    ids::McpServerId,
    oauth::{Client, ClientLogin, Giver},
};
use frontdesk_store::mcp_grants::{self, Grant};

use crate::harness::*;

pub(crate) fn grant(server: &McpServerId) -> Grant {
    Grant {
        server: server.clone(),
        url: "https://mcp.example/mcp".into(),
        resource: "https://mcp.example/mcp".into(),
        giver: Giver {
            issuer: "https://login.example".into(),
            token_url: "https://login.example/token".into(),
            revocation_url: Some("https://login.example/revoke".into()),
        },
        client: Client {
            id: "c1".into(),
            login: Some(ClientLogin::Basic),
            registered_for: Some("https://desk.example/back".into()),
        },
        client_sealed: Some("v1.client".into()),
        scope: "orders".into(),
        sealed: Some("v1.one".into()),
        expires_at: Some(at(1_000)),
        problem: None,
        person: fresh(),
        connected_at: at(10),
        failures: 0,
        retry_at: None,
        refused_at: None,
    }
}

db_test!(access_is_kept_for_its_server_and_taken_once, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let one = keep(grant(&fresh()));
    let id = &one.server;
    change!(db, &a.scope, tx => mcp_grants::put(tx, &a.scope, one));
    assert_eq!(look!(db, &a.scope, tx => mcp_grants::get(tx, &a.scope, id)).as_ref(), Some(one));
    assert_eq!(look!(db, &b.scope, tx => mcp_grants::get(tx, &b.scope, id)), None);
    assert_eq!(look!(db, &b.scope, tx => mcp_grants::all(tx, &b.scope)), []);
    let anew =
        keep(Grant { sealed: Some("v1.two".into()), scope: "all".into(), connected_at: at(20), person: fresh(), ..one.clone() });
    change!(db, &a.scope, tx => mcp_grants::put(tx, &a.scope, anew));
    assert_eq!(look!(db, &a.scope, tx => mcp_grants::all(tx, &a.scope)), std::slice::from_ref(anew));
    assert_eq!(change!(db, &b.scope, tx => mcp_grants::take(tx, &b.scope, id)), None);
    assert_eq!(change!(db, &a.scope, tx => mcp_grants::take(tx, &a.scope, id)).as_ref(), Some(anew));
    assert_eq!(change!(db, &a.scope, tx => mcp_grants::take(tx, &a.scope, id)), None);
});

db_test!(one_renews_and_who_comes_late_changes_nothing, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let one = keep(grant(&fresh()));
    let id = &one.server;
    change!(db, &a.scope, tx => mcp_grants::put(tx, &a.scope, one));
    assert!(!change!(db, &b.scope, tx => mcp_grants::claim(tx, &b.scope, id, "v1.one", at(100), at(120))));
    assert!(!change!(db, &a.scope, tx => mcp_grants::claim(tx, &a.scope, id, "v1.old", at(100), at(120))), "not these tokens");
    assert!(change!(db, &a.scope, tx => mcp_grants::claim(tx, &a.scope, id, "v1.one", at(100), at(120))));
    assert!(!change!(db, &a.scope, tx => mcp_grants::claim(tx, &a.scope, id, "v1.one", at(119), at(140))), "somebody does");
    assert!(change!(db, &a.scope, tx => mcp_grants::claim(tx, &a.scope, id, "v1.one", at(120), at(140))), "who had it is gone");
    let old = change!(db, &a.scope, tx => mcp_grants::put_off(tx, &a.scope, id, "v1.old", "no", at(121)));
    assert_eq!(old, None);
    assert!(!change!(db, &a.scope, tx => mcp_grants::claim(tx, &a.scope, id, "v1.one", at(121), at(141))), "not his to release");
    for times in 1..4 {
        let now = change!(db, &a.scope, tx => mcp_grants::put_off(tx, &a.scope, id, "v1.one", "no", at(121)));
        assert_eq!(now, Some(times));
    }
    let now = look!(db, &a.scope, tx => mcp_grants::get(tx, &a.scope, id)).unwrap();
    assert_eq!((now.failures, now.problem.as_deref(), now.retry_at), (3, Some("no"), Some(at(121))));
    assert!(change!(db, &a.scope, tx => mcp_grants::claim(tx, &a.scope, id, "v1.one", at(121), at(141))));

    assert!(!change!(db, &b.scope, tx => mcp_grants::renewed(tx, &b.scope, id, "v1.one", "v1.two", None)));
    assert!(change!(db, &a.scope, tx => mcp_grants::renewed(tx, &a.scope, id, "v1.one", "v1.two", None)));
    assert!(change!(db, &a.scope, tx => mcp_grants::renewed(tx, &a.scope, id, "v1.one", "v1.two", None)), "it is so already");
    assert!(!change!(db, &a.scope, tx => mcp_grants::renewed(tx, &a.scope, id, "v1.one", "v1.three", None)), "too late");
    assert!(!change!(db, &a.scope, tx => mcp_grants::lapse(tx, &a.scope, id, "v1.one", "no")), "these are gone already");
    let now = look!(db, &a.scope, tx => mcp_grants::get(tx, &a.scope, id)).unwrap();
    assert_eq!((now.sealed.as_deref(), now.expires_at), (Some("v1.two"), None));
    assert_eq!((now.failures, now.problem, now.retry_at), (0, None, None));
    assert!(
        change!(db, &a.scope, tx => mcp_grants::claim(tx, &a.scope, id, "v1.two", at(122), at(142))),
        "the claim ended with it"
    );

    assert!(!change!(db, &b.scope, tx => mcp_grants::lapse(tx, &b.scope, id, "v1.two", "no")));
    assert!(change!(db, &a.scope, tx => mcp_grants::lapse(tx, &a.scope, id, "v1.two", "it ended")));
    assert!(!change!(db, &a.scope, tx => mcp_grants::lapse(tx, &a.scope, id, "v1.two", "again")));
    let now = look!(db, &a.scope, tx => mcp_grants::get(tx, &a.scope, id)).unwrap();
    assert_eq!((now.sealed, now.problem.as_deref(), now.client_sealed.is_some()), (None, Some("it ended"), true));
});

db_test!(that_a_server_does_not_take_them_is_said_once, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let one = keep(grant(&fresh()));
    let id = &one.server;
    change!(db, &a.scope, tx => mcp_grants::put(tx, &a.scope, one));
    let refused_at = async || look!(db, &a.scope, tx => mcp_grants::get(tx, &a.scope, id)).unwrap().refused_at;
    assert!(!change!(db, &b.scope, tx => mcp_grants::refused(tx, &b.scope, id, "v1.one", at(50))));
    assert!(!change!(db, &a.scope, tx => mcp_grants::refused(tx, &a.scope, id, "v1.old", at(50))), "not these tokens");
    assert!(change!(db, &a.scope, tx => mcp_grants::refused(tx, &a.scope, id, "v1.one", at(50))));
    for (now, then) in [(50, 50), (60, 60), (55, 60)] {
        assert!(!change!(db, &a.scope, tx => mcp_grants::refused(tx, &a.scope, id, "v1.one", at(now))));
        assert_eq!(refused_at().await, Some(at(then)));
    }
    // New tokens of the same giver change nothing about it; that the server takes them does, and a new consent.
    change!(db, &a.scope, tx => mcp_grants::renewed(tx, &a.scope, id, "v1.one", "v1.two", None));
    assert_eq!(refused_at().await, Some(at(60)));
    change!(db, &b.scope, tx => mcp_grants::accepted(tx, &b.scope, id));
    assert_eq!(refused_at().await, Some(at(60)));
    change!(db, &a.scope, tx => mcp_grants::accepted(tx, &a.scope, id));
    assert_eq!(refused_at().await, None);
    assert!(change!(db, &a.scope, tx => mcp_grants::refused(tx, &a.scope, id, "v1.two", at(70))));
    change!(db, &a.scope, tx => mcp_grants::put(tx, &a.scope, one));
    assert_eq!(look!(db, &a.scope, tx => mcp_grants::get(tx, &a.scope, id)).as_ref(), Some(one));
});
