//! Requests that are decided by answering the mail in which they stand.

use frontdesk_kernel::approval::{Approval, State};
use frontdesk_testkit::{
    desk::{Setup, Shop, TestDesk},
    fakes::{Act, MailboxFault},
    story,
};
use serde_json::json;

use crate::{
    approvals::{asks_first, audited, decide, only, refund_tool},
    people::ANA,
};

const BOSS: &str = "olga@luna.example";

/// A refund that waits for a yes, and its mail to the boss.
async fn asked(shop: &Shop<'_>) -> (Approval, String) {
    let desk = shop.desk;
    assert_eq!(desk.read_mail().await, 0, "what was there before is nobody's answer");
    refund_tool(shop).await;
    asks_first(shop, "refund", "approval").await;
    desk.openai.call("refund", json!({ "amount": 500, "order": "A-7\u{202e}" }));
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "devuélveme 500").await;
    desk.send_mail().await;
    (only(shop).await, last_id(desk, BOSS))
}

/// The id of the newest mail to somebody, as their mail program keeps it.
fn last_id(desk: &TestDesk, to: &str) -> String {
    let mail = desk.smtp.received().into_iter().rfind(|mail| mail.to == to).expect("there is a mail");
    let rest = mail.text.split("<a.tnt_").nth(1).unwrap_or_else(|| panic!("no word of ours in {}", mail.text));
    format!("<a.tnt_{}>", rest.split('>').next().unwrap())
}

fn last_text(desk: &TestDesk, to: &str) -> String {
    desk.smtp.received().into_iter().rfind(|mail| mail.to == to).expect("there is a mail").plain()
}

fn answer(from: &str, id: &str, headers: &str, text: &str) -> String {
    format!(
        "Return-Path: <{from}>\nFrom: Olga <{from}>\nTo: desk@luna.example\nSubject: Re: Luna\nIn-Reply-To: {id}\nReferences: {id}\n{headers}\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n\n\
         El jue, 26 nov 2026, Front desk <desk@luna.example> escribió:\n> ok o no\n> ok\n"
    )
}

/// Everything that was answered, and what we write back.
async fn read(shop: &Shop<'_>) -> usize {
    let count = shop.desk.read_mail().await;
    shop.desk.settle().await;
    shop.desk.send_mail().await;
    count
}

async fn why_refused(shop: &Shop<'_>) -> Vec<String> {
    let key = shop.key(&["audit:read"]).await;
    let log = shop.desk.get_as(&key, "/api/v1/audit?action=approval.answer_refused").await.json();
    log["items"].as_array().unwrap().iter().map(|e| e["detail"]["why"].as_str().unwrap().to_owned()).collect()
}

story!(an_answer_with_ok_approves_once_and_only_from_whom_it_was_sent_to, Setup::new().mailbox(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let olga = shop.hire("olga", "admin").await;
    let (request, id) = asked(&shop).await;
    let text = last_text(desk, BOSS);
    for line in ["amount: 500", r#"order: "A-7\u202e""#] {
        assert!(text.lines().any(|l| l.trim_end() == line), "{line}: {text}");
    }
    assert!(text.contains("/approvals/apv_") && !text.contains("/a/tnt_"), "answers quote it: no link of one's own: {text}");
    assert!(text.contains("en la consola") && !text.contains("personal"), "{text}");

    // From elsewhere, by a machine, with another's word: nothing is decided and nobody is told anything.
    let (before, changed) = (desk.smtp.received().len(), id.replacen(".0.", ".1.", 1));
    for mail in [
        answer("eva@evil.example", &id, "", "ok"),
        answer(BOSS, &id, "Auto-Submitted: auto-replied\n", "ok"),
        answer(BOSS, &id, "Precedence: bulk\n", "ok"),
        answer(BOSS, &id, "Authentication-Results: mx.luna.example; dmarc=fail\n", "ok"),
        answer(BOSS, &changed, "", "ok"),
        answer(BOSS, &id, "", "ok").replace("Subject: Re:", "Subject: Fwd:"),
        answer(BOSS, &id, "From: eva@evil.example\n", "ok"),
        answer(BOSS, "<of-pedro@luna.example>", "", "ok")
            .replace("References: <of-pedro@luna.example>", &format!("References: {id}")),
        answer(BOSS, "<mal_1@luna.example>", "", "ok"),
        "\0\u{1}no mail at all".to_owned(),
        String::new(),
    ] {
        desk.imap.deliver(&mail);
    }
    assert_eq!(read(&shop).await, 11);
    assert_eq!((only(&shop).await.state, desk.smtp.received().len()), (State::Pending, before));
    assert_eq!(why_refused(&shop).await, ["address", "forged", "address"]);

    desk.service.then(Act::json(201, &json!({ "ok": true })));
    desk.openai.say("Tu reembolso fue pagado.");
    desk.imap.deliver(&answer(BOSS, &id, "", "Ok, gracias"));
    // What cannot be read now is read later.
    for fault in [MailboxFault::HangUp, MailboxFault::Refuse] {
        desk.imap.fail(Some(fault));
        assert_eq!(read(&shop).await, 0);
    }
    desk.imap.fail(None);
    assert_eq!(read(&shop).await, 1);
    let done = only(&shop).await;
    assert_eq!((done.state, done.decided_by.as_str()), (State::Executed, olga.as_str()));
    assert!(last_text(desk, BOSS).starts_with("Autorizado: "), "{}", last_text(desk, BOSS));
    assert_eq!(desk.service.seen().len(), 1);

    for text in ["ok", "No"] {
        desk.imap.deliver(&answer(BOSS, &last_id(desk, BOSS), "", text));
        assert_eq!(read(&shop).await, 1);
        assert!(last_text(desk, BOSS).starts_with("Ya estaba decidido: se autorizó, por olga"), "{}", last_text(desk, BOSS));
    }
    assert_eq!(desk.service.seen().len(), 1, "once");
    assert_eq!(audited(&shop, "approval.").await.iter().filter(|a| *a == "approval.approved").count(), 1);
    assert_eq!(only(&shop).await.id, request.id);
    assert_eq!((desk.imap.violations(), desk.smtp.violations()), (vec![], vec![]));
});

