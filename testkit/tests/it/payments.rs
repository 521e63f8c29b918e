//! Payments: a link from the agent, what the vendor reports, money given back.

use frontdesk_kernel::{ids::PaymentId, language::Line, payment::Payment};
use frontdesk_store::{payments, work};
use frontdesk_testkit::{
    desk::{Answer, Shop, TestDesk},
    fakes::{FakeStripe, STRIPE_KEY, STRIPE_SECRET, Session, StripeFault},
    story,
};
use serde_json::{Value, json};

use crate::{
    approvals,
    people::{ANA, LUZ, text},
};

/// The business takes payments; its API key.
pub(crate) async fn connected(shop: &Shop<'_>, change: impl FnOnce(&mut Value)) -> String {
    let key = shop.key(&["*"]).await;
    let mut body = json!({"vendor": "stripe", "secret_key": STRIPE_KEY, "webhook_secrets": [STRIPE_SECRET]});
    change(&mut body);
    let set = shop.desk.json_as(&key, "PUT", "/api/v1/settings/payments", &body).await;
    assert_eq!(set.status, 200, "{}", set.text);
    assert!(!set.text.contains(STRIPE_KEY) && !set.text.contains(STRIPE_SECRET));
    key
}

/// The agent makes a link for a manicure.
pub(crate) async fn linked(shop: &Shop<'_>, who: &str) -> String {
    shop.desk.openai.call("payment_link", json!({"service": "Manicure"}));
    shop.desk.openai.say("Aquí puedes pagar.");
    shop.talk(who, "quiero pagar").await
}

async fn deliver_to(desk: &TestDesk, path: &str, event: &Value, secrets: &[&str], seconds: i64) -> Answer {
    let body = event.to_string();
    let signature = FakeStripe::sign(body.as_bytes(), secrets, seconds);
    desk.post_raw(path, &[("stripe-signature", &signature)], body).await
}

pub(crate) async fn deliver(desk: &TestDesk, event: &Value) -> Answer {
    let told = deliver_to(desk, "/webhooks/stripe", event, &[STRIPE_SECRET], desk.now().0 / 1000).await;
    desk.settle().await;
    told
}

/// The latest link is paid, and the vendor says so.
pub(crate) async fn paid(shop: &Shop<'_>) -> Session {
    let session = shop.desk.stripe.pay();
    let told = deliver(shop.desk, &shop.desk.stripe.session_event("checkout.session.completed", &session)).await;
    assert_eq!(told.status, 200, "{}", told.text);
    session
}

pub(crate) async fn all(shop: &Shop<'_>) -> Vec<Payment> {
    let s = shop.scope.clone();
    let filter = payments::Filter::default();
    shop.desk.engine.db.read(&shop.scope, work!(tx => payments::list(tx, &s, &filter, None, 50).await)).await.unwrap()
}

