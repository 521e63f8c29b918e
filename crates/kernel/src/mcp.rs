//! A server that offers tools to the agents of a business (Model Context Protocol), and what a person said yes to of them. What such a
//! server says of itself is data of somebody else.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    Timestamp,
    action::Level,
    effect::Class,
    http_tool::{ToolEffect, is_tool_name},
    ids::{McpServerId, ToolId},
    oauth::{AuthorizationCode, ClientCredentials},
};

/// Servers of a business.
pub const MOST_SERVERS: usize = 20;
/// Tools of a server that are looked at; the rest is left out.
pub const MOST_LISTED: usize = 1_000;
/// Bytes of a server's list that are read; the rest is left out.
pub const LARGEST_LISTING: usize = 8 << 20;
/// Tools of servers that a business's agents may have at once: vendors of models take no more than about so many.
pub const MOST_APPROVED: usize = 100;
/// Characters of the name that its tools carry in front.
pub const LONGEST_PREFIX: usize = 24;
/// What stands between the server's name and the tool's.
pub const BETWEEN: &str = "__";

#[derive(Debug, Clone, PartialEq)]
pub struct McpServer {
    pub id: McpServerId,
    /// Stands in front of the names of its tools; never changes.
    pub name: String,
    /// For people; empty = the name.
    pub title: String,
    pub url: String,
    pub auth: McpAuth,
    pub enabled: bool,
    /// What it said of itself when it was last asked with success.
    pub about: Option<Greeting>,
    /// Why it could not be asked the last time, in words; `None`: it could.
    pub problem: Option<String>,
    /// What was left out of its list the last time, in words.
    pub notes: Vec<String>,
    pub checked_at: Option<Timestamp>,
    /// Counts the changes that people made.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// How we prove who we are. The secret itself is sealed beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum McpAuth {
    #[default]
    None,
    /// `Authorization: Bearer …`.
    Bearer {},
    /// A header of the service's own.
    Header { header: String },
    /// OAuth client credentials.
    ClientCredentials(ClientCredentials),
    /// OAuth with the consent of a person.
    AuthorizationCode(AuthorizationCode),
}

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    pub name: String,
    pub version: String,
    /// Of the protocol.
    pub protocol: String,
}

/// A tool as its server describes it; people say yes to exactly this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub input_schema: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Value>,
    #[serde(default)]
    pub hints: Hints,
}

/// What a server says its tool does. Nobody holds it to that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = McpHints)]
pub struct Hints {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reads_only: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub destroys: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub repeatable: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub open_world: Option<bool>,
}

/// A tool of a server, and what people decided about it.
#[derive(Debug, Clone, PartialEq)]
pub struct McpTool {
    pub id: ToolId,
    pub server: McpServerId,
    /// What the model sees.
    pub shown_as: String,
    /// As the server described it last.
    pub offered: Definition,
    pub offered_hash: String,
    /// The server has it.
    pub present: bool,
    /// What a person said yes to.
    pub approved: Option<Approved>,
    /// Switched on by people.
    pub enabled: bool,
    pub choice: Choice,
    pub updated_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Approved {
    pub definition: Definition,
    pub hash: String,
    pub by: String,
    pub at: Timestamp,
}

/// What a person knows about a tool better than its server's hints say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub effect: ToolEffect,
    /// The same call may be made again.
    pub repeatable: bool,
    /// `None`: what only reads is automatic, everything else waits for a yes.
    pub level: Option<Level>,
}

/// Nothing is known: it changes things, once for each call, and a person is asked.
impl Default for Choice {
    fn default() -> Self {
        Choice { effect: ToolEffect::Writes, repeatable: false, level: None }
    }
}

impl Choice {
    pub fn class(&self) -> Class {
        if self.effect == ToolEffect::Reads || self.repeatable { Class::A } else { Class::C }
    }
    pub fn level(&self) -> Level {
        let usual = if self.effect == ToolEffect::Reads { Level::Automatic } else { Level::Approval };
        self.level.unwrap_or(usual)
    }
}

/// Whether agents may have a tool, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = McpToolState)]
pub enum ToolState {
    /// Nobody said yes to it yet.
    New,
    Approved,
    /// It is not what a person said yes to any more.
    Changed,
    /// The server has it no more.
    Gone,
    /// People switched it off.
    Off,
}

