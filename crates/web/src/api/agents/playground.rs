//! Trying an agent: a stream of what happens in a turn that leaves nothing behind.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        Sse,
        sse::{self, KeepAlive},
    },
};
use frontdesk_engine::playground::{self, News, Said, Trial};
use frontdesk_kernel::{
    agent::AgentSpec,
    ids::{AgentId, ContactId},
    ports::model::ToolCall,
};
use frontdesk_store::{versions as stored, work};
use futures_util::{Stream, stream};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{
    fit, gone, own_servers,
    preview::{Wanted, cast},
    read,
    shown::SpecBody,
};
use crate::{
    Web,
    kit::{Body, Caller, Path, Problem, Time},
};

const MOST_SAID: usize = 200;
const LONGEST_SAID: usize = 8_000;
const MOST_CALLS: usize = 100;
const LONGEST_ARGUMENTS: usize = 16_000;

/// A conversation to go on with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Try {
    /// What is tried, saved or not; absent = the version, else the draft, else what is published.
    #[serde(default)]
    spec: Option<SpecBody>,
    #[serde(default)]
    version: Option<i64>,
    /// Who writes; absent = a stand-in.
    #[serde(default)]
    contact: Option<ContactId>,
    /// What the stand-in is called.
    #[serde(default)]
    #[schema(max_length = 120)]
    customer_name: Option<String>,
    /// Where they write, such as `whatsapp`.
    #[serde(default)]
    channel: Option<String>,
    /// What time it is for the prompt and the tools; absent = now.
    #[serde(default)]
    now: Option<Time>,
    /// So far; it ends with what the customer says.
    #[schema(min_items = 1, max_items = 200)]
    said: Vec<SaidBody>,
}

#[derive(Deserialize, ToSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SaidBody {
    Customer {
        #[schema(max_length = 8000)]
        text: String,
    },
    /// What the agent answered before, with the calls it made: what they changed is there again for the next ones.
    Agent {
        #[schema(max_length = 8000)]
        text: String,
        #[serde(default)]
        calls: Vec<CallBody>,
    },
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallBody {
    id: String,
    name: String,
    #[schema(value_type = Object)]
    arguments: Value,
}

/// Try an agent
///
/// A real turn with the real prompt, model and tools, of which nothing stays: tools that change something are carried out and undone at
/// once (`only_tried`). Nothing is stored or sent. What the model costs is real and counts against the budget.
///
/// Each event's data is JSON with a `kind`: `prompt`, `text` (`delta`), `again`, `model`, `tools`, `correction`, then `answer` or `failed`.
/// The server keeps nothing: send the whole conversation, changed as you like.
#[utoipa::path(post, path = "/agents/{id}/playground", tag = "agents", params(("id" = AgentId, Path)), request_body = Try,
    operation_id = "try",
    responses((status = 200, description = "What happens, as it happens", content_type = "text/event-stream", body = String)))]
pub(crate) async fn run(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Body(body): Body<Try>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Problem> {
    caller.require("agent:write")?;
    let said = conversation(body.said)?;
    let (s, i, n) = (caller.scope.clone(), id.clone(), body.version);
    let found = web.desk.db.read(
        &caller.scope,
        work!(tx => {
            let Some((agent, _)) = read(tx, &s, &i).await? else { return Ok(None) };
            let version = match n {
                Some(n) => stored::get(tx, &s, &i, n).await?,
                None => None,
            };
            Ok(Some((agent, version, stored::draft(tx, &s, &i).await?)))
        }),
    );
    let (agent, version, draft) = found.await?.ok_or_else(gone)?;
    let spec = match (body.spec, n, version) {
        (Some(_), Some(_), _) => return Err(Problem::field("version", "give either a spec or a version")),
        (Some(spec), None, _) => {
            let spec = AgentSpec::from(spec);
            let known: Vec<&AgentSpec> = draft.iter().map(|d| &d.spec).chain([&agent.spec]).collect();
            own_servers(&caller, &spec, &known)?;
            spec
        }
        (None, Some(_), None) => return Err(Problem::not_found("version")),
        (None, _, Some(version)) => version.spec,
        (None, None, None) => draft.map_or(agent.spec, |d| d.spec),
    };
    let wanted = Wanted {
        contact: body.contact,
        customer_name: body.customer_name.as_deref(),
        channel: body.channel.as_deref(),
        now: body.now,
    };
    let cast = cast(&web, &caller, wanted).await?;
    fit(&web, &cast.view, &spec).await?;
    let trial = Trial {
        scope: caller.scope.clone(),
        view: cast.view,
        agent_name: agent.name,
        spec,
        contact: cast.contact,
        address: cast.address,
        is_invented: cast.is_invented,
        channel: cast.channel,
        now: cast.now,
        said,
    };
    let (tell, hear) = mpsc::unbounded_channel::<News>();
    web.desk.tasks.spawn(playground::run(web.desk.clone(), trial, tell));
    let events = stream::unfold(hear, |mut hear| async {
        let news = hear.recv().await?;
        let event = sse::Event::default().json_data(&news).unwrap_or_default();
        Some((Ok(event), hear))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

fn conversation(said: Vec<SaidBody>) -> Result<Vec<Said>, Problem> {
    if said.len() > MOST_SAID {
        return Err(Problem::field("said", format!("more than {MOST_SAID} entries")));
    }
    if !matches!(said.last(), Some(SaidBody::Customer { text }) if !text.trim().is_empty()) {
        return Err(Problem::field("said", "it must end with what the customer says"));
    }
    let mut calls_in_all = 0;
    let mut read = Vec::with_capacity(said.len());
    for (i, entry) in said.into_iter().enumerate() {
        let (SaidBody::Customer { text } | SaidBody::Agent { text, .. }) = &entry;
        if text.chars().count() > LONGEST_SAID {
            return Err(Problem::field(format!("said[{i}].text"), format!("longer than {LONGEST_SAID} characters")));
        }
        read.push(match entry {
            SaidBody::Customer { text } => Said::Customer(text),
            SaidBody::Agent { text, calls } => {
                calls_in_all += calls.len();
                if calls_in_all > MOST_CALLS {
                    return Err(Problem::field(format!("said[{i}].calls"), format!("more than {MOST_CALLS} calls in all")));
                }
                Said::Agent { text, calls: calls.into_iter().enumerate().map(|(n, c)| call(i, n, c)).collect::<Result<_, _>>()? }
            }
        });
    }
    Ok(read)
}

fn call(i: usize, n: usize, call: CallBody) -> Result<ToolCall, Problem> {
    if !call.arguments.is_object() || call.arguments.to_string().len() > LONGEST_ARGUMENTS {
        let problem = format!("an object of up to {LONGEST_ARGUMENTS} characters");
        return Err(Problem::field(format!("said[{i}].calls[{n}].arguments"), problem));
    }
    if call.name.len() > 200 || call.id.len() > 200 {
        return Err(Problem::field(format!("said[{i}].calls[{n}]"), "its id or name is longer than 200 characters"));
    }
    Ok(ToolCall { id: call.id, name: call.name, arguments: call.arguments, broken: None })
}
