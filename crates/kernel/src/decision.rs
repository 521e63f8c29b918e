//! Who decides whether a call is carried out: the rules of a business, held against facts that the server knows. The model may ask for
//! more caution, never for less.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    action::{About, Amount, Category, Level},
    ids::{ChannelId, LocationId, RuleId},
    member::Role,
};

/// Rules of a business; more would not be read by anybody.
pub const MOST_RULES: usize = 100;
const MOST_CONDITIONS: usize = 8;

/// One line of a business's table. The first that fits decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: RuleId,
    /// A tool's name, the beginning of names (`book*`), `category:external`, or `*`. What only looks is meant when it is named, and work
    /// among colleagues when it or its category is.
    pub action: String,
    /// Only when the agent acts for somebody with this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Only at this branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// All of them must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Condition>,
    pub level: Level,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = PolicyCondition)]
pub enum Condition {
    /// This action for this contact comes to more than so much today, this call included: splitting an amount does not help.
    AmountOver { minor: i64 },
    /// This action was called for this contact more often than so today, this call included.
    CountOver { count: i64 },
    /// It goes to somebody who is not the contact of the conversation.
    OtherRecipient {},
    /// The business is closed now.
    OutsideHours {},
    /// The contact wrote for the first time today.
    FirstTimeContact {},
}

/// What the server knows about a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub action: String,
    pub category: String,
    /// Of whom the agent acts for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    pub amount: Amount,
    /// Of this action for this contact, before this call.
    #[serde(default)]
    pub amount_today: i64,
    #[serde(default)]
    pub count_today: i64,
    #[serde(default)]
    pub other_recipient: bool,
    #[serde(default)]
    pub outside_hours: bool,
    #[serde(default)]
    pub first_time_contact: bool,
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    Rule(RuleId),
    /// No rule fits: what the action itself says.
    Default,
    /// A rule says less than the action allows.
    Floor,
    /// The model asked for more caution.
    Raised,
}

