//! Figures of the business by analysis, and reports of them: made, listed, taken as files, deleted.

mod file;
mod wish;

use axum::extract::State;
use frontdesk_engine::{
    events::Event,
    reports::{self as analyses, Offer},
};
use frontdesk_kernel::{Timestamp, ids::*, language::Language, report::Sheet};
use frontdesk_store::{
    Error, audit, people,
    reports::{self, Report},
    work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wish::{NewReport, Wanted, figures_of};
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Page, Path, Problem, Query, Time},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(offers))
        .routes(routes!(figures))
        .routes(routes!(list, create))
        .routes(routes!(show, delete))
        .routes(routes!(file::show))
}

/// A question that the data answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Analysis)]
pub(crate) struct OfferView {
    key: &'static str,
    title: &'static str,
    about: &'static str,
    /// The permission that it needs besides `stats:read`.
    need: &'static str,
}

/// Every analysis that the caller may see.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Analyses {
    items: Vec<OfferView>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Spoken {
    /// `en` or `es`; the business's without it.
    language: Option<String>,
}

/// A report that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Report)]
pub(crate) struct ReportView {
    id: ReportId,
    analysis: String,
    title: String,
    /// Days of the business, both included.
    #[schema(value_type = String, format = Date)]
    from: jiff::civil::Date,
    #[schema(value_type = String, format = Date)]
    to: jiff::civil::Date,
    grouping: frontdesk_kernel::report::Grouping,
    /// Names of the locations that it is about; empty = all.
    locations: Vec<String>,
    /// Id of the person or key; the agent makes reports for a person, too.
    made_by: String,
    made_by_name: Option<String>,
    /// The turn in which the agent made it.
    turn: Option<TurnId>,
    created_at: Time,
}

/// A report with its figures, as they were when it was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeReport {
    #[serde(flatten)]
    report: ReportView,
    sheet: Sheet,
}

/// The sheet that a report keeps.
fn sheet_of(report: &Report) -> Result<Sheet, Problem> {
    serde_json::from_str(&report.sheet).map_err(|e| {
        tracing::error!(report = %report.id, error = %e, "a kept report cannot be read");
        Problem::internal()
    })
}

fn view_of(report: Report, names: &[(String, String)]) -> Result<(ReportView, Sheet), Problem> {
    let sheet = sheet_of(&report)?;
    let view = ReportView {
        made_by_name: names.iter().find(|(id, _)| *id == report.made_by).map(|(_, name)| name.clone()),
        id: report.id,
        analysis: report.analysis,
        title: report.title,
        from: sheet.from,
        to: sheet.to,
        grouping: sheet.grouping,
        locations: sheet.locations.clone(),
        made_by: report.made_by,
        turn: report.turn,
        created_at: report.created_at.into(),
    };
    Ok((view, sheet))
}

/// The analyses that there are.
#[utoipa::path(get, path = "/reports/analyses", tag = "reports", params(Spoken), responses((status = 200, body = Analyses)))]
pub(crate) async fn offers(State(web): State<Web>, caller: Caller, Query(q): Query<Spoken>) -> Result<Found<Analyses>, Problem> {
    caller.require(analyses::SEE)?;
    let view = super::business::view_of(&web, &caller).await?;
    let language = q.language.as_deref().map_or(view.tenant.speaks(), Language::of);
    let item = |o: Offer| OfferView { key: o.key(), title: o.title(language), about: o.about(language), need: o.need() };
    Ok(Found(Analyses { items: Offer::all().filter(|o| caller.may(o.need())).map(item).collect() }))
}

/// The figures of an analysis, counted now. Nothing is kept.
#[utoipa::path(get, path = "/reports/figures", tag = "reports", params(Wanted), responses((status = 200, body = Sheet)))]
pub(crate) async fn figures(State(web): State<Web>, caller: Caller, Query(q): Query<Wanted>) -> Result<Found<Sheet>, Problem> {
    Ok(Found(figures_of(&web, &caller, q).await?.0))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    /// 1 to 200, usually 50.
    limit: Option<u32>,
}

