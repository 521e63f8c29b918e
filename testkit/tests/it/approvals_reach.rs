//! Whose a number is: of members who are customers too, of numbers that change hands or spelling, and of answers that are nobody's any more.

use std::time::Duration;

use frontdesk_kernel::{
    approval::State,
    ids::LocationId,
    message::{Delivery, Part},
    scope::Server,
};
use frontdesk_store::{people, work};
use frontdesk_testkit::{
    desk::{Setup, Shop},
    fakes::{GraphFault, News, Sent, Statuses, inbound_text},
    story,
};
use serde_json::{Value, json};

use crate::{
    approvals::{asks_first, audited, decide, only, refund_tool, requests},
    approvals_numbers::{BOSS, LEO, said_with, signed_in, with_number},
    people::{ANA, LUZ, SECOND},
};

const MINE: &str = "/api/v1/account/number";

async fn wants(shop: &Shop<'_>, from: &str) {
    shop.desk.openai.call("refund", json!({"amount": 500}));
    shop.desk.openai.say("Lo consulto.");
    shop.talk(from, "devuélveme 500").await;
}

async fn refunds(shop: &Shop<'_>) {
    refund_tool(shop).await;
    asks_first(shop, "refund", "approval").await;
}

fn code_in(text: &str) -> String {
    let (_, after) = text.rsplit_once("«ok ").unwrap_or_else(|| panic!("no code in {text}"));
    after[..4].to_owned()
}

fn asked(shop: &Shop<'_>, number: &str) -> Vec<Sent> {
    let mut sent = shop.sent(number);
    sent.retain(|s| s.text.as_ref().is_some_and(|t| t.contains("«ok ") && t.contains("amount: ")));
    sent
}

/// A customer's message like any other.
async fn is_talk(shop: &Shop<'_>, from: &str, text: &str) {
    shop.desk.openai.say("¿Cómo te ayudo?");
    assert_eq!(shop.talk(from, text).await, "¿Cómo te ayudo?", "{text}");
}

story!(nobody_approves_what_they_asked_for_from_their_own_telephone, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    with_number(&shop, "leo", "admin", LEO).await;
    refunds(&shop).await;
    wants(&shop, BOSS).await;
    let request = only(&shop).await;
    assert_eq!(request.requested_by, ana.to_string());
    assert!(asked(&shop, BOSS).is_empty(), "she is not even asked");
    let code = code_in(asked(&shop, LEO)[0].text.as_deref().unwrap());
    shop.say(BOSS, &format!("ok {code}")).await;
    desk.answer().await;
    assert!(shop.replies(BOSS).pop().unwrap().contains("debe decidir otra persona"));
    let refused = signed_in(desk, "ana")
        .await
        .post(&format!("/api/v1/approvals/{}/approve", request.id), &json!({ "args_hash": request.args_hash }))
        .await;
    assert!(refused.status >= 400, "{}", refused.text);
    assert_eq!((only(&shop).await.state, desk.service.seen().len()), (State::Pending, 0));
    decide(&shop, &request.id, "reject", json!({})).await;
});

story!(a_number_that_changed_hands_counts_no_more, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    refunds(&shop).await;
    wants(&shop, ANA).await;
    let code = code_in(asked(&shop, BOSS)[0].text.as_deref().unwrap());
    // One more is asked for and is not yet on its way.
    decide(&shop, &only(&shop).await.id, "edit", json!({ "arguments": {"amount": 400} })).await;
    let mut news = inbound_text(&shop.account, BOSS, &shop.wamid(), "x");
    let message = &mut news["entry"][0]["changes"][0]["value"]["messages"][0];
    message.as_object_mut().unwrap().remove("text");
    message["type"] = "system".into();
    message["system"] = json!({"body": "User A changed from 1 to 2", "wa_id": LUZ, "type": "user_changed_number"});
    assert_eq!(shop.deliver(news).await.status, 200);
    desk.settle().await;
    assert_eq!(asked(&shop, BOSS).len(), 1, "what waited does not go there");
    let mine = signed_in(desk, "ana").await.get(MINE).await.json();
    assert_eq!((mine["confirmed"].as_bool(), &mine["confirmed_at"], &mine["code"]), (Some(false), &Value::Null, &Value::Null));
    is_talk(&shop, BOSS, &format!("ok {code}")).await;
    is_talk(&shop, LUZ, &format!("ok {code}")).await;
    assert_eq!(only(&shop).await.state, State::Pending);
    assert_eq!(audited(&shop, "member_number.").await.last().unwrap(), "member_number.doubt");
    decide(&shop, &only(&shop).await.id, "reject", json!({})).await;
    desk.settle().await;
});

