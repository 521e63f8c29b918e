//! Members' own numbers: claimed, proven, removed; who is reached there, and to whom a request goes when nobody decides.

use std::time::Duration;

use frontdesk_kernel::{approval::State, ids::UserId};
use frontdesk_store::{member_messages, member_messages::MemberMessage, work};
use frontdesk_testkit::{
    desk::{Browser, PASSWORD, Setup, Shop, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::{
    approvals::{asks_first, audited, book, only},
    people::{ANA, SECOND},
};

pub(crate) const BOSS: &str = "573101010101";
pub(crate) const LEO: &str = "573102020202";
const MINE: &str = "/api/v1/account/number";

pub(crate) async fn signed_in<'d>(desk: &'d TestDesk, name: &str) -> Browser<'d> {
    let browser = desk.browser();
    let entered = browser.sign_in(&format!("{name}@luna.example"), PASSWORD).await;
    assert_eq!(entered.status, 201, "{}", entered.text);
    browser
}

/// Says which number is theirs and returns the code that they see.
async fn claims(browser: &Browser<'_>, number: &str) -> String {
    let claimed = browser.ask("PUT", MINE, Some(&json!({ "number": format!("+{number}") })), &[]).await;
    assert_eq!((claimed.status, claimed.json()["confirmed"].as_bool()), (200, Some(false)), "{}", claimed.text);
    claimed.json()["code"].as_str().expect("a code").to_owned()
}

/// Somebody who works here, with a number that is certainly theirs.
pub(crate) async fn with_number(shop: &Shop<'_>, name: &str, role: &str, number: &str) -> UserId {
    let person = shop.hire(name, role).await;
    let browser = signed_in(shop.desk, name).await;
    let code = claims(&browser, number).await;
    shop.say(number, &code).await;
    shop.desk.settle().await;
    assert_eq!(browser.get(MINE).await.json()["confirmed"], true);
    person
}

/// What was said with a member on their number, oldest first.
pub(crate) async fn said_with(shop: &Shop<'_>, person: &UserId) -> Vec<MemberMessage> {
    let (s, person) = (shop.scope.clone(), person.clone());
    shop.desk.engine.db.read(&shop.scope, work!(tx => member_messages::of_person(tx, &s, &person).await)).await.unwrap()
}

async fn settings(shop: &Shop<'_>, change: Value) {
    let key = shop.key(&["*"]).await;
    let set = shop.desk.patch_as(&key, "/api/v1/settings", &change).await;
    assert_eq!(set.status, 200, "{}", set.text);
}

/// Something waits for a yes.
async fn waits(shop: &Shop<'_>) {
    asks_first(shop, "schedule_appointment", "approval").await;
    book(shop.desk);
    shop.desk.openai.say("Lo consulto.");
    shop.talk(ANA, "manicure el lunes a las 10").await;
}