/// Reports, newest first. Those of locations that are not the caller's are not among them.
#[utoipa::path(get, path = "/reports", tag = "reports", params(List), responses((status = 200, body = Page<ReportView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<ReportView>>, Problem> {
    caller.require("report:read")?;
    let window = web.window::<(Timestamp, ReportId)>(&caller, "reports", q.cursor.as_deref(), q.limit)?;
    let (s, who, limit) = (caller.scope.clone(), caller.clone(), window.limit);
    let (found, names) = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let found = reports::list(tx, &s, |r| is_for(&who, r), window.after, limit + 1).await?;
                let names = people::names(tx, &s, &found.iter().map(|r| r.made_by.clone()).collect::<Vec<_>>()).await?;
                Ok((found, names))
            }),
        )
        .await?;
    let Page { items, next } = web.page(&caller, "reports", limit, found, |r| (r.created_at, r.id.clone()));
    let items = items.into_iter().map(|r| Ok(view_of(r, &names)?.0)).collect::<Result<_, Problem>>()?;
    Ok(Found(Page { items, next }))
}

/// Whether it has nothing in it that is not theirs to see.
fn is_for(caller: &Caller, report: &Report) -> bool {
    caller.may(&report.need) && report.is_within(caller.locations())
}

/// Makes a report: the figures are counted now and kept. PDF and CSV are written from them whenever they are asked for.
#[utoipa::path(post, path = "/reports", tag = "reports", request_body = NewReport, responses((status = 201, body = WholeReport)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewReport>,
) -> Result<Created<WholeReport>, Problem> {
    caller.require("report:write")?;
    let (sheet, place) = figures_of(&web, &caller, new.into()).await?;
    let log = caller.entry(&web, "report.create", "", json!({}));
    let (s, id) = (caller.scope.clone(), web.desk.id::<OfReport>());
    let (kept, names) = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let kept = analyses::keep(tx, &s, id, (&sheet, &place), None, log).await?;
                let names = people::names(tx, &s, std::slice::from_ref(&kept.made_by)).await?;
                Ok((kept, names))
            }),
        )
        .await?;
    web.desk.events.tell(caller.scope.tenant(), Event::new("report.created", kept.id.as_str()));
    let at = format!("/api/v1/reports/{}", kept.id);
    let (report, sheet) = view_of(kept, &names)?;
    Ok(Created::at(at, WholeReport { report, sheet }))
}

/// One report with its figures.
#[utoipa::path(get, path = "/reports/{id}", tag = "reports", params(("id" = ReportId, Path)), responses((status = 200, body = WholeReport)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ReportId>,
) -> Result<Found<WholeReport>, Problem> {
    let kept = seen(&web, &caller, &id).await?;
    let (s, by) = (caller.scope.clone(), vec![kept.made_by.clone()]);
    let names = web.desk.db.read(&caller.scope, work!(tx => people::names(tx, &s, &by).await)).await?;
    let (report, sheet) = view_of(kept, &names)?;
    Ok(Found(WholeReport { report, sheet }))
}

/// A report that the caller may see; one of another business or location is not there.
async fn seen(web: &Web, caller: &Caller, id: &ReportId) -> Result<Report, Problem> {
    caller.require("report:read")?;
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => reports::get(tx, &s, &wanted).await)).await?;
    let report = found.filter(|r| r.is_within(caller.locations())).ok_or_else(|| Problem::not_found("report"))?;
    caller.require(&report.need)?;
    Ok(report)
}

/// Deletes a report. The figures can be counted anew, as the data are then.
#[utoipa::path(delete, path = "/reports/{id}", tag = "reports", params(("id" = ReportId, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, caller: Caller, Path(id): Path<ReportId>) -> Result<Deleted, Problem> {
    caller.require("report:write")?;
    let report = seen(&web, &caller, &id).await?;
    let detail = json!({ "analysis": report.analysis, "title": report.title });
    let entry = caller.entry(&web, "report.delete", id.as_str(), detail);
    let (s, gone) = (caller.scope.clone(), id.clone());
    let deleted = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let deleted = reports::delete(tx, &s, &gone).await?;
                if deleted {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok::<_, Error>(deleted)
            }),
        )
        .await?;
    if !deleted {
        return Err(Problem::not_found("report"));
    }
    web.desk.events.tell(caller.scope.tenant(), Event::new("report.deleted", id.as_str()));
    Ok(Deleted)
}
