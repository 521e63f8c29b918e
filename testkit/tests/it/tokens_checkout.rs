//! Credit that is bought: paid to whoever runs the server, put in once, and only for exactly its price.

use std::time::Duration;

use frontdesk_engine::tokens::checkout::{self, Package, Sale};
use frontdesk_kernel::Secret;
use frontdesk_store::{
    tokens::entries::{self, Filter},
    work,
};
use frontdesk_testkit::{
    desk::{Answer, Setup, Shop, TestDesk},
    fakes::{FakeStripe, STRIPE_KEY, STRIPE_SECRET, Session, StripeFault},
    story,
};
use serde_json::{Value, json};

use crate::{approvals::audited, payments::connected};

const CHECKOUT: &str = "/api/v1/tokens/checkout";
/// Of the operator's own endpoint at the vendor's.
const OPERATOR_SECRET: &str = "whsec_of_the_operator";

/// 5000 tokens for 45 dollars, others for 10 dollars a thousand.
fn sold() -> Setup {
    Setup::new().with(|s| {
        s.credit_sale = Some(Sale {
            vendor: "stripe".into(),
            key: Secret::new(STRIPE_KEY),
            secrets: vec![Secret::new(OPERATOR_SECRET)],
            currency: "USD".into(),
            per_thousand: Some(1000),
            packages: vec![Package { tokens: 5000, minor: 4500 }],
        });
    })
}

async fn report(desk: &TestDesk, event: &Value, secret: &str) -> Answer {
    report_to(desk, "/webhooks/stripe", event, secret).await
}

async fn report_to(desk: &TestDesk, path: &str, event: &Value, secret: &str) -> Answer {
    let body = event.to_string();
    let signature = FakeStripe::sign(body.as_bytes(), &[secret], desk.now().0 / 1000);
    desk.post_raw(path, &[("stripe-signature", &signature)], body).await
}

async fn available(desk: &TestDesk, key: &str) -> i64 {
    desk.get_as(key, "/api/v1/tokens/balance").await.json()["available"].as_i64().unwrap()
}

async fn grants(shop: &Shop<'_>) -> Vec<i64> {
    let s = shop.scope.clone();
    let filter = Filter { kind: Some("grant".into()), ..Filter::default() };
    let found = shop.desk.engine.db.read(&shop.scope, work!(tx => entries::page(tx, &s, &filter, None, 50).await)).await;
    found.unwrap().into_iter().map(|e| e.tokens).collect()
}

async fn states(desk: &TestDesk, key: &str) -> Vec<String> {
    let shown = desk.get_as(key, CHECKOUT).await.json();
    shown["orders"].as_array().unwrap().iter().map(|o| o["state"].as_str().unwrap().to_owned()).collect()
}

story!(credit_is_bought_and_put_in_once_however_often_and_in_whatever_order_it_is_reported, sold(), |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let offer = desk.get_as(&key, CHECKOUT).await.json();
    assert_eq!(
        (&offer["available"], &offer["packages"][0]["price"], &offer["per_thousand"]["minor"]),
        (&json!(true), &json!({"minor": 4500, "currency": "USD"}), &json!(1000))
    );
    let bought = desk.post_as(&key, CHECKOUT, &json!({"tokens": 5000})).await;
    let order = bought.json();
    assert_eq!(
        (bought.status, order["state"].as_str(), &order["price"]["minor"]),
        (201, Some("open"), &json!(4500)),
        "{}",
        bought.text
    );
    assert!(order["url"].as_str().unwrap().starts_with("https://") && !bought.text.contains(STRIPE_KEY));
    let session = desk.stripe.sessions().remove(0);
    assert_eq!((session.amount, session.currency.as_str(), session.name.as_str()), (4500, "usd", "5000 tokens: Luna"));
    assert_eq!(available(desk, &key).await, 0, "nothing is put in before it is paid");

    let session = desk.stripe.pay();
    let completed = desk.stripe.session_event("checkout.session.completed", &session);
    for event in [
        desk.stripe.intent_event(&session),
        completed.clone(),
        completed.clone(),
        desk.stripe.session_event("checkout.session.async_payment_succeeded", &session),
        desk.stripe.session_event(
            "checkout.session.expired",
            &Session { status: "expired", payment_status: "unpaid", ..session.clone() },
        ),
        completed,
    ] {
        let told = report(desk, &event, OPERATOR_SECRET).await;
        assert_eq!(told.status, 200, "{}: {}", event["type"], told.text);
        assert_eq!((available(desk, &key).await, grants(&shop).await), (5000, vec![5000]), "{}", event["type"]);
    }
    assert_eq!(states(desk, &key).await, ["paid"]);
    assert_eq!(audited(&shop, "tokens.").await, ["tokens.checkout", "tokens.bought"]);

    // Any number, for its price; an answer that was lost makes no second page.
    desk.stripe.faults().push(StripeFault::LoseAnswer);
    let more = desk.post_as(&key, CHECKOUT, &json!({"tokens": 1234})).await;
    assert_eq!((more.status, &more.json()["price"]["minor"]), (201, &json!(1234)), "{}", more.text);
    assert_eq!(desk.stripe.sessions().len(), 2);
    // A page that had run out was paid all the same at the last moment.
    let late = desk.stripe.pay();
    let expired = desk
        .stripe
        .session_event("checkout.session.expired", &Session { status: "expired", payment_status: "unpaid", ..late.clone() });
    assert_eq!(report(desk, &expired, OPERATOR_SECRET).await.status, 200);
    assert_eq!(states(desk, &key).await, ["expired", "paid"]);
    assert_eq!(report(desk, &desk.stripe.session_event("checkout.session.completed", &late), OPERATOR_SECRET).await.status, 200);
    assert_eq!(grants(&shop).await, [1234, 5000]);
});

