//! Reading a stranger's JSON: what is missing or of another type is `None`, texts are clean.

use std::borrow::Cow;

use frontdesk_kernel::split::cut;
use serde_json::Value;

use super::settings::limits::{RECEIVED_TEXT, VENDOR_ID};

/// A text of people: without NUL (databases refuse it) and of bounded length. `None` when empty.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    clean(value.get(key)?.as_str()?)
}

pub(super) fn clean(raw: &str) -> Option<String> {
    let text = without_nul(raw);
    // Bytes first: counting the characters of every short text would be wasted work.
    let text = if text.len() > RECEIVED_TEXT { cut(&text, RECEIVED_TEXT) } else { &text };
    (!text.is_empty()).then(|| text.to_owned())
}

/// A name the vendor gave: a text or a number, never long.
pub(super) fn id(value: &Value, key: &str) -> Option<String> {
    let id = scalar(value.get(key)?)?;
    (!id.is_empty() && id.len() <= VENDOR_ID).then(|| without_nul(&id).into_owned())
}

/// Texts and numbers as text; vendors change their mind about which it is.
pub(super) fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

pub(super) fn integer(value: &Value, key: &str) -> Option<i64> {
    let value = value.get(key)?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

pub(super) fn number(value: &Value, key: &str) -> Option<f64> {
    let value = value.get(key)?;
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|n| n.is_finite())
}

pub(super) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_lose_nul_and_what_is_too_long() {
        let long = "é".repeat(RECEIVED_TEXT + 9);
        let value = json!({"nul": "a\u{0}b", "only": "\u{0}", "long": long, "not": 5});
        assert_eq!(text(&value, "nul").as_deref(), Some("ab"));
        assert_eq!(text(&value, "only"), None);
        assert_eq!(text(&value, "long").unwrap().chars().count(), RECEIVED_TEXT);
        assert_eq!((text(&value, "not"), text(&value, "absent"), text(&json!([1]), "x")), (None, None, None));
    }

    #[test]
    fn numbers_and_ids_may_come_as_texts() {
        let value = json!({"n": 12, "t": "12", "f": "1.5", "inf": "inf", "long": "x".repeat(VENDOR_ID + 1)});
        assert_eq!((integer(&value, "n"), integer(&value, "t"), integer(&value, "f")), (Some(12), Some(12), None));
        assert_eq!((number(&value, "f"), number(&value, "inf")), (Some(1.5), None));
        assert_eq!((id(&value, "n").as_deref(), id(&value, "t").as_deref(), id(&value, "long")), (Some("12"), Some("12"), None));
    }
}
