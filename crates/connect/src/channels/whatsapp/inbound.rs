//! From a webhook's bytes to our events: every entry, change, message and status, each read on its own.

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Timestamp,
    contact::AddressKind,
    message::{Delivery, Referral},
    ports::channel::{Address, Event, EventKind, Inbound, StatusUpdate},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{content, errors, json, settings::VENDOR};
use crate::hex;

/// Times above this are milliseconds; as seconds they would be in the year 33658.
const LARGEST_SECONDS: i64 = 1_000_000_000_000;

/// Which piece could not be read, in words for staff.
type Problem = &'static str;

pub(super) fn receive(body: &[u8]) -> Result<Vec<Event>, ConnectorError> {
    let refused = |kind, detail: String| ConnectorError::new(VENDOR, "receive", kind, Retry::Never, detail);
    let payload: Value =
        serde_json::from_slice(body).map_err(|e| refused(ErrorKind::Malformed, format!("the body is not JSON: {e}")))?;
    let entries = payload.get("entry").and_then(Value::as_array);
    let entries = entries
        .filter(|_| payload.get("object").and_then(Value::as_str) == Some("whatsapp_business_account"))
        .ok_or_else(|| refused(ErrorKind::Unsupported, "not a WhatsApp API event".to_owned()))?;
    let mut events = Vec::new();
    for entry in entries {
        match entry.get("changes").and_then(Value::as_array) {
            Some(changes) => changes.iter().for_each(|change| read_change(entry, change, &mut events)),
            None => events.push(Event { account: String::new(), kind: malformed("an entry without changes", entry) }),
        }
    }
    Ok(events)
}

fn read_change(entry: &Value, change: &Value, events: &mut Vec<Event>) {
    let Some(value) = change.get("value").filter(|v| v.is_object()) else {
        return events
            .push(Event { account: account_of(entry, &Value::Null), kind: malformed("a change without a value", change) });
    };
    let account = account_of(entry, value);
    let before = events.len();
    // The field was not always sent; what carries messages is about messages.
    let field = change.get("field").and_then(Value::as_str).unwrap_or("messages");
    if field == "messages" {
        events.extend(items(value, "messages").map(|m| Event { account: account.clone(), kind: read_message(value, m) }));
        events.extend(items(value, "statuses").map(|s| Event { account: account.clone(), kind: read_status(s) }));
        events.extend(json::list(value, "errors").iter().map(|error| {
            let about = json!({ "entry": entry.get("id"), "time": entry.get("time"), "error": error });
            Event { account: account.clone(), kind: notice("error", about) }
        }));
    }
    if events.len() == before {
        let about = json!({ "entry": entry.get("id"), "time": entry.get("time"), "change": change });
        events.push(Event { account, kind: notice(field, about) });
    }
}

/// The elements of a list, or the value itself where a list was due: it is parked, not dropped.
fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    let found = value.get(key).filter(|v| !v.is_null());
    let list = found.and_then(Value::as_array);
    list.into_iter().flatten().chain(found.filter(|_| list.is_none()))
}

fn account_of(entry: &Value, value: &Value) -> String {
    let places = [value.get("metadata"), Some(value), Some(entry)];
    places.into_iter().flatten().find_map(|place| json::id(place, "phone_number_id")).unwrap_or_default()
}

fn read_message(value: &Value, message: &Value) -> EventKind {
    let metadata = value.get("metadata").unwrap_or(&Value::Null);
    let own_number = json::id(metadata, "display_phone_number").and_then(|n| phone(&n));
    if own_number.is_some() && json::id(message, "from").and_then(|n| phone(&n)) == own_number {
        return notice("message_echo", message.clone());
    }
    if message.get("group_id").is_some() {
        return notice("group_message", message.clone());
    }
    match inbound(value, message) {
        Ok(inbound) => EventKind::Message(Box::new(inbound)),
        Err(problem) => malformed(problem, message),
    }
}

fn inbound(value: &Value, message: &Value) -> Result<Inbound, Problem> {
    if !message.is_object() {
        return Err("a message that is not an object");
    }
    let vendor_id = json::id(message, "id").ok_or("a message without an id")?;
    let contact = contact_of(value, message);
    let addresses = addresses(message, contact);
    if addresses.is_empty() {
        return Err("a message without a sender");
    }
    let context = message.get("context").unwrap_or(&Value::Null);
    let set = |key| context.get(key).and_then(Value::as_bool).unwrap_or(false);
    Ok(Inbound {
        vendor_id,
        addresses,
        profile_name: contact.get("profile").and_then(|profile| json::text(profile, "name")),
        parts: content::parts(message)?,
        quotes: json::id(context, "id"),
        referral: message.get("referral").filter(|r| r.is_object()).map(referral),
        sent_at: time(message),
        forwarded: set("forwarded") || set("frequently_forwarded"),
    })
}

/// The contact card of the sender: one that shares an id with the message, or the only one if nothing speaks against it.
fn contact_of<'v>(value: &'v Value, message: &Value) -> &'v Value {
    let contacts = json::list(value, "contacts");
    let pairs = |contact: &Value| {
        [("user_id", "from_user_id"), ("wa_id", "from")].map(|(c, m)| (json::id(contact, c), json::id(message, m)))
    };
    let same = |contact: &&Value| pairs(contact).iter().any(|(theirs, ours)| theirs.is_some() && theirs == ours);
    let contradicts = |contact| pairs(contact).iter().any(|(theirs, ours)| theirs.is_some() && ours.is_some() && theirs != ours);
    let only = || contacts.first().filter(|contact| contacts.len() == 1 && !contradicts(contact));
    contacts.iter().find(same).or_else(only).unwrap_or(&Value::Null)
}