story!(credit_that_was_paid_is_put_in_although_nobody_reported_it, sold(), |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    assert_eq!(desk.post_as(&key, CHECKOUT, &json!({"tokens": 1234})).await.status, 201);
    desk.stripe.expire();
    assert_eq!(desk.post_as(&key, CHECKOUT, &json!({"tokens": 5000})).await.status, 201);
    let session = desk.stripe.pay();
    assert_eq!(checkout::catch_up(&desk.engine).await.unwrap(), 0, "a report may still come");
    desk.advance(Duration::from_secs(600));
    let (one, two) = tokio::join!(checkout::catch_up(&desk.engine), checkout::catch_up(&desk.engine));
    assert_eq!(one.unwrap() + two.unwrap(), 2);
    assert_eq!((states(desk, &key).await, grants(&shop).await), (vec!["paid".to_owned(), "expired".to_owned()], vec![5000]));
    assert_eq!(
        report(desk, &desk.stripe.session_event("checkout.session.completed", &session), OPERATOR_SECRET).await.status,
        200
    );
    desk.advance(Duration::from_secs(24 * 3600));
    assert_eq!((checkout::catch_up(&desk.engine).await.unwrap(), grants(&shop).await), (0, vec![5000]));
});

story!(what_does_not_fit_puts_nothing_in, sold(), |desk| async {
    let luna = desk.business("Luna").open().await;
    let sol = desk.business("Sol").open().await;
    let (ours, theirs) = (luna.key(&["*"]).await, connected(&sol, |_| {}).await);
    assert_eq!(desk.post_as(&ours, CHECKOUT, &json!({"tokens": 5000})).await.status, 201);
    let open = desk.stripe.sessions().remove(0);
    let session = desk.stripe.pay();
    let completed = |of: &Session| desk.stripe.session_event("checkout.session.completed", of);
    let nothing = async |why: &str| {
        assert_eq!((available(desk, &ours).await, available(desk, &theirs).await), (0, 0), "{why}");
    };
    // Not paid yet.
    let unpaid = Session { status: "complete", ..open };
    assert_eq!(report(desk, &completed(&unpaid), OPERATOR_SECRET).await.status, 200);
    nothing("unpaid").await;
    // Signed by nobody, by another business, or sent to a business's own address.
    assert_eq!(report(desk, &completed(&session), "whsec_of_nobody").await.status, 400);
    nothing("forged").await;
    assert_eq!(report(desk, &completed(&session), STRIPE_SECRET).await.status, 200);
    nothing("another business's secret").await;
    let address = format!("/webhooks/stripe/{}", sol.scope.tenant());
    assert_eq!(report_to(desk, &address, &completed(&session), OPERATOR_SECRET).await.status, 400);
    nothing("another business's address").await;
    // Another amount, another currency, another page: a person is told, once.
    for odd in [
        Session { amount: 4499, ..session.clone() },
        Session { amount: 4499, ..session.clone() },
        Session { currency: "cop".into(), ..session.clone() },
        Session { id: "cs_test_elsewhere".into(), ..session.clone() },
    ] {
        assert_eq!(report(desk, &completed(&odd), OPERATOR_SECRET).await.status, 200);
        nothing("it does not fit").await;
    }
    assert_eq!((luna.tasks().await, sol.tasks().await), (vec!["odd_payment".to_owned()], Vec::new()));
    // An order that nobody made, and what a connected account did.
    let mut unknown = completed(&session);
    for nobodys in [
        "ord_00000000000000000000000000000000".to_owned(),
        format!("{}-ord_00000000000000000000000000000000", luna.scope.tenant()),
        // Another business's name before an order of ours.
        session.reference.replace(luna.scope.tenant().as_str(), sol.scope.tenant().as_str()),
    ] {
        unknown["data"]["object"]["metadata"]["payment"] = json!(nobodys);
        assert_eq!(report(desk, &unknown, OPERATOR_SECRET).await.status, 200, "{nobodys}");
    }
    let mut of_account = completed(&session);
    of_account["account"] = json!("acct_somebody");
    assert_eq!(report(desk, &of_account, OPERATOR_SECRET).await.status, 200);
    nothing("not ours").await;
    // What was asked for counts, whatever came before.
    assert_eq!(report(desk, &completed(&session), OPERATOR_SECRET).await.status, 200);
    assert_eq!((available(desk, &ours).await, available(desk, &theirs).await), (5000, 0));
    assert_eq!(states(desk, &theirs).await, Vec::<String>::new(), "orders of others are nobody's business");
});

