//! Who is asked on their own number, and who is not.

use frontdesk_kernel::approval::State;
use frontdesk_testkit::{
    desk::{Setup, Shop},
    fakes::Sent,
    story,
};
use serde_json::json;

use crate::{
    approvals::{asks_first, decide, only, refund_tool, requests},
    approvals_numbers::{BOSS, LEO, signed_in, with_number},
    people::{ANA, SECOND},
};

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
