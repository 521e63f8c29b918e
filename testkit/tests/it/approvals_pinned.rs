//! A yes is to one appointment: what "the last one" or "mine" means later does not matter.

use frontdesk_kernel::approval::State;
use frontdesk_testkit::{
    desk::{Shop, appointments_of},
    story,
};
use serde_json::{Value, json};

use crate::{
    approvals::{approve, asks_first, only},
    calendar::{book, named},
    people::ANA,
};

/// Ana has an appointment on Monday; the agent asks first, is told so, and the desk gives her another appointment instead.
async fn replaced_meanwhile(shop: &Shop<'_>, level: &str, call: Value) -> (String, String) {
    let (desk, key) = (shop.desk, shop.key(&["*"]).await);
    shop.talk(ANA, "book:2026-11-23T10:00 service:Manicure").await;
    asks_first(shop, "cancel_appointment", level).await;
    let first = shop.appointments().await.remove(0);
    desk.openai.call("cancel_appointment", call);
    desk.openai.say("Ya pregunto.");
    shop.talk(ANA, "cancela mi cita").await;
    let cancelled = desk.patch_as(&key, &format!("/api/v1/appointments/{}", first.id), &json!({"status": "cancelled"})).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text);
    let cut = named(shop, &key, "services", "Corte de dama").await;
    let wish = json!({"contact": first.contact, "service": cut, "starts_at": "2026-11-24T15:00:00Z"});
    let second = book(shop, &key, wish).await;
    assert_eq!(second.status, 201, "{}", second.text);
    (first.id.to_string(), second.json()["id"].as_str().unwrap().to_owned())
}

fn kept(title: &str, start: &str, status: &'static str) -> (String, String, &'static str) {
    (title.to_owned(), start.to_owned(), status)
}

story!(a_yes_of_the_team_is_to_the_appointment_that_was_meant, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (first, _) = replaced_meanwhile(&shop, "approval", json!({})).await;
    let asked = only(&shop).await;
    assert_eq!(asked.arguments["appointment"], first.as_str());
    assert!(asked.question.contains("Manicure") && asked.question.contains("10:00"), "{}", asked.question);
    assert!(!asked.question.contains("apt_"), "{}", asked.question);
    approve(&shop).await;
    desk.openai.say("No se pudo cancelar.");
    desk.settle().await;
    assert_eq!(
        appointments_of(&shop.appointments().await),
        [kept("Manicure", "2026-11-23T10:00", "cancelled"), kept("Corte de dama", "2026-11-24T10:00", "confirmed")]
    );
    assert_eq!(only(&shop).await.state, State::Failed);
});

story!(a_yes_of_the_customer_is_to_the_appointment_that_was_meant, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (first, _) = replaced_meanwhile(&shop, "suggestion", json!({"appointment": "latest"})).await;
    let asked = only(&shop).await;
    assert_eq!(asked.arguments["appointment"], first.as_str());
    assert!(shop.replies(ANA).iter().any(|said| said.contains("Manicure") && said.contains("10:00")), "{:?}", shop.replies(ANA));
    desk.openai.say("No se pudo cancelar.");
    shop.talk(ANA, "sí").await;
    assert_eq!(appointments_of(&shop.appointments().await)[1], kept("Corte de dama", "2026-11-24T10:00", "confirmed"));
});

story!(what_means_no_appointment_is_asked_of_nobody, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.talk(ANA, "hola").await;
    asks_first(&shop, "cancel_appointment", "approval").await;
    desk.openai.call("cancel_appointment", json!({}));
    desk.openai.say("No tienes citas.");
    assert_eq!(shop.talk(ANA, "cancela mi cita").await, "No tienes citas.");
    assert!(crate::approvals::requests(&shop).await.is_empty());
    let told = desk.openai.asked().pop().unwrap().to_string();
    assert!(told.contains("No tienes citas próximas."), "{told}");
});