story!(only_the_members_own_answers_open_the_window_and_a_long_silence_ends_it_all, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    let key = shop.key(&["*"]).await;
    let reached = async || {
        let found = desk.get_as(&key, "/api/v1/approvals/deciders").await.json();
        found["items"][0]["by_number"].as_str().unwrap().to_owned()
    };
    assert_eq!(reached().await, "message");
    desk.advance(Duration::from_secs(25 * 3600));
    is_talk(&shop, BOSS, "¿hay cupo?").await;
    assert_eq!(reached().await, "window_closed", "whoever writes there is not certainly the member");
    desk.advance(Duration::from_secs(183 * 24 * 3600));
    assert_eq!(reached().await, "unconfirmed");
    let browser = signed_in(desk, "ana").await;
    assert_eq!(browser.get(MINE).await.json()["confirmed"], false);
    // Somebody else may have it now.
    shop.hire("leo", "admin").await;
    let leo = signed_in(desk, "leo").await;
    let claimed = leo.ask("PUT", MINE, Some(&json!({ "number": BOSS })), &[]).await;
    assert_eq!(claimed.status, 200, "{}", claimed.text);
    shop.say(BOSS, claimed.json()["code"].as_str().unwrap()).await;
    desk.settle().await;
    assert_eq!(leo.get(MINE).await.json()["confirmed"], true);
    assert_eq!(browser.get(MINE).await.json()["number"], Value::Null);
});

story!(a_number_is_the_same_however_it_is_spelled, |desk| async {
    for (said, arrives) in [
        ("310 101 0101", "573101010101"),
        ("+52 55 1234 5678", "5215512345678"),
        ("+54 11 1234 5678", "5491112345678"),
        ("+55 11 98765 4321", "551187654321"),
    ] {
        let shop = desk.business("Luna").openai().tenant(|t| t.language = "es-CO".into()).open().await;
        let name = format!("ana{arrives}");
        shop.hire(&name, "admin").await;
        let browser = signed_in(desk, &name).await;
        let claimed = browser.ask("PUT", MINE, Some(&json!({ "number": said })), &[]).await;
        assert_eq!(claimed.status, 200, "{said}: {}", claimed.text);
        shop.say(arrives, claimed.json()["code"].as_str().unwrap()).await;
        desk.settle().await;
        let mine = browser.get(MINE).await.json();
        assert_eq!(
            (mine["confirmed"].as_bool(), mine["number"].as_str()),
            (Some(true), Some(format!("+{arrives}").as_str())),
            "{said}"
        );
        // Another spelling is no other number.
        let other = format!("leo{arrives}");
        shop.hire(&other, "admin").await;
        let taken = signed_in(desk, &other).await.ask("PUT", MINE, Some(&json!({ "number": said })), &[]).await;
        assert_eq!(taken.status, 409, "{said}: {}", taken.text);
    }
});