story!(who_may_not_buys_nothing_and_a_vendor_that_refuses_charges_nothing, sold(), |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    for (wrong, status) in [
        (json!({"tokens": 0}), 422),
        (json!({"tokens": -5}), 422),
        (json!({"tokens": 1_000_000_001}), 422),
        (json!({"tokens": "many"}), 422),
        (json!({"tokens": 1.5}), 422),
        (json!({}), 422),
        (json!({"tokens": 5, "price": 1}), 422),
    ] {
        assert_eq!(desk.post_as(&key, CHECKOUT, &wrong).await.status, status, "{wrong}");
    }
    let reader = shop.key(&["tokens:read"]).await;
    assert_eq!(desk.post_as(&reader, CHECKOUT, &json!({"tokens": 5000})).await.status, 403);
    assert!(desk.stripe.sessions().is_empty());
    desk.stripe.faults().push(StripeFault::Refuse(402));
    let refused = desk.post_as(&key, CHECKOUT, &json!({"tokens": 5000})).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("refused")), "{}", refused.text);
    assert_eq!(states(desk, &key).await, ["failed"]);
});

story!(where_nobody_sells_credit_the_answer_says_so, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    assert_eq!(desk.get_as(&key, CHECKOUT).await.json()["available"], false);
    let refused = desk.post_as(&key, CHECKOUT, &json!({"tokens": 5000})).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("not_sold")), "{}", refused.text);
});

story!(money_that_goes_back_takes_the_tokens_out_once, sold(), |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let buy = async || {
        assert_eq!(desk.post_as(&key, CHECKOUT, &json!({"tokens": 5000})).await.status, 201);
        desk.stripe.pay()
    };
    let back = |of: &Session, amount: i64| desk.stripe.charge_event(of, amount);
    let paid = |of: &Session| desk.stripe.session_event("checkout.session.completed", of);
    let first = buy().await;
    let heard = async |event: Value| assert_eq!(report(desk, &event, OPERATOR_SECRET).await.status, 200);
    heard(paid(&first)).await;
    // A part of it is a person's matter, told once.
    heard(back(&first, 1000)).await;
    heard(back(&first, 1000)).await;
    assert_eq!((available(desk, &key).await, shop.tasks().await), (5000, vec!["odd_payment".to_owned()]));
    // All of it takes the tokens out, also those that are spent, and once.
    for _ in 0..2 {
        heard(back(&first, 4500)).await;
        assert_eq!(available(desk, &key).await, 0);
    }
    heard(paid(&first)).await;
    assert_eq!((available(desk, &key).await, states(desk, &key).await), (0, vec!["refunded".to_owned()]));
    assert_eq!(audited(&shop, "tokens.").await, ["tokens.checkout", "tokens.bought", "tokens.taken_back"]);
    // Heard before the payment itself: nothing is put in.
    let second = buy().await;
    heard(back(&second, 4500)).await;
    heard(paid(&second)).await;
    assert_eq!((available(desk, &key).await, grants(&shop).await), (0, vec![5000]));
});

story!(where_credit_is_sold_nobody_gives_it_to_themselves, sold(), |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let settings = "/api/v1/tokens/settings";
    for (method, path, body) in [
        ("POST", "/api/v1/tokens/top-ups", json!({"tokens": 1_000_000})),
        ("PATCH", settings, json!({"enabled": false})),
        ("PATCH", settings, json!({"costs": {"sms": 0}})),
    ] {
        let refused = desk.json_as(&key, method, path, &body).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (403, Some("sold_here")), "{path}: {}", refused.text);
    }
    let tenant = shop.scope.tenant();
    let old = desk
        .ask_as(
            &key,
            "POST",
            &format!("/tokens/add/{tenant}"),
            &[("content-type", "application/json"), ("idempotency-key", "k")],
            r#"{"tokens": 5}"#,
        )
        .await;
    assert_eq!((old.status, available(desk, &key).await), (403, 0), "{}", old.text);
    // Ceilings are its own, and so is taking some out.
    assert_eq!(desk.json_as(&key, "PATCH", settings, &json!({"enabled": true, "ceilings": {"day": 5}})).await.status, 200);
    assert_eq!(desk.post_as(&key, "/api/v1/tokens/top-ups", &json!({"tokens": -1, "note": "a slip"})).await.status, 201);
});
