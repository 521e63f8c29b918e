//! Keeping tools and secrets: what the API and the predecessor's routes share.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Scope, Secret, Timestamp,
    http_tool::{HttpTool, HttpToolSpec},
    ids::ToolId,
};
use frontdesk_store::{Result, http_tools, http_tools::ToolSecret, work};

use super::{
    check::{self, Flaw, Known},
    destination, secret_field, shown_as,
};
use crate::{Desk, admin, directory::View};

/// What a business has, to check a change against.
pub struct Shelf {
    pub tools: Vec<HttpTool>,
    pub secrets: Vec<ToolSecret>,
}

impl Shelf {
    pub async fn of(desk: &Desk, scope: &Scope) -> Result<Shelf> {
        let s = scope.clone();
        desk.db
            .read(
                scope,
                work!(tx => Ok(Shelf { tools: http_tools::list(tx, &s).await?, secrets: http_tools::secrets(tx, &s).await? })),
            )
            .await
    }

    /// Everything that is wrong with a tool. `id`: the one that it replaces. `promised`: secrets that come with it.
    pub fn flaws(
        &self,
        desk: &Desk,
        id: Option<&ToolId>,
        name: &str,
        spec: &HttpToolSpec,
        promised: &[(String, String)],
    ) -> Vec<Flaw> {
        let built_in = |name: &str| desk.toolbox.names().any(|n| n == name);
        let taken = |name: &str| {
            let others = self.tools.iter().filter(|t| Some(&t.id) != id);
            built_in(name) || others.into_iter().any(|t| t.name == name || shown_as(t, built_in) == name)
        };
        let hosts: BTreeMap<String, String> = self
            .secrets
            .iter()
            .map(|s| (s.name.clone(), destination(&s.host, s.token_host.as_deref())))
            .chain(promised.iter().cloned())
            .collect();
        check::flaws(name, spec, &Known { taken: &taken, secrets: &hosts, http: desk.http.as_ref() })
    }

    /// Names of the tools that send a secret.
    pub fn users_of(&self, secret: &str) -> Vec<String> {
        let uses = |t: &&HttpTool| super::secrets_of(&t.spec).iter().any(|name| name == secret);
        self.tools.iter().filter(uses).map(|t| t.name.clone()).collect()
    }
}

/// The name under which models know a tool.
pub fn known_as(desk: &Desk, tool: &HttpTool) -> String {
    shown_as(tool, |name| desk.toolbox.names().any(|n| n == name))
}

/// Agents that chose a tool by its name; those that use every tool are not among them.
pub fn agents_with<'v>(view: &'v View, name: &'v str) -> impl Iterator<Item = &'v frontdesk_kernel::agent::Agent> {
    view.agents.iter().filter(move |a| a.spec.tools.as_ref().is_some_and(|names| names.iter().any(|n| n == name)))
}

/// A secret, sealed for its place.
pub fn sealed(
    desk: &Desk,
    scope: &Scope,
    name: &str,
    host: &str,
    text: &Secret,
    tool: Option<ToolId>,
    now: Timestamp,
) -> ToolSecret {
    ToolSecret {
        name: name.to_owned(),
        host: host.to_owned(),
        token_host: None,
        sealed: admin::seal(desk, scope, &secret_field(name), text),
        tool,
        updated_at: now,
    }
}

/// Why a text cannot be a secret of a header.
pub fn secret_problem(text: &Secret) -> Option<&'static str> {
    let text = text.reveal();
    if text.is_empty() || text.len() > 8_000 {
        return Some("must be 1 to 8000 characters");
    }
    text.chars().any(char::is_control).then_some("must be one line without control characters")
}