story!(a_number_counts_once_its_code_came_from_it, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = shop.hire("ana", "admin").await;
    let browser = signed_in(desk, "ana").await;
    let before = browser.get(MINE).await;
    assert_eq!(
        (before.status, &before.json()["number"], before.json()["send_to"][0]["number"].is_string()),
        (200, &Value::Null, true)
    );
    let code = claims(&browser, BOSS).await;
    assert_eq!(browser.get(MINE).await.json()["code"], code.as_str());
    // Somebody else's telephone, a wrong code, a code that was replaced: a customer's message like any other.
    desk.openai.say("¿En qué te ayudo?");
    desk.openai.say("¿En qué te ayudo?");
    desk.openai.say("¿En qué te ayudo?");
    shop.talk(LEO, &code).await;
    shop.talk(BOSS, "2A2A2A").await;
    let newer = claims(&browser, BOSS).await;
    assert_ne!(newer, code);
    shop.talk(BOSS, &code).await;
    assert_eq!(browser.get(MINE).await.json()["confirmed"], false);
    assert_eq!((shop.incoming(LEO).await.len(), shop.incoming(BOSS).await.len()), (1, 2));
    assert_eq!(shop.replies(LEO), ["¿En qué te ayudo?"], "a stranger learns nothing");
    // The right one, as people write it.
    let (turns, id) = (shop.turns().await.len(), shop.wamid());
    let sent = format!(" {}-{} ", newer[..3].to_lowercase(), &newer[3..]);
    for _ in 0..2 {
        shop.deliver(frontdesk_testkit::fakes::inbound_text(&shop.account, BOSS, &id, &sent)).await;
        desk.answer().await;
    }
    let mine = browser.get(MINE).await.json();
    assert_eq!(
        (mine["confirmed"].as_bool(), mine["number"].as_str(), &mine["code"]),
        (Some(true), Some("+573101010101"), &Value::Null)
    );
    assert_eq!((shop.turns().await.len(), shop.incoming(BOSS).await.len()), (turns, 2), "no customer's message, no turn");
    assert!(shop.replies(BOSS).last().unwrap().starts_with("Confirmado"));
    assert_eq!(said_with(&shop, &ana).await.len(), 2);
    assert_eq!(audited(&shop, "member_number.").await, ["member_number.claim", "member_number.claim", "member_number.confirm"]);
    // Saying it again changes nothing.
    let again = browser.ask("PUT", MINE, Some(&json!({ "number": "+57 310 101 0101" })), &[]).await;
    assert_eq!((again.status, again.json()["confirmed"].as_bool()), (200, Some(true)));
    // It is hers alone; whoever claims it too learns no more than that.
    shop.hire("leo", "admin").await;
    let other = signed_in(desk, "leo").await.ask("PUT", MINE, Some(&json!({ "number": BOSS })), &[]).await;
    assert_eq!((other.status, other.json()["code"].as_str()), (409, Some("number_taken")), "{}", other.text);
    for wrong in ["", "12", "ana", "+57 310 101 0101 0101 0101", "310 101", frontdesk_testkit::fakes::OUR_NUMBER] {
        let refused = browser.ask("PUT", MINE, Some(&json!({ "number": wrong })), &[]).await;
        assert_eq!(
            (refused.status, refused.json()["errors"][0]["path"].as_str()),
            (422, Some("number")),
            "{wrong}: {}",
            refused.text
        );
    }
    // Gone: nothing is left of it, and it may be somebody else's.
    assert_eq!((browser.delete(MINE).await.status, browser.delete(MINE).await.status), (204, 404));
    assert!(said_with(&shop, &ana).await.is_empty());
    assert_eq!(audited(&shop, "member_number.").await.last().unwrap(), "member_number.forget");
});

story!(an_old_code_and_too_many_wrong_ones_prove_nothing, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.hire("ana", "admin").await;
    let browser = signed_in(desk, "ana").await;
    let code = claims(&browser, BOSS).await;
    desk.advance(Duration::from_secs(31 * 60));
    assert_eq!(browser.get(MINE).await.json()["code"], Value::Null);
    for _ in 0..7 {
        desk.openai.say("Hola.");
    }
    shop.talk(BOSS, &code).await;
    let code = claims(&browser, BOSS).await;
    for _ in 0..5 {
        shop.talk(BOSS, "2A2A2A").await;
    }
    shop.talk(BOSS, &code).await;
    assert_eq!(browser.get(MINE).await.json()["confirmed"], false, "guessing is over for an hour");
    let code = claims(&browser, BOSS).await;
    shop.say(BOSS, &code).await;
    desk.settle().await;
    assert_eq!(browser.get(MINE).await.json()["confirmed"], true, "a new code is a new matter");
});