story!(a_new_number_takes_the_place_of_the_old_one_when_it_is_proven, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    let browser = signed_in(desk, "ana").await;
    let claimed = browser.ask("PUT", MINE, Some(&json!({ "number": LEO })), &[]).await.json();
    assert_eq!(
        (claimed["number"].as_str(), claimed["confirmed"].as_bool(), claimed["next"].as_str()),
        (Some("+573101010101"), Some(true), Some("+573102020202"))
    );
    refunds(&shop).await;
    wants(&shop, ANA).await;
    assert_eq!((asked(&shop, BOSS).len(), asked(&shop, LEO).len()), (1, 0), "the old one counts till then");
    // A wrong code that is delivered six times is one wrong code.
    let wrong = shop.wamid();
    desk.openai.say("¿Cómo te ayudo?");
    for _ in 0..6 {
        assert_eq!(shop.deliver(inbound_text(&shop.account, LEO, &wrong, "2A2A2A")).await.status, 200);
        desk.answer().await;
    }
    shop.say(LEO, claimed["code"].as_str().unwrap()).await;
    desk.settle().await;
    let mine = browser.get(MINE).await.json();
    assert_eq!(
        (mine["number"].as_str(), mine["confirmed"].as_bool(), &mine["next"]),
        (Some("+573102020202"), Some(true), &Value::Null)
    );
    let code = code_in(asked(&shop, BOSS)[0].text.as_deref().unwrap());
    is_talk(&shop, BOSS, &format!("ok {code}")).await;
    assert_eq!(only(&shop).await.state, State::Pending);
    shop.say(LEO, &format!("no {code}")).await;
    desk.answer().await;
    assert_eq!((only(&shop).await.state, only(&shop).await.decided_by), (State::Rejected, ana.to_string()));
    let key = shop.key(&["*"]).await;
    let log = desk.get_as(&key, "/api/v1/audit?action=member_number.claim").await.json();
    assert_eq!(log["items"][0]["detail"], json!({ "replaces": true }));
});

story!(ordinary_words_that_look_like_a_code_are_a_customers, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    refunds(&shop).await;
    wants(&shop, ANA).await;
    let code = code_in(asked(&shop, BOSS)[0].text.as_deref().unwrap());
    for text in ["9a-6p", "¿abren de 9a-6p?", "no, 2m 3m", "2a2a", "2a2a por favor"] {
        is_talk(&shop, BOSS, text).await;
    }
    let first = shop.wamid();
    for _ in 0..6 {
        assert_eq!(shop.deliver(inbound_text(&shop.account, BOSS, &first, "ok 2a2a")).await.status, 200);
        desk.answer().await;
    }
    for _ in 0..4 {
        shop.say(BOSS, "ok 2a2a").await;
        desk.answer().await;
        assert_eq!(shop.replies(BOSS).pop().unwrap(), "No conozco el código 2A2A.");
    }
    // No code is read for an hour: what names nothing is somebody's words.
    is_talk(&shop, BOSS, "ok 2a3a").await;
    shop.say(BOSS, &format!("ok {code}")).await;
    desk.answer().await;
    assert!(shop.replies(BOSS).pop().unwrap().starts_with("Demasiados"));
    assert_eq!(only(&shop).await.state, State::Pending);
    decide(&shop, &only(&shop).await.id, "reject", json!({})).await;
    desk.settle().await;
});

story!(a_request_is_looked_at_again_before_it_is_sent, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    refunds(&shop).await;
    let key = shop.key(&["*"]).await;
    let member = format!("/api/v1/members/{ana}");
    wants(&shop, ANA).await;
    let id = only(&shop).await.id;
    for (amount, change) in [(400, "edited"), (300, "role"), (200, "decided")] {
        let before = asked(&shop, BOSS).len();
        // A key changes the arguments; the message about it is planned and not sent yet.
        let edited = decide(&shop, &id, "edit", json!({ "arguments": {"amount": amount} })).await;
        assert_eq!(edited.status, 200, "{}", edited.text);
        match change {
            "edited" => {
                assert_eq!(decide(&shop, &id, "edit", json!({ "arguments": {"amount": 350} })).await.status, 200);
                desk.settle().await;
                let new = asked(&shop, BOSS).split_off(before);
                assert!(new.len() == 1 && new[0].text.as_ref().unwrap().contains("350"), "{new:?}");
            }
            "role" => {
                assert_eq!(desk.patch_as(&key, &member, &json!({ "role": "staff" })).await.status, 200);
                desk.settle().await;
                assert_eq!(asked(&shop, BOSS).len(), before);
                assert_eq!(desk.patch_as(&key, &member, &json!({ "role": "admin" })).await.status, 200);
            }
            _ => {
                assert_eq!(decide(&shop, &id, "reject", json!({})).await.status, 200);
                desk.answer().await;
                assert_eq!(asked(&shop, BOSS).len(), before);
            }
        }
    }
});