pub(crate) async fn only(shop: &Shop<'_>) -> Payment {
    let mut all = all(shop).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Reports that speak of no payment of this business.
async fn strays(shop: &Shop<'_>) -> usize {
    let s = shop.scope.clone();
    shop.desk.engine.db.read(&shop.scope, work!(tx => payments::reports(tx, &s, None, 50).await)).await.unwrap().len()
}

pub(crate) async fn refund(desk: &TestDesk, key: &str, id: &PaymentId, minor: Option<i64>) -> Answer {
    let mut body = json!({"reason": "she was ill"});
    if let Some(minor) = minor {
        body["minor"] = minor.into();
    }
    desk.post_as(key, &format!("/api/v1/payments/{id}/refund"), &body).await
}

fn receipts(shop: &Shop<'_>, who: &str) -> usize {
    shop.replies(who).iter().filter(|r| r.contains("Recibimos tu pago")).count()
}

story!(a_link_is_paid_once_however_often_and_in_whatever_order_it_is_reported, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = connected(&shop, |_| {}).await;
    let said = linked(&shop, ANA).await;
    let url = only(&shop).await.url.unwrap();
    assert!(said.contains(&url), "the customer gets the link although the model forgot it: {said}");
    let session = desk.stripe.sessions().remove(0);
    assert_eq!((session.amount, session.currency.as_str(), session.name.as_str()), (2_500_000, "cop", "Manicure"));
    let listed = desk.get_as(&key, "/api/v1/payments?state=open").await.json();
    assert_eq!(
        (listed["items"][0]["state"].as_str(), listed["items"][0]["amount"]["minor"].as_i64()),
        (Some("open"), Some(2_500_000))
    );

    let session = desk.stripe.pay();
    let completed = desk.stripe.session_event("checkout.session.completed", &session);
    let expired = desk
        .stripe
        .session_event("checkout.session.expired", &Session { status: "expired", payment_status: "unpaid", ..session.clone() });
    for (event, duplicate) in [
        (desk.stripe.intent_event(&session), false),
        (completed.clone(), false),
        (completed.clone(), true),
        (expired, false),
        (desk.stripe.session_event("checkout.session.async_payment_succeeded", &session), false),
        (completed, true),
    ] {
        let told = deliver(desk, &event).await;
        assert_eq!((told.status, told.json()["duplicate"] == true), (200, duplicate), "{}: {}", event["type"], told.text);
    }
    let payment = only(&shop).await;
    assert_eq!((payment.state.as_str(), payment.vendor_payment.as_deref()), ("paid", Some(session.intent.as_str())));
    assert_eq!(receipts(&shop, ANA), 1, "{:?}", shop.replies(ANA));
    let shown = desk.get_as(&key, &format!("/api/v1/payments/{}", payment.id)).await.json();
    assert_eq!(
        (shown["state"].as_str(), shown["refundable_minor"].as_i64(), &shown["url"]),
        (Some("paid"), Some(2_500_000), &Value::Null)
    );
});

story!(a_payment_may_be_claimed_only_when_it_came_in, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    let ask = async || {
        desk.openai.call("my_payments", json!({}));
        desk.openai.say("Tu pago fue recibido.");
        desk.openai.say("Tu pago fue recibido.");
        shop.talk(ANA, "¿ya quedó?").await
    };
    assert_eq!(ask().await, text(Line::BeingConfirmed));
    paid(&shop).await;
    desk.openai.call("my_payments", json!({}));
    desk.openai.say("Tu pago fue recibido.");
    assert_eq!(shop.talk(ANA, "¿y ahora?").await, "Tu pago fue recibido.");
    // What Ana paid proves nothing to Luz.
    desk.openai.call("my_payments", json!({}));
    desk.openai.say("Tu pago fue recibido.");
    desk.openai.say("Tu pago fue recibido.");
    assert_eq!(shop.talk(LUZ, "¿ya quedó?").await, text(Line::BeingConfirmed));
});

story!(a_lost_answer_is_asked_for_again_under_the_same_key, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    for fault in [StripeFault::LoseAnswer, StripeFault::AppliedThen500, StripeFault::Refuse(429)] {
        let (links, asked) = (desk.stripe.sessions().len(), desk.stripe.requests().len());
        desk.stripe.faults().push(fault.clone());
        let said = linked(&shop, ANA).await;
        assert_eq!(desk.stripe.sessions().len(), links + 1, "{fault:?}");
        let keys: Vec<_> =
            desk.stripe.requests().split_off(asked).iter().map(|r| r.header("idempotency-key").unwrap().to_owned()).collect();
        assert!(keys.len() == 2 && keys[0] == keys[1], "{fault:?}: {keys:?}");
        assert!(said.contains("https://checkout.stripe.com/"), "{said}");
    }
    assert_eq!(all(&shop).await.len(), 3);
    // A vendor that refuses, and one that is down: no link, nothing is charged, the turn goes on.
    for (fault, times) in [(StripeFault::Refuse(402), 1), (StripeFault::Refuse(500), 2)] {
        desk.stripe.faults().push_times(times, fault);
        desk.openai.call("payment_link", json!({"service": "Manicure"}));
        assert!(shop.talk(ANA, "quiero pagar").await.contains("no se cobró nada"));
    }
    let states: Vec<_> = all(&shop).await.iter().map(|p| p.state.as_str()).collect();
    assert_eq!(states, ["failed", "failed", "open", "open", "open"]);
});

