//! What helps to write a prompt: the palette of variables, the prompt as it would be, the tools there are.

use std::sync::Arc;

use axum::extract::State;
use frontdesk_engine::{
    agents::LONGEST_PROMPT,
    directory::View,
    prompt::{self, PromptContext},
};
use frontdesk_kernel::{
    Timestamp,
    contact::{AddressKind, Contact},
    ids::ContactId,
};
use frontdesk_store::{contacts, work};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{one_line, shown::FaultView, view};
use crate::{
    Web,
    kit::{Body, Caller, Found, Problem, Query, Time},
};

/// Who is there, on which channel, when: of somebody real, or of a stand-in.
pub(super) struct Cast {
    pub(super) view: Arc<View>,
    pub(super) contact: Contact,
    pub(super) address: String,
    pub(super) is_invented: bool,
    pub(super) channel: &'static str,
    pub(super) now: Timestamp,
}

pub(super) struct Wanted<'w> {
    pub(super) contact: Option<ContactId>,
    pub(super) customer_name: Option<&'w str>,
    pub(super) channel: Option<&'w str>,
    pub(super) now: Option<Time>,
}

pub(super) async fn cast(web: &Web, caller: &Caller, wanted: Wanted<'_>) -> Result<Cast, Problem> {
    let view = view(web, caller).await?;
    let now = wanted.now.map_or_else(|| web.desk.now(), |t| t.0);
    let channel = match wanted.channel {
        None => web.desk.channels.first().map_or("", |c| c.about().key),
        Some(kind) => match web.desk.channel(kind) {
            Some(channel) => channel.about().key,
            None => {
                let known: Vec<_> = web.desk.channels.iter().map(|c| c.about().key).collect();
                return Err(Problem::field("channel", format!("there is no such channel (there are {})", known.join(", "))));
            }
        },
    };
    let Some(id) = wanted.contact else {
        let name = wanted.customer_name.map(|name| one_line("customer_name", name, 120)).transpose()?;
        let contact = Contact { name, ..stand_in(web, now) };
        return Ok(Cast { view, contact, address: "570000000000".into(), is_invented: true, channel, now });
    };
    caller.require("contact:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(
        &caller.scope,
        work!(tx => {
            let Some(contact) = contacts::get(tx, &s, &id).await? else { return Ok(None) };
            let addresses = contacts::addresses(tx, &s, &id).await?;
            Ok(Some((contact, addresses)))
        }),
    );
    let (contact, addresses) = found.await?.ok_or_else(|| Problem::not_found("contact"))?;
    let phone = addresses.iter().find(|a| a.kind == AddressKind::Phone).or(addresses.first());
    let address = phone.map(|a| a.value.clone()).unwrap_or_default();
    Ok(Cast { view, contact, address, is_invented: false, channel, now })
}

fn stand_in(web: &Web, now: Timestamp) -> Contact {
    Contact {
        id: web.desk.id(),
        name: None,
        facts: Default::default(),
        language: None,
        note: None,
        created_at: now,
        updated_at: now,
    }
}