story!(a_no_brings_its_reason_and_what_is_neither_is_asked_again_three_times, Setup::new().mailbox(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.hire("olga", "admin").await;
    let (_, mut id) = asked(&shop).await;
    let mut told = desk.smtp.received().len();
    for (nth, text) in ["Ok pero solo la mitad", "ok\nwenn er zahlt", "No objections", "¿?", ""].into_iter().enumerate() {
        desk.imap.deliver(&answer(BOSS, &id, "", text));
        assert_eq!(read(&shop).await, 1);
        let now = desk.smtp.received().len();
        assert_eq!((now - told, only(&shop).await.state), (usize::from(nth < 3), State::Pending), "{text}");
        (told, id) = (now, last_id(desk, BOSS));
    }
    assert!(last_text(desk, BOSS).starts_with("No entendí."), "{}", last_text(desk, BOSS));
    desk.openai.say("No fue posible.");
    // A sign that no database takes is left out.
    desk.imap.deliver(&answer(BOSS, &id, "", "No.\nYa se le\0 devolvió en octubre."));
    read(&shop).await;
    let done = only(&shop).await;
    assert_eq!((done.state, done.note.as_deref()), (State::Rejected, Some("No.\nYa se le devolvió en octubre.")));
    assert!(desk.service.seen().is_empty());
});

story!(an_answer_counts_for_what_its_mail_shows_and_while_its_writer_may_decide, Setup::new().mailbox(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let olga = shop.hire("olga", "admin").await;
    let (request, id) = asked(&shop).await;
    let key = shop.key(&["*"]).await;
    let path = format!("/api/v1/approvals/{}/edit", request.id);
    let edited = desk.post_as(&key, &path, &json!({ "arguments": { "amount": 300, "order": "A-7" } })).await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    desk.imap.deliver(&answer(BOSS, &id, "", "ok"));
    read(&shop).await;
    assert!(last_text(desk, BOSS).contains("cambió"), "{}", last_text(desk, BOSS));
    // An "ok" to that is still about the values that were shown.
    desk.imap.deliver(&answer(BOSS, &last_id(desk, BOSS), "", "ok"));
    read(&shop).await;
    assert_eq!(only(&shop).await.state, State::Pending);
    let newer = desk.smtp.received().into_iter().filter(|m| m.to == BOSS && m.plain().contains("amount: 300")).count();
    assert_eq!(newer, 1, "what it is now has a mail of its own");
    let demoted = desk.patch_as(&key, &format!("/api/v1/members/{olga}"), &json!({ "role": "staff" })).await;
    assert_eq!(demoted.status, 200, "{}", demoted.text);
    desk.imap.deliver(&answer(BOSS, &id, "", "no"));
    read(&shop).await;
    assert_eq!(why_refused(&shop).await, ["permission", "changed", "changed"]);
    assert_eq!(desk.delete_as(&key, &format!("/api/v1/members/{olga}")).await.status, 204);
    let before = desk.smtp.received().len();
    desk.imap.deliver(&answer(BOSS, &id, "", "no"));
    read(&shop).await;
    assert_eq!((desk.smtp.received().len(), only(&shop).await.state), (before, State::Pending), "who is gone is told nothing");
    decide(&shop, &request.id, "reject", json!({})).await;
    desk.expect_leftovers();
});

story!(a_question_is_answered_with_what_stands_above_the_quoted_text, Setup::new().mailbox(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.hire("olga", "admin").await;
    desk.read_mail().await;
    asks_first(&shop, "schedule_appointment", "consultation").await;
    crate::approvals::book(desk);
    desk.openai.say("Lo pregunto.");
    shop.talk(ANA, "manicure a las 10").await;
    desk.send_mail().await;
    desk.openai.say("Sí, ven a las 10.");
    desk.imap.deliver(&answer(BOSS, &last_id(desk, BOSS), "", "Sí hay lugar,\nque venga a las 10"));
    read(&shop).await;
    let done = only(&shop).await;
    assert_eq!((done.state, done.note.as_deref()), (State::Answered, Some("Sí hay lugar,\nque venga a las 10")));
    // Another mailbox under the same name: what lies in it already is left alone.
    desk.imap.renumber();
    assert_eq!(read(&shop).await, 0);
    desk.imap.deliver(&answer(BOSS, &last_id(desk, BOSS), "", "sí"));
    assert_eq!(read(&shop).await, 1);
});
