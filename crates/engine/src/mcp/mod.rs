//! Tools of servers that a business connected: kept as a person approved them, called only while they are what was approved.

mod call;
pub mod check;
pub(crate) mod clean;
pub mod consent;
pub mod keep;
mod masked;
pub mod trial;
pub mod watch;
mod words;

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Secret,
    action::{About, Category, Level, Title},
    http_tool::ToolEffect,
    mcp::{Definition, McpAuth, McpServer, McpTool, ToolState},
    ports::mcp::{Session, Target},
    tool::ToolSpec,
};
use frontdesk_store::mcp::Kept;
use serde_json::Value;

use self::consent::Granted;
use crate::{
    Desk,
    grants::{self, NoToken, Wanted},
    http_tools::{named_amount, named_recipient, schema},
};

/// A server with its credential opened.
#[derive(Debug, Clone)]
pub struct Server {
    pub server: McpServer,
    secret: Option<Secret>,
    sealed: Option<String>,
    /// Who gives access that it is for, where that is known.
    sealed_for: Option<String>,
}

/// A tool of a server, as a person approved it.
pub(crate) struct Remote {
    pub(crate) server: Arc<Server>,
    pub(crate) tool: McpTool,
    /// What was approved.
    pub(crate) definition: Definition,
    pub(crate) hash: String,
}

/// Where a server's credential is sealed.
fn secret_field(server: &McpServer) -> String {
    format!("mcp/{}", server.id)
}

/// Texts of a server as people see them.
pub fn shown(text: &str, limit: usize) -> String {
    clean::text(text, limit)
}

impl Server {
    /// A credential that cannot be opened is missing, and logged.
    pub fn open(desk: &Desk, scope: &Scope, kept: Kept) -> Server {
        let sealed = kept.sealed.as_deref();
        let secret = sealed.and_then(|sealed| match desk.vault.open(scope, &secret_field(&kept.server), sealed) {
            Ok(secret) => Some(secret),
            Err(e) => {
                tracing::error!(tenant = %scope.tenant(), server = %kept.server.id, error = %e, "a credential cannot be opened");
                None
            }
        });
        Server { server: kept.server, secret, sealed: kept.sealed, sealed_for: kept.sealed_for }
    }

    /// The token that a call goes out with, where one has to be fetched. `refused`: the server does not take this one any more.
    async fn grant(
        &self,
        desk: &Arc<Desk>,
        scope: &Scope,
        refused: Option<&Secret>,
        patience: Duration,
    ) -> Result<Option<Granted>, NoToken> {
        if self.is_consented() {
            return consent::token(desk, scope, self, refused, patience).await.map(Some);
        }
        let Some(wanted) = self.wanted(scope) else { return Ok(None) };
        if let Some(token) = refused {
            desk.grants.forget(&wanted, token);
        }
        let token = grants::token(desk, &wanted, patience).await?;
        Ok(Some(Granted { token, doubted: false }))
    }

    /// It does not take a token that was got for it just now. Why there is none, in words, where more is known.
    async fn refused_anew(&self, desk: &Desk, scope: &Scope, token: &Secret) -> frontdesk_store::Result<Option<String>> {
        if self.is_consented() { consent::not_taken(desk, scope, self, token).await } else { Ok(None) }
    }

    fn is_consented(&self) -> bool {
        matches!(self.server.auth, McpAuth::AuthorizationCode(_))
    }

    fn wanted<'w>(&'w self, scope: &'w Scope) -> Option<Wanted<'w>> {
        let McpAuth::ClientCredentials(credentials) = &self.server.auth else { return None };
        let secret = self.secret.as_ref()?;
        Some(Wanted { tenant: scope.tenant(), owner: self.server.id.as_str(), credentials, secret })
    }

    /// Whom to speak to. `None`: its credential is missing.
    fn target(&self, granted: Option<&Secret>, patience: Duration) -> Option<Target> {
        let bearer = |token: &Secret| ("authorization".to_owned(), Secret::new(format!("Bearer {}", token.reveal())));
        let headers = match &self.server.auth {
            McpAuth::None => Vec::new(),
            McpAuth::Bearer {} => vec![bearer(self.secret.as_ref()?)],
            McpAuth::Header { header } => vec![(header.to_ascii_lowercase(), self.secret.clone()?)],
            McpAuth::ClientCredentials(_) | McpAuth::AuthorizationCode(_) => vec![bearer(granted?)],
        };
        let protocol = self.server.about.as_ref().map(|about| about.protocol.clone()).filter(|p| !p.is_empty());
        Some(Target { url: self.server.url.clone(), headers, patience, protocol })
    }

    /// Whether it would be asked in the same way still.
    fn is_asked_as(&self, kept: &Kept) -> bool {
        self.server.url == kept.server.url && self.server.auth == kept.server.auth && self.sealed == kept.sealed
    }
}

/// Says goodbye. What was said before does not wait for it.
fn part(desk: &Desk, session: Box<dyn Session>) {
    desk.tasks.spawn(session.close());
}

/// A tool whose definition can be used: its arguments' schema, as models see it and compiled.
pub struct Usable {
    pub schema: Value,
    pub validator: jsonschema::Validator,
}

/// Why agents cannot have a tool as its server describes it, in words.
pub fn usable(definition: &Definition) -> Result<Usable, String> {
    let whole = schema::normalise(&definition.input_schema).map_err(|problem| format!("its arguments: {problem}"))?;
    if let Some(problem) = schema::shape_problems(&whole).first() {
        return Err(format!("its arguments: the schema {problem}"));
    }
    let validator = schema::compile(&whole).map_err(|problem| format!("its arguments: {problem}"))?;
    Ok(Usable { schema: clean::schema(whole), validator })
}

impl Remote {
    /// `None`: agents do not have it now.
    pub(crate) fn of(server: &Arc<Server>, tool: McpTool) -> Option<Remote> {
        if tool.state() != ToolState::Approved || !server.server.enabled {
            return None;
        }
        let approved = tool.approved.clone()?;
        Some(Remote { server: server.clone(), tool, definition: approved.definition, hash: approved.hash })
    }

    /// As models see it: bounded, without anything that cannot be seen.
    pub(crate) fn spec(&self, schema: &Value) -> ToolSpec {
        let described = clean::text(self.definition.description.as_deref().unwrap_or_default(), 1024);
        let description = if described.trim().is_empty() { self.title() } else { described };
        ToolSpec { name: self.tool.shown_as.clone(), description, parameters: schema.clone().into() }
    }

    pub(crate) fn about(&self, schema: &Value) -> About {
        let choice = &self.tool.choice;
        let title = self.title();
        let reads = choice.effect == ToolEffect::Reads;
        About {
            title: Title { english: title.clone().into(), spanish: title.into() },
            category: Category::External,
            changes: !reads,
            permission: "tool:run",
            cost: None,
            level: choice.level(),
            least: Level::Automatic,
            class: choice.class(),
            proves: None,
            reversible: reads,
            amount: named_amount(schema),
            recipient: named_recipient(schema),
        }
    }

    fn title(&self) -> String {
        title(&self.definition).unwrap_or_else(|| self.tool.shown_as.clone())
    }
}

/// What its server calls it, for people.
pub(crate) fn title(definition: &Definition) -> Option<String> {
    Some(clean::line(definition.title.as_deref().unwrap_or_default(), 120)).filter(|title| !title.is_empty())
}
