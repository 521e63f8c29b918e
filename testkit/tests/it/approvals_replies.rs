//! Requests that reach members on their own numbers and are decided by a reply from there: once, by the same rules as anywhere.

use std::time::Duration;

use frontdesk_kernel::{
    approval::{Approval, State},
    message::Direction,
};
use frontdesk_store::{conversations, work};
use frontdesk_testkit::{
    desk::{Shop, TestDesk},
    fakes::{Act, Sent, inbound_button_reply, inbound_text},
    story,
};
use serde_json::json;

use crate::{
    approvals::{approve, asks_first, audited, decide, only, refund_tool, requests},
    approvals_numbers::{BOSS, LEO, said_with, signed_in, with_number},
    people::{ANA, LUZ},
};

/// A refund that waits for a yes; what the member with this number was sent about it.
async fn waits(shop: &Shop<'_>, number: &str) -> (Approval, Sent, String) {
    refund_tool(shop).await;
    asks_first(shop, "refund", "approval").await;
    again(shop, number).await
}

async fn again(shop: &Shop<'_>, number: &str) -> (Approval, Sent, String) {
    shop.desk.openai.call("refund", json!({"amount": 500, "order": "A-7"}));
    shop.desk.openai.say("Lo consulto.");
    shop.talk(ANA, "devuélveme 500").await;
    let sent = shop.sent(number).pop().expect("they were asked");
    let code = code_in(sent.text.as_deref().unwrap());
    (requests(shop).await.remove(0), sent, code)
}

fn code_in(text: &str) -> String {
    let (_, after) = text.rsplit_once("«ok ").unwrap_or_else(|| panic!("no code in {text}"));
    after[..4].to_owned()
}

/// The member writes; what they read then.
async fn replies(shop: &Shop<'_>, number: &str, text: &str) -> String {
    let before = shop.replies(number).len();
    shop.say(number, text).await;
    shop.desk.answer().await;
    shop.replies(number).split_off(before).join("\n")
}

fn pays(desk: &TestDesk) {
    desk.service.then(Act::json(201, &json!({"id": "r1"})));
    desk.openai.say("Tu reembolso fue pagado.");
}

story!(a_button_on_the_members_own_phone_decides_once, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    shop.hire("vera", "viewer").await;
    let (asked, sent, code) = waits(&shop, BOSS).await;
    let text = sent.text.clone().unwrap();
    assert_eq!(sent.kind, "interactive");
    for part in
        ["Luna: el asistente pide autorización", "amount: 500", "order: A-7", &format!("Cliente: {ANA}"), &format!("no {code}")]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let buttons = sent.body["interactive"]["action"]["buttons"].clone();
    let yes = buttons[0]["reply"]["id"].as_str().unwrap().to_owned();
    assert!(yes.contains(&code) && yes.contains(&asked.args_hash), "{buttons}");
    pays(desk);
    let id = shop.wamid();
    for _ in 0..3 {
        shop.deliver(inbound_button_reply(&shop.account, BOSS, &id, &sent.vendor_id, &yes, "Autorizar")).await;
        desk.answer().await;
    }
    let done = only(&shop).await;
    assert_eq!((done.state, done.decided_by, desk.service.seen().len()), (State::Executed, ana.to_string(), 1));
    assert_eq!(
        shop.replies(BOSS).iter().filter(|r| r.starts_with("Autorizado: ")).count(),
        1,
        "a webhook that is delivered again"
    );
    assert_eq!(shop.contact(BOSS).await, None, "no customer came of it");
    assert_eq!(shop.turns().await.len(), 2, "the customer's two");
    // Pressed once more: a new message, and nothing new.
    let id = shop.wamid();
    shop.deliver(inbound_button_reply(&shop.account, BOSS, &id, &sent.vendor_id, &yes, "Autorizar")).await;
    desk.answer().await;
    let last = shop.replies(BOSS).pop().unwrap();
    assert!(last.starts_with("Ya estaba decidido: se autorizó, por ana"), "{last}");
    assert_eq!(desk.service.seen().len(), 1);
    assert_eq!(audited(&shop, "approval.").await, ["approval.approved", "approval.executed", "approval.answer_refused"]);
    let key = shop.key(&["*"]).await;
    let log = desk.get_as(&key, "/api/v1/audit?action=approval.approved").await.json();
    assert_eq!(
        (log["items"][0]["detail"]["by_way_of"].as_str(), log["items"][0]["actor"].as_str()),
        (Some("whatsapp"), Some(ana.as_str()))
    );
    let kept = said_with(&shop, &ana).await;
    assert_eq!(kept.iter().filter(|m| m.direction == Direction::In).count(), 3, "the number's code and two answers");
});

