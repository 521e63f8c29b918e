//! Agents that are tried: a real turn of which nothing stays but its price.

use std::collections::BTreeMap;

use frontdesk_kernel::scope::Server;
use frontdesk_store::{backup, work};
use frontdesk_testkit::{
    desk::{Answer, Shop, TestDesk},
    fakes::Reply,
    story,
};
use serde_json::{Value, json};

use crate::{
    agents::{only_agent, save},
    people::ANA,
};

/// Events of a stream, in order.
fn events(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.header("content-type").starts_with("text/event-stream"));
    answer.text.lines().filter_map(|l| l.strip_prefix("data: ")).map(|data| serde_json::from_str(data).unwrap()).collect()
}

fn of_kind<'e>(events: &'e [Value], kind: &str) -> Vec<&'e Value> {
    events.iter().filter(|e| e["kind"] == kind).collect()
}

/// Rows of every table but the ledger.
async fn rows(desk: &TestDesk) -> BTreeMap<&'static str, i64> {
    let mut rows = BTreeMap::new();
    for table in backup::tables().filter(|t| *t != "ledger" && *t != "node") {
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        let n = desk.engine.db.read(&Server, work!(tx => tx.query(&sql).one(|row| row.get::<i64>("n")).await)).await.unwrap();
        rows.insert(table, n);
    }
    rows
}

async fn ledger(shop: &Shop<'_>) -> i64 {
    let sql = "SELECT COUNT(*) AS n FROM ledger WHERE tenant = $1 AND turn LIKE 'try_%'";
    let scope = shop.scope.clone();
    let read = shop
        .desk
        .engine
        .db
        .read(&shop.scope, work!(tx => tx.query(sql).bind(scope.tenant()).one(|row| row.get::<i64>("n")).await));
    read.await.unwrap()
}

story!(the_playground_does_everything_and_leaves_nothing_but_its_price, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let id = only_agent(desk, &key).await;
    shop.talk(ANA, "hola").await;
    let contact = shop.contact(ANA).await.unwrap();
    let path = format!("/api/v1/agents/{id}/playground");
    // Only now there is everything that the key's use leaves behind.
    desk.get_as(&key, &format!("/api/v1/agents/{id}")).await;
    let before = rows(desk).await;

    desk.openai.reply(Reply::call(
        "schedule_appointment",
        json!({ "start": "2026-11-23T10:00", "service": "Manicure", "customer_name": "Ana" }),
    ));
    desk.openai.reply(Reply::call("my_appointments", json!({})));
    desk.openai.reply(Reply::text("Tu cita de manicure quedó agendada para mañana."));
    let said = json!([{ "by": "customer", "text": "quiero manicure mañana a las 10" }]);
    let told = events(&desk.post_as(&key, &path, &json!({ "said": said, "contact": contact })).await);
    assert!(of_kind(&told, "prompt")[0]["text"].as_str().unwrap().starts_with("Eres Sofía"));
    let tools = of_kind(&told, "tools");
    let (booked, listed) = (&tools[0]["results"][0], &tools[1]["results"][0]);
    assert_eq!((&booked["receipt"], &booked["only_tried"]), (&json!("booked"), &json!(true)), "{booked}");
    assert!(listed["content"].as_str().unwrap().contains("Manicure"), "what was booked is there for the next tool: {listed}");
    assert_eq!(listed["only_tried"], false);
    let answer = of_kind(&told, "answer")[0];
    assert_eq!((&answer["by_model"], &answer["receipts"], &answer["model_calls"]), (&json!(true), &json!(["booked"]), &json!(3)));
    assert_eq!(answer["text"], "Tu cita de manicure quedó agendada para mañana.");
    let written: String = of_kind(&told, "text").iter().map(|e| e["delta"].as_str().unwrap()).collect();
    assert_eq!(written, "Tu cita de manicure quedó agendada para mañana.", "it streams");
    assert_eq!(rows(desk).await, before);
    assert_eq!(ledger(&shop).await, 3, "its model calls are paid for");

    // Going on: the appointment of before can be cancelled, a person called, the contact's data changed.
    let call = &of_kind(&told, "model")[0]["calls"][0];
    let said =
        json!([said[0], { "by": "agent", "text": answer["text"], "calls": [call] }, { "by": "customer", "text": "mejor no" }]);
    let appointment = booked["data"]["appointment"]["id"].as_str().unwrap();
    desk.openai.reply(
        Reply::call("cancel_appointment", json!({ "appointment": appointment }))
            .and_call("update_contact", json!({ "email": "ana@example.com" }))
            .and_call("handoff_to_human", json!({ "reason": "she asked" })),
    );
    desk.openai.reply(Reply::text("Listo, tu cita fue cancelada. Ya le avisé a una persona."));
    let told = events(&desk.post_as(&key, &path, &json!({ "said": said, "contact": contact })).await);
    let results = of_kind(&told, "tools")[0]["results"].as_array().unwrap();
    let kinds: Vec<_> = results.iter().map(|r| (r["receipt"].as_str().unwrap(), r["only_tried"].as_bool().unwrap())).collect();
    assert_eq!(kinds, [("cancelled", true), ("contact_updated", true), ("handed_over", true)]);
    assert_eq!(rows(desk).await, before);

    // A claim that nothing proves is held back, as in a real turn; a stand-in for the customer will do.
    desk.openai.reply(Reply::text("Tu cita quedó agendada."));
    desk.openai.reply(Reply::text("Tu cita quedó agendada, de verdad."));
    let told = events(
        &desk.post_as(&key, &path, &json!({ "said": [{ "by": "customer", "text": "¿y?" }], "customer_name": "Luz" })).await,
    );
    assert_eq!(of_kind(&told, "correction").len(), 1);
    let answer = of_kind(&told, "answer")[0];
    assert_eq!((&answer["by_model"], &answer["gave_up"]), (&json!(false), &json!("unbacked_claim")));
    desk.openai.reply(Reply::call("update_contact", json!({ "name": "Luz Marina" })));
    desk.openai.reply(Reply::text("Hola, Luz."));
    let told = events(&desk.post_as(&key, &path, &json!({ "said": [{ "by": "customer", "text": "soy Luz" }] })).await);
    assert_eq!(of_kind(&told, "tools")[0]["results"][0]["receipt"], "contact_updated");
    assert_eq!(rows(desk).await, before);
    assert_eq!(shop.sent(ANA).len(), 1, "nothing was sent but the greeting of before");
});

