//! Calls that leave the house: what a tool must tell for them, who may make them, and what is said when they are not made.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_kernel::{
    action::Amount,
    effect::{Class, State},
    http_tool::ToolEffect,
    ids::ToolId,
    ports::model::ToolCall,
    tool::{ReceiptKind, ToolResult},
    turn::Step,
};
use frontdesk_store::{Result, Tx};
use serde_json::{Value, json};

use super::{Meant, ToolContext, fits, is_allowed};
use crate::{
    http_tools::{self, Carried, OurValues, Own, Way},
    tracer,
    turns::outside::is_unknown,
};

/// What is left of the turn.
pub(crate) type TimeLeft<'t> = &'t (dyn Fn() -> Duration + Send + Sync);

/// A tool whose calls leave the house: a business's own, or one of ours that speaks to a vendor. A call is named by a key that stays the
/// same when it is made again.
#[async_trait]
pub(crate) trait Leaves: Send + Sync {
    /// What its calls are counted by.
    fn id(&self) -> ToolId;
    /// What is known when an answer is lost.
    fn class(&self) -> Class;
    fn effect(&self) -> ToolEffect;
    fn proves(&self) -> Option<ReceiptKind>;
    /// What a call comes to that names no amount, so that rules about amounts are not got around by leaving it out.
    async fn amount(&self, _: &mut Tx, _: &ToolContext, _: &Value) -> Result<Amount> {
        Ok(Amount::None)
    }
    /// As `Tool::meant`.
    async fn meant(&self, _: &mut Tx, _: &ToolContext, _: &Value) -> Result<std::result::Result<Option<Meant>, String>> {
        Ok(Ok(None))
    }
    /// Whoever is called knows a call that is made again by its key, and answers as for the first: a refusal is one of both.
    fn answers_for_the_first(&self) -> bool {
        true
    }
    /// In the transaction that begins the call, also when it is made again. `Err`: it does not leave, and the model reads why.
    async fn begin(
        &self,
        tx: &mut Tx,
        context: &ToolContext,
        call: &ToolCall,
        key: &str,
    ) -> Result<std::result::Result<(), String>>;
    async fn carry_out(&self, context: &ToolContext, call: &ToolCall, key: &str, time_left: TimeLeft<'_>) -> Result<Carried>;
    /// In the transaction that ends it.
    async fn end(&self, tx: &mut Tx, context: &ToolContext, key: &str, carried: &Carried) -> Result<()>;
}

/// What calls of a tool of ours are counted by.
pub(super) fn own_id(name: &'static str) -> ToolId {
    ToolId::parse(&format!("tol_{name}")).expect("names of tools are letters and underscores")
}

/// Where a call is made.
pub(crate) enum Leaving {
    /// In our own database, or nowhere: it is a built-in tool or none at all.
    Stays,
    /// It would leave, but its arguments are not what its schema says.
    Misfit(ToolResult),
    /// It would leave, but does not; the model reads why.
    Refused(ToolResult),
    Goes(Arc<dyn Leaves>),
}

pub(crate) fn leaving(context: &ToolContext, call: &ToolCall, journal: &[Step]) -> Leaving {
    let allowed = is_allowed(context, &call.name);
    let ours = context.desk.toolbox.leaving(&call.name, &context.view);
    let theirs = context.view.tools.get(&call.name);
    let (tool, validator): (Arc<dyn Leaves>, _) = match (ours, theirs) {
        (Some((tool, validator)), _) if allowed => (tool.clone(), validator),
        (None, Some(brought)) if allowed => (brought.leaves.clone(), brought.validator.as_ref()),
        _ => return Leaving::Stays,
    };
    if let Err(problem) = fits(validator, call) {
        return Leaving::Misfit(refused(call, problem, Value::Null));
    }
    tracer::tool_called(context.scope.tenant(), &call.name, &call.arguments);
    if !is_unknown(journal, &call.name) {
        return Leaving::Goes(tool);
    }
    counted(context, &call.name, false);
    let told = "It was not called again: it is not known yet whether the last call was carried out. A person of the team checks.";
    Leaving::Refused(refused(call, told.to_owned(), Value::Null))
}

/// A tool of the business's own: one request, with the values of this conversation.
#[async_trait]
impl Leaves for Own {
    fn id(&self) -> ToolId {
        self.tool.id.clone()
    }
    fn class(&self) -> Class {
        self.tool.spec.class()
    }
    fn effect(&self) -> ToolEffect {
        self.tool.spec.effect
    }
    fn proves(&self) -> Option<ReceiptKind> {
        self.tool.spec.proves
    }
    /// What a business says of its service is not known that well.
    fn answers_for_the_first(&self) -> bool {
        false
    }

