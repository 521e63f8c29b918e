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
pub mod schema;
mod template;
#[cfg(test)]
mod tests;
pub mod trial;
mod values;
mod words;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use frontdesk_kernel::{
    Scope, Secret,
    action::{About, Category, Level, Title},
    http_tool::{HttpTool, HttpToolSpec, ToolAuth, ToolEffect, is_tool_name},
    tool::ToolSpec,
};
use frontdesk_store::http_tools::ToolSecret;
use serde_json::Value;
use url::Url;

use self::template::{Piece, pieces, texts};
pub(crate) use self::{
    exchange::{Carried, carry_out, carry_out_for},
    values::{OurValues, Who},
};
use crate::Desk;

/// Tools of a business; more would not help any model.
pub const MOST_TOOLS: i64 = 200;

/// A business's own tools that are switched on, ready to be called.
#[derive(Default)]
pub struct OwnTools {
    tools: Vec<Arc<Own>>,
    /// As models would see those that are switched off.
    off: Vec<String>,
    /// Tools of ours that leave the house and that this business can use.
    offered: Vec<ToolSpec>,
    secrets: BTreeMap<String, Opened>,
    selections: Mutex<Selections>,
}

type Selections = HashMap<Option<Vec<String>>, Arc<[ToolSpec]>>;

/// A tool with its schema compiled.
pub struct Own {
    pub tool: HttpTool,
    /// As the model sees it.
    pub shown_as: String,
    pub(crate) schema: Value,
    pub(crate) validator: jsonschema::Validator,
}

#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) host: String,
    pub(crate) secret: Secret,
}

impl OwnTools {
    /// What cannot be opened or compiled is logged and missing.
    pub fn open(desk: &Desk, scope: &Scope, tools: Vec<HttpTool>, secrets: Vec<ToolSecret>) -> OwnTools {
        let mut own = OwnTools { secrets: open_secrets(desk, scope, secrets), ..OwnTools::default() };
        let is_built_in = |name: &str| desk.toolbox.names().any(|n| n == name);
        for tool in tools {
            if !tool.enabled {
                own.off.push(shown_as(&tool, is_built_in));
                continue;
            }
            match Own::new(tool, |name| is_built_in(name) || own.get(name).is_some()) {
                Ok(tool) => own.tools.push(Arc::new(tool)),
                Err(problem) => tracing::error!(tenant = %scope.tenant(), problem, "a tool cannot be used"),
            }
        }
        own
    }

    /// Those that are switched on, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Own>> {
        self.tools.iter()
    }

    pub fn get(&self, shown_as: &str) -> Option<&Arc<Own>> {
        self.tools.iter().find(|t| t.shown_as == shown_as)
    }

    /// Adds tools of ours that not every business has.
    #[must_use]
    pub(crate) fn offering(self, offered: Vec<ToolSpec>) -> OwnTools {
        OwnTools { offered, ..self }
    }

    /// Tools of ours that not every business has.
    pub fn offered(&self) -> &[ToolSpec] {
        &self.offered
    }

    pub(crate) fn offers(&self, name: &str) -> bool {
        self.offered.iter().any(|spec| spec.name == name)
    }

    /// Names of all, also of those that are switched off: an agent may choose them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tools.iter().map(|t| t.shown_as.as_str()).chain(self.off.iter().map(String::as_str))
    }

    pub(crate) fn secrets(&self) -> &BTreeMap<String, Opened> {
        &self.secrets
    }

    /// The tools an agent shows to its model: built-in ones, then the business's own. Made once per selection.
    pub fn specs(&self, desk: &Desk, selection: Option<&[String]>) -> Arc<[ToolSpec]> {
        let built_in = desk.toolbox.specs(selection);
        if self.tools.is_empty() && self.offered.is_empty() {
            return built_in;
        }
        let key = selection.map(<[String]>::to_vec);
        let mut selections = self.selections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(specs) = selections.get(&key) {
            return specs.clone();
        }
        let chosen = |name: &String| selection.is_none_or(|names| names.contains(name));
        let usual = |spec: &&ToolSpec| selection.is_some() || desk.toolbox.is_usual(&spec.name);
        let offered = self.offered.iter().filter(|spec| chosen(&spec.name)).filter(usual).cloned();
        let own = self.tools.iter().filter(|t| chosen(&t.shown_as)).map(|t| t.spec());
        let specs: Arc<[ToolSpec]> = built_in.iter().cloned().chain(offered).chain(own).collect();
        selections.insert(key, specs.clone());
        specs
    }
}