story!(the_amount_is_the_price_unless_the_business_allows_others, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let asked = async |arguments: Value| {
        desk.openai.call("payment_link", arguments);
        // The same words again and again would be taken for a machine's.
        shop.talk(ANA, &format!("quiero pagar {}", desk.number())).await
    };
    assert!(asked(json!({"service": "Manicure"})).await.contains("There is no tool"), "not connected");
    connected(&shop, |_| {}).await;
    for (arguments, word) in [
        (json!({"service": "Manicure", "amount_minor": 100}), "Solo puedo cobrar el precio"),
        (json!({"amount_minor": 100}), "Di por cuál cita"),
        (json!({}), "Di por cuál cita"),
        (json!({"service": "Depilación"}), "No tenemos ese servicio"),
        (json!({"appointment": "latest"}), "No tienes citas"),
        (json!({"service": "Manicure", "amount_minor": -5}), "not valid"),
        (json!({"service": "Manicure", "contact": "con_1"}), "not valid"),
    ] {
        let said = asked(arguments.clone()).await;
        assert!(said.contains(word), "{arguments}: {said}");
    }
    assert!(desk.stripe.sessions().is_empty() && all(&shop).await.is_empty());
    shop.change_tenant(|t| t.currency = "JPY".into()).await;
    connected(&shop, |b| {
        b["any_amount"] = true.into();
        b["most_minor"] = 1000.into();
    })
    .await;
    assert!(asked(json!({"amount_minor": 1001, "description": "propina"})).await.contains("mayor"));
    assert!(asked(json!({"amount_minor": 900, "description": "propina"})).await.contains("$900 JPY"));
    let session = desk.stripe.sessions().remove(0);
    assert_eq!(
        (session.amount, session.currency.as_str(), session.name.as_str()),
        (900, "jpy", "propina"),
        "no digits after the point"
    );
});

story!(a_rule_about_amounts_sees_the_price_that_a_call_does_not_name, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    let over =
        |minor: i64| json!([{ "action": "payment_link", "level": "off", "when": [{ "kind": "amount_over", "minor": minor }] }]);
    approvals::rules(&shop, over(2_499_999)).await;
    linked(&shop, ANA).await;
    assert!(desk.stripe.sessions().is_empty() && all(&shop).await.is_empty(), "a manicure costs more than that");
    approvals::rules(&shop, over(2_500_000)).await;
    linked(&shop, ANA).await;
    assert_eq!(desk.stripe.sessions().len(), 1);
    linked(&shop, ANA).await;
    assert_eq!(desk.stripe.sessions().len(), 1, "the second one of the day comes to more");

    // Neither does a refund of all that is left.
    paid(&shop).await;
    let payment = only(&shop).await;
    approvals::rules(
        &shop,
        json!([{ "action": "refund_payment", "level": "off", "when": [{ "kind": "amount_over", "minor": 2_499_999 }] }]),
    )
    .await;
    for (arguments, waits) in [(json!({}), 0), (json!({"amount_minor": 2_499_999}), 1)] {
        let mut arguments = arguments;
        (arguments["payment"], arguments["reason"]) = (payment.id.as_str().into(), "she was ill".into());
        desk.openai.call("refund_payment", arguments);
        desk.openai.say("Lo miro con el equipo.");
        shop.talk(ANA, &format!("quiero mi dinero {}", desk.number())).await;
        assert_eq!(approvals::requests(&shop).await.len(), waits);
    }
});

