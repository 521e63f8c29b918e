//! What the model may call. A tool is one file: declaration, execution, its texts; registration is one line in `ALL`.
//! Identity, tenant and time come from the context, never from arguments.

mod book;
mod calendar;
mod cancel;
mod facts;
mod handoff;
mod list;
mod move_it;
mod outgoing;
mod profile;
mod slots;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use frontdesk_kernel::{
    Id, Ids, Scope, Timestamp,
    contact::Contact,
    ids::{Kind, TurnId},
    language::Language,
    ports::model::ToolCall,
    tool::{ReceiptKind, ToolResult, ToolSpec},
};
use frontdesk_store::{Result, Tx, conversations::Conversation};
use serde_json::Value;

pub(crate) use self::outgoing::{Leaving, carry_out, counted, is_only_tried, leaving, not_begun, rehearsed, unknown};
use crate::{Desk, directory::View, tracer};

/// Every built-in tool.
static ALL: &[&dyn Tool] = &[
    &slots::Slots,
    &book::Book,
    &move_it::Move,
    &cancel::Cancel,
    &list::List,
    &profile::UpdateContact,
    &handoff::Handoff,
    &facts::Facts,
];

/// Reading this one backs statements about existing appointments.
pub const MY_APPOINTMENTS: &str = "my_appointments";

/// A tool runs inside the turn's transaction: it changes our own database or nothing.
#[async_trait]
pub(crate) trait Tool: Send + Sync {
    fn spec(&self) -> ToolSpec;
    /// It does more than look.
    fn changes_something(&self) -> bool {
        false
    }
    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told>;
}

/// For whom a tool runs.
pub struct ToolContext {
    pub desk: Arc<Desk>,
    pub scope: Scope,
    pub view: Arc<View>,
    pub conversation: Conversation,
    pub contact: Contact,
    pub turn: TurnId,
    pub now: Timestamp,
    /// Names that the agent may use; `None` = all.
    pub allowed: Option<Vec<String>>,
    /// Where new ids come from.
    pub ids: Arc<dyn Ids>,
}

impl ToolContext {
    pub(crate) fn id<K: Kind>(&self) -> Id<K> {
        Id::new(self.ids.as_ref(), self.now)
    }
    pub(crate) fn language(&self) -> Language {
        self.contact.speaks(self.view.tenant.speaks())
    }
    pub(crate) fn say(&self, spanish: &str, english: &str) -> String {
        match self.language() {
            Language::Spanish => spanish.to_owned(),
            Language::English => english.to_owned(),
        }
    }
}

/// What a tool has to tell.
pub(crate) struct Told {
    ok: bool,
    content: String,
    data: Value,
    receipt: Option<ReceiptKind>,
}

impl Told {
    pub(crate) fn fact(content: String, data: Value) -> Told {
        Told { ok: true, content, data, receipt: None }
    }
    pub(crate) fn done(receipt: ReceiptKind, content: String, data: Value) -> Told {
        Told { ok: true, content, data, receipt: Some(receipt) }
    }
    /// A refusal in words; nothing was changed.
    pub(crate) fn refused(content: impl Into<String>) -> Told {
        Told { ok: false, content: content.into(), data: Value::Null, receipt: None }
    }
}

/// Tools with their schemas compiled; specs per selection, made once.
pub struct Toolbox {
    tools: HashMap<String, (&'static dyn Tool, jsonschema::Validator)>,
    all: Arc<[ToolSpec]>,
    selections: Mutex<HashMap<Vec<String>, Arc<[ToolSpec]>>>,
}

impl Default for Toolbox {
    fn default() -> Self {
        let mut tools = HashMap::new();
        let mut all = Vec::new();
        for tool in ALL {
            let spec = tool.spec();
            let validator = jsonschema::validator_for(&spec.parameters).expect("a test compiles every tool's schema");
            tools.insert(spec.name.clone(), (*tool, validator));
            all.push(spec);
        }
        Toolbox { tools, all: all.into(), selections: Mutex::default() }
    }
}

impl Toolbox {
    /// The tools an agent shows to its model.
    pub fn specs(&self, selection: Option<&[String]>) -> Arc<[ToolSpec]> {
        let Some(selection) = selection else { return self.all.clone() };
        let mut selections = self.selections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(specs) = selections.get(selection) {
            return specs.clone();
        }
        let specs: Arc<[ToolSpec]> = self.all.iter().filter(|s| selection.contains(&s.name)).cloned().collect();
        selections.insert(selection.to_vec(), specs.clone());
        specs
    }

