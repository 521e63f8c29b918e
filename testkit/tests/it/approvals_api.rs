//! Requests and rules through the API, and the page behind a mailed link.

use std::time::Duration;

use frontdesk_engine::approvals::link;
use frontdesk_kernel::{
    approval::State,
    ids::{LocationId, UserId},
};
use frontdesk_store::{conversations, work};
use frontdesk_testkit::{
    desk::{Answer, Browser, PASSWORD, Setup, Shop, TestDesk},
    fakes::Act,
    story,
};
use serde_json::{Value, json};

use crate::{
    approvals::{asks_first, decide, only, refund_tool, rules},
    people::{ANA, SECOND},
};

/// A refund that waits for a yes.
async fn waiting(shop: &Shop<'_>) {
    refund_tool(shop).await;
    asks_first(shop, "refund", "approval").await;
    shop.desk.openai.call("refund", json!({"amount": 500, "order": "<b>A-7</b>"}));
    shop.desk.openai.say("Lo consulto.");
    shop.talk(ANA, "devuélveme 500").await;
}

async fn form(desk: &TestDesk, path: &str, fields: &[(&str, &str)]) -> Answer {
    let encode = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let body: Vec<String> = fields.iter().map(|(n, v)| format!("{n}={}", encode(v))).collect();
    desk.ask_with("POST", path, &[("content-type", "application/x-www-form-urlencoded")], body.join("&")).await
}

async fn path_for(shop: &Shop<'_>, person: &UserId) -> String {
    let asked = only(shop).await;
    link::to(&shop.desk.engine, &shop.scope, &asked, person).replace(&shop.desk.url, "")
}

async fn signed_in<'d>(desk: &'d TestDesk, name: &str) -> Browser<'d> {
    let browser = desk.browser();
    let entered = browser.sign_in(&format!("{name}@luna.example"), PASSWORD).await;
    assert_eq!(entered.status, 201, "{}", entered.text);
    browser
}

story!(a_request_shows_exactly_what_would_be_done_and_where_it_came_from, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    waiting(&shop).await;
    let key = shop.key(&["approval:read"]).await;
    let listed = desk.get_as(&key, "/api/v1/approvals?state=pending").await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let item = listed.json()["items"][0].clone();
    assert_eq!(item["arguments"], json!({"amount": 500, "order": "<b>A-7</b>"}));
    let from = |name: &str| {
        let origins = item["provenance"].as_array().unwrap().clone();
        origins.into_iter().find(|o| o["argument"] == name).unwrap()["from"].as_str().unwrap().to_owned()
    };
    assert_eq!((from("amount"), from("order")), ("message".to_owned(), "model".to_owned()));
    assert_eq!((item["may_decide"].as_bool(), item["rule"].as_str().unwrap().starts_with("rul_")), (Some(false), true));
    assert_eq!(desk.get_as(&key, &format!("/api/v1/approvals/{}", item["id"].as_str().unwrap())).await.json(), item);
    assert_eq!(desk.get_as(&key, "/api/v1/approvals/counts").await.json(), json!({"team": 1, "customers": 0}));
    for filter in ["state=executed", "kind=suggestion", "conversation=cnv_x"] {
        let none = desk.get_as(&key, &format!("/api/v1/approvals?{filter}")).await;
        assert_eq!((none.status, none.json()["items"].as_array().unwrap().len()), (200, 0), "{filter}");
    }
    assert_eq!(desk.get_as(&key, "/api/v1/approvals?state=maybe").await.status, 422);
    // The trace tells who decided what.
    let turn = shop.turns().await.pop().unwrap().id;
    let key = shop.key(&["*"]).await;
    let trace = desk.get_as(&key, &format!("/api/v1/turns/{turn}")).await.json();
    let decision = &trace["decisions"][0];
    assert_eq!(
        (decision["level"].as_str(), decision["outcome"].as_str(), decision["rule"] == item["rule"]),
        (Some("approval"), Some("waiting"), true)
    );
    decide(&shop, &only(&shop).await.id, "reject", json!({})).await;
});

