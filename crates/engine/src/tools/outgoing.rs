//! Calls of the tools that a business defined itself: who may make them, with which values, and what is said when they are not made.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{effect::State, http_tool::ToolEffect, ids::ToolId, ports::model::ToolCall, tool::ToolResult, turn::Step};
use serde_json::{Value, json};

use super::{ToolContext, fits, is_allowed};
use crate::{
    http_tools::{self, Carried, OurValues, Own},
    tracer,
    turns::outside::is_unknown,
};

/// Where a call is made.
pub(crate) enum Leaving {
    /// In our own database, or nowhere: it is a built-in tool or none at all.
    Stays,
    /// It would leave, but its arguments are not what its schema says.
    Misfit(ToolResult),
    /// It would leave, but does not; the model reads why.
    Refused(ToolResult),
    Goes(Arc<Own>),
}

pub(crate) fn leaving(context: &ToolContext, call: &ToolCall, journal: &[Step]) -> Leaving {
    let Some(tool) = context.view.tools.get(&call.name).filter(|_| is_allowed(context, &call.name)) else {
        return Leaving::Stays;
    };
    if let Err(problem) = fits(&tool.validator, call) {
        return Leaving::Misfit(refused(call, problem, Value::Null));
    }
    tracer::tool_called(context.scope.tenant(), &call.name, &call.arguments);
    if !is_unknown(journal, &call.name) {
        return Leaving::Goes(tool.clone());
    }
    counted(context, &call.name, false);
    let told = "It was not called again: it is not known yet whether the last call was carried out. A person of the team checks.";
    Leaving::Refused(refused(call, told.to_owned(), Value::Null))
}

/// Makes the call, with the values of this conversation.
pub(crate) async fn carry_out(
    context: &ToolContext,
    tool: &Own,
    call: &ToolCall,
    key: &str,
    time_left: impl Fn() -> Duration,
) -> Carried {
    let contact = &context.contact;
    let who = http_tools::Who {
        id: contact.id.as_str(),
        name: contact.name.as_deref().unwrap_or_default(),
        address_kind: context.conversation.address.kind,
        address: &context.conversation.address.value,
        conversation: context.conversation.id.as_str(),
    };
    let values = OurValues::of(&context.view.tenant, &who, context.now);
    http_tools::carry_out(&context.desk, &tool.tool, &call.arguments, &values, context.view.tools.secrets(), key, time_left).await
}

/// In the playground: what reads is asked, what writes is not sent and counts as done. `None`: not a call that leaves.
pub(crate) async fn rehearsed(
    context: &ToolContext,
    call: &ToolCall,
    journal: &[Step],
    time_left: impl Fn() -> Duration,
) -> Option<ToolResult> {
    let tool = match leaving(context, call, journal) {
        Leaving::Stays => return None,
        Leaving::Misfit(result) | Leaving::Refused(result) => return Some(result),
        Leaving::Goes(tool) => tool,
    };
    let spec = &tool.tool.spec;
    let (ok, content, outcome) = if spec.effect == ToolEffect::Reads {
        let carried = carry_out(context, &tool, call, "rehearsal", time_left).await;
        (carried.state == State::Succeeded, carried.content, carried.state.as_str())
    } else {
        (true, "This is a trial: the call was not sent. Go on as if the service had accepted it.".to_owned(), ONLY_TRIED)
    };
    Some(ToolResult {
        call: call.id.clone(),
        name: call.name.clone(),
        ok,
        content,
        data: json!({ "tool": tool.tool.id, "outcome": outcome }),
        receipt: spec.proves.filter(|_| ok),
    })
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

fn refused(call: &ToolCall, content: String, data: Value) -> ToolResult {
    ToolResult { call: call.id.clone(), name: call.name.clone(), ok: false, content, data, receipt: None }
}

/// Businesses name their tools as they like: a metric has one name for all of theirs.
pub(crate) fn counted(context: &ToolContext, name: &str, ok: bool) {
    let name = match () {
        () if context.desk.toolbox.tools.contains_key(name) => name.to_owned(),
        () if context.view.tools.get(name).is_some() => "http".into(),
        () => "unknown".into(),
    };
    metrics::counter!("frontdesk_tool_calls_total", "tool" => name, "ok" => if ok { "true" } else { "false" }).increment(1);
}
