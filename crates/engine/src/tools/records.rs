//! `find_records`, `create_record`, `update_record`, `delete_record`: what the business's API server keeps (`API_SERVER_URL`), for the member
//! for whom the agent acts. The server is told who that is: its own permissions hold too.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category, Level},
    effect::Class,
    http_tool::{HttpTool, HttpToolSpec, ToolEffect},
    ids::{ToolId, UserId},
    ports::model::ToolCall,
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Result, Tx};
use serde_json::{Map, Value, json};

use super::{Leaves, Offered, TimeLeft, ToolContext, outgoing::own_id, tool_spec};
use crate::{
    http_tools::{self, Carried, Opened, OurValues, Way, Who},
    settings::ApiServer,
};

/// The name of the server's key among a request's secrets.
const KEY: &str = "API_SERVER_KEY";
const TIMEOUT_MS: u32 = 10_000;

#[derive(Clone, Copy)]
enum Verb {
    Find,
    Create,
    Update,
    Delete,
}

impl Verb {
    const ALL: [Verb; 4] = [Verb::Find, Verb::Create, Verb::Update, Verb::Delete];

    fn name(self) -> &'static str {
        match self {
            Verb::Find => "find_records",
            Verb::Create => "create_record",
            Verb::Update => "update_record",
            Verb::Delete => "delete_record",
        }
    }
}

struct Records(Verb);

pub(super) fn all() -> impl Iterator<Item = Arc<dyn Offered>> {
    Verb::ALL.into_iter().map(|verb| Arc::new(Records(verb)) as Arc<dyn Offered>)
}

/// Whether it is one of these.
pub(super) fn is_one(name: &str) -> bool {
    Verb::ALL.iter().any(|verb| verb.name() == name)
}

/// One segment of a path.
fn segment(about: &str) -> Value {
    json!({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_:.-]{0,79}$", "description": about})
}

fn values(about: &str) -> Value {
    json!({"type": "object", "maxProperties": 50, "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_.-]{0,63}$"}, "description": about})
}

impl Offered for Records {
    fn spec(&self) -> ToolSpec {
        let (kind, id) = (segment("what kind, in the plural: `invoices`"), segment("its id"));
        let fields = values("the fields with their values");
        match self.0 {
            Verb::Find => tool_spec!(
                self.0.name(),
                "Reads records of the business's own system: one by its id, or those that fit a filter.",
                {"resource": kind, "id": id, "filter": values("field = value")},
                ["resource"]
            ),
            Verb::Create => tool_spec!(
                self.0.name(),
                "Adds a record to the business's own system.",
                {"resource": kind, "fields": fields},
                ["resource", "fields"]
            ),
            Verb::Update => tool_spec!(
                self.0.name(),
                "Changes fields of a record of the business's own system.",
                {"resource": kind, "id": id, "fields": fields},
                ["resource", "id", "fields"]
            ),
            Verb::Delete => tool_spec!(
                self.0.name(),
                "Deletes a record of the business's own system. It cannot be undone.",
                {"resource": kind, "id": id},
                ["resource", "id"]
            ),
        }
    }

    fn about(&self) -> About {
        let writes = |permission, english, spanish| About {
            level: Level::Suggestion,
            class: Class::C,
            amount: Some("/fields/amount".into()),
            ..About::changes(Category::Resource, permission, english, spanish)
        };
        match self.0 {
            Verb::Find => About::reads("record:read", "Find records", "Buscar registros"),
            Verb::Create => writes("record:write", "Add a record", "Crear un registro"),
            Verb::Update => writes("record:write", "Change a record", "Cambiar un registro"),
            Verb::Delete => writes("record:delete", "Delete a record", "Borrar un registro").for_good().at_least(Level::Approval),
        }
    }
}

#[async_trait]
impl Leaves for Records {
    fn id(&self) -> ToolId {
        own_id(self.0.name())
    }
    fn class(&self) -> Class {
        if matches!(self.0, Verb::Find) { Class::A } else { Class::C }
    }
    fn effect(&self) -> ToolEffect {
        if matches!(self.0, Verb::Find) { ToolEffect::Reads } else { ToolEffect::Writes }
    }
    fn proves(&self) -> Option<ReceiptKind> {
        None
    }

