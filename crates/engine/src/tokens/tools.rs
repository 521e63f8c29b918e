//! What a tool call costs where the business gave the tool a cost of its own.

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
    pub(crate) contact: &'a ContactId,
    pub(crate) conversation: &'a ConversationId,
}

impl Call<'_> {
    fn name(&self) -> String {
        format!("tool/{}/{}/{}", self.turn, self.step, self.place)
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
    let key = format!("{OF_TOOL}{}", call.tool);
    let Some(books) = books.filter(|b| b.accounting.cost(&key) > 0) else { return Ok(Ok(())) };
    let ask = Ask {
        name: call.name(),
        tokens: books.accounting.cost(&key),
        action: key,
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
    let key = format!("{OF_TOOL}{}", call.tool);
    if books.is_none_or(|b| b.accounting.cost(&key) == 0) {
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