story!(a_report_is_believed_only_with_a_fresh_signature_of_ours, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    let session = desk.stripe.pay();
    let event = desk.stripe.session_event("checkout.session.completed", &session);
    let (now, body) = (desk.now().0 / 1000, event.to_string());
    let signed = |secret: &str, at: i64| FakeStripe::sign(body.as_bytes(), &[secret], at);
    let tampered = body.replace("2500000", "1");
    for (header, body) in [
        (None, &body),
        (Some("t=1,v1=00".to_owned()), &body),
        (Some("rubbish".to_owned()), &body),
        (Some(signed("whsec_of_another", now)), &body),
        (Some(signed("", now)), &body),
        (Some(signed(STRIPE_SECRET, now - 301)), &body),
        (Some(signed(STRIPE_SECRET, now + 301)), &body),
        (Some(signed(STRIPE_SECRET, now)), &tampered),
    ] {
        let headers: Vec<(&str, &str)> = header.iter().map(|h| ("stripe-signature", h.as_str())).collect();
        let told = desk.post_raw("/webhooks/stripe", &headers, body.as_str()).await;
        assert_eq!(told.status, 400, "{header:?}: {}", told.text);
    }
    let tenant = shop.scope.tenant().to_string();
    for (path, status) in [("tnt_nobody", 400), ("rubbish", 404)] {
        let told = deliver_to(desk, &format!("/webhooks/stripe/{path}"), &event, &[STRIPE_SECRET], now).await;
        assert_eq!(told.status, status, "{path}: {}", told.text);
    }
    for bad in ["", "[]", r#"{"object":"event"}"#] {
        let signature = FakeStripe::sign(bad.as_bytes(), &[STRIPE_SECRET], now);
        assert_eq!(desk.post_raw("/webhooks/stripe", &[("stripe-signature", &signature)], bad).await.status, 400, "{bad}");
    }
    assert_eq!((only(&shop).await.state.as_str(), strays(&shop).await), ("open", 0), "nothing was believed or kept");

    // While the secret is replaced both are good, also at the business's own address.
    connected(&shop, |b| b["webhook_secrets"] = json!(["whsec_new_one", STRIPE_SECRET])).await;
    let told = deliver_to(desk, &format!("/webhooks/stripe/{tenant}"), &event, &["whsec_new_one", "whsec_x"], now).await;
    assert_eq!((told.status, only(&shop).await.state.as_str()), (200, "paid"), "{}", told.text);
    desk.settle().await;
});

story!(what_speaks_of_nothing_of_ours_is_kept_and_not_believed, |desk| async {
    let luna = desk.business("Luna").openai().open().await;
    let sol = desk.business("Sol").openai().open().await;
    connected(&luna, |_| {}).await;
    connected(&sol, |b| b["webhook_secrets"] = json!(["whsec_of_sol"])).await;
    linked(&luna, ANA).await;
    let session = desk.stripe.pay();
    let completed = |session: &Session| desk.stripe.session_event("checkout.session.completed", session);
    let now = desk.now().0 / 1000;
    // Sol's secret says that Luna's payment came in.
    let told = deliver_to(desk, "/webhooks/stripe", &completed(&session), &["whsec_of_sol"], now).await;
    assert_eq!((told.status, strays(&sol).await, only(&luna).await.state.as_str()), (200, 1, "open"));
    // An account that is connected to Luna's.
    let mut event = completed(&session);
    event["account"] = "acct_of_somebody".into();
    assert_eq!(deliver(desk, &event).await.status, 200);
    // Something that Luna sells elsewhere, and an event of another kind.
    let elsewhere = Session {
        id: "cs_x".into(),
        intent: "pi_x".into(),
        reference: "order 7".into(),
        metadata: Default::default(),
        ..session.clone()
    };
    assert_eq!(deliver(desk, &completed(&elsewhere)).await.status, 200);
    let mut other = completed(&elsewhere);
    (other["type"], other["data"]["object"]) = ("customer.created".into(), json!({"object": "customer", "id": "cus_1"}));
    assert_eq!(deliver(desk, &other).await.status, 200);
    assert_eq!((strays(&luna).await, only(&luna).await.state.as_str()), (3, "open"));
    // Less than was asked for.
    assert_eq!(deliver(desk, &completed(&Session { amount: 1, ..session.clone() })).await.status, 200);
    assert_eq!((only(&luna).await.state.as_str(), luna.tasks().await), ("open", vec!["odd_payment".to_owned()]));
    assert_eq!(receipts(&luna, ANA), 0);
    assert_eq!(deliver(desk, &completed(&session)).await.status, 200);
    assert_eq!((only(&luna).await.state.as_str(), receipts(&luna, ANA)), ("paid", 1));
});

