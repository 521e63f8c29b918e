//! The values that the server fills in: who the conversation is with, for which business, when; and secrets, in clear or masked.

use std::collections::BTreeMap;

use frontdesk_kernel::{Secret, Timestamp, contact::AddressKind, tenant::Tenant};
use serde_json::Value;

use super::{Opened, template::Ours};

/// Every value there is but secrets; what it holds, for people.
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("contact.id", "our id of the customer"),
    ("contact.name", "the customer's name, when known"),
    ("contact.phone", "the customer's number, where they write by phone"),
    ("contact.address", "how the customer is reached on this channel"),
    ("conversation.id", "our id of the conversation"),
    ("tenant.id", "our id of the business"),
    ("tenant.name", "the business"),
    ("tenant.time_zone", "its time zone"),
    ("tenant.language", "its language"),
    ("tenant.currency", "its currency"),
    ("now", "the moment, UTC"),
    ("today", "the business's date"),
];

/// What is shown instead of a secret.
pub(crate) const MASK: &str = "*****";
/// What is shorter stands in too many other words.
const SHORTEST_MASKED: usize = 4;

#[derive(Debug, Clone, Default)]
pub(crate) struct OurValues {
    plain: BTreeMap<&'static str, String>,
    secrets: BTreeMap<String, String>,
}

/// The customer, as far as a request may name them.
pub(crate) struct Who<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) address_kind: AddressKind,
    pub(crate) address: &'a str,
    pub(crate) conversation: &'a str,
}

impl OurValues {
    pub(crate) fn of(tenant: &Tenant, who: &Who<'_>, now: Timestamp) -> OurValues {
        let phone = if who.address_kind == AddressKind::Phone { who.address } else { "" };
        let local = now.in_zone(&tenant.zone());
        let plain = BTreeMap::from([
            ("contact.id", who.id.to_owned()),
            ("contact.name", who.name.to_owned()),
            ("contact.phone", phone.to_owned()),
            ("contact.address", who.address.to_owned()),
            ("conversation.id", who.conversation.to_owned()),
            ("tenant.id", tenant.id.to_string()),
            ("tenant.name", tenant.name.clone()),
            ("tenant.time_zone", tenant.time_zone.clone()),
            ("tenant.language", tenant.language.clone()),
            ("tenant.currency", tenant.currency.clone()),
            ("now", now.to_string()),
            ("today", local.strftime("%Y-%m-%d").to_string()),
        ]);
        OurValues { plain, secrets: BTreeMap::new() }
    }

    pub(crate) fn with(&self, secrets: &BTreeMap<String, Opened>) -> OurValues {
        let secrets = secrets.iter().map(|(name, s)| (name.clone(), s.secret.reveal().to_owned())).collect();
        OurValues { plain: self.plain.clone(), secrets }
    }

    pub(crate) fn masked(&self, secrets: &BTreeMap<String, Opened>) -> OurValues {
        let secrets = secrets.keys().map(|name| (name.clone(), MASK.to_owned())).collect();
        OurValues { plain: self.plain.clone(), secrets }
    }
}

impl Ours for OurValues {
    fn value(&self, name: &str) -> Option<String> {
        match name.strip_prefix("secret.") {
            Some(secret) => self.secrets.get(secret).cloned(),
            None => self.plain.get(name).cloned(),
        }
    }
}

/// A service that repeats our secrets to us does not get them into a trace, a model or a page; not even as JSON writes them.
pub(crate) fn mask<'s>(text: &str, secrets: impl IntoIterator<Item = &'s Secret>) -> String {
    let mut secrets: Vec<&str> = secrets.into_iter().map(Secret::reveal).filter(|s| s.len() >= SHORTEST_MASKED).collect();
    // One may be the beginning of another.
    secrets.sort_by_key(|s| std::cmp::Reverse(s.len()));
    secrets.into_iter().fold(text.to_owned(), |text, secret| {
        let written = Value::from(secret).to_string();
        let without = |text: String, secret: &str| if text.contains(secret) { text.replace(secret, MASK) } else { text };
        without(without(text, secret), &written[1..written.len() - 1])
    })
}

pub(crate) fn scrub(text: &str, secrets: &BTreeMap<String, Opened>) -> String {
    mask(text, secrets.values().map(|s| &s.secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_repeated_whole_nor_written_in_another_way() {
        let secrets = ["s3cr", "s3cr-and-more", "a\"b\\c/d", "abc", "ends with \""].map(Secret::new);
        for (text, masked) in [
            ("it is s3cr.", "it is *****."),
            ("it is s3cr-and-more.", "it is *****."),
            (r#"{"k":"a\"b\\c/d"}"#, r#"{"k":"*****"}"#),
            (r#"a"b\c/d"#, "*****"),
            (r#"["ends with \""]"#, r#"["*****"]"#),
            ("abc is too short to tell", "abc is too short to tell"),
        ] {
            assert_eq!(mask(text, &secrets), masked, "{text}");
        }
    }
}
