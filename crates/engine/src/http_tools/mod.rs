//! Tools that a business defines itself: what they are made of, how a call becomes a request, and what its answer means.

mod answer;
pub mod check;
pub mod curl;
pub mod draft;
mod exchange;
pub mod keep;
mod legacy;
pub mod legacy_form;
pub mod openapi;
pub mod probe;
pub mod schema;
pub(crate) mod template;
#[cfg(test)]
mod tests;
pub mod trial;
mod values;
mod words;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use frontdesk_kernel::{
    Scope, Secret,
    action::{About, Category, Level, Title},
    http_tool::{HttpTool, HttpToolSpec, ToolEffect, is_tool_name},
    tool::ToolSpec,
};
use frontdesk_store::http_tools::ToolSecret;
use serde_json::Value;
use url::Url;

use self::template::{Piece, pieces, texts};
pub(crate) use self::{
    exchange::{Carried, TRIES, Way, carry_out, is_lost_write, judged},
    values::{OurValues, Who, mask},
};
use crate::Desk;

/// Tools of a business; more would not help any model.
pub const MOST_TOOLS: i64 = 200;

/// A tool with its schema compiled.
pub struct Own {
    pub tool: HttpTool,
    /// As the model sees it.
    pub shown_as: String,
    pub(crate) schema: Value,
    pub(crate) validator: Arc<jsonschema::Validator>,
}

#[derive(Clone)]
pub(crate) struct Opened {
    /// Where it goes, as `destination` says it.
    pub(crate) host: String,
    pub(crate) secret: Secret,
}

impl Own {
    /// `taken`: whether the model knows another tool by this name.
    pub fn new(tool: HttpTool, taken: impl Fn(&str) -> bool) -> Result<Own, String> {
        let schema = schema::normalise(&tool.spec.parameters)?;
        let validator = Arc::new(schema::compile(&schema)?);
        let shown_as = shown_as(&tool, taken);
        Ok(Own { tool, shown_as, schema, validator })
    }

    /// What it does to the world. Money and recipients are recognised by the usual names of arguments where the tool does not say; a rule of
    /// the business says how far the agent goes with them.
    pub fn about(&self) -> About {
        let spec = &self.tool.spec;
        let title = if spec.title.is_empty() { &self.shown_as } else { &spec.title };
        About {
            title: Title { english: title.clone().into(), spanish: title.clone().into() },
            category: spec.category.unwrap_or(Category::External),
            changes: spec.effect == ToolEffect::Writes,
            permission: "tool:run",
            cost: None,
            level: spec.level.unwrap_or(Level::Automatic),
            least: Level::Automatic,
            class: spec.class(),
            proves: spec.proves,
            reversible: spec.effect == ToolEffect::Reads,
            amount: spec.amount.clone().map(Cow::Owned).or_else(|| named_amount(&self.schema)),
            recipient: named_recipient(&self.schema),
        }
    }

    pub(crate) fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: self.shown_as.clone(),
            description: self.tool.spec.description.clone(),
            parameters: self.schema.clone().into(),
        }
    }
}

/// The argument that is an amount, by the usual names.
pub(crate) fn named_amount(schema: &Value) -> Option<Cow<'static, str>> {
    named(schema, &["amount", "amount_minor", "total", "monto", "importe", "valor"])
}

/// The argument that says to whom something goes, by the usual names.
pub(crate) fn named_recipient(schema: &Value) -> Option<Cow<'static, str>> {
    named(schema, &["recipient", "to", "phone", "email", "destinatario", "telefono", "correo"])
}

fn named(schema: &Value, names: &[&str]) -> Option<Cow<'static, str>> {
    let properties = schema["properties"].as_object()?;
    names.iter().find(|name| properties.contains_key(**name)).map(|name| Cow::Owned(format!("/{name}")))
}

/// The predecessor allowed any name; models do not.
pub(crate) fn shown_as(tool: &HttpTool, taken: impl Fn(&str) -> bool) -> String {
    if is_tool_name(&tool.name) && !taken(&tool.name) {
        return tool.name.clone();
    }
    let plain: String = tool.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(40).collect();
    let plain = if is_tool_name(&plain) { plain } else { format!("tool_{plain}") };
    if taken(&plain) { format!("{plain}_{}", tool.number) } else { plain }
}

/// Where a secret is sealed.
pub fn secret_field(name: &str) -> String {
    format!("tool_secret/{name}")
}

pub(crate) fn open_secrets(desk: &Desk, scope: &Scope, secrets: Vec<ToolSecret>) -> BTreeMap<String, Opened> {
    let mut opened = BTreeMap::new();
    for ToolSecret { name, host, token_host, sealed, .. } in secrets {
        match desk.vault.open(scope, &secret_field(&name), &sealed) {
            Ok(secret) => drop(opened.insert(name, Opened { host: destination(&host, token_host.as_deref()), secret })),
            Err(e) => tracing::error!(tenant = %scope.tenant(), name, error = %e, "a tool's secret cannot be opened"),
        }
    }
    opened
}

/// `host`, or `host:port` where the port is not the scheme's own. The port of a connection that is not safe is named always: what was given
/// for a safe one does not go over it. What a template's URL names, too: its host holds no places.
pub fn host_of(url: &str) -> Option<String> {
    let end = url.find("://").map(|i| i + 3)?;
    let end = url[end..].find(['/', '?', '#']).map_or(url.len(), |i| end + i);
    let url = Url::parse(&url[..end]).ok()?;
    let host = url.host_str()?;
    let plain = (url.scheme() == "http").then_some(80);
    Some(url.port().or(plain).map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Where a secret goes: to a host, or to where it buys the tokens that go to a host.
pub(crate) fn destination(host: &str, token_host: Option<&str>) -> String {
    match token_host {
        Some(token_host) => format!("{host} with tokens of {token_host}"),
        None => host.to_owned(),
    }
}

/// Every secret that a tool sends: where it stands, its name, and where it goes when the request goes to `host`.
pub(crate) fn uses_of(spec: &HttpToolSpec, host: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for (path, text) in texts(spec) {
        for piece in pieces(text) {
            if let Piece::Ours(name) = piece
                && let Some(secret) = name.strip_prefix("secret.")
            {
                found.push((path.clone(), secret.to_owned(), host.to_owned()));
            }
        }
    }
    if let Some(secret) = spec.request.auth.secret() {
        let token_host = spec.request.auth.credentials().map(|c| host_of(&c.token_url).unwrap_or_default());
        found.push(("request.auth.secret".to_owned(), secret.to_owned(), destination(host, token_host.as_deref())));
    }
    found
}

/// Names of the secrets that a tool sends.
pub fn secrets_of(spec: &HttpToolSpec) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, name, _) in uses_of(spec, "") {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