impl Own {
    /// `taken`: whether the model knows another tool by this name.
    pub fn new(tool: HttpTool, taken: impl Fn(&str) -> bool) -> Result<Own, String> {
        let schema = schema::normalise(&tool.spec.parameters)?;
        let validator = schema::compile(&schema)?;
        let shown_as = shown_as(&tool, taken);
        Ok(Own { tool, shown_as, schema, validator })
    }

    /// What it does to the world. Money and recipients are recognised by the usual names of arguments; a rule of the business says how far
    /// the agent goes with them.
    pub fn about(&self) -> About {
        let spec = &self.tool.spec;
        let title = if spec.title.is_empty() { &self.shown_as } else { &spec.title };
        let named = |names: &[&str]| {
            let properties = self.schema["properties"].as_object();
            let found = names.iter().find(|name| properties.is_some_and(|p| p.contains_key(**name)));
            found.map(|name| Cow::Owned(format!("/{name}")))
        };
        About {
            title: Title { english: title.clone().into(), spanish: title.clone().into() },
            category: Category::External,
            changes: spec.effect == ToolEffect::Writes,
            permission: "tool:run",
            cost: None,
            level: Level::Automatic,
            least: Level::Automatic,
            class: spec.class(),
            proves: spec.proves,
            reversible: spec.effect == ToolEffect::Reads,
            amount: named(&["amount", "amount_minor", "total", "monto", "importe", "valor"]),
            recipient: named(&["recipient", "to", "phone", "email", "destinatario", "telefono", "correo"]),
        }
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec { name: self.shown_as.clone(), description: self.tool.spec.description.clone(), parameters: self.schema.clone() }
    }
}

/// The predecessor allowed any name; models do not.
fn shown_as(tool: &HttpTool, taken: impl Fn(&str) -> bool) -> String {
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

fn open_secrets(desk: &Desk, scope: &Scope, secrets: Vec<ToolSecret>) -> BTreeMap<String, Opened> {
    let mut opened = BTreeMap::new();
    for ToolSecret { name, host, sealed, .. } in secrets {
        match desk.vault.open(scope, &secret_field(&name), &sealed) {
            Ok(secret) => drop(opened.insert(name, Opened { host, secret })),
            Err(e) => tracing::error!(tenant = %scope.tenant(), name, error = %e, "a tool's secret cannot be opened"),
        }
    }
    opened
}

/// `host`, or `host:port` where the port is not the scheme's own. What a template's URL names, too: its host holds no places.
pub fn host_of(url: &str) -> Option<String> {
    let end = url.find("://").map(|i| i + 3)?;
    let end = url[end..].find(['/', '?', '#']).map_or(url.len(), |i| end + i);
    let url = Url::parse(&url[..end]).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Names of the secrets that a tool sends.
pub fn secrets_of(spec: &HttpToolSpec) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let in_texts = texts(spec).into_iter().flat_map(|(_, text)| pieces(text)).filter_map(|piece| match piece {
        Piece::Ours(name) => name.strip_prefix("secret.").map(str::to_owned),
        _ => None,
    });
    let in_auth = match &spec.request.auth {
        ToolAuth::None => None,
        ToolAuth::Header { secret, .. } | ToolAuth::Bearer { secret } | ToolAuth::Basic { secret, .. } => Some(secret.clone()),
    };
    for name in in_texts.chain(in_auth) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
