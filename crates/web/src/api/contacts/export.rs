//! Contacts leave as a file, page by page: nothing large is held in memory.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use frontdesk_engine::{
    Desk,
    contacts::export::{self, Format, Writer},
};
use frontdesk_kernel::{
    Scope,
    contact::Contact,
    ids::{ChannelId, TenantId},
};
use frontdesk_store::{
    Result, audit,
    contact_search::{self, After, Filter, Order},
    work,
};
use futures_util::stream;
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::list::{filter, wanted};
use crate::{
    Web,
    kit::{Caller, Problem, Query, Time},
};

const PAGE: u32 = 500;

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportFormat {
    /// For spreadsheets. A cell that would be a formula gets an apostrophe in front.
    Csv,
    /// vCard 4, for address books.
    Vcard,
    Json,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Export {
    format: ExportFormat,
    /// As in the list of contacts.
    q: Option<String>,
    tag: Option<String>,
    channel: Option<ChannelId>,
    #[param(value_type = Option<Time>)]
    created_from: Option<Time>,
    #[param(value_type = Option<Time>)]
    created_to: Option<Time>,
    /// The business, where headers cannot be sent: in a link. Same as `x-tenant-id`.
    #[expect(dead_code, reason = "read by the layer that chooses the business")]
    tenant: Option<TenantId>,
}

/// Contacts as a file, all or some.
#[utoipa::path(get, path = "/contacts/export", tag = "contacts", params(Export),
    responses((status = 200, description = "The file.",
        content((String = "text/csv"), (String = "text/vcard"), (String = "application/json")))))]
pub(crate) async fn export(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<Export>,
) -> std::result::Result<Response, Problem> {
    caller.require("contact:export")?;
    let words = q.q.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(wanted).transpose()?;
    let (format, kind, ending) = match q.format {
        ExportFormat::Csv => (Format::Csv, "text/csv; charset=utf-8; header=present", "csv"),
        ExportFormat::Vcard => (Format::Vcard, "text/vcard; charset=utf-8", "vcf"),
        ExportFormat::Json => (Format::Json, "application/json", "json"),
    };
    let entry = caller.entry(&web, "contact.export", "", json!({ "format": ending, "search": words.is_some(), "tag": q.tag }));
    let source = Source {
        desk: web.desk.clone(),
        scope: caller.scope.clone(),
        words: words.map(Arc::from),
        filter: Arc::new(filter(q.tag, q.channel, q.created_from, q.created_to)),
    };
    let facts = source.facts(format).await?;
    let s = caller.scope.clone();
    web.desk.db.write(&caller.scope, work!(tx => audit::write(tx, &s, &entry).await)).await?;
    let writer = Writer::new(format, facts);
    let pages = stream::unfold(Some((source, writer, None)), |state| async move {
        let (source, mut writer, after) = state?;
        match source.page(after).await {
            Ok((page, next)) => {
                let (s, scope) = (source.scope.clone(), source.scope.clone());
                let whole = source.desk.db.read(&scope, work!(tx => export::whole(tx, &s, page).await)).await;
                let piece = whole.map(|whole| {
                    let mut piece = writer.write(&whole);
                    if next.is_none() {
                        piece.push_str(writer.end());
                    }
                    piece
                });
                Some((piece.map_err(broken), next.map(|next| (source, writer, Some(next)))))
            }
            Err(e) => Some((Err(broken(e)), None)),
        }
    });
    let name = format!("attachment; filename=\"contacts.{ending}\"");
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, [(header::CACHE_CONTROL, "no-store")], Body::from_stream(pages)).into_response())
}

/// The reader sees a file that was cut off, never one that seems whole.
fn broken(e: frontdesk_store::Error) -> std::io::Error {
    tracing::error!(error = %e, "an export broke off");
    std::io::Error::other("the export broke off")
}

#[derive(Clone)]
struct Source {
    desk: Arc<Desk>,
    scope: Scope,
    words: Option<Arc<[String]>>,
    filter: Arc<Filter>,
}

impl Source {
    /// A page, and where the next one begins.
    async fn page(&self, after: Option<After>) -> Result<(Vec<Contact>, Option<After>)> {
        let (s, words, filter) = (self.scope.clone(), self.words.clone(), self.filter.clone());
        let listed = self
            .desk
            .db
            .read(
                &self.scope,
                work!(tx => {
                    match &words {
                        Some(words) => contact_search::find(tx, &s, words, &filter, after.as_ref(), PAGE).await,
                        None => contact_search::list(tx, &s, &filter, Order::Oldest, after.as_ref(), PAGE).await,
                    }
                }),
            )
            .await?;
        let full = listed.len() == PAGE as usize;
        let next = listed.last().filter(|_| full).map(|l| After { key: l.key.clone(), id: l.contact.id.clone() });
        Ok((listed.into_iter().map(|l| l.contact).collect(), next))
    }

    /// Names of the facts that the contacts have: columns, which come before the first row.
    async fn facts(&self, format: Format) -> Result<BTreeSet<String>> {
        let mut facts = BTreeSet::new();
        if format != Format::Csv {
            return Ok(facts);
        }
        let mut after = None;
        loop {
            let (page, next) = self.page(after).await?;
            facts.extend(page.into_iter().flat_map(|c| c.facts.into_keys()));
            if next.is_none() {
                return Ok(facts);
            }
            after = next;
        }
    }
}
