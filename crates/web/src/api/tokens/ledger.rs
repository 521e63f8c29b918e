//! The lines of the ledger, page by page.

use axum::extract::State;
use frontdesk_kernel::ids::{ChannelId, ConversationId};
use frontdesk_store::{
    tokens::entries::{self, Entry, Filter},
    work,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Web,
    kit::{Caller, Found, Page, Problem, Query, Time},
};

/// A line of the ledger; it never changes.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenEntry)]
pub(crate) struct Line {
    /// Counted from 1, without gaps.
    n: i64,
    /// `grant`, `adjust`, `fee`, `reserve`, `commit` or `release`.
    kind: String,
    /// What it was for: a key of the costs.
    action: String,
    /// The change of the balance.
    tokens: i64,
    /// The change of what is reserved.
    held: i64,
    /// The account after it.
    balance: i64,
    reserved: i64,
    /// The business's own day.
    day: String,
    channel: Option<ChannelId>,
    conversation: Option<ConversationId>,
    turn: Option<String>,
    note: Option<String>,
    /// Id of the person or key that put it in; empty for the server itself.
    by: String,
    at: Time,
}

impl From<Entry> for Line {
    fn from(e: Entry) -> Line {
        Line {
            n: e.n,
            kind: e.kind,
            action: e.action,
            tokens: e.tokens,
            held: e.held,
            balance: e.balance,
            reserved: e.reserved,
            day: e.day,
            channel: e.channel,
            conversation: e.conversation,
            turn: e.turn,
            note: e.note,
            by: e.made_by,
            at: e.at.into(),
        }
    }
}

/// Which lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenEntryKind {
    Grant,
    Adjust,
    Fee,
    Reserve,
    Commit,
    Release,
}

impl TokenEntryKind {
    fn as_str(self) -> &'static str {
        match self {
            TokenEntryKind::Grant => "grant",
            TokenEntryKind::Adjust => "adjust",
            TokenEntryKind::Fee => "fee",
            TokenEntryKind::Reserve => "reserve",
            TokenEntryKind::Commit => "commit",
            TokenEntryKind::Release => "release",
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    limit: Option<u32>,
    kind: Option<TokenEntryKind>,
    /// A key of the costs.
    action: Option<String>,
    /// First day, `YYYY-MM-DD` in the business's zone.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// The ledger, latest first.
#[utoipa::path(get, path = "/tokens/ledger", tag = "tokens", params(List), responses((status = 200, body = Page<Line>)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller, Query(q): Query<List>) -> Result<Found<Page<Line>>, Problem> {
    caller.require("tokens:read")?;
    let window = web.window::<i64>(&caller, "tokens", q.cursor.as_deref(), q.limit)?;
    let filter = Filter {
        kind: q.kind.map(|kind| kind.as_str().to_owned()),
        action: q.action,
        from: q.from.map(|d| d.to_string()),
        to: q.to.map(|d| d.to_string()),
    };
    let s = caller.scope.clone();
    let (after, limit) = (window.after, window.limit);
    let found = web.desk.db.read(&caller.scope, work!(tx => entries::page(tx, &s, &filter, after, limit + 1).await)).await?;
    Ok(Found(web.page(&caller, "tokens", limit, found, |e| e.n).map(Line::from)))
}