    /// A tool that does more than look; unknown names do nothing.
    pub fn changes_something(&self, name: &str) -> bool {
        self.tools.get(name).is_some_and(|(tool, _)| tool.changes_something())
    }

    /// Every built-in tool.
    pub fn all(&self) -> &Arc<[ToolSpec]> {
        &self.all
    }

    /// Names of all built-in tools.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|s| s.name.as_str())
    }
}

/// Validates and runs one call. A refusal is a result that the model reads; only the database's errors end the turn.
pub(crate) async fn call(tx: &mut Tx, context: &ToolContext, call: &ToolCall) -> Result<ToolResult> {
    tracer::tool_called(context.scope.tenant(), &call.name, &call.arguments);
    let told = match check(context, call) {
        Ok(tool) => tool.run(tx, context, &call.arguments).await?,
        Err(refusal) => Told::refused(refusal),
    };
    counted(context, &call.name, told.ok);
    Ok(ToolResult {
        call: call.id.clone(),
        name: call.name.clone(),
        ok: told.ok,
        content: told.content,
        data: told.data,
        receipt: told.receipt.filter(|_| told.ok),
    })
}

fn check(context: &ToolContext, call: &ToolCall) -> Result<&'static dyn Tool, String> {
    let Some((tool, schema)) = context.desk.toolbox.tools.get(&call.name).filter(|_| is_allowed(context, &call.name)) else {
        let specs = context.view.tools.specs(&context.desk, context.allowed.as_deref());
        let known: Vec<_> = specs.iter().map(|s| s.name.clone()).collect();
        return Err(format!("There is no tool `{}` here. Tools: {}.", call.name, known.join(", ")));
    };
    fits(schema, call)?;
    Ok(*tool)
}

fn is_allowed(context: &ToolContext, name: &str) -> bool {
    context.allowed.as_ref().is_none_or(|names| names.iter().any(|n| n == name))
}

/// The arguments are whole and as the schema wants them.
fn fits(schema: &jsonschema::Validator, call: &ToolCall) -> Result<(), String> {
    if let Some(problem) = &call.broken {
        return Err(format!("The call was not carried out: {problem}. Call the tool again with a complete JSON object."));
    }
    let problems: Vec<String> =
        schema.iter_errors(&call.arguments).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
    if !problems.is_empty() {
        return Err(format!("The arguments are not valid: {}. Nothing was done.", problems.join("; ")));
    }
    Ok(())
}

/// `tool_spec!("name", "what it does", { properties }, [required])`.
macro_rules! tool_spec {
    ($name:expr, $description:expr, { $($properties:tt)* }, [$($required:expr),*]) => {
        frontdesk_kernel::tool::ToolSpec {
            name: $name.into(),
            description: $description.into(),
            parameters: serde_json::json!({
                "type": "object",
                "properties": { $($properties)* },
                "required": [$($required),*],
                "additionalProperties": false,
            }),
        }
    };
}
pub(crate) use tool_spec;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_compiles_refuses_strangers_and_names_no_identity() {
        let toolbox = Toolbox::default();
        assert_eq!(toolbox.all.len(), ALL.len());
        for spec in toolbox.all.iter() {
            assert_eq!(spec.parameters["additionalProperties"], false, "{}", spec.name);
            let text = spec.parameters["properties"].to_string();
            for identity in ["phone", "whatsapp", "tenant", "contact_id", "business", "time_zone"] {
                assert!(!text.contains(identity), "{} shows {identity} to the model", spec.name);
            }
        }
    }
}
