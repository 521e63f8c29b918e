//! One link for one appointment: nobody is asked twice for what is asked for, or paid, already.

use frontdesk_testkit::story;
use serde_json::json;

use crate::{
    payments::{all, connected, only, paid},
    people::ANA,
};

story!(an_appointment_is_asked_for_and_paid_once, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    shop.talk(ANA, "book:2026-11-23T10:00 service:Manicure").await;
    let ask = async || {
        desk.openai.call("payment_link", json!({"appointment": "latest"}));
        desk.openai.say("Aquí puedes pagar.");
        shop.talk(ANA, "mándame el enlace").await
    };
    let said = ask().await;
    let url = only(&shop).await.url.unwrap();
    assert!(said.contains(&url), "{said}");
    let again = ask().await;
    assert!(again.contains(&url), "the same link: {again}");
    assert_eq!((desk.stripe.sessions().len(), only(&shop).await.url), (1, Some(url)));
    paid(&shop).await;
    let said = ask().await;
    assert_eq!(desk.stripe.sessions().len(), 1, "{said}");
    let told = desk.openai.asked().pop().unwrap().to_string();
    assert!(told.contains("ya está pagado"), "{told}");
    assert_eq!(all(&shop).await.len(), 1);
    // Another appointment is another payment; and one whose link ran out is asked for anew.
    shop.talk(ANA, "book:2026-11-24T10:00 service:Manicure").await;
    ask().await;
    assert_eq!((desk.stripe.sessions().len(), all(&shop).await.len()), (2, 2));
    let session = desk.stripe.sessions().pop().unwrap();
    let over = frontdesk_testkit::fakes::Session { status: "expired", payment_status: "unpaid", ..session };
    crate::payments::deliver(desk, &desk.stripe.session_event("checkout.session.expired", &over)).await;
    ask().await;
    assert_eq!((desk.stripe.sessions().len(), all(&shop).await.len()), (3, 3));
});
