//! Agents, their versions, model keys.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    agent::{Agent, AgentSpec, ModelChoice},
    ids::AgentId,
    scope::Server,
};
use frontdesk_store::{agents, channels, tenants};

use crate::harness::*;

db_test!(an_agent_is_published_in_versions_and_the_latest_answers, |db| async {
    let a = shop(&db, "a").await;
    let first = keep(agent("front"));
    change!(db, &a.scope, tx => agents::insert(tx, &a.scope, first, at(0)));
    assert_eq!(look!(db, &a.scope, tx => agents::get(tx, &a.scope, &first.id)).as_ref(), Some(first));

    let model = ModelChoice { vendor: "ollama".into(), model: "small".into(), base_url: Some("http://127.0.0.1:11434".into()) };
    let spec = keep(AgentSpec { prompt: "Sé \"breve\".".into(), models: vec![model], ..AgentSpec::default() });
    for version in [2, 3] {
        let published = change!(db, &a.scope, tx => agents::publish(tx, &a.scope, &first.id, spec, "shorter", at(version)));
        assert_eq!(published, Some(version));
    }
    let now = look!(db, &a.scope, tx => agents::get(tx, &a.scope, &first.id)).unwrap();
    assert_eq!(now, Agent { version: 3, spec: spec.clone(), ..first.clone() });
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM agent_version").await, 3);
    let nobody: &AgentId = keep(fresh());
    assert_eq!(change!(db, &a.scope, tx => agents::publish(tx, &a.scope, nobody, spec, "", at(9))), None);
});

db_test!(a_tenant_has_one_default_agent, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let of_b = keep(agent("front"));
    change!(db, &b.scope, tx => agents::insert(tx, &b.scope, of_b, at(0)));
    for name in ["front", "night"] {
        let agent = keep(agent(name));
        change!(db, &a.scope, tx => agents::insert(tx, &a.scope, agent, at(0)));
    }
    let names = || {
        let db = db.clone();
        async move {
            let agents = look!(db, &a.scope, tx => agents::list(tx, &a.scope));
            agents.into_iter().map(|agent| (agent.name, agent.is_default)).collect::<Vec<_>>()
        }
    };
    assert_eq!(names().await, [("night".to_owned(), true), ("front".to_owned(), false)]);
    let front: &AgentId = keep(id("front"));
    assert!(change!(db, &a.scope, tx => agents::update(tx, &a.scope, front, "day", true, at(5))));
    assert_eq!(names().await, [("day".to_owned(), true), ("night".to_owned(), false)]);
    assert_eq!(look!(db, &b.scope, tx => agents::list(tx, &b.scope)), vec![of_b.clone()], "the other tenant's stays");

    assert!(change!(db, &a.scope, tx => agents::delete(tx, &a.scope, front)));
    assert!(!change!(db, &a.scope, tx => agents::delete(tx, &a.scope, front)));
    assert_eq!(names().await, [("night".to_owned(), false)]);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM agent_version").await, 2);
});

db_test!(model_keys_are_kept_by_vendor, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for (vendor, sealed) in [("openai", Some("v1.a")), ("gemini", Some("v1.b")), ("openai", Some("v1.c")), ("gemini", None)] {
        change!(db, &a.scope, tx => agents::set_model_key(tx, &a.scope, vendor, sealed, at(0)));
    }
    let expected = BTreeMap::from([("openai".to_owned(), "v1.c".to_owned())]);
    assert_eq!(look!(db, &a.scope, tx => agents::model_keys(tx, &a.scope)), expected);
    assert!(look!(db, &b.scope, tx => agents::model_keys(tx, &b.scope)).is_empty());
});

db_test!(every_change_that_a_running_server_must_see_moves_the_mark, |db| async {
    let a = shop(&db, "a").await;
    let mark = || {
        let db = db.clone();
        async move { look!(db, &Server, tx => agents::latest_change(tx, &Server)) }
    };
    let mut last = mark().await;
    let (front, tenant) = (keep(agent("front")), keep(frontdesk_kernel::tenant::Tenant { updated_at: at(20), ..tenant("a") }));
    let channel = keep(channels::Channel { updated_at: at(30), ..a.channel() });
    for change in ["agent", "version", "key", "tenant", "channel", "key removed", "agent removed", "channel removed"] {
        match change {
            "agent" => change!(db, &a.scope, tx => agents::insert(tx, &a.scope, front, at(10))),
            "version" => drop(change!(db, &a.scope, tx => agents::publish(tx, &a.scope, &front.id, &front.spec, "", at(11)))),
            "key" => change!(db, &a.scope, tx => agents::set_model_key(tx, &a.scope, "openai", Some("v1.x"), at(12))),
            "tenant" => assert!(change!(db, &a.scope, tx => tenants::update(tx, &a.scope, tenant))),
            "channel" => assert!(change!(db, &a.scope, tx => channels::update(tx, &a.scope, channel))),
            "key removed" => change!(db, &a.scope, tx => agents::set_model_key(tx, &a.scope, "openai", None, at(40))),
            "agent removed" => assert!(change!(db, &a.scope, tx => agents::delete(tx, &a.scope, &front.id))),
            _ => assert!(change!(db, &a.scope, tx => channels::delete(tx, &a.scope, &a.channel))),
        }
        let now = mark().await;
        assert_ne!(now, last, "{change}");
        last = now;
    }
});
