//! The ledger as a file for spreadsheets, page by page: nothing large is held in memory.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use frontdesk_engine::{Desk, contacts::export::row};
use frontdesk_kernel::{Scope, ids::TenantId};
use frontdesk_store::{
    Result, audit,
    tokens::entries::{self, Entry, Filter},
    work,
};
use futures_util::stream;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use crate::{
    Web,
    kit::{Caller, Problem, Query},
};

const PAGE: u32 = 500;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Export {
    /// First day, `YYYY-MM-DD` in the business's zone.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// The business, where headers cannot be sent: in a link. Same as `x-tenant-id`.
    #[expect(dead_code, reason = "read by the layer that chooses the business")]
    tenant: Option<TenantId>,
}

/// The ledger as CSV, latest first. A cell that would be a formula gets an apostrophe in front.
#[utoipa::path(get, path = "/tokens/ledger.csv", tag = "tokens", params(Export),
    responses((status = 200, description = "The file.", content((String = "text/csv")))))]
pub(crate) async fn export(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<Export>,
) -> std::result::Result<Response, Problem> {
    caller.require("tokens:read")?;
    let filter = Filter { from: q.from.map(|d| d.to_string()), to: q.to.map(|d| d.to_string()), ..Filter::default() };
    let entry = caller.entry(&web, "tokens.export", "", json!({ "from": filter.from, "to": filter.to }));
    let s = caller.scope.clone();
    web.desk.db.write(&caller.scope, work!(tx => audit::write(tx, &s, &entry).await)).await?;
    let source = Source { desk: web.desk.clone(), scope: caller.scope.clone(), filter };
    let head = "n,at,day,kind,action,tokens,held,balance,reserved,channel,note,by\r\n".to_owned();
    let pages = stream::unfold(Some((source, None, head)), |state| async move {
        let (source, before, mut piece) = state?;
        match source.page(before).await {
            Ok(page) => {
                piece.extend(page.iter().map(line));
                let next = page.last().filter(|_| page.len() == PAGE as usize).map(|last| (source, Some(last.n), String::new()));
                Some((Ok(piece.into_bytes()), next))
            }
            // The reader sees a file that was cut off, not one that ends early.
            Err(e) => Some((Err(e), None)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"tokens.csv\""),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}

struct Source {
    desk: Arc<Desk>,
    scope: Scope,
    filter: Filter,
}

impl Source {
    async fn page(&self, before: Option<i64>) -> Result<Vec<Entry>> {
        let (s, filter) = (self.scope.clone(), self.filter.clone());
        self.desk.db.read(&self.scope, work!(tx => entries::page(tx, &s, &filter, before, PAGE).await)).await
    }
}

/// Numbers stay numbers, also those below nothing.
fn line(e: &Entry) -> String {
    let before = row([e.at.to_string(), e.day.clone(), e.kind.clone(), e.action.clone()].into_iter());
    let channel = e.channel.as_ref().map_or_else(String::new, ToString::to_string);
    let after = row([channel, e.note.clone().unwrap_or_default(), e.made_by.clone()].into_iter());
    let before = before.trim_end_matches("\r\n");
    format!("{},{before},{},{},{},{},{after}", e.n, e.tokens, e.held, e.balance, e.reserved)
}
