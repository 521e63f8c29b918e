//! Templates that a person may send when the window has closed.

use frontdesk_testkit::{
    fakes::{GraphFault, Route},
    story,
};
use serde_json::json;

use crate::people::ANA;

story!(templates_are_the_vendors_and_one_goes_out_after_the_window_has_closed, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let path = format!("/api/v1/channels/{}/templates", shop.channel().await.id);

    // Nobody said yet whose they are.
    let unset = desk.get_as(&key, &path).await;
    assert_eq!((unset.status, unset.json()["code"].as_str()), (409, Some("not_configured")));

    shop.change_channel(|c| drop(c.settings.insert("business_account_id".into(), json!("102290129340398")))).await;
    let found = desk.get_as(&key, &path).await.json();
    assert_eq!(desk.graph.violations(), Vec::<String>::new());
    let reminder = &found["items"][0];
    assert_eq!(
        (reminder["name"].as_str(), reminder["needs_more"].clone()),
        (Some("appointment_reminder"), json!(null)),
        "{found}"
    );
    assert_eq!(reminder["body"], "Hello {{1}}, see you on {{2}}.");

    shop.talk(ANA, "hola").await;
    desk.advance(std::time::Duration::from_secs(25 * 3600));
    let conversation = shop.conversation(ANA).await.id;
    let parameters = json!([{ "type": "text", "text": "Ana" }, { "type": "text", "text": "Monday" }]);
    let part = json!({
        "type": "template", "name": "appointment_reminder", "language": "en", "preview": "Hello Ana, see you on Monday.",
        "components": [{ "type": "body", "parameters": parameters }],
    });
    let sent = desk.post_as(&key, &format!("/api/v1/conversations/{conversation}/replies"), &json!({ "parts": [part] })).await;
    assert_eq!(sent.status, 202, "{}", sent.json());
    desk.settle().await;
    let last = shop.sent(ANA).pop().expect("a template went out");
    assert_eq!((last.kind.as_str(), last.body["template"]["components"][0]["parameters"].clone()), ("template", parameters));

    // The vendor's own words stay with us.
    desk.graph.faults_of(Route::Templates).push(GraphFault::VendorError(190));
    let refused = desk.get_as(&key, &path).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (502, Some("vendor")));

    let other = desk.business("Sol").open().await;
    let foreign = other.key(&["*"]).await;
    assert_eq!(desk.get_as(&foreign, &path).await.status, 404);
    let reader = shop.key(&["channel:read"]).await;
    assert_eq!(desk.get_as(&reader, &path).await.status, 403);
});