story!(whoever_looks_after_the_team_says_numbers_and_only_the_member_sees_the_code, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, leo) = (shop.hire("ana", "owner").await, shop.hire("leo", "admin").await);
    shop.hire("sara", "staff").await;
    let of = |id: &UserId| format!("/api/v1/members/{id}/number");
    let boss = signed_in(desk, "ana").await;
    let set = boss.ask("PUT", &of(&leo), Some(&json!({ "number": LEO })), &[]).await;
    assert_eq!((set.status, set.json()), (200, json!({ "number": "+573102020202", "confirmed": false })), "{}", set.text);
    let admin = signed_in(desk, "leo").await;
    let code = admin.get(MINE).await.json()["code"].as_str().unwrap().to_owned();
    assert!(!boss.get(&format!("/api/v1/members/{leo}")).await.text.contains(&code));
    shop.say(LEO, &code).await;
    desk.settle().await;
    let listed = signed_in(desk, "sara").await.get("/api/v1/members").await.json();
    let number = listed["items"].as_array().unwrap().iter().find(|m| m["id"] == leo.as_str()).unwrap()["number"].clone();
    assert_eq!(number, json!({ "number": null, "confirmed": true }), "colleagues see that there is one");
    // An admin has nothing to do with an owner's number, staff with nobody's but their own.
    for (browser, path) in [(&admin, of(&ana)), (&signed_in(desk, "sara").await, of(&leo))] {
        assert_eq!(browser.ask("PUT", &path, Some(&json!({ "number": BOSS })), &[]).await.status, 403);
        assert_eq!(browser.delete(&path).await.status, 403);
    }
    let key = shop.key(&["*"]).await;
    assert_eq!(desk.json_as(&key, "PUT", MINE, &json!({ "number": BOSS })).await.status, 403, "a key is nobody");
    assert_eq!(desk.json_as(&key, "PUT", &of(&UserId::parse("usr_x").unwrap()), &json!({ "number": BOSS })).await.status, 404);
    assert_eq!(boss.delete(&of(&leo)).await.status, 204);
    // Who leaves takes it along.
    with_number(&shop, "vera", "admin", BOSS).await;
    let vera =
        boss.get("/api/v1/members").await.json()["items"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(boss.delete(&format!("/api/v1/members/{vera}")).await.status, 204);
    assert!(
        !desk.dump().await.contains("\"table\":\"member_number\"") && !desk.dump().await.contains("\"table\":\"member_message\"")
    );
});

story!(outside_the_window_only_a_template_goes_and_what_does_not_is_said, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    shop.hire("leo", "admin").await;
    shop.hire("sara", "staff").await;
    shop.hire("vera", "viewer").await;
    let key = shop.key(&["*"]).await;
    let reached = async || -> Vec<(String, String)> {
        let found = desk.get_as(&key, "/api/v1/approvals/deciders").await;
        assert_eq!(found.status, 200, "{}", found.text);
        let of = |d: &Value, part: &str| d[part].as_str().unwrap().to_owned();
        found.json()["items"].as_array().unwrap().iter().map(|d| (of(d, "name"), of(d, "by_number"))).collect()
    };
    let all = |ana: &str| {
        [("ana", ana), ("leo", "no_number"), ("sara", "no_number")].map(|(n, r)| (n.to_owned(), r.to_owned())).to_vec()
    };
    assert_eq!(reached().await, all("message"));
    desk.advance(Duration::from_secs(25 * 3600));
    assert_eq!(reached().await, all("window_closed"));
    let before = shop.sent(BOSS).len();
    waits(&shop).await;
    assert_eq!((shop.sent(BOSS).len(), only(&shop).await.state), (before, State::Pending), "not sent, and it waits all the same");
    crate::approvals::decide(&shop, &only(&shop).await.id, "reject", json!({})).await;
    desk.settle().await;

    shop.change_channel(|c| drop(c.settings.insert("business_account_id".into(), json!("102290129340398")))).await;
    for (template, why) in [
        (json!({ "name": "nothing_like_it", "language": "en" }), "no such approved template"),
        (json!({ "name": "appointment_reminder", "language": "en" }), "three places"),
        (json!({ "name": "a b", "language": "en" }), "no such approved template"),
        (json!({ "name": "x" }), "language"),
    ] {
        let refused = desk.patch_as(&key, "/api/v1/settings", &json!({ "approval_template": template })).await;
        assert!(refused.status == 422 && refused.text.contains(why), "{template}: {}", refused.text);
    }
    // Nobody to ask: the business knows.
    shop.change_channel(|c| drop(c.settings.remove("business_account_id"))).await;
    settings(&shop, json!({ "approval_template": { "name": "decision_wanted", "language": "es" } })).await;
    assert_eq!(reached().await, all("template"));
    waits_again(&shop).await;
    let sent = shop.sent(BOSS).pop().unwrap();
    assert_eq!((sent.kind.as_str(), sent.body["template"]["name"].as_str()), ("template", Some("decision_wanted")));
    let values = sent.body["template"]["components"][0]["parameters"].clone();
    let code = values[2]["text"].as_str().unwrap().to_owned();
    assert!(values[0]["text"].as_str().unwrap().contains("service: Manicure"), "{values}");
    desk.openai.say("¡Listo!");
    shop.say(BOSS, &format!("ok {code}")).await;
    desk.settle().await;
    assert_eq!(crate::approvals::requests(&shop).await[0].state, State::Executed);
    settings(&shop, json!({ "approval_template": null })).await;
    assert_eq!(desk.get_as(&key, "/api/v1/settings").await.json()["approval_template"], Value::Null);
});

