//! Webhooks as Meta sends them: messages of every kind, statuses, signatures, delivery.

use std::sync::OnceLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::graph::{StoredMedia, meaning};
use crate::time::FakeClock;

/// The number of every business here.
pub const OUR_NUMBER: &str = "15550000000";

/// A message of any kind: `{"type": kind, kind: content}`.
pub fn inbound_of(pnid: &str, wa_id: &str, id: &str, kind: &str, content: Value) -> Value {
    let message = json!({"from": wa_id, "id": id, "timestamp": start(), "type": kind, kind: content});
    envelope(pnid, json!({"contacts": [{"profile": {"name": "Ana Prueba"}, "wa_id": wa_id}], "messages": [message]}))
}

pub fn inbound_text(pnid: &str, wa_id: &str, id: &str, text: &str) -> Value {
    inbound_of(pnid, wa_id, id, "text", json!({"body": text}))
}

/// A text that quotes a message of ours.
pub fn inbound_quoted(pnid: &str, wa_id: &str, id: &str, text: &str, quoted: &str) -> Value {
    quoting(inbound_text(pnid, wa_id, id, text), quoted)
}

pub fn inbound_image(pnid: &str, wa_id: &str, id: &str, media: &StoredMedia, caption: Option<&str>) -> Value {
    let mut content = file(media);
    if let Some(caption) = caption {
        content["caption"] = caption.into();
    }
    inbound_of(pnid, wa_id, id, "image", content)
}

/// `voice`: recorded in the chat, not forwarded as a file.
pub fn inbound_audio(pnid: &str, wa_id: &str, id: &str, media: &StoredMedia, voice: bool) -> Value {
    let mut content = file(media);
    content["voice"] = voice.into();
    inbound_of(pnid, wa_id, id, "audio", content)
}

pub fn inbound_document(pnid: &str, wa_id: &str, id: &str, media: &StoredMedia, file_name: &str) -> Value {
    let mut content = file(media);
    content["filename"] = file_name.into();
    inbound_of(pnid, wa_id, id, "document", content)
}

/// The contact pressed a button of our message `quoted`.
pub fn inbound_button_reply(pnid: &str, wa_id: &str, id: &str, quoted: &str, button: &str, title: &str) -> Value {
    let reply = json!({"type": "button_reply", "button_reply": {"id": button, "title": title}});
    quoting(inbound_of(pnid, wa_id, id, "interactive", reply), quoted)
}

/// The contact chose a row of our list `quoted`.
pub fn inbound_list_reply(pnid: &str, wa_id: &str, id: &str, quoted: &str, row: &str, title: &str) -> Value {
    let reply = json!({"type": "list_reply", "list_reply": {"id": row, "title": title, "description": ""}});
    quoting(inbound_of(pnid, wa_id, id, "interactive", reply), quoted)
}

/// The contact pressed a button of a template.
pub fn inbound_template_button(pnid: &str, wa_id: &str, id: &str, quoted: &str, payload: &str, text: &str) -> Value {
    quoting(inbound_of(pnid, wa_id, id, "button", json!({"payload": payload, "text": text})), quoted)
}

pub fn inbound_location(pnid: &str, wa_id: &str, id: &str, latitude: f64, longitude: f64, name: Option<&str>) -> Value {
    let mut content = json!({"latitude": latitude, "longitude": longitude});
    if let Some(name) = name {
        content["name"] = name.into();
        content["address"] = format!("{name}, 1").into();
    }
    inbound_of(pnid, wa_id, id, "location", content)
}

/// The contact shares somebody's card.
pub fn inbound_contacts(pnid: &str, wa_id: &str, id: &str, name: &str, phone: &str) -> Value {
    let card = json!({
        "name": {"first_name": name, "formatted_name": name},
        "phones": [{"phone": phone, "wa_id": digits(phone), "type": "MOBILE"}],
    });
    inbound_of(pnid, wa_id, id, "contacts", json!([card]))
}

/// `None` takes the reaction back.
pub fn inbound_reaction(pnid: &str, wa_id: &str, id: &str, to: &str, emoji: Option<&str>) -> Value {
    inbound_of(pnid, wa_id, id, "reaction", json!({"message_id": to, "emoji": emoji.unwrap_or_default()}))
}

