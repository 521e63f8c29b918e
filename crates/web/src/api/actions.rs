//! What the agent can do: every tool with what it means to the business.

use axum::extract::State;
use frontdesk_engine::directory::View;
use frontdesk_kernel::{
    action::{About, Category, Level},
    effect::Class,
    tool::{ReceiptKind, ToolSpec},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Caller, Found, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Something that the agent can do.
#[derive(Serialize, ToSchema)]
#[schema(as = Action)]
pub(crate) struct ActionView {
    /// What rules and models call it.
    name: String,
    /// What people call it, in the business's language.
    title: String,
    /// What the model reads.
    description: String,
    /// JSON Schema of its arguments.
    #[schema(value_type = Object)]
    parameters: Value,
    category: Category,
    /// A tool of the business's own.
    own: bool,
    /// It does more than look.
    changes: bool,
    /// Whoever the agent acts for must have it.
    permission: &'static str,
    /// Row of the cost table; absent when it is free.
    cost: Option<&'static str>,
    /// Where no rule says otherwise.
    level: Level,
    /// No rule goes below.
    least_level: Level,
    /// What a lost answer means: `A` it is repeated, `B` an echo is waited for, `C` a person decides.
    #[schema(value_type = String)]
    effect_class: Class,
    /// What its success proves.
    proves: Option<ReceiptKind>,
    /// A person can undo it.
    reversible: bool,
    /// JSON pointer to the amount in the arguments, for rules about amounts.
    amount: Option<String>,
    /// JSON pointer to the recipient in the arguments.
    recipient: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Actions {
    items: Vec<ActionView>,
}

/// Everything the agent can do
///
/// Built-in tools first, then those of the business. There are at most a few hundred: they come in one page.
#[utoipa::path(get, path = "/actions", tag = "policies", operation_id = "actions", responses((status = 200, body = Actions)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<Actions>, Problem> {
    caller.require("policy:read")?;
    let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
    let view = view.ok_or_else(|| Problem::not_found("tenant"))?;
    let toolbox = &web.desk.toolbox;
    let every: Vec<String> = toolbox.names().chain(view.tools.names()).map(str::to_owned).collect();
    let specs = view.tools.specs(&web.desk, Some(&every));
    let items = specs.iter().filter_map(|spec| {
        let (about, own) = about(&web, &view, &spec.name)?;
        Some(shown(&view, spec, about, own))
    });
    Ok(Found(Actions { items: items.collect() }))
}

/// What an action means, and whether it is one of the business's own.
pub(super) fn about(web: &Web, view: &View, name: &str) -> Option<(About, bool)> {
    let built_in = web.desk.toolbox.about(name).map(|about| (about.clone(), false));
    built_in.or_else(|| view.tools.get(name).map(|own| (own.about(), true)))
}

fn shown(view: &View, spec: &ToolSpec, about: About, own: bool) -> ActionView {
    ActionView {
        name: spec.name.clone(),
        title: about.title.of(view.tenant.speaks()).to_owned(),
        description: spec.description.clone(),
        parameters: (*spec.parameters).clone(),
        category: about.category,
        own,
        changes: about.changes,
        permission: about.permission,
        cost: about.cost,
        level: about.level,
        least_level: about.least,
        effect_class: about.class,
        proves: about.proves,
        reversible: about.reversible,
        amount: about.amount.map(|p| p.into_owned()),
        recipient: about.recipient.map(|p| p.into_owned()),
    }
}
