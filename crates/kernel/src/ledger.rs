//! Business credit ("tokens", not a model's): what actions cost, when they are refused, when somebody is told; and what model calls cost in money.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Timestamp, agent::ModelChoice, ports::model::Usage};

mod price;

pub use price::{Price, price_of};

/// How often something is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Each time.
    Action,
    /// Once for everything that one conversation is sent within this time.
    Window(Duration),
    /// Once in each month of the business's time zone.
    Month,
}

/// Something that has a price in tokens.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub key: &'static str,
    /// Where the business has not set its own.
    pub tokens: i64,
    pub per: Per,
    /// For the person who sets it.
    pub about: &'static str,
}

pub const MODEL_CALL: &str = "internal_model_call";
pub const MONTHLY_FEE: &str = "monthly_fee";

/// What everybody pays who sets nothing. A tool's own cost has the key `tool:` and its name, and is nothing until it is set.
pub const COSTS: &[Cost] = &[
    Cost {
        key: "whatsapp_conversation",
        tokens: 10,
        per: Per::Window(Duration::from_secs(24 * 3600)),
        about: "everything that one customer is sent from one number within 24 hours",
    },
    Cost { key: "sms", tokens: 1, per: Per::Action, about: "a text message" },
    Cost { key: "email", tokens: 1, per: Per::Action, about: "an e-mail" },
    Cost { key: "call", tokens: 50, per: Per::Action, about: "a phone call" },
    Cost { key: MODEL_CALL, tokens: 1, per: Per::Action, about: "one answer of a language model" },
    Cost { key: MONTHLY_FEE, tokens: 200, per: Per::Month, about: "the service itself, in every month" },
];

/// Begins the key of a tool's own cost.
pub const OF_TOOL: &str = "tool:";

/// Nothing costs more, no ceiling is higher, nobody tops up more at once.
pub const MOST_TOKENS: i64 = 1_000_000_000;
/// The highest ceiling in money, in millionths of a US dollar.
pub const MOST_MICROS: i64 = 1_000_000_000_000;

/// How a business keeps its accounts. Nothing is counted until it is switched on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accounting {
    pub enabled: bool,
    /// Its own costs, by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub costs: BTreeMap<String, i64>,
    pub ceilings: Ceilings,
    /// What it pays for models, by their names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prices: BTreeMap<String, Price>,
    /// Who answers when a ceiling is near; without it the cheapest of the agent's models does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cheaper_model: Option<ModelChoice>,
}

/// What may be spent; `None` = no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ceilings {
    /// Tokens of one day of the business's time zone.
    pub day: Option<i64>,
    /// Tokens of one contact and day.
    pub contact_day: Option<i64>,
    /// Tokens of one campaign, ever.
    pub campaign: Option<i64>,
    /// Tokens of one month of the business's time zone, its fee not counted.
    pub month: Option<i64>,
    /// What model calls of one day may cost, in millionths of a US dollar.
    pub money_day: Option<i64>,
}

impl Accounting {
    pub fn is_untouched(&self) -> bool {
        *self == Accounting::default()
    }

    /// What something costs here; an unknown key costs nothing.
    pub fn cost(&self, key: &str) -> i64 {
        self.costs.get(key).copied().unwrap_or_else(|| COSTS.iter().find(|c| c.key == key).map_or(0, |c| c.tokens))
    }

    /// What is wrong with it, by path.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut check = |path: String, value: i64, most: i64| {
            if !(0..=most).contains(&value) {
                found.push((path, format!("a whole number from 0 to {most}")));
            }
        };
        for (key, tokens) in &self.costs {
            check(format!("costs.{key}"), *tokens, MOST_TOKENS);
        }
        let c = &self.ceilings;
        for (name, ceiling) in [("day", c.day), ("contact_day", c.contact_day), ("campaign", c.campaign), ("month", c.month)] {
            check(format!("ceilings.{name}"), ceiling.unwrap_or(0), MOST_TOKENS);
        }
        check("ceilings.money_day".into(), c.money_day.unwrap_or(0), MOST_MICROS);
        for (model, p) in &self.prices {
            for (name, price) in [("input", p.input), ("cached", p.cached), ("output", p.output)] {
                check(format!("prices.{model}.{name}"), price, MOST_MICROS);
            }
        }
        for key in self.costs.keys().filter(|key| !is_cost(key)) {
            let known: Vec<_> = COSTS.iter().map(|c| c.key).collect();
            found.push((
                format!("costs.{key}"),
                format!("not something that has a cost: {} or `tool:` and a tool's name", known.join(", ")),
            ));
        }
        found
    }
}

/// Whether something can have a cost.
pub fn is_cost(key: &str) -> bool {
    let tool =
        |name: &str| (1..=100).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    COSTS.iter().any(|c| c.key == key) || key.strip_prefix(OF_TOOL).is_some_and(tool)
}

/// How often this is paid for.
pub fn per(key: &str) -> Per {
    COSTS.iter().find(|c| c.key == key).map_or(Per::Action, |c| c.per)
}

/// A day of a business as text (`2026-11-25`), and its month (`2026-11`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    pub day: String,
    pub month: String,
}

impl Day {
    pub fn at(now: Timestamp, zone: &jiff::tz::TimeZone) -> Day {
        let date = now.in_zone(zone).date();
        Day { day: date.to_string(), month: month_of(date) }
    }
}