story!(a_link_that_ends_unpaid_is_over_until_money_comes_in, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    let open = desk.stripe.sessions().remove(0);
    let awaited = Session { status: "complete", ..open.clone() };
    deliver(desk, &desk.stripe.session_event("checkout.session.completed", &awaited)).await;
    assert_eq!(only(&shop).await.state.as_str(), "open", "the payer is done, the money is not there");
    deliver(desk, &desk.stripe.session_event("checkout.session.async_payment_failed", &awaited)).await;
    assert_eq!(only(&shop).await.state.as_str(), "failed");
    deliver(desk, &desk.stripe.session_event("checkout.session.expired", &Session { status: "expired", ..open })).await;
    assert_eq!((only(&shop).await.state.as_str(), receipts(&shop, ANA)), ("failed", 0));
    paid(&shop).await;
    assert_eq!((only(&shop).await.state.as_str(), receipts(&shop, ANA)), ("paid", 1));
});

story!(the_keys_of_a_payment_vendor_are_tried_sealed_and_never_shown, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let path = "/api/v1/settings/payments";
    assert_eq!(desk.get_as(&key, path).await.json()["connected"], false);
    let good = json!({"vendor": "stripe", "secret_key": STRIPE_KEY, "webhook_secrets": [STRIPE_SECRET]});
    let with = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        body
    };
    for (body, member) in [
        (json!({"vendor": "stripe"}), "secret_key"),
        (json!({"vendor": "stripe", "secret_key": STRIPE_KEY}), "webhook_secrets"),
        (with("vendor", "piggybank".into()), "vendor"),
        // The demo's own, with which no money moves.
        (with("vendor", "mock".into()), "vendor"),
        (with("secret_key", "sk_test_wrong".into()), "secret_key"),
        (with("secret_key", "sk test".into()), "secret_key"),
        (with("webhook_secrets", json!([])), "webhook_secrets"),
        (with("webhook_secrets", json!(["x"])), "webhook_secrets[0]"),
        (with("most_minor", json!(0)), "most_minor"),
        (with("return_url", "http://luna.example".into()), "return_url"),
        (with("return_url", "https://".into()), "return_url"),
        (with("return_url", "https://a@b".into()), "return_url"),
    ] {
        let told = desk.json_as(&key, "PUT", path, &body).await;
        assert_eq!((told.status, told.json()["errors"][0]["path"].as_str()), (422, Some(member)), "{body}: {}", told.text);
    }
    for (scopes, method, status) in
        [(&["settings:read"], "PUT", 403), (&["settings:read"], "DELETE", 403), (&["contact:read"], "GET", 403)]
    {
        let weak = shop.key(scopes).await;
        assert_eq!(desk.json_as(&weak, method, path, &good).await.status, status, "{method}");
    }
    connected(&shop, |b| b["return_url"] = "https://luna.example/gracias?x=1".into()).await;
    // What is not said of the keys stays.
    let kept = desk.json_as(&key, "PUT", path, &json!({"vendor": "stripe", "any_amount": true})).await;
    let shown = kept.json();
    assert_eq!(
        (kept.status, shown["webhook_secrets"].as_i64(), shown["any_amount"].as_bool()),
        (200, Some(1), Some(true)),
        "{}",
        kept.text
    );
    linked(&shop, ANA).await;
    let id = only(&shop).await.id;
    let audit = desk.get_as(&key, "/api/v1/audit").await.text;
    assert!(audit.contains("payments.connect"));
    for text in [desk.get_as(&key, path).await.text, audit, desk.dump().await, desk.get_as(&key, "/api/v1/tools").await.text] {
        assert!(!text.contains(STRIPE_KEY) && !text.contains(STRIPE_SECRET));
    }
    paid(&shop).await;
    assert_eq!(desk.delete_as(&key, path).await.status, 204);
    assert_eq!(desk.delete_as(&key, path).await.status, 404);
    desk.openai.call("payment_link", json!({"service": "Manicure"}));
    assert!(shop.talk(ANA, "otra vez").await.contains("There is no tool"));
    let told = refund(desk, &key, &id, None).await;
    assert_eq!((told.status, told.json()["code"].as_str()), (409, Some("not_connected")));
    assert_eq!(desk.get("/paid").await.status, 200);
});