/// Business-scoped id first: it stays when the phone number is hidden or changes.
fn addresses(message: &Value, contact: &Value) -> Vec<Address> {
    let system = message.get("system").unwrap_or(&Value::Null);
    let candidates = [
        json::id(message, "from_user_id"),
        json::id(contact, "user_id"),
        json::id(system, "previous_user_id"),
        json::id(message, "from"),
        json::id(contact, "wa_id"),
    ];
    let mut addresses: Vec<Address> = Vec::new();
    for address in candidates.iter().flatten().filter_map(|id| address(id)) {
        if addresses.iter().all(|known| known.kind != address.kind) {
            addresses.push(address);
        }
    }
    addresses.sort_by_key(|address| address.kind != AddressKind::Bsuid);
    addresses
}

fn address(id: &str) -> Option<Address> {
    let bsuid = || is_bsuid(id).then(|| Address { kind: AddressKind::Bsuid, value: id.to_owned() });
    phone(id).map(|value| Address { kind: AddressKind::Phone, value }).or_else(bsuid)
}

/// Digits of an E.164 number, written with or without `+` and spaces.
fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '+' | ' ' | '-' | '(' | ')')).collect();
    ((5..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// `US.1349…`: a country and an opaque tail.
fn is_bsuid(text: &str) -> bool {
    let opaque =
        |tail: &str| !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_' || b == b'-');
    matches!(text.split_once('.'), Some((country, tail)) if country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()) && opaque(tail))
}

fn referral(referral: &Value) -> Referral {
    let text = |key| json::text(referral, key);
    Referral {
        source_type: text("source_type"),
        source_id: text("source_id"),
        source_url: text("source_url"),
        headline: text("headline"),
        body: text("body"),
        click_id: text("ctwa_clid"),
    }
}

fn read_status(status: &Value) -> EventKind {
    let (Some(vendor_id), Some(word)) = (json::id(status, "id"), json::text(status, "status")) else {
        return malformed("a status without an id or a state", status);
    };
    let delivery = match word.as_str() {
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        "read" => Delivery::Read,
        "played" => Delivery::Played,
        "failed" => Delivery::Failed,
        _ => return notice("status", status.clone()),
    };
    let error = json::list(status, "errors").first();
    EventKind::Status(StatusUpdate {
        vendor_id,
        delivery,
        at: time(status),
        echo: json::text(status, "biz_opaque_callback_data"),
        recipient: json::id(status, "recipient_id").or_else(|| json::id(status, "recipient_user_id")),
        code: error.and_then(errors::code),
        reason: error.and_then(errors::reason),
    })
}

fn time(item: &Value) -> Option<Timestamp> {
    let stated = json::integer(item, "timestamp").filter(|t| *t > 0)?;
    Some(Timestamp(if stated > LARGEST_SECONDS { stated } else { stated * 1000 }))
}

fn notice(kind: &str, body: Value) -> EventKind {
    EventKind::Notice { id: format!("notice:{}", fingerprint(&body)), kind: kind.to_owned(), body }
}

fn malformed(problem: Problem, item: &Value) -> EventKind {
    EventKind::Malformed { id: format!("malformed:{}", fingerprint(item)), problem: problem.to_owned(), body: item.clone() }
}

/// The same content has the same name in every redelivery.
fn fingerprint(item: &Value) -> String {
    hex::encode(&Sha256::digest(item.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_digits_and_business_scoped_ids_have_a_country() {
        for (id, expected) in [
            ("16505551234", Some((AddressKind::Phone, "16505551234"))),
            ("+57 300 123-4567", Some((AddressKind::Phone, "573001234567"))),
            ("US.13491208655302741918", Some((AddressKind::Bsuid, "US.13491208655302741918"))),
            ("US.ENT.11815799212886844830", Some((AddressKind::Bsuid, "US.ENT.11815799212886844830"))),
            ("us.1", None),
            ("US.", None),
            ("USA.1", None),
            ("1234", None),
            ("<script>", None),
            ("US.1/../x", None),
        ] {
            let found = address(id).map(|a| (a.kind, a.value));
            assert_eq!(found.as_ref().map(|(kind, value)| (*kind, value.as_str())), expected, "{id}");
        }
    }

    #[test]
    fn a_time_is_read_as_seconds_or_milliseconds_and_nonsense_is_no_time() {
        for (stated, expected) in [
            (json!("1697043223"), Some(1_697_043_223_000)),
            (json!(1_697_043_223), Some(1_697_043_223_000)),
            (json!("1697043223123"), Some(1_697_043_223_123)),
            (json!("4070908800"), Some(4_070_908_800_000)),
            (json!("0"), None),
            (json!(-5), None),
            (json!(i64::MAX), Some(i64::MAX)),
            (json!("soon"), None),
            (Value::Null, None),
        ] {
            assert_eq!(time(&json!({ "timestamp": stated })).map(|t| t.0), expected, "{stated}");
        }
    }
}
