//! What a tool call costs: the business's own price for the tool, else the row of the cost table that the tool names.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    ledger::{Blocked, OF_TOOL},
    tool::ToolResult,
};
use frontdesk_store::{
    Result, Tx,
    tokens::holds::{self, Ask},
};
use serde_json::json;

use super::Books;
use crate::news::News;

/// A tool call of a turn.
pub(crate) struct Call<'a> {
    pub(crate) turn: &'a TurnId,
    /// Of the step that holds its result.
    pub(crate) step: i64,
    pub(crate) place: usize,
    pub(crate) tool: &'a str,
    /// The row of the cost table, where the business gave the tool no cost of its own.
    pub(crate) cost: Option<&'static str>,
    pub(crate) contact: &'a ContactId,
    pub(crate) conversation: &'a ConversationId,
}

impl Call<'_> {
    fn name(&self) -> String {
        format!("tool/{}/{}/{}", self.turn, self.step, self.place)
    }

    /// What it is entered as, and what it costs; `None`: nothing.
    fn cost(&self, books: Option<&Books>) -> Option<(String, i64)> {
        let accounting = &books?.accounting;
        let own = format!("{OF_TOOL}{}", self.tool);
        // A cost of nothing that the business chose is one.
        let key = if accounting.costs.contains_key(&own) { own } else { self.cost?.to_owned() };
        let tokens = accounting.cost(&key);
        (tokens > 0).then_some((key, tokens))
    }
}

/// Reserves what the call costs; a tool without a cost asks nothing.
pub(crate) async fn reserve(
    tx: &mut Tx,
    scope: &Scope,
    books: Option<&Books>,
    call: &Call<'_>,
    now: Timestamp,
    news: &mut News,
) -> Result<Result<(), Blocked>> {
    let (Some(books), Some((action, tokens))) = (books, call.cost(books)) else { return Ok(Ok(())) };
    let ask = Ask {
        name: call.name(),
        tokens,
        action,
        micros: 0,
        window_ends: None,
        contact: Some(call.contact.clone()),
        campaign: None,
        channel: None,
        conversation: Some(call.conversation.clone()),
        turn: Some(call.turn.to_string()),
    };
    Ok(books.reserve(tx, scope, &ask, now, news).await?.map(drop))
}

/// In the transaction that journals the result: what worked is paid for, and what may have.
pub(crate) async fn settle(
    tx: &mut Tx,
    scope: &Scope,
    books: Option<&Books>,
    call: &Call<'_>,
    result: &ToolResult,
    now: Timestamp,
) -> Result<()> {
    if call.cost(books).is_none() {
        return Ok(());
    }
    if result.ok || result.data["outcome"] == "unknown" {
        holds::commit(tx, scope, &call.name(), None, now).await.map(drop)
    } else {
        holds::release(tx, scope, &call.name(), now).await.map(drop)
    }
}

/// What the model reads instead of a result.
pub(crate) fn refused(call: &str, tool: &str, why: Blocked) -> ToolResult {
    ToolResult {
        call: call.to_owned(),
        name: tool.to_owned(),
        ok: false,
        content: format!(
            "Not done, and nothing was changed: the business's limit does not allow it now ({why}). Do not try again; say that you cannot \
             do it at the moment and that a person of the team will take care of it, and hand over."
        ),
        data: json!({ "outcome": "refused", "why": why }),
        receipt: None,
    }
}