story!(an_answer_in_words_decides_and_a_no_brings_its_reason, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    let (_, _, code) = waits(&shop, BOSS).await;
    // A no comes first, and what is not plain is asked again.
    for text in
        [format!("no ok {code}"), format!("ok {code} pero solo la mitad"), code.clone(), format!("creo que {code} está bien")]
    {
        let said = replies(&shop, BOSS, &text).await;
        assert!(said.contains(&format!("«ok {code}»")), "{text}: {said}");
        assert_eq!(only(&shop).await.state, State::Pending, "{text}");
    }
    pays(desk);
    let said = replies(&shop, BOSS, &format!("Sí {}", code.to_lowercase())).await;
    assert!(said.starts_with("Autorizado: "), "{said}");
    assert_eq!((only(&shop).await.state, desk.service.seen().len()), (State::Executed, 1));

    let (asked, _, code) = again(&shop, BOSS).await;
    desk.openai.say("El equipo pide un anticipo.");
    let said = replies(&shop, BOSS, &format!("NO, {code}: solo con anticipo")).await;
    assert!(said.starts_with("Rechazado: "), "{said}");
    let done = requests(&shop).await.remove(0);
    assert_eq!((done.id, done.state, done.note.as_deref()), (asked.id, State::Rejected, Some("solo con anticipo")));
    assert!(desk.openai.asked().last().unwrap().to_string().contains("solo con anticipo"));
    assert_eq!(desk.service.seen().len(), 1);
    assert_eq!(shop.contact(BOSS).await, None);
});

story!(a_question_is_answered_from_the_phone, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "sara", "staff", BOSS).await;
    desk.openai.call("ask_colleague", json!({"question": "¿Hay azul cobalto?"}));
    desk.openai.say("Pregunto.");
    shop.talk(ANA, "¿azul?").await;
    let sent = shop.sent(BOSS).pop().unwrap();
    let text = sent.text.unwrap();
    assert!(sent.kind == "text" && text.contains("¿Hay azul cobalto?"), "{text}");
    let code = text.rsplit_once("Responde «").unwrap().1[..4].to_owned();
    for unclear in [format!("ok {code}"), format!("no {code}"), code.clone()] {
        assert!(replies(&shop, BOSS, &unclear).await.contains("y tu respuesta"), "{unclear}");
    }
    desk.openai.say("Sí hay azul cobalto.");
    let said = replies(&shop, BOSS, &format!("{code} Sí, llegó ayer. ¿Cuánto quiere?")).await;
    assert!(said.starts_with("Gracias"), "{said}");
    let done = only(&shop).await;
    assert_eq!((done.state, done.note.as_deref()), (State::Answered, Some("Sí, llegó ayer. ¿Cuánto quiere?")));
    assert_eq!(shop.replies(ANA).last().unwrap(), "Sí hay azul cobalto.");
    assert!(replies(&shop, BOSS, &format!("{code} mejor no")).await.starts_with("Ya estaba decidido"));
});