impl Cast {
    pub(super) fn context<'c>(&'c self, agent_name: &'c str) -> PromptContext<'c> {
        PromptContext {
            tenant: &self.view.tenant,
            services: &self.view.services,
            staff: &self.view.staff,
            contact: &self.contact,
            contact_address: &self.address,
            now: self.now,
            agent_name,
            channel: self.channel,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct For {
    /// Samples are of this contact.
    contact: Option<ContactId>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Variables {
    items: Vec<VariableView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Variable)]
pub(crate) struct VariableView {
    name: &'static str,
    /// What to write into the prompt.
    insert: &'static str,
    meaning: Meaning,
    /// What it comes to in this business now; empty when there is nothing to say.
    sample: String,
}

/// In every language of the console.
#[derive(Serialize, ToSchema)]
pub(crate) struct Meaning {
    en: &'static str,
    es: &'static str,
}

/// Everything that a prompt may insert
#[utoipa::path(get, path = "/agents/variables", tag = "agents", params(For), operation_id = "variables", responses((status = 200, body = Variables)))]
pub(crate) async fn variables(State(web): State<Web>, caller: Caller, Query(q): Query<For>) -> Result<Found<Variables>, Problem> {
    caller.require("agent:read")?;
    let cast = cast(&web, &caller, Wanted { contact: q.contact, customer_name: None, channel: None, now: None }).await?;
    let items = prompt::palette(&cast.context("Sofía")).into_iter().map(|v| VariableView {
        name: v.name,
        insert: v.insert,
        meaning: Meaning { en: v.english, es: v.spanish },
        sample: v.sample,
    });
    Ok(Found(Variables { items: items.collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PreviewRequest)]
pub(crate) struct Preview {
    /// The template; empty = the built-in prompt.
    #[schema(max_length = 100_000)]
    prompt: String,
    #[serde(default)]
    #[schema(max_length = 120)]
    agent_name: Option<String>,
    #[serde(default)]
    contact: Option<ContactId>,
    /// Where the customer writes, such as `whatsapp`.
    #[serde(default)]
    channel: Option<String>,
    /// What time it is there; absent = now.
    #[serde(default)]
    now: Option<Time>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Previewed {
    /// The agent's own words; the built-in prompt where they are broken.
    own: String,
    /// The moment, the business in a few lines, and the customer.
    moment: String,
    /// The business in words.
    business: String,
    /// `path` names the part: `prompt`, `moment` or `business`.
    problems: Vec<FaultView>,
    /// Of the whole prompt.
    characters: usize,
    /// About so many tokens of a model.
    tokens: usize,
}

/// A prompt as a model would get it
#[utoipa::path(post, path = "/agents/preview", tag = "agents", request_body = Preview, responses((status = 200, body = Previewed)))]
pub(crate) async fn preview(
    State(web): State<Web>,
    caller: Caller,
    Body(body): Body<Preview>,
) -> Result<Found<Previewed>, Problem> {
    caller.require("agent:read")?;
    if body.prompt.chars().count() > LONGEST_PROMPT {
        return Err(Problem::field("prompt", format!("longer than {LONGEST_PROMPT} characters")));
    }
    let wanted = Wanted { contact: body.contact, customer_name: None, channel: body.channel.as_deref(), now: body.now };
    let cast = cast(&web, &caller, wanted).await?;
    let name = match body.agent_name.as_deref() {
        Some(name) => one_line("agent_name", name, 120)?,
        None => "Sofía".to_owned(),
    };
    let parts = prompt::preview(web.desk.scripts.as_ref(), &body.prompt, &cast.context(&name)).await;
    let characters = [&parts.own, &parts.moment, &parts.business].iter().map(|t| t.chars().count()).sum::<usize>();
    Ok(Found(Previewed {
        characters,
        tokens: characters.div_ceil(4),
        problems: parts.faults.into_iter().map(FaultView::from).collect(),
        own: parts.own,
        moment: parts.moment,
        business: parts.business,
    }))
}

#[derive(Serialize, ToSchema)]
pub(crate) struct AgentTools {
    items: Vec<AgentTool>,
}

/// A tool that an agent may have.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentTool {
    name: String,
    /// As the model reads it.
    description: String,
    /// It does more than look.
    changes_something: bool,
}

/// Tools that an agent may have
#[utoipa::path(get, path = "/agents/tools", tag = "agents", operation_id = "tools", responses((status = 200, body = AgentTools)))]
pub(crate) async fn tools(State(web): State<Web>, caller: Caller) -> Result<Found<AgentTools>, Problem> {
    caller.require("agent:read")?;
    let view = view(&web, &caller).await?;
    let specs = view.tools.specs(&web.desk, None);
    let changes = |name: &str| match view.tools.get(name) {
        Some(brought) => brought.about().changes,
        None => web.desk.toolbox.changes_something(name),
    };
    let items = specs.iter().map(|spec| AgentTool {
        name: spec.name.clone(),
        description: spec.description.clone(),
        changes_something: changes(&spec.name),
    });
    Ok(Found(AgentTools { items: items.collect() }))
}
