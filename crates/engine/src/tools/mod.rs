//! What the model may call. A tool is one file: declaration, execution, its texts; registration is one line in `ALL`.
//! Identity, tenant and time come from the context, never from arguments.

mod ask;
mod book;
mod brought;
mod calendar;
mod cancel;
mod facts;
mod handoff;
mod list;
mod meant;
mod move_it;
mod my_payments;
mod notify;
mod outgoing;
mod payment_link;
mod profile;
mod raise;
mod records;
mod refund;
pub(crate) mod reports;
mod send_email;
mod send_message;
mod slots;
mod task;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use frontdesk_kernel::{
    Id, Ids, Scope, Timestamp,
    action::About,
    contact::Contact,
    ids::{Kind, TurnId},
    language::Language,
    ports::model::ToolCall,
    tool::{ReceiptKind, ToolResult, ToolSpec},
};
use frontdesk_store::{Result, Tx, conversations::Conversation};
use serde_json::Value;

pub(crate) use self::brought::title_of_brought;
pub use self::brought::{Brought, OwnTools};
pub(crate) use self::{
    meant::{Meant, meant},
    outgoing::{Leaves, Leaving, TimeLeft, counted, is_only_tried, leaving, not_begun, refused, rehearsed, unknown, with_links},
    raise::{REQUEST_APPROVAL, wanted},
};
use crate::{
    Desk,
    directory::{Lines, View},
    tracer,
};

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
    &ask::AskColleague,
    &raise::RequestApproval,
    &task::CreateTask,
    &notify::NotifyTeam,
];

/// Tools that an agent has only when they are chosen for it: they reach others than the customer.
static CHOSEN: &[&dyn Tool] = &[&send_email::SendEmail, &send_message::SendMessage];

/// Every tool of ours whose calls leave the house.
fn leaving_tools() -> Vec<Arc<dyn Offered>> {
    let payments: [Arc<dyn Offered>; 3] =
        [Arc::new(payment_link::PaymentLink), Arc::new(my_payments::MyPayments), Arc::new(refund::RefundPayment)];
    payments.into_iter().chain(records::all()).chain(reports::all()).collect()
}

/// Reading this one backs statements about existing appointments.
pub const MY_APPOINTMENTS: &str = "my_appointments";

/// A tool runs inside the turn's transaction: it changes our own database or nothing.
#[async_trait]
pub(crate) trait Tool: Send + Sync {
    fn spec(&self) -> ToolSpec;
    fn about(&self) -> About;
    /// See `meant`; `None`: exactly what it says.
    async fn meant(&self, _: &mut Tx, _: &ToolContext, _: &Value) -> Result<Result<Option<Meant>, String>> {
        Ok(Ok(None))
    }
    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told>;
}

/// A tool of ours whose calls leave the house: there for businesses that can use it.
pub(crate) trait Offered: Leaves {
    fn spec(&self) -> ToolSpec;
    fn about(&self) -> About;
}

/// For whom a tool runs.
#[derive(Clone)]
pub struct ToolContext {
    pub desk: Arc<Desk>,
    pub scope: Scope,
    pub view: Arc<View>,
    /// Every channel of this server.
    pub lines: Arc<Lines>,
    pub conversation: Conversation,
    pub contact: Contact,
    pub turn: TurnId,
    pub now: Timestamp,
    /// Names that the agent may use; `None` = all.
    pub allowed: Option<Vec<String>>,
    /// A person said yes to exactly these calls.
    pub approved: bool,
    /// No other call is made in the same unit of work.
    pub alone: bool,
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
    tools: HashMap<String, Known>,
    leaving: HashMap<String, Departing>,
    /// What models see of those that leave.
    offered: Vec<ToolSpec>,
    all: Arc<[ToolSpec]>,
    /// Without those that must be chosen.
    usual: Arc<[ToolSpec]>,
    selections: Mutex<HashMap<Vec<String>, Arc<[ToolSpec]>>>,
}

struct Known {
    tool: &'static dyn Tool,
    about: About,
    schema: jsonschema::Validator,
}

/// A tool of ours that leaves the house.
struct Departing {
    tool: Arc<dyn Leaves>,
    about: About,
    schema: jsonschema::Validator,
}

impl Default for Toolbox {
    fn default() -> Self {
        let mut tools = HashMap::new();
        let mut all = Vec::new();
        let compile = |spec: &ToolSpec| jsonschema::validator_for(&spec.parameters).expect("a test compiles every tool's schema");
        for tool in ALL.iter().chain(CHOSEN) {
            let spec = tool.spec();
            tools.insert(spec.name.clone(), Known { tool: *tool, about: tool.about(), schema: compile(&spec) });
            all.push(spec);
        }
        let (mut leaving, mut offered) = (HashMap::new(), Vec::new());
        for tool in leaving_tools() {
            let spec = tool.spec();
            leaving.insert(spec.name.clone(), Departing { about: tool.about(), tool, schema: compile(&spec) });
            offered.push(spec);
        }
        let usual = all[..ALL.len()].into();
        Toolbox { tools, leaving, offered, all: all.into(), usual, selections: Mutex::default() }
    }
}

impl Toolbox {
    /// The tools an agent shows to its model.
    pub fn specs(&self, selection: Option<&[String]>) -> Arc<[ToolSpec]> {
        let Some(selection) = selection else { return self.usual.clone() };
        let mut selections = self.selections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(specs) = selections.get(selection) {
            return specs.clone();
        }
        let specs: Arc<[ToolSpec]> = self.all.iter().filter(|s| selection.contains(&s.name)).cloned().collect();
        selections.insert(selection.to_vec(), specs.clone());
        specs
    }

