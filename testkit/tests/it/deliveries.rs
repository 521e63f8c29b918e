//! What Meta delivers in the ordinary course of things, and what becomes of it.

use std::time::Duration;

use frontdesk_kernel::scope::Server;
use frontdesk_store::{inbound, work};
use frontdesk_testkit::{
    contracts::Contracts,
    desk::{APP_SECRET, BURST, Setup, TestDesk},
    fakes::{ModelFault, batch, inbound_text},
    story,
};
use serde_json::Value;

use crate::people::{ANA, LUZ};

async fn strays(desk: &TestDesk) -> i64 {
    desk.engine.db.read(&Server, work!(tx => inbound::count_strays(tx, &Server).await)).await.unwrap()
}

story!(a_number_that_nobody_owns_is_kept_and_not_answered, |desk| async {
    desk.business("Luna").open().await;
    let stray = inbound_text("999999999999999", ANA, "wamid.1", "hola");
    for _ in 0..2 {
        assert_eq!(desk.deliver(stray.clone(), APP_SECRET).await.status, 200);
    }
    desk.answer().await;
    assert_eq!((strays(desk).await, desk.graph.sent_count()), (1, 0));
});

story!(
    the_webhook_is_acknowledged_before_any_model_is_asked,
    Setup::new().model_patience(Duration::from_secs(5), Duration::from_secs(8)),
    |desk| async {
        let shop = desk.business("Luna").openai().open().await;
        desk.openai.faults().push(ModelFault::StallBeforeFirstToken(Duration::from_millis(400)));
        desk.openai.say("ya");
        shop.say(ANA, "hola").await;
        assert!(desk.openai.asked().is_empty());
        desk.advance(BURST);
        desk.begin().await;
        desk.until("the model is asked", || desk.openai.asked().len() == 1).await;
        let began = std::time::Instant::now();
        shop.say(LUZ, "hola").await;
        assert!(began.elapsed() < Duration::from_millis(300), "a stalled model holds up the webhook");
        assert!(shop.replies(ANA).is_empty());
        desk.answer().await;
        assert_eq!((shop.replies(ANA), shop.replies(LUZ)), (vec!["ya".to_owned()], vec!["echo: hola".to_owned()]));
    }
);

story!(every_message_of_one_delivery_is_answered, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let messages = [ANA, LUZ, ANA].into_iter().enumerate();
    let body = batch(messages.map(|(i, from)| inbound_text(&shop.account, from, &format!("wamid.{i}"), &format!("hola {i}"))));
    assert_eq!(shop.deliver(body).await.status, 200);
    desk.answer().await;
    assert_eq!(shop.replies(ANA), ["echo: hola 0\nhola 2"]);
    assert_eq!(shop.replies(LUZ), ["echo: hola 1"]);
});

story!(everything_that_meta_itself_publishes_is_taken, |desk| async {
    let Some(contracts) = Contracts::load() else { return };
    desk.business("Luna").open().await;
    let mut seen = 0;
    for folder in ["webhook-official", "webhook-pywa"] {
        let path = contracts.root().join("examples/whatsapp").join(folder);
        for file in std::fs::read_dir(path).unwrap() {
            let body = std::fs::read(file.unwrap().path()).unwrap();
            let answer = desk.deliver_bytes(body, APP_SECRET).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} examples");
    desk.answer().await;
    assert_eq!(desk.graph.sent_count(), 0, "none of these numbers is ours");
    assert!(strays(desk).await > 30);
});

story!(every_kind_of_message_that_meta_publishes_is_stored_for_its_owner, |desk| async {
    let Some(contracts) = Contracts::load() else { return };
    let shop = desk.business("Luna").tenant(|t| t.settings.contact_messages_per_hour = Some(0)).openai().open().await;
    let folder = contracts.root().join("examples/whatsapp/webhook-official");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let mut body: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let value = &mut body["entry"][0]["changes"][0]["value"];
        if value["messages"][0]["from"].is_null() {
            continue;
        }
        value["metadata"]["phone_number_id"] = shop.account.as_str().into();
        let from = value["messages"][0]["from"].as_str().unwrap().to_owned();
        assert_eq!(shop.deliver(body).await.status, 200, "{}", path.display());
        desk.answer().await;
        assert!(shop.contact(&from).await.is_some(), "{}", path.display());
        desk.advance(Duration::from_secs(60));
    }
});