impl McpTool {
    pub fn state(&self) -> ToolState {
        match &self.approved {
            _ if !self.present => ToolState::Gone,
            None => ToolState::New,
            Some(approved) if approved.hash != self.offered_hash => ToolState::Changed,
            Some(_) if !self.enabled => ToolState::Off,
            Some(_) => ToolState::Approved,
        }
    }
}

/// What may stand in front of the names of tools: a name without the separator, so that it can be told where it ends.
pub fn is_prefix(text: &str) -> bool {
    is_tool_name(text) && text.len() <= LONGEST_PREFIX && !text.contains(BETWEEN) && !text.ends_with('_')
}

/// The name under which models know a tool: `<server>__<tool>`, within what every vendor allows. A name that had to be bent carries the
/// beginning of its digest, so that it is always the same and two of them do not meet.
pub fn shown_as(prefix: &str, name: &str, digest: &str) -> String {
    let room = 64 - prefix.len() - BETWEEN.len();
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect();
    if plain == name && name.len() <= room && !name.is_empty() {
        return format!("{prefix}{BETWEEN}{name}");
    }
    let tail: String = digest.chars().take(8).collect();
    let kept: String = plain.chars().take(room - tail.len() - 1).collect();
    format!("{prefix}{BETWEEN}{kept}_{tail}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_stay_within_what_vendors_allow_and_apart() {
        let digest = "0123456789abcdef";
        for (name, shown) in [
            ("search", "shop__search"),
            ("get-order_2", "shop__get-order_2"),
            ("get.order", "shop__get_order_01234567"),
            ("buscar niño", "shop__buscar_ni_o_01234567"),
            ("", "shop___01234567"),
            ("../../etc", "shop________etc_01234567"),
        ] {
            assert_eq!(shown_as("shop", name, digest), shown, "{name}");
        }
        let long = shown_as("shop", &"x".repeat(200), digest);
        assert!(long.len() == 64 && is_tool_name(&long) && long.ends_with("_01234567"), "{long}");
        let longest = shown_as(&"p".repeat(LONGEST_PREFIX), &"😀".repeat(100), digest);
        assert!(longest.len() == 64 && is_tool_name(&longest), "{longest}");
        for good in ["a", "shop", "my-shop", "my_shop2"] {
            assert!(is_prefix(good), "{good}");
        }
        for bad in ["", "_a", "a__b", "a_", "2a", "a b", &"x".repeat(25)] {
            assert!(!is_prefix(bad), "{bad}");
        }
    }

    #[test]
    fn only_what_a_person_said_yes_to_is_there() {
        let definition = Definition {
            name: "x".into(),
            title: None,
            description: None,
            input_schema: json!({}),
            output_schema: None,
            hints: Hints::default(),
        };
        let tool = McpTool {
            id: ToolId::parse("tol_x").unwrap(),
            server: McpServerId::parse("mcp_x").unwrap(),
            shown_as: "s__x".into(),
            offered: definition.clone(),
            offered_hash: "h".into(),
            present: true,
            approved: None,
            enabled: true,
            choice: Choice::default(),
            updated_at: Timestamp(0),
        };
        assert_eq!(tool.state(), ToolState::New);
        let approved = Approved { definition, hash: "h".into(), by: "usr_1".into(), at: Timestamp(0) };
        let tool = McpTool { approved: Some(approved), ..tool };
        assert_eq!(tool.state(), ToolState::Approved);
        assert_eq!(McpTool { enabled: false, ..tool.clone() }.state(), ToolState::Off);
        assert_eq!(McpTool { offered_hash: "other".into(), ..tool.clone() }.state(), ToolState::Changed);
        assert_eq!(McpTool { present: false, ..tool }.state(), ToolState::Gone);
    }

    #[test]
    fn what_nobody_knows_about_is_asked_about_and_not_repeated() {
        let unknown = Choice::default();
        assert_eq!((unknown.class(), unknown.level()), (Class::C, Level::Approval));
        let reads = Choice { effect: ToolEffect::Reads, ..unknown };
        assert_eq!((reads.class(), reads.level()), (Class::A, Level::Automatic));
        let chosen = Choice { level: Some(Level::Suggestion), repeatable: true, ..unknown };
        assert_eq!((chosen.class(), chosen.level()), (Class::A, Level::Suggestion));
    }
}