/// `items`: product, quantity, price, currency.
pub fn inbound_order(pnid: &str, wa_id: &str, id: &str, catalog: &str, items: &[(&str, u32, f64, &str)]) -> Value {
    let item = |(product, quantity, price, currency): &(&str, u32, f64, &str)| json!({"product_retailer_id": product, "quantity": quantity, "item_price": price, "currency": currency});
    let items: Vec<_> = items.iter().map(item).collect();
    inbound_of(pnid, wa_id, id, "order", json!({"catalog_id": catalog, "text": "", "product_items": items}))
}

/// A message that Meta cannot show us.
pub fn inbound_unsupported(pnid: &str, wa_id: &str, id: &str) -> Value {
    let (_, title, details) = meaning(131051);
    let error = json!({"code": 131051, "title": title, "message": title, "error_data": {"details": details}});
    let mut webhook = inbound_of(pnid, wa_id, id, "errors", json!([error]));
    webhook["entry"][0]["changes"][0]["value"]["messages"][0]["type"] = "unsupported".into();
    webhook
}

/// The same webhook from a person with a business-scoped id, with or without the phone number.
pub fn with_user_id(mut webhook: Value, user_id: &str, keep_phone: bool) -> Value {
    let value = &mut webhook["entry"][0]["changes"][0]["value"];
    value["contacts"][0]["user_id"] = user_id.into();
    value["messages"][0]["from_user_id"] = user_id.into();
    if !keep_phone {
        for (object, member) in [("contacts", "wa_id"), ("messages", "from")] {
            value[object][0].as_object_mut().map(|o| o.remove(member));
        }
    }
    webhook
}

/// The same webhook with another time of sending, in seconds since 1970.
pub fn sent_at(mut webhook: Value, seconds: i64) -> Value {
    let value = &mut webhook["entry"][0]["changes"][0]["value"];
    for list in ["messages", "statuses"] {
        for item in value.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            item["timestamp"] = seconds.to_string().into();
        }
    }
    webhook
}

/// Several webhooks in one POST, one entry each.
pub fn batch(webhooks: impl IntoIterator<Item = Value>) -> Value {
    let entries: Vec<_> =
        webhooks.into_iter().flat_map(|mut w| w["entry"].as_array_mut().map(std::mem::take)).flatten().collect();
    json!({"object": "whatsapp_business_account", "entry": entries})
}

/// News about a message of ours: `sent`, `delivered`, `read`, `played`. `echo` is what we gave as `biz_opaque_callback_data`.
pub fn status_update(pnid: &str, to: &str, vendor_id: &str, status: &str, echo: Option<&str>) -> Value {
    let mut news = json!({"id": vendor_id, "status": status, "timestamp": start(), "recipient_id": digits(to)});
    if let Some(echo) = echo {
        news["biz_opaque_callback_data"] = echo.into();
    }
    if status != "failed" {
        news["conversation"] = json!({"id": hex(&Sha256::digest(to))[..32], "origin": {"type": "service"}});
        news["pricing"] =
            json!({"billable": false, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"});
    }
    if status == "sent" {
        let end = FakeClock::START.0 / 1000 + 24 * 3600;
        news["conversation"]["expiration_timestamp"] = end.to_string().into();
    }
    envelope(pnid, json!({"statuses": [news]}))
}

/// A message of ours that was accepted and then failed.
pub fn status_failed(pnid: &str, to: &str, vendor_id: &str, code: i64, echo: Option<&str>) -> Value {
    let mut webhook = status_update(pnid, to, vendor_id, "failed", echo);
    let (_, title, details) = meaning(code);
    let error = json!({"code": code, "title": title, "message": title, "error_data": {"details": details}});
    webhook["entry"][0]["changes"][0]["value"]["statuses"][0]["errors"] = json!([error]);
    webhook
}

/// `X-Hub-Signature-256` for these bytes.
pub fn sign(app_secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

/// Posts a webhook as Meta does and returns status and body; status 0: no answer came, the text says why.
pub async fn post_webhook(url: &str, body: impl Into<Vec<u8>>, app_secret: Option<&str>) -> (u16, String) {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    // Connections must not outlive the test runtime that made them, so none is kept.
    let client = CLIENT.get_or_init(|| client(0));
    deliver(client, url, body.into(), app_secret).await
}

pub(super) async fn deliver(client: &reqwest::Client, url: &str, body: Vec<u8>, app_secret: Option<&str>) -> (u16, String) {
    let mut request = client.post(url).header("content-type", "application/json").header("user-agent", "facebookexternalua");
    if let Some(secret) = app_secret {
        request = request.header("x-hub-signature-256", sign(secret, &body));
    }
    match request.body(body).send().await {
        Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap_or_default()),
        Err(e) => (0, format!("{e:?}")),
    }
}

/// Speaks to this machine, without TLS: the certificates of the system are not read.
pub(super) fn client(idle_connections: usize) -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "a fake vendor is its own client")]
    let builder = reqwest::Client::builder();
    let builder = builder
        .no_proxy()
        .tls_certs_only([])
        .pool_max_idle_per_host(idle_connections)
        .timeout(std::time::Duration::from_secs(20));
    builder.build().expect("a client without special settings")
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub(super) fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

