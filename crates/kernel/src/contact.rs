//! A customer and the ways to reach them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, ids::ContactId, language::Language};

/// A way to name a person on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// E.164 without `+` (WhatsApp's `wa_id`).
    Phone,
    /// WhatsApp's business-scoped user id (`US.1349…`).
    Bsuid,
    Email,
    Visitor,
}

impl AddressKind {
    pub fn as_str(self) -> &'static str {
        match self {
            AddressKind::Phone => "phone",
            AddressKind::Bsuid => "bsuid",
            AddressKind::Email => "email",
            AddressKind::Visitor => "visitor",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "phone" => AddressKind::Phone,
            "bsuid" => AddressKind::Bsuid,
            "email" => AddressKind::Email,
            "visitor" => AddressKind::Visitor,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub id: ContactId,
    /// What they told us or staff wrote; never the channel's profile name.
    pub name: Option<String>,
    /// Free facts that tools keep (`age`, `birthday` …); values are short texts.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// The language they are answered in; `None`: the business's.
    #[serde(default)]
    pub language: Option<String>,
    /// What staff wrote about them; the bot does not read it.
    #[serde(default)]
    pub note: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Contact {
    /// Somebody of whom nothing is known yet.
    pub fn stranger(id: ContactId, now: Timestamp) -> Contact {
        Contact { id, name: None, facts: Default::default(), language: None, note: None, created_at: now, updated_at: now }
    }

    /// In which language our own lines are said to them.
    pub fn speaks(&self, business: Language) -> Language {
        self.language.as_deref().map_or(business, Language::of)
    }
}

/// Something that two contacts say differently, when they become one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    /// `name`, `language` or a fact.
    pub what: String,
    pub kept: String,
    pub dropped: String,
}

/// What two contacts are together, and where they disagreed. What only one knows is kept, and so are both notes; where they disagree,
/// `one` is right, or `other` when it is preferred. It stays the contact `one`.
pub fn together(one: &Contact, other: &Contact, prefer_other: bool) -> (Contact, Vec<Clash>) {
    let (right, left) = if prefer_other { (other, one) } else { (one, other) };
    let mut clashes = Vec::new();
    let mut choose = |what: &str, right: Option<&String>, left: Option<&String>| {
        if let (Some(right), Some(left)) = (right, left)
            && right != left
        {
            clashes.push(Clash { what: what.to_owned(), kept: right.clone(), dropped: left.clone() });
        }
        right.or(left).cloned()
    };
    let name = choose("name", right.name.as_ref(), left.name.as_ref());
    let language = choose("language", right.language.as_ref(), left.language.as_ref());
    let mut facts = BTreeMap::new();
    for fact in right.facts.keys().chain(left.facts.keys()) {
        if !facts.contains_key(fact)
            && let Some(value) = choose(fact, right.facts.get(fact), left.facts.get(fact))
        {
            facts.insert(fact.clone(), value);
        }
    }
    let note = match (&one.note, &other.note) {
        (Some(a), Some(b)) if a != b => Some(format!("{a}\n\n{b}")),
        (a, b) => a.clone().or_else(|| b.clone()),
    };
    let created_at = one.created_at.min(other.created_at);
    (Contact { id: one.id.clone(), name, facts, language, note, created_at, updated_at: one.updated_at }, clashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(id: &str, name: Option<&str>, facts: &[(&str, &str)], note: Option<&str>) -> Contact {
        Contact {
            name: name.map(str::to_owned),
            facts: facts.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            note: note.map(str::to_owned),
            ..Contact::stranger(ContactId::parse(id).unwrap(), Timestamp(5))
        }
    }

    #[test]
    fn what_only_one_knows_is_kept_and_where_they_disagree_the_preferred_one_is_right() {
        let one = contact("con_1", None, &[("age", "30"), ("city", "Cali")], Some("likes tea"));
        let other = contact("con_2", Some("Ana"), &[("age", "31"), ("pet", "cat")], Some("came by bus"));
        for (prefer_other, age, dropped) in [(false, "30", "31"), (true, "31", "30")] {
            let (both, clashes) = together(&one, &other, prefer_other);
            assert_eq!((both.id.as_str(), both.name.as_deref()), ("con_1", Some("Ana")));
            assert_eq!(both.facts.get("age").map(String::as_str), Some(age));
            assert_eq!(both.facts.len(), 3);
            assert_eq!(both.note.as_deref(), Some("likes tea\n\ncame by bus"));
            assert_eq!(clashes, [Clash { what: "age".into(), kept: age.into(), dropped: dropped.into() }]);
        }
    }
}