story!(a_draft_and_a_version_are_tried_at_a_chosen_time, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["agent:*"]).await;
    let id = only_agent(desk, &key).await;
    let path = format!("/api/v1/agents/{id}/playground");
    let said = json!([{ "by": "customer", "text": "hola" }]);
    assert_eq!(save(desk, &key, &id, "Borrador.", None).await.status, 200);
    for (body, opening) in [
        (json!({ "said": said }), "Borrador."),
        (json!({ "said": said, "version": 1 }), "Eres Sofía"),
        (
            json!({ "said": said, "spec": { "prompt": "Sin guardar.", "models": [{ "vendor": "openai", "model": "gpt-4o-mini" }] } }),
            "Sin guardar.",
        ),
    ] {
        let told = events(&desk.post_as(&key, &path, &body).await);
        assert!(of_kind(&told, "prompt")[0]["text"].as_str().unwrap().starts_with(opening), "{body}");
        assert!(of_kind(&told, "answer")[0]["text"].as_str().unwrap().contains("hola"), "{told:?}");
    }
    let late = json!({ "said": said, "now": "2030-01-02T15:04:00Z", "customer_name": "Luz", "channel": "whatsapp" });
    let told = events(&desk.post_as(&key, &path, &late).await);
    let prompt = of_kind(&told, "prompt")[0]["text"].as_str().unwrap();
    assert!(prompt.contains("NOW: 2030-01-02T10:04") && prompt.contains("CONTACT: Luz"), "{prompt}");

    let agent = json!({ "by": "agent", "text": "x", "calls": [{ "id": "1", "name": "x", "arguments": [] }] });
    for (body, status) in [
        (json!({ "said": [] }), 422),
        (json!({ "said": [{ "by": "agent", "text": "x" }] }), 422),
        (json!({ "said": [{ "by": "customer", "text": " " }] }), 422),
        (json!({ "said": [{ "by": "system", "text": "x" }] }), 422),
        (json!({ "said": [agent, said[0]] }), 422),
        (json!({ "said": [{ "by": "customer", "text": "x".repeat(8001) }] }), 422),
        (json!({ "said": vec![said[0].clone(); 201] }), 422),
        (json!({ "said": said, "version": 9 }), 404),
        (json!({ "said": said, "contact": "con_nobody" }), 403),
        (json!({ "said": said, "channel": "pigeon" }), 422),
        (json!({ "said": said, "spec": { "prompt": "{{ x" } }), 422),
        (json!({ "said": said, "spec": {}, "version": 1 }), 422),
    ] {
        let refused = desk.post_as(&key, &path, &body).await;
        assert_eq!(refused.status, status, "{}", refused.text);
    }
});