    async fn begin(&self, _: &mut Tx, context: &ToolContext, _: &ToolCall, _: &str) -> Result<std::result::Result<(), String>> {
        // Records are the business's, not a customer's: only somebody of the team asks for them.
        Ok(context.conversation.acts_for.as_ref().map(drop).ok_or_else(|| only_for_the_team(context)))
    }

    async fn carry_out(&self, context: &ToolContext, call: &ToolCall, key: &str, time_left: TimeLeft<'_>) -> Result<Carried> {
        let Some(server) = &context.desk.settings.api_server else {
            return Ok(Carried::failed("The business's API server is not configured; nothing was done."));
        };
        let Some(person) = &context.conversation.acts_for else { return Ok(Carried::failed(only_for_the_team(context))) };
        let tool = self.request(context, server, person, &call.arguments);
        let arguments = flat(&call.arguments);
        let who = Who {
            id: context.contact.id.as_str(),
            name: context.contact.name.as_deref().unwrap_or_default(),
            address_kind: context.conversation.address.kind,
            address: &context.conversation.address.value,
            conversation: context.conversation.id.as_str(),
        };
        let values = OurValues::of(&context.view.tenant, &who, context.now);
        let host = http_tools::host_of(&server.url).unwrap_or_default();
        let secrets = server.key.iter().map(|key| (KEY.to_owned(), Opened { host: host.clone(), secret: key.clone() }));
        let secrets: BTreeMap<_, _> = secrets.collect();
        let way = Way { desk: &context.desk, tenant: context.scope.tenant(), secrets: &secrets, guest: false };
        Ok(http_tools::carry_out(&way, &tool, &arguments, &values, key, time_left).await)
    }

    async fn end(&self, _: &mut Tx, _: &ToolContext, _: &str, _: &Carried) -> Result<()> {
        Ok(())
    }
}

fn only_for_the_team(context: &ToolContext) -> String {
    context.say("Eso solo se hace para alguien del equipo.", "That is only done for somebody of the team.")
}

impl Records {
    /// The request as a tool of a business's own would describe it. What the model wrote fills places only.
    fn request(&self, context: &ToolContext, server: &ApiServer, person: &UserId, arguments: &Value) -> HttpTool {
        let (method, rest) = match self.0 {
            Verb::Find => ("GET", "query"),
            Verb::Create => ("POST", "body"),
            Verb::Update => ("PATCH", "body"),
            Verb::Delete => ("DELETE", "nowhere"),
        };
        let one = if arguments.get("id").is_some() { "/{record_id_of_path}" } else { "" };
        let auth = if server.key.is_some() { json!({"kind": "bearer", "secret": KEY}) } else { json!({"kind": "none"}) };
        let spec: HttpToolSpec = serde_json::from_value(json!({
            "parameters": {"type": "object"},
            "request": {
                "method": method,
                "url": format!("{}/{{resource_of_path}}{one}", server.url.trim_end_matches('/')),
                "headers": [
                    {"name": "x-tenant-id", "value": context.scope.tenant()},
                    {"name": "x-user-id", "value": person},
                ],
                "auth": auth,
                "rest": rest,
                "timeout_ms": TIMEOUT_MS,
            },
            "effect": self.effect(),
        }))
        .expect("a test builds every request");
        HttpTool {
            id: Leaves::id(self),
            number: 0,
            name: self.0.name().to_owned(),
            enabled: true,
            version: 0,
            spec,
            probe: None,
            created_at: context.now,
            updated_at: context.now,
        }
    }
}

/// Fields and filters beside each other, as they go into a body or a query. The two names of the path cannot be among them: a field has no
/// such long name by chance, and one that has it is the path's.
fn flat(arguments: &Value) -> Value {
    let mut flat: Map<String, Value> = ["fields", "filter"]
        .iter()
        .filter_map(|key| arguments[*key].as_object())
        .flatten()
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    for (from, to) in [("resource", "resource_of_path"), ("id", "record_id_of_path")] {
        if let Some(value) = arguments.get(from) {
            flat.insert(to.to_owned(), value.clone());
        }
    }
    Value::Object(flat)
}