story!(a_code_is_nothing_in_other_hands, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let sol = desk.business("Sol").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    let (_, sent, code) = waits(&shop, BOSS).await;
    // A stranger's, a customer's: a message like any other, and nothing is said about codes.
    let yes = sent.body["interactive"]["action"]["buttons"][0]["reply"]["id"].as_str().unwrap().to_owned();
    for from in [LUZ, ANA] {
        desk.openai.say("¿Cómo te ayudo?");
        assert_eq!(shop.talk(from, &format!("ok {code}")).await, "¿Cómo te ayudo?");
    }
    desk.openai.say("¿Cómo te ayudo?");
    let id = shop.wamid();
    shop.deliver(inbound_button_reply(&shop.account, LUZ, &id, &sent.vendor_id, &yes, "Autorizar")).await;
    desk.answer().await;
    // A member of another business, at their own and at this one.
    let olga = sol.hire("olga", "owner").await;
    let claimed = {
        let browser = signed_in(desk, "olga").await;
        let claimed = browser.ask("PUT", "/api/v1/account/number", Some(&json!({ "number": LEO })), &[]).await;
        claimed.json()["code"].as_str().unwrap().to_owned()
    };
    sol.say(LEO, &claimed).await;
    desk.settle().await;
    assert_eq!(replies(&sol, LEO, &format!("ok {code}")).await, format!("No conozco el código {code}."));
    desk.openai.say("¿Cómo te ayudo?");
    assert_eq!(shop.talk(LEO, &format!("ok {code}")).await, "¿Cómo te ayudo?");
    // A webhook that nobody signed, and one that another business's app signed.
    let forged = inbound_text(&shop.account, BOSS, &shop.wamid(), &format!("ok {code}"));
    assert_eq!(desk.deliver(forged, "another secret").await.status, 403);
    desk.settle().await;
    assert_eq!((only(&shop).await.state, desk.service.seen().len()), (State::Pending, 0));
    assert_eq!(said_with(&sol, &olga).await.len(), 4);
    decide(&shop, &only(&shop).await.id, "reject", json!({})).await;
});

story!(wrong_codes_are_answered_five_times_an_hour_and_then_once_more, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    let (_, _, code) = waits(&shop, BOSS).await;
    for _ in 0..5 {
        assert_eq!(replies(&shop, BOSS, "ok 2a2a").await, "No conozco el código 2A2A.");
    }
    assert!(replies(&shop, BOSS, &format!("ok {code}")).await.starts_with("Demasiados códigos"));
    assert_eq!(replies(&shop, BOSS, &format!("ok {code}")).await, "", "once");
    assert_eq!(only(&shop).await.state, State::Pending);
    // What is no answer is a customer's message all the while.
    desk.openai.say("A las diez hay cupo.");
    assert_eq!(shop.talk(BOSS, "¿hay cupo para mí mañana?").await, "A las diez hay cupo.");
    assert!(shop.contact(BOSS).await.is_some());
    desk.advance(Duration::from_secs(3600));
    pays(desk);
    assert!(replies(&shop, BOSS, &format!("ok {code}")).await.starts_with("Autorizado"));
    assert_eq!(desk.service.seen().len(), 1);
    assert_eq!(shop.incoming(BOSS).await.len(), 1, "answers are no customer's words");
});

story!(what_holds_in_the_console_holds_here, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = with_number(&shop, "ana", "admin", BOSS).await;
    with_number(&shop, "leo", "admin", LEO).await;
    let (first, _, code) = waits(&shop, BOSS).await;
    // Not about their own request: they are not even asked.
    let (s, conversation, person) = (shop.scope.clone(), shop.conversation(ANA).await.id, ana.clone());
    desk.engine
        .db
        .write(&shop.scope, work!(tx => conversations::act_for(tx, &s, &conversation, Some(&person)).await))
        .await
        .unwrap();
    let before = shop.sent(BOSS).len();
    desk.openai.call("refund", json!({"amount": 900}));
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "y otros 900").await;
    assert_eq!(shop.sent(BOSS).len(), before);
    let own = code_in(&shop.replies(LEO).pop().unwrap());
    assert!(replies(&shop, BOSS, &format!("ok {own}")).await.contains("debe decidir otra persona"));
    // Who may no longer decide does not; who may again does.
    let key = shop.key(&["*"]).await;
    let path = format!("/api/v1/members/{ana}");
    assert_eq!(desk.patch_as(&key, &path, &json!({ "role": "staff" })).await.status, 200);
    assert_eq!(replies(&shop, BOSS, &format!("ok {code}")).await, "No te está permitido decidir sobre esto.");
    assert_eq!(desk.patch_as(&key, &path, &json!({ "role": "admin" })).await.status, 200);
    // Other arguments: the old code is good for nothing, a new one goes out.
    let edited = decide(&shop, &first.id, "edit", json!({ "arguments": {"amount": 200} })).await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    desk.settle().await;
    let newer = shop.replies(BOSS).pop().unwrap();
    assert!(newer.contains("cambió") && newer.contains("amount: 200") && !newer.contains("500"), "{newer}");
    for word in ["ok", "no"] {
        assert!(replies(&shop, BOSS, &format!("{word} {code}")).await.starts_with("La solicitud cambió"), "{word}");
    }
    let newer = code_in(&newer);
    assert_ne!(newer, code);
    pays(desk);
    assert!(replies(&shop, BOSS, &format!("ok {newer}")).await.starts_with("Autorizado"));
    assert_eq!((desk.service.seen().len(), desk.service.seen()[0].json()), (1, json!({"amount": 200})));
    // After its time.
    desk.advance(Duration::from_secs(23 * 3600 + 60));
    assert!(replies(&shop, LEO, &format!("ok {own}")).await.starts_with("Venció"));
    desk.settle().await;
    assert!(replies(&shop, LEO, &format!("no {own}")).await.starts_with("Venció"));
    assert_eq!(desk.service.seen().len(), 1);
});

