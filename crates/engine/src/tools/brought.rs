//! Tools that a business brought along: its own requests, and tools of servers that it connected. Switched on, compiled, ready to be called.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use frontdesk_kernel::{Scope, action::About, http_tool::HttpTool, mcp::McpTool, tool::ToolSpec};
use frontdesk_store::{
    Result, Tx,
    http_tools::{self, ToolSecret},
    mcp::{self as servers, Kept},
};

use super::Leaves;
use crate::{
    Desk,
    http_tools::{Opened, Own, open_secrets, shown_as},
    mcp::{self, Remote, Server},
};

/// One of them.
pub struct Brought {
    spec: ToolSpec,
    about: About,
    pub(crate) validator: Arc<jsonschema::Validator>,
    pub(crate) leaves: Arc<dyn Leaves>,
    /// Businesses name their tools as they like: a metric has one name for all of a kind.
    pub(crate) counted_as: &'static str,
}

impl Brought {
    /// As the model sees it.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// What it does to the world.
    pub fn about(&self) -> About {
        self.about.clone()
    }
}

/// What people call one of them, for who has no view of the business at hand.
pub(crate) async fn title_of_brought(tx: &mut Tx, desk: &Desk, scope: &Scope, name: &str) -> Result<Option<String>> {
    let is_built_in = |name: &str| desk.toolbox.names().any(|n| n == name);
    let own = http_tools::list(tx, scope).await?.into_iter().find(|tool| shown_as(tool, is_built_in) == name);
    if let Some(own) = own {
        return Ok(Some(own.spec.title).filter(|title| !title.is_empty()));
    }
    let remote = servers::approved(tx, scope).await?.into_iter().find(|tool| tool.shown_as == name);
    Ok(remote.and_then(|tool| tool.approved).and_then(|approved| mcp::title(&approved.definition)))
}

/// Everything that a business brought along.
#[derive(Default)]
pub struct OwnTools {
    tools: Vec<Arc<Brought>>,
    /// As models would see those that are switched off.
    off: Vec<String>,
    /// Tools of ours that leave the house and that this business can use.
    offered: Vec<ToolSpec>,
    secrets: BTreeMap<String, Opened>,
    selections: Mutex<Selections>,
}

type Selections = HashMap<Option<Vec<String>>, Arc<[ToolSpec]>>;

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
                Ok(tool) => own.tools.push(Arc::new(Brought {
                    spec: tool.spec(),
                    about: tool.about(),
                    validator: tool.validator.clone(),
                    leaves: Arc::new(tool),
                    counted_as: "http",
                })),
                Err(problem) => tracing::error!(tenant = %scope.tenant(), problem, "a tool cannot be used"),
            }
        }
        own
    }

    /// Adds those of servers that a person approved.
    #[must_use]
    pub(crate) fn with_servers(mut self, desk: &Desk, scope: &Scope, servers: Vec<Kept>, tools: Vec<McpTool>) -> OwnTools {
        let servers: Vec<Arc<Server>> = servers.into_iter().map(|kept| Arc::new(Server::open(desk, scope, kept))).collect();
        for tool in tools {
            let name = tool.shown_as.clone();
            let taken = desk.toolbox.names().any(|n| n == name) || self.get(&name).is_some();
            let server = servers.iter().find(|s| s.server.id == tool.server).filter(|_| !taken);
            match server.and_then(|server| Remote::of(server, tool)) {
                None => self.off.push(name),
                Some(remote) => match mcp::usable(&remote.definition) {
                    Ok(usable) => self.tools.push(Arc::new(Brought {
                        spec: remote.spec(&usable.schema),
                        about: remote.about(&usable.schema),
                        validator: Arc::new(usable.validator),
                        leaves: Arc::new(remote),
                        counted_as: "mcp",
                    })),
                    Err(problem) => {
                        tracing::error!(tenant = %scope.tenant(), problem, "a server's tool cannot be used");
                        self.off.push(name);
                    }
                },
            }
        }
        self
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Brought>> {
        self.tools.iter().find(|t| t.name() == name)
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
        self.tools.iter().map(|t| t.name()).chain(self.off.iter().map(String::as_str))
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
        let chosen = |name: &str| selection.is_none_or(|names| names.iter().any(|n| n == name));
        let usual = |spec: &&ToolSpec| selection.is_some() || desk.toolbox.is_usual(&spec.name);
        let offered = self.offered.iter().filter(|spec| chosen(&spec.name)).filter(usual).cloned();
        let own = self.tools.iter().filter(|t| chosen(t.name())).map(|t| t.spec.clone());
        let specs: Arc<[ToolSpec]> = built_in.iter().cloned().chain(offered).chain(own).collect();
        selections.insert(key, specs.clone());
        specs
    }
}