async fn waits_again(shop: &Shop<'_>) {
    book(shop.desk);
    shop.desk.openai.say("Lo consulto.");
    shop.talk(ANA, "manicure el lunes a las 10, de verdad").await;
}

story!(when_nobody_decides_it_goes_to_whoever_is_named_one_after_another, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    let (leo, olga) = (shop.hire("leo", "admin").await, shop.hire("olga", "owner").await);
    let sara = shop.hire("sara", "staff").await;
    settings(&shop, json!({ "escalation_minutes": 10, "escalate_to": [ana, leo, sara] })).await;
    waits(&shop).await;
    desk.send_mail().await;
    let (mails, before) = (desk.smtp.received().len(), shop.sent(BOSS).len());
    assert_eq!(mails, 3, "everybody who may decide is asked by mail, too");
    let next = async || {
        desk.pass(SECOND * 600, SECOND * 600).await;
        desk.send_mail().await;
        desk.smtp.received().into_iter().skip(mails).map(|m| m.to).collect::<Vec<_>>()
    };
    // The first by number and mail, the second by mail, the third may not decide: the owners.
    assert_eq!(next().await, ["ana@luna.example"], "a message may not arrive");
    assert_eq!(shop.sent(BOSS).len(), before + 1);
    let reminder = shop.replies(BOSS).pop().unwrap();
    assert!(reminder.contains("todavía nadie ha decidido") && reminder.contains("Manicure"), "{reminder}");
    assert_eq!(next().await, ["ana@luna.example", "leo@luna.example"]);
    assert_eq!(next().await, ["ana@luna.example", "leo@luna.example", "olga@luna.example"]);
    assert_eq!(next().await.len(), 3, "that was the last of them");
    assert_eq!(shop.sent(BOSS).len(), before + 1);
    let key = shop.key(&["*"]).await;
    let log = desk.get_as(&key, "/api/v1/audit?action=approval.escalated").await.json();
    let told: Vec<_> =
        log["items"].as_array().unwrap().iter().rev().map(|e| e["detail"]["to"][0].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, [ana.to_string(), leo.to_string(), olga.to_string()]);
    assert_eq!(shop.tasks().await.iter().filter(|t| *t == "approval_overdue").count(), 1);
    // Named, and gone meanwhile.
    assert_eq!(desk.delete_as(&key, &format!("/api/v1/members/{ana}")).await.status, 204);
    crate::approvals::decide(&shop, &only(&shop).await.id, "reject", json!({})).await;
    desk.settle().await;
    waits_again(&shop).await;
    desk.send_mail().await;
    let asked = desk.smtp.received().len();
    desk.pass(SECOND * 600, SECOND * 600).await;
    desk.send_mail().await;
    assert_eq!(desk.smtp.received().into_iter().skip(asked).map(|m| m.to).collect::<Vec<_>>(), ["olga@luna.example"]);
    for wrong in [json!([ana]), json!(["usr_nobody"]), json!([leo, leo]), json!(["x"])] {
        let refused = desk.patch_as(&key, "/api/v1/settings", &json!({ "escalate_to": wrong })).await;
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.text);
    }
    settings(&shop, json!({ "escalate_to": null })).await;
    assert_eq!(desk.get_as(&key, "/api/v1/settings").await.json()["escalate_to"], json!([]));
});
