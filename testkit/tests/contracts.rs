//! Every connector against the contract of its port.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may end there")]

use std::collections::BTreeMap;

use frontdesk_connect::{
    channels::{self, api::Api, webchat::WebChat, whatsapp::WhatsApp},
    http::{AddressPolicy, Egress, EgressSettings},
    models::{self, gemini::Gemini, openai_like::OpenAiLike, scripted::Scripted},
};
use frontdesk_kernel::{
    Secret,
    contact::AddressKind,
    ports::{
        channel::{Account, Address, RawRequest},
        model::Endpoint,
    },
};
use frontdesk_testkit::{
    fakes::{FakeGemini, FakeGraph, FakeOpenAi, inbound_text, sign},
    suites::{ChannelSubject, ModelSubject, NoNetwork},
};

const ACCOUNT: &str = "106540352242922";
const APP_SECRET: &str = "the-app-secret-of-a-test";

fn egress(origin: &str) -> Egress {
    let allow_private = AddressPolicy::Allow(vec![origin.to_owned()]);
    Egress::new(EgressSettings { allow_private, ..EgressSettings::default() }).unwrap()
}

fn endpoint(vendor: &'static str, base_url: String, key: Option<&str>) -> Endpoint {
    Endpoint { vendor, base_url, key: key.map(Secret::new), organization: None, project: None }
}

#[tokio::test]
async fn whatsapp() {
    let graph = FakeGraph::start().await;
    let body = inbound_text(ACCOUNT, "573001112233", "wamid.1", "¿Qué tal? 👋").to_string();
    let headers = vec![("x-hub-signature-256".to_owned(), sign(APP_SECRET, body.as_bytes()))];
    let secret = |key: &str, text: &str| (key.to_owned(), Secret::new(text));
    let subject = ChannelSubject {
        channel: &WhatsApp,
        http: &egress(graph.url()),
        account: Account {
            account: ACCOUNT.to_owned(),
            settings: Default::default(),
            secrets: BTreeMap::from([
                secret("access_token", "the-access-token-of-a-test"),
                secret("app_secret", APP_SECRET),
                secret("verify_token", "the-verify-token-of-a-test"),
            ]),
            base_url: graph.url().to_owned(),
            version: "v23.0".to_owned(),
        },
        to: Address { kind: AddressKind::Phone, value: "573001112233".to_owned() },
        webhook: Some((RawRequest { query: String::new(), headers, body: body.into() }, Secret::new(APP_SECRET))),
        vendor: Some(&graph),
    };
    subject.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn api() {
    let account = Account {
        account: "api".to_owned(),
        settings: Default::default(),
        secrets: BTreeMap::new(),
        base_url: String::new(),
        version: String::new(),
    };
    let to = Address { kind: AddressKind::Visitor, value: "web-1".to_owned() };
    let subject = ChannelSubject { channel: &Api, http: &NoNetwork, account, to, webhook: None, vendor: None };
    subject.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn webchat() {
    let account = Account {
        account: "salon".to_owned(),
        settings: Default::default(),
        secrets: BTreeMap::from([("identity_secret".to_owned(), Secret::new("the-identity-secret-of-a-test"))]),
        base_url: String::new(),
        version: String::new(),
    };
    let to = Address { kind: AddressKind::Visitor, value: "web/v/1".to_owned() };
    let subject = ChannelSubject { channel: &WebChat, http: &NoNetwork, account, to, webhook: None, vendor: None };
    subject.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn openai_like() {
    let openai = FakeOpenAi::start().await;
    let subject = ModelSubject {
        model: &OpenAiLike,
        http: &egress(openai.url()),
        endpoint: endpoint("openai", openai.base_url(), Some("sk-of-a-test")),
        name: "gpt-4o-mini",
        vendor: Some(&openai),
    };
    subject.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn gemini() {
    let gemini = FakeGemini::start().await;
    let subject = ModelSubject {
        model: &Gemini,
        http: &egress(gemini.url()),
        endpoint: endpoint("gemini", gemini.base_url(), Some("AIza-of-a-test")),
        name: "gemini-2.5-flash",
        vendor: Some(&gemini),
    };
    subject.assert_keeps_its_contract().await;
}

#[tokio::test]
async fn scripted() {
    let endpoint = endpoint("scripted", String::new(), None);
    let subject = ModelSubject { model: &Scripted, http: &NoNetwork, endpoint, name: "scripted", vendor: None };
    subject.assert_keeps_its_contract().await;
}

#[test]
fn no_connector_is_left_out() {
    let keys: Vec<_> = channels::ALL.iter().map(|c| c.about().key).collect();
    assert_eq!(keys, ["whatsapp", "api", "webchat"], "a new channel has a test here");
    let keys: Vec<_> = models::ALL.iter().map(|m| m.about().key).collect();
    assert_eq!(keys, ["openai_like", "gemini", "scripted"], "a new dialect has a test here");
}