story!(only_who_may_decides_and_nobody_about_their_own, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let sol = desk.business("Sol").openai().open().await;
    waiting(&shop).await;
    let asked = only(&shop).await;
    let yes = json!({ "args_hash": asked.args_hash });
    let path = format!("/api/v1/approvals/{}/approve", asked.id);
    let reader = shop.key(&["approval:read", "approval:answer"]).await;
    assert_eq!(desk.post_as(&reader, &path, &yes).await.status, 403);
    let stranger = sol.key(&["*"]).await;
    assert_eq!(desk.post_as(&stranger, &path, &yes).await.status, 404, "of another business");
    for body in [json!({}), json!({"args_hash": 7}), json!({"args_hash": asked.args_hash, "x": 1})] {
        assert_eq!(desk.post_as(&shop.key(&["*"]).await, &path, &body).await.status, 422, "{body}");
    }
    shop.hire("sara", "staff").await;
    assert_eq!(signed_in(desk, "sara").await.post(&path, &yes).await.status, 403, "staff answer questions, they do not decide");
    let ana = shop.hire("ana", "admin").await;
    // The agent acts for Ana: her own request is not hers to approve.
    let (s, conversation) = (shop.scope.clone(), shop.conversation(ANA).await.id);
    let person = ana.clone();
    desk.engine
        .db
        .write(&shop.scope, work!(tx => conversations::act_for(tx, &s, &conversation, Some(&person)).await))
        .await
        .unwrap();
    desk.openai.call("refund", json!({"amount": 900}));
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "y otros 900").await;
    let own = crate::approvals::requests(&shop).await.remove(0);
    assert_eq!(own.requested_by, ana.to_string());
    let browser = signed_in(desk, "ana").await;
    let refused = browser.post(&format!("/api/v1/approvals/{}/approve", own.id), &json!({ "args_hash": own.args_hash })).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (403, Some("own_request")), "{}", refused.text);
    let other = browser.post(&path, &yes).await;
    assert_eq!((other.status, other.json()["decided_by"]["name"].as_str()), (200, Some("ana")), "{}", other.text);
    decide(&shop, &own.id, "reject", json!({})).await;
    desk.settle().await;
    assert_eq!(desk.service.seen().len(), 1);
});

story!(the_agent_may_do_no_more_than_whom_it_acts_for, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.talk(ANA, "hola").await;
    let viewer = shop.hire("vera", "viewer").await;
    let (s, conversation) = (shop.scope.clone(), shop.conversation(ANA).await.id);
    desk.engine
        .db
        .write(&shop.scope, work!(tx => conversations::act_for(tx, &s, &conversation, Some(&viewer)).await))
        .await
        .unwrap();
    desk.openai.call("schedule_appointment", json!({"start": "2026-11-23T10:00", "service": "Manicure"}));
    desk.openai.say("No puedo.");
    shop.talk(ANA, "manicure").await;
    assert!(shop.appointments().await.is_empty());
    let key = shop.key(&["*"]).await;
    let log = desk.get_as(&key, "/api/v1/audit?action=action.refused").await.json();
    assert_eq!(log["items"][0]["detail"]["why"], "permission");
});

story!(a_mailed_link_is_a_page_that_decides_once, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = shop.hire("ana", "admin").await;
    shop.hire("sara", "staff").await;
    waiting(&shop).await;
    desk.send_mail().await;
    let mails = desk.smtp.received();
    assert_eq!(mails.len(), 1, "staff do not decide");
    let path = path_for(&shop, &ana).await;
    assert!(!mails[0].plain().contains("A-7") && mails[0].plain().contains("/a/tnt_"), "a mailbox is no place for arguments");
    let page = desk.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("500") && page.text.contains("&lt;b&gt;A-7&lt;/b&gt;") && !page.text.contains("<b>A-7"),
        "{}",
        page.text
    );
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    assert!(page.header("content-security-policy").contains("form-action 'self'"));
    // Mail programs look at links.
    for _ in 0..3 {
        desk.get(&path).await;
    }
    assert_eq!(only(&shop).await.state, State::Pending);
    let wrong = form(desk, &path, &[("say", "approve"), ("args_hash", "0")]).await;
    assert_eq!((wrong.status, only(&shop).await.state), (409, State::Pending), "other arguments than were seen");
    assert_eq!(form(desk, &path, &[("say", "perhaps")]).await.status, 409);
    let hash = only(&shop).await.args_hash;
    desk.service.then(Act::json(201, &json!({"ok": true})));
    desk.openai.say("Tu reembolso fue pagado.");
    for _ in 0..2 {
        let said = form(desk, &path, &[("say", "approve"), ("args_hash", &hash), ("note", "ok, jefa")]).await;
        assert_eq!((said.status, said.location.as_deref()), (303, Some(path.as_str())), "{}", said.text);
    }
    desk.settle().await;
    let done = only(&shop).await;
    assert_eq!((done.state, done.decided_by, done.note.as_deref()), (State::Executed, ana.to_string(), Some("ok, jefa")));
    assert_eq!(desk.service.seen().len(), 1);
    let after = desk.get(&path).await;
    assert!(after.status == 200 && !after.text.contains("<form") && after.text.contains("hecho"), "{}", after.text);
});