    /// Whether an agent for which nothing is chosen has it.
    pub(crate) fn is_usual(&self, name: &str) -> bool {
        !records::is_one(name) && !reports::is_one(name) && !self.all[self.usual.len()..].iter().any(|spec| spec.name == name)
    }

    /// A tool that does more than look; unknown names do nothing.
    pub fn changes_something(&self, name: &str) -> bool {
        self.about(name).is_some_and(|about| about.changes)
    }

    /// What a tool of ours does to the world.
    pub fn about(&self, name: &str) -> Option<&About> {
        self.tools.get(name).map(|known| &known.about).or_else(|| self.leaving.get(name).map(|d| &d.about))
    }

    /// The one of ours that leaves the house and is called so, where the business can use it.
    pub(crate) fn leaving(&self, name: &str, view: &View) -> Option<(&Arc<dyn Leaves>, &jsonschema::Validator)> {
        self.leaving.get(name).filter(|_| view.tools.offers(name)).map(|d| (&d.tool, &d.schema))
    }

    /// Tools of ours that leave the house, for a business that takes payments or not, on a server that knows where records are or not.
    pub(crate) fn offered(&self, payments: bool, has_records: bool) -> Vec<ToolSpec> {
        let is_there = |spec: &&ToolSpec| match spec.name.as_str() {
            name if reports::is_one(name) => true,
            name if records::is_one(name) => has_records,
            _ => payments,
        };
        self.offered.iter().filter(is_there).cloned().collect()
    }

    /// Every built-in tool that stays in the house.
    pub fn all(&self) -> &Arc<[ToolSpec]> {
        &self.all
    }

    /// Names of all built-in tools.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().chain(&self.offered).map(|s| s.name.as_str())
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
    match context.desk.toolbox.tools.get(&call.name).filter(|_| is_allowed(context, &call.name)) {
        Some(known) => fits(&known.schema, call).map(|()| known.tool),
        None => Err(no_such_tool(context, &call.name)),
    }
}

fn no_such_tool(context: &ToolContext, name: &str) -> String {
    let specs = context.view.tools.specs(&context.desk, context.allowed.as_deref());
    let known: Vec<_> = specs.iter().map(|s| s.name.clone()).collect();
    format!("There is no tool `{name}` here. Tools: {}.", known.join(", "))
}

/// Why a call is not even thought about.
pub(crate) enum Misfit {
    /// There is no such tool for this agent.
    Unknown(String),
    /// The arguments are not what its schema says.
    Arguments(String),
}

/// What this agent's tool of that name does to the world, when the call fits it. `bool`: one of the business's own.
pub(crate) fn known(context: &ToolContext, call: &ToolCall) -> Result<(About, bool), Misfit> {
    if !is_allowed(context, &call.name) {
        return Err(Misfit::Unknown(no_such_tool(context, &call.name)));
    }
    if let Some(known) = context.desk.toolbox.tools.get(&call.name) {
        return fits(&known.schema, call).map(|()| (known.about.clone(), false)).map_err(Misfit::Arguments);
    }
    if let Some((_, schema)) = context.desk.toolbox.leaving(&call.name, &context.view) {
        let about = context.desk.toolbox.about(&call.name).cloned();
        let about = about.ok_or_else(|| Misfit::Unknown(no_such_tool(context, &call.name)))?;
        return fits(schema, call).map(|()| (about, false)).map_err(Misfit::Arguments);
    }
    match context.view.tools.get(&call.name) {
        Some(own) => fits(&own.validator, call).map(|()| (own.about(), true)).map_err(Misfit::Arguments),
        None => Err(Misfit::Unknown(no_such_tool(context, &call.name))),
    }
}

/// Whether arguments that a person wrote are what a tool of this business takes.
pub(crate) fn takes(desk: &Desk, view: &View, name: &str, arguments: &Value) -> Result<(), String> {
    let call = ToolCall { id: String::new(), name: name.to_owned(), arguments: arguments.clone(), broken: None };
    if let Some((_, schema)) = desk.toolbox.leaving(name, view) {
        return fits(schema, &call);
    }
    match (desk.toolbox.tools.get(name), view.tools.get(name)) {
        (Some(known), _) => fits(&known.schema, &call),
        (None, Some(own)) => fits(&own.validator, &call),
        (None, None) => Err(format!("There is no tool `{name}` any more.")),
    }
}

fn is_allowed(context: &ToolContext, name: &str) -> bool {
    match &context.allowed {
        Some(names) => names.iter().any(|n| n == name),
        None => context.desk.toolbox.is_usual(name),
    }
}

/// The arguments are whole and as the schema wants them.
pub(crate) fn fits(schema: &jsonschema::Validator, call: &ToolCall) -> Result<(), String> {
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
            }).into(),
        }
    };
}
pub(crate) use tool_spec;

#[cfg(test)]
mod tests {
    use frontdesk_kernel::member::Role;

    use super::*;

    #[test]
    fn every_schema_compiles_refuses_strangers_and_names_no_identity() {
        let toolbox = Toolbox::default();
        assert_eq!(toolbox.names().count(), ALL.len() + CHOSEN.len() + leaving_tools().len());
        for spec in toolbox.all.iter().chain(&toolbox.offered) {
            let about = toolbox.about(&spec.name).unwrap();
            assert!(Role::Owner.allows(about.permission) && about.level >= about.least, "{}", spec.name);
            assert!(about.changes || about.proves.is_none(), "{}: looking proves nothing", spec.name);
            assert_eq!(spec.parameters["additionalProperties"], false, "{}", spec.name);
            let text = spec.parameters["properties"].to_string();
            for identity in ["phone", "whatsapp", "tenant", "contact_id", "business", "time_zone"] {
                assert!(!text.contains(identity), "{} shows {identity} to the model", spec.name);
            }
        }
    }
}
