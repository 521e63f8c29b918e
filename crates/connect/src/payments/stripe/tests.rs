//! What we ask of Stripe, what its answers mean, whom we believe.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_kernel::{
    ErrorKind, Retry, Secret, Timestamp,
    money::Money,
    payment::RefundState,
    ports::{
        channel::{Forged, RawRequest},
        http::{Body, Http, HttpError, Request, Response, Streaming},
        payments::{Account, Demand, GiveBack, Link, News, Payments, Subject},
    },
};
use serde_json::{Value, json};

use super::{ABOUT, Stripe};

struct Vendor {
    answers: Mutex<VecDeque<Result<Response, HttpError>>>,
    asked: Mutex<Vec<Request>>,
}

impl Vendor {
    fn answering(answer: Result<Response, HttpError>) -> Vendor {
        Vendor { answers: Mutex::new(VecDeque::from([answer])), asked: Mutex::default() }
    }
}

#[async_trait]
impl Http for Vendor {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        self.asked.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop_front().expect("a call that nobody expected")
    }
    async fn stream(&self, _: Request) -> Result<Streaming, HttpError> {
        Err(HttpError::NotSent("nothing streams here".into()))
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &Value) -> Result<Response, HttpError> {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Ok(Response { status, headers, body: Bytes::from(body.to_string()) })
}

fn account() -> Account {
    Account { key: Secret::new("sk_test_hidden"), base_url: "https://stripe.example/".into(), version: ABOUT.version.into() }
}

fn pesos(minor: i64) -> Money {
    Money { minor, currency: "COP".into() }
}

async fn open(vendor: &Vendor) -> Result<Link, frontdesk_kernel::ConnectorError> {
    let amount = pesos(4_500_000);
    let demand = Demand {
        key: "trn_1-0-0",
        payment: "pay_1",
        amount: &amount,
        description: "Corte & color",
        return_url: "https://desk.example/paid",
    };
    Stripe.open(vendor, &account(), &demand).await
}

