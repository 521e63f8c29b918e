//! How a connected server and its tools read.

use frontdesk_engine::{
    Desk,
    mcp::{consent, shown, usable},
};
use frontdesk_kernel::{
    action::Level,
    http_tool::ToolEffect,
    ids::{McpServerId, ToolId, UserId},
    mcp::{Definition, Greeting, Hints, McpAuth, McpServer, McpTool, ToolState},
};
use frontdesk_store::{
    mcp::{Counts, Kept},
    mcp_grants::Grant,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::kit::Time;

/// Of a description, for people.
const LONGEST: usize = 8_000;

#[derive(Serialize, ToSchema)]
pub(crate) struct McpServerPage {
    pub(super) items: Vec<McpServerView>,
}

/// A connected server. Its credential is never shown.
#[derive(Serialize, ToSchema)]
#[schema(as = McpServer)]
pub(crate) struct McpServerView {
    id: McpServerId,
    /// Stands in front of the names of its tools.
    name: String,
    title: String,
    url: String,
    auth: McpAuth,
    has_secret: bool,
    enabled: bool,
    /// What it said of itself, once it was asked with success.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    about: Option<McpGreeting>,
    /// Why it could not be asked the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<String>,
    /// What of its list was left out.
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    checked_at: Option<Time>,
    /// Where a person's consent is needed: how it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    consent: Option<McpConsent>,
    tools: McpCounts,
    version: i64,
    created_at: Time,
    updated_at: Time,
}

/// Access that a person consents to. Its tokens are never shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct McpConsent {
    /// There is access. Where there was and is none any more, it has to be connected again.
    connected: bool,
    /// Who consented last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    by: Option<UserId>,
    /// What they are called, while they work here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    by_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    at: Option<Time>,
    /// Who gives access.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    scope: Option<String>,
    /// Why there is no access any more, or why it was not renewed the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<String>,
    /// Where browsers come back to: for whoever registers us by hand where access is given.
    redirect_uri: String,
}

/// What somebody consented to, and what they are called.
pub(super) struct Consented {
    pub(super) grant: Grant,
    pub(super) name: Option<String>,
}

impl McpConsent {
    fn of(desk: &Desk, server: &McpServer, consented: Option<&Consented>) -> Option<McpConsent> {
        if !matches!(server.auth, McpAuth::AuthorizationCode(_)) {
            return None;
        }
        let grant = consented.map(|c| &c.grant);
        Some(McpConsent {
            connected: grant.is_some_and(|g| consent::stands(g, server)),
            by: grant.map(|g| g.person.clone()),
            by_name: consented.and_then(|c| c.name.clone()),
            at: grant.map(|g| g.connected_at.into()),
            issuer: grant.map(|g| shown(&g.giver.issuer, 200)),
            scope: grant.map(|g| g.scope.clone()).filter(|scope| !scope.is_empty()),
            problem: grant.and_then(|g| g.problem.clone()),
            redirect_uri: consent::way_back(desk, &server.id),
        })
    }
}

/// In the server's own words.
#[derive(Serialize, ToSchema)]
pub(crate) struct McpGreeting {
    name: String,
    version: String,
    /// Version of the protocol.
    protocol: String,
}

/// How many tools it offers, and how they stand.
#[derive(Serialize, ToSchema)]
pub(crate) struct McpCounts {
    offered: i64,
    /// Agents may have them.
    approved: i64,
    /// Nobody looked at them yet.
    new: i64,
    /// They are not what was approved any more.
    changed: i64,
}

impl From<&Greeting> for McpGreeting {
    fn from(g: &Greeting) -> McpGreeting {
        McpGreeting { name: g.name.clone(), version: g.version.clone(), protocol: g.protocol.clone() }
    }
}

impl McpServerView {
    pub(super) fn of(desk: &Desk, kept: &Kept, counts: Option<&Counts>, consented: Option<&Consented>) -> McpServerView {
        let s = &kept.server;
        McpServerView {
            id: s.id.clone(),
            name: s.name.clone(),
            title: s.title.clone(),
            url: s.url.clone(),
            auth: s.auth.clone(),
            has_secret: kept.sealed.is_some(),
            enabled: s.enabled,
            about: s.about.as_ref().map(McpGreeting::from),
            problem: s.problem.clone(),
            notes: s.notes.clone(),
            checked_at: s.checked_at.map(Time::from),
            consent: McpConsent::of(desk, s, consented),
            tools: McpCounts {
                offered: counts.map_or(0, |c| c.present),
                approved: counts.map_or(0, |c| c.approved),
                new: counts.map_or(0, |c| c.new),
                changed: counts.map_or(0, |c| c.changed),
            },
            version: s.version,
            created_at: s.created_at.into(),
            updated_at: s.updated_at.into(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct McpToolPage {
    pub(super) items: Vec<McpToolView>,
}

/// A tool of a connected server.
#[derive(Serialize, ToSchema)]
#[schema(as = McpTool)]
pub(crate) struct McpToolView {
    id: ToolId,
    /// As models see it.
    shown_as: String,
    state: ToolState,
    /// Names what the server offers now: an approval is of exactly this.
    hash: String,
    offered: McpDefinition,
    /// What was approved, where the server offers something else now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    approved: Option<McpDefinition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    approved_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    approved_at: Option<Time>,
    /// Why it cannot be approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<String>,
    enabled: bool,
    effect: ToolEffect,
    /// The same call may be made again.
    repeatable: bool,
    /// How far the agent goes alone, where no rule says otherwise.
    level: Level,
    /// It was chosen by a person.
    level_chosen: bool,
    updated_at: Time,
}

/// In the server's own words.
#[derive(Serialize, ToSchema)]
pub(crate) struct McpDefinition {
    name: String,
    title: String,
    description: String,
    parameters: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    answers: Option<Value>,
    hints: Hints,
}

impl From<&Definition> for McpDefinition {
    fn from(d: &Definition) -> McpDefinition {
        McpDefinition {
            name: d.name.clone(),
            title: shown(d.title.as_deref().unwrap_or_default(), 200),
            description: shown(d.description.as_deref().unwrap_or_default(), LONGEST),
            parameters: d.input_schema.clone(),
            answers: d.output_schema.clone(),
            hints: d.hints,
        }
    }
}

impl McpToolView {
    pub(super) fn of(t: &McpTool) -> McpToolView {
        let other = t.approved.as_ref().filter(|approved| approved.hash != t.offered_hash);
        McpToolView {
            id: t.id.clone(),
            shown_as: t.shown_as.clone(),
            state: t.state(),
            hash: t.offered_hash.clone(),
            offered: (&t.offered).into(),
            approved: other.map(|approved| (&approved.definition).into()),
            approved_by: t.approved.as_ref().map(|approved| approved.by.clone()),
            approved_at: t.approved.as_ref().map(|approved| approved.at.into()),
            problem: usable(&t.offered).err(),
            enabled: t.enabled,
            effect: t.choice.effect,
            repeatable: t.choice.repeatable,
            level: t.choice.level(),
            level_chosen: t.choice.level.is_some(),
            updated_at: t.updated_at.into(),
        }
    }
}