fn envelope(pnid: &str, rest: Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": OUR_NUMBER, "phone_number_id": pnid},
    });
    for (name, member) in rest.as_object().into_iter().flatten() {
        value[name] = member.clone();
    }
    let change = json!({"value": value, "field": "messages"});
    json!({"object": "whatsapp_business_account", "entry": [{"id": "100000000000001", "changes": [change]}]})
}

fn quoting(mut webhook: Value, quoted: &str) -> Value {
    webhook["entry"][0]["changes"][0]["value"]["messages"][0]["context"] = json!({"from": OUR_NUMBER, "id": quoted});
    webhook
}

fn file(media: &StoredMedia) -> Value {
    json!({"id": media.id, "mime_type": media.mime, "sha256": STANDARD.encode(Sha256::digest(&media.bytes))})
}

fn start() -> String {
    (FakeClock::START.0 / 1000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::Contracts;

    #[test]
    fn every_webhook_built_here_is_one_that_meta_could_send() {
        let Some(contracts) = Contracts::load() else { return };
        let whatsapp = contracts.vendor("whatsapp");
        let media = StoredMedia { id: "77".into(), mime: "image/png".into(), bytes: "png".into() };
        let (p, w) = ("106540352242922", "573001112233");
        let webhooks = [
            inbound_text(p, w, "wamid.1", "hola"),
            inbound_quoted(p, w, "wamid.2", "sí", "wamid.0"),
            inbound_image(p, w, "wamid.3", &media, Some("mira")),
            inbound_audio(p, w, "wamid.4", &media, true),
            inbound_document(p, w, "wamid.5", &media, "a.pdf"),
            inbound_button_reply(p, w, "wamid.6", "wamid.0", "yes", "Sí"),
            inbound_list_reply(p, w, "wamid.7", "wamid.0", "r1", "10:00"),
            inbound_template_button(p, w, "wamid.8", "wamid.0", "STOP", "Stop"),
            inbound_location(p, w, "wamid.9", 4.65, -74.05, Some("Parque")),
            inbound_contacts(p, w, "wamid.10", "Luz", "+57 300 111"),
            inbound_reaction(p, w, "wamid.11", "wamid.0", Some("👍")),
            inbound_reaction(p, w, "wamid.12", "wamid.0", None),
            inbound_order(p, w, "wamid.13", "9", &[("sku", 2, 30.5, "USD")]),
            inbound_unsupported(p, w, "wamid.14"),
            sent_at(inbound_text(p, w, "wamid.15", "hola"), 1),
            with_user_id(inbound_text(p, w, "wamid.16", "hola"), "US.1", true),
            batch([inbound_text(p, w, "wamid.17", "a"), inbound_text(p, w, "wamid.18", "b")]),
            status_update(p, "+57 3", "wamid.0", "sent", Some("eff_1")),
            status_update(p, "573", "wamid.0", "read", None),
            status_failed(p, "573", "wamid.0", 131047, Some("eff_1")),
        ];
        for webhook in webhooks {
            assert_eq!(whatsapp.check_webhook(&webhook), Ok(()), "{webhook}");
        }
    }

    #[test]
    fn a_person_without_a_phone_number_has_only_the_user_id() {
        let webhook = with_user_id(inbound_text("1", "573", "wamid.1", "hola"), "US.1", false);
        let value = &webhook["entry"][0]["changes"][0]["value"];
        assert_eq!(value["contacts"][0]["user_id"], "US.1");
        assert!(value["contacts"][0].get("wa_id").is_none() && value["messages"][0].get("from").is_none());
    }

    #[test]
    fn the_signature_is_meta_s() {
        let vector = "sha256=0c61947b610d4f45e65f3d680e26027121ec2413e77598bcb6cfc6e0d9888221";
        assert_eq!(sign("TEST_APP_SECRET", b"test"), vector);
    }
}
