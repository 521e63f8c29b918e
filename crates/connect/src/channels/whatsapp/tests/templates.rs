//! What Meta approved, read from its answers.

use super::*;

fn business() -> Account {
    let mut account = account();
    account.settings.insert("business_account_id".into(), json!("102290129340398"));
    account
}

fn named(name: &str, components: &Value) -> Value {
    json!({"name": name, "language": "es", "status": "APPROVED", "category": "UTILITY", "id": "1", "components": components})
}

#[tokio::test]
async fn approved_templates_are_read_with_what_they_need() {
    let data = json!([
        named("visit", &json!([
            {"type": "HEADER", "format": "TEXT", "text": "Your visit"},
            {"type": "BODY", "text": "Hello {{1}}, see you on {{2}}.", "example": {"body_text": [["Ana", "Monday"]]}},
            {"type": "FOOTER", "text": "Salon"},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}, {"type": "URL", "text": "Map", "url": "https://a.example"}]},
        ])),
        named("photo", &json!([{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "New!"}])),
        named("link", &json!([
            {"type": "BODY", "text": "Pay"},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Pay", "url": "https://a.example/{{1}}"}]},
        ])),
        named("code", &json!([{"type": "BODY", "text": "{{1}}"}, {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Copy"}]}])),
        named("empty", &json!([])),
        {"name": "asked", "language": "es", "status": "PENDING", "components": [{"type": "BODY", "text": "x"}]},
        {"language": "es"},
    ]);
    let vendor = Vendor::answering([answer(200, &json!({"data": data}))]);
    let found = WhatsApp.templates(&vendor, &business()).await.unwrap();

    let needs: Vec<_> = found.iter().map(|t| (t.name.as_str(), t.needs_more.is_some())).collect();
    assert_eq!(needs, [("code", true), ("link", true), ("photo", true), ("visit", false)]);
    let visit = &found[3];
    assert_eq!((visit.header.as_deref(), visit.footer.as_deref()), (Some("Your visit"), Some("Salon")));
    assert_eq!(
        (visit.body.as_str(), visit.buttons.as_slice()),
        ("Hello {{1}}, see you on {{2}}.", ["Yes".to_owned(), "Map".to_owned()].as_slice())
    );
    let asked = &vendor.asked()[0].url;
    assert_eq!(asked, "https://graph.example/v23.0/102290129340398/message_templates");
}

#[tokio::test]
async fn a_page_with_a_next_one_is_followed_and_a_strange_cursor_is_not() {
    let page = |n: usize, cursor: &str| {
        let data: Vec<_> = (0..n).map(|i| named(&format!("t{i:03}"), &json!([{"type": "BODY", "text": "x"}]))).collect();
        answer(200, &json!({"data": data, "paging": {"cursors": {"after": cursor}, "next": "https://evil.example"}}))
    };
    let last: Vec<_> = (200..203).map(|i| named(&format!("t{i}"), &json!([{"type": "BODY", "text": "x"}]))).collect();
    let last = answer(200, &json!({"data": last, "paging": {"cursors": {"after": "QVFI_next-2"}}}));
    let vendor = Vendor::answering([page(200, "QVFI_next-1"), last]);
    assert_eq!(WhatsApp.templates(&vendor, &business()).await.unwrap().len(), 203);
    let asked = vendor.asked();
    assert!(asked.len() == 2 && asked[1].url.ends_with("?after=QVFI_next-1"), "{asked:?}");

    let vendor = Vendor::answering([page(200, "x&access_token=1")]);
    assert_eq!(WhatsApp.templates(&vendor, &business()).await.unwrap().len(), 200);
}

#[tokio::test]
async fn without_the_business_account_nothing_is_asked() {
    let vendor = Vendor::answering([]);
    let refused = WhatsApp.templates(&vendor, &account()).await.unwrap_err();
    assert!(refused.to_string().contains("Business Account"), "{refused}");
    assert!(vendor.asked().is_empty());
}