story!(a_link_that_is_not_ours_not_theirs_or_too_old_is_nothing, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, leo) = (shop.hire("ana", "admin").await, shop.hire("leo", "owner").await);
    waiting(&shop).await;
    let path = path_for(&shop, &ana).await;
    let signature = path.rsplit_once('.').unwrap().1.to_owned();
    let forged = [
        path.replace(ana.as_str(), leo.as_str()),
        path[..path.len() - 1].to_owned(),
        format!("{path}0"),
        path.replace(&signature, &"0".repeat(32)),
        path.replace(&signature, &"é".repeat(16)),
        "/a/x".to_owned(),
        "/a/...".to_owned(),
        path_for(&shop, &UserId::parse("usr_nobody").unwrap()).await,
    ];
    for link in &forged {
        assert_eq!((desk.get(link).await.status, form(desk, link, &[("say", "reject")]).await.status), (404, 404), "{link}");
    }
    // Who does not decide here any more has a link to nothing.
    let key = shop.key(&["*"]).await;
    assert_eq!(desk.patch_as(&key, &format!("/api/v1/members/{ana}"), &json!({"role": "viewer"})).await.status, 200);
    assert_eq!(desk.get(&path).await.status, 404);
    assert_eq!(only(&shop).await.state, State::Pending);
    let path = path_for(&shop, &leo).await;
    desk.pass(Duration::from_secs(25 * 3600), SECOND * 25 * 3600).await;
    assert!(desk.get(&path).await.text.contains("Nadie decidió"), "a late reader learns what became of it");
    desk.pass(SECOND * 8 * 24 * 3600, SECOND * 8 * 24 * 3600).await;
    assert_eq!(desk.get(&path).await.status, 404);
});

story!(a_question_is_answered_by_its_link, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let sara = shop.hire("sara", "staff").await;
    desk.openai.call("ask_colleague", json!({"question": "¿Hay azul cobalto?"}));
    desk.openai.say("Pregunto.");
    shop.talk(ANA, "¿azul?").await;
    let path = path_for(&shop, &sara).await;
    assert!(desk.get(&path).await.text.contains("¿Hay azul cobalto?"));
    assert_eq!(form(desk, &path, &[("say", "answer"), ("note", " ")]).await.status, 409);
    assert_eq!(form(desk, &path, &[("say", "answer"), ("note", "Sí hay")]).await.status, 303);
    desk.openai.say("Sí hay.");
    desk.settle().await;
    assert_eq!((only(&shop).await.state, shop.replies(ANA).last().unwrap().as_str()), (State::Answered, "Sí hay."));
});