fn form(request: &Request) -> Vec<(String, String)> {
    let Body::Encoded(bytes) = &request.body else { panic!("not a form") };
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

#[tokio::test]
async fn a_link_is_asked_for_with_our_names_and_a_key() {
    let vendor = Vendor::answering(answer(200, &[], &json!({"id": "cs_1", "url": "https://checkout.stripe.example/cs_1"})));
    let link = open(&vendor).await.unwrap();
    assert_eq!(link, Link { id: "cs_1".into(), url: "https://checkout.stripe.example/cs_1".into() });
    let asked = vendor.asked.lock().unwrap().remove(0);
    assert_eq!(asked.url, "https://stripe.example/v1/checkout/sessions");
    assert_eq!(asked.headers, [("stripe-version", ABOUT.version.to_owned()), ("idempotency-key", "trn_1-0-0".to_owned())]);
    let form = form(&asked);
    for (name, value) in [
        ("mode", "payment"),
        ("client_reference_id", "pay_1"),
        ("line_items[0][price_data][currency]", "cop"),
        ("line_items[0][price_data][unit_amount]", "4500000"),
        ("line_items[0][price_data][product_data][name]", "Corte & color"),
        ("payment_intent_data[metadata][payment]", "pay_1"),
    ] {
        assert!(form.contains(&(name.to_owned(), value.to_owned())), "{name}: {form:?}");
    }
}

#[tokio::test]
async fn a_refund_names_the_payment_and_tells_how_far_it_is() {
    for (status, state) in [
        ("succeeded", RefundState::Succeeded),
        ("pending", RefundState::Pending),
        ("requires_action", RefundState::Pending),
        ("failed", RefundState::Failed),
        ("canceled", RefundState::Failed),
    ] {
        let vendor = Vendor::answering(answer(200, &[], &json!({"id": "re_1", "status": status})));
        let amount = pesos(100);
        let back = GiveBack { key: "k", refund: "rfd_1", payment: "pay_1", vendor_payment: "pi_1", amount: &amount };
        let given = Stripe.give_back(&vendor, &account(), &back).await.unwrap();
        assert_eq!((given.id.as_str(), given.state), ("re_1", state), "{status}");
        let form = form(&vendor.asked.lock().unwrap()[0]);
        assert!(form.contains(&("payment_intent".into(), "pi_1".into())) && form.contains(&("amount".into(), "100".into())));
    }
}

#[tokio::test]
async fn a_refusal_says_whether_one_may_try_again() {
    use ErrorKind::{Forbidden, Malformed, NotFound, RateLimited, Rejected, Unauthorized, Unavailable};
    let error = |kind: &str| json!({"error": {"type": kind, "message": "no, sk_test_hidden"}});
    let soon = Retry::After(Duration::from_secs(7));
    let rows: Vec<(Result<Response, HttpError>, ErrorKind, Retry)> = vec![
        (answer(400, &[], &error("invalid_request_error")), Rejected, Retry::Never),
        (answer(400, &[], &error("idempotency_error")), Rejected, Retry::Never),
        (answer(401, &[], &error("invalid_request_error")), Unauthorized, Retry::Never),
        (answer(402, &[], &error("card_error")), Rejected, Retry::Never),
        (answer(403, &[], &error("invalid_request_error")), Forbidden, Retry::Never),
        (answer(404, &[], &error("invalid_request_error")), NotFound, Retry::Never),
        (answer(409, &[], &error("idempotency_error")), Unavailable, Retry::Later),
        (answer(429, &[("retry-after", "7")], &error("rate_limit_error")), RateLimited, soon),
        (answer(429, &[], &error("rate_limit_error")), RateLimited, Retry::Later),
        (answer(500, &[], &error("api_error")), Unavailable, Retry::Unknown),
        (answer(503, &[], &json!("no json of theirs")), Unavailable, Retry::Unknown),
        (answer(200, &[], &json!({"id": "cs_1"})), Malformed, Retry::Unknown),
        (answer(200, &[], &json!({"id": "cs_1", "url": "javascript:alert(1)"})), Malformed, Retry::Unknown),
        (Err(HttpError::NotSent("no route".into())), Unavailable, Retry::Later),
        (Err(HttpError::Timeout("15 s".into())), ErrorKind::Timeout, Retry::Unknown),
        (Err(HttpError::Broken("reset".into())), Unavailable, Retry::Unknown),
    ];
    for (answered, kind, retry) in rows {
        let shown = format!("{answered:?}");
        let error = open(&Vendor::answering(answered)).await.unwrap_err();
        assert_eq!((error.kind, error.retry), (kind, retry), "{shown}");
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
    let looked = Stripe.look_up(&Vendor::answering(Err(HttpError::Timeout("t".into()))), &account(), "cs_1").await;
    assert_eq!(looked.unwrap_err().retry, Retry::Later, "looking changes nothing");
    let smuggled = Stripe.look_up(&Vendor::answering(Err(HttpError::Timeout("t".into()))), &account(), "../refunds").await;
    assert_eq!(smuggled.unwrap_err().kind, NotFound);
}

/// Accepted by the vendor's own library.
const SIGNED: &str = "t=1700000000,v1=4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39";
const BODY: &str = "{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}";

#[test]
fn only_fresh_reports_under_one_of_our_secrets_are_believed() {
    let verify = |header: Option<&str>, body: &str, secrets: &[&str], now: i64| {
        let headers = header.map(|h| ("stripe-signature".to_owned(), h.to_owned())).into_iter().collect();
        let raw = RawRequest { query: String::new(), headers, body: Bytes::from(body.to_owned()) };
        let secrets: Vec<Secret> = secrets.iter().map(|s| Secret::new(*s)).collect();
        Stripe.verify(&raw, &secrets, Timestamp(now * 1000))
    };
    let (now, ours) = (1_700_000_000, ["whsec_test_secret"]);
    assert_eq!(verify(Some(SIGNED), BODY, &ours, now), Ok(()));
    assert_eq!(verify(Some(SIGNED), BODY, &["whsec_new", "whsec_test_secret"], now), Ok(()), "while it is replaced");
    assert_eq!(verify(Some(SIGNED), BODY, &ours, now + 300), Ok(()));
    let several = SIGNED.replace("v1=", &format!("v1={},v1=", "00".repeat(32)));
    assert_eq!(verify(Some(&several), BODY, &ours, now), Ok(()));
    let among = |n: usize| format!("{SIGNED}{}", format!(",v1={}", "00".repeat(32)).repeat(n - 1));
    assert_eq!(verify(Some(&among(16)), BODY, &ours, now), Ok(()));
    let (too_many, another_time) = (among(17), format!("t=1700000001,{SIGNED}"));
    let v0_only = SIGNED.replace("v1=", "v2=");
    let twice = format!("{SIGNED},t=1700000001");
    let later = SIGNED.replace("t=1700000000", "t=1700000100");
    for (header, body, secrets, at) in [
        (None, BODY, &ours[..], now),
        (Some(""), BODY, &ours, now),
        (Some("t=1700000000"), BODY, &ours, now),
        (Some("t=soon,v1=00"), BODY, &ours, now),
        (Some("t=99999999999999999999,v1=00"), BODY, &ours, now),
        (Some("t=-9223372036854775808,v1=00"), BODY, &ours, now),
        (Some("t=1700000000,v1=zz"), BODY, &ours, now),
        (Some(&v0_only), BODY, &ours, now),
        (Some(&twice), BODY, &ours, now),
        (Some(&another_time), BODY, &ours, now),
        (Some(&too_many), BODY, &ours, now),
        (Some(&later), BODY, &ours, now),
        (Some(SIGNED), "{}", &ours, now),
        (Some(SIGNED), BODY, &["whsec_other"], now),
        (Some(SIGNED), BODY, &[""], now),
        (Some(SIGNED), BODY, &[], now),
        (Some(SIGNED), BODY, &ours, now + 301),
        (Some(SIGNED), BODY, &ours, now - 301),
    ] {
        assert_eq!(verify(header, body, secrets, at), Err(Forged), "{header:?} {secrets:?} {at}");
    }
}

fn event(kind: &str, object: &Value) -> Value {
    json!({"id": "evt_1", "object": "event", "type": kind, "created": 1_700_000_000, "data": {"object": object}})
}

#[test]
fn reports_are_read_by_what_they_say_and_strange_ones_change_nothing() {
    let session = json!({
        "object": "checkout.session", "id": "cs_1", "payment_intent": "pi_1", "client_reference_id": "pay_1", "metadata": {},
        "amount_total": 4_500_000, "currency": "cop", "payment_status": "paid", "status": "complete",
    });
    let with = |member: &str, value: &str| {
        let mut session = session.clone();
        session[member] = value.into();
        session
    };
    let refund = json!({
        "object": "refund", "id": "re_1", "payment_intent": {"id": "pi_1"}, "amount": 100, "currency": "cop", "status": "succeeded",
        "metadata": {"refund": "rfd_1", "payment": "pay_1"},
    });
    let paid = || News::Paid { amount: pesos(4_500_000) };
    let rows = [
        ("checkout.session.completed", session.clone(), paid()),
        ("checkout.session.completed", with("payment_status", "unpaid"), News::Awaited),
        ("checkout.session.async_payment_succeeded", session.clone(), paid()),
        ("checkout.session.async_payment_failed", with("payment_status", "unpaid"), News::Failed),
        ("checkout.session.expired", with("status", "expired"), News::Expired),
        (
            "payment_intent.succeeded",
            json!({"object": "payment_intent", "id": "pi_1", "amount_received": 4_500_000, "currency": "cop", "metadata": {"payment": "pay_1"}}),
            paid(),
        ),
        (
            "charge.refunded",
            json!({"object": "charge", "payment_intent": "pi_1", "amount_refunded": 7, "currency": "cop", "metadata": {}}),
            News::GivenBack { amount: pesos(7) },
        ),
        (
            "refund.updated",
            refund,
            News::Refund { id: "re_1".into(), refund: Some("rfd_1".into()), amount: pesos(100), state: RefundState::Succeeded },
        ),
        ("checkout.session.completed", json!({"object": "checkout.session"}), News::Other),
        ("customer.created", json!({"object": "customer", "id": "cus_1"}), News::Other),
    ];
    for (kind, object, news) in rows {
        let notice = Stripe.read(event(kind, &object).to_string().as_bytes()).unwrap();
        assert_eq!((notice.id.as_str(), notice.kind.as_str(), notice.what), ("evt_1", kind, news), "{kind}");
        assert!(notice.of_account.is_none());
    }
    let all = Subject { payment: Some("pay_1".into()), vendor_link: Some("cs_1".into()), vendor_payment: Some("pi_1".into()) };
    assert_eq!(Stripe.read(event("x", &session).to_string().as_bytes()).unwrap().subject, all);
    for bad in [
        "",
        "[]",
        "{}",
        "null",
        r#"{"object":"event"}"#,
        r#"{"object":"event","id":"evt","type":"x","created":9223372036854775807}"#,
    ] {
        assert!(Stripe.read(bad.as_bytes()).is_err(), "{bad}");
    }
}