story!(phone_and_console_at_once_are_one_decision, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    with_number(&shop, "leo", "admin", LEO).await;
    let (asked, _, code) = waits(&shop, BOSS).await;
    let key = shop.key(&["*"]).await;
    let path = format!("/api/v1/approvals/{}/reject", asked.id);
    pays(desk);
    let (no, yes, other) = (json!({}), format!("ok {code}"), format!("no {code}"));
    let (console, _, _) = tokio::join!(desk.post_as(&key, &path, &no), shop.say(BOSS, &yes), shop.say(LEO, &other));
    desk.answer().await;
    let done = only(&shop).await;
    assert!([200, 409].contains(&console.status), "{}", console.text);
    assert!(matches!((done.state, desk.service.seen().len()), (State::Executed, 1) | (State::Rejected, 0)), "{done:?}");
    let decided = audited(&shop, "approval.").await;
    assert_eq!(decided.iter().filter(|a| *a == "approval.approved" || *a == "approval.rejected").count(), 1, "{decided:?}");
    for number in [BOSS, LEO] {
        let last = shop.replies(number).pop().unwrap();
        assert!(["Autorizado", "Rechazado", "Ya estaba decidido"].iter().any(|w| last.starts_with(w)), "{last}");
    }
    if done.state == State::Rejected {
        desk.expect_leftovers();
    }
});

story!(what_the_console_decided_is_told_to_whoever_answers_later, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    let (_, _, code) = waits(&shop, BOSS).await;
    pays(desk);
    approve(&shop).await;
    desk.settle().await;
    let late = replies(&shop, BOSS, &format!("no {code}")).await;
    assert!(late.starts_with("Ya estaba decidido: se autorizó, por a key"), "{late}");
    assert_eq!(desk.service.seen().len(), 1);
});

story!(what_does_not_fit_into_a_message_is_shown_elsewhere, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    with_number(&shop, "ana", "admin", BOSS).await;
    refund_tool(&shop).await;
    asks_first(&shop, "refund", "approval").await;
    for (length, kind) in [(1500, "text"), (5000, "text")] {
        desk.openai.call("refund", json!({"amount": 500, "order": "x".repeat(length)}));
        desk.openai.say("Lo consulto.");
        shop.talk(ANA, &format!("devuélveme {length}")).await;
        let sent = shop.sent(BOSS).pop().unwrap();
        let text = sent.text.unwrap();
        assert_eq!(sent.kind, kind);
        let whole = text.contains(&"x".repeat(length));
        assert_eq!(
            (whole, text.contains("«ok "), text.contains("/a/tnt_")),
            (length < 4000, length < 4000, length > 4000),
            "{text}"
        );
        decide(&shop, &requests(&shop).await[0].id, "reject", json!({})).await;
        desk.settle().await;
    }
});
