//! What the agent sends to others than the one it talks with: mails and messages, within limits, once, paid for.

use std::time::Duration;

use frontdesk_kernel::approval::State;
use frontdesk_testkit::{
    desk::{Setup, Shop, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::{
    approvals::{approve, decide, only, rules},
    people::ANA,
    tokens::{credit, paying, top_up},
};

const LUIS: &str = "573009998877";
const CHOSEN: &[&str] = &["send_email", "send_message", "handoff_to_human"];

/// A business whose agent was given both tools and may use them alone.
async fn trusted<'d>(desk: &'d TestDesk) -> Shop<'d> {
    let chosen = Some(CHOSEN.iter().map(|name| (*name).to_owned()).collect());
    let shop = paying(desk, |_| {}).agent(|a| a.spec.tools = chosen).open().await;
    top_up(&shop, 1000).await;
    alone(&shop).await;
    shop
}

async fn alone(shop: &Shop<'_>) {
    let alone = |action: &str| json!({ "action": action, "level": "automatic" });
    rules(shop, json!([alone("send_email"), alone("send_message")])).await;
}

/// The model makes one call; what it is told.
async fn told(shop: &Shop<'_>, tool: &str, arguments: Value) -> String {
    shop.desk.openai.call(tool, arguments);
    shop.desk.openai.say("Listo.");
    shop.talk(ANA, "hazlo").await;
    let asked = shop.desk.openai.asked().pop().unwrap();
    let messages = asked["messages"].as_array().unwrap().clone();
    messages.iter().rev().find(|m| m["role"] == "tool").unwrap()["content"].as_str().unwrap().to_owned()
}

story!(a_mail_leaves_once_is_paid_for_and_hides_no_header, Setup::new().mail(), |desk| async {
    let shop = trusted(desk).await;
    let mail = json!({ "to": "Eva@Example.com", "subject": "Su cita\r\nBcc: all@example.com", "body": "Hola <b>Eva</b>\n\nHasta el lunes." });
    let told = told(&shop, "send_email", mail).await;
    assert!(told.contains("eva@example.com"), "{told}");
    desk.send_mail().await;
    desk.send_mail().await;
    let mails = desk.smtp.received();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "eva@example.com"));
    let raw = &mails[0].text;
    assert!(!raw.lines().any(|line| line.starts_with("Bcc:")), "{raw}");
    // A window of WhatsApp 10, two model calls 2, the mail 1.
    assert_eq!(credit(&shop).await, (1000 - 10 - 2 - 1, 0));
});

story!(a_mail_without_an_address_or_a_server_is_refused_in_words, |desk| async {
    let shop = trusted(desk).await;
    let told = told(&shop, "send_email", json!({ "to": "eva@example.com", "subject": "x", "body": "y" })).await;
    assert!(told.contains("SMTP_URL"), "{told}");
});

story!(who_has_no_address_is_asked_for_it, Setup::new().mail(), |desk| async {
    let shop = trusted(desk).await;
    for (to, said) in [(None, "pregúntaselo"), (Some("no es"), "no es una dirección")] {
        let mut mail = json!({ "subject": "x", "body": "y" });
        if let Some(to) = to {
            mail["to"] = to.into();
        }
        let told = told(&shop, "send_email", mail).await;
        assert!(told.contains(said), "{told}");
    }
    desk.send_mail().await;
    assert!(desk.smtp.received().is_empty());
    assert_eq!(credit(&shop).await.0, 1000 - 10 - 4, "what was refused costs nothing");
});

story!(without_a_rule_somebody_says_yes_first, Setup::new().mail(), |desk| async {
    let shop = trusted(desk).await;
    rules(&shop, json!([])).await;
    told(&shop, "send_email", json!({ "to": "eva@example.com", "subject": "x", "body": "y" })).await;
    desk.send_mail().await;
    let mails = desk.smtp.received().into_iter().filter(|m| m.to == "eva@example.com").count();
    assert_eq!(mails, 0);
    desk.openai.say("El correo salió.");
    approve(&shop).await;
    desk.settle().await;
    desk.send_mail().await;
    let mails = desk.smtp.received().into_iter().filter(|m| m.to == "eva@example.com").count();
    assert_eq!(mails, 1);
});

