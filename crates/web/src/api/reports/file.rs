//! A report as a file: written anew from the figures that it keeps, always the same.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use frontdesk_engine::reports::{csv, pdf};
use frontdesk_kernel::ids::{ReportId, TenantId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{seen, sheet_of};
use crate::{
    Web,
    kit::{Caller, Path, Problem, Query},
};

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportFormat {
    /// To read and to print, with charts.
    Pdf,
    /// For spreadsheets. A name that would be a formula gets an apostrophe in front.
    Csv,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// PDF without it.
    #[param(inline)]
    format: Option<ReportFormat>,
    /// The business, where headers cannot be sent: in a link. Same as `x-tenant-id`.
    #[expect(dead_code, reason = "read by the layer that chooses the business")]
    tenant: Option<TenantId>,
}

/// The file of a report.
#[utoipa::path(get, path = "/reports/{id}/file", tag = "reports", params(("id" = ReportId, Path), Wanted),
    responses((status = 200, description = "The file.", content((String = "application/pdf"), (String = "text/csv")))))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ReportId>,
    Query(q): Query<Wanted>,
) -> Result<Response, Problem> {
    let sheet = sheet_of(&seen(&web, &caller, &id).await?)?;
    let (kind, ending, bytes) = match q.format.unwrap_or(ReportFormat::Pdf) {
        ReportFormat::Pdf => ("application/pdf", "pdf", pdf(&sheet)),
        ReportFormat::Csv => ("text/csv; charset=utf-8; header=present", "csv", csv(&sheet).into_bytes()),
    };
    // Keys and dates: nothing that a name must not hold.
    let name = format!("attachment; filename=\"{}-{}-{}.{ending}\"", sheet.analysis, sheet.from, sheet.to);
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], bytes).into_response())
}
