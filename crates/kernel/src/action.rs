//! What a tool does to the world, declared once: who may call it, how far the agent may go alone, what it proves.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{effect::Class, language::Language, tool::ReceiptKind};

/// How far the agent may go alone, from alone to not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It is done at once.
    Automatic,
    /// The customer confirms first.
    Suggestion,
    /// A colleague is asked first; the agent reads the answer.
    Consultation,
    /// A person says yes or no to exactly these arguments.
    Approval,
    /// It is not done.
    Off,
}

impl Level {
    pub const ALL: [Level; 5] = [Level::Automatic, Level::Suggestion, Level::Consultation, Level::Approval, Level::Off];

    pub fn as_str(self) -> &'static str {
        match self {
            Level::Automatic => "automatic",
            Level::Suggestion => "suggestion",
            Level::Consultation => "consultation",
            Level::Approval => "approval",
            Level::Off => "off",
        }
    }
    pub fn parse(text: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|l| l.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ActionCategory)]
pub enum Category {
    /// Something is said to somebody.
    Communication,
    /// The business's own records.
    Resource,
    /// Other systems, the calendar of the world, money.
    External,
    /// Work among colleagues.
    Coordination,
}

impl Category {
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Communication => "communication",
            Category::Resource => "resource",
            Category::External => "external",
            Category::Coordination => "coordination",
        }
    }
}

/// What a person calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    pub english: Cow<'static, str>,
    pub spanish: Cow<'static, str>,
}

impl Title {
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Spanish => &self.spanish,
        }
    }
}

/// A tool as the server sees it; nothing of this is the model's to say.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    pub title: Title,
    pub category: Category,
    /// It does more than look.
    pub changes: bool,
    /// `noun:verb`: whoever acts, or is acted for, must have it.
    pub permission: &'static str,
    /// The row of the cost table; `None` = free.
    pub cost: Option<&'static str>,
    /// Where no rule says otherwise.
    pub level: Level,
    /// No rule goes below.
    pub least: Level,
    /// What a lost answer means.
    pub class: Class,
    pub proves: Option<ReceiptKind>,
    /// A person can undo it.
    pub reversible: bool,
    /// JSON pointer to the amount, in minor units of the business's currency.
    pub amount: Option<Cow<'static, str>>,
    /// JSON pointer to whom it goes, where that is not the contact of the conversation by itself.
    pub recipient: Option<Cow<'static, str>>,
}

impl About {
    fn new(category: Category, permission: &'static str, english: &'static str, spanish: &'static str) -> About {
        About {
            title: Title { english: english.into(), spanish: spanish.into() },
            category,
            changes: true,
            permission,
            cost: None,
            level: Level::Automatic,
            least: Level::Automatic,
            class: Class::A,
            proves: None,
            reversible: true,
            amount: None,
            recipient: None,
        }
    }

    /// It only looks.
    pub fn reads(permission: &'static str, english: &'static str, spanish: &'static str) -> About {
        About { changes: false, ..About::new(Category::Resource, permission, english, spanish) }
    }

    /// It changes something in our own database, and a person can undo it.
    pub fn changes(category: Category, permission: &'static str, english: &'static str, spanish: &'static str) -> About {
        About::new(category, permission, english, spanish)
    }

    #[must_use]
    pub fn proving(self, receipt: ReceiptKind) -> About {
        About { proves: Some(receipt), ..self }
    }

    #[must_use]
    pub fn for_good(self) -> About {
        About { reversible: false, ..self }
    }

    /// The agent never goes further alone, whatever the rules say.
    #[must_use]
    pub fn at_least(self, level: Level) -> About {
        About { least: level, level: self.level.max(level), ..self }
    }

    /// What of these arguments is an amount.
    pub fn amount_of(&self, arguments: &Value) -> Amount {
        let Some(found) = self.amount.as_deref().and_then(|pointer| arguments.pointer(pointer)) else { return Amount::None };
        match found.as_i64() {
            Some(minor) if minor >= 0 => Amount::Minor(minor),
            _ => Amount::Unreadable,
        }
    }

    /// To whom these arguments send something.
    pub fn recipient_of<'a>(&self, arguments: &'a Value) -> Option<&'a str> {
        self.recipient.as_deref().and_then(|pointer| arguments.pointer(pointer)).and_then(Value::as_str)
    }
}

/// An amount in minor units, as far as there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    None,
    Minor(i64),
    /// There is something where the amount should be: it counts as more than any limit.
    Unreadable,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_read_as_an_amount_is_not_taken_for_a_small_one() {
        let about = About {
            amount: Some("/amount".into()),
            ..About::changes(Category::External, "booking:write", "Refund", "Reembolso")
        };
        for (arguments, expected) in [
            (json!({}), Amount::None),
            (json!({"amount": 0}), Amount::Minor(0)),
            (json!({"amount": 4_500}), Amount::Minor(4_500)),
            (json!({"amount": -5}), Amount::Unreadable),
            (json!({"amount": 45.5}), Amount::Unreadable),
            (json!({"amount": "45"}), Amount::Unreadable),
            (json!({"amount": null}), Amount::Unreadable),
            (json!({"amount": {"minor": 1}}), Amount::Unreadable),
            (json!({"amount": 1e300}), Amount::Unreadable),
        ] {
            assert_eq!(about.amount_of(&arguments), expected, "{arguments}");
        }
    }

    #[test]
    fn a_floor_lifts_the_default_too() {
        let about = About::changes(Category::External, "booking:write", "Refund", "Reembolso").at_least(Level::Approval);
        assert_eq!((about.level, about.least), (Level::Approval, Level::Approval));
        assert!(Level::ALL.windows(2).all(|l| l[0] < l[1]));
        assert!(Level::ALL.into_iter().all(|l| Level::parse(l.as_str()) == Some(l)));
    }
}