story!(an_answer_counts_only_from_who_may_and_by_whose_app_it_came, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    refunds(&shop).await;
    wants(&shop, ANA).await;
    let yes = format!("ok {}", code_in(asked(&shop, BOSS)[0].text.as_deref().unwrap()));
    let member = format!("/api/v1/members/{ana}");
    // Of another branch: the code is nothing to them.
    let mut branches = Vec::new();
    for name in ["Norte", "Sur"] {
        let made = desk.post_as(&key, "/api/v1/locations", &json!({ "name": name })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        branches.push(made.json()["id"].as_str().unwrap().to_owned());
    }
    shop.change_channel(|c| c.location = Some(LocationId::parse(&branches[0]).unwrap())).await;
    desk.engine.directory.invalidate();
    let limited = desk.patch_as(&key, &member, &json!({ "locations": [branches[1]] })).await;
    assert_eq!(limited.status, 200, "{}", limited.text);
    shop.say(BOSS, &yes).await;
    desk.answer().await;
    assert!(shop.replies(BOSS).pop().unwrap().starts_with("No conozco"));
    assert_eq!(desk.patch_as(&key, &member, &json!({ "locations": [] })).await.status, 200);
    // Who may not sign in at all.
    let set = async |active: bool| {
        let id = ana.clone();
        let updated = desk.engine.db.write(
            &Server,
            work!(tx => {
                let person = people::get(tx, &Server, &id).await?.expect("she is there");
                people::update(tx, &Server, &people::Person { active, ..person }).await
            }),
        );
        assert!(updated.await.unwrap());
    };
    set(false).await;
    is_talk(&shop, BOSS, &yes).await;
    set(true).await;
    // Who took the number back; and the vendor delivers again what was an answer before.
    let first = shop.wamid();
    assert_eq!(shop.deliver(inbound_text(&shop.account, BOSS, &first, "ok 2a2a")).await.status, 200);
    desk.answer().await;
    assert_eq!(desk.delete_as(&key, &format!("{member}/number")).await.status, 204);
    let (turns, said) = (shop.turns().await.len(), shop.incoming(BOSS).await.len());
    assert_eq!(shop.deliver(inbound_text(&shop.account, BOSS, &first, "ok 2a2a")).await.status, 200);
    desk.answer().await;
    assert_eq!((shop.turns().await.len(), shop.incoming(BOSS).await.len()), (turns, said), "it was no customer's message");
    is_talk(&shop, BOSS, &yes).await;
    assert_eq!((only(&shop).await.state, desk.service.seen().len()), (State::Pending, 0));
    decide(&shop, &only(&shop).await.id, "reject", json!({})).await;
    desk.settle().await;
});

story!(on_a_trial_line_only_its_own_app_speaks_for_members, |desk| async {
    let shop = desk.business("Luna").openai().mock().app_secret("lunas-own").open().await;
    let sol = desk.business("Sol").openai().app_secret("sols-own").open().await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    refunds(&shop).await;
    desk.openai.call("refund", json!({"amount": 500}));
    desk.openai.say("Lo consulto.");
    shop.say(ANA, "devuélveme 500").await;
    desk.answer().await;
    let sent = said_with(&shop, &ana).await.pop().unwrap();
    let Part::Buttons { text, .. } = &sent.part else { panic!("{sent:?}") };
    let yes = format!("ok {}", code_in(text));
    let foreign = inbound_text(&shop.account, BOSS, &shop.wamid(), &yes);
    assert_eq!(desk.deliver(foreign, &sol.app_secret).await.status, 403);
    desk.answer().await;
    assert_eq!((only(&shop).await.state, shop.contact(BOSS).await), (State::Pending, None));
    let no = yes.replacen("ok", "no", 1);
    shop.say(BOSS, &no).await;
    desk.answer().await;
    assert_eq!(only(&shop).await.state, State::Rejected);
});

story!(what_waits_too_long_is_mailed_also_when_a_line_has_stopped, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    let key = shop.key(&["*"]).await;
    let set = desk.patch_as(&key, "/api/v1/settings", &json!({ "escalation_minutes": 10, "escalate_to": [ana] })).await;
    assert_eq!(set.status, 200, "{}", set.text);
    refunds(&shop).await;
    wants(&shop, ANA).await;
    shop.change_channel(|c| c.paused_reason = Some("the token is no longer good".into())).await;
    desk.engine.directory.invalidate();
    let found = desk.get_as(&key, "/api/v1/approvals/deciders").await.json();
    assert_eq!(found["items"][0]["by_number"], "no_channel");
    desk.send_mail().await;
    let mails = desk.smtp.received().len();
    desk.pass(SECOND * 600, SECOND * 600).await;
    desk.send_mail().await;
    assert_eq!(desk.smtp.received().into_iter().skip(mails).map(|m| m.to).collect::<Vec<_>>(), ["ana@luna.example"]);
    desk.expect_leftovers();
    assert_eq!(requests(&shop).await.len(), 1);
});