    async fn begin(&self, _: &mut Tx, _: &ToolContext, _: &ToolCall, _: &str) -> Result<std::result::Result<(), String>> {
        Ok(Ok(()))
    }

    async fn carry_out(&self, context: &ToolContext, call: &ToolCall, key: &str, time_left: TimeLeft<'_>) -> Result<Carried> {
        let contact = &context.contact;
        let who = http_tools::Who {
            id: contact.id.as_str(),
            name: contact.name.as_deref().unwrap_or_default(),
            address_kind: context.conversation.address.kind,
            address: &context.conversation.address.value,
            conversation: context.conversation.id.as_str(),
        };
        let values = OurValues::of(&context.view.tenant, &who, context.now);
        let way = Way { desk: &context.desk, tenant: context.scope.tenant(), secrets: context.view.tools.secrets(), guest: true };
        Ok(http_tools::carry_out(&way, &self.tool, &call.arguments, &values, key, time_left).await)
    }

    async fn end(&self, _: &mut Tx, _: &ToolContext, _: &str, _: &Carried) -> Result<()> {
        Ok(())
    }
}

/// In the playground: what reads is asked, what writes is not sent and counts as done. `None`: not a call that leaves.
pub(crate) async fn rehearsed(
    context: &ToolContext,
    call: &ToolCall,
    journal: &[Step],
    time_left: TimeLeft<'_>,
) -> Result<Option<ToolResult>> {
    let tool = match leaving(context, call, journal) {
        Leaving::Stays => return Ok(None),
        Leaving::Misfit(result) | Leaving::Refused(result) => return Ok(Some(result)),
        Leaving::Goes(tool) => tool,
    };
    let (ok, content, outcome) = if tool.effect() == ToolEffect::Reads {
        let carried = tool.carry_out(context, call, "rehearsal", time_left).await?;
        (carried.state == State::Succeeded, carried.content, carried.state.as_str())
    } else {
        (true, "This is a trial: the call was not sent. Go on as if the service had accepted it.".to_owned(), ONLY_TRIED)
    };
    Ok(Some(ToolResult {
        call: call.id.clone(),
        name: call.name.clone(),
        ok,
        content,
        data: json!({ "tool": tool.id(), "outcome": outcome }),
        receipt: tool.proves().filter(|_| ok),
    }))
}

const ONLY_TRIED: &str = "only_tried";

pub(crate) fn is_only_tried(result: &ToolResult) -> bool {
    result.data["outcome"] == ONLY_TRIED
}

/// The process died after the call had begun.
pub(crate) fn unknown(call: &ToolCall, tool: &ToolId) -> ToolResult {
    let content = "The call was interrupted. It is not known whether it was carried out. Do not call it again and do not say that it is \
                   done: a person of the team will check.";
    refused(call, content.to_owned(), json!({ "tool": tool, "outcome": "unknown" }))
}

pub(crate) fn not_begun(call: &ToolCall) -> ToolResult {
    refused(call, "A person of the team has taken over; nothing was done.".to_owned(), json!({ "outcome": "canceled" }))
}

pub(crate) fn refused(call: &ToolCall, content: String, data: Value) -> ToolResult {
    ToolResult { call: call.id.clone(), name: call.name.clone(), ok: false, content, data, receipt: None }
}

/// The answer with every link that this turn made for who reads it: one that the model left out or spoiled stands at the end.
pub(crate) fn with_links(journal: &[Step], mut text: String) -> String {
    let results = journal.iter().flat_map(|s| if let Step::Tools { results } = s { results.as_slice() } else { &[] });
    for url in results.filter(|r| r.ok).filter_map(|r| r.data["payment"]["url"].as_str().or(r.data["report"]["url"].as_str())) {
        if !text.contains(url) {
            text = format!("{}\n\n{url}", text.trim_end());
        }
    }
    text
}

pub(crate) fn counted(context: &ToolContext, name: &str, ok: bool) {
    let name = match context.view.tools.get(name) {
        _ if context.desk.toolbox.names().any(|n| n == name) => name.to_owned(),
        Some(brought) => brought.counted_as.into(),
        None => "unknown".into(),
    };
    metrics::counter!("frontdesk_tool_calls_total", "tool" => name, "ok" => if ok { "true" } else { "false" }).increment(1);
}