story!(rules_are_written_whole_checked_and_tried, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    refund_tool(&shop).await;
    let key = shop.key(&["*"]).await;
    assert_eq!(desk.get_as(&key, "/api/v1/policies").await.json(), json!({"items": [], "updated_at": null}));
    rules(
        &shop,
        json!([
            { "action": "refund", "when": [{ "kind": "amount_over", "minor": 5000 }, { "kind": "outside_hours" }], "level": "off", "note": "de noche no" },
            { "action": "category:external", "level": "approval" },
        ]),
    )
    .await;
    let kept = desk.get_as(&key, "/api/v1/policies").await;
    let first = kept.json()["items"][0]["id"].as_str().unwrap().to_owned();
    for (trial, level, position) in [
        (json!({"action": "refund", "amount": 1}), "approval", Some(2)),
        (json!({"action": "refund", "amount": 6000, "outside_hours": true}), "off", Some(1)),
        (json!({"action": "refund", "amount": 1, "amount_today": 5000, "outside_hours": true}), "off", Some(1)),
        (json!({"action": "refund", "amount": -1, "outside_hours": true}), "off", Some(1)),
        (json!({"action": "schedule_appointment"}), "automatic", None),
        (json!({"action": "schedule_appointment", "rules": [{"action": "*", "level": "suggestion"}]}), "suggestion", Some(1)),
    ] {
        let told = desk.post_as(&key, "/api/v1/policies/try", &trial).await;
        assert_eq!(told.status, 200, "{}", told.text);
        assert_eq!((told.json()["level"].as_str(), told.json()["position"].as_u64()), (Some(level), position), "{trial}");
    }
    assert_eq!(desk.post_as(&key, "/api/v1/policies/try", &json!({"action": "nothing"})).await.status, 422);
    for (bad, path) in [
        (json!([{ "action": "", "level": "off" }]), "items[0].action"),
        (json!([{ "action": "*", "level": "off" }, { "action": "a b", "level": "off" }]), "items[1].action"),
        (json!([{ "action": "*", "level": "off", "when": [{ "kind": "amount_over", "minor": -1 }] }]), "items[0].when"),
        (json!([{ "id": first, "action": "*", "level": "off" }, { "id": first, "action": "*", "level": "off" }]), "items[1].id"),
        (json!(vec![json!({ "action": "*", "level": "off" }); 101]), "items"),
    ] {
        let refused = desk.json_as(&key, "PUT", "/api/v1/policies", &json!({ "items": bad })).await;
        assert_eq!((refused.status, refused.json()["errors"][0]["path"].as_str()), (422, Some(path)), "{}", refused.text);
    }
    for bad in [
        json!({}),
        json!({ "items": [{ "action": "*" }] }),
        json!({ "items": [{ "action": "*", "level": "never" }] }),
        json!({ "items": [{ "action": "*", "level": "off", "when": [{ "kind": "moon" }] }] }),
        json!({ "items": [{ "action": "*", "level": "off", "when": [{ "kind": "amount_over", "minor": "5" }] }] }),
    ] {
        assert_eq!(desk.json_as(&key, "PUT", "/api/v1/policies", &bad).await.status, 422, "{bad}");
    }
    // Who saw an older state does not overwrite a newer one.
    let tag = kept.header("etag").to_owned();
    let write = async |tag: String| {
        let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
        desk.ask_as(&key, "PUT", "/api/v1/policies", &headers, json!({ "items": [] }).to_string()).await.status
    };
    assert_eq!((write(tag.clone()).await, write(tag).await), (200, 412));
    let reader = shop.key(&["policy:read"]).await;
    assert_eq!(desk.json_as(&reader, "PUT", "/api/v1/policies", &json!({ "items": [] })).await.status, 403);
});

story!(the_registry_says_what_each_action_means, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    refund_tool(&shop).await;
    let key = shop.key(&["policy:read"]).await;
    let all = desk.get_as(&key, "/api/v1/actions").await;
    assert_eq!(all.status, 200, "{}", all.text);
    let of = |name: &str| {
        let items = all.json()["items"].as_array().unwrap().clone();
        items.into_iter().find(|a| a["name"] == name).unwrap_or(Value::Null)
    };
    let (book, refund) = (of("schedule_appointment"), of("refund"));
    assert_eq!(
        (book["title"].as_str(), book["category"].as_str(), book["proves"].as_str()),
        (Some("Agendar una cita"), Some("resource"), Some("booked"))
    );
    assert_eq!(
        (refund["own"].as_bool(), refund["amount"].as_str(), refund["recipient"].as_str()),
        (Some(true), Some("/amount"), Some("/phone"))
    );
    assert_eq!((refund["effect_class"].as_str(), refund["changes"].as_bool()), (Some("C"), Some(true)));
    for tool in ["ask_colleague", "request_approval", "create_task", "notify_team"] {
        assert!(of(tool)["changes"].as_bool().unwrap(), "{tool}");
    }
});

story!(what_waits_at_another_location_is_not_counted, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    waiting(&shop).await;
    let key = shop.key(&["*"]).await;
    let mut branches = Vec::new();
    for name in ["Norte", "Sur"] {
        let made = desk.post_as(&key, "/api/v1/locations", &json!({ "name": name })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        branches.push(made.json()["id"].as_str().unwrap().to_owned());
    }
    shop.change_channel(|c| c.location = Some(LocationId::parse(&branches[0]).unwrap())).await;
    let sara = shop.hire("sara", "staff").await;
    for (branch, waits) in [(&branches[0], 1), (&branches[1], 0)] {
        let limited = desk.patch_as(&key, &format!("/api/v1/members/{sara}"), &json!({ "locations": [branch] })).await;
        assert_eq!(limited.status, 200, "{}", limited.text);
        let browser = signed_in(desk, "sara").await;
        assert_eq!(browser.get("/api/v1/approvals").await.json()["items"].as_array().unwrap().len(), waits);
        let counted = browser.get("/api/v1/approvals/counts").await.json();
        assert_eq!(counted, json!({ "team": waits, "customers": 0 }), "as many as the list shows");
    }
    decide(&shop, &only(&shop).await.id, "reject", json!({})).await;
});