impl By {
    pub fn as_str(&self) -> &str {
        match self {
            By::Rule(id) => id.as_str(),
            By::Default => "default",
            By::Floor => "floor",
            By::Raised => "raised",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub level: Level,
    pub by: By,
}

/// `raised`: the caution that the model itself asks for.
pub fn decide(about: &About, rules: &[Rule], facts: &Facts, raised: Option<Level>) -> Decided {
    let meant = |rule: &&Rule| about.changes || rule.action == facts.action;
    let fitting = rules.iter().filter(meant).find(|rule| rule.fits(facts));
    let (mut level, mut by) = fitting.map_or((about.level, By::Default), |rule| (rule.level, By::Rule(rule.id.clone())));
    if level < about.least {
        (level, by) = (about.least, By::Floor);
    }
    if let Some(raised) = raised.filter(|raised| *raised > level) {
        (level, by) = (raised, By::Raised);
    }
    Decided { level, by }
}

impl Rule {
    fn fits(&self, facts: &Facts) -> bool {
        self.is_about(&facts.action, &facts.category)
            && self.role.is_none_or(|role| facts.role == Some(role))
            && self.location.as_ref().is_none_or(|location| facts.location.as_ref() == Some(location))
            && self.channel.as_ref().is_none_or(|channel| facts.channel.as_ref() == Some(channel))
            && self.when.iter().all(|condition| condition.holds(facts))
    }

    pub fn is_about(&self, action: &str, category: &str) -> bool {
        match (self.action.strip_prefix("category:"), self.action.strip_suffix('*')) {
            (Some(wanted), _) => wanted == category,
            // Whoever must ask before everything can still ask.
            (None, Some("")) => category != Category::Coordination.as_str(),
            (None, Some(beginning)) => action.starts_with(beginning),
            (None, None) => self.action == action,
        }
    }

    /// It asks what was done today, so that nobody else may do the same at this moment.
    pub fn counts(&self) -> bool {
        self.when.iter().any(|c| matches!(c, Condition::AmountOver { .. } | Condition::CountOver { .. }))
    }

    /// What a person must change before it can be a rule: where, and why.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let pattern = self.action.strip_prefix("category:").unwrap_or(&self.action);
        let named = pattern.strip_suffix('*').unwrap_or(pattern);
        if pattern.is_empty()
            || self.action.len() > 80
            || !named.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        {
            found.push(("action", "a tool's name, the beginning of names with `*`, `category:…` or `*`".to_owned()));
        }
        if let Some(category) = self.action.strip_prefix("category:")
            && !["communication", "resource", "external", "coordination"].contains(&category)
        {
            found.push(("action", "categories are communication, resource, external, coordination".to_owned()));
        }
        if self.when.len() > MOST_CONDITIONS {
            found.push(("when", format!("at most {MOST_CONDITIONS} conditions")));
        }
        for condition in &self.when {
            match condition {
                Condition::AmountOver { minor } if *minor < 0 => found.push(("when", "an amount of 0 or more".to_owned())),
                Condition::CountOver { count } if *count < 0 => found.push(("when", "a number of 0 or more".to_owned())),
                _ => {}
            }
        }
        if self.note.chars().count() > 300 {
            found.push(("note", "at most 300 characters".to_owned()));
        }
        found
    }
}

impl Condition {
    fn holds(&self, facts: &Facts) -> bool {
        match self {
            Condition::AmountOver { minor } => match facts.amount {
                Amount::None => false,
                Amount::Minor(amount) => facts.amount_today.saturating_add(amount) > *minor,
                Amount::Unreadable => true,
            },
            Condition::CountOver { count } => facts.count_today.saturating_add(1) > *count,
            Condition::OtherRecipient {} => facts.other_recipient,
            Condition::OutsideHours {} => facts.outside_hours,
            Condition::FirstTimeContact {} => facts.first_time_contact,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refund() -> About {
        About { amount: Some("/amount".into()), ..About::changes(Category::External, "booking:write", "Refund", "Reembolso") }
    }
    fn facts() -> Facts {
        Facts {
            action: "refund".into(),
            category: "external".into(),
            role: None,
            location: None,
            channel: None,
            amount: Amount::Minor(100),
            amount_today: 0,
            count_today: 0,
            other_recipient: false,
            outside_hours: false,
            first_time_contact: false,
        }
    }
    fn rule(n: u32, action: &str, when: Vec<Condition>, level: Level) -> Rule {
        let id = RuleId::parse(&format!("rul_{n}")).unwrap();
        Rule { id, action: action.into(), role: None, location: None, channel: None, when, level, note: String::new() }
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_never_below_the_floor() {
        use Condition::*;
        use Level::*;
        let over = |minor| vec![AmountOver { minor }];
        type Case<'c> = (&'c [Rule], About, Facts, Option<Level>, Level, &'c str);
        let table: &[Case<'_>] = &[
            (&[], refund(), facts(), None, Automatic, "default"),
            (&[], refund().at_least(Approval), facts(), None, Approval, "default"),
            (&[rule(1, "*", vec![], Suggestion)], refund(), facts(), None, Suggestion, "rul_1"),
            (&[rule(1, "ref*", vec![], Suggestion)], refund(), facts(), None, Suggestion, "rul_1"),
            (&[rule(1, "refunds", vec![], Off)], refund(), facts(), None, Automatic, "default"),
            (&[rule(1, "category:external", vec![], Off)], refund(), facts(), None, Off, "rul_1"),
            (&[rule(1, "category:resource", vec![], Off)], refund(), facts(), None, Automatic, "default"),
            // What only looks, and work among colleagues, are meant when they are named.
            (&[rule(1, "*", vec![], Off)], About::reads("booking:read", "Look", "Ver"), facts(), None, Automatic, "default"),
            (&[rule(1, "refund", vec![], Off)], About::reads("booking:read", "Look", "Ver"), facts(), None, Off, "rul_1"),
            (
                &[rule(1, "*", vec![], Off)],
                refund(),
                Facts { category: "coordination".into(), ..facts() },
                None,
                Automatic,
                "default",
            ),
            // In order.
            (&[rule(1, "refund", over(50), Approval), rule(2, "*", vec![], Off)], refund(), facts(), None, Approval, "rul_1"),
            (&[rule(1, "refund", over(100), Approval), rule(2, "*", vec![], Off)], refund(), facts(), None, Off, "rul_2"),
            // Below the floor.
            (&[rule(1, "refund", vec![], Automatic)], refund().at_least(Approval), facts(), None, Approval, "floor"),
            (&[rule(1, "refund", vec![], Off)], refund().at_least(Approval), facts(), None, Off, "rul_1"),
            // Split amounts add up; what cannot be read is more than any limit; no amount is none.
            (&[rule(1, "refund", over(100), Approval)], refund(), Facts { amount_today: 1, ..facts() }, None, Approval, "rul_1"),
            (
                &[rule(1, "refund", over(i64::MAX), Approval)],
                refund(),
                Facts { amount_today: i64::MAX, ..facts() },
                None,
                Automatic,
                "default",
            ),
            (
                &[rule(1, "refund", over(i64::MAX), Approval)],
                refund(),
                Facts { amount: Amount::Unreadable, ..facts() },
                None,
                Approval,
                "rul_1",
            ),
            (
                &[rule(1, "refund", over(0), Approval)],
                refund(),
                Facts { amount: Amount::None, ..facts() },
                None,
                Automatic,
                "default",
            ),
            (
                &[rule(1, "refund", vec![CountOver { count: 2 }], Approval)],
                refund(),
                Facts { count_today: 1, ..facts() },
                None,
                Automatic,
                "default",
            ),
            (
                &[rule(1, "refund", vec![CountOver { count: 2 }], Approval)],
                refund(),
                Facts { count_today: 2, ..facts() },
                None,
                Approval,
                "rul_1",
            ),
            // All conditions must hold.
            (
                &[rule(1, "*", vec![OutsideHours {}, FirstTimeContact {}], Off)],
                refund(),
                Facts { outside_hours: true, ..facts() },
                None,
                Automatic,
                "default",
            ),
            (
                &[rule(1, "*", vec![OtherRecipient {}], Off)],
                refund(),
                Facts { other_recipient: true, ..facts() },
                None,
                Off,
                "rul_1",
            ),
            // The model may raise, never lower.
            (&[], refund(), facts(), Some(Approval), Approval, "raised"),
            (&[rule(1, "*", vec![], Approval)], refund(), facts(), Some(Automatic), Approval, "rul_1"),
            (&[rule(1, "*", vec![], Off)], refund(), facts(), Some(Approval), Off, "rul_1"),
            (&[], refund(), facts(), Some(Automatic), Automatic, "default"),
        ];
        for (rules, about, facts, raised, level, by) in table {
            let decided = decide(about, rules, facts, *raised);
            assert_eq!((decided.level, decided.by.as_str()), (*level, *by), "{rules:?} {facts:?}");
        }
    }

    #[test]
    fn a_rule_for_a_role_a_branch_or_a_channel_fits_there_only() {
        let (here, there) = (LocationId::parse("loc_1").unwrap(), LocationId::parse("loc_2").unwrap());
        let (desk, street) = (ChannelId::parse("chn_1").unwrap(), ChannelId::parse("chn_2").unwrap());
        let of = |rule: &Rule, facts: &Facts| decide(&refund(), std::slice::from_ref(rule), facts, None).level;
        let bare = rule(1, "*", vec![], Level::Off);
        for (rule, facts, level) in [
            (Rule { role: Some(Role::Staff), ..bare.clone() }, facts(), Level::Automatic),
            (Rule { role: Some(Role::Staff), ..bare.clone() }, Facts { role: Some(Role::Staff), ..facts() }, Level::Off),
            (Rule { location: Some(here.clone()), ..bare.clone() }, facts(), Level::Automatic),
            (Rule { location: Some(here.clone()), ..bare.clone() }, Facts { location: Some(there), ..facts() }, Level::Automatic),
            (Rule { location: Some(here.clone()), ..bare.clone() }, Facts { location: Some(here), ..facts() }, Level::Off),
            (Rule { channel: Some(desk.clone()), ..bare.clone() }, facts(), Level::Automatic),
            (Rule { channel: Some(desk.clone()), ..bare.clone() }, Facts { channel: Some(street), ..facts() }, Level::Automatic),
            (Rule { channel: Some(desk.clone()), ..bare }, Facts { channel: Some(desk), ..facts() }, Level::Off),
        ] {
            assert_eq!(of(&rule, &facts), level, "{rule:?} {facts:?}");
        }
    }

    #[test]
    fn a_rule_is_kept_as_a_person_wrote_it_and_refused_when_it_says_nothing() {
        let kept = rule(1, "refund", vec![Condition::AmountOver { minor: 5 }, Condition::OutsideHours {}], Level::Approval);
        let json = serde_json::to_string(&kept).unwrap();
        assert!(json.contains(r#"{"kind":"amount_over","minor":5},{"kind":"outside_hours"}"#), "{json}");
        assert_eq!(serde_json::from_str::<Rule>(&json).unwrap(), kept);
        assert!(kept.problems().is_empty() && kept.counts());
        for action in ["", "a b", "category:", "category:money", "refund;", "réfund", &"x".repeat(81)] {
            assert!(!rule(1, action, vec![], Level::Off).problems().is_empty(), "{action}");
        }
        for action in ["*", "book*", "refund", "pay_back", "crm-note", "category:external"] {
            assert!(rule(1, action, vec![], Level::Off).problems().is_empty(), "{action}");
        }
        assert!(!rule(1, "*", vec![Condition::AmountOver { minor: -1 }], Level::Off).problems().is_empty());
    }

    #[test]
    fn a_rule_is_as_long_as_it_may_be_and_no_longer() {
        use Condition::*;
        let wrong = |rule: Rule| rule.problems().into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        let with = |when| rule(1, "*", when, Level::Off);
        assert_eq!(wrong(rule(1, &"x".repeat(80), vec![], Level::Off)), [""; 0]);
        assert_eq!(wrong(with(vec![OutsideHours {}; MOST_CONDITIONS])), [""; 0]);
        assert_eq!(wrong(with(vec![OutsideHours {}; MOST_CONDITIONS + 1])), ["when"]);
        assert_eq!(wrong(with(vec![AmountOver { minor: 0 }, CountOver { count: 0 }])), [""; 0]);
        assert_eq!(wrong(with(vec![CountOver { count: -1 }])), ["when"]);
        assert_eq!(wrong(Rule { note: "ñ".repeat(300), ..with(vec![]) }), [""; 0]);
        assert_eq!(wrong(Rule { note: "ñ".repeat(301), ..with(vec![]) }), ["note"]);
    }

    #[test]
    fn a_rule_about_amounts_or_numbers_counts_what_was_done_today_and_no_other_does() {
        use Condition::*;
        for (when, counts) in [
            (vec![], false),
            (vec![OutsideHours {}, FirstTimeContact {}, OtherRecipient {}], false),
            (vec![OutsideHours {}, CountOver { count: 1 }], true),
            (vec![AmountOver { minor: 1 }], true),
        ] {
            assert_eq!(rule(1, "*", when.clone(), Level::Off).counts(), counts, "{when:?}");
        }
    }
}