story!(an_address_that_was_only_told_is_somebody_elses_until_the_team_enters_it, Setup::new().mail(), |desk| async {
    let chosen = ["send_email", "update_contact"].map(str::to_owned).to_vec();
    let shop = desk.business("Luna").openai().agent(|a| a.spec.tools = Some(chosen)).open().await;
    let others = json!({ "action": "send_email", "level": "approval", "when": [{ "kind": "other_recipient" }] });
    rules(&shop, json!([others, { "action": "send_email", "level": "automatic" }])).await;
    let to_eva = async || {
        desk.send_mail().await;
        desk.smtp.received().into_iter().filter(|m| m.to == "eva@example.com").count()
    };
    told(&shop, "update_contact", json!({ "email": "Eva@example.com" })).await;
    let unsaid = json!({ "subject": "Su cita", "body": "Hasta el lunes." });
    let named = told(&shop, "send_email", unsaid.clone()).await;
    assert_eq!(to_eva().await, 0);
    assert!(named.contains("eva@example.com") && named.contains("`to`"), "whoever says yes must read where it goes: {named}");
    told(&shop, "send_email", json!({ "to": "eva@example.com", "subject": "Su cita", "body": "Hasta el lunes." })).await;
    assert_eq!((to_eva().await, only(&shop).await.state), (0, State::Pending));
    assert_eq!(decide(&shop, &only(&shop).await.id, "reject", json!({})).await.status, 200);
    desk.settle().await;

    let key = shop.key(&["*"]).await;
    let path = format!("/api/v1/contacts/{}/addresses", shop.contact(ANA).await.unwrap());
    let entered = desk.post_as(&key, &path, &json!({ "kind": "email", "value": "eva@example.com" })).await;
    assert_eq!(entered.status, 201, "{}", entered.text);
    told(&shop, "send_email", unsaid).await;
    assert_eq!(to_eva().await, 1);
});

story!(a_message_reaches_somebody_else_and_a_stranger_gets_a_template_only, |desk| async {
    let shop = trusted(desk).await;
    shop.talk(LUIS, "hola").await;
    let before = credit(&shop).await.0;
    let thread = shop.conversation(LUIS).await.id;
    let mut events = desk.engine.events.subscribe();
    let text = told(&shop, "send_message", json!({ "to": format!("+{LUIS}"), "text": "Ana llega tarde." })).await;
    assert!(text.contains(LUIS), "{text}");
    let told_watchers = std::iter::from_fn(|| events.try_recv().ok())
        .any(|(_, event)| event.kind == "message.created" && event.conversation.as_ref() == Some(&thread));
    assert!(told_watchers, "whoever looks at the other thread sees it at once");
    desk.settle().await;
    assert_eq!(shop.replies(LUIS).last().map(String::as_str), Some("Ana llega tarde."));
    assert_eq!(shop.replies(ANA).last().map(String::as_str), Some("Listo."));
    // Two model calls, and Ana's window: Second's is open and paid for.
    assert_eq!(credit(&shop).await, (before - 10 - 2, 0));

    let stranger = "4915112345678";
    let refused = told(&shop, "send_message", json!({ "to": stranger, "text": "Hallo" })).await;
    assert!(refused.contains("plantilla"), "{refused}");
    let template = json!({ "name": "appointment_reminder", "language": "en", "values": ["Ana", "Monday"] });
    told(&shop, "send_message", json!({ "to": stranger, "template": template })).await;
    desk.settle().await;
    let sent = shop.sent(stranger);
    assert_eq!((sent.len(), sent[0].kind.as_str()), (1, "template"));
    assert_eq!(sent[0].body["template"]["components"][0]["parameters"][1]["text"], "Monday");

    // The window closes.
    desk.clock.advance(Duration::from_secs(25 * 3600));
    let closed = told(&shop, "send_message", json!({ "to": LUIS, "text": "¿Hola?" })).await;
    assert!(closed.contains("plantilla"), "{closed}");
    for (wrong, said) in [
        (json!({ "to": "12345", "text": "x" }), "código del país"),
        (json!({ "to": LUIS }), "Falta el texto"),
        (json!({ "to": LUIS, "text": "x", "channel": "fax" }), "No hay ese canal"),
    ] {
        let told = told(&shop, "send_message", wrong).await;
        assert!(told.contains(said), "{told}");
    }
});

story!(an_agent_for_which_nothing_was_chosen_reaches_nobody_else, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    alone(&shop).await;
    let text = told(&shop, "send_message", json!({ "to": LUIS, "text": "x" })).await;
    assert!(text.contains("no tool `send_message`"), "{text}");
    let asked = desk.openai.asked().pop().unwrap().to_string();
    assert!(!asked.contains("\"name\":\"send_email\""), "it is not even shown");
    let key = shop.key(&["*"]).await;
    let known = desk.get_as(&key, "/api/v1/actions").await.json().to_string();
    assert!(known.contains("send_email") && known.contains("send_message"), "{known}");
});