story!(what_does_not_reach_a_member_is_said_once_with_the_request_that_it_is_about, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    let key = shop.key(&["*"]).await;
    refunds(&shop).await;
    wants(&shop, ANA).await;
    let (id, thread) = (only(&shop).await.id, shop.conversation(ANA).await.id);
    // Refused, never heard of again, accepted and failed: each in its turn. Twice somebody has looked in between.
    let ways = [
        (Some(GraphFault::VendorError(131_026)), Statuses::usual()),
        (Some(GraphFault::AnswerLost), Statuses::never()),
        (None, Statuses::of([News::Sent, News::Failed(131_026)])),
        (Some(GraphFault::AnswerLost), Statuses::never()),
    ];
    for (n, (fault, statuses)) in ways.into_iter().enumerate() {
        desk.graph.statuses(statuses);
        if let Some(fault) = fault {
            desk.graph.faults().push(fault);
        }
        assert_eq!(decide(&shop, &id, "edit", json!({ "arguments": {"amount": 400 - n} })).await.status, 200);
        desk.settle().await;
        desk.pass(desk.engine.settings.unknown_window * 2, SECOND * 20).await;
        let sent = said_with(&shop, &ana).await.pop().unwrap();
        assert_eq!(sent.delivery, Some(Delivery::Failed), "{n}: {sent:?}");
        let open = shop.open_tasks().await;
        let said: Vec<_> = open.iter().filter(|t| ["send_failed", "unknown_send"].contains(&t.kind.as_str())).collect();
        assert_eq!(said.len(), 1, "{n}: {open:?}");
        assert_eq!(said[0].conversation.as_ref(), Some(&thread), "{n}");
        assert!(said[0].title.starts_with("ana was not reached") && said[0].title.contains("refund"), "{n}: {}", said[0].title);
        if n > 0 {
            let done = desk.patch_as(&key, &format!("/api/v1/tasks/{}", said[0].id), &json!({ "state": "done" })).await;
            assert_eq!(done.status, 200, "{}", done.text);
        }
    }
    desk.graph.statuses(Statuses::usual());
    assert_eq!(only(&shop).await.state, State::Pending);
    decide(&shop, &id, "reject", json!({})).await;
    desk.settle().await;
});

story!(what_waits_too_long_is_called_as_the_business_calls_it, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    let key = shop.key(&["*"]).await;
    let set = desk.patch_as(&key, "/api/v1/settings", &json!({ "escalation_minutes": 10 })).await;
    assert_eq!(set.status, 200, "{}", set.text);
    refunds(&shop).await;
    let tools = desk.get_as(&key, "/api/v1/tools").await.json();
    let tool =
        tools["items"].as_array().unwrap().iter().find(|t| t["name"] == "refund").unwrap()["id"].as_str().unwrap().to_owned();
    let named = desk.patch_as(&key, &format!("/api/v1/tools/{tool}"), &json!({ "title": "Devolver el dinero" })).await;
    assert_eq!(named.status, 200, "{}", named.text);
    wants(&shop, ANA).await;
    desk.send_mail().await;
    let mails = desk.smtp.received().len();
    desk.pass(SECOND * 600, SECOND * 600).await;
    desk.send_mail().await;
    let reminder = shop.replies(BOSS).pop().unwrap();
    assert!(reminder.contains("todavía nadie ha decidido") && reminder.contains("\nDevolver el dinero\n"), "{reminder}");
    let mail = desk.smtp.received().split_off(mails).remove(0);
    assert!(mail.plain().contains("Devolver el dinero"), "{}", mail.plain());
    decide(&shop, &only(&shop).await.id, "reject", json!({})).await;
    desk.settle().await;
});