fn month_of(date: jiff::civil::Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

/// The month after one (`2026-12` → `2027-01`); `None` for what is no month.
pub fn month_after(month: &str) -> Option<String> {
    let first: jiff::civil::Date = format!("{month}-01").parse().ok()?;
    first.checked_add(jiff::Span::new().months(1)).ok().map(month_of)
}

/// Every month from one to another, both included, oldest first; at most ten years.
pub fn months(from: &str, to: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut month = Some(from.to_owned());
    while let Some(m) = month.filter(|m| m.as_str() <= to && found.len() < 120) {
        month = month_after(&m);
        found.push(m);
    }
    found
}

/// What was spent and is reserved, of the kinds that ceilings limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub day: i64,
    pub contact_day: i64,
    pub campaign: i64,
    pub month: i64,
    /// Millionths of a US dollar.
    pub money_day: i64,
}

/// Why something may not be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocked {
    /// There are not enough tokens.
    Balance,
    Day,
    ContactDay,
    Campaign,
    Month,
    MoneyDay,
    /// A ceiling in money stands and nobody knows what this model costs.
    UnknownPrice,
}

impl Blocked {
    pub fn as_str(self) -> &'static str {
        match self {
            Blocked::Balance => "balance",
            Blocked::Day => "day",
            Blocked::ContactDay => "contact_day",
            Blocked::Campaign => "campaign",
            Blocked::Month => "month",
            Blocked::MoneyDay => "money_day",
            Blocked::UnknownPrice => "unknown_price",
        }
    }
}

impl std::fmt::Display for Blocked {
    /// For the people of the business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Blocked::Balance => "there are not enough tokens left: top up",
            Blocked::Day => "today's ceiling of tokens is reached",
            Blocked::ContactDay => "today's ceiling of tokens for this contact is reached",
            Blocked::Campaign => "this campaign's ceiling of tokens is reached",
            Blocked::Month => "this month's ceiling of tokens is reached",
            Blocked::MoneyDay => "today's ceiling of money for models is reached",
            Blocked::UnknownPrice => "a ceiling of money is set and the price of this model is not known: set its price",
        })
    }
}

/// Whether so many tokens and so much money may be spent on top. What costs nothing is never refused for its tokens.
pub fn admit(available: i64, spent: &Spent, ceilings: &Ceilings, tokens: i64, micros: i64) -> Result<(), Blocked> {
    let over =
        |ceiling: Option<i64>, spent: i64, more: i64| more > 0 && ceiling.is_some_and(|most| spent.saturating_add(more) > most);
    for (refused, why) in [
        (tokens > 0 && available < tokens, Blocked::Balance),
        (over(ceilings.day, spent.day, tokens), Blocked::Day),
        (over(ceilings.contact_day, spent.contact_day, tokens), Blocked::ContactDay),
        (over(ceilings.campaign, spent.campaign, tokens), Blocked::Campaign),
        (over(ceilings.month, spent.month, tokens), Blocked::Month),
        (over(ceilings.money_day, spent.money_day, micros), Blocked::MoneyDay),
    ] {
        if refused {
            return Err(why);
        }
    }
    Ok(())
}

/// Somebody should know: so much of a limit is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// `credit`, `day`, `month` or `money_day`.
    pub what: &'static str,
    pub percent: i64,
    /// Told once under this name.
    pub name: String,
}

/// What is to be told after something was spent. `topped` is what was there after the last top-up, the `grants`th.
pub fn alerts(available: i64, topped: i64, grants: i64, spent: &Spent, ceilings: &Ceilings, day: &Day) -> Vec<Alert> {
    let mut found = Vec::new();
    let mut look = |what: &'static str, when: &str, used: i64, most: i64| {
        for percent in [80, 100] {
            if most > 0 && i128::from(used) * 100 >= i128::from(most) * percent {
                found.push(Alert { what, percent: percent as i64, name: format!("{what}/{when}/{percent}") });
            }
        }
    };
    look("credit", &grants.to_string(), topped - available, topped);
    look("day", &day.day, spent.day, ceilings.day.unwrap_or(0));
    look("month", &day.month, spent.month, ceilings.month.unwrap_or(0));
    look("money_day", &day.day, spent.money_day, ceilings.money_day.unwrap_or(0));
    found
}

/// A limit of today is near: what can be had cheaper is.
pub fn is_near(spent: &Spent, ceilings: &Ceilings) -> bool {
    let near =
        |used: i64, most: Option<i64>| most.is_some_and(|most| most > 0 && used.saturating_mul(100) >= most.saturating_mul(80));
    near(spent.day, ceilings.day) || near(spent.month, ceilings.month) || near(spent.money_day, ceilings.money_day)
}

/// What a call costs in millionths of a US dollar, rounded up: a paid call is never free.
pub fn money(price: &Price, usage: &Usage) -> i64 {
    let fresh = usage.input.saturating_sub(usage.cached);
    let parts = [(fresh, price.input), (usage.cached, price.cached), (usage.output, price.output)];
    let sum: i128 = parts.into_iter().map(|(n, price)| i128::from(n) * i128::from(price)).sum();
    i64::try_from((sum + 999_999) / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
